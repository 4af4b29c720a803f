//! The gates between an adapter's sources and its committed component, and `dist`,
//! which writes what they check.
//!
//! Gate 1 needs no wasm toolchain and runs in every test run: it alone stops a
//! component that is a version behind its sources. Gate 2 compares the committed
//! bytes with freshly built ones, where the toolchain is the recorded one.

use crate::{
    ADAPTERS, BUILT, NOT_BUILT, imports,
    lock::{Entry, Lock, Toolchain, dist_folder, sha256},
    sources::{adapter_ids, source_hash},
};
use anyhow::{Context, Result, ensure};
use std::{fmt, fs, path::Path};

/// How to make the gates pass again.
const REMEDY: &str = "run `cargo run -p takeback-artifacts -- dist` and commit adapters/dist";

/// What a gate found.
#[derive(Debug, Default)]
pub struct Report {
    /// What was checked and is right.
    pub passed: Vec<String>,
    /// What is wrong.
    pub failed: Vec<String>,
    /// What could not be checked here, in capitals.
    pub not_run: Vec<String>,
}

impl Report {
    /// Whether nothing is wrong. What was not run does not count as wrong.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.failed.is_empty()
    }

    fn check(&mut self, right: bool, claim: &str, otherwise: String) {
        if right {
            self.passed.push(claim.to_owned());
        } else {
            self.failed.push(otherwise);
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = |word: &str, list: &[String]| {
            list.iter()
                .try_for_each(|line| writeln!(f, "{word:<8}{line}"))
        };
        lines("ok", &self.passed)?;
        lines("NOT RUN", &self.not_run)?;
        lines("FAILED", &self.failed)
    }
}

/// Compares lock, sources and committed components, and reads the components' imports.
///
/// # Errors
/// If the repository cannot be read; what does not fit together is in the report.
pub fn gate1(root: &Path) -> Result<Report> {
    let mut report = Report::default();
    let lock = match Lock::read(root) {
        Ok(lock) => lock,
        Err(error) => {
            report.failed.push(format!("{error:#}; {REMEDY}"));
            return Ok(report);
        }
    };
    for id in adapter_ids(root)? {
        match lock.adapters.iter().find(|entry| entry.id == id) {
            Some(entry) => check_entry(root, entry, &mut report)?,
            None => report
                .failed
                .push(format!("{id}: not in the lock; {REMEDY}")),
        }
    }
    check_strays(root, &lock, &mut report)?;
    Ok(report)
}

fn check_entry(root: &Path, entry: &Entry, report: &mut Report) -> Result<()> {
    let id = &entry.id;
    let current = source_hash(root, id)? == entry.sources;
    let stale = format!("{id}: the committed component is older than its sources; {REMEDY}");
    report.check(current, &format!("{id}: sources as locked"), stale);

    let Ok(bytes) = fs::read(dist_folder(root).join(format!("{id}.wasm"))) else {
        report.failed.push(format!(
            "{id}: there is no readable adapters/dist/{id}.wasm; {REMEDY}"
        ));
        return Ok(());
    };
    let same = sha256(&bytes) == entry.sha256 && bytes.len() as u64 == entry.size;
    let other = format!("{id}: adapters/dist/{id}.wasm is not the locked component; {REMEDY}");
    report.check(same, &format!("{id}: component as locked"), other);

    match imports(&bytes) {
        Ok(names) => report.check(
            names.is_empty(),
            &format!("{id}: imports nothing"),
            format!(
                "{id}: imports {}, but a built-in may import nothing",
                names.join(", ")
            ),
        ),
        Err(error) => report.failed.push(format!("{id}: {error:#}")),
    }
    Ok(())
}

/// Nothing may lie beside the locked components, and no lock entry be without sources.
fn check_strays(root: &Path, lock: &Lock, report: &mut Report) -> Result<()> {
    let ids = adapter_ids(root)?;
    for entry in lock
        .adapters
        .iter()
        .filter(|entry| !ids.contains(&entry.id))
    {
        report.failed.push(format!(
            "{}: in the lock, but not in adapters/; {REMEDY}",
            entry.id
        ));
    }
    let folder = dist_folder(root);
    for file in fs::read_dir(&folder).with_context(|| format!("cannot list {folder:?}"))? {
        let name = file?.file_name().to_string_lossy().into_owned();
        let known = |entry: &Entry| name.strip_suffix(".wasm") == Some(entry.id.as_str());
        if name.ends_with(".wasm") && !lock.adapters.iter().any(known) {
            report.failed.push(format!(
                "adapters/dist/{name} is not in the lock; delete it"
            ));
        }
    }
    Ok(())
}

/// Compares the committed components with freshly built ones, bit for bit.
///
/// # Errors
/// If lock or components cannot be read.
pub fn gate2(root: &Path) -> Result<Report> {
    let mut report = Report::default();
    if !BUILT {
        report.not_run.push(format!(
            "NO COMPONENT WAS COMPARED WITH ITS SOURCES. {NOT_BUILT}"
        ));
        return Ok(report);
    }
    let lock = Lock::read(root)?;
    let here = Toolchain::of_this_build();
    let comparable = lock.toolchain == here;
    if !comparable {
        report.not_run.push(format!(
            "BYTES OF THE COMPONENTS WERE NOT COMPARED: THEY WERE MADE WITH ANOTHER TOOLCHAIN \
             ({}), THIS IS {here}",
            lock.toolchain
        ));
    }
    for (id, path, sources) in ADAPTERS {
        if source_hash(root, id)? != **sources {
            report.failed.push(format!(
                "{id}: sources changed since the build; build again"
            ));
            continue;
        }
        let fresh = sha256(&fs::read(path).with_context(|| format!("cannot read {path}"))?);
        let same = lock
            .adapters
            .iter()
            .any(|entry| entry.id == *id && entry.sha256 == fresh);
        let word = if same { "the same" } else { "other" };
        match comparable {
            true => report.check(
                same,
                &format!("{id}: rebuilt bit for bit"),
                format!("{id}: rebuilt as {fresh}, which is not what is committed; {REMEDY}"),
            ),
            false => report
                .passed
                .push(format!("{id}: rebuilt with {word} bytes, for information")),
        }
    }
    Ok(report)
}

/// Copies the fresh components to `adapters/dist` and writes the lock; returns a line
/// on each.
///
/// # Errors
/// If nothing was built, if the sources changed since the build, if a component
/// imports something, or if a file cannot be written.
pub fn dist(root: &Path) -> Result<Vec<String>> {
    ensure!(BUILT, NOT_BUILT);
    let mut lines = Vec::new();
    let mut lock = Lock {
        toolchain: Toolchain::of_this_build(),
        adapters: Vec::new(),
    };
    let mut components = Vec::new();
    for (id, path, sources) in ADAPTERS {
        let current = source_hash(root, id)? == **sources;
        ensure!(
            current,
            "{id}: sources changed since the build; build again"
        );
        let bytes = fs::read(path).with_context(|| format!("cannot read {path}"))?;
        let names = imports(&bytes).with_context(|| format!("{id} is no component"))?;
        ensure!(names.is_empty(), "{id} imports {}", names.join(", "));
        let (sha256, size) = (sha256(&bytes), bytes.len() as u64);
        lines.push(format!("{id:<12}{size:>8} bytes  {sha256}"));
        lock.adapters.push(Entry {
            id: (*id).into(),
            sha256,
            size,
            sources: (*sources).into(),
        });
        components.push((id, bytes));
    }
    // Written only when all are known to be good.
    let folder = dist_folder(root);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {folder:?}"))?;
    for (id, bytes) in components {
        let path = folder.join(format!("{id}.wasm"));
        fs::write(&path, bytes).with_context(|| format!("cannot write {path:?}"))?;
    }
    lock.write(root)?;
    Ok(lines)
}
