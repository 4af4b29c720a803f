//! What an adapter's component is made from, as one hash. With it a committed
//! component can be seen to be out of date without any wasm toolchain.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use toml::{Table, Value};

/// The built-in adapters: the packages below `adapters/` other than the SDK.
pub(crate) fn adapter_ids(root: &Path) -> Result<Vec<String>> {
    let folder = root.join("adapters");
    let mut ids = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot list {folder:?}"))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != "sdk" && entry.path().join("Cargo.toml").is_file() {
            ids.push(name);
        }
    }
    ids.sort();
    Ok(ids)
}

/// The hash of everything in the repository that decides an adapter's bytes: its
/// sources, the SDK, the contract, the versions of the crates it is built with, and
/// the workspace's settings for it. The rest of `Cargo.lock` and `Cargo.toml` stays
/// out, or every new dependency of the program would make all adapters stale.
pub(crate) fn source_hash(root: &Path, id: &str) -> Result<String> {
    let mut parts = files(root, id)?;
    let crates = Crates::read(root)?;
    let used = crates.reachable(&format!("takeback-adapter-{id}"))?;
    for krate in &used {
        parts.insert(
            format!("Cargo.lock {} {}", krate.name, krate.version),
            krate.text.clone(),
        );
    }
    parts.insert("Cargo.toml".into(), settings(root, &used)?.into_bytes());

    let mut hash = Sha256::new();
    for (name, bytes) in parts {
        // With its length before it, no part can pass for the end of another.
        for piece in [name.as_bytes(), &bytes] {
            hash.update((piece.len() as u64).to_le_bytes());
            hash.update(piece);
        }
    }
    Ok(hex(&hash.finalize()))
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The files that count, by their path in the repository.
fn files(root: &Path, id: &str) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut paths = Vec::new();
    for folder in [root.join("adapters").join(id), root.join("adapters/sdk")] {
        paths.push(folder.join("Cargo.toml"));
        walk(&folder.join("src"), &mut paths)?;
    }
    let mut contract = Vec::new();
    walk(&root.join("wit"), &mut contract)?;
    paths.extend(
        contract
            .into_iter()
            .filter(|path| path.extension().is_some_and(|e| e == "wit")),
    );

    let mut files = BTreeMap::new();
    for path in paths {
        let bytes = fs::read(&path).with_context(|| format!("cannot read {path:?}"))?;
        let parts = path
            .strip_prefix(root)?
            .iter()
            .map(|part| part.to_string_lossy());
        files.insert(parts.collect::<Vec<_>>().join("/"), bytes);
    }
    Ok(files)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {folder:?}"))? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// A package of `Cargo.lock`.
struct Crate {
    name: String,
    version: String,
    local: bool,
    /// Each as `name`, `name version` or `name version (source)`.
    dependencies: Vec<String>,
    /// What the lock says about it, in one line.
    text: Vec<u8>,
}

struct Crates(Vec<Crate>);

impl Crates {
    fn read(root: &Path) -> Result<Self> {
        let lock = table(&root.join("Cargo.lock"))?;
        let packages = lock
            .get("package")
            .and_then(Value::as_array)
            .context("no packages")?;
        Ok(Self(packages.iter().map(Crate::new).collect()))
    }

    /// A package and all that it needs, to be built or to be tested: the lock does
    /// not tell these apart.
    fn reachable(&self, name: &str) -> Result<Vec<&Crate>> {
        let mut open = vec![self.0.iter().position(|it| it.name == name)];
        let mut found = BTreeSet::new();
        while let Some(index) = open.pop() {
            let index = index.with_context(|| format!("{name} is not in Cargo.lock as a whole"))?;
            if found.insert(index) {
                open.extend(
                    self.0[index]
                        .dependencies
                        .iter()
                        .map(|line| self.find(line)),
                );
            }
        }
        Ok(found.into_iter().map(|index| &self.0[index]).collect())
    }

    fn find(&self, dependency: &str) -> Option<usize> {
        let mut words = dependency.split(' ');
        let (name, version) = (words.next()?, words.next());
        let fits =
            |it: &Crate| it.name == name && version.is_none_or(|wanted| it.version == wanted);
        self.0.iter().position(fits)
    }
}

impl Crate {
    fn new(package: &Value) -> Self {
        let text = |key: &str| package.get(key).and_then(Value::as_str).unwrap_or("");
        let list = package.get("dependencies").and_then(Value::as_array);
        let names = list
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(String::from);
        let dependencies: Vec<String> = names.collect();
        let facts = [text("source"), text("checksum"), &dependencies.join(",")].join("\n");
        Self {
            name: text("name").into(),
            version: text("version").into(),
            local: text("source").is_empty(),
            dependencies,
            text: facts.into_bytes(),
        }
    }
}

/// What the workspace's manifest says about adapters: the profile and what it
/// inherits, what every package inherits, and how their direct dependencies are used.
fn settings(root: &Path, used: &[&Crate]) -> Result<String> {
    let manifest = Value::Table(table(&root.join("Cargo.toml"))?);
    let get = |path: &[&str]| path.iter().try_fold(&manifest, |value, key| value.get(key));
    let mut text = String::new();
    for path in [
        ["profile", "adapter"],
        ["profile", "release"],
        ["workspace", "package"],
    ] {
        canonical(&path.join("."), get(&path), &mut text);
    }
    let direct = used
        .iter()
        .filter(|it| it.local)
        .flat_map(|it| &it.dependencies);
    let names: BTreeSet<&str> = direct.filter_map(|line| line.split(' ').next()).collect();
    for name in names {
        canonical(name, get(&["workspace", "dependencies", name]), &mut text);
    }
    Ok(text)
}

/// One line for each value, sorted by key: the order in the file does not matter.
fn canonical(name: &str, value: Option<&Value>, text: &mut String) {
    match value {
        None => {}
        Some(Value::Table(table)) => {
            let sorted: BTreeMap<_, _> = table.iter().collect();
            for (key, value) in sorted {
                canonical(&format!("{name}.{key}"), Some(value), text);
            }
        }
        Some(value) => {
            text.push_str(&format!("{name} = {value}\n"));
        }
    }
}

fn table(path: &Path) -> Result<Table> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {path:?}"))?;
    text.parse()
        .with_context(|| format!("{path:?} is not TOML"))
}
