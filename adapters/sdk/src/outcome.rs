//! Questions that hints ask of an outcome.

use crate::{Outcome, RuleOutcome};

/// Whether a rule's files were written: created or replaced.
pub fn is_written(entry: &RuleOutcome) -> bool {
    entry.created > 0 || entry.replaced > 0
}

/// Whether any of these rules has files with a fate that the test accepts.
pub fn any(outcome: &Outcome, rules: &[&str], fate: fn(&RuleOutcome) -> bool) -> bool {
    let mut chosen = outcome
        .rules
        .iter()
        .filter(|entry| rules.contains(&entry.rule.as_str()));
    chosen.any(fate)
}

/// Whether the archive was made under another home directory or on another machine.
pub fn elsewhere(outcome: &Outcome) -> bool {
    outcome.home_changed || outcome.machine_changed
}
