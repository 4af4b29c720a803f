//! What a restore changes inside the files it replaces.

use super::plan::{Action, PlannedAction};
use super::prepare::Prepared;
use crate::diff::{Difference, Subject, Unseen, compare};
use crate::model::{ArchivePath, Rule};
use std::collections::BTreeMap;
use std::io::Read;

impl Prepared {
    /// For every file that would be replaced, how the new content differs from the live one;
    /// files larger than `most` bytes are not looked into. `own` are the rules of the adapter
    /// that is here: an archive may come from somebody who does not call secrets by their name.
    pub fn find_differences(&mut self, own: &[Rule], most: u64) {
        let found: BTreeMap<ArchivePath, Difference> = self
            .plan
            .actions
            .iter()
            .filter_map(|planned| {
                Some((planned.path.clone(), self.difference(planned, own, most)?))
            })
            .collect();
        self.plan.differences = found;
    }

    fn difference(&self, planned: &PlannedAction, own: &[Rule], most: u64) -> Option<Difference> {
        let (Action::Replace(staged, live) | Action::Merge(staged, live)) = &planned.action else {
            return None;
        };
        if staged.size.max(live.size) > most {
            return Some(Difference::unseen(Unseen::Large));
        }
        let unreadable = || Difference::unseen(Unseen::Unreadable("it cannot be read".to_owned()));
        let live = planned.place.as_ref().and_then(|place| {
            let (file, _) = place.anchor.file(&place.rel).ok()?;
            let mut content = Vec::new();
            // It may have grown since it was looked at: one byte more tells.
            file.take(most + 1).read_to_end(&mut content).ok()?;
            (content.len() as u64 <= most).then_some(content)
        });
        let Some((live, staged)) = live.zip(self.staged.content(&planned.path, most)) else {
            return Some(unreadable());
        };
        let archived = self.listing.manifest.declaration.rules.as_slice();
        let subject = Subject::new(&planned.path, &[archived, own]);
        Some(compare(&subject, &live, &staged))
    }
}
