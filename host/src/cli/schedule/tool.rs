//! The system's own tools for timers, started without a shell with arguments that are written
//! here: `systemctl`, `launchctl` and `crontab`, and nothing else.

use std::io::{self, Read, Write};
use std::process::{Command, Stdio};
use takeback::model::Shown;
use takeback::model::limits::SCHEDULE_BYTES;

/// One call of a tool.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) program: &'static str,
    pub(super) args: Vec<String>,
    /// It may fail: it only clears the way.
    pub(super) may_fail: bool,
}

/// Why a call did not do what it should.
#[derive(Debug, thiserror::Error)]
pub(super) enum ToolError {
    /// It is not installed.
    #[error("there is no `{0}` on this machine")]
    Missing(&'static str),
    /// It could not be started or spoken to.
    #[error("`{call}` cannot be run: {source}")]
    Broken {
        /// The call, as one would type it.
        call: String,
        /// Why.
        source: io::Error,
    },
    /// It ended with an error.
    #[error("`{call}` failed: {said}")]
    Failed {
        /// The call, as one would type it.
        call: String,
        /// What it said, escaped.
        said: String,
    },
}

/// What a tool said.
pub(super) struct Said {
    pub(super) good: bool,
    pub(super) out: Vec<u8>,
    err: Vec<u8>,
}

impl Call {
    /// A call that must succeed.
    pub(super) fn new(program: &'static str, args: &[&str]) -> Self {
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        Self {
            program,
            args,
            may_fail: false,
        }
    }

    /// The same, for what only clears the way.
    pub(super) fn may_fail(self) -> Self {
        Self {
            may_fail: true,
            ..self
        }
    }

    /// As one would type it. The arguments are words that need no quotes, or a path.
    pub(super) fn typed(&self) -> String {
        let mut text = self.program.to_owned();
        for arg in &self.args {
            text.push(' ');
            if arg.contains(|c: char| c.is_whitespace() || "'\"\\$&;()<>|*?#~`".contains(c)) {
                text += &super::cron::quoted(arg);
            } else {
                text += arg;
            }
        }
        Shown::again(&text)
    }

    /// Runs it; what it says is read up to a limit.
    pub(super) fn ask(&self, input: &[u8]) -> Result<Said, ToolError> {
        let broken = |source| ToolError::Broken {
            call: self.typed(),
            source,
        };
        let mut command = Command::new(self.program);
        command.args(&self.args).stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = match command.spawn() {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Err(ToolError::Missing(self.program));
            }
            child => child.map_err(broken)?,
        };
        let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
        let (mut out, mut err) = (Vec::new(), Vec::new());
        // All three at once: a tool that waits on one of them would never end.
        let read = std::thread::scope(|scope| {
            let fed = scope.spawn(move || stdin.map_or(Ok(()), |mut pipe| pipe.write_all(input)));
            let told = scope.spawn(|| read_some(stderr, &mut err));
            let read = read_some(child.stdout.take(), &mut out);
            // One that does not read its input says itself what is wrong.
            let _ = fed.join();
            let _ = told.join();
            read
        });
        read.map_err(broken)?;
        let good = child.wait().map_err(broken)?.success();
        Ok(Said { good, out, err })
    }

    /// Runs it; it must succeed.
    pub(super) fn run(&self, input: &[u8]) -> Result<Vec<u8>, ToolError> {
        let said = self.ask(input)?;
        if said.good || self.may_fail {
            return Ok(said.out);
        }
        Err(ToolError::Failed {
            call: self.typed(),
            said: said.why(),
        })
    }
}

impl Said {
    /// Why it failed, in its own words.
    pub(super) fn why(&self) -> String {
        let text = [&self.err, &self.out].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let text = text
            .iter()
            .map(|text| text.trim())
            .find(|text| !text.is_empty());
        Shown::sentence(text.unwrap_or("it gave no reason"))
    }
}

fn read_some(pipe: Option<impl Read>, into: &mut Vec<u8>) -> io::Result<()> {
    let Some(pipe) = pipe else { return Ok(()) };
    let mut limited = pipe.take(SCHEDULE_BYTES + 1);
    limited.read_to_end(into)?;
    // The rest is taken from it too, or it would wait for somebody to read.
    io::copy(&mut limited.into_inner(), &mut io::sink())?;
    if into.len() as u64 > SCHEDULE_BYTES {
        return Err(io::Error::other(format!(
            "it says more than {SCHEDULE_BYTES} bytes"
        )));
    }
    Ok(())
}
