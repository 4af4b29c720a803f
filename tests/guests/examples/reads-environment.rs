//! Reads an environment variable in `declare`; the host must stop it there and name
//! the import that it reached for.

wit_bindgen::generate!({ path: "../../wit", world: "adapter" });

use takeback::adapter::types::{Base, Location};

struct It;

impl Guest for It {
    fn describe() -> Identity {
        Identity {
            id: "reads-environment".into(),
            name: "reads-environment".into(),
            version: "0.1.0".into(),
            description: "A guest of takeback's tests".into(),
            homepage: String::new(),
            licence: String::new(),
            variables: Vec::new(),
            scope: vec![Location {
                base: Base::Home,
                path: ".reads-environment".into(),
            }],
            probes: Vec::new(),
        }
    }

    /// What it read goes into a note, so that a host that let it would show it.
    fn declare(_: Facts) -> Result<Declaration, Refusal> {
        let secret = std::env::var("AWS_SECRET_ACCESS_KEY").unwrap_or_default();
        Ok(Declaration {
            rules: vec![],
            tallies: vec![],
            running: vec![],
            notes: vec![secret],
        })
    }

    fn after_restore(_: Facts, _: Outcome) -> Vec<Hint> {
        Vec::new()
    }
}

export!(It);
