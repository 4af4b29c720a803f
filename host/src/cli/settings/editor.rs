//! The person's own editor, started without a shell: `$VISUAL`, `$EDITOR`, or `vi`.

use crate::cli::error::{CommandError, ExitStatus};
use std::path::Path;
use std::process::Command;
use takeback::model::Shown;

/// The editor's words.
pub(super) fn chosen() -> Result<Vec<String>, CommandError> {
    for name in ["VISUAL", "EDITOR"] {
        let Ok(said) = std::env::var(name) else {
            continue;
        };
        if said.trim().is_empty() {
            continue;
        }
        return words(&said).ok_or_else(|| {
            CommandError::usage(format!(
                "{name} has a quote that does not end: {}",
                Shown(&said)
            ))
        });
    }
    Ok(vec!["vi".to_owned()])
}

/// Starts it and waits for its end.
pub(super) fn run(editor: &[String], path: &Path) -> Result<(), CommandError> {
    let (program, args) = editor
        .split_first()
        .ok_or_else(|| CommandError::usage("no editor is named"))?;
    let done = Command::new(program)
        .args(args)
        .arg(path)
        .status()
        .map_err(|e| {
            let message = format!("the editor {} cannot be started: {e}", Shown(program));
            CommandError::new(ExitStatus::Failed, message).hint("EDITOR names another one")
        })?;
    if done.success() {
        return Ok(());
    }
    let how = done
        .code()
        .map_or_else(|| "a signal".to_owned(), |code| format!("exit code {code}"));
    let message = format!(
        "the editor {} ended with {how}; nothing was changed",
        Shown(program)
    );
    Err(CommandError::new(ExitStatus::Failed, message))
}

/// Words as a shell would take them apart, with quotes and backslashes but nothing else.
fn words(text: &str) -> Option<Vec<String>> {
    let (mut all, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('\''), c) => word.get_or_insert_default().push(c),
            (_, '\\') => word.get_or_insert_default().push(rest.next()?),
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                word.get_or_insert_default();
                quote = Some(c);
            }
            (None, c) if c.is_whitespace() => all.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    all.extend(word);
    quote.is_none().then_some(all).filter(|all| !all.is_empty())
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn an_editor_with_flags_and_quotes_is_taken_apart() {
        for (text, expected) in [
            ("vi", vec!["vi"]),
            ("code --wait", vec!["code", "--wait"]),
            ("'/opt/my editor/ed' -n", vec!["/opt/my editor/ed", "-n"]),
            (r"/opt/my\ editor/ed", vec!["/opt/my editor/ed"]),
            (r#"ed "a \" b" ''"#, vec!["ed", "a \" b", ""]),
            ("  ed  ", vec!["ed"]),
        ] {
            assert_eq!(words(text).unwrap(), expected, "{text}");
        }
        for wrong in ["'open", "\"open", "end\\", "   "] {
            assert_eq!(words(wrong), None, "{wrong}");
        }
    }
}
