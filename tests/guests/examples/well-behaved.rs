//! A stranger's honest adapter for an invented tool, `echo-tool`; the host must let it serve.
#![cfg_attr(target_family = "wasm", no_std)]

use takeback_guests::*;

struct It;

fn below(path: &str) -> Location {
    home(&format!(".echo-tool/{path}"))
}

impl Guest for It {
    const ID: &'static str = "echo-tool";

    fn declaration(_: Facts) -> Result<Declaration, Refusal> {
        let rules = vec![
            file("settings", below("settings.json"), Class::Settings)
                .with(RuleOption::Kind(Kind::Json(vec!["shortcuts".into()])))
                .with(RuleOption::ReadBack)
                .secrets(&["/token"]),
            tree("skills", below("skills"), Class::Skills),
            globs("history", below("history"), &["*.jsonl"], Class::History)
                .with(RuleOption::Kind(Kind::Jsonl)),
        ];
        let tallies = vec![count_skills(below("skills"), 1, &[])];
        let running = vec![RunningCheck::Process("echo-tool".into())];
        let notes = vec!["Recordings stay on the machine that made them.".into()];
        Ok(Declaration {
            rules,
            tallies,
            running,
            notes,
        })
    }

    fn hints(_: Facts, outcome: Outcome) -> Vec<Hint> {
        let written: u32 = outcome
            .rules
            .iter()
            .map(|rule| rule.created + rule.replaced)
            .sum();
        let bytes: usize = outcome.files.iter().map(|file| file.content.len()).sum();
        let summary =
            format!("echo-tool has {written} restored files and settings of {bytes} bytes.");
        vec![hint(Severity::Info, &summary, &["Start echo-tool again."])]
    }
}

guest!(It);
