//! A later version of the honest adapter for `echo-tool`: it asks for more than the first.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

const VARIABLE: &str = "ECHO_TOOL_HOME";

impl Guest for It {
    const ID: &'static str = "echo-tool";

    fn identity() -> Identity {
        Identity {
            version: "0.2.0".into(),
            variables: vec![VARIABLE.into()],
            scope: vec![
                home(".echo-tool"),
                home(".echo-more"),
                at(Base::Variable(VARIABLE.into()), ""),
            ],
            ..honest_identity(Self::ID)
        }
    }

    fn declaration(facts: Facts) -> Result<Declaration, Refusal> {
        let mut rules = vec![
            honest_rule(Self::ID),
            tree("more", home(".echo-more"), Class::Settings),
        ];
        if !facts.variables.is_empty() {
            let moved = at(Base::Variable(VARIABLE.into()), "");
            rules.push(tree("moved", moved, Class::Settings));
        }
        Ok(declares(rules))
    }
}

guest!(It);
