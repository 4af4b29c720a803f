//! When two spellings name one file.

use unicode_normalization::UnicodeNormalization;

/// Text as a file system sees it that knows neither case nor composition. Upper case
/// comes first: a few letters, such as the long `s`, have no lower case of their own and
/// still name the same file as the plain one.
#[must_use]
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let upper = text.nfd().collect::<String>().to_uppercase();
    upper.to_lowercase().nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_the_same() {
        for (one, other) in [
            (".ssh", ".SSH"),
            (".ssh", ".\u{17f}\u{17f}h"),
            ("keys", "\u{212a}eys"),
            ("\u{e9}", "E\u{301}"),
            ("stra\u{df}e", "STRASSE"),
        ] {
            assert_eq!(folded(one), folded(other));
        }
        assert_ne!(folded(".ssh"), folded(".ssh2"));
    }
}
