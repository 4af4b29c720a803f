//! A page of the documentation, as far as it can be run.
//!
//! A `console` block is a session: `$` before a command, and below it what is printed, where a
//! line `...` stands for any number of lines. A `sh` block is a list of commands that work,
//! every question answered with yes. A
//! comment that begins with `before` is run unseen; one that begins with `home` names the
//! fixture that the home directory is. The word `elsewhere` behind `console` or `sh` says that
//! another test runs these commands; what shows a session in any other block is a mistake.

use std::collections::BTreeSet;
use std::path::Path;

/// What can be run of a page.
pub(super) struct Page {
    /// The fixture of its home directory; an empty one without it.
    pub(super) home: Option<String>,
    /// In their order.
    pub(super) blocks: Vec<Block>,
}

/// One part of a page.
pub(super) enum Block {
    /// What is done between the lines.
    Before(String),
    /// Commands with what they print.
    Session(Vec<Step>),
    /// Commands.
    Script(Vec<String>),
    /// Commands that another test runs.
    Elsewhere(Vec<String>),
}

/// A command of a session.
pub(super) struct Step {
    /// As it is typed.
    pub(super) command: String,
    /// The lines below it.
    pub(super) shown: Vec<String>,
    /// The next command shows its exit code.
    pub(super) code_follows: bool,
    /// The number of the first of them in the file.
    at: usize,
}

impl Page {
    /// Reads it from its file.
    pub(super) fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let mut page = Self {
            home: None,
            blocks: Vec::new(),
        };
        let mut lines = text.lines().enumerate();
        while let Some((at, line)) = lines.next() {
            if let Some(fixture) = line.strip_prefix("<!-- home ") {
                page.home = Some(fixture.trim_end_matches("-->").trim().to_owned());
            } else if line == "<!-- before" {
                let script = lines.by_ref().map(|(_, line)| line);
                let script: Vec<&str> = script.take_while(|line| *line != "-->").collect();
                page.blocks.push(Block::Before(script.join("\n")));
            } else if let Some(kind) = line.trim_start().strip_prefix("```") {
                let body: Vec<&str> = lines
                    .by_ref()
                    .map(|(_, line)| line)
                    .take_while(|line| line.trim_start() != "```")
                    .collect();
                page.blocks.extend(block(path, kind, &body, at + 1));
            }
        }
        page
    }

    /// The commands that another test runs.
    pub(super) fn elsewhere(&self) -> impl Iterator<Item = &String> {
        self.blocks.iter().flat_map(|block| match block {
            Block::Elsewhere(commands) => commands.as_slice(),
            _ => &[],
        })
    }

    /// How many commands it shows that are run here.
    pub(super) fn commands(&self) -> usize {
        let count = |block: &Block| match block {
            Block::Before(_) | Block::Elsewhere(_) => 0,
            Block::Session(steps) => steps.len(),
            Block::Script(lines) => lines.len(),
        };
        self.blocks.iter().map(count).sum()
    }
}

/// What a block between fences is; nothing where it is neither commands nor a session.
fn block(path: &Path, kind: &str, body: &[&str], first: usize) -> Option<Block> {
    let typed = |steps: Vec<Step>| steps.into_iter().map(|step| step.command).collect();
    match kind {
        "console" => Some(Block::Session(steps(body, first))),
        "sh" => Some(Block::Script(commands(body))),
        "console elsewhere" => Some(Block::Elsewhere(typed(steps(body, first)))),
        "sh elsewhere" => Some(Block::Elsewhere(commands(body))),
        _ => {
            let shell = kind.starts_with("console") || kind.starts_with("sh ");
            let session = body.iter().any(|line| line.starts_with("$ "));
            let place = path.display();
            assert!(!shell && !session, "{place}: {first}: nobody runs {kind:?}");
            None
        }
    }
}

/// Writes what was really said into a page.
pub(super) fn rewrite(path: &Path, said: &[(&Step, String)]) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    for (step, said) in said.iter().rev() {
        lines.splice(step.at..step.at + step.shown.len(), said.lines());
    }
    std::fs::write(path, lines.join("\n") + "\n").unwrap();
}

fn steps(body: &[&str], first: usize) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (number, line) in body.iter().enumerate() {
        let below = first + number + 1;
        if let Some(command) = line.strip_prefix("$ ") {
            if let Some(last) = steps.last_mut() {
                last.code_follows = command == "echo $?";
            }
            steps.push(Step {
                command: command.to_owned(),
                shown: Vec::new(),
                code_follows: false,
                at: below,
            });
        } else {
            let Some(step) = steps.last_mut() else {
                panic!("a session begins with a command, not with {line:?}");
            };
            if step.shown.is_empty() && step.command.ends_with('\\') {
                step.command += "\n";
                step.command += line.strip_prefix("> ").unwrap_or(line);
                step.at = below;
            } else {
                step.shown.push((*line).to_owned());
            }
        }
    }
    steps
}

/// A command for each line; one that ends with a backslash goes on in the next.
fn commands(body: &[&str]) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut open = false;
    for line in body.iter().filter(|line| !line.trim().is_empty()) {
        match commands.last_mut() {
            Some(last) if open => {
                last.push('\n');
                last.push_str(line);
            }
            _ => commands.push((*line).to_owned()),
        }
        open = line.ends_with('\\');
    }
    commands
}

/// Every command in the blocks of a page, whatever follows the fence's first word.
pub(super) fn typed(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = line.trim_start().strip_prefix("```") else {
            continue;
        };
        let body = lines.by_ref().take_while(|line| line.trim_start() != "```");
        let body: Vec<&str> = body.collect();
        match kind.split(' ').next() {
            Some("console") => found.extend(steps(&body, 0).into_iter().map(|step| step.command)),
            Some("sh") => found.extend(commands(&body)),
            _ => {}
        }
    }
    found
}

/// Where the links of a text lead, code left out.
pub(super) fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        }
        if code {
            continue;
        }
        for part in line.split("](").skip(1) {
            if let Some((link, _)) = part.split_once(')') {
                links.push(link.to_owned());
            }
        }
    }
    links
}

/// The names by which links call the headings of a text.
pub(super) fn headings(text: &str) -> BTreeSet<String> {
    let heading = |line: &str| {
        let title = line.strip_prefix('#')?.trim_start_matches('#').trim();
        let letters = title
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        Some(letters.collect::<String>().to_lowercase().replace(' ', "-"))
    };
    text.lines().filter_map(heading).collect()
}
