//! Round trips over random bytes: chains of archives that share most of their pieces.

use super::*;
use crate::model::Digest;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn bytes(&mut self, length: u64) -> Vec<u8> {
        (0..length).map(|_| self.roll(256) as u8).collect()
    }
}

/// An archive as a list of pieces with something before and behind them.
#[derive(Clone)]
struct Made {
    head: Vec<u8>,
    pieces: Vec<Vec<u8>>,
    tail: Vec<u8>,
}

impl Made {
    fn new(dice: &mut Dice) -> Self {
        let pieces = 1 + dice.roll(40);
        let mut piece = || {
            let length = 1 + dice.roll(900);
            dice.bytes(length)
        };
        Self {
            head: b"head".to_vec(),
            pieces: (0..pieces).map(|_| piece()).collect(),
            tail: b"tail".to_vec(),
        }
    }

    /// What a next archive could be.
    fn changed(&self, dice: &mut Dice) -> Self {
        let mut next = self.clone();
        for _ in 0..dice.roll(4) {
            let at = dice.roll(next.pieces.len() as u64) as usize;
            match dice.roll(4) {
                0 => {
                    let length = 1 + dice.roll(900);
                    next.pieces.insert(at, dice.bytes(length));
                }
                1 if next.pieces.len() > 1 => {
                    next.pieces.remove(at);
                }
                2 => {
                    let copy = next.pieces[at].clone();
                    next.pieces.push(copy);
                }
                _ => next.pieces[at][0] ^= 1,
            }
        }
        let length = dice.roll(9);
        next.tail = dice.bytes(length);
        next
    }

    fn bytes(&self) -> Vec<u8> {
        [&self.head[..], &self.pieces.concat(), &self.tail].concat()
    }

    fn spans(&self) -> Vec<Span> {
        let mut at = self.head.len() as u64;
        let span = |piece: &Vec<u8>| {
            use sha2::Digest as _;
            let whole: [u8; 32] = sha2::Sha256::digest(piece).into();
            let mut digest = [0; 16];
            digest.copy_from_slice(&whole[..16]);
            let length = u32::try_from(piece.len()).unwrap();
            let span = Span { at, length, digest };
            at += u64::from(length);
            span
        };
        self.pieces.iter().map(span).collect()
    }
}

fn identity(bytes: &[u8]) -> (Digest, u64) {
    (Digest::of(bytes), bytes.len() as u64)
}

/// Reads everything in steps of odd sizes.
fn all_of(from: &dyn ReadAt, size: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut step = 1;
    while (bytes.len() as u64) < size {
        let mut buffer = vec![0; step];
        let got = from.read_at(&mut buffer, bytes.len() as u64).unwrap();
        assert!(got > 0);
        bytes.extend(&buffer[..got]);
        step = step * 7 % 1013 + 1;
    }
    assert_eq!(from.read_at(&mut [0], size).unwrap(), 0);
    bytes
}

fn thin_file(recipe: &Recipe, whole: &Vec<u8>) -> Vec<u8> {
    let mut file = Vec::new();
    let (digest, size) = write_thin(recipe, whole, &mut file).unwrap();
    assert_eq!((digest, size), identity(&file));
    file
}

fn open(file: &[u8]) -> Result<ThinFile, ThinError> {
    ThinFile::read(Box::new(file.to_vec()), file.len() as u64)
}

#[test]
fn chains_of_random_archives_come_back_byte_for_byte() {
    for seed in 1..200 {
        let mut dice = Dice(u64::wrapping_mul(seed, 0x9e37_79b9_7f4a_7c15));
        // The newest is plain; each older one leans on the next newer.
        let mut chain = vec![Made::new(&mut dice)];
        for _ in 0..dice.roll(5) {
            let next = chain[chain.len() - 1].changed(&mut dice);
            chain.push(next);
        }
        let newest = chain[0].bytes();
        let mut base: Box<dyn ReadAt> = Box::new(newest.clone());
        let mut over: Option<(Recipe, Vec<u8>)> = None;
        for pair in chain.windows(2) {
            let (older, newer) = (pair[1].bytes(), pair[0].bytes());
            let recipe = match_spans(
                &pair[1].spans(),
                identity(&older),
                &pair[0].spans(),
                identity(&newer),
            )
            .unwrap();
            assert!(recipe.own_bytes() <= older.len() as u64);
            let file = thin_file(&recipe, &older);
            let opened = open(&file).unwrap();
            assert_eq!(opened.recipe(), &recipe);
            let (digest, size) = identity(&newer);
            let archive = opened.over(base, digest, size).unwrap();
            assert_eq!(all_of(&archive, older.len() as u64), older, "seed {seed}");
            // Without the one between it is the same.
            if let Some((between, plain)) = over {
                let direct = rebase(&recipe, &between).unwrap();
                let file = thin_file(&direct, &older);
                let (digest, size) = identity(&plain);
                let archive = open(&file).unwrap();
                let archive = archive.over(Box::new(plain), digest, size).unwrap();
                assert_eq!(all_of(&archive, older.len() as u64), older, "seed {seed}");
            }
            over = Some((recipe, newer));
            base = Box::new(archive);
        }
    }
}

#[test]
fn what_is_unchanged_is_one_run() {
    let made = Made::new(&mut Dice(7));
    let bytes = made.bytes();
    let own = identity(&bytes);
    let recipe = match_spans(&made.spans(), own, &made.spans(), own).unwrap();
    assert_eq!(recipe.runs().len(), 3, "{recipe:?}");
    assert_eq!(recipe.own_bytes(), 8);
}

#[test]
fn a_file_of_another_length_or_base_is_refused() {
    let mut dice = Dice(5);
    let (old, new) = (Made::new(&mut dice), Made::new(&mut dice));
    let whole = old.bytes();
    let base = identity(&new.bytes());
    let recipe = match_spans(&old.spans(), identity(&whole), &new.spans(), base).unwrap();
    let file = thin_file(&recipe, &whole);
    for length in [0, 1, file.len() / 2, file.len() - 1] {
        assert!(open(&file[..length]).is_err(), "{length}");
    }
    assert!(open(&[&file[..], b"x"].concat()).is_err());
    let other = open(&file)
        .unwrap()
        .over(Box::new(whole.clone()), base.0, base.1 + 1);
    assert!(matches!(other, Err(ThinError::OtherBase)));
    // A base that is shorter than it says is an error and never a shorter archive.
    let own_only = open(&file).unwrap().recipe().own_bytes() == whole.len() as u64;
    if !own_only {
        let archive = open(&file)
            .unwrap()
            .over(Box::new(Vec::new()), base.0, base.1);
        let mut buffer = vec![0; whole.len()];
        assert!(archive.unwrap().read_at(&mut buffer, 0).is_err());
    }
}

#[test]
fn overlapping_pieces_make_no_recipe() {
    let made = Made::new(&mut Dice(9));
    let bytes = made.bytes();
    let mut spans = made.spans();
    spans.push(spans[0]);
    assert!(match_spans(&spans, identity(&bytes), &[], identity(&bytes)).is_err());
    spans.pop();
    let short = (
        Digest::of(&bytes),
        bytes.len() as u64 - 1000.min(bytes.len() as u64),
    );
    assert!(match_spans(&spans, short, &[], short).is_err());
}
