//! Adapters from a registry and to one: Debian's, and one that lies.

use super::servers::{Registry, Scripted};
use super::{adapter, nothing_was_recorded, record, sha256, stamped};
use crate::support::{Output, TestEnv};
use serde_json::{Value, json};
use std::fs;
use takeback::model::Digest;
use takeback_artifacts::guest;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn home() -> TestEnv {
    let env = TestEnv::small();
    env.write(".echo-tool/settings.json", "{}\n");
    env
}

fn digest() -> String {
    sha256(guest("well-behaved"))
}

fn push(env: &TestEnv, name: &str, reference: &str) -> Output {
    adapter(env, &["push", guest(name).to_str().unwrap(), reference])
}

fn add_from(env: &TestEnv, reference: &str) -> Output {
    adapter(env, &["add", reference, "--yes", "--sha256", &digest()])
}

#[test]
fn what_is_published_can_be_added_by_version_and_by_digest() {
    let registry = Registry::start("");
    let env = home();
    let name = format!("{}/acme/echo-tool", registry.host);
    let pushed = push(&env, "well-behaved", &name).exits(0);
    let added = format!("oci://{name}:0.1.0@sha256:");
    assert!(pushed.stdout.contains(&added), "{pushed}");
    let pinned = pushed
        .stdout
        .split_whitespace()
        .find(|word| word.starts_with("oci://"));
    let pinned = pinned.unwrap().to_owned();
    for reference in [
        &format!("{name}:0.1.0"),
        &format!("oci://{name}:0.1.0"),
        &pinned,
    ] {
        let env = home();
        add_from(&env, reference).exits(0);
        let source = format!("source = \"oci://{name}:0.1.0");
        assert!(record(&env).contains(&source), "{}", record(&env));
        env.backup(0, &["echo-tool"]);
        let done = adapter(&env, &["update"]).exits(0);
        assert!(done.stderr.contains("unchanged"), "{done}");
    }
    // Other tools for components find there what they look for.
    let manifest = pinned.rsplit(':').next().unwrap();
    let manifest = fs::read(registry.blob(manifest)).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(
        manifest["config"]["mediaType"],
        "application/vnd.wasm.config.v0+json"
    );
    assert_eq!(manifest["layers"][0]["mediaType"], "application/wasm");
    assert_eq!(
        manifest["annotations"]["org.opencontainers.image.version"],
        "0.1.0"
    );
    assert!(manifest["artifactType"].is_string(), "{manifest:#}");
}

#[test]
fn what_is_published_is_said_as_a_document_too() {
    let registry = Registry::start("");
    let env = home();
    let name = format!("{}/acme/echo-tool", registry.host);
    let args = [
        "--json",
        "adapter",
        "push",
        guest("well-behaved").to_str().unwrap(),
        &name,
    ];
    for published in [true, false] {
        let document = env.run(&args).exits(0).json();
        assert_eq!(document["message_type"], "adapter-push");
        assert_eq!(document["published"], published);
        assert_eq!(document["sha256"], digest());
    }
}

#[test]
fn what_is_published_stays_what_it_is() {
    let registry = Registry::start("");
    let env = home();
    let name = format!("{}/echo-tool", registry.host);
    push(&env, "well-behaved", &name).exits(0);
    push(&env, "well-behaved", &name).exits(0).says("already");
    let other = stamped(&env, "well-behaved", "note", "the same version");
    let again = adapter(&env, &["push", other.to_str().unwrap(), &name]).exits(4);
    assert!(again.stderr.contains("published already"), "{again}");
    add_from(&env, &format!("{name}:0.1.0")).exits(0);
}

#[test]
fn a_tag_is_the_version_of_what_it_names() {
    let registry = Registry::start("");
    let env = home();
    let name = format!("{}/echo-tool", registry.host);
    for tag in ["1.0.0", "latest"] {
        push(&env, "well-behaved", &format!("{name}:{tag}"))
            .exits(2)
            .says("0.1.0");
    }
    let done = add_from(&env, &format!("{name}:0.1.0")).exits(10);
    assert!(done.stderr.contains("does not exist"), "{done}");
    let done = add_from(&env, &format!("oci://{name}")).exits(2);
    nothing_was_recorded(&env, &done);
}

#[test]
fn a_layer_that_was_changed_on_the_registrys_disk_is_not_taken() {
    let registry = Registry::start("");
    let env = home();
    let name = format!("{}/echo-tool", registry.host);
    push(&env, "well-behaved", &name).exits(0);
    let blob = registry.blob(&digest());
    let mut bytes = fs::read(&blob).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&blob, bytes).unwrap();
    // Without a digest of one's own the manifest's still counts.
    let done = adapter(&env, &["add", &format!("{name}:0.1.0")]).exits(7);
    assert!(done.stderr.contains(&digest()), "{done}");
    nothing_was_recorded(&env, &done);
}

#[test]
fn a_registry_that_is_down_is_named_and_changes_nothing() {
    let mut registry = Registry::start("");
    let env = home();
    let name = format!("{}/echo-tool", registry.host);
    push(&env, "well-behaved", &name).exits(0);
    add_from(&env, &format!("{name}:0.1.0")).exits(0);
    let before = record(&env);
    registry.stop();
    for args in [&["update"][..], &["add", &format!("{name}:0.1.0")]] {
        let done = adapter(&env, args).exits(1);
        assert!(done.stderr.contains(&registry.host), "{done}");
        assert!(done.stderr.contains("cannot be reached"), "{done}");
    }
    assert_eq!(record(&env), before);
    env.backup(0, &["echo-tool"]);
}

#[test]
fn a_registry_with_passwords_is_given_the_one_that_is_written_down() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("htpasswd");
    // `secret`, as htpasswd writes it.
    fs::write(
        &file,
        "ada:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n",
    )
    .unwrap();
    let auth = format!(
        "auth: {{htpasswd: {{realm: tests, path: {}}}}}\n",
        file.display()
    );
    let registry = Registry::start(&auth);
    let mut env = home();
    let name = format!("{}/echo-tool", registry.host);
    let done = push(&env, "well-behaved", &name).exits(1);
    assert!(done.stderr.contains("docker login"), "{done}");
    env.write(".docker/config.json", "{\"auths\": \"secret\"}");
    let done = push(&env, "well-behaved", &name).exits(2);
    assert!(!done.stderr.contains("secret"), "{done}");
    log_in(&env, &registry.host);
    push(&env, "well-behaved", &name).exits(0);
    add_from(&env, &format!("{name}:0.1.0")).exits(0);
    // It may be written down elsewhere.
    let elsewhere = env.home().join("elsewhere");
    fs::rename(env.home().join(".docker"), &elsewhere).unwrap();
    adapter(&env, &["update"]).exits(1);
    env.set("DOCKER_CONFIG", elsewhere);
    adapter(&env, &["update"]).exits(0).says("unchanged");
}

/// A registry that says what a test wants.
struct Lying {
    server: Scripted,
    manifest: Value,
}

impl Lying {
    fn new() -> Self {
        let bytes = fs::read(guest("well-behaved")).unwrap();
        let mut server = Scripted::plain();
        let blob = format!("GET /v2/echo-tool/blobs/sha256:{}", digest());
        server.answers(&blob, json!({"file": guest("well-behaved")}));
        let layer = json!({
            "mediaType": "application/wasm",
            "digest": format!("sha256:{}", digest()),
            "size": bytes.len(),
        });
        let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "layers": [layer]});
        Self { server, manifest }
    }

    /// Adds what it offers after a change to its manifest.
    fn add(mut self, change: impl FnOnce(&mut Self)) -> (TestEnv, Output) {
        change(&mut self);
        let text = self.manifest.to_string();
        let request = "GET /v2/echo-tool/manifests/0.1.0";
        self.server.answers(request, json!({"text": text}));
        let env = home();
        let reference = format!("127.0.0.1:{}/echo-tool:0.1.0", self.server.port);
        let done = add_from(&env, &reference);
        (env, done)
    }
}

#[test]
fn a_registry_is_believed_nothing() {
    Lying::new().add(|_| {}).1.exits(0);
    type Change = fn(&mut Lying);
    let lies: [(&str, Change); 7] = [
        ("2 layers", |lying| {
            let layer = lying.manifest["layers"][0].clone();
            lying.manifest["layers"].as_array_mut().unwrap().push(layer);
        }),
        ("64 MiB", |lying| {
            lying.manifest["layers"][0]["size"] = (100u64 << 20).into();
        }),
        ("larger than", |lying| {
            // It promises little and sends much.
            lying.manifest["layers"][0]["size"] = 1000.into();
        }),
        ("not an adapter", |lying| {
            let tar = "application/vnd.oci.image.layer.v1.tar+gzip";
            lying.manifest["layers"][0]["mediaType"] = tar.into();
        }),
        ("not what its media type says", |lying| {
            lying.manifest["layers"][0]["mediaType"] = "application/toml".into();
        }),
        ("not an OCI manifest", |lying| {
            let index = "application/vnd.oci.image.index.v1+json";
            lying.manifest["mediaType"] = index.into();
        }),
        ("SHA-256", |lying| {
            let other = Digest::of(b"another layer");
            let request = format!("GET /v2/echo-tool/blobs/sha256:{other}");
            lying
                .server
                .answers(&request, json!({"file": guest("well-behaved")}));
            lying.manifest["layers"][0]["digest"] = format!("sha256:{other}").into();
        }),
    ];
    for (says, lie) in lies {
        let (env, done) = Lying::new().add(lie);
        let done = done.exits(7);
        assert!(done.stderr.contains(says), "{says}: {done}");
        nothing_was_recorded(&env, &done);
    }
}

#[test]
fn a_manifest_must_have_the_digest_it_was_asked_by() {
    let lying = Lying::new();
    let Lying {
        mut server,
        manifest,
    } = lying;
    let asked = Digest::of(b"another manifest");
    let request = format!("GET /v2/echo-tool/manifests/sha256:{asked}");
    server.answers(&request, json!({"text": manifest.to_string()}));
    let said = json!({
        "text": manifest.to_string(),
        "headers": {"Docker-Content-Digest": format!("sha256:{asked}")},
    });
    server.answers("GET /v2/echo-tool/manifests/0.1.0", said);
    for version in [format!("@sha256:{asked}"), ":0.1.0".to_owned()] {
        let env = home();
        let reference = format!("127.0.0.1:{}/echo-tool{version}", server.port);
        let done = add_from(&env, &reference).exits(7);
        assert!(done.stderr.contains(&asked.to_string()), "{done}");
        nothing_was_recorded(&env, &done);
    }
}

/// `ada:secret`, as `docker login` writes it.
const ADA: &str = "YWRhOnNlY3JldA==";

/// Writes the password for a registry down.
fn log_in(env: &TestEnv, host: &str) {
    let config = json!({"auths": {host: {"auth": ADA}}, "credsStore": "desktop"});
    env.write(".docker/config.json", config.to_string());
}

#[test]
fn a_token_is_asked_for_with_the_password_that_is_written_down_for_this_registry() {
    let Lying {
        mut server,
        manifest,
    } = Lying::new();
    let host = format!("127.0.0.1:{}", server.port);
    let challenge = format!("Bearer realm=\"http://{host}/token\",service=\"tests\"");
    let guarded = |mut answer: Value| {
        answer["needs"] = "Bearer right".into();
        answer["challenge"] = challenge.clone().into();
        answer
    };
    let elsewhere = format!("http://localhost:{}/cdn", server.port);
    let blob = format!("GET /v2/echo-tool/blobs/sha256:{}", digest());
    let away = json!({"status": 307, "headers": {"Location": elsewhere}});
    server.answers(&blob, guarded(away));
    server.answers("GET /cdn", json!({"file": guest("well-behaved")}));
    let text = manifest.to_string();
    server.answers(
        "GET /v2/echo-tool/manifests/0.1.0",
        guarded(json!({"text": text})),
    );
    let ask = "GET /token?service=tests&scope=repository%3Aecho-tool%3Apull";
    server.answers(
        ask,
        json!({"text": "{\"token\": \"right\"}", "needs": format!("Basic {ADA}"), "challenge": "Basic"}),
    );
    let reference = format!("{host}/echo-tool:0.1.0");
    let env = home();
    let done = add_from(&env, &reference).exits(1);
    assert!(done.stderr.contains("docker login"), "{done}");
    log_in(&env, "another.example.org");
    add_from(&env, &reference).exits(1);
    log_in(&env, &host);
    let done = add_from(&env, &reference).exits(0);
    assert!(
        !format!("{done}{}", record(&env)).contains("secret"),
        "{done}"
    );
    for asked in server.log() {
        let said = asked["authorization"].as_str().unwrap_or_default();
        let to = asked["what"].as_str().unwrap();
        // A password goes to where tokens are handed out, a token to the registry, and
        // nothing to anybody else.
        assert_eq!(
            said.starts_with("Basic "),
            to == ask && !said.is_empty(),
            "{asked}"
        );
        assert!(to != "GET /cdn" || said.is_empty(), "{asked}");
    }
}
