//! Bringing a JSON file from another machine: only the keys its adapter names, entry by
//! entry, and what is already here wins. The rest of such a file is ids, consent and
//! caches of the machine it comes from.

use serde_json::{Map, Value};

/// The live file with the archived file's entries under `keys` added. `None` when there
/// is nothing to add, or one of the two is not a JSON object.
#[must_use]
pub(super) fn merge(archived: &[u8], live: Option<&[u8]>, keys: &[String]) -> Option<Vec<u8>> {
    let archived: Map<String, Value> = serde_json::from_slice(archived).ok()?;
    let mut merged: Map<String, Value> = match live {
        Some(bytes) => serde_json::from_slice(bytes).ok()?,
        None => Map::new(),
    };
    let before = merged.clone();
    for key in keys {
        let Some(value) = archived.get(key) else {
            continue;
        };
        match (merged.get_mut(key), value) {
            (None, value) => {
                merged.insert(key.clone(), value.clone());
            }
            (Some(Value::Object(here)), Value::Object(there)) => {
                for (name, entry) in there {
                    here.entry(name.clone()).or_insert_with(|| entry.clone());
                }
            }
            (Some(_), _) => {}
        }
    }
    if merged == before {
        return None;
    }
    let mut bytes = serde_json::to_vec_pretty(&Value::Object(merged)).ok()?;
    bytes.push(b'\n');
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_here_wins_and_only_named_keys_come() {
        let archived =
            br#"{"mcpServers":{"a":{"v":1},"b":{"v":2}},"theme":"dark","userID":"other"}"#;
        let live = br#"{"userID":"mine","mcpServers":{"a":{"v":9}},"theme":"light"}"#;
        let keys = ["mcpServers".to_owned(), "theme".to_owned()];
        let merged: Value =
            serde_json::from_slice(&merge(archived, Some(live), &keys).unwrap()).unwrap();
        assert_eq!(
            merged,
            serde_json::json!({"userID":"mine","mcpServers":{"a":{"v":9},"b":{"v":2}},"theme":"light"})
        );
        let fresh: Value = serde_json::from_slice(&merge(archived, None, &keys).unwrap()).unwrap();
        assert_eq!(fresh.as_object().unwrap().len(), 2);
        assert_eq!(merge(archived, Some(archived), &keys), None);
        assert_eq!(merge(b"[]", Some(live), &keys), None);
        assert_eq!(merge(archived, Some(b"// jsonc"), &keys), None);
    }
}
