//! What other programs backed up, opened and laid out: for `import`, and for `restore --from`.

use super::archives::{limits, open_file};
use super::args::LimitArgs;
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use takeback::adapters::{Adapter, AdapterError};
use takeback::archive::ReadLimits;
use takeback::backup::{TargetPlan, is_worth_a_look, plan_target};
use takeback::fs::{Dir, PrivateDir, digest_of};
use takeback::import::{
    Clock, Image, ImportError, Known, Source, Staged, Survey, Wish, recognise, stage,
};
use takeback::model::{
    ArchivePath, Base, Class, ClassSelection, Digest, HostFacts, Location, RelPath, Rule, RuleSet,
    ShownPath,
};

/// Bytes of a checksum file: a digest and a name.
const CHECKSUM_BYTES: u64 = 4 << 10;

/// A source with what is in it.
pub(super) struct Foreign {
    source: Source,
    survey: Survey,
    /// The states of a home in it, the oldest first.
    pub(super) images: Vec<Image>,
}

impl Foreign {
    /// Opens a source, reads all names in it and recognises its layout. Nothing is written.
    /// What is an archive of takeback, or a damaged one, is the error that `ours` gives.
    pub(super) fn open(
        path: &Path,
        (wish, known): (&Wish, &Known),
        limits: &LimitArgs,
        facts: &HostFacts,
        ours: impl FnOnce() -> CommandError,
    ) -> Result<Self, CommandError> {
        let mut source = open(path, limits)?;
        let survey = Survey::of(&mut source)?;
        if survey.is_ours() {
            return Err(ours());
        }
        let clock = Clock(jiff::Zoned::now());
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let images = recognise(&survey, &real, &facts.home, (wish, known), &clock)?;
        Ok(Self {
            source,
            survey,
            images,
        })
    }

    /// Lays an image out in takeback's own cache directory.
    pub(super) fn stage(
        &mut self,
        context: &Context,
        image: &Image,
        known: &Known,
    ) -> Result<Staged, CommandError> {
        let dir = scratch(context)?;
        let now = jiff::Timestamp::now().as_second();
        let (source, survey) = (&mut self.source, &self.survey);
        let ground = (&dir, &context.facts);
        Ok(stage(source, survey, image, known, ground, now)?)
    }

    /// What could not be taken, beside what is known of an image.
    pub(super) fn survey(&self) -> &Survey {
        &self.survey
    }
}

/// A private directory for what is laid out.
pub(super) fn scratch(context: &Context) -> Result<Dir, CommandError> {
    Ok(PrivateDir::create_all(&context.own.cache.join("import"))?)
}

fn open(path: &Path, args: &LimitArgs) -> Result<Source, CommandError> {
    if path.is_dir() {
        let limits = limits(args, u64::MAX);
        // Nothing in a directory is compressed: what it expands to is what is there.
        let limits = ReadLimits {
            file: args.max_file_size.unwrap_or(u64::MAX),
            ..limits
        };
        return Ok(Source::tree(Dir::open(path)?, limits));
    }
    let (mut file, size) = open_file(path)?;
    if let Some(expected) = checksum_beside(path) {
        let found = digest_of(&mut file).map_err(|e| CommandError::new(ExitStatus::Failed, e))?;
        if found != expected {
            return Err(ImportError::Checksum(path.to_owned()).into());
        }
    }
    Ok(Source::tar(path, file, limits(args, size)))
}

/// The checksum that `sha256sum` wrote beside an archive, as claude-code-backup has it.
fn checksum_beside(path: &Path) -> Option<Digest> {
    let name = path.file_name()?.to_str()?;
    let (file, size) = open_file(&path.with_file_name(format!("{name}.sha256"))).ok()?;
    if size > CHECKSUM_BYTES {
        return None;
    }
    let mut text = String::new();
    file.take(CHECKSUM_BYTES).read_to_string(&mut text).ok()?;
    let (digest, of) = text.lines().next()?.split_once("  ")?;
    (of == name).then(|| Digest::from_hex(digest)).flatten()
}

/// The error for an archive of takeback that somebody wants to import.
pub(super) fn ours(path: &Path) -> CommandError {
    let shown = ShownPath(path);
    CommandError::new(
        ExitStatus::BadArchive,
        format!("{shown} is an archive of takeback itself, or was one"),
    )
    .hint(format!(
        "`takeback restore TARGET --from {shown}` checks and restores it; nothing needs to be imported"
    ))
}

/// What adapters know of homes.
pub(super) fn known<'a>(adapters: impl Iterator<Item = &'a Adapter>, facts: &HostFacts) -> Known {
    let mut known = Known::default();
    let plain = HostFacts {
        environment: BTreeMap::new(),
        ..facts.clone()
    };
    for adapter in adapters {
        known
            .places
            .extend(adapter.scope().iter().filter_map(below_home));
        let id = adapter.identity().id.as_str();
        // A tool that cannot be asked here has no places under its own name.
        let Ok(declaration) = adapter.declare(&plain, &[]) else {
            continue;
        };
        // skillshare keeps a tool's skills under its name, and its agents beside them.
        let skills = folder(&declaration.rules, Class::Skills, ("skills", "x/SKILL.md"));
        let agents = folder(&declaration.rules, Class::Agents, ("agents", "x.md"));
        let named = [(id.to_owned(), skills), (format!("{id}-agents"), agents)];
        let named = named.into_iter();
        known
            .folders
            .extend(named.filter_map(|(name, place)| Some((name, place?))));
    }
    known
}

/// The directory of this name in which what is called like `inside` is of this class.
fn folder(rules: &[Rule], class: Class, (name, inside): (&str, &str)) -> Option<RelPath> {
    let set = RuleSet::new(rules);
    let of_class = rules.iter().filter(|rule| rule.class == class);
    let mut folders = of_class.flat_map(|rule| {
        let itself = (rule.at.path.name() == name).then(|| rule.at.path.clone());
        let below = rule.at.path.join(name).ok();
        let base = &rule.at.base;
        let place = move |path| Location {
            base: base.clone(),
            path,
        };
        itself.into_iter().chain(below).map(place)
    });
    let fits = |at: &Location| {
        let path = at.path.append_text(inside).ok();
        let path = path.map(|path| ArchivePath::new(at.base.clone(), path));
        let rule = path.and_then(|path| set.rule_for(&path));
        rule.is_some_and(|rule| rule.class == class)
    };
    folders.find_map(|at| below_home(&at).filter(|_| fits(&at)))
}

/// Where a location is below a home in which no variable moves anything.
fn below_home(at: &Location) -> Option<RelPath> {
    let top = match at.base {
        Base::Home => "",
        Base::Config => ".config",
        Base::Data => ".local/share",
        Base::State => ".local/state",
        Base::Project | Base::Variable(_) => return None,
    };
    let top = if top.is_empty() {
        RelPath::root()
    } else {
        RelPath::new(top).ok()?
    };
    let place = top.append(&at.path).ok()?;
    (!place.is_root()).then_some(place)
}

/// What was planned of a laid-out home.
#[derive(Default)]
pub(super) struct Planned {
    pub(super) plans: Vec<TargetPlan>,
    pub(super) failed: Vec<(String, AdapterError)>,
}

/// What adapters take of a laid-out home. Where nobody named a target, a tool of which only
/// shared places are there is not one of them, as in a backup.
pub(super) fn plans(
    adapters: &[&Adapter],
    staged: &Staged,
    classes: ClassSelection,
    named: bool,
    vault: &Path,
) -> Planned {
    let mut planned = Planned::default();
    for adapter in adapters {
        if !named && !is_worth_a_look(adapter, &staged.facts) {
            continue;
        }
        match plan_target(adapter, classes, &staged.facts, vault) {
            Ok(plan) if plan.inventory.is_empty() && plan.inventory.troubles.is_empty() => {}
            Ok(plan) => planned.plans.push(plan),
            Err(error) => {
                let name = adapter.identity().id.to_string();
                planned.failed.push((name, error));
            }
        }
    }
    planned
}

/// The machine as a snapshot of an image records it.
pub(super) fn told(facts: &HostFacts, image: &Image) -> HostFacts {
    let here = facts.clone();
    HostFacts {
        host: image.host.clone().unwrap_or(here.host),
        user: image.user.clone().unwrap_or(here.user),
        project: image.project.clone(),
        ..here
    }
}
