//! Who somebody is in a registry: what `docker login` and its kin wrote down. Programs
//! that keep passwords are not asked, for nothing here starts a program.

use super::super::config::read_text;
use super::super::context::Context;
use super::super::error::CommandError;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use takeback::fetch::Credentials;
use takeback::model::ShownPath;

#[derive(Deserialize)]
struct DockerConfig {
    #[serde(default)]
    auths: BTreeMap<String, Auth>,
}

#[derive(Deserialize)]
struct Auth {
    auth: Option<String>,
}

/// Name and password for a registry, if they are written down.
pub(super) fn credentials(
    context: &Context,
    registry: &str,
) -> Result<Option<Credentials>, CommandError> {
    let dir = std::env::var_os("DOCKER_CONFIG").filter(|dir| !dir.is_empty());
    let dir = dir.map_or_else(|| context.facts.home.join(".docker"), PathBuf::from);
    let path = dir.join("config.json");
    let Some(text) = read_text(&path)? else {
        return Ok(None);
    };
    // What is wrong with it is not said: the text beside the fault may be a password.
    let config: DockerConfig = serde_json::from_str(&text).map_err(|_| {
        let path = ShownPath(&path);
        CommandError::usage(format!("{path} is not what `docker login` writes"))
    })?;
    let host = |key: &str| {
        let key = key.strip_prefix("https://").unwrap_or(key);
        let key = key.split('/').next().unwrap_or_default();
        key.eq_ignore_ascii_case(registry)
    };
    let known = config.auths.iter().find(|(key, _)| host(key));
    let auth = known.and_then(|(_, auth)| auth.auth.as_deref());
    Ok(auth.and_then(Credentials::from_auth))
}
