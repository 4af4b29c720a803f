//! What is inside Claude Code's JSON files: keys that travel, secrets, and absolute
//! paths.

/// Keys of `.claude.json` that make sense elsewhere: the MCP servers of the user
/// and the "global config settings" of the documentation. All else there is
/// account, consent, ids, caches and trust by absolute path.
pub(crate) const PORTABLE_STATE: &[&str] = &[
    "mcpServers",
    "autoConnectIde",
    "autoInstallIdeExtension",
    "copyOnSelect",
    "diffTool",
    "externalEditorContext",
    "permissionExplainerEnabled",
    "teammateDefaultModel",
];

/// Secrets and identities in `.claude.json`. Tokens are given to MCP servers as
/// arguments too, and no pointer can tell those from harmless ones.
pub(crate) const STATE_SECRETS: &[&str] = &[
    "/primaryApiKey",
    "/customApiKeyResponses/*/*",
    "/userID",
    "/machineID",
    "/anonymousId",
    "/oauthAccount/*",
    "/mcpServers/*/env/*",
    "/mcpServers/*/headers/*",
    "/mcpServers/*/args/*",
    "/projects/*/mcpServers/*/env/*",
    "/projects/*/mcpServers/*/headers/*",
    "/projects/*/mcpServers/*/args/*",
];

/// Absolute paths in `.claude.json`; those that are keys of `projects` have no pointer.
pub(crate) const STATE_PATHS: &[&str] = &[
    "/mcpServers/*/command",
    "/mcpServers/*/args/*",
    "/mcpServers/*/env/*",
    "/projects/*/mcpServers/*/command",
    "/projects/*/mcpServers/*/args/*",
    "/projects/*/mcpServers/*/env/*",
];

/// Both versions of `installed_plugins.json`: one object for a plugin, or a list.
pub(crate) const INSTALLED_PATHS: &[&str] = &[
    "/plugins/*/installPath",
    "/plugins/*/*/installPath",
    "/plugins/*/*/projectPath",
];
