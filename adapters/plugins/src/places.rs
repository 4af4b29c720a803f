//! Where the manifests are, and what the host must know about them.

use alloc::{format, vec, vec::Vec};
use takeback_adapter::{
    Base, Class, Facts, Location, Placement, Rule, RuleExt, RuleOption, at, file,
};

/// Moves the whole configuration of Claude Code.
pub const CONFIG_DIR: &str = "CLAUDE_CONFIG_DIR";

/// Moves the plugins alone: despite its name it is the directory above the cache.
pub const PLUGIN_DIR: &str = "CLAUDE_CODE_PLUGIN_CACHE_DIR";

/// The rule for the list of installed plugins.
pub const INSTALLED: &str = "installed-plugins";

/// The rule for the list of marketplaces.
pub const KNOWN: &str = "known-marketplaces";

/// The rule for the settings, which say what is switched on.
pub const SETTINGS: &str = "settings";

/// Every place that [`rules`] can name.
pub fn scope() -> Vec<Location> {
    vec![
        at(Base::Home, ".claude/plugins"),
        at(Base::Home, ".claude/settings.json"),
        at(Base::Variable(CONFIG_DIR.into()), "plugins"),
        at(Base::Variable(CONFIG_DIR.into()), "settings.json"),
        at(Base::Variable(PLUGIN_DIR.into()), "installed_plugins.json"),
        at(Base::Variable(PLUGIN_DIR.into()), "known_marketplaces.json"),
    ]
}

/// The three files. Copied to another home, the manifests break Claude Code or act on
/// the old one; there they are only read.
pub fn rules(facts: &Facts) -> Vec<Rule> {
    vec![
        file(
            INSTALLED,
            manifest(facts, "installed_plugins.json"),
            Class::Plugins,
        )
        .with(RuleOption::ReadBack)
        .with(RuleOption::Placement(Placement::SameHome))
        .with(RuleOption::MachinePath("/plugins/*/installPath".into()))
        .with(RuleOption::MachinePath("/plugins/*/*/installPath".into()))
        .with(RuleOption::MachinePath("/plugins/*/*/projectPath".into())),
        file(
            KNOWN,
            manifest(facts, "known_marketplaces.json"),
            Class::Plugins,
        )
        .with(RuleOption::ReadBack)
        .with(RuleOption::Placement(Placement::SameHome))
        .with(RuleOption::MachinePath("/*/installLocation".into()))
        .with(RuleOption::MachinePath("/*/source/path".into()))
        .secrets(&["/*/source/headers/*"]),
        // The `claude` adapter restores the settings; this one only reads them.
        file(
            SETTINGS,
            below_root(facts, "settings.json"),
            Class::Settings,
        )
        .with(RuleOption::ReadBack)
        .with(RuleOption::Placement(Placement::HintsOnly))
        .secrets(&[
            "/env/*",
            "/extraKnownMarketplaces/*/source/headers/*",
            "/additionalMarketplaces/*/source/headers/*",
            "/pluginConfigs/*/mcpServers/*/*",
            "/hooks/*/*/hooks/*/headers/*",
        ]),
    ]
}

fn is_set(facts: &Facts, name: &str) -> bool {
    facts.variables.iter().any(|variable| variable.name == name)
}

fn below_root(facts: &Facts, path: &str) -> Location {
    if is_set(facts, CONFIG_DIR) {
        at(Base::Variable(CONFIG_DIR.into()), path)
    } else {
        at(Base::Home, &format!(".claude/{path}"))
    }
}

fn manifest(facts: &Facts, name: &str) -> Location {
    if is_set(facts, PLUGIN_DIR) {
        at(Base::Variable(PLUGIN_DIR.into()), name)
    } else {
        below_root(facts, &format!("plugins/{name}"))
    }
}
