//! The names a process goes by. A tool can be a program, a script that an interpreter runs,
//! or either under a name it gave itself.

use crate::fs::Process;

/// Bytes the kernel keeps of a process's name.
const KERNEL_NAME: usize = 15;
/// Programs whose first argument is the program one means; versions at the end, as in
/// `python3.12`, do not count.
const INTERPRETERS: [&str; 18] = [
    "bash", "bun", "dash", "deno", "fish", "ksh", "lua", "node", "nodejs", "perl", "php", "pypy",
    "python", "ruby", "sh", "ts-node", "tsx", "zsh",
];
/// Interpreters that want a word before the script: `deno run x`.
const SUBCOMMANDS: [&str; 2] = ["bun", "deno"];
/// Options whose value is the next word, for at least one interpreter of which it is common.
/// `-m` is missing: its value is the name of what runs.
const WITH_VALUE: [&str; 11] = [
    "--conditions",
    "--experimental-loader",
    "--import",
    "--init-file",
    "--loader",
    "--rcfile",
    "--require",
    "-C",
    "-W",
    "-X",
    "-r",
];

/// Whether a process is known by this name: the kernel's, that of its program file, the
/// one it was started under, or that of the script it runs.
pub(super) fn is_called(process: &Process, name: &str) -> bool {
    let short = &process.short_name;
    let cut = short.len() == KERNEL_NAME && name.len() > KERNEL_NAME && name.starts_with(short);
    let started_as = process.words.first().map(String::as_str);
    cut || short == name
        || process.program.as_deref() == Some(name)
        || started_as.is_some_and(|word| base(word) == name || base(first_word(word)) == name)
        || script(process) == Some(name)
}

/// The name to show: what it was started as, or what the kernel calls it.
pub(super) fn for_people(process: &Process) -> String {
    let word = process.words.first().map_or("", |word| first_word(word));
    let name = base(word).trim_start_matches('-');
    let name = if name.is_empty() {
        &process.short_name
    } else {
        name
    };
    name.to_owned()
}

/// The file name of the script that an interpreter was started with, or of its module.
fn script(process: &Process) -> Option<&str> {
    let mut words = process.words.iter().map(String::as_str);
    let started_as = interpreter(base(words.next()?));
    let interpreter = started_as.or_else(|| interpreter(process.program.as_deref()?))?;
    while let Some(word) = words.next() {
        if word == "-m" {
            return words.next();
        } else if WITH_VALUE.contains(&word) {
            words.next();
        } else if is_code(word, interpreter) {
            return None;
        } else if word.starts_with('-') && word.len() > 1 {
            // A switch; `--name=value` is one word.
        } else if word != "run" || !SUBCOMMANDS.contains(&interpreter) {
            return Some(base(word));
        }
    }
    None
}

/// Whether the code is in the option's value, so that there is no script: `-c`, `-lc`,
/// `--eval`. For a shell `-e` is something else.
fn is_code(word: &str, interpreter: &str) -> bool {
    let is_shell = interpreter.ends_with("sh");
    if let Some(long) = word.strip_prefix("--") {
        return matches!(long, "eval" | "print" | "command");
    }
    let Some(letters) = word.strip_prefix('-') else {
        return false;
    };
    letters.ends_with('c') || (!is_shell && letters.ends_with(['e', 'p']))
}

fn interpreter(name: &str) -> Option<&str> {
    let plain = name.trim_start_matches('-');
    let plain = plain.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    INTERPRETERS.contains(&plain).then_some(plain)
}

/// The last component of a path.
fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Programs that change their title put all their words into the first one.
fn first_word(word: &str) -> &str {
    word.split(' ').next().unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(short: &str, program: &str, words: &[&str]) -> Process {
        Process {
            pid: 1,
            user: 0,
            short_name: short.to_owned(),
            program: Some(program.to_owned()),
            words: words.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn a_tool_is_recognised_however_it_was_started() {
        for (short, program, words) in [
            ("claude", "2.1.3", &["claude"][..]),
            ("x", "claude", &["/opt/x"]),
            ("x", "y", &["/usr/bin/claude", "--help"]),
            ("x", "y", &["/opt/claude --type=gpu --path=/tmp/z"]),
            ("node", "node", &["node", "/usr/bin/claude"]),
            (
                "MainThread",
                "node",
                &["node", "--no-warnings", "-r", "./hook.js", "claude"],
            ),
            (
                "node",
                "node",
                &[
                    "node",
                    "--require",
                    "x",
                    "--max-old-space-size=9",
                    "a/claude",
                    "x",
                ],
            ),
            (
                "python3",
                "python3.12",
                &["/usr/bin/python3", "-X", "dev", "/bin/claude"],
            ),
            ("python3", "python3.12", &["python3.12", "-m", "claude"]),
            ("sh", "dash", &["sh", "-e", "./claude"]),
            ("bash", "bash", &["-bash", "-x", "claude"]),
            ("bun", "bun", &["bun", "run", "/x/claude"]),
            ("x", "node", &["my editor", "/x/claude"]),
        ] {
            assert!(
                is_called(&process(short, program, words), "claude"),
                "{words:?}"
            );
        }
    }

    #[test]
    fn what_only_mentions_a_tool_is_not_it() {
        for (short, program, words) in [
            ("vim", "vim", &["vim", "claude"][..]),
            ("grep", "grep", &["grep", "-r", "claude"]),
            ("node", "node", &["node", "server.js", "claude"]),
            ("node", "node", &["node", "-e", "1", "claude"]),
            ("node", "node", &["node", "-r", "claude", "server.js"]),
            ("sh", "dash", &["sh", "-c", "sleep 1", "claude"]),
            ("bash", "bash", &["bash", "-lc", "claude"]),
            ("python3", "python3", &["python3", "-m", "x", "claude"]),
            ("claude-desktop", "claude-desktop", &["claude-desktop"]),
            ("Claude", "Claude", &["/opt/Claude"]),
            ("node", "node", &["node"]),
            ("kworker", "", &[""]),
        ] {
            assert!(
                !is_called(&process(short, program, words), "claude"),
                "{words:?}"
            );
        }
    }

    #[test]
    fn a_name_that_the_kernel_cut_counts() {
        let cut = process("a-rather-long-n", "x", &["x"]);
        assert!(is_called(&cut, "a-rather-long-name"));
        assert!(!is_called(&cut, "a-rather-short-name"));
        assert!(!is_called(
            &process("a-rather", "x", &["x"]),
            "a-rather-long-name"
        ));
    }

    #[test]
    fn people_see_what_was_started() {
        for (short, words, shown) in [
            ("x", &["/usr/bin/node", "y"][..], "node"),
            ("x", &["/opt/Cursor/cursor --type=gpu --x=/a/b"], "cursor"),
            ("x", &["-bash"], "bash"),
            ("kworker/0:1", &[""], "kworker/0:1"),
        ] {
            assert_eq!(for_people(&process(short, "p", words)), shown);
        }
    }
}
