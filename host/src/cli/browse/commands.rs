//! The commands that the browser runs: the words a person would type. Pure. What is restored or
//! taken back goes through the same command line as everything else, with all its rules.

use super::super::history::{glob, quoted};
use super::tree::Chosen;
use takeback::model::{ArchivePath, OperationId, SnapshotId, TargetId};

/// Paths that one command names. More of them are hardly picked by hand, and a plan for each
/// would have to be looked through.
const MOST_PATHS: usize = 500;

/// `takeback restore ...`, or why it cannot be one.
pub(super) fn restore(
    targets: &[TargetId],
    from: &SnapshotId,
    chosen: &Chosen,
    options: &[String],
) -> Result<Vec<String>, String> {
    let mut words = vec!["takeback".to_owned(), "restore".to_owned()];
    words.extend(targets.iter().map(ToString::to_string));
    words.push(format!("--from={from}"));
    match chosen {
        Chosen::Everything => {}
        Chosen::Classes(classes) => {
            let names: Vec<&str> = classes.iter().map(|class| class.as_str()).collect();
            words.push(format!("--only={}", names.join(",")));
        }
        Chosen::Paths(paths) if paths.len() > MOST_PATHS => {
            return Err(format!(
                "That is {} single places, and one restore takes {MOST_PATHS}: pick whole directories or classes.",
                paths.len()
            ));
        }
        Chosen::Paths(paths) => {
            words.extend(paths.iter().map(|path| format!("--path={}", glob(path))));
        }
    }
    words.extend(options.iter().cloned());
    Ok(words)
}

/// `takeback undo OPERATION`.
pub(super) fn undo(operation: &OperationId) -> Vec<String> {
    ["takeback", "undo", operation.as_str()]
        .map(str::to_owned)
        .into()
}

/// `takeback diff TARGET SNAPSHOT`, of all of a target or of one file.
pub(super) fn diff(
    target: &TargetId,
    snapshot: &SnapshotId,
    path: Option<&ArchivePath>,
    options: &[String],
) -> Vec<String> {
    let mut words = ["takeback", "diff", target.as_str(), snapshot.as_str()]
        .map(str::to_owned)
        .to_vec();
    match path {
        Some(path) => words.push(format!("--path={}", glob(path))),
        None => words.push("--stat".to_owned()),
    }
    words.extend(options.iter().cloned());
    words
}

/// A command as a shell takes it.
pub(super) fn line(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    quoted.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use takeback::model::Class;

    fn words(chosen: &Chosen) -> Result<String, String> {
        let targets = [TargetId::new("claude").unwrap()];
        let from = SnapshotId::new("2026-01-20_15-30-00").unwrap();
        restore(&targets, &from, chosen, &["--no-project".to_owned()]).map(|words| line(&words))
    }

    #[test]
    fn a_restore_is_what_one_would_type() {
        let begin = "takeback restore claude --from=2026-01-20_15-30-00";
        assert_eq!(
            words(&Chosen::Everything).unwrap(),
            format!("{begin} --no-project")
        );
        let classes = Chosen::Classes(vec![Class::Skills, Class::Agents]);
        assert_eq!(
            words(&classes).unwrap(),
            format!("{begin} --only=skills,agents --no-project")
        );
        let odd = ArchivePath::parse("home/.claude/a*[b]/it's").unwrap();
        assert_eq!(
            words(&Chosen::Paths(vec![odd])).unwrap(),
            format!("{begin} '--path=home/.claude/a[*][[]b[]]/it'\\''s' --no-project")
        );
    }

    #[test]
    fn a_restore_of_too_many_places_is_none() {
        let path = ArchivePath::parse("home/x").unwrap();
        assert!(words(&Chosen::Paths(vec![path.clone(); MOST_PATHS])).is_ok());
        assert!(words(&Chosen::Paths(vec![path; MOST_PATHS + 1])).is_err());
    }
}
