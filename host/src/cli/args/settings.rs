//! What can be typed after `takeback config`.

use clap::{Args, Subcommand};

#[derive(Args)]
pub(in crate::cli) struct ConfigArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: ConfigCommand,
}

#[derive(Subcommand)]
pub(in crate::cli) enum ConfigCommand {
    /// Show every setting with its value and where it comes from
    Show,
    /// Print the path of the configuration file
    Path,
    /// Open the configuration file in $VISUAL or $EDITOR; a mistake never replaces it
    Edit,
    /// Change one setting in the configuration file; the rest of the file stays as it is
    #[command(after_help = "Examples:
  takeback config set undo_days 60
  takeback config set keep.automatic.daily 30
  takeback config set keep.target.claude.max_size 2GB
  takeback config set vault '~/backups/takeback'")]
    Set(SetArgs),
    /// Take one setting out of the configuration file
    Unset(UnsetArgs),
}

#[derive(Args)]
pub(in crate::cli) struct SetArgs {
    /// The setting, such as undo_days or keep.automatic.daily
    #[arg(value_name = "KEY")]
    pub(in crate::cli) key: String,
    /// Its value
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    pub(in crate::cli) value: String,
}

#[derive(Args)]
pub(in crate::cli) struct UnsetArgs {
    /// The setting
    #[arg(value_name = "KEY")]
    pub(in crate::cli) key: String,
}
