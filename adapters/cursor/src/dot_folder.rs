//! `~/.cursor`, shared by the editor and the command line.

use crate::pointers::*;
use alloc::{vec, vec::Vec};
use takeback_adapter::*;

/// All its rules; `dot` makes a place of a path below it.
pub(crate) fn rules(dot: &dyn Fn(&str) -> Location) -> Vec<Rule> {
    let mut rules = vec![
        globs(
            "machine",
            dot(""),
            &["ide_state.json", "projects/*/mcp-approvals.json"],
            Class::Machine,
        ),
        globs(
            "caches",
            dot(""),
            &[
                "agent-cli-state.json",
                "extensions/.obsolete",
                "projects/*/terminals/**",
                "skills-cursor/**",
                "worktrees/**",
            ],
            Class::Cache,
        ),
        holding_paths(
            file("mcp", dot("mcp.json"), Class::Settings).secrets(MCP_SECRETS),
            MCP_PATHS,
        ),
        holding_paths(
            file("hooks-settings", dot("hooks.json"), Class::Settings),
            &["/hooks/*/*/command"],
        ),
        tree("hooks", dot("hooks"), Class::Settings),
        file("permissions", dot("permissions.json"), Class::Settings),
        file("argv", dot("argv.json"), Class::Settings).secrets(&["/crash-reporter-id"]),
        tree("rules", dot("rules"), Class::Instructions),
        tree("skills", dot("skills"), Class::Skills),
        tree("commands", dot("commands"), Class::Skills),
        tree("agents", dot("agents"), Class::Agents),
        extension_list(file(
            "extensions",
            dot("extensions/extensions.json"),
            Class::Plugins,
        )),
        // Built for one system.
        globs(
            "extension-code",
            dot("extensions"),
            &["*/**"],
            Class::CodeCache,
        )
        .with(RuleOption::Placement(Placement::SameHome)),
        // Written by the person, not fetched from anywhere.
        tree("local-plugins", dot("plugins/local"), Class::Plugins),
        tree("plugin-code", dot("plugins"), Class::CodeCache),
        tree("plans", dot("plans"), Class::History),
        globs(
            "transcripts",
            dot("projects"),
            &["*/agent-transcripts/**/*.jsonl"],
            Class::History,
        )
        .with(RuleOption::Kind(Kind::Jsonl)),
        globs(
            "transcript-files",
            dot("projects"),
            &["*/agent-transcripts/**"],
            Class::History,
        ),
        globs(
            "tracking-dbs",
            dot("ai-tracking"),
            &["*.db"],
            Class::History,
        )
        .with(sqlite()),
    ];
    rules.extend(command_line("cli", &dot("")));
    rules
}

/// What the command line keeps in `~/.cursor`, or in `~/.config/cursor` on systems
/// with XDG folders.
pub(crate) fn command_line(prefix: &str, root: &Location) -> Vec<Rule> {
    let id = |name: &str| alloc::format!("{prefix}-{name}");
    let path = |name: &str| crate::below(root, name);
    vec![
        file(&id("auth"), path("auth.json"), Class::Credentials),
        file(&id("config"), path("cli-config.json"), Class::Settings).secrets(&["/authInfo/*"]),
        globs(
            &id("chats"),
            path("chats"),
            &["*/*/store.db"],
            Class::History,
        )
        .with(sqlite()),
        file(&id("prompts"), path("prompt_history.json"), Class::History),
    ]
}
