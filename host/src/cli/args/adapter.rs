//! What can be typed after `takeback adapter`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Args)]
pub(in crate::cli) struct AdapterArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: AdapterCommand,
}

#[derive(Subcommand)]
pub(in crate::cli) enum AdapterCommand {
    /// List the adapters there are
    List,
    /// Record an adapter component, after showing what it may touch
    Add {
        /// The component (.wasm)
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
        /// Only if the file has this SHA-256
        #[arg(long, value_name = "HEX")]
        sha256: Option<String>,
    },
    /// Forget a recorded adapter; its archives stay restorable
    Remove {
        /// Its target
        #[arg(value_name = "TARGET")]
        target: String,
    },
}
