//! What the host must do with each guest. The build fails when this list and
//! `tests/guests/examples` differ, so no guest can lie there untested.

/// How the host must answer a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is an honest adapter and serves.
    Serves,
    /// Its words are accepted, or refused as a whole; raw they may not be shown,
    /// obeyed or written.
    Tamed,
    /// It declines, which is its right; its reason is passed on.
    Declines,
    /// Refused from its bytes, before any of its code runs.
    RefusedUnrun,
    /// What it says in `describe` is refused.
    RefusedIdentity,
    /// What it says in `declare` is refused, naming the rule.
    RefusedDeclaration,
    /// Stopped in `describe`: a trap, the deadline or a limit.
    StoppedInDescribe,
    /// Stopped in `declare`: a trap, the deadline or a limit.
    StoppedInDeclare,
    /// Declares well and is stopped after the restore, which must stand.
    StoppedInHints,
}

use Verdict::{
    Declines, RefusedDeclaration, RefusedIdentity, RefusedUnrun, Serves, StoppedInDeclare,
    StoppedInDescribe, StoppedInHints, Tamed,
};

/// Every guest with its verdict.
pub(crate) const VERDICTS: &[(&str, Verdict)] = &[
    ("absolute-path", RefusedDeclaration),
    ("bad-id", RefusedIdentity),
    ("bad-version", RefusedIdentity),
    ("drive-letter", RefusedDeclaration),
    ("duplicate-rules", RefusedDeclaration),
    ("eats-memory", StoppedInDeclare),
    ("escape-codes", Tamed),
    ("fake-prompt", Tamed),
    ("foreign-import", RefusedUnrun),
    ("grown-tool", Serves),
    ("hints-trap", StoppedInHints),
    ("home-itself", RefusedIdentity),
    ("long-string", StoppedInDescribe),
    ("loops-in-declare", StoppedInDeclare),
    ("loops-in-describe", StoppedInDescribe),
    ("many-rules", StoppedInDeclare),
    ("newer-contract", RefusedUnrun),
    ("newline-path", RefusedDeclaration),
    ("outside-scope", RefusedDeclaration),
    ("parent-path", RefusedDeclaration),
    ("probe-outside", RefusedIdentity),
    ("reads-environment", StoppedInDeclare),
    ("recurses", StoppedInDeclare),
    ("refuses", Declines),
    ("save-elsewhere", Tamed),
    ("shell-startup", RefusedIdentity),
    ("ssh-keys", RefusedIdentity),
    ("std-wasi", Serves),
    ("traps", StoppedInDeclare),
    ("undeclared-variable", RefusedDeclaration),
    ("variable-syntax", RefusedDeclaration),
    ("well-behaved", Serves),
    ("wild-glob", RefusedDeclaration),
    ("wrong-world", RefusedUnrun),
];
