//! `takeback cleanup`.

use super::args::{CleanupArgs, KeepArgs};
use super::context::{Context, tilde};
use super::error::{CommandError, ExitStatus};
use super::needs::Needs;
use super::prompt::confirm;
use super::render::{human, json};
use super::{keep, list, recover, signals};
use std::path::Path;
use takeback::model::{Shown, SnapshotId, TargetId};
use takeback::operation::Operations;
use takeback::vault::retention::{
    ArchiveVerdict, Beyond, CleanupPlan, CleanupWish, Policies, SeriesPlan, Verdict, plan_cleanup,
};
use takeback::vault::{Catalogue, SnapshotKind, Vault, VaultLock};

/// What is wanted.
struct Wish {
    policies: Policies,
    targets: Vec<TargetId>,
    now: i64,
}

/// A clean-up that was planned, and how far it came.
pub(super) struct Cleaned {
    plan: CleanupPlan,
    /// How many snapshots went; none after a dry run.
    gone: usize,
}

pub(super) fn run(context: &Context, args: &CleanupArgs) -> Result<ExitStatus, CommandError> {
    let Some(vault) = context.vault()? else {
        let message = "there is no vault yet";
        return Err(CommandError::new(ExitStatus::NotFound, message));
    };
    let catalogue = all_read(&vault)?;
    let wish = Wish::of(context, &catalogue, &args.targets, &args.keep)?;
    let plan = wish.plan(context, &catalogue)?;
    let mut cleaned = Cleaned { plan, gone: 0 };
    cleaned.verdicts(context);
    if args.dry_run || cleaned.plan.remove.is_empty() {
        context.noted.nothing_done();
        cleaned.report(context, args.dry_run);
        return Ok(ExitStatus::Done);
    }
    if !args.yes {
        let count = human::counted(cleaned.plan.remove.len() as u64, "snapshot", "snapshots");
        let question = format!("Move {count} into the trash?");
        confirm(&question, context.no_input || context.voice.json, "--yes")?;
    }
    under_locks(context, &vault, args.wait, &wish, &mut cleaned)?;
    context
        .noted
        .snapshots(cleaned.plan.remove.iter().take(cleaned.gone));
    cleaned.report(context, false);
    if cleaned.gone < cleaned.plan.remove.len() {
        return Ok(signals::status());
    }
    Ok(ExitStatus::Done)
}

/// Does what was planned, as far as it is still what the rules say.
fn under_locks(
    context: &Context,
    vault: &Vault,
    wait: Option<u64>,
    wish: &Wish,
    cleaned: &mut Cleaned,
) -> Result<(), CommandError> {
    // A restore that is at work may name a snapshot that nobody else knows of yet.
    let operations = Operations::open(&context.own.state)?;
    let _still = operations
        .as_ref()
        .map(|operations| recover::lock(context, operations, "cleanup", wait))
        .transpose()?;
    let host = &context.facts.host;
    let lock = vault.lock(host, "cleanup", &mut context.patience(wait))?;
    // Somebody may have been at work since: what is not to go any more stays.
    let still = wish.plan(context, &all_read(vault)?)?.remove;
    let before = cleaned.plan.remove.len();
    cleaned.plan.remove.retain(|id| still.contains(id));
    cleaned.plan.stay += before - cleaned.plan.remove.len();
    cleaned.carry_out(context, vault, &lock, wish.now)
}

/// Cleans up behind a backup, under its locks; `None` when that failed, which is told.
pub(super) fn after_backup(
    context: &Context,
    vault: &Vault,
    lock: &VaultLock,
    targets: &[String],
) -> Option<Cleaned> {
    let clean = || {
        let catalogue = all_read(vault)?;
        let wish = Wish::of(context, &catalogue, targets, &KeepArgs::default())?;
        let plan = wish.plan(context, &catalogue)?;
        let mut cleaned = Cleaned { plan, gone: 0 };
        cleaned.carry_out(context, vault, lock, wish.now)?;
        Ok(cleaned)
    };
    clean()
        .inspect_err(|e: &CommandError| {
            let why = e.in_full();
            context.voice.warn(&format!(
                "the backup is made, but not everything was cleaned up: {why}"
            ));
        })
        .ok()
}

impl Wish {
    fn of(
        context: &Context,
        catalogue: &Catalogue,
        targets: &[String],
        flags: &KeepArgs,
    ) -> Result<Self, CommandError> {
        let target = |name: &String| list::target(name, catalogue);
        Ok(Self {
            policies: keep::with_flags(&context.policies, flags)?,
            targets: targets.iter().map(target).collect::<Result<_, _>>()?,
            now: context.upkeep().now,
        })
    }

    fn plan(&self, context: &Context, catalogue: &Catalogue) -> Result<CleanupPlan, CommandError> {
        let needs = Needs::of(context)?;
        let wish = CleanupWish {
            policies: &self.policies,
            targets: &self.targets,
            held: &|record| needs.hold(record),
            now: self.now,
        };
        Ok(plan_cleanup(catalogue, &wish))
    }
}

/// Reads every record. One that cannot be read may be the one that makes another
/// superfluous, or the one that leans on it.
fn all_read(vault: &Vault) -> Result<Catalogue, CommandError> {
    let mut catalogue = vault.catalogue()?;
    if catalogue.damaged.is_empty() {
        return Ok(catalogue);
    }
    let error = CommandError::from(catalogue.damaged.remove(0));
    Err(error.hint("nothing is cleaned up as long as a record cannot be read"))
}

impl Cleaned {
    fn carry_out(
        &mut self,
        context: &Context,
        vault: &Vault,
        lock: &VaultLock,
        now: i64,
    ) -> Result<(), CommandError> {
        let ids = &self.plan.remove;
        let (gone, mut goes_on) = (&mut self.gone, context.goes_on());
        let removed = vault.remove_all(lock, ids, now, &mut |so_far| {
            *gone = so_far;
            goes_on()
        });
        context.noted.count("moved to the trash", self.gone as u64);
        removed.map_err(|e| {
            let gone = self.gone;
            let next = ids.get(gone).map(SnapshotId::as_str).unwrap_or_default();
            CommandError::from(e).hint(format!(
                "{gone} snapshots are in the trash, {next} and those after it are still there; \
                 `takeback verify` tells more"
            ))
        })
    }

    /// The document for it.
    pub(super) fn view(&self, dry_run: bool) -> json::Cleanup {
        let removed = if dry_run {
            self.plan.remove.len()
        } else {
            self.gone
        };
        json::cleanup(&self.plan, dry_run, removed)
    }

    /// Everything, for people.
    pub(super) fn show(&self, context: &Context) {
        self.verdicts(context);
        self.report(context, false);
    }

    /// Every verdict with its reasons, for people.
    fn verdicts(&self, context: &Context) {
        if context.voice.json {
            return;
        }
        let lines = self.plan.series.iter().flat_map(|series| {
            let head = head(context, series);
            let verdicts = series.archives.iter().map(line);
            std::iter::once(head).chain(verdicts)
        });
        context.voice.lines(lines);
    }

    /// What came of it.
    fn report(&self, context: &Context, dry_run: bool) {
        let voice = &context.voice;
        if voice.json {
            return json::print(&self.view(dry_run));
        }
        let planned = self.plan.remove.len();
        let left = if dry_run { 0 } else { planned - self.gone };
        let stay = (self.plan.stay + left) as u64;
        let stay = human::counted(stay, "snapshot stays", "snapshots stay");
        if planned == 0 {
            let verb = if dry_run { "Would remove" } else { "Removed" };
            return voice.line(format!("{verb} nothing; {stay}"));
        }
        let (verb, count) = if dry_run {
            ("Would move", planned)
        } else {
            ("Moved", self.gone)
        };
        let count = human::counted(count as u64, "snapshot", "snapshots");
        let bytes = human::bytes(self.plan.frees);
        voice.line(format!("{verb} {count} into the trash, {bytes}; {stay}"));
        if self.gone > 0 {
            voice.say("`takeback trash restore` brings back what is there");
        }
    }
}

/// `claude`, with what tells the series from others of its target.
fn head(context: &Context, series: &SeriesPlan) -> String {
    let facts = &context.facts;
    let mut head = series.target.to_string();
    if series.host != facts.host {
        head = format!("{head}, on {}", Shown(&series.host));
    }
    if Path::new(&series.home) != facts.home {
        head = format!("{head}, home {}", Shown(&series.home));
    }
    if let Some(project) = &series.project {
        let project = tilde(Path::new(project), &facts.home);
        head = format!("{head}, project {project}");
    }
    head
}

fn line(one: &ArchiveVerdict) -> String {
    let word = if one.verdict.keeps() {
        "keep"
    } else {
        "remove"
    };
    let kind = match one.kind {
        SnapshotKind::Manual => String::new(),
        kind => format!("{}: ", kind.as_str()),
    };
    let why = reasons(&one.verdict).join(", ");
    format!("  {word:<6}  {:<19}    {kind}{why}", one.id)
}

/// The reasons of a verdict, in words.
pub(super) fn reasons(verdict: &Verdict) -> Vec<String> {
    match verdict {
        Verdict::Keep(reasons) => reasons.iter().map(ToString::to_string).collect(),
        Verdict::Remove(Beyond::Size(most)) => vec![format!("over {}", human::bytes(*most))],
        Verdict::Remove(beyond) => vec![beyond.to_string()],
    }
}
