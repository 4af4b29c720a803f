//! Names like a mistyped one.

/// The known names that could be meant, nearest first.
pub(super) fn near<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let most = typed.chars().count() / 3 + 1;
    let mut found: Vec<(usize, &str)> = known
        .map(|name| (distance(typed, name), name))
        .filter(|(steps, name)| *steps <= most || (typed.len() > 1 && name.starts_with(typed)))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, name)| name).collect()
}

/// How many letters must be changed, added or removed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let best = (diagonal + usize::from(x != *y))
                .min(row[j] + 1)
                .min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = best;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_find_their_name() {
        let known = || ["claude", "cursor", "project", "plugins"].into_iter();
        assert_eq!(near("cluade", known()), ["claude"]);
        assert_eq!(near("curso", known()), ["cursor"]);
        assert_eq!(near("plug", known()), ["plugins"]);
        assert!(near("zed", known()).is_empty());
    }
}
