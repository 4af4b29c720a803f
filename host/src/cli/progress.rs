//! A bar on a terminal for long work; nothing elsewhere.

use super::render::Voice;
use super::signals::Stop;
use indicatif::{ProgressBar, ProgressStyle};
use std::cell::RefCell;
use std::io::IsTerminal;
use std::time::Duration;
use takeback::model::{Observer, TargetId};

/// Shows the engine's progress.
pub(super) struct Progress {
    stop: Stop,
    visible: bool,
    voice: Voice,
    bar: RefCell<Option<ProgressBar>>,
}

impl Progress {
    pub(super) fn new(stop: Stop, voice: &Voice) -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let visible = !voice.json && !voice.quiet && !dumb && std::io::stderr().is_terminal();
        Self {
            stop,
            visible,
            voice: *voice,
            bar: RefCell::new(None),
        }
    }
}

impl Observer for Progress {
    fn stage(&self, target: &TargetId, what: &'static str, _files: u64, bytes: u64) {
        if !self.visible {
            return;
        }
        let template = "{msg} [{bar:30}] {decimal_bytes} of {decimal_total_bytes}";
        // The template is fixed; if it were wrong there would simply be a plainer bar.
        let style = ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("##-");
        let bar = ProgressBar::new(bytes)
            .with_style(style)
            .with_message(format!("{what} {target}"));
        bar.enable_steady_tick(Duration::from_millis(200));
        *self.bar.borrow_mut() = Some(bar);
    }

    fn file_done(&self, bytes: u64) {
        if let Some(bar) = self.bar.borrow().as_ref() {
            bar.inc(bytes);
        }
    }

    fn stage_done(&self) {
        if let Some(bar) = self.bar.borrow_mut().take() {
            bar.finish_and_clear();
        }
    }

    fn warn(&self, message: &str) {
        self.voice.warn(message);
    }

    fn interrupted(&self) -> bool {
        self.stop.asked()
    }
}

impl Drop for Progress {
    /// Work that failed leaves no bar on the screen.
    fn drop(&mut self) {
        self.stage_done();
    }
}
