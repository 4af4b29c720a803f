//! Shell functions that run a command under guard: what they are called, when they do it,
//! and how each shell has them written. Only words that mean nothing to a shell get in.

use std::path::{Path, PathBuf};

/// Bytes of a word at the most.
const WORD: usize = 64;
/// Sub-commands at the most, and words of one.
const SUBCOMMANDS: usize = 32;
const WORDS: usize = 4;

/// Names with a meaning of their own in one of the shells, or for this program.
const RESERVED: &str = " alias and argparse autoload begin bg bind bindkey break breakpoint builtin \
    caller case cd chdir command commandline complete compgen compopt continue contains coproc count \
    declare dirs disable disown do done echo echotc echoti elif else emulate enable end esac eval exec \
    exit export false fc fg fi float for foreach function functions getopts hash history if in integer \
    isatty jobs kill let limit local log logout mapfile nocorrect noglob not or path popd print printf \
    private pushd pushln pwd random read readarray readonly rehash repeat return sched select set setopt \
    setq shift shopt source status stat string suspend switch test then time times trap true ttyctl type \
    typeset ulimit umask unalias unfunction unhash unlimit unset unsetopt until vared wait whence where \
    which while zcompile zle zmodload zparseopts zstyle takeback ";

/// Sub-commands of tools that are known to rewrite what is backed up.
const KNOWN: [(&str, &[&str]); 1] = [("skillshare", &["sync", "target remove"])];

/// Shells that functions are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(in crate::cli) enum Shell {
    /// `~/.bashrc`
    Bash,
    /// `.zshrc` in `$ZDOTDIR` or the home directory
    Zsh,
    /// A file of its own in `conf.d` of fish's configuration
    Fish,
}

impl Shell {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [Self::Bash, Self::Zsh, Self::Fish];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
        }
    }

    /// The file that holds the function of a name.
    pub(super) fn file(
        self,
        home: &Path,
        config: &Path,
        zdotdir: Option<&Path>,
        name: &str,
    ) -> PathBuf {
        match self {
            Self::Bash => home.join(".bashrc"),
            Self::Zsh => zdotdir.unwrap_or(home).join(".zshrc"),
            Self::Fish => config.join(format!("fish/conf.d/takeback-guard-{name}.fish")),
        }
    }

    /// Whether a shell is used here, as far as its files tell.
    pub(super) fn is_here(self, home: &Path, config: &Path, zdotdir: Option<&Path>) -> bool {
        match self {
            Self::Fish => config.join("fish").is_dir(),
            _ => self.file(home, config, zdotdir, "").exists(),
        }
    }
}

/// A function, as far as it is the same for all shells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Function {
    name: String,
    /// The sub-commands that are guarded; none for every call.
    on: Vec<Vec<String>>,
    options: Vec<String>,
}

impl Function {
    /// Checks every word. Without sub-commands, those that are known of the name are taken.
    pub(super) fn new(
        name: &str,
        on: &[String],
        targets: &[String],
        best_effort: bool,
    ) -> Result<Self, String> {
        check_name(name)?;
        let known = KNOWN.iter().find(|(known, _)| *known == name);
        let known: Vec<String> = match known {
            Some((_, all)) if on.is_empty() => all.iter().map(ToString::to_string).collect(),
            _ => on.to_vec(),
        };
        if known.len() > SUBCOMMANDS {
            return Err(format!("there are more than {SUBCOMMANDS} sub-commands"));
        }
        let mut options = Vec::new();
        for target in targets {
            word(target).map_err(|why| format!("the target is no name: {why}"))?;
            options.extend(["-t".to_owned(), target.clone()]);
        }
        options.extend(best_effort.then(|| "--best-effort".to_owned()));
        Ok(Self {
            name: name.to_owned(),
            on: known
                .iter()
                .map(|one| words(one))
                .collect::<Result<_, _>>()?,
            options,
        })
    }

    /// The function, as this shell has it.
    pub(super) fn text(&self, shell: Shell) -> String {
        let name = &self.name;
        let head = format!(
            "# Runs {name} under takeback, which says what was changed and can take it back.\n\
             # `takeback guard uninstall {name}` removes this.\n"
        );
        let body = match shell {
            Shell::Fish => self.fish(),
            Shell::Bash | Shell::Zsh => self.posix(),
        };
        format!("{head}{body}")
    }

    fn guard(&self) -> String {
        let options: String = self.options.iter().map(|word| format!("{word} ")).collect();
        format!("command takeback guard {options}-- {}", self.name)
    }

    fn posix(&self) -> String {
        let (name, guard) = (&self.name, self.guard());
        let patterns: Vec<String> = self.on.iter().map(|on| pattern(on)).collect();
        // An alias of this name would be put in the place of a name in front of `()`.
        let mut text = format!("function {name} {{\n");
        text += "  if ! command -v takeback >/dev/null 2>&1; then\n";
        text += &format!("    command {name} \"$@\"\n    return\n  fi\n");
        if patterns.is_empty() {
            return text + &format!("  {guard} \"$@\"\n}}\n");
        }
        text += "  local takeback_word takeback_words=' '\n";
        text += "  for takeback_word in \"$@\"; do\n";
        text += "    case \"$takeback_word\" in\n      -*) ;;\n";
        text += "      *) takeback_words=\"$takeback_words$takeback_word \" ;;\n    esac\n  done\n";
        text += "  case \"$takeback_words\" in\n";
        text += &format!("    {}) {guard} \"$@\" ;;\n", patterns.join("|"));
        text + &format!("    *) command {name} \"$@\" ;;\n  esac\n}}\n")
    }

    fn fish(&self) -> String {
        let (name, guard) = (&self.name, self.guard());
        let patterns: Vec<String> = self
            .on
            .iter()
            .map(|on| format!("'* {} *'", on.join(" ")))
            .collect();
        let mut text = format!("function {name} --description '{name}, guarded by takeback'\n");
        text += "    if not command -q takeback\n";
        text += &format!("        command {name} $argv\n        return\n    end\n");
        if patterns.is_empty() {
            return text + &format!("    {guard} $argv\nend\n");
        }
        text += "    set -l takeback_words (string match -v -- '-*' $argv)\n";
        text += "    switch \" $takeback_words \"\n";
        text += &format!("        case {}\n", patterns.join(" "));
        text += &format!("            {guard} $argv\n        case '*'\n");
        text + &format!("            command {name} $argv\n    end\nend\n")
    }
}

/// `*' target remove '*`.
fn pattern(on: &[String]) -> String {
    format!("*' {} '*", on.join(" "))
}

/// Checks what a function would be called.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    word(name)?;
    if RESERVED.contains(&format!(" {name} ")) {
        return Err("it has a meaning of its own in a shell".to_owned());
    }
    Ok(())
}

fn words(on: &str) -> Result<Vec<String>, String> {
    let all: Vec<&str> = on.split(' ').collect();
    if all.len() > WORDS {
        return Err(format!("a sub-command has at most {WORDS} words"));
    }
    for one in &all {
        word(one).map_err(|why| format!("it is no sub-command: {why}"))?;
    }
    Ok(all.into_iter().map(str::to_owned).collect())
}

/// A word that means nothing to any shell, wherever it stands.
fn word(text: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let first = text
        .chars()
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if first && text.chars().all(plain) && text.len() <= WORD {
        return Ok(());
    }
    Err(format!(
        "it must begin with a letter and hold only letters, digits, - and _, at most {WORD}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_words_get_in() {
        let bad = [
            "",
            " ",
            "a b",
            "a;b",
            "a$(b)",
            "a`b`",
            "a'b",
            "a\"b",
            "a\nb",
            "-a",
            "a/b",
            "../a",
            "~a",
            "a*",
            "a{b,c}",
            "a|b",
            "a&b",
            "a>b",
            "a\\b",
            "\u{e9}",
            "a\u{202e}b",
            "1a",
            "a=b",
            "a.b",
            "cd",
            "if",
            "takeback",
            "command",
            "eval",
            "end",
        ];
        for name in bad {
            assert!(Function::new(name, &[], &[], false).is_err(), "{name:?}");
        }
        for on in [
            "",
            "a;b",
            "$(a)",
            "a  b",
            " a",
            "a ",
            "a b c d e",
            "--x",
            "*",
        ] {
            let on = [on.to_owned()];
            assert!(Function::new("good", &on, &[], false).is_err(), "{on:?}");
        }
        let target = ["a'b".to_owned()];
        assert!(Function::new("good", &[], &target, false).is_err());
        for name in ["skillshare", "a", "npm", "my-tool_2"] {
            assert!(Function::new(name, &[], &[], false).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_is_known_is_guarded_unless_something_else_is_named() {
        let on = |on: &[&str]| {
            let on: Vec<String> = on.iter().map(ToString::to_string).collect();
            Function::new("skillshare", &on, &[], false).unwrap().on
        };
        assert_eq!(on(&[]), [vec!["sync"], vec!["target", "remove"]]);
        assert_eq!(on(&["pull"]), [["pull"]]);
        assert!(
            Function::new("other", &[], &[], false)
                .unwrap()
                .on
                .is_empty()
        );
    }
}
