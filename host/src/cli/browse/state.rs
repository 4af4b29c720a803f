//! What the browser knows and shows, and how a key changes that. Pure: an event and the state
//! in, the new state and what is to be done out.

mod keys;

use super::events::{Answer, Effect, Event, Held, List, Question, Screen};
use super::tree::{At, Tree, What};
use takeback::model::{HostFacts, SnapshotId};
use takeback::operation::Summary;
use takeback::vault::SnapshotRecord;

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
                let at = self
                    .snapshots
                    .iter()
                    .position(|one| Some(&one.id) == on.as_ref());
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
                let shown = self
                    .under_cursor()
                    .and_then(|(target, at)| self.tree(target)?.node(at).path.clone());
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

    /// Whether the file under the cursor is one whose inside can be compared.
    pub(super) fn on_file(&self) -> bool {
        self.under_cursor().is_some_and(|(target, at)| {
            self.tree(target)
                .is_some_and(|tree| matches!(tree.node(at).what, What::File | What::Link))
        })
    }
}
