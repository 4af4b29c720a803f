//! The terminal: taken over, painted, listened to, and given back on every way out.

use super::super::signals::Stop;
use super::state::{Event, Key};
use super::text::{Line, Look};
use anstyle::{AnsiColor, Style};
use crossterm::event::{self, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Whether the terminal is ours.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// How long is waited for a key before it is looked whether something else happened.
const PATIENCE: Duration = Duration::from_millis(50);

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
    /// Whether the terminal is not ours: then a signal does what it does everywhere.
    away: Arc<AtomicBool>,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        use signal_hook::consts::{SIGCONT, SIGTSTP};
        use signal_hook::flag::{register, register_conditional_default};
        let signals = Self {
            suspend: Arc::default(),
            resumed: Arc::default(),
            away: Arc::default(),
        };
        register_conditional_default(SIGTSTP, Arc::clone(&signals.away))?;
        register(SIGTSTP, Arc::clone(&signals.suspend))?;
        register(SIGCONT, Arc::clone(&signals.resumed))?;
        Ok(signals)
    }
}

/// The terminal while it is ours.
pub(super) struct Terminal {
    colour: bool,
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
            painted: Vec::new(),
            signals: Signals::listen()?,
        };
        terminal.retake()?;
        Ok(terminal)
    }

    /// Takes it over again.
    pub(super) fn retake(&mut self) -> io::Result<()> {
        TAKEN.store(true, Ordering::SeqCst);
        self.signals.away.store(false, Ordering::SeqCst);
        self.signals.suspend.store(false, Ordering::SeqCst);
        self.signals.resumed.store(false, Ordering::SeqCst);
        self.painted.clear();
        enable_raw_mode()?;
        execute!(
            io::stdout(),
            EnterAlternateScreen,
            cursor::Hide,
            Clear(ClearType::All)
        )
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
        match crossterm::terminal::size() {
            Ok((columns, lines)) if columns > 0 && lines > 0 => (columns.into(), lines.into()),
            _ => (80, 24),
        }
    }

    /// Paints the lines that are not as they were.
    pub(super) fn paint(&mut self, lines: &[Line]) -> io::Result<()> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        for (number, line) in lines.iter().enumerate() {
            let text = painted(line, self.colour);
            if self.painted.get(number) != Some(&text) {
                let row = u16::try_from(number).unwrap_or(u16::MAX);
                queue!(out, cursor::MoveTo(0, row))?;
                out.write_all(text.as_bytes())?;
            }
        }
        out.flush()?;
        drop(out);
        self.painted = lines.iter().map(|line| painted(line, self.colour)).collect();
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
        if !event::poll(PATIENCE)? {
            return Ok(Input::Nothing);
        }
        Ok(match event::read()? {
            event::Event::Key(pressed) => match key(pressed) {
                Some(key) => Input::Event(Event::Key(key)),
                None => Input::Nothing,
            },
            event::Event::Resize(..) => {
                // What the terminal did with the old lines is anybody's guess.
                self.clear()?;
                let (width, height) = Self::size();
                Input::Event(Event::Size(width, height))
            }
            _ => Input::Nothing,
        })
    }

    fn clear(&mut self) -> io::Result<()> {
        self.painted.clear();
        execute!(io::stdout(), Clear(ClearType::All))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Gives the terminal back as it was, if it is ours. Nothing can be done where that fails.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _ = execute!(io::stdout(), LeaveAlternateScreen, cursor::Show);
        let _ = disable_raw_mode();
    }
}

/// Waits for a key on the ordinary screen, or for somebody who asks to stop.
pub(super) fn wait_for_enter(stop: &Stop) -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    let waited = loop {
        if stop.asked() {
            break Ok(());
        }
        match event::poll(PATIENCE) {
            Ok(false) => continue,
            Err(e) => break Err(e),
            Ok(true) => {}
        }
        match event::read() {
            Ok(event::Event::Key(pressed)) => match key(pressed) {
                Some(Key::Enter | Key::Interrupt | Key::Letter('q') | Key::Back) => break Ok(()),
                _ => continue,
            },
            Ok(_) => continue,
            Err(e) => break Err(e),
        }
    };
    TAKEN.store(false, Ordering::SeqCst);
    disable_raw_mode()?;
    waited
}

fn key(pressed: KeyEvent) -> Option<Key> {
    if pressed.kind == KeyEventKind::Release {
        return None;
    }
    let control = pressed.modifiers.contains(KeyModifiers::CONTROL);
    Some(match pressed.code {
        KeyCode::Char('c') if control => Key::Interrupt,
        KeyCode::Char('z') if control => Key::Suspend,
        KeyCode::Char(_) if control => return None,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::Enter | KeyCode::Right => Key::Enter,
        KeyCode::Left | KeyCode::Esc | KeyCode::Backspace => Key::Back,
        KeyCode::Char(letter) => Key::Letter(letter),
        _ => return None,
    })
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

    #[test]
    fn keys_are_what_people_expect() {
        let plain = |code| key(KeyEvent::new(code, KeyModifiers::NONE));
        assert_eq!(plain(KeyCode::Right), Some(Key::Enter));
        assert_eq!(plain(KeyCode::Esc), Some(Key::Back));
        assert_eq!(plain(KeyCode::Char(' ')), Some(Key::Letter(' ')));
        assert_eq!(plain(KeyCode::Tab), None);
        let control = |c| key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL));
        assert_eq!(control('c'), Some(Key::Interrupt));
        assert_eq!(control('z'), Some(Key::Suspend));
        // Not as the letter alone: Ctrl-R restores nothing.
        assert_eq!(control('r'), None);
    }
}
