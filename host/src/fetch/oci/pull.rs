//! Fetches a package: its manifest, then its one layer.

use super::access::{Access, Credentials, Wish};
use super::manifest::{Layer, MANIFEST};
use crate::fetch::error::FetchError;
use crate::fetch::http::{Answer, Client};
use crate::fetch::reference::Reference;
use crate::model::Digest;
use crate::model::limits::REGISTRY_MANIFEST_BYTES;

/// An adapter that came from a registry.
pub struct Pulled {
    /// The adapter.
    pub bytes: Vec<u8>,
    /// Digest of the manifest: names exactly this package.
    pub manifest: Digest,
}

/// Fetches the adapter a reference names.
///
/// # Errors
/// When the registry cannot be reached, does not have it, or gives anything but the one
/// layer that the manifest's digest and the layer's digest name.
pub fn pull(
    client: &Client,
    reference: &Reference,
    credentials: Option<&Credentials>,
) -> Result<Pulled, FetchError> {
    let Some(version) = reference.version() else {
        return Err(FetchError::Reference {
            text: reference.to_string(),
            why: "it names neither a version (:1.0.0) nor a digest (@sha256:...)",
        });
    };
    let mut access = Access::new(client, reference, Wish::Pull, credentials)?;
    let answer = access.get(&format!("manifests/{version}"), MANIFEST, false)?;
    let (bytes, manifest) = manifest(answer.ok()?, reference.digest)?;
    let odd = |why: String| FetchError::Odd {
        address: reference.to_string(),
        why,
    };
    let layer = Layer::of(&bytes).map_err(odd)?;
    // Its digest is known: it does not matter which server gives it.
    let path = format!("blobs/sha256:{}", layer.digest);
    let answer = access.get(&path, "*/*", true)?.ok()?;
    let bytes = answer.read(layer.size)?;
    let found = Digest::of(&bytes);
    if found != layer.digest {
        return Err(FetchError::Digest {
            address: format!("the layer of {reference}"),
            expected: layer.digest,
            found,
        });
    }
    if !layer.is_what_it_says(&bytes) {
        let why = "its layer is not what its media type says";
        return Err(odd(why.to_owned()));
    }
    Ok(Pulled { bytes, manifest })
}

/// The manifest in an answer, which must have the digest that was asked for and the one
/// the registry gives it.
pub(super) fn manifest(
    answer: Answer,
    asked: Option<Digest>,
) -> Result<(Vec<u8>, Digest), FetchError> {
    let address = answer.address.to_string();
    let said = answer.header("docker-content-digest");
    let said = said.and_then(|digest| digest.strip_prefix("sha256:"));
    let said = said.and_then(Digest::from_hex);
    let bytes = answer.read(REGISTRY_MANIFEST_BYTES)?;
    let found = Digest::of(&bytes);
    match [asked, said]
        .into_iter()
        .flatten()
        .find(|one| *one != found)
    {
        Some(expected) => Err(FetchError::Digest {
            address,
            expected,
            found,
        }),
        None => Ok((bytes, found)),
    }
}
