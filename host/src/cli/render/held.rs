//! What is said while a screen has the terminal to itself: kept, for that screen to show.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// `None` while everything is said at once.
static HELD: Mutex<Option<Vec<String>>> = Mutex::new(None);

fn all() -> MutexGuard<'static, Option<Vec<String>>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets everything be said at once again when it goes, or keeps it again.
pub(in crate::cli) struct Until {
    held: bool,
}

impl Drop for Until {
    fn drop(&mut self) {
        *all() = self.held.then(Vec::new);
    }
}

/// From now on what is said is kept, until the value goes.
#[must_use]
pub(in crate::cli) fn hold() -> Until {
    *all() = Some(Vec::new());
    Until { held: false }
}

/// From now on everything is said at once, until the value goes.
#[must_use]
pub(in crate::cli) fn pause() -> Until {
    *all() = None;
    Until { held: true }
}

/// What was kept since this was asked last.
pub(in crate::cli) fn held() -> Vec<String> {
    all().as_mut().map(std::mem::take).unwrap_or_default()
}

/// Keeps a text without its style, if that is done now.
pub(super) fn keep(text: &str) -> bool {
    let mut all = all();
    let Some(kept) = all.as_mut() else {
        return false;
    };
    kept.push(anstream::adapter::strip_str(text).to_string());
    true
}
