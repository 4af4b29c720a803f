//! Shapes of JSON files that more than one adapter meets, as JSON pointers. Facts, not
//! logic: Claude Code's settings and the common list of MCP servers (Claude Code docs of
//! 2026-08-22, cursor.com/docs; checked 2026-11-21).

/// Secrets in Claude Code's settings files.
pub const CLAUDE_SETTINGS_SECRETS: &[&str] = &[
    "/env/*",
    "/hooks/*/*/hooks/*/headers/*",
    "/extraKnownMarketplaces/*/source/headers/*",
    "/additionalMarketplaces/*/source/headers/*",
];

/// Absolute paths in Claude Code's settings files.
pub const CLAUDE_SETTINGS_PATHS: &[&str] = &[
    "/apiKeyHelper",
    "/statusLine/command",
    "/hooks/*/*/hooks/*/command",
    "/permissions/additionalDirectories/*",
    "/permissions/allow/*",
    "/permissions/ask/*",
    "/permissions/deny/*",
    "/autoMemoryDirectory",
    "/plansDirectory",
    "/env/*",
    "/extraKnownMarketplaces/*/source/path",
    "/additionalMarketplaces/*/source/path",
];

/// Secrets in a list of MCP servers. Tokens are given as arguments too, and no
/// pointer can tell those from harmless ones.
pub const MCP_SECRETS: &[&str] = &[
    "/mcpServers/*/env/*",
    "/mcpServers/*/headers/*",
    "/mcpServers/*/args/*",
];

/// Absolute paths in a list of MCP servers.
pub const MCP_PATHS: &[&str] = &[
    "/mcpServers/*/command",
    "/mcpServers/*/args/*",
    "/mcpServers/*/env/*",
    "/mcpServers/*/envFile",
];
