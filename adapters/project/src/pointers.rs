//! What is inside the JSON files of a project: secrets and absolute paths.

use alloc::string::String;
use takeback_adapter::*;

/// Secrets in Claude Code's settings.
pub(crate) const SETTINGS_SECRETS: &[&str] = &[
    "/env/*",
    "/hooks/*/*/hooks/*/headers/*",
    "/extraKnownMarketplaces/*/source/headers/*",
    "/additionalMarketplaces/*/source/headers/*",
];

/// Absolute paths in Claude Code's settings.
pub(crate) const SETTINGS_PATHS: &[&str] = &[
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

/// Says where a rule's files hold absolute paths.
pub(crate) fn pointing(rule: Rule, pointers: &[&str]) -> Rule {
    pointers.iter().fold(rule, |rule, pointer| {
        rule.with(RuleOption::MachinePath(String::from(*pointer)))
    })
}
