//! Keys that can be told by their shape. Each begins with letters that its issuer chose for
//! exactly this, and what follows must look random: words and placeholders do not.

use super::SecretKind;

/// Bytes behind a beginning that decide: a signed token is rarely longer.
pub(super) const LOOK_AHEAD: usize = 4 << 10;

/// How one kind of key begins and goes on.
struct Pattern {
    prefix: &'static [u8],
    kind: SecretKind,
    /// What the rest is made of.
    body: fn(u8) -> bool,
    /// Fewest and most letters of the rest.
    length: (usize, usize),
}

const fn pattern(
    prefix: &'static str,
    kind: SecretKind,
    body: fn(u8) -> bool,
    length: (usize, usize),
) -> Pattern {
    Pattern {
        prefix: prefix.as_bytes(),
        kind,
        body,
        length,
    }
}

const LONG: usize = 512;

/// The first that fits counts.
const PATTERNS: [Pattern; 19] = [
    pattern("sk-ant-", SecretKind::Anthropic, dashed, (24, LONG)),
    pattern("sk-", SecretKind::OpenAi, dashed, (32, LONG)),
    pattern("github_pat_", SecretKind::GitHub, word, (60, LONG)),
    pattern("ghp_", SecretKind::GitHub, plain, (36, LONG)),
    pattern("gho_", SecretKind::GitHub, plain, (36, LONG)),
    pattern("ghu_", SecretKind::GitHub, plain, (36, LONG)),
    pattern("ghs_", SecretKind::GitHub, plain, (36, LONG)),
    pattern("ghr_", SecretKind::GitHub, plain, (36, LONG)),
    pattern("glpat-", SecretKind::GitLab, dashed, (20, LONG)),
    pattern("AKIA", SecretKind::Aws, capital, (16, 16)),
    pattern("ASIA", SecretKind::Aws, capital, (16, 16)),
    pattern("AIza", SecretKind::Google, dashed, (35, 35)),
    pattern("npm_", SecretKind::Npm, plain, (36, 36)),
    pattern("xoxb-", SecretKind::Slack, dashed, (24, LONG)),
    pattern("xoxp-", SecretKind::Slack, dashed, (24, LONG)),
    pattern("xoxa-", SecretKind::Slack, dashed, (24, LONG)),
    pattern("xoxr-", SecretKind::Slack, dashed, (24, LONG)),
    pattern("xoxs-", SecretKind::Slack, dashed, (24, LONG)),
    pattern("xapp-", SecretKind::Slack, dashed, (24, LONG)),
];

const KEY_BEGIN: &[u8] = b"-----BEGIN ";
const TOKEN_BEGIN: &[u8] = b"eyJ";

fn plain(b: u8) -> bool {
    b.is_ascii_alphanumeric()
}

fn word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

fn dashed(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')
}

fn capital(b: u8) -> bool {
    b.is_ascii_uppercase() || b.is_ascii_digit()
}

/// Whether a key can begin with these two bytes: one bit for each pair. Most bytes of a text
/// begin some key; hardly any two do.
const PAIRS: [u64; 1 << 10] = {
    let mut pairs = [0; 1 << 10];
    let mut at = 0;
    while at < PATTERNS.len() {
        mark(&mut pairs, PATTERNS[at].prefix);
        at += 1;
    }
    mark(&mut pairs, KEY_BEGIN);
    mark(&mut pairs, TOKEN_BEGIN);
    pairs
};

const fn mark(pairs: &mut [u64; 1 << 10], prefix: &[u8]) {
    let pair = (prefix[0] as usize) << 8 | prefix[1] as usize;
    pairs[pair >> 6] |= 1 << (pair & 63);
}

fn can_begin(first: u8, second: u8) -> bool {
    let pair = usize::from(first) << 8 | usize::from(second);
    PAIRS[pair >> 6] >> (pair & 63) & 1 == 1
}

/// Finds keys that begin in `bytes[from..to]`, and calls `found` for each. What stands before
/// and behind is looked at, too.
pub(super) fn find(bytes: &[u8], from: usize, to: usize, found: &mut dyn FnMut(SecretKind)) {
    let mut at = from;
    while at < to {
        let second = bytes.get(at + 1).copied().unwrap_or_default();
        if !can_begin(bytes[at], second) {
            at += 1;
            continue;
        }
        match key_at(bytes, at) {
            Some((kind, length)) => {
                found(kind);
                at += length;
            }
            None => at += 1,
        }
    }
}

/// The key that begins here, and its length.
fn key_at(bytes: &[u8], at: usize) -> Option<(SecretKind, usize)> {
    let rest = &bytes[at..];
    if rest.starts_with(KEY_BEGIN) {
        return private_key(rest).map(|length| (SecretKind::PrivateKey, length));
    }
    // In the middle of a word nothing begins.
    if at > 0 && word(bytes[at - 1]) {
        return None;
    }
    if rest.starts_with(TOKEN_BEGIN) {
        return signed_token(rest).map(|length| (SecretKind::Jwt, length));
    }
    let pattern = PATTERNS.iter().find(|one| rest.starts_with(one.prefix))?;
    let body = run(&rest[pattern.prefix.len()..], pattern.body);
    let (least, most) = pattern.length;
    let fits = (least..=most).contains(&body.len()) && looks_random(body);
    // A name made of words has no long part that mixes letters and digits.
    let fits = fits && (pattern.kind != SecretKind::OpenAi || has_long_mixed_part(body));
    fits.then_some((pattern.kind, pattern.prefix.len() + body.len()))
}

fn run(bytes: &[u8], of: fn(u8) -> bool) -> &[u8] {
    let end = bytes.iter().position(|b| !of(*b)).unwrap_or(bytes.len());
    &bytes[..end]
}

/// Whether it is neither a placeholder nor one letter over and over.
fn looks_random(body: &[u8]) -> bool {
    let mut seen = [false; 256];
    body.iter().for_each(|b| seen[*b as usize] = true);
    let different = seen.iter().filter(|seen| **seen).count();
    let digits = body.iter().any(u8::is_ascii_digit);
    let letters = body.iter().any(u8::is_ascii_alphabetic);
    let text = body.to_ascii_lowercase();
    let holds = |word: &str| text.windows(word.len()).any(|part| part == word.as_bytes());
    let placeholder = ["example", "xxxxx", "placeholder", "redacted", "your"];
    different >= 8 && digits && letters && !placeholder.iter().any(|word| holds(word))
}

fn has_long_mixed_part(body: &[u8]) -> bool {
    body.split(|b| matches!(b, b'-' | b'_')).any(|part| {
        part.len() >= 20
            && part.iter().any(u8::is_ascii_digit)
            && part.iter().any(u8::is_ascii_alphabetic)
    })
}

/// Three parts of base64, the first two of which are JSON objects.
fn signed_token(rest: &[u8]) -> Option<usize> {
    let head = run(rest, dashed);
    let after = rest.get(head.len()..)?.strip_prefix(b".")?;
    let claims = run(after, dashed);
    let signature = run(after.get(claims.len()..)?.strip_prefix(b".")?, dashed);
    let fits = head.len() >= 13
        && claims.len() >= 13
        && claims.starts_with(TOKEN_BEGIN)
        && signature.len() >= 16;
    fits.then_some(head.len() + claims.len() + signature.len() + 2)
}

/// The head of a private key with key material behind it; an example has dots there.
fn private_key(rest: &[u8]) -> Option<usize> {
    let label = &rest[KEY_BEGIN.len()..];
    let label = run(label, |b| b.is_ascii_uppercase() || b == b' ');
    let text = std::str::from_utf8(label).ok()?;
    if !(text.ends_with("PRIVATE KEY") || text.ends_with("PRIVATE KEY BLOCK")) {
        return None;
    }
    let head = KEY_BEGIN.len() + label.len();
    let mut body = rest.get(head..)?.strip_prefix(b"-----")?;
    // In a JSON text a line's end is two letters.
    for end in [&b"\\r"[..], b"\r", b"\\n", b"\n"] {
        body = body.strip_prefix(end).unwrap_or(body);
    }
    let material = run(body, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')
    });
    let has_headers = body.starts_with(b"Proc-Type:") || body.starts_with(b"Version:");
    (has_headers || (material.len() >= 40 && looks_like_key(material))).then_some(head)
}

fn looks_like_key(material: &[u8]) -> bool {
    let mut seen = [false; 256];
    material.iter().for_each(|b| seen[*b as usize] = true);
    seen.iter().filter(|seen| **seen).count() >= 12
}
