//! The recipe: canonical text, so that there is one way only to write the same thing.
//!
//! ```text
//! takeback-thin 1
//! whole <sha256> <size>
//! base <sha256> <size>
//! own <length>
//! base <offset> <length>
//! ...
//! <empty line>
//! <own bytes, one run after the other>
//! ```

use super::THIN_FORM;
use super::error::ThinError;
use crate::model::Digest;
use crate::model::limits::{THIN_RECIPE_BYTES, THIN_RUNS};
use std::fmt::Write as _;

const MAGIC: &str = "takeback-thin";

/// Where the bytes of a run are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Among the thin archive's own bytes, at this offset of them.
    Own(u64),
    /// In the base, at this offset.
    Base(u64),
}

/// Bytes of the whole archive that come from one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Offset in the whole archive.
    pub at: u64,
    /// Bytes.
    pub length: u64,
    /// Where they are.
    pub source: Source,
}

/// How a whole archive is put together from own bytes and those of its base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    whole: (Digest, u64),
    base: (Digest, u64),
    runs: Vec<Run>,
    own: u64,
}

/// Joins runs one after the other into a recipe.
#[derive(Default)]
pub(super) struct Builder {
    runs: Vec<Run>,
    at: u64,
    own: u64,
}

impl Builder {
    /// Adds bytes of its own.
    pub(super) fn own(&mut self, length: u64) {
        let source = Source::Own(self.own);
        self.own = self.own.saturating_add(length);
        self.push(length, source);
    }

    /// Adds bytes of the base.
    pub(super) fn base(&mut self, offset: u64, length: u64) {
        self.push(length, Source::Base(offset));
    }

    /// Offset in the whole that comes next.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    fn push(&mut self, length: u64, source: Source) {
        if length == 0 {
            return;
        }
        let at = self.at;
        self.at = at.saturating_add(length);
        match self.runs.last_mut() {
            Some(last) if last.leads_to(source) => last.length += length,
            _ => self.runs.push(Run { at, length, source }),
        }
    }

    /// The recipe.
    ///
    /// # Errors
    /// When it would be larger than a reader takes, or does not make the whole.
    pub(super) fn finish(
        self,
        whole: (Digest, u64),
        base: (Digest, u64),
    ) -> Result<Recipe, ThinError> {
        let Self { runs, at, own } = self;
        if runs.len() > THIN_RUNS {
            return Err(ThinError::Recipe("it has too many runs"));
        }
        if at != whole.1 {
            return Err(ThinError::Recipe("its runs are not as long as the whole"));
        }
        let inside = |run: &Run| match run.source {
            Source::Own(_) => true,
            Source::Base(offset) => offset
                .checked_add(run.length)
                .is_some_and(|end| end <= base.1),
        };
        if !runs.iter().all(inside) {
            return Err(ThinError::Recipe("a run reaches beyond the base"));
        }
        Ok(Recipe {
            whole,
            base,
            runs,
            own,
        })
    }
}

impl Run {
    /// Whether bytes from there would only make this run longer.
    fn leads_to(&self, next: Source) -> bool {
        match (self.source, next) {
            (Source::Own(_), Source::Own(_)) => true,
            (Source::Base(offset), Source::Base(next)) => offset + self.length == next,
            _ => false,
        }
    }
}

impl Recipe {
    /// The recipe of an archive that is the same as its base.
    ///
    /// # Errors
    /// Never for an archive that exists.
    pub fn of_the_same(archive: (Digest, u64)) -> Result<Self, ThinError> {
        let mut builder = Builder::default();
        builder.base(0, archive.1);
        builder.finish(archive, archive)
    }

    /// Digest and size of the archive it makes.
    #[must_use]
    pub fn whole(&self) -> (Digest, u64) {
        self.whole
    }

    /// Digest and size of its base, as a plain archive.
    #[must_use]
    pub fn base(&self) -> (Digest, u64) {
        self.base
    }

    /// The runs, in the order of the whole, without gaps.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// How many own bytes follow the recipe.
    #[must_use]
    pub fn own_bytes(&self) -> u64 {
        self.own
    }

    /// The text, the empty line included.
    #[must_use]
    pub fn to_text(&self) -> String {
        let ((whole, size), (base, base_size)) = (self.whole, self.base);
        let mut text =
            format!("{MAGIC} {THIN_FORM}\nwhole {whole} {size}\nbase {base} {base_size}\n");
        for run in &self.runs {
            // Writing to a String cannot fail.
            let _ = match run.source {
                Source::Own(_) => writeln!(text, "own {}", run.length),
                Source::Base(offset) => writeln!(text, "base {offset} {}", run.length),
            };
        }
        text.push('\n');
        text
    }

    /// Reads the text that `bytes` begin with; gives the offset behind it, too.
    ///
    /// # Errors
    /// When it breaks the grammar, is not written as `to_text` would, or does not fit
    /// together.
    pub fn parse(bytes: &[u8]) -> Result<(Self, usize), ThinError> {
        let mut lines = Lines {
            bytes,
            at: 0,
            line: 0,
        };
        lines.magic()?;
        let whole = lines.archive("whole")?;
        let base = lines.archive("base")?;
        let mut builder = Builder::default();
        loop {
            let words = lines.next()?;
            let before = builder.runs.len();
            match words.as_slice() {
                [""] => break,
                ["own", length] => {
                    let length = lines.length(length)?;
                    lines.room(builder.at, length)?;
                    builder.own(length);
                }
                ["base", offset, length] => {
                    let (offset, length) = (lines.number(offset)?, lines.length(length)?);
                    lines.room(builder.at, length)?;
                    lines.room(offset, length)?;
                    builder.base(offset, length);
                }
                _ => return Err(lines.bad("it is no run")),
            }
            if builder.runs.len() == before {
                return Err(lines.bad("it only goes on with the run before"));
            }
            if builder.runs.len() > THIN_RUNS {
                return Err(lines.bad("there are too many runs"));
            }
        }
        let end = lines.at;
        Ok((builder.finish(whole, base)?, end))
    }
}

/// The lines of a recipe, taken one by one.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn bad(&self, why: &'static str) -> ThinError {
        let line = self.line;
        ThinError::Line { line, why }
    }

    fn next(&mut self) -> Result<Vec<&'a str>, ThinError> {
        self.line += 1;
        let most = usize::try_from(THIN_RECIPE_BYTES).unwrap_or(usize::MAX);
        let rest = &self.bytes[self.at..];
        // The longest line is far shorter; what has no end for so long has none.
        let end = rest.iter().take(256).position(|byte| *byte == b'\n');
        let end = end.ok_or_else(|| self.bad("it is cut short or too long"))?;
        self.at += end + 1;
        if self.at > most {
            return Err(self.bad("the recipe is too long"));
        }
        let line = std::str::from_utf8(&rest[..end]).map_err(|_| self.bad("it is no text"))?;
        Ok(line.split(' ').collect())
    }

    fn magic(&mut self) -> Result<(), ThinError> {
        let words = self.next()?;
        let [MAGIC, form] = words.as_slice() else {
            return Err(self.bad("it does not begin like a thin archive"));
        };
        match self.number(form)? {
            found if found == u64::from(THIN_FORM) => Ok(()),
            found => Err(ThinError::Newer {
                found,
                known: THIN_FORM,
            }),
        }
    }

    fn archive(&mut self, word: &str) -> Result<(Digest, u64), ThinError> {
        let words = self.next()?;
        match words.as_slice() {
            [first, digest, size] if *first == word => {
                let digest = Digest::from_hex(digest);
                let digest = digest.ok_or_else(|| self.bad("its digest is malformed"))?;
                Ok((digest, self.number(size)?))
            }
            _ => Err(self.bad("it is not the line that belongs there")),
        }
    }

    /// A number as it is written: digits, no zero in front.
    fn number(&self, text: &str) -> Result<u64, ThinError> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let canonical = text == "0" || !text.starts_with('0');
        match text.parse() {
            Ok(number) if digits && canonical => Ok(number),
            _ => Err(self.bad("a number is malformed")),
        }
    }

    fn length(&self, text: &str) -> Result<u64, ThinError> {
        match self.number(text)? {
            0 => Err(self.bad("a run is empty")),
            length => Ok(length),
        }
    }

    /// Offsets must not wrap, whatever is written.
    fn room(&self, at: u64, length: u64) -> Result<(), ThinError> {
        let end = at
            .checked_add(length)
            .ok_or_else(|| self.bad("a run is too long"))?;
        i64::try_from(end)
            .map(|_| ())
            .map_err(|_| self.bad("a run is too long"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe() -> Recipe {
        let mut builder = Builder::default();
        builder.own(10);
        builder.base(0, 100);
        builder.base(100, 7);
        builder.base(0, 5);
        builder.own(1);
        builder.own(2);
        let whole = (Digest::of(b"whole"), 125);
        builder.finish(whole, (Digest::of(b"base"), 107)).unwrap()
    }

    #[test]
    fn recipes_are_joined_and_round_trip() {
        let recipe = recipe();
        let text = recipe.to_text();
        let runs: Vec<&str> = text.lines().skip(3).collect();
        assert_eq!(runs, ["own 10", "base 0 107", "base 0 5", "own 3", ""]);
        assert_eq!(recipe.own_bytes(), 13);
        let followed = [text.as_bytes(), b"own bytes"].concat();
        assert_eq!(Recipe::parse(&followed).unwrap(), (recipe, text.len()));
    }

    #[test]
    fn every_other_way_to_write_it_is_refused() {
        let text = recipe().to_text();
        for (from, to) in [
            ("thin 1", "thin 2"),
            ("thin 1", "thin 01"),
            ("takeback-thin", "takeback"),
            ("own 10", "own 010"),
            ("own 10", "own +10"),
            ("own 10", "own  10"),
            ("own 10", "own 10 "),
            ("own 10", "own 10\r"),
            ("own 10", "own 9"),
            ("own 10", "own 4\nown 6"),
            ("own 10", "own 10\nown 0"),
            ("own 10", "own 18446744073709551615"),
            ("own 10", "hole 10"),
            ("base 0 107", "base 0 100\nbase 100 7"),
            ("base 0 107", "base 1 107"),
            ("base 0 107", "base 18446744073709551615 107"),
            ("base 0 107", "base 0 99999999999999999999"),
            ("whole ", "base "),
            ("whole ", "whole 0"),
            ("own 3\n\n", "own 3\n"),
            ("own 3\n\n", ""),
            ("own 3", "own \u{663}"),
        ] {
            assert!(text.contains(from), "{from}");
            let changed = text.replacen(from, to, 1);
            assert!(Recipe::parse(changed.as_bytes()).is_err(), "{changed}");
        }
        for end in 0..text.len() {
            assert!(Recipe::parse(&text.as_bytes()[..end]).is_err(), "{end}");
        }
        let newer = text.replacen("thin 1", "thin 2", 1);
        let why = Recipe::parse(newer.as_bytes()).unwrap_err().to_string();
        assert!(why.contains("form 2"), "{why}");
    }
}
