//! What stays plain, what is removed, and what the vault says of itself.

use super::{configure, export, forms, history, large_home};
use serde_json::Value;
use std::fs;

#[test]
fn the_configuration_says_how_many_stay_plain() {
    let env = large_home();
    configure(&env, "plain = \"all\"\n");
    history(&env, 4);
    assert_eq!(forms(&env), ["plain"; 4]);
    configure(&env, "plain = 3\n");
    history(&env, 1);
    assert_eq!(forms(&env), ["thin", "thin", "plain", "plain", "plain"]);
    for wrong in ["plain = 0\n", "plain = \"some\"\n", "plain = -1\n"] {
        configure(&env, wrong);
        env.run(&["list"]).exits(2).says("config.toml");
    }
}

#[test]
fn pinned_ones_stay_plain() {
    let env = large_home();
    configure(&env, "plain = \"all\"\n");
    let made = history(&env, 4);
    env.run(&["pin", &made[1].id]).exits(0);
    configure(&env, "plain = 1\n");
    history(&env, 1);
    assert_eq!(forms(&env), ["thin", "plain", "thin", "thin", "plain"]);
    env.run(&["remove", &made[1].id, "--yes"])
        .exits(4)
        .says("pinned");
}

#[test]
fn what_is_removed_can_be_had_back_and_nothing_else_is_lost() {
    let env = large_home();
    let made = history(&env, 5);
    let whole = |but: &[usize]| {
        for (number, one) in made.iter().enumerate() {
            if !but.contains(&number) {
                assert_eq!(export(&env, &one.id), one.bytes, "{number}");
            }
        }
        env.run(&["verify"]).exits(0);
    };
    env.run(&["remove", &made[1].id]).exits(5);
    whole(&[]);
    env.run(&["remove", &made[1].id, &made[3].id, "--yes"])
        .exits(0);
    whole(&[1, 3]);
    env.run(&["remove", &made[4].id, "--yes"])
        .exits(4)
        .says("newest complete");
    let trash = env.run(&["--json", "trash", "list"]).exits(0).json();
    let names: Vec<&str> = trash["snapshots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&made[1].id.as_str()) && names.contains(&made[3].id.as_str()));
    env.run(&["list"]).exits(0);
    env.run(&["trash", "restore", "2020-01-01_00-00-00"])
        .exits(10);
    env.run(&["trash", "restore", &made[1].id, &made[3].id])
        .exits(0);
    whole(&[]);
    env.run(&["remove", &made[0].id, "--yes"]).exits(0);
    env.run(&["trash", "empty", "--yes"]).exits(0);
    whole(&[0]);
    env.run(&["trash", "list"]).exits(0).says("empty");
    assert!(
        fs::read_dir(env.vault().join("trash"))
            .unwrap()
            .next()
            .is_none()
    );
}

#[test]
fn the_snapshot_that_an_undo_may_need_stays() {
    let env = large_home();
    let made = history(&env, 2);
    let words = [
        "--json",
        "restore",
        "claude",
        "--from",
        &made[0].id,
        "--yes",
    ];
    let done = env.run(&words).exits(0).json();
    let safety = done["safety_snapshot"].as_str().unwrap();
    env.run(&["remove", safety, "--yes"])
        .exits(4)
        .says("taken back");
    env.run(&["undo", "--yes"]).exits(0);
    env.run(&["remove", safety, "--yes"]).exits(0);
}

#[test]
fn the_vault_says_what_it_takes_and_saves() {
    let env = large_home();
    let made = history(&env, 4);
    let stats = env.run(&["--json", "vault", "stats"]).exits(0).json();
    let claude = &stats["targets"]["claude"];
    let number = |key: &str| claude[key].as_u64().unwrap();
    assert_eq!(
        [number("archives"), number("plain"), number("thin")],
        [4, 2, 2]
    );
    let all: usize = made.iter().map(|one| one.bytes.len()).sum();
    assert_eq!(number("as_plain"), all as u64);
    let files = |name: &str| -> u64 {
        let size = |id: &String| fs::metadata(env.snapshot(id).join(name)).map_or(0, |m| m.len());
        made.iter().map(|one| size(&one.id)).sum()
    };
    assert_eq!(number("plain_bytes"), files("claude.tar.gz"));
    assert_eq!(number("thin_bytes"), files("claude.thin"));
    assert_eq!(number("index_bytes"), files("claude.index"));
    let saved = number("saved_by_thin") + number("plain_bytes") + number("thin_bytes");
    assert_eq!(saved, all as u64);
    let months = stats["months"].as_object().unwrap();
    let came: u64 = months.values().filter_map(Value::as_u64).sum();
    assert_eq!(came, number("on_disk"));
    env.run(&["vault", "stats"])
        .exits(0)
        .says("thin")
        .says("saved");
}
