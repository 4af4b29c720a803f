//! The program on a terminal of its own: keys in, and the screen as a person sees it. The
//! terminal knows just what the program may use; anything else fails the test.

use super::TestEnv;
use rexpect::process::{PtyProcess, Signal, WaitStatus};
use rustix::termios::{Termios, Winsize, tcgetattr, tcsetwinsize};
use std::fs::File;
use std::io::{Read, Write};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How long is waited for something that must come.
const PATIENCE: Duration = Duration::from_secs(120);

/// The program on its terminal.
pub(crate) struct Tty {
    process: PtyProcess,
    /// The number of the process, which the shell's becomes.
    id: String,
    master: File,
    bytes: Receiver<Vec<u8>>,
    /// What is seen.
    pub(crate) screen: Screen,
    /// Everything that was written.
    pub(crate) raw: Vec<u8>,
    before: Termios,
}

impl Tty {
    /// Starts the program on a terminal of so many columns and lines, which is then as shells
    /// leave it.
    pub(crate) fn start(env: &TestEnv, size: (u16, u16), args: &[&str]) -> Self {
        let vault = env.vault();
        let mut all = vec!["--vault", vault.to_str().unwrap()];
        all.extend(args);
        // It begins when the terminal has its size.
        let prefix = [
            "sh",
            "-c",
            "stty echo; echo $$; read -r go; exec \"$@\"",
            "sh",
        ];
        let mut command = env.command(&prefix, &all);
        command
            .stdin(Stdio::inherit())
            .stdout(Stdio::inherit())
            .stderr(Stdio::inherit());
        let process = PtyProcess::new(command).unwrap();
        let mut master = process.get_file_handle().unwrap();
        set_size(&master, size);
        let bytes = listen(process.get_file_handle().unwrap());
        // Then the shell has set the terminal up.
        let mut first = Vec::new();
        while !first.ends_with(b"\n") {
            first.extend(bytes.recv_timeout(PATIENCE).unwrap());
        }
        let id = String::from_utf8_lossy(&first).trim().to_owned();
        let before = tcgetattr(&master).unwrap();
        master.write_all(b"go\n").unwrap();
        let mut tty = Self {
            process,
            id,
            master,
            bytes,
            screen: Screen::new(size),
            raw: Vec::new(),
            before,
        };
        tty.take_in(&first);
        tty
    }

    /// Waits until the screen shows all of these.
    #[track_caller]
    pub(crate) fn shows(&mut self, texts: &[&str]) -> &mut Self {
        while let Some(text) = texts.iter().find(|text| !self.screen.shows(text)) {
            let Ok(bytes) = self.bytes.recv_timeout(PATIENCE) else {
                panic!("no {text:?} on the screen:\n{}", self.screen.text());
            };
            self.take_in(&bytes);
        }
        self
    }

    /// Waits until the screen does not show this any more.
    #[track_caller]
    pub(crate) fn hides(&mut self, text: &str) -> &mut Self {
        while self.screen.shows(text) {
            let Ok(bytes) = self.bytes.recv_timeout(PATIENCE) else {
                panic!("still {text:?} on the screen:\n{}", self.screen.text());
            };
            self.take_in(&bytes);
        }
        self
    }

    fn take_in(&mut self, bytes: &[u8]) {
        self.raw.extend(bytes);
        self.screen.feed(bytes);
    }

    /// Types.
    pub(crate) fn types(&mut self, keys: &str) -> &mut Self {
        self.master.write_all(keys.as_bytes()).unwrap();
        self
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&mut self, size: (u16, u16)) -> &mut Self {
        self.screen = Screen::new(size);
        set_size(&self.master, size);
        self
    }

    /// Sends the program a signal.
    pub(crate) fn signal(&mut self, signal: Signal) -> &mut Self {
        self.process.signal(signal).unwrap();
        self
    }

    /// Waits until the program is stopped, as Ctrl-Z does.
    pub(crate) fn is_stopped(&self) {
        let stat = format!("/proc/{}/stat", self.id);
        let stopped = || {
            let text = std::fs::read_to_string(&stat).unwrap();
            text.rsplit(')')
                .next()
                .unwrap()
                .trim_start()
                .starts_with('T')
        };
        let begun = std::time::Instant::now();
        while !stopped() {
            assert!(begun.elapsed() < PATIENCE, "it does not stop");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for the program's end, and gives its exit code.
    pub(crate) fn ends(&mut self) -> i32 {
        while let Ok(bytes) = self.bytes.recv_timeout(PATIENCE) {
            self.take_in(&bytes);
        }
        match self.process.wait().unwrap() {
            WaitStatus::Exited(_, code) => code,
            other => panic!("it ended with {other:?}"),
        }
    }

    /// The terminal is as it was before the program began.
    #[track_caller]
    pub(crate) fn is_as_before(&mut self) -> &mut Self {
        let now = tcgetattr(&self.master).unwrap();
        let modes = |of: &Termios| (of.input_modes, of.output_modes, of.local_modes);
        assert_eq!(
            modes(&now),
            modes(&self.before),
            "the modes of the terminal"
        );
        while let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(1)) {
            self.take_in(&bytes);
        }
        let screen = &self.screen;
        assert!(!screen.alternate, "it is still on the other screen");
        assert!(!screen.hidden, "the cursor is hidden");
        assert!(!screen.styled, "what follows has a style");
        self
    }
}

fn set_size(master: &File, (columns, lines): (u16, u16)) {
    let size = Winsize {
        ws_row: lines,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(master, size).unwrap();
}

/// Reads until the program has closed the terminal.
fn listen(mut from: File) -> Receiver<Vec<u8>> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            if send.send(buffer[..count].to_vec()).is_err() {
                break;
            }
        }
    });
    receive
}

/// A terminal's screen.
pub(crate) struct Screen {
    cells: Vec<Vec<char>>,
    at: (usize, usize),
    pending: Vec<u8>,
    /// Whether it is the other screen, which programs use that fill it.
    pub(crate) alternate: bool,
    hidden: bool,
    styled: bool,
    /// Whether anything had a style since it began.
    pub(crate) was_styled: bool,
}

impl Screen {
    fn new((columns, lines): (u16, u16)) -> Self {
        Self {
            cells: vec![vec![' '; columns.into()]; lines.into()],
            at: (0, 0),
            pending: Vec::new(),
            alternate: false,
            hidden: false,
            styled: false,
            was_styled: false,
        }
    }

    /// Its lines, without spaces at their ends.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |cells: &Vec<char>| cells.iter().collect::<String>().trim_end().to_owned();
        self.cells.iter().map(line).collect()
    }

    /// The line that a list's cursor is on.
    pub(crate) fn chosen(&self) -> String {
        let mut lines = self.lines().into_iter();
        lines.find(|line| line.starts_with('>')).unwrap_or_default()
    }

    /// Its lines, one below the other.
    pub(crate) fn text(&self) -> String {
        self.lines().join("\n")
    }

    fn shows(&self, text: &str) -> bool {
        self.lines().iter().any(|line| line.contains(text))
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.pending.extend(bytes);
        while let Some(used) = self.step() {
            self.pending.drain(..used);
        }
    }

    /// Takes one character or command from the front, if it is there as a whole.
    fn step(&mut self) -> Option<usize> {
        let bytes = self.pending.clone();
        match *bytes.first()? {
            0x1b => {
                assert_eq!(*bytes.get(1)?, b'[', "an escape that is no CSI: {bytes:?}");
                let end = bytes[2..].iter().position(|b| (0x40..0x7f).contains(b))? + 2;
                let parameters = std::str::from_utf8(&bytes[2..end]).unwrap().to_owned();
                self.command(&parameters, bytes[end]);
                Some(end + 1)
            }
            b'\r' => {
                self.at.0 = 0;
                Some(1)
            }
            b'\n' => {
                self.down();
                Some(1)
            }
            0x07 | 0x08 => panic!("a control character"),
            first => {
                let length = match first {
                    0..=0x7f => 1,
                    0xc0..=0xdf => 2,
                    0xe0..=0xef => 3,
                    _ => 4,
                };
                let text = std::str::from_utf8(bytes.get(..length)?).unwrap();
                self.put(text.chars().next().unwrap());
                Some(length)
            }
        }
    }

    fn put(&mut self, c: char) {
        if self.at.0 >= self.cells[0].len() {
            assert!(!self.alternate, "a line of the browser is too long");
            self.at.0 = 0;
            self.down();
        }
        let (column, line) = self.at;
        self.cells[line][column] = c;
        self.at.0 += 1;
    }

    fn down(&mut self) {
        if self.at.1 + 1 < self.cells.len() {
            self.at.1 += 1;
        } else {
            let columns = self.cells[0].len();
            self.cells.remove(0);
            self.cells.push(vec![' '; columns]);
        }
    }

    fn command(&mut self, parameters: &str, last: u8) {
        match (parameters, last) {
            ("?1049", b'h') => {
                self.alternate = true;
                self.wipe();
            }
            ("?1049", b'l') => {
                self.alternate = false;
                self.wipe();
                self.at = (0, 0);
            }
            ("?25", b'l') => self.hidden = true,
            ("?25", b'h') => self.hidden = false,
            ("2", b'J') => self.wipe(),
            (place, b'H') => {
                let (line, column) = place.split_once(';').unwrap();
                let number = |text: &str| text.parse::<usize>().unwrap() - 1;
                self.at = (number(column), number(line).min(self.cells.len() - 1));
            }
            (style, b'm') => {
                self.styled = !matches!(style, "" | "0");
                self.was_styled |= self.styled;
            }
            // Of the bar that shows how work goes on, on the ordinary screen.
            (_, b'K' | b'A' | b'G' | b'B') if !self.alternate => {}
            (parameters, last) => panic!("unknown: CSI {parameters} {}", char::from(last)),
        }
    }

    fn wipe(&mut self) {
        self.cells.iter_mut().for_each(|line| line.fill(' '));
    }
}
