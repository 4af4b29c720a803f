//! What would run by itself after a restore: commands named in JSON settings. Known by
//! the names of keys that many tools share, not by any tool's files.

use serde_json::Value;
use std::collections::BTreeSet;

/// Keys whose value is a command, wherever they stand in a settings file.
const COMMAND_KEYS: [&str; 5] = [
    "command",
    "apiKeyHelper",
    "headersHelper",
    "awsAuthRefresh",
    "otelHeadersHelper",
];

/// A command that a settings file names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Command {
    /// Where in the file: keys joined by `.`.
    pub key: String,
    /// The command with its arguments, as written.
    pub text: String,
}

/// The commands a file would bring that the live one does not have already.
#[must_use]
pub(super) fn added(restored: &[u8], live: Option<&[u8]>) -> Vec<Command> {
    let known = live.map(commands).unwrap_or_default();
    commands(restored)
        .into_iter()
        .filter(|command| !known.contains(command))
        .collect()
}

fn commands(bytes: &[u8]) -> BTreeSet<Command> {
    let mut found = BTreeSet::new();
    // What is no JSON names no commands that this could know of.
    if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
        collect(&value, "", &mut found);
    }
    found
}

fn collect(value: &Value, key: &str, found: &mut BTreeSet<Command>) {
    let join = |part: &str| {
        if key.is_empty() {
            part.to_owned()
        } else {
            format!("{key}.{part}")
        }
    };
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                if let (true, Value::String(text)) = (COMMAND_KEYS.contains(&name.as_str()), inner)
                {
                    let arguments = map.get("args").and_then(Value::as_array);
                    let arguments = arguments.into_iter().flatten().filter_map(Value::as_str);
                    let words: Vec<&str> =
                        std::iter::once(text.as_str()).chain(arguments).collect();
                    found.insert(Command {
                        key: join(name),
                        text: words.join(" "),
                    });
                }
                collect(inner, &join(name), found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, key, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_new_commands_are_listed() {
        let live = br#"{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"a.sh"}]}]}}"#;
        let restored = br#"{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"a.sh"},
            {"command":"b.sh"}]}]},"mcpServers":{"x":{"command":"npx","args":["-y","k"]}},
            "apiKeyHelper":"get-key","statusLine":{"command":"s.sh"}}"#;
        let texts = |list: Vec<Command>| list.into_iter().map(|c| c.text).collect::<Vec<_>>();
        assert_eq!(
            texts(added(restored, Some(live))),
            ["get-key", "b.sh", "npx -y k", "s.sh"]
        );
        assert_eq!(texts(added(restored, None)).len(), 5);
        assert!(added(b"not json", None).is_empty());
        assert!(added("[".repeat(100_000).as_bytes(), None).is_empty());
    }
}
