use super::*;

fn blanked(name: &str, text: &str, pointers: &[&str]) -> Result<(String, Vec<String>), BlankError> {
    let pointers: Vec<String> = pointers.iter().map(ToString::to_string).collect();
    let done = blank(Path::new(name), text.as_bytes(), &pointers)?;
    Ok((String::from_utf8(done.content).unwrap(), done.pointers))
}

#[test]
fn json_keeps_every_other_byte() {
    let text = r#"// mine
{
  "mcpServers": { /* a "quoted" word */
    "a": { "env": { "T": "s3\"cret", "N": 12.5, "B": true, "E": "" }, "args": ["-k", "x",] },
  },
  "k\u0065y": "also", "rest": ["s3\"cret"]
}
"#;
    let (out, pointers) = blanked(
        "x.jsonc",
        text,
        &[
            "/mcpServers/*/env/*",
            "/mcpServers/*/args/1",
            "/key",
            "/absent",
        ],
    )
    .unwrap();
    let expected = text
        .replacen(r#""s3\"cret""#, r#""""#, 1)
        .replace("12.5", "0")
        .replace(r#""x""#, r#""""#)
        .replace(r#""also""#, r#""""#);
    assert_eq!(out, expected);
    let expected = [
        "/mcpServers/a/env/T",
        "/mcpServers/a/env/N",
        "/mcpServers/a/args/1",
        "/key",
    ];
    assert_eq!(pointers, expected);
}

#[test]
fn what_lies_below_a_pointer_is_blanked_too() {
    let text = r#"{"env":{"a":["x",{"b":"y"}]},"c":"z"}"#;
    let (out, pointers) = blanked("x.json", text, &["/env"]).unwrap();
    assert_eq!(out, r#"{"env":{"a":["",{"b":""}]},"c":"z"}"#);
    assert_eq!(pointers, ["/env/a/0", "/env/a/1/b"]);
    // A key that stands there twice is blanked twice.
    let (out, _) = blanked("x", r#"{"k":"a","k":"b"}"#, &["/k"]).unwrap();
    assert_eq!(out, r#"{"k":"","k":""}"#);
}

#[test]
fn toml_in_all_its_spellings() {
    let text = "# top\nkey = 'a'\n[mcp.docs]\nenv = { T = \"b\", N = 0x1f }\nmore = \"\"\"\nc\nd\"\"\"\n[[list]]\nat = 2026-11-22\n\n[mcp.docs.env2]\nT = \"keep\"\n";
    let (out, pointers) = blanked(
        "config.toml",
        text,
        &["/key", "/mcp/*/env/*", "/mcp/docs/more", "/list/0/at"],
    )
    .unwrap();
    let expected = "# top\nkey = \"\"\n[mcp.docs]\nenv = { T = \"\", N = 0 }\nmore = \"\"\n[[list]]\nat = 0\n\n[mcp.docs.env2]\nT = \"keep\"\n";
    assert_eq!(out, expected);
    assert_eq!(pointers.len(), 5);
}

#[test]
fn yaml_in_many_of_its_spellings() {
    let text = "# \u{e4}\nmodels:\n  - name: fast\n    apiKey: s3cret # mine\n  - {name: slow, apiKey: 's3 cret'}\nenvs:\n  T: |\n    line\n    line\n  U: \"x\"\n  V: >-\n    folded\n\n    more\nlast: keep\n";
    let (out, pointers) = blanked("config.yaml", text, &["/models/*/apiKey", "/envs/*"]).unwrap();
    assert_eq!(
        pointers,
        [
            "/models/0/apiKey",
            "/models/1/apiKey",
            "/envs/T",
            "/envs/U",
            "/envs/V"
        ]
    );
    assert!(out.contains("apiKey: \"\" # mine\n"), "{out}");
    assert!(out.contains("{name: slow, apiKey: \"\"}"), "{out}");
    let end = "envs:\n  T: |\n  U: \"\"\n  V: >-\nlast: keep\n";
    assert!(out.ends_with(end), "{out}");
    // A block at the very end, with and without its last newline.
    for text in ["a:\n  k: |\n    s\n", "a:\n  k: |\n    s"] {
        let (out, _) = blanked("config.yml", text, &["/a/k"]).unwrap();
        assert_eq!(out, "a:\n  k: |\n");
    }
}

#[test]
fn what_cannot_be_understood_is_refused() {
    let all = ["/*"];
    for (name, text, why) in [
        ("a.json", "{\"a\": ", BlankError::Invalid("JSON")),
        ("a.json", "{\"a\": x}", BlankError::Invalid("JSON")),
        ("a.json", "{\"a\": \"b", BlankError::Invalid("JSON")),
        ("a.json", "{\"a\": 1} {", BlankError::Invalid("JSON")),
        ("a.json", "/* {}", BlankError::Invalid("JSON")),
        ("a.toml", "a = ", BlankError::Invalid("TOML")),
        ("a.yaml", "a: [", BlankError::Invalid("YAML")),
        ("a.yaml", "a: &x s\nb: *x\n", BlankError::Alias),
        ("notes.txt", "key", BlankError::Syntax),
    ] {
        assert_eq!(blanked(name, text, &all), Err(why), "{text}");
    }
    let deep = "[".repeat(200_000);
    assert_eq!(
        blanked("a.json", &deep, &all),
        Err(BlankError::Invalid("JSON"))
    );
}
