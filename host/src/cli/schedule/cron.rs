//! A line in the crontab, between two comments of ours; every other byte of it stays.

use super::job::Job;
use super::mark::{self, Mark};
use super::tool::{Call, ToolError};
use crate::cli::error::{CommandError, ExitStatus};
use takeback::model::limits::CRON_LINE;

const BEGIN: &str = "# BEGIN ";
const END: &str = "# END takeback-schedule\n";

/// The block of a job.
pub(super) fn block(job: &Job) -> Result<String, CommandError> {
    let line = format!("{} {}\n", job.when.cron(), command(job));
    if line.len() > CRON_LINE {
        let message = format!("cron takes no more than {CRON_LINE} bytes in a line");
        return Err(CommandError::new(ExitStatus::Refused, message)
            .hint("shorter paths, or settings in the configuration file, make it fit"));
    }
    let rest = format!("# `takeback schedule remove` removes this.\n{line}{END}");
    Ok(format!("{BEGIN}{}\n{rest}", mark::mark(job.when, &rest)))
}

/// The command for the shell that cron starts. What goes well is not worth a letter.
fn command(job: &Job) -> String {
    let variable = |(name, value): (&String, &String)| quoted(&format!("{name}={value}"));
    let variables: Vec<String> = job.environment.iter().map(variable).collect();
    let words: Vec<String> = job.words().map(quoted).collect();
    let before = if variables.is_empty() { "" } else { "env " };
    let all: Vec<String> = variables
        .into_iter()
        .chain(["nice -n 10".to_owned()])
        .collect();
    format!(
        "{before}{} {} --quiet >/dev/null",
        all.join(" "),
        words.join(" ")
    )
}

/// A word for a shell. Cron ends a command at `%`, and what takes that away is not the same
/// in every cron, so there is none: the shell makes it.
pub(super) fn quoted(word: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./=:@,+".contains(&b);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    let inner = word.replace('\'', r"'\''");
    format!("'{}'", inner.replace('%', r#"'"$(printf '\045')"'"#))
}

/// A crontab with our block in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    before: &'a str,
    pub(super) ours: Option<&'a str>,
    after: &'a str,
}

impl<'a> Parts<'a> {
    /// Finds the block; a crontab in which it is not whole is left to the person.
    pub(super) fn of(text: &'a str) -> Result<Self, CommandError> {
        let none = Self {
            before: text,
            ours: None,
            after: "",
        };
        let is_ours = |line: &str| line.starts_with(BEGIN) && mark::read(line).is_some();
        let mut at = 0;
        let mut begins = Vec::new();
        for line in text.split_inclusive('\n') {
            if is_ours(line) {
                begins.push(at);
            }
            at += line.len();
        }
        let begin = match begins[..] {
            [] => return Ok(none),
            [begin] => begin,
            _ => return Err(damaged("there are two blocks of takeback's in it")),
        };
        let end = text[begin..].find(&format!("\n{END}"));
        let Some(end) = end.map(|end| begin + end + 1 + END.len()) else {
            return Err(damaged("the end of takeback's block is missing"));
        };
        Ok(Self {
            before: &text[..begin],
            ours: Some(&text[begin..end]),
            after: &text[end..],
        })
    }

    /// What the block says of itself.
    pub(super) fn mark(&self) -> Option<Mark> {
        mark::read(self.ours?)
    }

    /// With this block in the place of the old one, or at the end.
    pub(super) fn with(&self, block: &str) -> String {
        // Cron ignores a last line that does not end.
        let ends = self.before.is_empty() || self.before.ends_with('\n');
        let gap = if ends { "" } else { "\n" };
        format!("{}{gap}{block}{}", self.before, self.after)
    }

    /// Without it.
    pub(super) fn without(&self) -> String {
        format!("{}{}", self.before, self.after)
    }
}

fn damaged(why: &str) -> CommandError {
    let message = format!("the crontab is left as it is: {why}");
    CommandError::new(ExitStatus::Refused, message).hint("`crontab -e` puts it right")
}

/// The person's crontab; none at all is an empty one.
pub(super) fn read() -> Result<String, ToolError> {
    let call = Call::new("crontab", &["-l"]);
    let said = call.ask(b"")?;
    if !said.good && !says_none(&said.why()) {
        return Err(ToolError::Failed {
            call: call.typed(),
            said: said.why(),
        });
    }
    let out = if said.good { said.out } else { Vec::new() };
    String::from_utf8(out).map_err(|_| ToolError::Failed {
        call: call.typed(),
        said: "the crontab is not UTF-8".to_owned(),
    })
}

/// Whether this is how a `crontab` says that there is none; busybox speaks of a file.
fn says_none(why: &str) -> bool {
    let of_a_file = why.contains("No such file or directory") && why.contains("crontab");
    of_a_file || why.to_ascii_lowercase().contains("no crontab")
}

/// What writes a crontab.
pub(super) fn write_call() -> Call {
    Call::new("crontab", &["-"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_other_byte_of_a_crontab_stays() {
        let block = "# BEGIN takeback-schedule form=1 every=day at=13:00 check=x\n0 13 * * * x\n# END takeback-schedule\n";
        for text in [
            "",
            "MAILTO=ada\n",
            "# a comment\n\n\n*/5 * * * * date +\\%s\n",
            "# BEGIN somebody else\n0 0 * * * y\n# END somebody else\n",
            "\t0 0 * * * caf\u{e9}\r\n# END takeback-schedule\n",
        ] {
            let with = Parts::of(text).unwrap().with(block);
            let parts = Parts::of(&with).unwrap();
            assert_eq!(parts.ours, Some(block), "{text:?}");
            assert_eq!(parts.without(), text);
            // The same once more changes nothing, and in the middle it stays there.
            assert_eq!(parts.with(block), with);
            let middle = format!("{with}0 1 * * * z\n");
            let parts = Parts::of(&middle).unwrap();
            assert_eq!(parts.with(block), middle);
            assert_eq!(parts.without(), format!("{text}0 1 * * * z\n"));
        }
        let open = Parts::of("0 0 * * * no end").unwrap().with(block);
        assert_eq!(open, format!("0 0 * * * no end\n{block}"));
    }

    #[test]
    fn a_block_that_is_not_whole_is_left_alone() {
        let begin = "# BEGIN takeback-schedule form=1 every=day at=13:00 check=x\n";
        let end = "# END takeback-schedule\n";
        for text in [
            format!("{begin}0 13 * * * x\n"),
            format!("{begin}{end}{begin}{end}"),
            format!("{begin}{begin}{end}"),
        ] {
            assert_eq!(Parts::of(&text).unwrap_err().status, ExitStatus::Refused);
        }
    }

    #[test]
    fn a_word_has_no_percent_sign_and_stays_one_word() {
        assert_eq!(quoted("/usr/bin/takeback"), "/usr/bin/takeback");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
        assert!(!quoted("50% of $HOME").contains('%'));
    }
}
