//! What the browser knows and shows, and how a key changes that. Pure: an event and the state
//! in, the new state and what is to be done out.

use super::commands;
use super::tree::{At, Chosen, Tree, What};
use takeback::model::{ArchivePath, HostFacts, SnapshotId, TargetId};
use takeback::operation::Summary;
use takeback::vault::SnapshotRecord;

/// A key, as far as it means something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Enter,
    Back,
    Letter(char),
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-Z.
    Suspend,
}

/// What can happen.
#[derive(Debug)]
pub(super) enum Event {
    Key(Key),
    /// The terminal has so many columns and lines.
    Size(usize, usize),
    /// Something that was asked for has been read.
    Read(Answer),
    /// The browser is back from a command that it ran.
    Back,
}

/// What is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// The snapshots of the vault.
    Snapshots,
    /// What is in one.
    Contents(Box<SnapshotRecord>),
    /// How the files of a target stand to what is here.
    Compare(SnapshotId, TargetId),
    /// What is different in one file.
    Difference(SnapshotId, TargetId, ArchivePath),
    /// What was restored and taken back.
    Operations,
}

/// What was read.
#[derive(Debug)]
pub(super) enum Answer {
    Snapshots(Vec<SnapshotRecord>, usize),
    Contents(SnapshotId, Vec<Held>),
    Compared(SnapshotId, TargetId, Compared),
    Difference(ArchivePath, Vec<String>),
    Operations(Vec<Summary>),
    /// It could not be read, and why.
    Failed(String),
}

/// Files that are not the same here now, and how many are only here.
pub(super) type Compared = (std::collections::BTreeMap<ArchivePath, super::tree::Fate>, u64);

/// What is to be done outside of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Read(Question),
    /// Leave the screen, run this command as if it had been typed, and come back.
    Run(Vec<String>),
    Suspend,
    Leave,
    /// Leave as Ctrl-C does.
    Interrupt,
}

/// What a snapshot holds of one target, or why nobody knows.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) target: TargetId,
    pub(super) tree: Result<Tree, String>,
}

/// A list with a cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct List {
    pub(super) at: usize,
}

/// One screen; those below it are behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Screen {
    Snapshots,
    /// The targets of the opened snapshot.
    Targets,
    /// A node of the target with this number.
    Inside { target: usize, at: At },
    /// A file of it, and what is different in it.
    File {
        target: usize,
        at: At,
        lines: Option<Vec<String>>,
    },
    Operations,
    Help,
}

/// The whole state.
#[derive(Debug)]
pub(super) struct State {
    pub(super) facts: HostFacts,
    /// The vault, as people know it.
    pub(super) vault: String,
    /// Now, in seconds since 1970.
    pub(super) now: i64,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) snapshots: Vec<SnapshotRecord>,
    /// Snapshots whose record cannot be read.
    pub(super) damaged: usize,
    pub(super) operations: Vec<Summary>,
    /// The snapshot that is looked into.
    pub(super) opened: Option<SnapshotId>,
    pub(super) held: Vec<Held>,
    /// The screens, with their cursors; the last is the one that is seen.
    pub(super) screens: Vec<(Screen, List)>,
    /// What is waited for.
    pub(super) waiting: Option<&'static str>,
    /// What the person should know.
    pub(super) said: Vec<String>,
    /// Options that commands get: those the browser was started with.
    pub(super) options: Vec<String>,
}

impl State {
    pub(super) fn new(facts: HostFacts, vault: String, now: i64, options: Vec<String>) -> Self {
        Self {
            facts,
            vault,
            now,
            width: 80,
            height: 24,
            snapshots: Vec::new(),
            damaged: 0,
            operations: Vec::new(),
            opened: None,
            held: Vec::new(),
            screens: vec![(Screen::Snapshots, List::default())],
            waiting: Some("Reading the vault"),
            said: Vec::new(),
            options,
        }
    }

    /// The screen that is seen.
    pub(super) fn screen(&self) -> &Screen {
        self.screens
            .last()
            .map_or(&Screen::Snapshots, |(screen, _)| screen)
    }

    /// Its cursor.
    pub(super) fn cursor(&self) -> usize {
        self.screens.last().map_or(0, |(_, list)| list.at)
    }

    /// How many lines the screen's list has.
    pub(super) fn length(&self) -> usize {
        match self.screen() {
            Screen::Snapshots => self.snapshots.len(),
            Screen::Targets => self.held.len(),
            Screen::Inside { target, at } => self
                .tree(*target)
                .map_or(0, |tree| tree.node(*at).children.len()),
            Screen::File { lines, .. } => lines.as_ref().map_or(0, Vec::len),
            Screen::Operations => self.operations.len(),
            Screen::Help => super::draw::help_length(self),
        }
    }

    /// The snapshot that is looked into, or that the cursor is on.
    pub(super) fn snapshot(&self) -> Option<&SnapshotRecord> {
        match (self.screen(), &self.opened) {
            (Screen::Snapshots, _) => self.snapshots.get(self.cursor()),
            (_, Some(id)) => self.snapshots.iter().find(|record| record.id == *id),
            (_, None) => None,
        }
    }

    pub(super) fn tree(&self, target: usize) -> Option<&Tree> {
        self.held.get(target)?.tree.as_ref().ok()
    }

    fn tree_mut(&mut self, target: usize) -> Option<&mut Tree> {
        self.held.get_mut(target)?.tree.as_mut().ok()
    }

    /// The target and node that the cursor is on.
    pub(super) fn under_cursor(&self) -> Option<(usize, At)> {
        match self.screen() {
            Screen::Targets => {
                let target = self.cursor();
                self.tree(target).map(|_| (target, 0))
            }
            Screen::Inside { target, at } => {
                let children = &self.tree(*target)?.node(*at).children;
                children.get(self.cursor()).map(|child| (*target, *child))
            }
            Screen::File { target, at, .. } => Some((*target, *at)),
            _ => None,
        }
    }

    /// Takes an event in, and says what is to be done.
    pub(super) fn update(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Size(width, height) => {
                (self.width, self.height) = (width, height);
                Vec::new()
            }
            Event::Read(answer) => self.read(answer),
            Event::Back => self.back_again(),
            Event::Key(key) => {
                self.said.clear();
                self.key(key)
            }
        }
    }

    /// After a command everything may be another way.
    fn back_again(&mut self) -> Vec<Effect> {
        let record = self.snapshot().cloned();
        let mut effects = vec![Effect::Read(Question::Snapshots)];
        if !matches!(self.screen(), Screen::Snapshots | Screen::Operations) {
            effects.extend(record.map(|one| Effect::Read(Question::Contents(Box::new(one)))));
        }
        if let Some((Screen::File { target, at, lines }, _)) = self.screens.last_mut() {
            *lines = None;
            let (target, at) = (*target, *at);
            effects.extend(self.difference(target, at).map(Effect::Read));
        }
        effects.push(Effect::Read(Question::Operations));
        self.waiting = Some("Reading the vault");
        effects
    }

    fn read(&mut self, answer: Answer) -> Vec<Effect> {
        self.waiting = None;
        match answer {
            Answer::Snapshots(all, damaged) => {
                // The cursor stays on its snapshot, though a newer one came.
                let on = self.screens.first().map_or(0, |(_, list)| list.at);
                let on = self.snapshots.get(on).map(|record| record.id.clone());
                (self.snapshots, self.damaged) = (all, damaged);
                let at = self.snapshots.iter().position(|one| Some(&one.id) == on.as_ref());
                if let Some((_, list)) = self.screens.first_mut() {
                    list.at = at.unwrap_or(0);
                }
            }
            Answer::Contents(id, held) => {
                if self.opened.as_ref() == Some(&id) {
                    self.keep_picks(held);
                }
            }
            Answer::Compared(id, target, (fates, only_here)) => {
                let held = self.held.iter().position(|held| held.target == target);
                if let (true, Some(held)) = (self.opened.as_ref() == Some(&id), held)
                    && let Some(tree) = self.tree_mut(held)
                {
                    tree.compared(&fates, only_here);
                    let words = super::draw::comparison(tree);
                    self.said.push(words);
                }
            }
            Answer::Difference(path, found) => {
                let shown = self.under_cursor().and_then(|(target, at)| {
                    self.tree(target)?.node(at).path.clone()
                });
                if let (true, Some((Screen::File { lines, .. }, _))) =
                    (shown == Some(path), self.screens.last_mut())
                {
                    *lines = Some(found);
                }
            }
            Answer::Operations(all) => self.operations = all,
            Answer::Failed(why) => {
                if let Some((Screen::File { lines, .. }, _)) = self.screens.last_mut() {
                    lines.get_or_insert_with(Vec::new);
                }
                self.said.push(why);
            }
        }
        self.clamp();
        Vec::new()
    }

    /// What was read anew is the same archive: nodes keep their numbers.
    fn keep_picks(&mut self, held: Vec<Held>) {
        self.held = held;
        let targets = self.held.len();
        let gone = |screen: &Screen| match screen {
            Screen::Inside { target, .. } | Screen::File { target, .. } => *target >= targets,
            _ => false,
        };
        self.screens.retain(|(screen, _)| !gone(screen));
    }

    fn clamp(&mut self) {
        let last = self.length().saturating_sub(1);
        if let Some((_, list)) = self.screens.last_mut() {
            list.at = list.at.min(last);
        }
    }

    fn key(&mut self, key: Key) -> Vec<Effect> {
        let page = super::draw::page(self).max(1);
        match key {
            Key::Up | Key::Letter('k') => self.step(|at| at.saturating_sub(1)),
            Key::Down | Key::Letter('j') => self.step(|at| at + 1),
            Key::PageUp => self.step(|at| at.saturating_sub(page)),
            Key::PageDown => self.step(|at| at + page),
            Key::Home | Key::Letter('g') => self.step(|_| 0),
            Key::End | Key::Letter('G') => self.step(|_| usize::MAX),
            Key::Enter => self.enter(),
            Key::Back => self.back(),
            Key::Letter(letter) => self.letter(letter),
            Key::Interrupt => vec![Effect::Interrupt],
            Key::Suspend => vec![Effect::Suspend],
        }
    }

    fn step(&mut self, to: impl Fn(usize) -> usize) -> Vec<Effect> {
        // In a text the cursor is the first line that is seen.
        let last = match self.screen() {
            Screen::File { .. } | Screen::Help => {
                self.length().saturating_sub(super::draw::page(self))
            }
            _ => self.length().saturating_sub(1),
        };
        if let Some((_, list)) = self.screens.last_mut() {
            list.at = to(list.at).min(last);
        }
        Vec::new()
    }

    fn push(&mut self, screen: Screen) {
        self.screens.push((screen, List::default()));
    }

    fn back(&mut self) -> Vec<Effect> {
        if self.screens.len() > 1 {
            self.screens.pop();
            self.waiting = None;
        } else {
            self.said.push("This is the first screen; q leaves the browser.".to_owned());
        }
        Vec::new()
    }

    fn letter(&mut self, letter: char) -> Vec<Effect> {
        match letter {
            'q' => return vec![Effect::Leave],
            '?' if *self.screen() != Screen::Help => self.push(Screen::Help),
            '?' => return self.back(),
            ' ' => self.pick(),
            'c' => return self.compare(),
            'r' => return self.restore(),
            'u' if *self.screen() == Screen::Operations => return self.undo(),
            'u' => {
                self.push(Screen::Operations);
                self.waiting = Some("Reading what was restored");
                return vec![Effect::Read(Question::Operations)];
            }
            _ => self.said.push("That key does nothing here; ? explains the keys.".to_owned()),
        }
        Vec::new()
    }

    /// Opens what the cursor is on.
    fn enter(&mut self) -> Vec<Effect> {
        match self.screen().clone() {
            Screen::Snapshots => {
                let Some(record) = self.snapshot().cloned() else {
                    return Vec::new();
                };
                if self.opened.as_ref() != Some(&record.id) {
                    self.held.clear();
                    self.opened = Some(record.id.clone());
                    self.waiting = Some("Reading the snapshot");
                    self.push(Screen::Targets);
                    return vec![Effect::Read(Question::Contents(Box::new(record)))];
                }
                self.push(Screen::Targets);
                Vec::new()
            }
            Screen::Operations => self.undo(),
            Screen::File { .. } | Screen::Help => self.step(|at| at + 1),
            Screen::Targets | Screen::Inside { .. } => self.descend(),
        }
    }

    fn descend(&mut self) -> Vec<Effect> {
        let Some((target, at)) = self.under_cursor() else {
            if let Some(Err(why)) = self.held.get(self.cursor()).map(|held| &held.tree) {
                self.said.push(why.clone());
            }
            return Vec::new();
        };
        if let Some(at) = self.tree(target).and_then(|tree| tree.inside(at)) {
            self.push(Screen::Inside { target, at });
            return Vec::new();
        }
        let question = self.difference(target, at);
        self.push(Screen::File { target, at, lines: None });
        self.waiting = Some("Comparing with what is here now");
        question.map(Effect::Read).into_iter().collect()
    }

    fn difference(&self, target: usize, at: At) -> Option<Question> {
        let (id, held) = (self.opened.clone()?, self.held.get(target)?);
        let path = self.tree(target)?.node(at).path.clone()?;
        Some(Question::Difference(id, held.target.clone(), path))
    }

    fn pick(&mut self) {
        match self.under_cursor() {
            Some((target, at)) => {
                let in_list = !matches!(self.screen(), Screen::File { .. });
                if let Some(tree) = self.tree_mut(target) {
                    tree.toggle(at);
                }
                if in_list {
                    self.step(|at| at + 1);
                }
            }
            None => self.said.push("Open a snapshot with Enter; then pick from it.".to_owned()),
        }
    }

    fn compare(&mut self) -> Vec<Effect> {
        let target = self.under_cursor().map(|(target, _)| target);
        let Some((target, id)) = target.zip(self.opened.clone()) else {
            self.said.push("Open a snapshot with Enter; then compare it.".to_owned());
            return Vec::new();
        };
        self.waiting = Some("Comparing with what is here now");
        let target = self.held[target].target.clone();
        vec![Effect::Read(Question::Compare(id, target))]
    }

    /// What `r` would restore now: the targets, and what of them.
    pub(super) fn to_restore(&self) -> Option<(Vec<TargetId>, Chosen)> {
        let picked = |tree: &&Tree| tree.picked() > 0;
        if *self.screen() == Screen::Targets {
            let trees: Vec<&Tree> = (0..self.held.len())
                .filter_map(|target| self.tree(target))
                .filter(picked)
                .collect();
            let whole = trees.iter().all(|tree| tree.chosen() == Chosen::Everything);
            if trees.len() > 1 && whole {
                let targets = trees.iter().map(|tree| tree.target.clone());
                return Some((targets.collect(), Chosen::Everything));
            }
        }
        let (target, at) = self.under_cursor()?;
        let tree = self.tree(target)?;
        let chosen = match (tree.picked(), self.screen()) {
            (0, _) => tree.only(at),
            _ => tree.chosen(),
        };
        Some((vec![tree.target.clone()], chosen))
    }

    fn restore(&mut self) -> Vec<Effect> {
        let Some(((targets, chosen), id)) = self.to_restore().zip(self.opened.clone()) else {
            self.said.push("Open a snapshot with Enter; then restore from it.".to_owned());
            return Vec::new();
        };
        match commands::restore(&targets, &id, &chosen, &self.options) {
            Ok(words) => vec![Effect::Run(words)],
            Err(why) => {
                self.said.push(why);
                Vec::new()
            }
        }
    }

    fn undo(&mut self) -> Vec<Effect> {
        match self.operations.get(self.cursor()) {
            Some(one) => match &one.undone_by {
                None => return vec![Effect::Run(commands::undo(&one.id))],
                Some(by) => self.said.push(format!(
                    "That was taken back already, by {by}; take that one back instead."
                )),
            },
            None => self.said.push("There is nothing to take back.".to_owned()),
        }
        Vec::new()
    }
}

impl State {
    /// Whether the file under the cursor is one whose inside can be compared.
    pub(super) fn on_file(&self) -> bool {
        self.under_cursor().is_some_and(|(target, at)| {
            self.tree(target)
                .is_some_and(|tree| matches!(tree.node(at).what, What::File | What::Link))
        })
    }
}
