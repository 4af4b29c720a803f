//! A task of Windows' Task Scheduler, as text only: takeback is not built for Windows, so
//! nothing here has been run by it.

use super::job::Job;
use super::launchd::escaped;
use super::mark;

/// The XML that `schtasks /Create /TN takeback /XML FILE` takes.
pub(super) fn task(job: &Job) -> String {
    let [repeats, start, again] = job.when.trigger();
    let mut words = job.words();
    let program = escaped(words.next().unwrap_or_default());
    let args: Vec<String> = words.map(|word| escaped(&argument(word))).collect();
    let args = args.join(" ");
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    let rest = format!(
        "\
<Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">
  <RegistrationInfo>
    <Description>Back up the state of developer and AI tools</Description>
  </RegistrationInfo>
  <Triggers>
    <CalendarTrigger>
      {repeats}<StartBoundary>{start}</StartBoundary>
      {again}
    </CalendarTrigger>
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <Priority>8</Priority>
  </Settings>
  <Actions>
    <Exec>
      <Command>{program}</Command>
      <Arguments>{args}</Arguments>
    </Exec>
  </Actions>
</Task>
"
    );
    let mark = mark::mark(job.when, &format!("{head}{rest}"));
    format!("{head}<!-- {mark} -->\n{rest}")
}

/// One argument as the C runtime takes a command line apart: backslashes count only before
/// a quote.
fn argument(word: &str) -> String {
    let plain = |c: char| !c.is_whitespace() && c != '"';
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    let (mut out, mut slashes) = (String::from('"'), 0);
    for c in word.chars() {
        match c {
            '\\' => slashes += 1,
            '"' => {
                out.push_str(&"\\".repeat(2 * slashes + 1));
                slashes = 0;
                out.push(c);
                continue;
            }
            _ => {
                out.push_str(&"\\".repeat(slashes));
                slashes = 0;
            }
        }
        if c != '\\' {
            out.push(c);
        }
    }
    out.push_str(&"\\".repeat(2 * slashes));
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_quoted_as_the_c_runtime_reads_them() {
        for (word, quoted) in [
            ("plain", "plain"),
            (r"C:\a\b", r"C:\a\b"),
            ("", r#""""#),
            (r"C:\my vault", r#""C:\my vault""#),
            (r"C:\my vault\", r#""C:\my vault\\""#),
            (r#"say "x""#, r#""say \"x\"""#),
            (r#"a\"b c"#, r#""a\\\"b c""#),
        ] {
            assert_eq!(argument(word), quoted, "{word}");
        }
    }
}
