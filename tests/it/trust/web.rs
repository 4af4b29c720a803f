//! Adapters from a web server: one that is honest, and many that are not.

use super::servers::Scripted;
use super::{adapter, nothing_was_recorded, record, sha256, stamped, stored};
use crate::support::{Output, TestEnv};
use serde_json::{Value, json};
use takeback_artifacts::guest;

/// A home whose program trusts the server's authority.
fn home_with(server: &Scripted) -> TestEnv {
    let mut env = TestEnv::small();
    env.write(".echo-tool/settings.json", "{}\n");
    env.set("SSL_CERT_FILE", server.authority());
    env
}

fn file() -> Value {
    json!({"file": guest("well-behaved")})
}

fn digest() -> String {
    sha256(guest("well-behaved"))
}

/// Adds what an address gives, knowing the digest.
fn add_from(env: &TestEnv, address: &str) -> Output {
    adapter(env, &["add", address, "--yes", "--sha256", &digest()])
}

#[test]
fn an_adapter_from_a_server_serves_and_its_source_is_recorded() {
    let mut server = Scripted::tls();
    server.answers("GET /a/echo.wasm", file());
    let env = home_with(&server);
    let address = server.at("localhost", "/a/echo.wasm");
    let asked = adapter(&env, &["add", &address]).exits(5);
    // Everything that is agreed to is shown before it is asked.
    for part in ["echo-tool 0.1.0", "home/.echo-tool", &digest(), &address] {
        assert!(asked.stdout.contains(part), "{part}\n{asked}");
    }
    nothing_was_recorded(&env, &asked);
    adapter(&env, &["add", &address, "--yes"])
        .exits(5)
        .says("--sha256");
    add_from(&env, &address).exits(0);
    assert!(
        record(&env).contains(&format!("source = \"{address}\"")),
        "{}",
        record(&env)
    );
    env.backup(0, &["echo-tool"]);
    let shown = adapter(&env, &["show", "echo-tool"]).exits(0);
    assert!(shown.stdout.contains(&address), "{shown}");
}

#[test]
fn other_bytes_than_the_ones_agreed_to_are_not_even_compiled() {
    let mut server = Scripted::tls();
    server.answers("GET /echo.wasm", json!({"text": "not a component"}));
    let env = home_with(&server);
    let done = add_from(&env, &server.at("localhost", "/echo.wasm")).exits(7);
    assert!(done.stderr.contains("not the one given"), "{done}");
    nothing_was_recorded(&env, &done);
}

#[test]
fn a_server_that_no_authority_vouches_for_gives_nothing() {
    let mut server = Scripted::tls();
    server.answers("GET /echo.wasm", file());
    let mut env = home_with(&server);
    let other = Scripted::tls();
    env.set("SSL_CERT_FILE", other.authority());
    let done = add_from(&env, &server.at("localhost", "/echo.wasm")).exits(1);
    assert!(
        done.stderr.contains("could not show that it is localhost"),
        "{done}"
    );
    assert!(done.stderr.contains("SSL_CERT_FILE"), "{done}");
    assert_eq!(server.log(), Vec::<Value>::new());
    nothing_was_recorded(&env, &done);
}

#[test]
fn a_download_that_ends_early_is_told_from_a_whole_one() {
    let mut server = Scripted::tls();
    let length = std::fs::metadata(guest("well-behaved")).unwrap().len();
    let longer = (length + 1).to_string();
    let file = guest("well-behaved");
    for (path, how) in [
        (
            "/length",
            json!({"file": file, "headers": {"Content-Length": longer}}),
        ),
        (
            "/chunks",
            json!({"file": file, "cut": true,
                   "headers": {"Content-Length": null, "Transfer-Encoding": "chunked"}}),
        ),
    ] {
        server.answers(&format!("GET {path}"), how);
        let env = home_with(&server);
        let done = add_from(&env, &server.at("localhost", path)).exits(1);
        assert!(done.stderr.contains("before its end"), "{path}: {done}");
        nothing_was_recorded(&env, &done);
    }
    // Where nobody says how long it is, nobody can tell.
    server.answers(
        "GET /close",
        json!({"file": file, "headers": {"Content-Length": null}}),
    );
    let env = home_with(&server);
    let done = add_from(&env, &server.at("localhost", "/close")).exits(7);
    assert!(done.stderr.contains("how long it is"), "{done}");
    nothing_was_recorded(&env, &done);
}

#[test]
fn what_is_too_large_is_not_downloaded() {
    let mut server = Scripted::tls();
    let huge: u64 = 100 << 20;
    server.answers(
        "GET /length",
        json!({"zeros": huge, "headers": {"Content-Length": huge.to_string()}}),
    );
    server.answers(
        "GET /chunks",
        json!({"zeros": huge,
               "headers": {"Content-Length": null, "Transfer-Encoding": "chunked"}}),
    );
    for path in ["/length", "/chunks"] {
        let env = home_with(&server);
        let done = add_from(&env, &server.at("localhost", path)).exits(7);
        assert!(done.stderr.contains("larger than"), "{path}: {done}");
        nothing_was_recorded(&env, &done);
    }
}

#[test]
fn what_is_packed_or_missing_or_forbidden_is_named() {
    let mut server = Scripted::tls();
    server.answers(
        "GET /packed",
        json!({"file": guest("well-behaved"), "headers": {"Content-Encoding": "gzip"}}),
    );
    server.answers("GET /broken", json!({"status": 500}));
    server.answers("GET /closed", json!({"status": 403}));
    for (path, code, says) in [
        ("/packed", 7, "packed"),
        ("/broken", 1, "status 500"),
        ("/closed", 1, "may not be read"),
        ("/missing", 10, "does not exist"),
    ] {
        let env = home_with(&server);
        let done = add_from(&env, &server.at("localhost", path)).exits(code);
        assert!(done.stderr.contains(says), "{path}: {done}");
        nothing_was_recorded(&env, &done);
    }
}

#[test]
fn another_server_is_only_asked_when_the_digest_is_known() {
    let mut server = Scripted::tls();
    server.answers("GET /there", file());
    let there = server.at("127.0.0.1", "/there");
    server.answers(
        "GET /away",
        json!({"status": 302, "headers": {"Location": there}}),
    );
    server.answers(
        "GET /near",
        json!({"status": 301, "headers": {"Location": "/there"}}),
    );
    server.answers(
        "GET /loop",
        json!({"status": 302, "headers": {"Location": "/loop"}}),
    );
    let down = "http://localhost/there";
    server.answers(
        "GET /down",
        json!({"status": 302, "headers": {"Location": down}}),
    );
    let env = home_with(&server);
    let done = adapter(&env, &["add", &server.at("localhost", "/away")]).exits(4);
    assert!(
        done.stderr.contains(&format!("127.0.0.1:{}", server.port)),
        "{done}"
    );
    assert_eq!(server.log().len(), 1, "the other server was asked");
    nothing_was_recorded(&env, &done);
    for (path, code) in [("/loop", 7), ("/down", 2)] {
        let done = add_from(&env, &server.at("localhost", path)).exits(code);
        nothing_was_recorded(&env, &done);
    }
    let done = add_from(&env, &server.at("localhost", "/away")).exits(0);
    assert!(
        done.stderr.contains(&format!("127.0.0.1:{}", server.port)),
        "{done}"
    );
    adapter(&env, &["remove", "echo-tool"]).exits(0);
    add_from(&env, &server.at("localhost", "/near")).exits(0);
}

#[test]
fn addresses_that_are_not_safe_are_refused_by_their_look() {
    let env = TestEnv::small();
    for address in [
        "http://example.org/echo.wasm",
        "https://ada:secret@localhost/echo.wasm",
        "ftp://localhost/echo.wasm",
        "https://localhost/\u{1b}[2J",
    ] {
        let done = add_from(&env, address).exits(2);
        nothing_was_recorded(&env, &done);
    }
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let server = Scripted::plain();
    let address = server.at("127.0.0.1", "/echo.wasm");
    drop(server);
    let env = TestEnv::small();
    let done = add_from(&env, &address).exits(1);
    assert!(done.stderr.contains("cannot be reached"), "{done}");
    nothing_was_recorded(&env, &done);
}

#[test]
fn an_update_asks_the_recorded_server_again() {
    let mut server = Scripted::plain();
    server.answers("GET /echo.wasm", file());
    let env = TestEnv::small();
    add_from(&env, &server.at("127.0.0.1", "/echo.wasm")).exits(0);
    let done = adapter(&env, &["update", "--yes"]).exits(0);
    assert!(done.stderr.contains("unchanged"), "{done}");
    let newer = stamped(&env, "well-behaved", "note", "newer");
    server.answers("GET /echo.wasm", json!({"file": newer}));
    adapter(&env, &["update", "--yes"])
        .exits(0)
        .says("may touch what it might touch before");
    assert_eq!(stored(&env), [format!("{}.wasm", sha256(&newer))]);
    drop(server);
    let done = adapter(&env, &["update", "--yes"]).exits(1);
    assert!(done.stderr.contains("cannot be reached"), "{done}");
    assert_eq!(stored(&env), [format!("{}.wasm", sha256(&newer))]);
}
