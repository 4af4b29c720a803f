//! Runs cargo for the wasm target so that the bytes depend on the sources, the lock
//! file and the compiler, and on nothing else of the machine or of the outer cargo.

use anyhow::{Context, Result, ensure};
use std::{
    env,
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The target whose std makes components without further tools.
pub(crate) const TARGET: &str = "wasm32-wasip2";

/// The profile of the workspace for adapters; the guests have one of the same name.
const PROFILE: &str = "adapter";

/// The compiler of this build.
pub(crate) struct Rustc {
    program: OsString,
    /// The first line of `rustc -vV`.
    pub(crate) version: String,
    /// The system it runs on.
    pub(crate) host: String,
    commit: String,
}

impl Rustc {
    /// Asks the compiler that cargo chose for this build.
    pub(crate) fn of_this_build() -> Result<Self> {
        let program = env::var_os("RUSTC").context("cargo sets RUSTC")?;
        let text = output(Command::new(&program).arg("-vV"))?;
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.map(|value| value.trim().to_owned())
                .unwrap_or_default()
        };
        Ok(Self {
            version: text.lines().next().unwrap_or_default().to_owned(),
            host: field("host:"),
            commit: field("commit-hash:"),
            program,
        })
    }

    /// Where the standard library for [`TARGET`] is, if it is installed.
    pub(crate) fn wasm_libraries(&self) -> Result<PathBuf> {
        self.print("target-libdir", &["--target", TARGET])
    }

    fn print(&self, what: &str, more: &[&str]) -> Result<PathBuf> {
        let text = output(
            Command::new(&self.program)
                .args(["--print", what])
                .args(more),
        )?;
        Ok(text.trim().into())
    }

    /// Flags that give the two places from which paths can reach panic messages the
    /// same name everywhere. Our own sources are named relative to the workspace.
    fn flags(&self) -> Result<String> {
        let registry = cargo_home()?.join("registry").join("src");
        let library = self.print("sysroot", &[])?.join("lib/rustlib/src/rust");
        let remap = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
        let library = remap(&library, &format!("/rustc/{}", self.commit));
        // Cargo separates encoded flags with this character, so spaces are harmless.
        Ok([remap(&registry, "/registry"), library].join("\u{1f}"))
    }
}

/// Whether a folder holds a standard library.
pub(crate) fn has_core(libraries: &Path) -> bool {
    let Ok(mut files) = fs::read_dir(libraries) else {
        return false;
    };
    files.any(|file| {
        file.is_ok_and(|file| file.file_name().to_string_lossy().starts_with("libcore-"))
    })
}

/// Cargo, for one target directory.
pub(crate) struct Cargo {
    program: OsString,
    target_dir: PathBuf,
    flags: String,
}

impl Cargo {
    /// The cargo that runs this build script.
    pub(crate) fn new(target_dir: &Path) -> Result<Self> {
        Ok(Self {
            program: env::var_os("CARGO").context("cargo sets CARGO")?,
            target_dir: target_dir.to_owned(),
            flags: Rustc::of_this_build()?.flags()?,
        })
    }

    /// Builds one built-in adapter. The crate type is given here because cargo leaves
    /// out LTO when a crate is also an `rlib`, as adapters are for their own tests;
    /// without LTO a component is half as big again and holds paths of this machine.
    pub(crate) fn adapter(&self, root: &Path, id: &str) -> Result<PathBuf> {
        let package = format!("takeback-adapter-{id}");
        self.run(
            root,
            "rustc",
            &["--lib", "--crate-type", "cdylib", "--package", &package],
        )?;
        Ok(self
            .made()
            .join(format!("takeback_adapter_{}.wasm", id.replace('-', "_"))))
    }

    /// Builds all guests and returns the folder they are in.
    pub(crate) fn guests(&self, folder: &Path) -> Result<PathBuf> {
        self.run(folder, "build", &["--examples"])?;
        Ok(self.made().join("examples"))
    }

    /// Builds them for the contract that is not published, into the same folder.
    pub(crate) fn next_guests(&self, folder: &Path) -> Result<PathBuf> {
        let feature = ["--examples", "--features", "next-contract"];
        self.run(folder, "build", &feature)?;
        Ok(self.made().join("examples"))
    }

    /// Builds the example as its README says, except for the profile's name: under
    /// `release` cargo would compile the macros' dependencies a second time.
    pub(crate) fn example(&self, folder: &Path, name: &str) -> Result<PathBuf> {
        let profile = format!("profile.{PROFILE}.inherits=\"release\"");
        self.run(folder, "build", &["--config", &profile])?;
        Ok(self.made().join(format!("{name}.wasm")))
    }

    /// The same example as a module, before the linker would make a component of it.
    pub(crate) fn module(&self, folder: &Path, name: &str) -> Result<PathBuf> {
        let profile = format!("profile.{PROFILE}.inherits=\"release\"");
        let skip = ["--", "-Clink-arg=--skip-wit-component"];
        self.run(folder, "rustc", &["--config", &profile, skip[0], skip[1]])?;
        Ok(self.made().join(format!("{name}.wasm")))
    }

    fn made(&self) -> PathBuf {
        self.target_dir.join(TARGET).join(PROFILE)
    }

    fn run(&self, folder: &Path, subcommand: &str, more: &[&str]) -> Result<()> {
        let mut command = Command::new(&self.program);
        command.current_dir(folder).arg(subcommand).arg("--locked");
        command.args(["--profile", PROFILE, "--target", TARGET, "--target-dir"]);
        command.arg(&self.target_dir).args(more);
        for (name, _) in env::vars_os().filter(|(name, _)| !may_pass(name)) {
            command.env_remove(name);
        }
        // Also silences flags from configuration files: the variable goes first.
        command.env("CARGO_ENCODED_RUSTFLAGS", &self.flags);
        let status = command.status().context("cannot run cargo")?;
        let more = more.join(" ");
        ensure!(
            status.success(),
            "`cargo {subcommand} {more}` failed in {folder:?}"
        );
        Ok(())
    }
}

/// Whether a variable may reach the inner cargo. Of the variables that steer cargo
/// and rustc only those pass that say where crates come from and how many jobs may
/// run: the outer cargo's profile, flags and wrappers (clippy, coverage) must not.
fn may_pass(name: &OsStr) -> bool {
    const STEERING: [&str; 8] = [
        "RUSTFLAGS",
        "RUSTDOCFLAGS",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTC_LINKER",
        "RUSTC_BOOTSTRAP",
        "LLVM_PROFILE_FILE",
        "CLIPPY_ARGS",
    ];
    const HARMLESS: [&str; 7] = [
        "CARGO_HOME",
        "CARGO_HTTP_",
        "CARGO_MAKEFLAGS",
        "CARGO_NET_",
        "CARGO_REGISTR",
        "CARGO_SOURCE_",
        "CARGO_TERM_",
    ];
    let name = name.to_string_lossy();
    let harmless = HARMLESS.iter().any(|start| name.starts_with(start));
    harmless || !(name.starts_with("CARGO") || STEERING.contains(&name.as_ref()))
}

fn cargo_home() -> Result<PathBuf> {
    let usual = || env::home_dir().map(|home| home.join(".cargo"));
    env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(usual)
        .context("no home directory")
}

fn output(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("cannot run {command:?}"))?;
    ensure!(output.status.success(), "{command:?} failed: {output:?}");
    String::from_utf8(output.stdout).context("the answer is not text")
}
