//! The editor's own folder, laid out as VS Code's.

use crate::pointers::*;
use alloc::{vec, vec::Vec};
use takeback_adapter::*;

const APP_CACHES: &[&str] = &[
    "Cache/**",
    "CachedData/**",
    "CachedExtensionVSIXs/**",
    "CachedExtensions/**",
    "CachedProfilesData/**",
    "Code Cache/**",
    "Crashpad/**",
    "DawnGraphiteCache/**",
    "DawnWebGPUCache/**",
    "GPUCache/**",
    "logs/**",
    // Old versions of edited files.
    "User/History/**",
];

/// All its rules; `app` makes a place of a path below it.
pub(crate) fn rules(app: &dyn Fn(&str) -> Location) -> Vec<Rule> {
    let settings = |rule: Rule| holding_paths(rule.secrets(EDITOR_SECRETS), EDITOR_PATHS);
    let mut rules = vec![
        globs(
            "editor-machine",
            app(""),
            &[
                "machineid",
                "code.lock",
                "Singleton*",
                "User/globalStorage/storage.json",
            ],
            Class::Machine,
        ),
        globs("editor-caches", app(""), APP_CACHES, Class::Cache),
        settings(file("settings", app("User/settings.json"), Class::Settings)),
        globs(
            "customisation",
            app("User"),
            &["keybindings.json", "tasks.json", "snippets/**"],
            Class::Settings,
        ),
        extension_list(globs(
            "profile-extensions",
            app("User/profiles"),
            &["*/extensions.json"],
            Class::Plugins,
        )),
        settings(globs(
            "profiles",
            app("User/profiles"),
            &[
                "*/settings.json",
                "*/keybindings.json",
                "*/tasks.json",
                "*/snippets/**",
            ],
            Class::Settings,
        )),
        holding_paths(
            globs(
                "extension-settings",
                app("User/globalStorage"),
                &["*/settings/**"],
                Class::Settings,
            )
            .secrets(MCP_SECRETS),
            MCP_PATHS,
        ),
    ];
    rules.extend(editor_state(app));
    rules
}

/// Sign-in, chats and window state. Tokens are in plain text in `state.vscdb`.
fn editor_state(app: &dyn Fn(&str) -> Location) -> Vec<Rule> {
    // A folder's name is a hash of path and file number: it means nothing elsewhere.
    let workspaces = |id, take| {
        globs(id, app("User/workspaceStorage"), take, Class::History)
            .with(RuleOption::Placement(Placement::SameHome))
    };
    let database = app("User/globalStorage/state.vscdb");
    // Written in one go when the editor is closed, so copying it is enough.
    let spare = app("User/globalStorage/state.vscdb.backup");
    vec![
        file("state-db", database, Class::Credentials).with(sqlite()),
        file("state-db-spare", spare, Class::Credentials),
        // The browser in the editor keeps this database locked while it runs: it
        // cannot be asked for a copy.
        globs(
            "cookies",
            app(""),
            &["Cookies", "Network/Cookies"],
            Class::Credentials,
        ),
        workspaces("workspace-dbs", &["*/state.vscdb"]).with(sqlite()),
        workspaces("workspaces", &["*/workspace.json", "*/state.vscdb.backup"]),
    ]
}
