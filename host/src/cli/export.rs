//! `takeback export`.

use super::args::ExportArgs;
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use super::list;
use super::render::human;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use takeback::fs::{Dir, FsError};
use takeback::model::ShownPath;
use takeback::vault::{SnapshotRecord, SnapshotSelector, StoredArchive, TargetRecord, select};

pub(super) fn run(context: &Context, args: &ExportArgs) -> Result<ExitStatus, CommandError> {
    let catalogue = context.catalogue()?;
    let name = list::target(&args.target, &catalogue)?;
    let selector = SnapshotSelector::parse(&args.snapshot);
    let record = select(&catalogue.snapshots, &selector, Some(&name))?;
    let (Some(vault), Some(target)) = (context.vault()?, record.target(&name)) else {
        return Err(CommandError::new(
            ExitStatus::NotFound,
            "there is no such archive",
        ));
    };
    // Nothing is given out that is not what it must be.
    vault.check_whole(&record.id, target)?;
    let archive = vault.archive(&record.id, target)?;
    if args.output == Path::new("-") {
        let written = to_stdout(archive);
        return written.map(|()| ExitStatus::Done).map_err(|e| {
            let why = format!("stdout cannot be written: {e}");
            CommandError::new(ExitStatus::Failed, why)
        });
    }
    let path = to_file(&args.output, args.force, archive)?;
    check(&path, record, target)?;
    let size = human::bytes(target.size);
    let shown = ShownPath(&args.output);
    context
        .voice
        .say(format!("Wrote {name} of {} to {shown}, {size}", record.id));
    Ok(ExitStatus::Done)
}

fn to_stdout(mut archive: StoredArchive) -> io::Result<()> {
    let mut out = io::stdout().lock();
    io::copy(&mut archive, &mut out)?;
    out.flush()
}

/// Where a file is to be: its directory, and its name there.
struct Destination {
    dir: Dir,
    name: PathBuf,
}

impl Destination {
    fn name(&self) -> &OsStr {
        self.name.as_os_str()
    }
}

/// Writes beside the name, and renames when everything is on the disk.
fn to_file(
    path: &Path,
    force: bool,
    mut archive: StoredArchive,
) -> Result<Destination, CommandError> {
    let Some(name) = path.file_name() else {
        return Err(CommandError::usage("the output is no file"));
    };
    let parent = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    let dir = Dir::open(parent.unwrap_or(Path::new(".")))?;
    if !force && dir.stat(name)?.is_some() {
        let shown = ShownPath(path);
        let message = format!("there is already something at {shown}; nothing was written");
        return Err(CommandError::new(ExitStatus::Refused, message)
            .hint("run it again with --force to replace it"));
    }
    let temp = format!(".takeback-export.{}.tmp", std::process::id());
    let temp = OsStr::new(&temp);
    let mut file = dir.create_new(temp, 0o600)?;
    let written = io::copy(&mut archive, &mut file).and_then(|_| file.sync_all());
    let written = written.map_err(|e| FsError::new("write", path, e));
    let placed = written.and_then(|()| {
        if force {
            dir.move_over(temp, &dir, name)
        } else {
            dir.move_new(temp, &dir, name)
        }
    });
    if let Err(error) = placed {
        // What is left has our name and can be told from the archive that is missing.
        let _ = dir.remove_file(temp);
        return Err(error.into());
    }
    dir.sync()?;
    let name = PathBuf::from(name);
    Ok(Destination { dir, name })
}

/// Reads back what was written.
fn check(
    written: &Destination,
    record: &SnapshotRecord,
    target: &TargetRecord,
) -> Result<(), CommandError> {
    let found = written.dir.recognise(written.name())?;
    if found.and_then(|found| found.digest) == Some(target.digest) {
        return Ok(());
    }
    let (id, name) = (&record.id, &target.target);
    let message = format!("what was written is not the archive of {name} in {id}");
    Err(CommandError::new(ExitStatus::Failed, message))
}
