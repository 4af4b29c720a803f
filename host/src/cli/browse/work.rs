//! What the browser reads: beside the screen, so that keys are heard meanwhile. Lists come from
//! records and indexes; an archive is only read as a whole where it has no index.

use super::super::archives::open_recorded;
use super::super::args::{Cli, Command};
use super::super::context::Context;
use super::super::diff;
use super::super::error::{CommandError, ExitStatus};
use super::super::render::{difference, human};
use super::commands;
use super::events::{Answer, Compared, Held, Question};
use super::tree::{Fate, Tree, leaves};
use clap::Parser;
use std::sync::mpsc::{Receiver, Sender};
use takeback::archive::OpenArchive;
use takeback::diff::Change;
use takeback::model::{ArchivePath, Base, HostFacts, RelPath, SnapshotId, TargetId};
use takeback::operation::Operations;
use takeback::vault::{SnapshotRecord, Vault};

/// Who reads.
pub(super) struct Reader<'a> {
    pub(super) context: &'a Context,
    pub(super) facts: &'a HostFacts,
    /// Options the browser was started with.
    pub(super) options: &'a [String],
}

impl Reader<'_> {
    /// Answers questions until nobody asks any more.
    pub(super) fn serve(&self, questions: &Receiver<Question>, answers: &Sender<Answer>) {
        for question in questions {
            let answer = self.answer(question);
            let answer = answer.unwrap_or_else(|e| Answer::Failed(e.in_full()));
            if answers.send(answer).is_err() {
                return;
            }
        }
    }

    fn answer(&self, question: Question) -> Result<Answer, CommandError> {
        Ok(match question {
            Question::Snapshots => {
                let catalogue = match self.context.vault()? {
                    Some(vault) => vault.catalogue()?,
                    None => takeback::vault::Catalogue::default(),
                };
                Answer::Snapshots(catalogue.snapshots, catalogue.damaged.len())
            }
            Question::Contents(record) => self.contents(&record)?,
            Question::Compare(id, target) => {
                let compared = self.compare(&id, &target)?;
                Answer::Compared(id, target, compared)
            }
            Question::Difference(id, target, path) => {
                let lines = self.difference(&id, &target, &path)?;
                Answer::Difference(path, lines)
            }
            Question::Operations => {
                let operations = Operations::open(&self.context.own.state)?;
                let all = operations.map(|all| all.summaries()).transpose()?;
                Answer::Operations(all.unwrap_or_default())
            }
        })
    }

    fn contents(&self, record: &SnapshotRecord) -> Result<Answer, CommandError> {
        let vault = self.context.vault()?;
        let vault = vault.ok_or_else(|| {
            CommandError::new(ExitStatus::NotFound, "the vault is not there any more")
        })?;
        let held = record.targets.iter().map(|target| Held {
            target: target.target.clone(),
            tree: self
                .tree(&vault, record, &target.target)
                .map_err(|e| e.in_full()),
        });
        Ok(Answer::Contents(record.id.clone(), held.collect()))
    }

    fn tree(
        &self,
        vault: &Vault,
        record: &SnapshotRecord,
        id: &TargetId,
    ) -> Result<Tree, CommandError> {
        let target = record
            .target(id)
            .ok_or_else(|| CommandError::new(ExitStatus::NotFound, "there is no such archive"))?;
        let listing = open_recorded(vault, record, target)?.into_listing();
        let place = |base: &Base| {
            let root = ArchivePath::new(base.clone(), RelPath::root());
            human::place(&root, self.facts)
        };
        Ok(Tree::new(id.clone(), &leaves(&listing), &place))
    }

    fn found(
        &self,
        id: &SnapshotId,
        target: &TargetId,
        path: Option<&ArchivePath>,
    ) -> Result<diff::Found, CommandError> {
        let words = commands::diff(target, id, path, self.options);
        match Cli::try_parse_from(words).map(|cli| cli.command) {
            Ok(Command::Diff(args)) => diff::find(self.context, &args, self.facts),
            Ok(_) => Err(CommandError::usage("this is no comparison")),
            Err(e) => Err(CommandError::usage(e)),
        }
    }

    fn compare(&self, id: &SnapshotId, target: &TargetId) -> Result<Compared, CommandError> {
        let found = self.found(id, target, None)?;
        let mut only_here = 0;
        let mut fates = std::collections::BTreeMap::new();
        for change in found.changes {
            let of_file = |node: &takeback::diff::Node| node.class.is_some();
            let fate = match &change.change {
                Change::Added => {
                    only_here += u64::from(change.after.as_ref().is_some_and(of_file));
                    continue;
                }
                Change::Removed => Fate::Gone,
                Change::Unknown(_) => Fate::Unknown,
                _ => Fate::Changed,
            };
            fates.insert(change.path, fate);
        }
        Ok((fates, only_here))
    }

    /// What is different in one file, with secrets blanked as `takeback diff` does.
    fn difference(
        &self,
        id: &SnapshotId,
        target: &TargetId,
        path: &ArchivePath,
    ) -> Result<Vec<String>, CommandError> {
        let found = self.found(id, target, Some(path))?;
        let mut lines = Vec::new();
        for (change, inside) in found.changes.iter().zip(&found.differences) {
            if change.path != *path {
                continue;
            }
            lines.push(diff::row(change, self.facts));
            let inside = inside
                .iter()
                .flat_map(|one| difference::lines(one, "", false));
            lines.extend(inside.map(|line| anstream::adapter::strip_str(&line).to_string()));
        }
        Ok(lines)
    }
}
