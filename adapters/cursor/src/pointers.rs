//! What is inside Cursor's JSON files, and how its databases are copied.

use alloc::string::String;
use takeback_adapter::*;

/// Secrets in a list of MCP servers. Tokens are given as arguments too, and no
/// pointer can tell those from harmless ones.
pub(crate) const MCP_SECRETS: &[&str] = &[
    "/mcpServers/*/env/*",
    "/mcpServers/*/headers/*",
    "/mcpServers/*/args/*",
];

/// Absolute paths in a list of MCP servers.
pub(crate) const MCP_PATHS: &[&str] = &[
    "/mcpServers/*/command",
    "/mcpServers/*/args/*",
    "/mcpServers/*/env/*",
    "/mcpServers/*/envFile",
];

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

/// Says where a rule's files hold absolute paths.
pub(crate) fn pointing(rule: Rule, pointers: &[&str]) -> Rule {
    pointers.iter().fold(rule, |rule, pointer| {
        rule.with(RuleOption::MachinePath(String::from(*pointer)))
    })
}

/// The option for databases.
pub(crate) fn sqlite() -> RuleOption {
    RuleOption::Kind(Kind::Sqlite)
}

/// A list of installed extensions: it names folders by absolute path, so elsewhere
/// it is only read, to say how to install the same extensions again.
pub(crate) fn extension_list(rule: Rule) -> Rule {
    pointing(rule, &["/*/location/path"])
        .with(RuleOption::Placement(Placement::SameHome))
        .with(RuleOption::ReadBack)
}
