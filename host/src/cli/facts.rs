//! What the host tells the engine about this machine: environment, base directories,
//! the project.

use super::args::ProjectArgs;
use super::error::{CommandError, ExitStatus};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use takeback::model::{HostFacts, Os, OwnPlaces, ShownPath};

/// Takeback's own directories.
#[derive(Clone, Debug)]
pub(super) struct OwnDirs {
    pub(super) config: PathBuf,
    pub(super) state: PathBuf,
    pub(super) cache: PathBuf,
    pub(super) data: PathBuf,
}

/// Gathers the facts; vault and project are added by those who know them.
pub(super) fn gather() -> Result<(HostFacts, OwnDirs), CommandError> {
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    #[cfg(debug_assertions)]
    if let Some(Ok(top)) = environment
        .get("TAKEBACK_TEST_TOP_PROCESS")
        .map(|pid| pid.parse())
    {
        takeback::fs::see_only_below(top);
    }
    let home = environment
        .get("HOME")
        .and_then(|home| HostFacts::clean(Path::new(home)))
        .filter(|home| home.parent().is_some())
        .ok_or_else(|| {
            CommandError::usage("HOME is not set to an absolute directory, so nothing can be found")
        })?;
    // Its real path, so that what links lead to can be compared with it.
    let home = home.canonicalize().unwrap_or(home);
    let base = |name: &str, below: &str| {
        let set = environment
            .get(name)
            .and_then(|dir| HostFacts::clean(Path::new(dir)));
        set.unwrap_or_else(|| home.join(below))
    };
    let (config, data) = (
        base("XDG_CONFIG_HOME", ".config"),
        base("XDG_DATA_HOME", ".local/share"),
    );
    let (state, cache) = (
        base("XDG_STATE_HOME", ".local/state"),
        base("XDG_CACHE_HOME", ".cache"),
    );
    let own = OwnDirs {
        config: config.join("takeback"),
        state: state.join("takeback"),
        cache: cache.join("takeback"),
        data: data.join("takeback"),
    };
    let user = ["USER", "LOGNAME"]
        .iter()
        .find_map(|name| environment.get(*name).cloned());
    let facts = HostFacts {
        os: Os::current(),
        host: rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned(),
        user: user.unwrap_or_else(|| rustix::process::getuid().as_raw().to_string()),
        home,
        config,
        data,
        state,
        project: None,
        environment,
        own: OwnPlaces(vec![
            own.config.clone(),
            own.state.clone(),
            own.cache.clone(),
        ]),
    };
    Ok((facts, own))
}

/// The project directory: the one named, else the nearest above with `.git`, else the
/// current one. Never the home directory or one above it, which is no project.
pub(super) fn project(args: &ProjectArgs, home: &Path) -> Result<Option<PathBuf>, CommandError> {
    if args.no_project {
        return Ok(None);
    }
    let failed = |path: &Path, e: std::io::Error| {
        let path = ShownPath(path);
        CommandError::new(
            ExitStatus::NotFound,
            format!("the project {path} cannot be used: {e}"),
        )
    };
    let real_home = home.canonicalize().unwrap_or_else(|_| home.to_owned());
    let is_home = |path: &Path| real_home.starts_with(path);
    if let Some(named) = &args.project {
        let path = named.canonicalize().map_err(|e| failed(named, e))?;
        if is_home(&path) || !path.is_dir() {
            let path = ShownPath(&path);
            return Err(CommandError::usage(format!(
                "{path} is not a project directory"
            )));
        }
        return Ok(Some(path));
    }
    let Ok(here) = std::env::current_dir() else {
        return Ok(None);
    };
    if is_home(&here) {
        return Ok(None);
    }
    let above = here.ancestors().take_while(|dir| !is_home(dir));
    let repository = above
        .filter(|dir| dir.parent().is_some())
        .find(|dir| dir.join(".git").exists());
    Ok(Some(repository.unwrap_or(&here).to_owned()))
}
