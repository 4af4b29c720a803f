//! Installing: one adapter for each name, whole or not at all, and what its file says of
//! itself.

use super::{adapter, add, lock, record, sha256, stamped, stored};
use crate::support::{Output, TestEnv};
use std::fs;
use std::path::Path;
use takeback_artifacts::guest;

fn add_file(env: &TestEnv, path: &Path) -> Output {
    let digest = sha256(path);
    adapter(
        env,
        &["add", path.to_str().unwrap(), "--yes", "--sha256", &digest],
    )
}

#[test]
fn a_second_adapter_of_a_name_says_which_is_there_and_how_it_is_replaced() {
    let env = TestEnv::small();
    add(&env, "well-behaved");
    let before = record(&env);
    add(&env, "well-behaved");
    assert_eq!(record(&env), before, "the same bytes again change nothing");
    let done = add_file(&env, guest("grown-tool")).exits(4);
    for part in [
        "0.1.0",
        "well-behaved.wasm",
        "adapter update echo-tool --from",
        "--adapter",
    ] {
        assert!(done.stderr.contains(part), "{part}: {done}");
    }
    assert_eq!(record(&env), before);
    // For one run another one serves all the same.
    env.write(".echo-more/settings.json", "{}\n");
    let given = guest("grown-tool").to_str().unwrap();
    let report = env.backup(0, &["echo-tool", "--adapter", given]);
    assert_eq!(report["targets"][0]["files"], 1, "{report:#}");
}

#[test]
fn what_is_recorded_is_what_was_shown() {
    let env = TestEnv::small();
    add(&env, "grown-tool");
    let digest = sha256(guest("grown-tool"));
    let shown = adapter(&env, &["show", "echo-tool"]).exits(0);
    let listed = env
        .run(&["--json", "adapter", "show", "echo-tool"])
        .exits(0)
        .json();
    let one = &listed["adapters"][0];
    for (field, value) in [
        ("version", "0.2.0"),
        ("sha256", digest.as_str()),
        ("source", "recorded"),
        ("origin", guest("grown-tool").to_str().unwrap()),
    ] {
        assert_eq!(one[field], value, "{listed:#}");
        assert!(shown.stdout.contains(value), "{shown}");
        assert!(
            field == "source" || record(&env).contains(value),
            "{}",
            record(&env)
        );
    }
    let added: jiff::Timestamp = one["added"].as_str().unwrap().parse().unwrap();
    assert!(jiff::Timestamp::now().duration_since(added).as_secs() < 3600);
    assert!(
        record(&env).contains("variables = [\"ECHO_TOOL_HOME\"]"),
        "{}",
        record(&env)
    );
    adapter(&env, &["show", "claude"]).exits(0).says("built-in");
    adapter(&env, &["show", "echo-toll"])
        .exits(10)
        .says("did you mean");
}

#[test]
fn a_file_that_says_something_else_of_itself_is_named_before_it_is_trusted() {
    for (section, text, doubted) in [
        ("version", "9.9.9", true),
        ("licenses", "Proprietary", true),
        ("version", "0.1.0", false),
        ("note", "anything", false),
        ("version", "1\u{1b}[2J", true),
    ] {
        let env = TestEnv::small();
        let file = stamped(&env, "well-behaved", section, text);
        let asked = adapter(&env, &["add", file.to_str().unwrap()]).exits(5);
        let warned = asked
            .stderr
            .contains(&format!("the section `{section}` of its file"));
        assert_eq!(warned, doubted, "{section} {text}: {asked}");
        add_file(&env, &file).exits(0);
        let shown = adapter(&env, &["show", "echo-tool"]).exits(0);
        assert_eq!(
            shown.stderr.contains("of its file says"),
            doubted,
            "{shown}"
        );
        let said = shown
            .stdout
            .contains(&format!("its file says     {section} "));
        assert_eq!(said, section != "note", "{shown}");
        env.backup(10, &["echo-tool"]);
    }
}

#[test]
fn a_record_that_was_edited_gives_nobody_more() {
    let edits = [
        ("home/.echo-tool", "home/.ssh"),
        ("home/.echo-tool", "home/.another-tool"),
        ("version = \"0.1.0\"", "version = \"0.1.1\""),
        ("variables = []", "variables = [\"SSH_AUTH_SOCK\"]"),
    ];
    for (old, new) in edits {
        let env = TestEnv::small();
        env.write(".echo-tool/settings.json", "{}\n");
        add(&env, "well-behaved");
        let edited = record(&env).replace(old, new);
        assert_ne!(edited, record(&env));
        fs::write(lock(&env), edited).unwrap();
        let done = env.run(&["backup", "echo-tool"]).exits(7);
        assert!(
            done.stderr.contains("adapters.lock.toml records"),
            "{new}: {done}"
        );
        env.run(&["backup"]).exits(3);
        adapter(&env, &["list"]).exits(7).says("echo-tool failed");
        adapter(&env, &["remove", "echo-tool"]).exits(0);
    }
}

#[test]
fn a_file_of_100_mib_is_not_read() {
    let env = TestEnv::small();
    let path = env.root().join("huge.wasm");
    fs::File::create(&path).unwrap().set_len(100 << 20).unwrap();
    let path = path.to_str().unwrap();
    for args in [
        &["adapter", "add", path][..],
        &["backup", "--adapter", path],
    ] {
        let done = env.run(args).exits(7);
        assert!(done.stderr.contains("larger than 64 MiB"), "{done}");
    }
    assert_eq!((record(&env), stored(&env)), (String::new(), Vec::new()));
}

#[test]
fn several_at_once_are_all_recorded() {
    let env = TestEnv::small();
    let names = ["well-behaved", "std-wasi", "escape-codes", "fake-prompt"];
    let start = |name: &str| {
        let path = guest(name);
        let digest = sha256(path);
        let file = path.to_str().unwrap();
        let args = ["adapter", "add", file, "--yes", "--sha256", &digest];
        env.on_vault(&[], &args).spawn().unwrap()
    };
    let running: Vec<_> = names.into_iter().map(start).collect();
    for child in running {
        let done = child.wait_with_output().unwrap();
        let done = Output::from_done("adapter add".to_owned(), done);
        done.exits(0);
    }
    for name in names {
        assert!(
            record(&env).contains(&sha256(guest(name))),
            "{name}: {}",
            record(&env)
        );
    }
    assert_eq!(stored(&env).len(), names.len());
}

#[test]
fn a_recorded_name_that_became_a_built_in_one_is_no_longer_used() {
    let env = TestEnv::small();
    add(&env, "well-behaved");
    let edited = record(&env).replace("id = \"echo-tool\"", "id = \"claude\"");
    fs::write(lock(&env), edited).unwrap();
    let done = env.run(&["backup"]).exits(0);
    assert!(
        done.stderr.contains("takeback adapter remove claude"),
        "{done}"
    );
    adapter(&env, &["remove", "claude"]).exits(0);
    assert_eq!(stored(&env), Vec::<String>::new());
}

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod stopped {
    use super::*;
    use crate::support::tracer::{Act, Call, STOPPED, trace};
    use nix::errno::Errno;

    /// Runs `adapter add` or the like and decides about its calls that change something.
    fn traced<'a>(
        env: &TestEnv,
        args: &[&str],
        decide: impl FnMut(&Call) -> Act<'a>,
    ) -> (Output, usize) {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
        let all = [&["adapter"], args].concat();
        let done = trace(env.on_vault(&STOPPED, &all), &cache, decide);
        (done.output, done.calls.len())
    }

    /// What is trusted is what was before or what was to be, and it can be used.
    fn is_whole(env: &TestEnv, why: &str) {
        let listed = env.run(&["adapter", "list"]);
        assert_eq!(listed.code, 0, "{why}\n{listed}\n{}", record(env));
        // The next change sweeps what was left.
        add(env, "std-wasi");
        adapter(env, &["remove", "std-wasi"]).exits(0);
        let named = stored(env);
        let unnamed = named.iter().find(|name| {
            let digest = name.strip_suffix(".wasm");
            !digest.is_some_and(|digest| record(env).contains(digest))
        });
        assert_eq!(unnamed, None, "{why}: something is left");
        let dir = fs::read_dir(lock(env).parent().unwrap()).unwrap();
        let left: Vec<String> = dir
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "adapters" && name != "adapters.lock.toml")
            .collect();
        assert_eq!(left, Vec::<String>::new(), "{why}");
    }

    /// Stops a change at each of its calls, in every way.
    fn at_every_call(begin: impl Fn() -> TestEnv, args: &[&str]) {
        let (done, calls) = traced(&begin(), args, |_| Act::Go);
        assert_eq!(done.code, 0, "{done}");
        assert!(calls > 3, "only {calls} calls change anything");
        type Way = (&'static str, fn(&Call) -> Act<'static>);
        let ways: [Way; 4] = [
            ("killed before", |_| Act::KillBefore),
            ("killed after", |_| Act::KillAfter),
            ("refused", |_| Act::Fail(Errno::ENOSPC)),
            ("torn", |call| {
                call.bytes.map_or(Act::KillBefore, |n| Act::Tear(n / 2))
            }),
        ];
        for (how, act) in ways {
            for index in 0..calls {
                let env = begin();
                let mut last = String::new();
                let (done, _) = traced(&env, args, |call| {
                    if call.index != index {
                        return Act::Go;
                    }
                    last = call.to_string();
                    act(call)
                });
                let why = format!("{how} {last}\n{done}");
                assert!(done.code != 101, "{why}");
                is_whole(&env, &why);
            }
        }
    }

    #[test]
    fn an_add_that_is_stopped_anywhere_leaves_nothing_half_installed() {
        let path = guest("well-behaved");
        let digest = sha256(path);
        let args = ["add", path.to_str().unwrap(), "--yes", "--sha256", &digest];
        at_every_call(TestEnv::small, &args);
    }

    #[test]
    fn an_update_that_is_stopped_anywhere_leaves_one_of_the_two() {
        let begin = || {
            let env = TestEnv::small();
            add(&env, "well-behaved");
            env
        };
        let path = guest("grown-tool");
        let digest = sha256(path);
        let from = path.to_str().unwrap();
        let args = [
            "update",
            "echo-tool",
            "--from",
            from,
            "--yes",
            "--sha256",
            &digest,
        ];
        at_every_call(begin, &args);
    }
}
