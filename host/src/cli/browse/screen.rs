//! The terminal: taken over, painted, listened to, and given back on every way out.

use super::super::signals::Stop;
use super::events::{Event, Key};
use super::keys::Keys;
use super::text::{Line, Look};
use anstyle::{AnsiColor, Style};
use rustix::termios::{
    OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetwinsize, tcsetattr,
};
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The modes of the terminal before it was ours, while it is.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// The other screen, without a cursor, and empty.
const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[2J";
/// Everything as it was before that.
const LEAVE: &str = "\x1b[0m\x1b[?1049l\x1b[?25h";
/// Everything on the screen goes.
const CLEAR: &str = "\x1b[2J";
/// Tenths of a second for which a read waits for a key, before it is looked whether something
/// else happened.
const PATIENCE: u8 = 1;

/// What can come from a terminal.
pub(super) enum Input {
    Event(Event),
    /// The process was stopped and goes on: everything is to be painted again.
    Resumed,
    /// Somebody asked this process to stop for a while.
    Suspended,
    Nothing,
}

/// What signals do while the browser runs.
struct Signals {
    suspend: Arc<AtomicBool>,
    resumed: Arc<AtomicBool>,
    resized: Arc<AtomicBool>,
    /// Whether the terminal is not ours: then a signal does what it does everywhere.
    away: Arc<AtomicBool>,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        use signal_hook::consts::{SIGCONT, SIGTSTP, SIGWINCH};
        use signal_hook::flag::{register, register_conditional_default};
        let signals = Self {
            suspend: Arc::default(),
            resumed: Arc::default(),
            resized: Arc::default(),
            away: Arc::default(),
        };
        register_conditional_default(SIGTSTP, Arc::clone(&signals.away))?;
        register(SIGTSTP, Arc::clone(&signals.suspend))?;
        register(SIGCONT, Arc::clone(&signals.resumed))?;
        register(SIGWINCH, Arc::clone(&signals.resized))?;
        Ok(signals)
    }
}

/// The terminal while it is ours.
pub(super) struct Terminal {
    colour: bool,
    keys: Keys,
    /// The lines as they were painted last.
    painted: Vec<String>,
    signals: Signals,
}

impl Terminal {
    /// Takes the terminal over. It is given back when this value goes, also when something
    /// panics; what a panic says is then seen.
    pub(super) fn take(colour: bool) -> io::Result<Self> {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            give_back();
            before(panic);
        }));
        let mut terminal = Self {
            colour,
            keys: Keys::default(),
            painted: Vec::new(),
            signals: Signals::listen()?,
        };
        terminal.retake()?;
        Ok(terminal)
    }

    /// Takes it over again.
    pub(super) fn retake(&mut self) -> io::Result<()> {
        self.signals.away.store(false, Ordering::SeqCst);
        self.signals.suspend.store(false, Ordering::SeqCst);
        self.signals.resumed.store(false, Ordering::SeqCst);
        self.painted.clear();
        self.keys.forget();
        make_raw()?;
        say(ENTER)
    }

    /// Gives it back for a while.
    pub(super) fn leave(&self) {
        give_back();
        self.signals.away.store(true, Ordering::SeqCst);
    }

    /// Stops this process as Ctrl-Z does, with the terminal in order; returns when it goes on.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        self.leave();
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
        self.retake()
    }

    /// Columns and lines.
    pub(super) fn size() -> (usize, usize) {
        // A terminal that does not know its size is taken for the usual one.
        match tcgetwinsize(io::stdout()) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => {
                (size.ws_col.into(), size.ws_row.into())
            }
            _ => (80, 24),
        }
    }

    /// Paints the lines that are not as they were.
    pub(super) fn paint(&mut self, lines: &[Line]) -> io::Result<()> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        for (number, line) in lines.iter().enumerate() {
            let text = painted(line, self.colour);
            if self.painted.get(number) != Some(&text) {
                write!(out, "\x1b[{};1H{text}", number + 1)?;
            }
        }
        out.flush()?;
        drop(out);
        self.painted = lines
            .iter()
            .map(|line| painted(line, self.colour))
            .collect();
        Ok(())
    }

    /// Waits a moment for something to happen.
    pub(super) fn next(&mut self) -> io::Result<Input> {
        if self.signals.suspend.swap(false, Ordering::SeqCst) {
            return Ok(Input::Suspended);
        }
        if self.signals.resumed.swap(false, Ordering::SeqCst) {
            return Ok(Input::Resumed);
        }
        if self.signals.resized.swap(false, Ordering::SeqCst) {
            // What the terminal did with the old lines is anybody's guess.
            self.painted.clear();
            say(CLEAR)?;
            let (width, height) = Self::size();
            return Ok(Input::Event(Event::Size(width, height)));
        }
        let key = match self.keys.next(false) {
            Some(key) => Some(key),
            None => read_key(&mut self.keys)?,
        };
        Ok(key.map_or(Input::Nothing, |key| Input::Event(Event::Key(key))))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.leave();
    }
}

fn say(words: &str) -> io::Result<()> {
    let mut out = io::stdout();
    out.write_all(words.as_bytes())?;
    out.flush()
}

fn before() -> MutexGuard<'static, Option<Termios>> {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on keys come one by one, unseen, and Ctrl-C is one of them.
fn make_raw() -> io::Result<()> {
    let mut before = before();
    let modes = tcgetattr(io::stdin())?;
    let mut raw = modes.clone();
    raw.make_raw();
    // A read gives what there is, or nothing after a while.
    raw.special_codes[SpecialCodeIndex::VMIN] = 0;
    raw.special_codes[SpecialCodeIndex::VTIME] = PATIENCE;
    tcsetattr(io::stdin(), OptionalActions::Now, &raw)?;
    // Where it was ours all the time, these modes are our own.
    before.get_or_insert(modes);
    Ok(())
}

/// Gives the terminal back as it was, if it is ours. Nothing can be done where that fails.
fn give_back() {
    if let Some(modes) = before().take() {
        let _ = say(LEAVE);
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &modes);
    }
}

/// Waits a moment for a key.
fn read_key(keys: &mut Keys) -> io::Result<Option<Key>> {
    let mut bytes = [0; 256];
    match rustix::io::read(io::stdin(), &mut bytes) {
        // Nothing came, or the terminal is gone: then it has no modes either.
        Ok(0) => {
            tcgetattr(io::stdin())?;
            Ok(keys.next(true))
        }
        Ok(count) => {
            keys.take_in(&bytes[..count]);
            Ok(keys.next(false))
        }
        Err(rustix::io::Errno::INTR) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// Waits for a key on the ordinary screen, or for somebody who asks to stop.
pub(super) fn wait_for_enter(stop: &Stop) -> io::Result<()> {
    make_raw()?;
    let mut keys = Keys::default();
    let mut waited = Ok(());
    while waited.is_ok() && !stop.asked() {
        match read_key(&mut keys) {
            Ok(Some(Key::Enter | Key::Interrupt | Key::Letter('q') | Key::Back)) => break,
            Ok(_) => {}
            Err(e) => waited = Err(e),
        }
    }
    if let Some(modes) = before().take() {
        tcsetattr(io::stdin(), OptionalActions::Now, &modes)?;
    }
    waited
}

/// A line as the terminal gets it.
fn painted(line: &Line, colour: bool) -> String {
    let mut out = String::new();
    for (look, text) in &line.0 {
        if colour {
            let style = style(*look);
            out.push_str(&format!("{style}{text}{style:#}"));
        } else {
            out.push_str(text);
        }
    }
    out
}

fn style(look: Look) -> Style {
    match look {
        Look::Plain => Style::new(),
        Look::Bold => Style::new().bold(),
        Look::Dim => Style::new().dimmed(),
        Look::Bar => Style::new().invert(),
        Look::Added => AnsiColor::Green.on_default(),
        Look::Removed => AnsiColor::Red.on_default(),
        Look::Changed => AnsiColor::Yellow.on_default(),
        Look::Warning => AnsiColor::Yellow.on_default().bold(),
        Look::Key => AnsiColor::Cyan.on_default().bold(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_there_is_nothing_but_text() {
        let line = Line::of(Look::Added, "+a").and(Look::Bar, " b");
        assert_eq!(painted(&line, false), "+a b");
        assert_eq!(
            painted(&line, true),
            "\u{1b}[32m+a\u{1b}[0m\u{1b}[7m b\u{1b}[0m"
        );
    }
}
