//! `takeback init`: which tools there are on this machine, and a configuration file to
//! begin with. Nothing depends on it: every command works without.

use super::args::InitArgs;
use super::config;
use super::context::{Context, Loaded, PLAIN, TRASH_DAYS, UNDO_DAYS, tilde};
use super::error::{CommandError, ExitStatus};
use super::render::{human, json};
use serde::Serialize;
use takeback::backup::{
    Standing, TargetPlan, is_worth_a_look, plan_target, shows_signs, standings,
};
use takeback::model::limits::UPKEEP_TIME;
use takeback::model::{ClassSelection, HostFacts, TallyCount, TargetId};

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    message_type: &'static str,
    dry_run: bool,
    config: String,
    /// Whether the configuration file was written.
    written: bool,
    /// Whether there was one already.
    existed: bool,
    tools: Vec<View<'a>>,
    also: Vec<View<'a>>,
    not_found: &'a [String],
    failed: Vec<Failed<'a>>,
}

#[derive(Serialize)]
struct View<'a> {
    target: String,
    name: &'a str,
    files: u64,
    bytes: u64,
    tallies: Vec<json::Tally<'a>>,
    left_out: Vec<json::LeftOutView>,
    /// Why it is no tool of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
}

#[derive(Serialize)]
struct Failed<'a> {
    adapter: &'a str,
    error: &'a str,
}

/// A configuration file in which every setting is there, as a comment, with what it is
/// when it is not set.
pub(super) fn beginning(tools: &str) -> String {
    let found = if tools.is_empty() {
        "# `takeback backup` takes every tool it finds.".to_owned()
    } else {
        format!(
            "# `takeback backup` takes every tool it finds. When this file was made, these were:\n\
             # {tools}"
        )
    };
    format!(
        "\
# Configuration of takeback. Everything in it may be left out.
#
{found}

# The directory that holds the backups; written with / or ~/ at its beginning.
# vault = \"~/.local/share/takeback\"

# For how many days a restore can be taken back.
# undo_days = {UNDO_DAYS}

# How many of the newest archives of a target stay plain .tar.gz files; or \"all\". Older
# ones keep only what a newer one does not hold.
# plain = {PLAIN}

# For how many days what was removed stays in the trash.
# trash_days = {TRASH_DAYS}

# Seconds that a backup may spend on making older archives smaller.
# upkeep_seconds = {}

# Which snapshots `takeback cleanup` keeps; what is not named here is as it is.
# keep = {{ min_keep = 3, automatic = {{ last = 10, daily = 14, weekly = 8, monthly = 12 }}, manual = {{ within = \"1y\" }}, safety = {{ within = \"30d\" }} }}
",
        UPKEEP_TIME.as_secs()
    )
}

/// What was found on this machine.
#[derive(Default)]
struct Finds {
    tools: Vec<TargetPlan>,
    also: Vec<(TargetPlan, String)>,
    not_found: Vec<String>,
    failed: Vec<(String, String)>,
}

impl Finds {
    /// The names of the tools.
    fn names(&self) -> String {
        let tools = self.tools.iter().map(|tool| tool.identity.id.as_str());
        tools.collect::<Vec<_>>().join(", ")
    }
}

pub(super) fn run(context: &Context, args: &InitArgs) -> Result<ExitStatus, CommandError> {
    let finds = look(context)?;
    let existed = config::exists(&context.config_path)?;
    let kept = existed && !args.force;
    let write = !kept && !args.dry_run;
    if write {
        config::write(
            &context.config_path,
            &context.own.config,
            &beginning(&finds.names()),
        )?;
    }
    if context.voice.json {
        print(context, args, &finds, existed, write);
    } else {
        show(context, &finds);
        said(context, args, kept);
    }
    Ok(if kept && !args.dry_run {
        ExitStatus::Refused
    } else if finds.failed.is_empty() {
        ExitStatus::Done
    } else {
        ExitStatus::Partial
    })
}

/// Asks every adapter. A project says nothing of what is installed on the machine.
fn look(context: &Context) -> Result<Finds, CommandError> {
    let facts = HostFacts {
        project: None,
        ..context.facts.clone()
    };
    let (registry, runtime) = (context.registry()?, context.runtime()?);
    let (mut finds, mut found) = (Finds::default(), Vec::new());
    for loaded in context.load(&registry, &runtime, |_| true) {
        match find(context, &loaded, &facts) {
            Ok(Find::Tool(plan)) => found.push(*plan),
            Ok(Find::Shared(plan)) => {
                finds.also.push((*plan, "used by several tools".to_owned()));
            }
            Ok(Find::Nothing(id)) => finds.not_found.push(id.to_string()),
            Err(error) => finds.failed.push((loaded.name, error.to_string())),
        }
    }
    let standings = standings(&found, &facts);
    for (plan, standing) in found.into_iter().zip(standings) {
        let because = match standing {
            Standing::Tool => {
                finds.tools.push(plan);
                continue;
            }
            Standing::PartOf(other) => format!("part of {other}"),
            Standing::LinksInto(other) => format!("only links to {other}"),
        };
        finds.also.push((plan, because));
    }
    let id = |plan: &TargetPlan| plan.identity.id.clone();
    finds.tools.sort_by_key(id);
    finds.also.sort_by_key(|(plan, _)| id(plan));
    finds.not_found.sort();
    Ok(finds)
}

/// What an adapter finds here.
enum Find {
    /// Its tool.
    Tool(Box<TargetPlan>),
    /// Only what its tool shares with others.
    Shared(Box<TargetPlan>),
    Nothing(TargetId),
}

fn find(context: &Context, loaded: &Loaded, facts: &HostFacts) -> Result<Find, String> {
    let adapter = loaded.result.as_ref().map_err(ToString::to_string)?;
    let nothing = || Find::Nothing(adapter.identity().id.clone());
    if !is_worth_a_look(adapter, facts) {
        return Ok(nothing());
    }
    let classes = ClassSelection::default_profile();
    let plan = plan_target(adapter, classes, facts, &context.vault_path);
    let plan = Box::new(plan.map_err(|e| e.to_string())?);
    let inventory = &plan.inventory;
    let is_empty =
        inventory.is_empty() && inventory.troubles.is_empty() && inventory.left_out.is_empty();
    Ok(match shows_signs(adapter, facts) {
        Some(true) => Find::Tool(plan),
        _ if is_empty => nothing(),
        Some(false) => Find::Shared(plan),
        None => Find::Tool(plan),
    })
}

fn tallies(plan: &TargetPlan) -> Vec<TallyCount> {
    let files = plan.inventory.files();
    let tallies = plan.declaration.tallies.iter();
    TallyCount::merge(tallies.map(|tally| TallyCount::of(tally, &files)).collect())
}

fn print(context: &Context, args: &InitArgs, finds: &Finds, existed: bool, written: bool) {
    let all = finds.tools.iter().chain(finds.also.iter().map(|(p, _)| p));
    let counts: Vec<Vec<TallyCount>> = all.map(tallies).collect();
    let (of_tools, of_also) = counts.split_at(finds.tools.len());
    let tools = finds.tools.iter().zip(of_tools);
    let also = finds.also.iter().zip(of_also);
    json::print(&Document {
        schema_version: json::SCHEMA,
        message_type: "init",
        dry_run: args.dry_run,
        config: context.config_path.display().to_string(),
        written,
        existed,
        tools: tools.map(|(plan, c)| view(plan, c, None)).collect(),
        also: also
            .map(|((plan, why), c)| view(plan, c, Some(why.clone())))
            .collect(),
        not_found: &finds.not_found,
        failed: finds
            .failed
            .iter()
            .map(|(adapter, error)| Failed { adapter, error })
            .collect(),
    });
}

fn view<'a>(plan: &'a TargetPlan, counts: &'a [TallyCount], because: Option<String>) -> View<'a> {
    let (files, bytes) = plan.inventory.totals();
    View {
        target: plan.identity.id.to_string(),
        name: &plan.identity.name,
        files,
        bytes,
        tallies: json::tallies(counts),
        left_out: json::left_out(&plan.inventory.left_out),
        because,
    }
}

fn show(context: &Context, finds: &Finds) {
    let voice = &context.voice;
    let all = finds.tools.iter().chain(finds.also.iter().map(|(p, _)| p));
    let widths = all.map(|plan| plan.identity.id.as_str().len());
    let width = widths.max().unwrap_or_default();
    let line = |plan: &TargetPlan| {
        let (files, size) = plan.inventory.totals();
        let files = human::counted(files, "file", "files");
        let counts = tallies(plan);
        let line = human::target_line(&plan.identity.id, &counts, size, width);
        format!("{line} in {files}")
    };
    let home = tilde(&context.facts.home, &context.facts.home);
    let count = human::counted(finds.tools.len() as u64, "tool", "tools");
    voice.line(format!("Found {count} in {home}"));
    finds.tools.iter().for_each(|plan| voice.line(line(plan)));
    if !finds.also.is_empty() {
        voice.line("Also backed up");
    }
    for (plan, because) in &finds.also {
        voice.line(format!("{}    {because}", line(plan)));
    }
    if !finds.not_found.is_empty() {
        voice.detail(format!("Not here: {}", finds.not_found.join(", ")));
    }
    for (adapter, error) in &finds.failed {
        voice.warn(&format!("adapter {adapter} failed: {error}"));
    }
}

fn said(context: &Context, args: &InitArgs, kept: bool) {
    let voice = &context.voice;
    let config = tilde(&context.config_path, &context.facts.home);
    match (kept, args.dry_run) {
        (true, true) => voice.say(format!("{config} is there already and would stay as it is")),
        (true, false) => voice.warn(&format!(
            "{config} is there already and was left as it is; --force writes a new one in its place"
        )),
        (false, true) => voice.say(format!("Would write {config}")),
        (false, false) => voice.say(format!("Wrote {config}")),
    }
    voice.say("`takeback backup` backs up everything that was found");
    voice.say("`takeback schedule install` has that done every day");
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_first_configuration_has_every_setting_as_a_comment() {
        let text = beginning("claude, cursor");
        let at = Path::new("config.toml");
        config::parse::<config::Config>(&text, at).unwrap();
        let set: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# "))
            .filter(|line| line.contains(" = "))
            .collect();
        config::parse::<config::Config>(&set.join("\n"), at).unwrap();
        // What is no setting is refused with the names of all that are.
        let refused = toml::from_str::<config::Config>("nothing = 1").unwrap_err();
        let names: Vec<&str> = refused.message().split('`').skip(3).step_by(2).collect();
        assert!(names.len() >= 5, "{names:?}");
        for name in names {
            let shown = set
                .iter()
                .filter(|line| line.starts_with(&format!("{name} = ")));
            assert_eq!(shown.count(), 1, "{name}");
        }
    }
}
