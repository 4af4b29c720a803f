//! The example adapters in other languages, built from source with the toolchains that
//! `tests/run` puts into `.tools`: once for all tests, each of which is a process.

use super::TestEnv;
use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use takeback::model::Digest;

/// A language whose toolchain comes from its own registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    JavaScript,
    Python,
}

impl Language {
    /// The folder of its example below `examples`.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::JavaScript => "adapter-js",
            Self::Python => "adapter-python",
        }
    }

    /// The program of its toolchain.
    fn tool(self) -> PathBuf {
        tools().join(match self {
            Self::JavaScript => "js/node_modules/.bin/componentize-qjs",
            Self::Python => "venv/bin/componentize-py",
        })
    }

    /// Builds as the example's README says, with the toolchain that is there already.
    fn build(self, folder: &Path) -> Command {
        let mut command = match self {
            Self::JavaScript => {
                let modules = folder.join("node_modules");
                if !modules.exists() {
                    symlink(tools().join("js/node_modules"), modules).unwrap();
                }
                let mut npm = Command::new("npm");
                npm.args(["run", "build"]);
                npm
            }
            Self::Python => {
                let mut tool = Command::new(self.tool());
                tool.args(["-d", "../../wit", "-w", "adapter", "componentize"]);
                tool.args(["--stub-wasi", "adapter", "-o", "notepad9.wasm"]);
                tool
            }
        };
        command.current_dir(folder).stdin(Stdio::null());
        command.env("PATH", path_with_tools());
        command
    }
}

/// The folder of the repository that `tests/run` puts toolchains into.
pub(crate) fn tools() -> PathBuf {
    repository().join(".tools")
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// Where programs are found: first among the toolchains, for a node that came with them.
pub(crate) fn path_with_tools() -> OsString {
    let usual = std::env::var_os("PATH").unwrap_or_default();
    let own = tools().join("venv/bin");
    std::env::join_paths([own].into_iter().chain(std::env::split_paths(&usual))).unwrap()
}

/// Fails, never passes, where a toolchain is missing.
#[track_caller]
pub(crate) fn require(language: Language) {
    assert!(
        language.tool().exists(),
        "THE TOOLCHAIN FOR {language:?} IS MISSING, SO ITS ADAPTER IS NOT BUILT AND NOT TESTED: \
         tests/run installs it",
    );
}

/// The component of a language's example: built by whichever test is first, and compiled
/// into the cache that all tests share.
pub(crate) fn component(language: Language) -> PathBuf {
    require(language);
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("authored");
    let folder = place.join("examples").join(language.folder());
    fs::create_dir_all(&folder).unwrap();
    let turn = File::create(place.join(format!("{}.lock", language.folder()))).unwrap();
    turn.lock().unwrap();
    copy(&repository().join("wit"), &place.join("wit"));
    let sources = copy(
        &repository().join("examples").join(language.folder()),
        &folder,
    );
    let kept = place.join(format!("{}-{}.wasm", language.folder(), &sources[..16]));
    if kept.exists() {
        return kept;
    }
    let done = language.build(&folder).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{language:?}: {said}");
    let made = folder.join("notepad9.wasm");
    let ready = made.to_str().unwrap();
    TestEnv::new()
        .run(&["--adapter", ready, "adapter", "list"])
        .exits(0);
    // Compiled code is found by the component's bytes, so the name may change.
    fs::rename(&made, &kept).unwrap();
    kept
}

/// Copies the files of a folder and digests them, with those of the contract.
fn copy(from: &Path, to: &Path) -> String {
    fs::create_dir_all(to).unwrap();
    let mut names: Vec<OsString> = fs::read_dir(from)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name())
        .filter(|name| Path::new(name).extension().is_none_or(|e| e != "wasm"))
        .collect();
    names.sort();
    let mut all = fs::read(repository().join("wit/adapter.wit")).unwrap();
    for name in names {
        let bytes = fs::read(from.join(&name)).unwrap();
        all.extend(&bytes);
        fs::write(to.join(&name), bytes).unwrap();
    }
    Digest::of(&all).to_string()
}
