//! Making a recipe: from the pieces of two archives, or from two recipes, one of which
//! leans on what the other makes.

use super::error::ThinError;
use super::read::{ReadAt, read_full};
use super::recipe::{Builder, Recipe, Source};
use crate::model::Digest;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::io::Write;

/// A piece of an archive that can be copied on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Offset in the archive.
    pub at: u64,
    /// Bytes.
    pub length: u32,
    /// The first half of the SHA-256 of these bytes.
    pub digest: [u8; 16],
}

/// Finds the pieces of a whole archive in its base. Whatever is no piece, or is not there,
/// is made of own bytes. Both lists are in the order of their archive.
///
/// # Errors
/// When pieces overlap, reach beyond their archive, or the recipe would become too large.
pub fn match_spans(
    spans: &[Span],
    whole: (Digest, u64),
    base_spans: &[Span],
    base: (Digest, u64),
) -> Result<Recipe, ThinError> {
    let key = |span: &Span| (span.length, span.digest);
    let mut known = HashMap::with_capacity(base_spans.len());
    for (index, span) in base_spans.iter().enumerate() {
        known.entry(key(span)).or_insert(index);
    }
    let mut builder = Builder::default();
    let mut last: Option<usize> = None;
    for span in spans {
        let gap = span.at.checked_sub(builder.at());
        builder.own(gap.ok_or(ThinError::Recipe("pieces overlap"))?);
        // What comes next there as well makes the run before it longer.
        let next = last.map(|last| last + 1);
        let next = next.filter(|next| base_spans.get(*next).map(key) == Some(key(span)));
        last = next.or_else(|| known.get(&key(span)).copied());
        let length = u64::from(span.length);
        match last.and_then(|index| base_spans.get(index)) {
            Some(found) => builder.base(found.at, length),
            None => builder.own(length),
        }
    }
    let rest = whole.1.checked_sub(builder.at());
    builder.own(rest.ok_or(ThinError::Recipe("a piece reaches beyond the archive"))?);
    builder.finish(whole, base)
}

/// The recipe that makes the same whole out of the base's own base.
///
/// # Errors
/// When the two do not lean on one another, or the recipe would become too large.
pub fn rebase(recipe: &Recipe, base: &Recipe) -> Result<Recipe, ThinError> {
    if recipe.base() != base.whole() {
        return Err(ThinError::OtherBase);
    }
    let mut builder = Builder::default();
    for run in recipe.runs() {
        let Source::Base(offset) = run.source else {
            builder.own(run.length);
            continue;
        };
        let (mut at, end) = (offset, offset + run.length);
        let first = base
            .runs()
            .partition_point(|below| below.at + below.length <= at);
        for below in base.runs()[first..]
            .iter()
            .take_while(|below| below.at < end)
        {
            let length = end.min(below.at + below.length) - at;
            match below.source {
                Source::Own(_) => builder.own(length),
                Source::Base(offset) => builder.base(offset + (at - below.at), length),
            }
            at += length;
        }
    }
    builder.finish(recipe.whole(), base.base())
}

/// Writes a recipe and the own bytes it needs, taken from the whole archive. Gives digest
/// and size of what was written.
///
/// # Errors
/// When the whole ends early or `out` cannot be written.
pub fn write_thin(
    recipe: &Recipe,
    whole: &dyn ReadAt,
    out: &mut dyn Write,
) -> Result<(Digest, u64), ThinError> {
    let mut hash = Sha256::new();
    let mut size = 0;
    let mut put = |bytes: &[u8]| {
        hash.update(bytes);
        size += bytes.len() as u64;
        out.write_all(bytes).map_err(ThinError::Write)
    };
    put(recipe.to_text().as_bytes())?;
    let mut buffer = vec![0; 64 << 10];
    let own = |run: &&super::Run| matches!(run.source, Source::Own(_));
    for run in recipe.runs().iter().filter(own) {
        let (mut at, end) = (run.at, run.at + run.length);
        while at < end {
            let left = usize::try_from(end - at).unwrap_or(usize::MAX);
            let part = left.min(buffer.len());
            let got = read_full(whole, &mut buffer[..part], at).map_err(ThinError::Read)?;
            if got < part {
                return Err(ThinError::Recipe(
                    "the archive is shorter than its record says",
                ));
            }
            put(&buffer[..got])?;
            at += got as u64;
        }
    }
    Ok((Digest::from_bytes(hash.finalize().into()), size))
}
