//! What the person must know or do after a restore.

/// How much a hint matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Good to know.
    Info,
    /// The tool is not complete until this is done.
    Action,
    /// Something may not work or may be lost.
    Warning,
}

/// What reads a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// The person's command line.
    Terminal,
    /// The tool's own prompt.
    Tool,
}

/// Commands to paste: shown and saved, never run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandBlock {
    /// Where they are to be pasted.
    pub shell: Shell,
    /// One line above them; may be empty.
    pub heading: String,
    /// Printable ASCII, one command each.
    pub lines: Vec<String>,
}

/// A text file to save beside the backups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedFile {
    /// A plain file name.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Something the person must know or do after a restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// How much it matters.
    pub severity: Severity,
    /// One sentence.
    pub summary: String,
    /// Steps in order.
    pub steps: Vec<String>,
    /// Commands to paste.
    pub commands: Vec<CommandBlock>,
    /// A file to save.
    pub save: Option<SavedFile>,
}
