//! What can be typed after `takeback adapter`.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;
use takeback::model::Digest;

#[derive(Args)]
pub(in crate::cli) struct AdapterArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: AdapterCommand,
}

#[derive(Subcommand)]
pub(in crate::cli) enum AdapterCommand {
    /// List the adapters there are
    List,
    /// Show what an adapter may touch, where it came from, and what its file says of itself
    Show {
        /// Its target
        #[arg(value_name = "TARGET")]
        target: String,
    },
    /// Record an adapter, after showing what it may touch
    Add {
        /// A file, an https:// address, or a reference to a registry (registry/name:version)
        #[arg(value_name = "SOURCE")]
        source: String,
        #[command(flatten)]
        trust: TrustArgs,
    },
    /// Fetch recorded adapters again, showing what changed before asking
    Update(UpdateArgs),
    /// Forget a recorded adapter; its archives stay restorable
    Remove {
        /// Its target
        #[arg(value_name = "TARGET")]
        target: String,
    },
    /// Begin an adapter of your own: a project that builds, from takeback's examples
    New(NewArgs),
    /// Try an adapter without trusting it: what it would keep, and whether it would be accepted
    Check(CheckArgs),
    /// Make the file that others get: a component that names itself, and its SHA-256
    Pack {
        /// What was built: a component, or a module with its contract in it
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The file to write
        #[arg(short, long, value_name = "OUT")]
        output: PathBuf,
    },
    /// Publish an adapter in a registry, under its version
    Push {
        /// The adapter
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Where to (registry/name, with or without its version)
        #[arg(value_name = "REFERENCE")]
        reference: String,
    },
}

/// How an adapter is agreed to.
#[derive(Args)]
pub(in crate::cli) struct TrustArgs {
    /// Do not ask
    #[arg(short, long)]
    pub(in crate::cli) yes: bool,
    /// Only if the file has this SHA-256
    #[arg(long, value_name = "HEX", value_parser = digest)]
    pub(in crate::cli) sha256: Option<Digest>,
}

#[derive(Args)]
pub(in crate::cli) struct UpdateArgs {
    /// Their targets [default: all that are recorded]
    #[arg(value_name = "TARGET")]
    pub(in crate::cli) targets: Vec<String>,
    /// Fetch it from here instead of from where it came
    #[arg(long, value_name = "SOURCE")]
    pub(in crate::cli) from: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) trust: TrustArgs,
}

#[derive(Args)]
pub(in crate::cli) struct NewArgs {
    /// What it is to be written in
    #[arg(long, value_name = "LANGUAGE")]
    pub(in crate::cli) lang: Language,
    /// Its target: the tool's name in lower case
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: String,
    /// The directory to make [default: one of that name, here]
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) dir: Option<PathBuf>,
}

/// What an adapter can be begun in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Language {
    /// 40 kB, for those who know it.
    Rust,
    /// 1.6 MB.
    Js,
    /// 18 MB.
    Python,
    /// No program at all: one file of data.
    Toml,
}

#[derive(Args)]
pub(in crate::cli) struct CheckArgs {
    /// The adapter
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: PathBuf,
    /// Also try it on this home directory, as one of this system
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) home: Option<PathBuf>,
    /// Also try it on the home directories `linux`, `macos` and `windows` in here
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) fixture: Option<PathBuf>,
}

fn digest(text: &str) -> Result<Digest, &'static str> {
    let text = text.to_ascii_lowercase();
    let hex = text.strip_prefix("sha256:").unwrap_or(&text);
    Digest::from_hex(hex).ok_or("a SHA-256 is 64 hexadecimal digits")
}
