//! Made-up text that is the same on every machine and compresses about as real text does.
//!
//! A pool of blocks of prose, code, logs and listings is made once; files and transcripts are
//! pasted together from it, the way the same sources are read again and again in a session.

/// A generator of numbers that gives the same ones for the same key on every machine.
pub(crate) struct Random(u64);

impl Random {
    /// Starts from a name and a number.
    pub(crate) fn new(name: &str, number: u64) -> Self {
        let mix = |state: u64, byte: u8| (state ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        Self(name.bytes().fold(number ^ 0xcbf2_9ce4_8422_2325, mix))
    }

    /// The next 64 bits (SplitMix64).
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `end`, which is not reached.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    /// A number from 0 to 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// One of them, each as often.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// One of them, the first ones far more often: as words and recent files are.
    pub(crate) fn common<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let rank = (from.len() as f64).powf(self.unit()) as usize;
        &from[rank.clamp(1, from.len()) - 1]
    }

    /// A size around a median; half of them are within a factor of about `spread`'s root.
    pub(crate) fn around(&mut self, median: f64, spread: f64) -> usize {
        let bell: f64 = (0..6).map(|_| self.unit()).sum::<f64>() - 3.0;
        (median * spread.powf(bell)) as usize
    }

    /// Bytes that do not compress.
    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes: Vec<u8> = (0..count.div_ceil(8))
            .flat_map(|_| self.next().to_le_bytes())
            .collect();
        bytes.truncate(count);
        bytes
    }

    /// Letters of an alphabet of 64, which compress to three quarters, as Base64 does.
    pub(crate) fn letters(&mut self, count: usize) -> String {
        const ALPHABET: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+_";
        let letter = |byte: u8| char::from(ALPHABET[usize::from(byte & 63)]);
        self.bytes(count).into_iter().map(letter).collect()
    }

    /// An identifier in the form of a UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        let (head, tail) = (a >> 32, b & 0xffff_ffff_ffff);
        let (second, third) = ((a >> 16) & 0xffff, a & 0xfff);
        format!(
            "{head:08x}-{second:04x}-4{third:03x}-a{:03x}-{tail:012x}",
            b >> 52
        )
    }
}

const WORDS: &str = "the of and to in is that for it as with on be this are by an or from at \
    which not have was will can has but all we if one when there their more into use file code \
    test error path value name type data line function return call check should need read write \
    run build change add remove update set get list new first next only also then so than these \
    any some each both other such no out up now here after before while where how what why does \
    make made see below above same different small large fast slow server client request \
    response session token user project module package import export config default option flag \
    argument command shell output input stream buffer string number object array field key index \
    table row column query cache lock thread task queue event handler message state store \
    archive snapshot restore vault manifest entry digest hash length offset size block chunk \
    member header footer version release branch commit merge diff patch review comment issue fix \
    bug feature refactor implement support handle parse validate verify generate create delete \
    copy move rename link directory folder permission owner mode time date zone locale format \
    template schema library crate dependency compile debug trace log warn info panic assert \
    expect result success failure retry timeout limit memory disk network socket port host \
    address proxy cookie body method route endpoint controller service repository model view \
    component render hook effect property style element node tree root leaf parent child depth \
    width height color theme icon button page layout document section paragraph title summary \
    description example usage guide note warning important because however therefore instead \
    although without within between during against through about around under over until since \
    already always never often usually likely maybe probably actually really just even still yet \
    again further once most least enough rather quite very much many few little own correct \
    wrong safe unsafe valid invalid empty missing present existing current previous latest \
    stable public private internal external local remote global static dynamic atomic durable";

/// Blocks of text, and the names in them.
pub(crate) struct Pool {
    words: Vec<&'static str>,
    /// Names as code has them.
    pub(crate) names: Vec<String>,
    blocks: Vec<String>,
    /// The blocks as they stand inside a JSON string.
    escaped: Vec<String>,
}

impl Pool {
    /// Makes so many blocks.
    pub(crate) fn new(blocks: usize) -> Self {
        let words: Vec<&str> = WORDS.split_whitespace().collect();
        let mut random = Random::new("names", 0);
        let name = |_| format!("{}_{}", random.common(&words), random.pick(&words));
        let names = (0..1200).map(name).collect();
        let mut pool = Self {
            words,
            names,
            blocks: Vec::new(),
            escaped: Vec::new(),
        };
        for number in 0..blocks {
            let mut random = Random::new("block", number as u64);
            let size = random.around(3500.0, 3.2).clamp(200, 40_000);
            let kind = random.below(9);
            let block = pool.block(kind, &mut random, size);
            let quoted = serde_json::Value::String(block.clone()).to_string();
            pool.escaped.push(quoted[1..quoted.len() - 1].to_owned());
            pool.blocks.push(block);
        }
        pool
    }

    fn block(&self, kind: usize, random: &mut Random, size: usize) -> String {
        let locals: Vec<&String> = (0..14).map(|_| random.common(&self.names)).collect();
        let mut text = String::with_capacity(size + 400);
        while text.len() < size {
            let line = match kind {
                0..=3 => self.code(random, &locals),
                4 | 5 => self.sentence(random) + if random.below(4) == 0 { "\n" } else { "" },
                6 => self.log(random),
                7 => format!(
                    "src/{}/{}.rs:{}:    {}({})",
                    random.pick(&locals),
                    random.pick(&locals),
                    random.below(900),
                    random.common(&self.names),
                    random.pick(&self.words)
                ),
                _ => format!(
                    "  \"{}\": \"{} {}\",",
                    random.pick(&locals),
                    random.common(&self.words),
                    random.below(100_000)
                ),
            };
            text.push_str(&line);
            text.push('\n');
        }
        text
    }

    fn code(&self, random: &mut Random, locals: &[&String]) -> String {
        let indent = " ".repeat(4 * (1 + random.below(3)));
        let (one, two) = (random.pick(locals), random.pick(locals));
        let other = random.common(&self.names);
        match random.below(8) {
            0 => format!("\npub fn {other}({one}: &str, {two}: usize) -> Result<()> {{"),
            1 => format!("{indent}if {one}.{other}() == {two} {{"),
            2 | 3 => format!("{indent}}}"),
            4 => format!("{indent}// {}", self.sentence(random)),
            5 => format!("{indent}self.{one} = {two}.{other};"),
            _ => format!("{indent}let {one} = {other}.{two}({})?;", random.below(300)),
        }
    }

    fn log(&self, random: &mut Random) -> String {
        let (level, place) = (
            random.pick(&["DEBUG", "DEBUG", "INFO", "WARN"]),
            random.common(&self.names),
        );
        let words: Vec<&str> = (0..3 + random.below(7))
            .map(|_| *random.common(&self.words))
            .collect();
        format!(
            "2025-06-{:02}T{:02}:{:02}:{:02}.{:03}Z [{level}] {place}: {}",
            1 + random.below(28),
            random.below(24),
            random.below(60),
            random.below(60),
            random.below(1000),
            words.join(" ")
        )
    }

    /// A sentence of 5 to 22 words.
    pub(crate) fn sentence(&self, random: &mut Random) -> String {
        let word = |random: &mut Random| match random.below(100) {
            0..55 => (*random.common(&self.words)).to_owned(),
            55..90 => (*random.pick(&self.words)).to_owned(),
            90..97 => format!("`{}`", random.common(&self.names)),
            _ => random.below(5000).to_string(),
        };
        let words: Vec<String> = (0..5 + random.below(18)).map(|_| word(random)).collect();
        let end = random.pick(&[". ", ". ", ". ", ", ", ": ", "? "]);
        words.join(" ") + end
    }

    /// So many bytes of blocks, each cut somewhere, so that no two files are the same.
    pub(crate) fn text(&self, random: &mut Random, size: usize) -> String {
        let mut text = String::with_capacity(size);
        while text.len() < size {
            let block = random.pick(&self.blocks);
            let from = random.below(block.len() / 2);
            let left = size - text.len();
            text.push_str(&block[from..block.len().min(from + left)]);
        }
        text
    }

    /// Lines of one session as a coding agent writes them: at least so many bytes, whole lines.
    pub(crate) fn transcript(&self, random: &mut Random, size: usize) -> String {
        let session = random.uuid();
        let mut text = String::with_capacity(size + 100_000);
        while text.len() < size {
            let content = self.turn(random);
            let (id, at) = (random.uuid(), random.below(86_400_000));
            text.push_str(&format!(
                "{{\"parentUuid\":null,\"isSidechain\":false,\"userType\":\"external\",\
                 \"cwd\":\"/home/ada/src/app\",\"sessionId\":\"{session}\",\"version\":\"2.0.41\",\
                 \"gitBranch\":\"main\",{content},\"uuid\":\"{id}\",\"timestamp\":{at}}}\n"
            ));
        }
        text
    }

    fn turn(&self, random: &mut Random) -> String {
        let prose = |random: &mut Random, sentences: usize| -> String {
            (0..sentences).map(|_| self.sentence(random)).collect()
        };
        match random.below(100) {
            0..8 => format!("\"type\":\"user\",\"content\":\"{}\"", prose(random, 3)),
            // Reasoning comes with a signature that does not compress.
            8..22 => {
                let signature = 150 + random.below(900);
                format!(
                    "\"type\":\"thinking\",\"thinking\":\"{}\",\"signature\":\"{}\"",
                    prose(random, 8),
                    random.letters(signature)
                )
            }
            22..40 => format!("\"type\":\"text\",\"text\":\"{}\"", prose(random, 6)),
            // What a tool gave stands twice in a line: as text and as a structure.
            kind => {
                let block = random.common(&self.escaped);
                let tool = random.common(&["Read", "Bash", "Edit", "Grep", "Glob", "Write"]);
                let more = if kind < 60 { block } else { "" };
                format!(
                    "\"type\":\"tool_result\",\"tool\":\"{tool}\",\"id\":\"toolu_{}\",\
                     \"content\":\"{block}\",\"toolUseResult\":\"{more}\"",
                    random.letters(24)
                )
            }
        }
    }
}
