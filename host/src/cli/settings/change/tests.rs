//! Every byte that is not meant stays.

use super::*;
use crate::cli::init;

fn set(old: &str, key: &str, typed: &str) -> String {
    with(old, key, &value(key, typed)).unwrap()
}

#[test]
fn a_value_changes_in_its_place() {
    for (old, key, typed, new) in [
        (
            "undo_days = 30 # a month\n",
            "undo_days",
            "60",
            "undo_days = 60 # a month\n",
        ),
        (
            "# top\n\nundo_days=30\n# end\n",
            "undo_days",
            "7",
            "# top\n\nundo_days=7\n# end\n",
        ),
        (
            "[keep]\nmin_keep = 3\n[keep.automatic]\ndaily = 14   # two weeks\n",
            "keep.automatic.daily",
            "all",
            "[keep]\nmin_keep = 3\n[keep.automatic]\ndaily = \"all\"   # two weeks\n",
        ),
        (
            "keep = { automatic = { daily = 14, last = 2 } } # inline\n",
            "keep.automatic.daily",
            "30",
            "keep = { automatic = { daily = 30, last = 2 } } # inline\n",
        ),
        (
            "vault = '/a'\r\nplain = 2\r\n",
            "plain",
            "3",
            "vault = '/a'\r\nplain = 3\r\n",
        ),
    ] {
        assert_eq!(set(old, key, typed), new, "{key}");
    }
}

#[test]
fn a_new_value_comes_where_it_belongs() {
    for (old, key, typed, new) in [
        ("", "undo_days", "60", "undo_days = 60\n"),
        (
            "# only words\n",
            "undo_days",
            "60",
            "# only words\nundo_days = 60\n",
        ),
        (
            "plain = 2\n",
            "undo_days",
            "60",
            "plain = 2\nundo_days = 60\n",
        ),
        ("", "vault", "~/b c", "vault = \"~/b c\"\n"),
        (
            "",
            "keep.automatic.daily",
            "3",
            "[keep.automatic]\ndaily = 3\n",
        ),
        (
            "plain = 2 # x\n\n# about keep\n[keep]\nmin_keep = 5\n",
            "keep.max_size",
            "2GB",
            "plain = 2 # x\n\n# about keep\n[keep]\nmin_keep = 5\nmax_size = \"2GB\"\n",
        ),
        (
            "keep = { min_keep = 5 }\n",
            "keep.max_size",
            "2GB",
            "keep = { min_keep = 5, max_size = \"2GB\" }\n",
        ),
    ] {
        assert_eq!(set(old, key, typed), new, "{old:?} {key}");
    }
    let table = set("# last words\n", "keep.manual.within", "1y");
    assert!(table.starts_with("# last words\n"), "{table}");
    assert!(
        table.ends_with("[keep.manual]\nwithin = \"1y\"\n"),
        "{table}"
    );
}

#[test]
fn in_the_file_that_init_writes_a_value_stands_below_its_comment() {
    let begun = init::beginning("claude, cursor");
    let new = set(&begun, "trash_days", "14");
    let added = "# trash_days = 7\ntrash_days = 14\n";
    assert!(new.contains(added), "{new}");
    assert_eq!(new.replace("trash_days = 14\n", ""), begun);
    let twice = set(&new, "trash_days", "21");
    assert_eq!(twice, new.replace("trash_days = 14", "trash_days = 21"));
    assert_eq!(without(&twice, "trash_days").unwrap(), begun);
}

#[test]
fn what_is_taken_out_leaves_its_comments_and_neighbours() {
    for (old, key, new) in [
        (
            "# why\nundo_days = 60\n# next\nplain = 2\n",
            "undo_days",
            "# why\n# next\nplain = 2\n",
        ),
        (
            "plain = 2\n# about\nundo_days = 60",
            "undo_days",
            "plain = 2\n# about\n",
        ),
        (
            "[keep.automatic]\n# d\ndaily = 3\nlast = 1\n",
            "keep.automatic.daily",
            "[keep.automatic]\n# d\nlast = 1\n",
        ),
        (
            "keep.automatic.daily = 3\nplain = 2\n",
            "keep.automatic.daily",
            "plain = 2\n",
        ),
        (
            "keep = { min_keep = 3, max_size = \"2GB\" }\n",
            "keep.min_keep",
            "keep = { max_size = \"2GB\" }\n",
        ),
    ] {
        let found = without(old, key).unwrap();
        assert_eq!(table(&found).map(full), table(new).map(full), "{key}");
        let spaces = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(spaces(&found), spaces(new), "{key}");
    }
}

#[test]
fn a_name_that_is_a_value_already_is_no_table() {
    assert!(with("keep = 3\n", "keep.min_keep", &value("", "3")).is_err());
}
