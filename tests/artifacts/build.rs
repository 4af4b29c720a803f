//! Builds every component that the tests need, with the cargo that builds this: the
//! built-in adapters, the guests of the sandbox tests, and the example adapter.
#![expect(clippy::print_stderr, reason = "how a build script says why it failed")]

#[path = "build/wasm.rs"]
mod wasm;

// Shared with the library, so that both mean the same by a source and by a verdict.
#[path = "src/sources.rs"]
mod sources;
#[path = "src/verdict.rs"]
#[expect(
    unreachable_pub,
    reason = "public in the library, which is what it is written for"
)]
mod verdict;

use anyhow::{Context, Result, bail, ensure};
use std::{
    collections::BTreeSet,
    env,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};
use wasm::{Cargo, Rustc};

/// What a change of makes a rebuild necessary. Folders are named one by one, because
/// `target` folders of people who build by hand may lie beside them.
const INPUTS: [&str; 15] = [
    "Cargo.lock",
    "Cargo.toml",
    "wit",
    "adapters/sdk",
    "tests/guests/Cargo.lock",
    "tests/guests/Cargo.toml",
    "tests/guests/build.rs",
    "tests/guests/examples",
    "tests/guests/src",
    "tests/contract",
    "examples/adapter-rust/Cargo.lock",
    "examples/adapter-rust/Cargo.toml",
    "examples/adapter-rust/src",
    "tests/artifacts/build",
    "tests/artifacts/src/verdict.rs",
];

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        // By hand, because a backtrace would bury it.
        Err(error) => {
            eprintln!("\ntakeback-artifacts: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<()> {
    let root = repository()?;
    let out = PathBuf::from(env::var_os("OUT_DIR").context("cargo sets OUT_DIR")?);
    let adapters = sources::adapter_ids(&root)?;
    let guests = classified_guests(&root)?;
    watch(&root, &adapters);

    let rustc = Rustc::of_this_build()?;
    let components = out.join("components");
    let built = can_build(&rustc)? && !only_lints();
    if built {
        build_all(&root, &out, &components, &adapters, &guests)?;
    }
    let table = table(&root, &rustc, built, &components, &adapters, &guests)?;
    fs::write(out.join("built.rs"), table).context("cannot write the table of components")
}

/// Whether the wasm target is there; otherwise says what to do about it.
fn can_build(rustc: &Rustc) -> Result<bool> {
    let libraries = rustc.wasm_libraries()?;
    // While it is missing cargo looks again at each build, so adding the target is enough.
    println!("cargo::rerun-if-changed={}", libraries.display());
    let can = wasm::has_core(&libraries);
    if !can {
        println!(
            "cargo::warning=COMPONENTS WERE NOT REBUILT: THIS RUST HAS NO {} TARGET. Tests that \
             need components cannot run. To have them: rustup target add {0}",
            wasm::TARGET
        );
    }
    Ok(can)
}

/// Whether this is a run of clippy. Nothing it compiles is ever run, and cargo keeps
/// it apart from real builds, so it can do without a minute of compiling components.
fn only_lints() -> bool {
    let wrapper = env::var_os("RUSTC_WORKSPACE_WRAPPER").map(PathBuf::from);
    wrapper.is_some_and(|path| path.file_stem().is_some_and(|stem| stem == "clippy-driver"))
}

/// The folder of the whole repository, two above this package.
fn repository() -> Result<PathBuf> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").context("no manifest directory")?);
    here.ancestors()
        .nth(2)
        .map(Path::to_path_buf)
        .context("tests/artifacts has no grandparent")
}

/// The guests in their folder, all of which must have a verdict, and no others.
fn classified_guests(root: &Path) -> Result<BTreeSet<String>> {
    let folder = root.join("tests/guests/examples");
    let mut guests = BTreeSet::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot list {folder:?}"))? {
        let path = entry?.path();
        let name = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .context("odd guest name")?;
        guests.insert(name.to_owned());
    }
    let known: BTreeSet<String> = verdict::VERDICTS
        .iter()
        .map(|(name, _)| (*name).into())
        .collect();
    let odd: Vec<_> = guests.symmetric_difference(&known).collect();
    ensure!(
        odd.is_empty(),
        "every guest must stand in tests/guests/examples and have a verdict in \
         tests/artifacts/src/verdict.rs; only in one of the two: {odd:?}"
    );
    Ok(guests)
}

fn watch(root: &Path, adapters: &[String]) {
    let own = adapters.iter().flat_map(|id| {
        [
            format!("adapters/{id}/Cargo.toml"),
            format!("adapters/{id}/src"),
        ]
    });
    for input in INPUTS.into_iter().map(String::from).chain(own) {
        println!("cargo::rerun-if-changed={}", root.join(input).display());
    }
}

/// Builds everything into one target directory, so that the macros' many
/// dependencies are compiled once: all three use the profile `adapter`.
fn build_all(
    root: &Path,
    out: &Path,
    components: &Path,
    adapters: &[String],
    guests: &BTreeSet<String>,
) -> Result<()> {
    let cargo = Cargo::new(&out.join("wasm"))?;
    for id in adapters {
        let made = cargo.adapter(root, id)?;
        keep(
            &made,
            &components.join("adapters").join(format!("{id}.wasm")),
        )?;
    }
    let folder = root.join("tests/guests");
    keep_guests(&cargo.guests(&folder)?, &components.join("guests"), guests)?;
    let next = components.join("next-guests");
    keep_guests(&cargo.next_guests(&folder)?, &next, guests)?;
    let module = cargo.module(&root.join("examples/adapter-rust"), "notepad9_adapter")?;
    keep(&module, &components.join("examples/notepad9-module.wasm"))?;
    let made = cargo.example(&root.join("examples/adapter-rust"), "notepad9_adapter")?;
    keep(&made, &components.join("examples/notepad9.wasm"))
}

fn keep_guests(made: &Path, kept: &Path, guests: &BTreeSet<String>) -> Result<()> {
    for name in guests {
        let file = made.join(format!("{}.wasm", name.replace('-', "_")));
        keep(&file, &kept.join(format!("{name}.wasm")))
            .with_context(|| format!("is {name} an [[example]] of tests/guests/Cargo.toml?"))?;
    }
    Ok(())
}

fn keep(made: &Path, kept: &Path) -> Result<()> {
    let Some(folder) = kept.parent() else {
        bail!("{kept:?} has no parent")
    };
    fs::create_dir_all(folder).with_context(|| format!("cannot make {folder:?}"))?;
    fs::copy(made, kept).with_context(|| format!("cannot copy {made:?} to {kept:?}"))?;
    Ok(())
}

/// The Rust source that tells the library what was built and where it is.
fn table(
    root: &Path,
    rustc: &Rustc,
    built: bool,
    components: &Path,
    adapters: &[String],
    guests: &BTreeSet<String>,
) -> Result<String> {
    let mut text = format!("const BUILT: bool = {built};\n");
    writeln!(text, "const RUSTC: &str = {:?};", rustc.version)?;
    writeln!(text, "const HOST: &str = {:?};", rustc.host)?;
    writeln!(text, "const TARGET: &str = {:?};", wasm::TARGET)?;
    writeln!(text, "const ADAPTERS: &[(&str, &str, &str)] = &[")?;
    for id in adapters {
        let path = components.join("adapters").join(format!("{id}.wasm"));
        writeln!(
            text,
            "    ({id:?}, {path:?}, {:?}),",
            sources::source_hash(root, id)?
        )?;
    }
    for (list, folder) in [("GUESTS", "guests"), ("NEXT_GUESTS", "next-guests")] {
        writeln!(text, "];\nconst {list}: &[(&str, &str)] = &[")?;
        for name in guests {
            let path = components.join(folder).join(format!("{name}.wasm"));
            writeln!(text, "    ({name:?}, {path:?}),")?;
        }
    }
    let example = components.join("examples/notepad9.wasm");
    writeln!(text, "];\nconst EXAMPLE_RUST: &str = {example:?};")?;
    let module = components.join("examples/notepad9-module.wasm");
    writeln!(text, "const EXAMPLE_MODULE: &str = {module:?};")?;
    Ok(text)
}
