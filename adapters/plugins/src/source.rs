//! Where a marketplace comes from: turns a `source` record into the argument of
//! `marketplace add`, or says why a person must add it.
//!
//! Nothing of a refused source is ever repeated: it may hold a password.

use crate::names::{is_argument, is_reserved};
use alloc::{format, string::String};
use serde_json::{Map, Value};

/// Longest repository address that becomes a command.
const MAX_URL: usize = 400;

/// Longest branch or tag that becomes a command.
const MAX_REF: usize = 100;

/// Where a marketplace repository keeps its list unless its record says otherwise.
const DEFAULT_PATH: &str = ".claude-plugin/marketplace.json";

/// Hosts that `marketplace add` knows to be git without a `.git` at the end.
const GIT_HOSTS: [&str; 2] = ["github.com", "gitlab.com"];

/// Why a marketplace must be added by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByHand {
    /// The command could not tell a repository from a list.
    AmbiguousUrl,
    /// There is no usable source record.
    BadSource,
    /// The address holds a user name or password.
    CredentialsInUrl,
    /// The list is not where the command looks for it.
    CustomPath,
    /// The address is not encrypted.
    InsecureUrl,
    /// The branch or tag is not one that may stand in a command.
    InvalidRef,
    /// The repository is not `owner/name`.
    InvalidRepo,
    /// The address is not one that may stand in a command.
    InvalidUrl,
    /// It is a folder or file of the old machine.
    LocalPath,
    /// The name is Anthropic's, the source is not.
    ReservedName,
    /// It needs HTTP headers, which are secret.
    SecretHeaders,
    /// No file says where it comes from.
    UnknownMarketplace,
    /// No command adds this kind of source.
    UnsupportedSource,
}

impl ByHand {
    /// The reason's short name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AmbiguousUrl => "ambiguous-url",
            Self::BadSource => "bad-source",
            Self::CredentialsInUrl => "credentials-in-url",
            Self::CustomPath => "custom-path",
            Self::InsecureUrl => "insecure-url",
            Self::InvalidRef => "invalid-ref",
            Self::InvalidRepo => "invalid-repo",
            Self::InvalidUrl => "invalid-url",
            Self::LocalPath => "local-path",
            Self::ReservedName => "reserved-name",
            Self::SecretHeaders => "secret-headers",
            Self::UnknownMarketplace => "unknown-marketplace",
            Self::UnsupportedSource => "unsupported-source",
        }
    }
}

/// Turns one marketplace record into the argument that adds it again.
pub fn argument(name: &str, record: &Map<String, Value>) -> Result<String, ByHand> {
    let source = record.get("source").and_then(Value::as_object);
    // Before anything else: whatever the source is, it must not pass for Anthropic's.
    if is_reserved(name) && !source.is_some_and(is_anthropic) {
        return Err(ByHand::ReservedName);
    }
    let source = source.ok_or(ByHand::BadSource)?;
    let argument = match text(source, "source").ok_or(ByHand::BadSource)? {
        "github" => github(source),
        "git" => git(source),
        "url" => list(source),
        "file" | "directory" => Err(ByHand::LocalPath),
        _ => Err(ByHand::UnsupportedSource),
    }?;
    if is_argument(&argument) {
        Ok(argument)
    } else {
        Err(ByHand::InvalidUrl)
    }
}

/// The folder or file that a local marketplace was, for a sentence to the person.
pub fn local_path(record: &Map<String, Value>) -> Option<&str> {
    text(record.get("source")?.as_object()?, "path")
}

fn text<'a>(source: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    source.get(key).and_then(Value::as_str)
}

/// A field that is there; JSON `null` is not.
fn present<'a>(source: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    source.get(key).filter(|value| !value.is_null())
}

fn is_anthropic(source: &Map<String, Value>) -> bool {
    let owner = match text(source, "source") {
        Some("github") => text(source, "repo"),
        Some("git") => text(source, "url").and_then(|url| {
            [
                "https://github.com/",
                "git@github.com:",
                "ssh://git@github.com/",
            ]
            .into_iter()
            .find_map(|prefix| url.strip_prefix(prefix))
        }),
        _ => None,
    };
    owner.is_some_and(|repo| repo.starts_with("anthropics/"))
}

fn github(source: &Map<String, Value>) -> Result<String, ByHand> {
    let repo = text(source, "repo")
        .filter(|repo| is_repo(repo))
        .ok_or(ByHand::InvalidRepo)?;
    with_ref(source, repo, '@')
}

fn git(source: &Map<String, Value>) -> Result<String, ByHand> {
    let url = printable(source)?;
    match split_scheme(url)? {
        Scheme::Https { host, path } => repository(host, path)?,
        Scheme::Ssh => {}
    }
    with_ref(source, url, '#')
}

fn list(source: &Map<String, Value>) -> Result<String, ByHand> {
    let empty = |headers: &Value| headers.as_object().is_some_and(Map::is_empty);
    if present(source, "headers").is_some_and(|headers| !empty(headers)) {
        return Err(ByHand::SecretHeaders);
    }
    let url = printable(source)?;
    match split_scheme(url)? {
        // The command would clone it instead of reading it.
        Scheme::Https { host, path } if is_git(host, path) => Err(ByHand::AmbiguousUrl),
        Scheme::Https { .. } => Ok(url.into()),
        Scheme::Ssh => Err(ByHand::InvalidUrl),
    }
}

/// Appends the branch or tag; refuses a list that is not in the default place.
fn with_ref(source: &Map<String, Value>, target: &str, mark: char) -> Result<String, ByHand> {
    let argument = match present(source, "ref") {
        None => target.into(),
        Some(Value::String(name)) if is_ref(name) => format!("{target}{mark}{name}"),
        Some(_) => return Err(ByHand::InvalidRef),
    };
    match present(source, "path") {
        None => Ok(argument),
        Some(Value::String(path)) if path == DEFAULT_PATH => Ok(argument),
        Some(_) => Err(ByHand::CustomPath),
    }
}

fn is_repo(repo: &str) -> bool {
    let Some((owner, name)) = repo.split_once('/') else {
        return false;
    };
    (1..=39).contains(&owner.len())
        && owner.starts_with(|c: char| c.is_ascii_alphanumeric())
        && owner
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
        && (1..=100).contains(&name.len())
        && is_component(name)
}

/// The part of git's rules for names that also holds in a command line.
fn is_ref(name: &str) -> bool {
    let component = |part: &str| {
        is_component(part) && !part.starts_with(['.', '-']) && !part.ends_with(".lock")
    };
    name.len() <= MAX_REF
        && !name.as_bytes().windows(2).any(|pair| pair == b"..")
        && !name.ends_with('.')
        && name.split('/').all(component)
}

/// One step of a path that cannot lead elsewhere and needs no quoting.
fn is_component(part: &str) -> bool {
    !part.is_empty()
        && part != "."
        && part != ".."
        && part
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._~-".contains(&b))
}

fn printable(source: &Map<String, Value>) -> Result<&str, ByHand> {
    text(source, "url")
        .filter(|url| url.len() <= MAX_URL && url.bytes().all(|b| b.is_ascii_graphic()))
        .ok_or(ByHand::InvalidUrl)
}

/// What kind of address it is, once it has been checked.
enum Scheme<'a> {
    Https { host: &'a str, path: &'a str },
    Ssh,
}

fn split_scheme(url: &str) -> Result<Scheme<'_>, ByHand> {
    if let Some(rest) = url.strip_prefix("https://") {
        let (host, path) = https(rest)?;
        return Ok(Scheme::Https { host, path });
    }
    if ["http://", "git://"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
    {
        return Err(ByHand::InsecureUrl);
    }
    match url.strip_prefix("ssh://") {
        Some(rest) => ssh(rest)?,
        None => scp(url)?,
    }
    Ok(Scheme::Ssh)
}

fn https(rest: &str) -> Result<(&str, &str), ByHand> {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(ByHand::CredentialsInUrl);
    }
    let (host, path) = rest.split_once('/').ok_or(ByHand::InvalidUrl)?;
    if is_host_port(host) && path.split('/').all(is_component) {
        Ok((host, path))
    } else {
        Err(ByHand::InvalidUrl)
    }
}

/// `user@host:port/path`, where user and port may be missing but no password stands.
fn ssh(rest: &str) -> Result<(), ByHand> {
    let (authority, path) = rest.split_once('/').ok_or(ByHand::InvalidUrl)?;
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    if user.is_some_and(|user| user.contains(':')) {
        return Err(ByHand::CredentialsInUrl);
    }
    let good = user.is_none_or(is_user) && is_host_port(host) && path.split('/').all(is_component);
    if good {
        Ok(())
    } else {
        Err(ByHand::InvalidUrl)
    }
}

/// `user@host:path`, the way git lets people write it.
fn scp(url: &str) -> Result<(), ByHand> {
    let (user, rest) = url.split_once('@').ok_or(ByHand::InvalidUrl)?;
    let (host, path) = rest.split_once(':').ok_or(ByHand::InvalidUrl)?;
    let path = path.strip_prefix('/').unwrap_or(path);
    let good = is_user(user) && is_host(host) && path.split('/').all(is_component);
    if good {
        Ok(())
    } else {
        Err(ByHand::InvalidUrl)
    }
}

fn is_user(user: &str) -> bool {
    user.len() <= 64
        && user.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && user
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// A host that no program takes for an option.
fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    host.len() <= 253 && host.split('.').all(label)
}

fn is_host_port(text: &str) -> bool {
    match text.split_once(':') {
        Some((host, port)) => is_host(host) && port.parse::<u16>().is_ok_and(|port| port > 0),
        None => is_host(text),
    }
}

/// Whether `marketplace add` would clone this https address.
fn is_git(host: &str, path: &str) -> bool {
    GIT_HOSTS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(host))
        || path.ends_with(".git")
        || is_azure(path)
}

/// Azure DevOps puts its repositories below `_git` and knows no `.git` at the end.
fn is_azure(path: &str) -> bool {
    path.split('/').any(|part| part == "_git")
}

fn repository(host: &str, path: &str) -> Result<(), ByHand> {
    if is_git(host, path) && !(is_azure(path) && path.ends_with(".git")) {
        Ok(())
    } else {
        Err(ByHand::AmbiguousUrl)
    }
}
