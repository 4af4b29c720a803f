//! What other programs backed up becomes snapshots, and comes back as it was.

mod order;
mod refused;
mod sources;

use crate::support::{Output, TestEnv, TreeSnapshot};
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// When the sources of these tests were made, in the ways the programs write it.
const UTC: &str = "2026-06-14T10:11:12Z";
const LOCAL: &str = "2026-06-14_12-11-12";

/// Runs a program and gives what it printed.
#[track_caller]
fn sh(program: &str, args: &[&str], dir: &Path) -> String {
    let mut command = Command::new(program);
    command.args(args).current_dir(dir).env("USER", "ada");
    let done = Output::of(command).exits(0);
    done.stdout.trim().to_owned()
}

/// Gives a file this mode and this time, in seconds since 1970.
fn dress(path: &Path, mode: u32, seconds: u64) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    fs::File::open(path).unwrap().set_modified(time).unwrap();
}

/// Gives everything in a directory a time of its own, and odd modes here and there.
fn dress_all(dir: &Path) {
    let mut paths: Vec<PathBuf> = TreeSnapshot::of(dir).0.into_keys().collect();
    paths.retain(|path| !dir.join(path).is_symlink());
    // Directories last, the deepest first: what is done in them changes their time.
    paths.sort();
    for (number, path) in paths.iter().enumerate().rev() {
        let full = dir.join(path);
        let odd = [0o644, 0o600, 0o755, 0o640][number % 4];
        let mode = if full.is_dir() { 0o755 } else { odd };
        dress(&full, mode, 1_770_000_000 + number as u64);
    }
}

/// A test's home in which the sources are made, and another in which they are imported.
struct Elsewhere {
    env: TestEnv,
    old: PathBuf,
    project: PathBuf,
    backups: PathBuf,
}

impl Elsewhere {
    fn new() -> Self {
        let mut env = TestEnv::new();
        env.set("USER", "ada");
        let (old, project) = (env.root().join("old"), env.root().join("site"));
        let backups = env.root().join("backups");
        for dir in [&old, &project, &backups] {
            fs::create_dir(dir).unwrap();
        }
        Self {
            env,
            old,
            project,
            backups,
        }
    }

    /// Writes a file, with the directories above it.
    fn write(path: &Path, content: impl AsRef<[u8]>) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// A home and project with a little of everything.
    fn fill(&self) {
        let claude = self.old.join(".claude");
        for (path, content) in [
            ("CLAUDE.md", "Be brief.\n"),
            ("settings.json", "{\"model\": \"opus\"}\n"),
            ("skills/one/SKILL.md", "---\nname: one\n---\n"),
            ("skills/one/run.sh", "#!/bin/sh\n"),
            ("skills/one/empty.txt", ""),
            ("agents/helper.md", "---\nname: helper\n---\n"),
            ("commands/review.md", "Look.\n"),
            ("projects/-home-ada-site/1.jsonl", "{\"type\":\"user\"}\n"),
        ] {
            Self::write(&claude.join(path), content);
        }
        let long = format!("skills/one/{}/{}.md", "d".repeat(120), "ü".repeat(90));
        Self::write(&claude.join(long), "long\n");
        Self::write(&claude.join("skills/one/large.bin"), vec![7; 3 << 20]);
        Self::write(&self.old.join(".claude.json"), "{\"mcpServers\": {}}\n");
        Self::write(&self.project.join("CLAUDE.md"), "Project.\n");
        Self::write(&self.project.join(".mcp.json"), "{\"mcpServers\": {}}\n");
        Self::write(
            &self.project.join(".claude/settings.json"),
            "{\"model\": \"haiku\"}\n",
        );
        dress_all(&self.old);
        dress_all(&self.project);
    }

    /// Makes an archive as claude-code-backup does.
    fn claude_code_backup(&self, project: bool, full: &str) -> PathBuf {
        let script = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../tests/it/import/like-claude-code-backup.sh");
        let project = if project {
            self.project.to_str().unwrap()
        } else {
            ""
        };
        let words = [
            script.to_str().unwrap(),
            self.old.to_str().unwrap(),
            project,
            self.backups.to_str().unwrap(),
            UTC,
            LOCAL,
            full,
        ];
        sh("sh", &words, &self.old).into()
    }

    /// Imports, and gives the report.
    #[track_caller]
    fn import(&self, code: i32, args: &[&str]) -> Value {
        let mut all = vec!["--json", "import"];
        all.extend(args);
        self.env.run(&all).exits(code).json()
    }
}

/// The only image of the only source of a report.
#[track_caller]
fn only(report: &Value) -> &Value {
    let sources = report["sources"].as_array().unwrap();
    assert_eq!(sources.len(), 1, "{report:#}");
    let images = sources[0]["images"].as_array().unwrap();
    assert_eq!(images.len(), 1, "{report:#}");
    &images[0]
}

/// Everything in two trees must be the same, byte for byte, with modes and times; the trees' own
/// directories were there before.
#[track_caller]
fn same(was: &TreeSnapshot, is: &TreeSnapshot) {
    let [mut was, mut is] = [was.clone(), is.clone()];
    was.0.remove(Path::new(""));
    is.0.remove(Path::new(""));
    let differ = was.diff(&is);
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}
