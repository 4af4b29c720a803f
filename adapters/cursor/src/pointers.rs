//! What is inside Cursor's JSON files, and how its databases are copied.

use takeback_adapter::*;

/// Secrets in the settings of an editor. Extensions put their keys where they like;
/// these are the usual last words.
pub(crate) const EDITOR_SECRETS: &[&str] = &[
    "/http.proxy",
    "/http.proxyAuthorization",
    "/terminal.integrated.env.linux/*",
    "/terminal.integrated.env.osx/*",
    "/terminal.integrated.env.windows/*",
    "/*.accessToken",
    "/*.apiKey",
    "/*.apiToken",
    "/*.authToken",
    "/*.password",
    "/*.secret",
    "/*.token",
];

/// Absolute paths in the settings of an editor.
pub(crate) const EDITOR_PATHS: &[&str] = &["/terminal.integrated.cwd"];

/// The option for databases.
pub(crate) fn sqlite() -> RuleOption {
    RuleOption::Kind(Kind::Sqlite)
}

/// A list of installed extensions: it names folders by absolute path, so elsewhere
/// it is only read, to say how to install the same extensions again.
pub(crate) fn extension_list(rule: Rule) -> Rule {
    holding_paths(rule, &["/*/location/path"])
        .with(RuleOption::Placement(Placement::SameHome))
        .with(RuleOption::ReadBack)
}
