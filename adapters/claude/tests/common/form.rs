//! What the host insists on in every declaration.

use globset::GlobBuilder;
use std::collections::BTreeSet;
use takeback_adapter::*;

/// Asserts what the host will insist on: unique ids, literal paths, nothing outside
/// the scope, globs that can be read.
pub(crate) fn check_form(identity: &Identity, declaration: &Declaration) {
    let mut ids = BTreeSet::new();
    for rule in &declaration.rules {
        let Rule {
            id,
            at,
            take,
            leave,
            ..
        } = rule;
        assert!(ids.insert(id), "{id} is there twice");
        assert!(
            id.len() <= 64
                && id
                    .bytes()
                    .all(|b| b == b'-' || b.is_ascii_lowercase() || b.is_ascii_digit())
        );
        let rootless = matches!(at.base, Base::Project | Base::Variable(_));
        assert!(rootless || !at.path.is_empty(), "{id}: empty path");
        assert!(
            !at.path.contains(['*', '?', '[', '{', '\\']),
            "{id}: {}",
            at.path
        );
        let covered = identity.scope.iter().any(|scope| {
            let below = at.path.strip_prefix(&scope.path);
            let inside = below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            scope.base == at.base && (scope.path.is_empty() || inside)
        });
        assert!(covered, "{id}: outside the scope");
        assert!(
            rule.shape == Shape::Directory || (take.is_empty() && leave.is_empty()),
            "{id}"
        );
        for glob in take.iter().chain(leave) {
            assert!(
                GlobBuilder::new(glob)
                    .literal_separator(true)
                    .build()
                    .is_ok(),
                "{id}: {glob}"
            );
        }
    }
}
