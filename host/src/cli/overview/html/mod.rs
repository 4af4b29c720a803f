//! The report as one page that needs nothing else: no script, no network, no file beside it.
//! Everything that did not come from this program goes through [`esc`].

mod log;
mod parts;
mod timeline;

use super::survey::Survey;
use super::words::time;
use crate::cli::render::human::{ago, bytes, counted};
use std::fmt::Write as _;
use takeback::model::Shown;

const STYLE: &str = include_str!("style.css");

/// What a page may load, and do: nothing but use the style in it.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Text that is escaped for a screen already, escaped for HTML: in content and in attributes.
fn esc(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Text from outside: what could steer or hide becomes visible, then it is escaped.
fn foreign(text: &str) -> String {
    esc(&Shown::sentence(text))
}

/// The whole page.
pub(super) fn page(survey: &Survey) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <title>takeback: {vault}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>",
        vault = esc(&survey.vault),
    );
    head(&mut out, survey);
    out.push_str("<main>\n");
    parts::attention(&mut out, survey);
    if !survey.snapshots.is_empty() {
        timeline::section(&mut out, survey);
        parts::targets(&mut out, survey);
        parts::growth(&mut out, survey);
        log::changes(&mut out, survey);
        log::snapshots(&mut out, survey);
    }
    parts::back(&mut out, survey);
    out.push_str("</main>\n");
    let _ = writeln!(
        out,
        "<footer>Made by takeback {} on {}. This page holds names and sizes of files, and notes; \
         no content of any file. Sizes of files are as they were read; on the disk they are \
         compressed, and what did not change is stored once.</footer>\n</body>\n</html>",
        env!("CARGO_PKG_VERSION"),
        esc(&time(survey.now)),
    );
    out
}

fn head(out: &mut String, survey: &Survey) {
    let _ = writeln!(
        out,
        "<header>\n<h1>Backups in <code>{}</code></h1>\n<p class=\"lead\">{}</p>\n<dl class=\"tiles\">",
        esc(&survey.vault),
        esc(&sentence(survey)),
    );
    let newest = survey.newest();
    let oldest = survey
        .targets
        .iter()
        .filter_map(|target| target.oldest.as_ref());
    let oldest = oldest.min_by_key(|point| point.time);
    let never = || ("never".to_owned(), String::new());
    let tiles = [
        (
            "Newest backup",
            newest.map_or_else(never, |told| (ago(survey.now, told.time), time(told.time))),
        ),
        (
            "Oldest restorable point",
            oldest.map_or_else(never, |point| {
                (ago(survey.now, point.time), time(point.time))
            }),
        ),
        (
            "Snapshots",
            (
                survey.snapshots.len().to_string(),
                match survey.trashed {
                    0 => "none in the trash".to_owned(),
                    count => format!("{count} more in the trash"),
                },
            ),
        ),
        (
            "On the disk",
            (
                bytes(survey.on_disk),
                "with everything shared counted once".to_owned(),
            ),
        ),
    ];
    for (name, (value, more)) in tiles {
        let _ = writeln!(
            out,
            "<div><dt>{name}</dt><dd><b>{}</b><small>{}</small></dd></div>",
            esc(&value),
            esc(&more)
        );
    }
    out.push_str("</dl>\n</header>\n");
}

fn sentence(survey: &Survey) -> String {
    let Some(first) = survey.snapshots.last() else {
        return "There is no snapshot in this vault yet.".to_owned();
    };
    let targets = counted(survey.targets.len() as u64, "tool", "tools");
    let snapshots = counted(survey.snapshots.len() as u64, "snapshot", "snapshots");
    format!(
        "{snapshots} of {targets}, the first of {}. As of {}.",
        time(first.time),
        time(survey.now)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_becomes_markup() {
        assert_eq!(
            foreign("<script>alert('x')</script>\u{202e}\"&\u{1b}[2J"),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\\u{202e}&quot;&amp;\\x1b[2J"
        );
    }
}
