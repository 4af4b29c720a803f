//! What is where below Claude Code's root, and what it is.

use crate::pointers::*;
use alloc::{format, string::String, vec, vec::Vec};
use takeback_adapter::*;

const CACHES: &[&str] = &[
    // Copies of .claude.json, with its secrets; the last two in the root only
    // where CLAUDE_CONFIG_DIR puts the file there.
    "backups/**",
    ".claude.json.backup*",
    ".claude.json.corrupted.*",
    "cache/**",
    "chrome/**",
    "debug/**",
    "feedback-bundles/**",
    "file-history/**",
    "image-cache/**",
    "local/**",
    "logs/**",
    "session-env/**",
    "shell-snapshots/**",
    "todos/**",
    "uploads/**",
    "usage-data/**",
    "mcp-needs-auth-cache.json",
    "stats-cache.json",
    ".last-*",
    "plugins/synced/**",
    "plugins/blocklist.json",
    "plugins/install-counts-cache.json",
    "plugins/plugin-catalog-cache.json",
    // Skills that the account brings along.
    "skills/synced/**",
];

/// A path below the root, which may be a base directory itself.
pub(crate) fn below(root: &Location, path: &str) -> Location {
    if root.path.is_empty() {
        at(root.base.clone(), path)
    } else {
        at(root.base.clone(), &format!("{}/{path}", root.path))
    }
}

/// All rules; `state` is where `.claude.json` is. What has no place in a backup
/// comes first, so that a wider rule below cannot take it.
pub(crate) fn rules(root: &Location, state: Location) -> Vec<Rule> {
    let mut rules = vec![
        file(
            "credentials",
            below(root, ".credentials.json"),
            Class::Credentials,
        ),
        // Live sessions and the IDE bridge with its token; ids of this installation.
        globs(
            "machine",
            root.clone(),
            &["ide/**", "sessions/**", "statsig/**", "telemetry/**"],
            Class::Machine,
        ),
        globs(
            "managed",
            root.clone(),
            &["policy-limits.json", "remote-settings.json"],
            Class::Managed,
        ),
        globs("caches", root.clone(), CACHES, Class::Cache),
    ];
    rules.extend(configuration(root, state));
    rules.extend(plugins(&below(root, "plugins")));
    rules.extend(memory_and_history(root));
    rules
}

/// What the person wrote, or the tool for the person.
fn configuration(root: &Location, state: Location) -> Vec<Rule> {
    let keys: Vec<String> = PORTABLE_STATE
        .iter()
        .map(|key| String::from(*key))
        .collect();
    let settings = |id, name| {
        let rule = file(id, below(root, name), Class::Settings);
        holding_paths(rule.secrets(CLAUDE_SETTINGS_SECRETS), CLAUDE_SETTINGS_PATHS)
    };
    let state = file("global-state", state, Class::Settings)
        .with(RuleOption::Kind(Kind::Json(keys)))
        .secrets(STATE_SECRETS);
    vec![
        holding_paths(state, STATE_PATHS),
        settings("settings", "settings.json"),
        // Exists when the home directory itself is worked in as a project.
        settings("settings-local", "settings.local.json"),
        globs(
            "customisation",
            root.clone(),
            &["keybindings.json", "themes/**", "output-styles/**"],
            Class::Settings,
        ),
        globs(
            "hooks",
            root.clone(),
            &["hooks/**", "statusline*"],
            Class::Settings,
        ),
        // `CLAUDE.md` and the files beside it that it imports.
        globs(
            "instructions",
            root.clone(),
            &["*.md", "rules/**"],
            Class::Instructions,
        ),
        globs(
            "skills",
            root.clone(),
            &["skills/**", "commands/**", "workflows/**"],
            Class::Skills,
        ),
        tree("agents", below(root, "agents"), Class::Agents),
    ]
}

/// The manifests hold absolute paths: copied to another home they break, or act
/// on somebody else's files. There, the `plugins` adapter makes commands of them.
fn plugins(root: &Location) -> Vec<Rule> {
    let manifest = |id, name| {
        file(id, below(root, name), Class::Plugins).with(RuleOption::Placement(Placement::SameHome))
    };
    let dependencies = &[
        "**/node_modules/**",
        "**/.venv/**",
        "**/venv/**",
        "**/__pycache__/**",
    ];
    vec![
        holding_paths(
            manifest("installed-plugins", "installed_plugins.json"),
            INSTALLED_PATHS,
        ),
        holding_paths(
            manifest("marketplaces", "known_marketplaces.json").secrets(&["/*/source/headers/*"]),
            &["/*/installLocation", "/*/source/path"],
        ),
        file("plugins-config", below(root, "config.json"), Class::Plugins),
        globs(
            "plugin-code",
            root.clone(),
            &["cache/**", "marketplaces/**", "repos/**"],
            Class::CodeCache,
        ),
        globs(
            "plugin-dependencies",
            below(root, "data"),
            dependencies,
            Class::CodeCache,
        ),
        tree("plugin-data", below(root, "data"), Class::History),
    ]
}

/// Memory lies inside the folder of transcripts, so its rule comes before theirs.
fn memory_and_history(root: &Location) -> Vec<Rule> {
    let projects = below(root, "projects");
    let jsonl = || RuleOption::Kind(Kind::Jsonl);
    vec![
        tree("agent-memory", below(root, "agent-memory"), Class::Memory),
        globs(
            "auto-memory",
            projects.clone(),
            &["*/memory/**"],
            Class::Memory,
        ),
        globs(
            "transcripts",
            projects.clone(),
            &["**/*.jsonl"],
            Class::History,
        )
        .with(jsonl()),
        tree("session-files", projects, Class::History),
        file("prompts", below(root, "history.jsonl"), Class::History).with(jsonl()),
        globs(
            "work",
            root.clone(),
            &[
                "paste-cache/**",
                "plans/**",
                "tasks/**",
                "teams/**",
                "jobs/**",
            ],
            Class::History,
        ),
        // Transcripts of the versions before JSONL.
        file("old-transcripts", below(root, "__store.db"), Class::History)
            .with(RuleOption::Kind(Kind::Sqlite)),
    ]
}
