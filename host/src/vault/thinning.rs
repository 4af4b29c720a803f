//! Making one archive thin: finding what it has in common with its base, and keeping every
//! chain short.

use super::error::VaultError;
use super::layout::Vault;
use super::record::TargetRecord;
use super::reform::Bench;
use super::upkeep::SpansOf;
use crate::archive::thin::{Recipe, Span, ThinError, match_spans, rebase};
use crate::archive::{Index, Piece};
use crate::model::limits::{THIN_GAIN, THIN_STEPS};
use crate::model::{SnapshotId, TargetId};

/// Makes a plain archive thin. Gives the bytes that are saved; `None` when nothing was done,
/// for it would save too little or cannot be done.
pub(super) fn thin(
    bench: &mut Bench<'_>,
    id: &SnapshotId,
    target: &TargetId,
    base: &SnapshotId,
    spans: SpansOf,
) -> Result<Option<u64>, VaultError> {
    let old = bench.target(id, target)?;
    let under = bench.target(base, target)?;
    if shares_its_file(bench.vault, (id, &old), (base, &under)) {
        return Ok(None);
    }
    let Some((recipe, base)) = recipe(bench, (id, &old), (base, &under), spans) else {
        return Ok(None);
    };
    if saved(&recipe).is_none() || !shorten(bench, id, target)? {
        return Ok(None);
    }
    let height = bench.leaning().height(id, target);
    let Some((recipe, base)) = lower(bench, target, recipe, base, height)? else {
        return Ok(None);
    };
    let Some(saved) = saved(&recipe) else {
        return Ok(None);
    };
    bench.make_thin(id, target, &recipe, &base)?;
    Ok(Some(saved))
}

/// Whether both are one file on the disk: as long as the other stays plain, nothing is
/// saved.
fn shares_its_file(
    vault: &Vault,
    one: (&SnapshotId, &TargetRecord),
    other: (&SnapshotId, &TargetRecord),
) -> bool {
    let inode = |(id, target): (&SnapshotId, &TargetRecord)| vault.inode(id, target);
    let plain_twins = one.1.digest == other.1.digest && other.1.thin().is_none();
    plain_twins && inode(one).is_some_and(|own| inode(other) == Some(own))
}

/// What an archive has in common with another: by their indexes, or because they are the
/// same. Where the other has none, what that one leans on is taken.
fn recipe(
    bench: &Bench<'_>,
    one: (&SnapshotId, &TargetRecord),
    base: (&SnapshotId, &TargetRecord),
    spans: SpansOf,
) -> Option<(Recipe, SnapshotId)> {
    let whole = |target: &TargetRecord| (target.digest, target.size);
    if one.1.digest == base.1.digest {
        let same = Recipe::of_the_same(whole(one.1)).ok()?;
        return Some((same, base.0.clone()));
    }
    if one.1.size <= THIN_GAIN {
        return None;
    }
    let list = |(id, target): (&SnapshotId, &TargetRecord)| {
        let index = bench.vault.index(id, target)?;
        spans(&index)
    };
    let own = list(one)?;
    let mut base = (base.0.clone(), base.1.clone());
    for _ in 0..=THIN_STEPS {
        if let Some(known) = list((&base.0, &base.1)) {
            let recipe = match_spans(&own, whole(one.1), &known, whole(&base.1)).ok()?;
            return Some((recipe, base.0));
        }
        let below = base.1.thin()?.base.clone();
        let target = bench.target(&below, &base.1.target).ok()?;
        base = (below, target);
    }
    None
}

/// The bytes that a thin form saves, if that is worth it: at least a block, and an eighth.
fn saved(recipe: &Recipe) -> Option<u64> {
    let size = recipe.whole().1;
    let stored = recipe.own_bytes() + recipe.to_text().len() as u64;
    let saved = size.checked_sub(stored)?;
    (saved >= THIN_GAIN.max(size / 8)).then_some(saved)
}

/// Goes down the chain that an archive is to lean on until it fits below what leans on the
/// archive itself.
pub(super) fn lower(
    bench: &Bench<'_>,
    target: &TargetId,
    mut recipe: Recipe,
    mut base: SnapshotId,
    height: usize,
) -> Result<Option<(Recipe, SnapshotId)>, VaultError> {
    loop {
        let steps = bench.leaning().steps(&base, target) + 1 + height;
        if steps <= THIN_STEPS {
            return Ok(Some((recipe, base)));
        }
        let under = bench.target(&base, target)?;
        let (Some(below), Some(thin)) = (bench.recipe(&base, target)?, under.thin()) else {
            return Ok(None);
        };
        recipe = rebase(&recipe, &below).map_err(|source| failed(bench, &base, &under, source))?;
        base = thin.base.clone();
    }
}

fn failed(
    bench: &Bench<'_>,
    id: &SnapshotId,
    target: &TargetRecord,
    source: ThinError,
) -> VaultError {
    let file = bench.vault.archive_path(id, target);
    VaultError::Thinning { file, source }
}

/// Makes room for one more step below an archive: where the longest chain that comes down
/// to it is as long as chains may be, its middle is let lean on the archive directly. That
/// link then holds what the links it passes over hold, so it is only done as long as that
/// is less than half of it; otherwise the archive stays plain, and a new chain begins.
fn shorten(bench: &mut Bench<'_>, id: &SnapshotId, target: &TargetId) -> Result<bool, VaultError> {
    while bench.leaning().height(id, target) >= THIN_STEPS {
        let mut at = id.clone();
        let mut recipe: Option<Recipe> = None;
        for _ in 0..=THIN_STEPS / 2 {
            let leaning = bench.leaning();
            let above = leaning.on(&at, target).into_iter();
            let tallest = above.max_by_key(|record| leaning.height(&record.id, target));
            let Some(next) = tallest.map(|record| record.id.clone()) else {
                return Ok(false);
            };
            let Some(step) = bench.recipe(&next, target)? else {
                return Ok(false);
            };
            recipe = Some(match &recipe {
                None => step,
                Some(below) => match rebase(&step, below) {
                    Ok(recipe) => recipe,
                    Err(_) => return Ok(false),
                },
            });
            at = next;
        }
        let Some(recipe) = recipe.filter(|recipe| recipe.own_bytes() <= recipe.whole().1 / 2)
        else {
            return Ok(false);
        };
        bench.make_thin(&at, target, &recipe, id)?;
    }
    Ok(true)
}

/// The pieces that an index lists.
pub(super) fn spans_of_index(index: &[u8]) -> Option<Vec<Span>> {
    let index = Index::parse(index).ok()?;
    let pieces = index.pieces().iter();
    let span = |piece: &Piece| Span {
        at: piece.at,
        length: piece.length,
        digest: piece.digest,
    };
    Some(pieces.map(span).collect())
}
