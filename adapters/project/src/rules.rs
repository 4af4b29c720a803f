//! What is where in a project. Every glob begins with `**`, because packages of a
//! project have files of their own (`apps/web/.claude/skills`).

use alloc::{format, vec, vec::Vec};
use takeback_adapter::*;

/// Folders that are never looked into, wherever they are.
const NEVER: &[&str] = &[
    "**/{.git,.hg,.svn,node_modules,__pycache__}",
    "**/{.venv,.tox,.direnv,.cache,.next,.gradle}",
    // Whole checkouts of the project.
    "**/{.claude,.cursor}/worktrees",
];

/// Folders that are not looked into either, unless they are the name of a skill,
/// agent or rule: `.claude/skills/build` is the person's work.
const BUILT: &str = "{target,vendor,dist,build,venv}";

/// How deep `BUILT` is looked for.
const DEPTH: usize = 8;

/// Templates that go into a repository. Only the names in use: a `.env.*` that is
/// not listed here is taken for a real one.
const ENV_TEMPLATES: &str = "**/.env.{example,sample,template,dist}";

/// A rule for the whole project, without the folders that are not looked into.
fn everywhere(id: &str, take: &[&str], class: Class) -> Rule {
    let mut rule = globs(id, at(Base::Project, ""), take, class).except(NEVER);
    // `**/build` would also drop a skill of that name. So the way to such a folder
    // is spelled out, and may not lead through a folder that begins with a dot.
    rule.leave
        .extend((0..DEPTH).map(|depth| format!("{}{BUILT}", "[!.]*/".repeat(depth))));
    rule
}

/// All rules.
pub(crate) fn rules() -> Vec<Rule> {
    let mut rules = vec![
        tree(
            "worktrees",
            at(Base::Project, ".claude/worktrees"),
            Class::Cache,
        ),
        // First, so that no other rule takes a secret along, not even from a skill.
        env(),
        holding_paths(
            everywhere(
                "settings",
                &["**/.claude/settings.json", "**/.claude/settings.local.json"],
                Class::Settings,
            )
            .secrets(CLAUDE_SETTINGS_SECRETS),
            CLAUDE_SETTINGS_PATHS,
        ),
        holding_paths(
            everywhere(
                "mcp",
                &["**/.mcp.json", "**/.cursor/mcp.json"],
                Class::Settings,
            )
            .secrets(MCP_SECRETS),
            MCP_PATHS,
        ),
    ];
    rules.extend(by_class());
    rules
}

fn env() -> Rule {
    let mut rule = everywhere("env", &["**/.env", "**/.env.*", "**/.envrc"], Class::Env);
    rule.leave.push(ENV_TEMPLATES.into());
    rule
}

fn by_class() -> Vec<Rule> {
    vec![
        everywhere(
            "skills",
            &[
                "**/.{claude,cursor,agents,codex}/skills/**",
                "**/.{claude,cursor}/commands/**",
                "**/.claude/workflows/**",
            ],
            Class::Skills,
        ),
        everywhere("agents", &["**/.{claude,cursor}/agents/**"], Class::Agents),
        everywhere(
            "memory",
            &[
                "**/.claude/agent-memory/**",
                "**/.claude/agent-memory-local/**",
            ],
            Class::Memory,
        ),
        everywhere(
            "tool-settings",
            &[
                "**/.claude/output-styles/**",
                "**/.{claude,cursor}/hooks/**",
                "**/.cursor/{cli,environment,hooks,permissions,worktrees}.json",
                ".worktreeinclude",
                "**/.{cursorignore,cursorindexingignore}",
            ],
            Class::Settings,
        ),
        everywhere(
            "instructions",
            &[
                "**/{CLAUDE,CLAUDE.local,AGENTS}.md",
                "**/.{claude,cursor}/rules/**",
                "**/.cursorrules",
            ],
            Class::Instructions,
        ),
    ]
}
