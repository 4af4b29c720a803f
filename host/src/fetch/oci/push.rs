//! Publishes a package: blobs first, the manifest that names them last.

use super::access::{Access, Credentials, Wish};
use super::manifest::{MANIFEST, Package};
use super::pull::manifest;
use crate::fetch::error::FetchError;
use crate::fetch::http::Client;
use crate::fetch::reference::Reference;
use crate::model::Digest;
use ureq::http::Method;

/// What was published.
pub struct Pushed {
    /// Digest of the manifest: names exactly this package.
    pub manifest: Digest,
    /// Whether it was there already.
    pub known: bool,
}

/// Publishes an adapter under its version. What is published stays what it is: a version
/// that holds something else already is refused.
///
/// # Errors
/// When the registry cannot be reached, does not allow it, or has other content there.
pub fn push(
    client: &Client,
    reference: &Reference,
    package: &Package<'_>,
    credentials: Option<&Credentials>,
) -> Result<Pushed, FetchError> {
    let mut access = Access::new(client, reference, Wish::Push, credentials)?;
    let bytes = package.manifest();
    let digest = Digest::of(&bytes);
    let tag = reference.tag.as_deref().unwrap_or(package.version);
    let path = format!("manifests/{tag}");
    let there = access.get(&path, MANIFEST, false)?;
    if there.status != 404 {
        let (_, found) = manifest(there.ok()?, None)?;
        return if found == digest {
            Ok(Pushed {
                manifest: digest,
                known: true,
            })
        } else {
            Err(FetchError::Taken(reference.to_string()))
        };
    }
    there.done()?;
    for blob in [package.config().as_slice(), package.bytes] {
        send_blob(&mut access, blob)?;
    }
    let to = access.at(&path)?;
    let answer = access
        .send(&Method::PUT, &to, MANIFEST, Some(&bytes))?
        .ok()?;
    let said = answer.header("docker-content-digest").map(str::to_owned);
    if said.is_some_and(|said| said != format!("sha256:{digest}")) {
        return Err(answer.odd("it gives the package another digest"));
    }
    answer.done()?;
    Ok(Pushed {
        manifest: digest,
        known: false,
    })
}

/// Sends a blob that the registry does not have yet.
fn send_blob(access: &mut Access<'_>, bytes: &[u8]) -> Result<(), FetchError> {
    let digest = format!("sha256:{}", Digest::of(bytes));
    let there = access.at(&format!("blobs/{digest}"))?;
    let known = access.send(&Method::HEAD, &there, "application/octet-stream", None)?;
    match known.status {
        404 => {}
        _ => return known.ok().map(|_| ()),
    }
    let begin = access.at("blobs/uploads/")?;
    let kind = "application/octet-stream";
    let answer = access.send(&Method::POST, &begin, kind, Some(&[]))?.ok()?;
    let location = answer.header("location");
    let location = location.ok_or_else(|| answer.odd("it does not say where to send a blob"))?;
    let to = answer.address.join(location)?.with("digest", &digest);
    answer.done()?;
    access
        .send(&Method::PUT, &to, kind, Some(bytes))?
        .ok()?
        .done()
}
