//! `takeback export`.

use super::archives::open_recorded;
use super::args::{ExportArgs, ExportProfile};
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use super::list;
use super::render::{human, json};
use serde::Serialize;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use takeback::archive::Manifest;
use takeback::fs::{Dir, FsError, PrivateDir, scratch_file};
use takeback::model::{Digest, Shown, ShownPath, Trouble, TroubleKind};
use takeback::portable::{PortableError, write_portable};
use takeback::vault::{SnapshotRecord, SnapshotSelector, TargetRecord, Vault, select};

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
    let fill = |file: &mut File| match args.profile {
        ExportProfile::Whole => whole(&vault, record, target, file),
        ExportProfile::Portable => portable(context, &vault, record, target, file),
    };
    if args.output == Path::new("-") {
        let mut file = scratch(context)?;
        let exported = fill(&mut file)?;
        to_stdout(file).map_err(|e| {
            let why = format!("stdout cannot be written: {e}");
            CommandError::new(ExitStatus::Failed, why)
        })?;
        return Ok(exported.status());
    }
    let (path, exported) = to_file(&args.output, args.force, fill)?;
    check(&path, record, target, &exported)?;
    say(context, args, record, target, &exported);
    Ok(exported.status())
}

/// What was written.
struct Exported {
    digest: Digest,
    size: u64,
    /// Only of what is portable.
    manifest: Option<Manifest>,
}

impl Exported {
    fn gaps(&self) -> impl Iterator<Item = &Trouble> {
        let troubles = self.manifest.iter().flat_map(|manifest| &manifest.troubles);
        troubles.filter(|trouble| trouble.kind == TroubleKind::NotBlanked)
    }

    fn status(&self) -> ExitStatus {
        match self.gaps().next() {
            Some(_) => ExitStatus::Partial,
            None => ExitStatus::Done,
        }
    }
}

/// The archive as it is. Nothing is given out that is not what it must be.
fn whole(
    vault: &Vault,
    record: &SnapshotRecord,
    target: &TargetRecord,
    file: &mut File,
) -> Result<Exported, CommandError> {
    vault.check_whole(&record.id, target)?;
    let mut archive = vault.archive(&record.id, target)?;
    io::copy(&mut archive, file).map_err(not_written)?;
    Ok(Exported {
        digest: target.digest,
        size: target.size,
        manifest: None,
    })
}

/// What of it is made to leave this machine.
fn portable(
    context: &Context,
    vault: &Vault,
    record: &SnapshotRecord,
    target: &TargetRecord,
    file: &mut File,
) -> Result<Exported, CommandError> {
    let archive = open_recorded(vault, record, target)?;
    let made = write_portable(&archive, scratch(context)?, file).map_err(|e| match e {
        PortableError::Nothing => CommandError::new(ExitStatus::NotFound, e.to_string()),
        other => CommandError::new(ExitStatus::Failed, other.to_string()),
    })?;
    Ok(Exported {
        digest: made.index.archive,
        size: made.index.size,
        manifest: Some(made.manifest),
    })
}

/// A file that nobody else sees.
fn scratch(context: &Context) -> Result<File, CommandError> {
    let dir = PrivateDir::create_all(&context.own.cache)?;
    Ok(scratch_file(&dir)?)
}

fn not_written(error: io::Error) -> CommandError {
    CommandError::new(
        ExitStatus::Failed,
        format!("the archive cannot be written: {error}"),
    )
}

fn to_stdout(mut archive: File) -> io::Result<()> {
    archive.seek(SeekFrom::Start(0))?;
    let mut out = io::stdout().lock();
    io::copy(&mut archive, &mut out)?;
    out.flush()
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    message_type: &'static str,
    snapshot: String,
    target: String,
    output: String,
    size: u64,
    sha256: String,
    blanked: Vec<json::BlankedView>,
    left_out: Vec<json::LeftOutView>,
    troubles: Vec<json::TroubleView<'a>>,
}

fn say(
    context: &Context,
    args: &ExportArgs,
    record: &SnapshotRecord,
    target: &TargetRecord,
    exported: &Exported,
) {
    let manifest = exported.manifest.as_ref();
    let blanked = manifest.map_or(&[][..], |manifest| &manifest.blanked);
    let left_out = manifest.map_or(&[][..], |manifest| &manifest.left_out);
    if context.voice.json {
        return json::print(&Document {
            schema_version: json::SCHEMA,
            message_type: "export",
            snapshot: record.id.to_string(),
            target: target.target.to_string(),
            output: args.output.display().to_string(),
            size: exported.size,
            sha256: exported.digest.to_string(),
            blanked: json::blanked(blanked),
            left_out: json::left_out(left_out),
            troubles: exported.gaps().map(json::trouble).collect(),
        });
    }
    let (name, voice) = (&target.target, &context.voice);
    human::left_out(voice, name, left_out);
    for (path, pointer) in blanked {
        let path = path.to_string();
        voice.detail(format!(
            "{name}: blanked {} {}",
            Shown(&path),
            Shown(pointer)
        ));
    }
    for gap in exported.gaps() {
        let (path, why) = (Shown(&gap.path), Shown::sentence(&gap.detail));
        voice.warn(&format!("{name}: {path} is not in the export: {why}"));
    }
    let size = human::bytes(exported.size);
    let (id, shown) = (&record.id, ShownPath(&args.output));
    let secrets = match blanked.len() {
        0 => String::new(),
        1 => ", 1 secret blanked".to_owned(),
        count => format!(", {count} secrets blanked"),
    };
    voice.say(format!("Wrote {name} of {id} to {shown}, {size}{secrets}"));
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
    fill: impl FnOnce(&mut File) -> Result<Exported, CommandError>,
) -> Result<(Destination, Exported), CommandError> {
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
    let placed = fill(&mut file).and_then(|exported| {
        file.sync_all()
            .map_err(|e| FsError::new("write", path, e))?;
        if force {
            dir.move_over(temp, &dir, name)?;
        } else {
            dir.move_new(temp, &dir, name)?;
        }
        Ok(exported)
    });
    let exported = match placed {
        Ok(exported) => exported,
        Err(error) => {
            // What is left has our name and can be told from the archive that is missing.
            let _ = dir.remove_file(temp);
            return Err(error);
        }
    };
    dir.sync()?;
    let name = PathBuf::from(name);
    Ok((Destination { dir, name }, exported))
}

/// Reads back what was written.
fn check(
    written: &Destination,
    record: &SnapshotRecord,
    target: &TargetRecord,
    exported: &Exported,
) -> Result<(), CommandError> {
    let found = written.dir.recognise(written.name())?;
    if found.and_then(|found| found.digest) == Some(exported.digest) {
        return Ok(());
    }
    let (id, name) = (&record.id, &target.target);
    let message = format!("what was written is not the archive of {name} in {id}");
    Err(CommandError::new(ExitStatus::Failed, message))
}
