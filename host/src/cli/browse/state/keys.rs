//! What each key does: pure, as all of the state is.

use super::super::commands;
use super::super::draw;
use super::super::events::{Effect, Key, List, Question, Screen};
use super::super::tree::{At, Chosen, Tree};
use super::State;
use takeback::model::TargetId;

impl State {
    pub(super) fn key(&mut self, key: Key) -> Vec<Effect> {
        let page = draw::page(self).max(1);
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
            Screen::File { .. } | Screen::Help => self.length().saturating_sub(draw::page(self)),
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
            self.said
                .push("This is the first screen; q leaves the browser.".to_owned());
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
            _ => self
                .said
                .push("That key does nothing here; ? explains the keys.".to_owned()),
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
        self.push(Screen::File {
            target,
            at,
            lines: None,
        });
        self.waiting = Some("Comparing with what is here now");
        question.map(Effect::Read).into_iter().collect()
    }

    pub(super) fn difference(&self, target: usize, at: At) -> Option<Question> {
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
            None => self
                .said
                .push("Open a snapshot with Enter; then pick from it.".to_owned()),
        }
    }

    fn compare(&mut self) -> Vec<Effect> {
        let target = self.under_cursor().map(|(target, _)| target);
        let Some((target, id)) = target.zip(self.opened.clone()) else {
            self.said
                .push("Open a snapshot with Enter; then compare it.".to_owned());
            return Vec::new();
        };
        self.waiting = Some("Comparing with what is here now");
        let target = self.held[target].target.clone();
        vec![Effect::Read(Question::Compare(id, target))]
    }

    /// What `r` would restore now: the targets, and what of them.
    pub(in crate::cli::browse) fn to_restore(&self) -> Option<(Vec<TargetId>, Chosen)> {
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
            self.said
                .push("Open a snapshot with Enter; then restore from it.".to_owned());
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
