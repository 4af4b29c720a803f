//! A rule in words: where, what, and whether a backup takes it.

use serde::Serialize;
use takeback::model::{ClassSelection, Kind, LinkPolicy, Placement, Rule, Shape, Shown};

/// One rule. Fields are only ever added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct RuleView {
    pub(super) id: String,
    pub(super) class: &'static str,
    pub(super) at: String,
    pub(super) shape: &'static str,
    pub(super) take: Vec<String>,
    pub(super) leave: Vec<String>,
    /// Whether a backup takes it without further flags, and if not, why.
    pub(super) taken: bool,
    pub(super) why: String,
    pub(super) kind: &'static str,
    pub(super) keys: Vec<String>,
    pub(super) links: &'static str,
    pub(super) placement: &'static str,
    pub(super) read_back: bool,
    pub(super) secrets: Vec<String>,
    pub(super) machine_paths: Vec<String>,
    /// Files of a home directory that fall under it, where there is one to look at.
    pub(super) files: Option<Vec<String>>,
}

impl RuleView {
    pub(super) fn new(rule: &Rule) -> Self {
        let left_out = ClassSelection::default_profile().left_out(rule.class);
        let (kind, keys) = match &rule.kind {
            Kind::Plain => ("plain", Vec::new()),
            Kind::Json(keys) => ("json", keys.clone()),
            Kind::Jsonl => ("jsonl", Vec::new()),
            Kind::Sqlite => ("sqlite", Vec::new()),
        };
        Self {
            id: rule.id.to_string(),
            class: rule.class.as_str(),
            at: rule.at.to_string(),
            shape: match rule.shape {
                Shape::File => "file",
                Shape::Directory => "directory",
            },
            take: rule.take.source().to_vec(),
            leave: rule.leave.source().to_vec(),
            taken: left_out.is_none(),
            why: left_out.map_or_else(|| "taken".to_owned(), |why| why.to_string()),
            kind,
            keys,
            links: match rule.links {
                LinkPolicy::Keep => "keep",
                LinkPolicy::Follow => "follow",
            },
            placement: match rule.placement {
                Placement::Always => "always",
                Placement::SameHome => "same-home",
                Placement::HintsOnly => "hints-only",
            },
            read_back: rule.read_back,
            secrets: rule.secrets.clone(),
            machine_paths: rule.machine_paths.clone(),
            files: None,
        }
    }

    /// What is special about it, in a few words.
    fn remarks(&self) -> Vec<String> {
        let list = |what: &str, all: &[String]| {
            let all: Vec<String> = all.iter().map(|one| Shown(one).to_string()).collect();
            format!("{what} {}", all.join(", "))
        };
        let mut remarks = Vec::new();
        for (what, all) in [("only", &self.take), ("without", &self.leave)] {
            remarks.extend((!all.is_empty()).then(|| list(what, all)));
        }
        match self.kind {
            "plain" => {}
            "json" => remarks.push(list("elsewhere only the keys", &self.keys)),
            kind => remarks.push(kind.to_owned()),
        }
        let flags = [
            (self.links == "follow", "links are followed"),
            (self.placement == "same-home", "back only in the same home"),
            (self.placement == "hints-only", "never written back"),
            (self.read_back, "read for hints"),
        ];
        let flags = flags.iter().filter(|(holds, _)| *holds);
        remarks.extend(flags.map(|(_, what)| (*what).to_owned()));
        for (what, all) in [("secret", &self.secrets), ("paths at", &self.machine_paths)] {
            remarks.extend((!all.is_empty()).then(|| list(what, all)));
        }
        remarks
    }

    /// One line for people.
    pub(super) fn line(&self, width: usize) -> String {
        let tree = if self.shape == "directory" { "/" } else { "" };
        let mut line = format!(
            "  {:width$}  {:12}  {}{tree}",
            self.id,
            self.class,
            Shown(&self.at)
        );
        if !self.taken {
            line += &format!("  ({})", self.why);
        }
        let remarks = self.remarks();
        if !remarks.is_empty() {
            line += &format!("; {}", remarks.join("; "));
        }
        line
    }
}
