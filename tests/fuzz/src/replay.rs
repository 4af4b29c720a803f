//! Every committed seed, and inputs made out of them in the same way each time, without
//! libFuzzer. An input that fails is left in a file, to be tried again by itself.

use std::fs;
use std::path::{Path, PathBuf};

/// Bytes that mean something in headers, manifests, numbers and paths.
const TOKENS: [&[u8]; 20] = [
    b"../",
    b"/",
    b"\0",
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"home/.claude/",
    b"manifest.json",
    b"SHA256SUMS",
    b"00000000000",
    b"77777777777",
    b"path=",
    b"27 path=/etc/passwd\n",
    b"\n",
    b"\"",
    b"{}",
    b"[[",
    b"null",
    b"-1",
    b"\\",
    b"\xc0\xae",
];
const BLOCK: usize = 512;

#[test]
fn archives() {
    replay("header", super::header::header, 1500);
}

#[test]
fn manifests_and_records() {
    replay("manifest", super::manifest::manifest, 2500);
}

#[test]
fn declarations() {
    replay("declaration", super::declaration::declaration, 4000);
}

#[test]
fn restores() {
    replay("restore", super::restore::restore, 60);
}

/// Puts every seed and so many made inputs before a target.
fn replay(target: &str, run: fn(&[u8]) -> bool, made: usize) {
    let seeds = seeds(target);
    assert!((20..=80).contains(&seeds.len()), "{} seeds", seeds.len());
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut accepted = 0;
    for seed in &seeds {
        accepted += usize::from(guarded(target, run, seed));
    }
    assert!(accepted > 0, "no seed of {target} is accepted");
    for _ in 0..made {
        let input = random.mutate(&seeds);
        accepted += usize::from(guarded(target, run, &input));
    }
    let count = seeds.len() + made;
    println!("{target}: {count} inputs replayed, {accepted} accepted");
    let dir = temporary().join("coverage");
    fs::create_dir_all(&dir).expect("a directory for counts");
    let line = format!("fuzz replays {target} {count}\n");
    fs::write(dir.join(format!("fuzz-{target}")), line).expect("the count can be kept");
}

/// The seeds of a target by their names, each small.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = ["seeds", "../tests/fuzz/seeds"].map(|place| here.join(place).join(target));
    let dir = places.iter().find(|dir| dir.is_dir()).expect("seeds");
    let names = fs::read_dir(dir).expect("a folder of seeds");
    let mut paths: Vec<PathBuf> = names.map(|name| name.expect("a name").path()).collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let seed = fs::read(path).expect("a seed");
        assert!(seed.len() <= 16 << 10, "{} is large", path.display());
        seed
    };
    paths.iter().map(read).collect()
}

/// Runs one input; when it fails the input is left beside the build.
fn guarded(target: &str, run: fn(&[u8]) -> bool, input: &[u8]) -> bool {
    struct Left<'a>(&'a str, &'a [u8]);
    impl Drop for Left<'_> {
        fn drop(&mut self) {
            if std::thread::panicking() {
                let path = temporary().join(format!("failed-{}", self.0));
                let left = fs::write(&path, self.1);
                println!("the input is in {}: {left:?}", path.display());
            }
        }
    }
    let _left = Left(target, input);
    run(input)
}

/// Cargo's directory for what tests leave. It names it to other tests than these, so it
/// is found from where this test lies: `<target>/<profile>/deps/<test>`.
fn temporary() -> PathBuf {
    let exe = std::env::current_exe().expect("where this test lies");
    let target = exe.ancestors().nth(3).expect("a directory of builds");
    let dir = target.join("tmp");
    fs::create_dir_all(&dir).expect("a directory for what tests leave");
    dir
}

/// Xorshift: the same inputs everywhere, each time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }

    /// A seed with one to four changes.
    fn mutate(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut input = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(4) {
            let other = &seeds[self.below(seeds.len())];
            self.change(&mut input, other);
        }
        input.truncate(32 << 10);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(input.len());
        let end = (at + 1 + self.below(16)).min(input.len());
        match self.below(9) {
            0 | 1 if at < input.len() => input[at] ^= 1 << self.below(8),
            2 if at < input.len() => input[at] = self.below(256) as u8,
            3 => drop(input.drain(at.min(end)..end)),
            4 => {
                let token = TOKENS[self.below(TOKENS.len())];
                input.splice(at..at, token.iter().copied());
            }
            5 => {
                let token = TOKENS[self.below(TOKENS.len())];
                let end = (at + token.len()).min(input.len());
                input.splice(at..end, token.iter().copied());
            }
            6 => {
                // A block of another input between two blocks of this one.
                let from = self.below(other.len() / BLOCK + 1) * BLOCK;
                let to = self.below(input.len() / BLOCK + 1) * BLOCK;
                let block = &other[from.min(other.len())..(from + BLOCK).min(other.len())];
                input.splice(to..to, block.iter().copied());
            }
            7 => {
                let more: Vec<u8> = (0..self.below(64)).map(|_| self.below(256) as u8).collect();
                input.extend(more);
            }
            _ => input.truncate(at),
        }
    }
}
