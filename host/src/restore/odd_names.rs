//! Names that are fine here and would be refused, or be another file, on Windows.

/// Names of devices, whatever extension follows.
const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];

/// Why a name is odd; `None` when it is not.
pub(super) fn odd_name(name: &str) -> Option<&'static str> {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let upper = stem.to_uppercase();
    let numbered = ["COM", "LPT"].iter().any(|device| {
        let rest = upper.strip_prefix(device).unwrap_or_default();
        let mut digits = rest.chars();
        let digit = digits
            .next()
            .is_some_and(|c| c.is_ascii_digit() || "¹²³".contains(c));
        digit && digits.next().is_none()
    });
    if name.contains(':') {
        Some("on Windows a colon names a hidden stream")
    } else if numbered || DEVICES.contains(&upper.as_str()) {
        Some("on Windows this is the name of a device")
    } else if name.ends_with(['.', ' ']) {
        Some("on Windows a dot or space at the end is dropped")
    } else if is_short(name) {
        Some("on Windows this can be the short name of another file")
    } else {
        None
    }
}

/// `LONGNA~1.TXT`: up to eight characters, the last of them `~` and a digit.
fn is_short(name: &str) -> bool {
    let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
    let numbered = stem.rsplit_once('~').is_some_and(|(start, number)| {
        !start.is_empty() && number.len() == 1 && number.bytes().all(|b| b.is_ascii_digit())
    });
    numbered && stem.chars().count() <= 8 && extension.len() <= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_windows_reads_differently_is_odd() {
        for odd in [
            "f:s",
            "CON",
            "nul.txt",
            "COM¹",
            "lpt9.md",
            "dot.",
            "space ",
            "LONGNA~1.TXT",
        ] {
            assert!(odd_name(odd).is_some(), "{odd}");
        }
        for plain in [
            "SKILL.md",
            "console",
            "COM10",
            "com",
            "a~1b",
            "file~name",
            ".claude",
        ] {
            assert_eq!(odd_name(plain), None, "{plain}");
        }
    }
}
