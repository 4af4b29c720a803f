//! What can be typed after `takeback adapter`.

use clap::{Args, Subcommand};
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

fn digest(text: &str) -> Result<Digest, &'static str> {
    let text = text.to_ascii_lowercase();
    let hex = text.strip_prefix("sha256:").unwrap_or(&text);
    Digest::from_hex(hex).ok_or("a SHA-256 is 64 hexadecimal digits")
}
