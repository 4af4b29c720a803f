//! A marked block in a file that is somebody else's. Everything outside it stays, byte for
//! byte, and what was put in is taken out again.

/// What is put in the second line where the line before the block had no end.
const JOINED: &[u8] = b"# (the end of the line before this block belongs to it)\n";

/// How every block begins.
const OURS: &[u8] = b"# >>> takeback guard ";

/// Marks that do not belong together: nothing is done then.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Torn;

/// A block by its name.
pub(super) struct Block {
    begin: Vec<u8>,
    end: Vec<u8>,
}

impl Block {
    /// The block of a name that was checked.
    pub(super) fn new(name: &str) -> Self {
        Self {
            begin: format!("# >>> takeback guard {name} >>>\n").into_bytes(),
            end: format!("# <<< takeback guard {name} <<<\n").into_bytes(),
        }
    }

    /// The file with this body in the block, which is made at the end where there is none.
    pub(super) fn put(&self, file: &[u8], body: &str) -> Result<Vec<u8>, Torn> {
        let body = body.as_bytes();
        Ok(match self.find(file)? {
            Some((start, end)) => {
                let old = &file[start..end];
                let joined = old[self.begin.len()..].starts_with(JOINED);
                let block = self.whole(body, joined);
                [&file[..start], &block[..], &file[end..]].concat()
            }
            None => {
                let joined = !file.is_empty() && !file.ends_with(b"\n");
                let line_end: &[u8] = if joined { b"\n" } else { b"" };
                [file, line_end, &self.whole(body, joined)].concat()
            }
        })
    }

    /// The file without the block; `None` when it has none.
    pub(super) fn take(&self, file: &[u8]) -> Result<Option<Vec<u8>>, Torn> {
        let Some((start, end)) = self.find(file)? else {
            return Ok(None);
        };
        let joined = file[start + self.begin.len()..end].starts_with(JOINED);
        let (mut kept, rest) = (file[..start].to_vec(), &file[end..]);
        if joined && rest.is_empty() {
            kept.pop();
        }
        // The next block of ours, if there is one, has the line's end from now on.
        let next = rest.starts_with(OURS) && joined;
        let line = rest.iter().position(|byte| *byte == b'\n');
        if let Some(line) = line.filter(|_| next) {
            let (first, rest) = rest.split_at(line + 1);
            return Ok(Some([&kept[..], first, JOINED, rest].concat()));
        }
        kept.extend_from_slice(rest);
        Ok(Some(kept))
    }

    fn whole(&self, body: &[u8], joined: bool) -> Vec<u8> {
        let joined: &[u8] = if joined { JOINED } else { b"" };
        [&self.begin[..], joined, body, &self.end].concat()
    }

    /// Where it is, its marks included.
    fn find(&self, file: &[u8]) -> Result<Option<(usize, usize)>, Torn> {
        let (begins, ends) = (lines(file, &self.begin), lines(file, &self.end));
        match (&begins[..], &ends[..]) {
            ([], []) => Ok(None),
            ([begin], [end]) if begin < end => {
                let end = (end + self.end.len()).min(file.len());
                Ok(Some((*begin, end)))
            }
            _ => Err(Torn),
        }
    }
}

/// Where the lines are that are this one. The last may lack its end.
fn lines(file: &[u8], line: &[u8]) -> Vec<usize> {
    let bare = line.strip_suffix(b"\n").unwrap_or(line);
    let mut found = Vec::new();
    let mut at = 0;
    for one in file.split_inclusive(|byte| *byte == b'\n') {
        if one == line || one == bare {
            found.push(at);
        }
        at += one.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [&[u8]; 6] = [
        b"",
        b"a\n",
        b"a",
        b"\xff\x00 no text\r\nb\r\n",
        b"\n\n",
        b"# >>> takeback guard other >>>\nx\n# <<< takeback guard other <<<\n",
    ];

    #[test]
    fn what_is_put_in_is_taken_out() {
        let block = Block::new("x");
        for file in FILES {
            let with = block.put(file, "body\n").unwrap();
            assert!(with.starts_with(file));
            assert_eq!(block.put(&with, "body\n").unwrap(), with);
            let other = block.put(&with, "other\n").unwrap();
            assert_ne!(other, with);
            assert_eq!(block.put(&other, "body\n").unwrap(), with);
            assert_eq!(block.take(&with).unwrap().as_deref(), Some(file));
            assert_eq!(block.take(file).unwrap(), None);
        }
    }

    #[test]
    fn what_was_written_around_it_stays() {
        let block = Block::new("x");
        let with = block.put(b"before", "body\n").unwrap();
        let with = [b"first\n", &with[..], b"after"].concat();
        let without = block.take(&with).unwrap().unwrap();
        assert_eq!(without, b"first\nbefore\nafter");
    }

    #[test]
    fn torn_marks_are_left_alone() {
        let block = Block::new("x");
        let (begin, end) = (
            "# >>> takeback guard x >>>\n",
            "# <<< takeback guard x <<<\n",
        );
        for file in [
            begin.to_owned(),
            end.to_owned(),
            format!("{end}{begin}"),
            format!("{begin}{begin}{end}"),
            format!("{begin}{end}{begin}{end}"),
        ] {
            assert_eq!(block.put(file.as_bytes(), "b\n"), Err(Torn), "{file}");
            assert_eq!(block.take(file.as_bytes()), Err(Torn), "{file}");
        }
    }
}
