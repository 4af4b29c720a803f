//! How much of each class there is.

use takeback::archive::Listing;
use takeback::model::{Class, EntryKind};

/// Files of a class, and their bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClassTotal {
    pub(super) class: Class,
    pub(super) files: u64,
    pub(super) bytes: u64,
}

/// The classes of a listing, in the order of reports.
pub(super) fn by_class(listing: &Listing) -> Vec<ClassTotal> {
    let mut totals = Class::ALL.map(|class| ClassTotal {
        class,
        files: 0,
        bytes: 0,
    });
    for entry in listing.entries.values() {
        if entry.kind == EntryKind::Directory {
            continue;
        }
        let class = listing.rule_for(&entry.path).map(|rule| rule.class);
        let total = totals.iter_mut().find(|total| Some(total.class) == class);
        if let Some(total) = total {
            total.files += 1;
            total.bytes += entry.size();
        }
    }
    totals.into_iter().filter(|total| total.files > 0).collect()
}
