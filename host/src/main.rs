//! Parses the command line, runs the command, exits with its code. Nothing else.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
