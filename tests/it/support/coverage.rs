//! What a run has covered, in numbers, for the summary that `tests/run` prints at its end.

use std::fs;
use std::path::Path;

/// Writes down counts under a name that no other test uses.
pub(crate) fn coverage(name: &str, counts: &[(&str, usize)]) {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("coverage");
    fs::create_dir_all(&dir).unwrap();
    let lines: Vec<String> = counts
        .iter()
        .map(|(what, count)| format!("{what} {count}\n"))
        .collect();
    fs::write(dir.join(name), lines.concat()).unwrap();
}
