//! Built with the standard library, so it imports WASI though it uses none of it;
//! the host must let it serve.

wit_bindgen::generate!({ path: "../../wit", world: "adapter" });

use takeback::adapter::types::{Base, Class, Location, Rule, Shape};

struct It;

fn place() -> Location {
    Location {
        base: Base::Home,
        path: ".std-wasi".into(),
    }
}

impl Guest for It {
    fn describe() -> Identity {
        Identity {
            id: "std-wasi".into(),
            name: "Standard library".into(),
            version: "0.1.0".into(),
            description: "A guest of takeback's tests".into(),
            homepage: String::new(),
            licence: String::new(),
            variables: Vec::new(),
            scope: vec![place()],
            probes: Vec::new(),
        }
    }

    fn declare(_: Facts) -> Result<Declaration, Refusal> {
        let rule = Rule {
            id: "everything".into(),
            at: place(),
            shape: Shape::Directory,
            take: Vec::new(),
            leave: Vec::new(),
            class: Class::Settings,
            options: Vec::new(),
        };
        Ok(Declaration {
            rules: vec![rule],
            tallies: vec![],
            running: vec![],
            notes: vec![],
        })
    }

    fn after_restore(_: Facts, _: Outcome) -> Vec<Hint> {
        Vec::new()
    }
}

export!(It);
