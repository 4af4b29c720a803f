//! What is imported from: a tar, or a directory. Both are read as members with their content.

use super::error::ImportError;
use crate::archive::{
    ArchiveError, Content, ForeignKind, ForeignMember, ForeignVisitor, ReadLimits, read_foreign,
};
use crate::fs::{Dir, FileKind, FsError, Stat};
use crate::model::{Meta, RelPath, ShownPath};
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A source, open.
pub struct Source {
    path: PathBuf,
    limits: ReadLimits,
    form: Form,
}

enum Form {
    Tar(File),
    Tree(Dir),
}

impl Source {
    /// A tar that is open for reading.
    #[must_use]
    pub fn tar(path: &Path, file: File, limits: ReadLimits) -> Self {
        let form = Form::Tar(file);
        let path = path.to_owned();
        Self { path, limits, form }
    }

    /// A directory.
    #[must_use]
    pub fn tree(dir: Dir, limits: ReadLimits) -> Self {
        Self {
            path: dir.path().to_owned(),
            limits,
            form: Form::Tree(dir),
        }
    }

    /// Its path, for messages.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads all of it.
    pub(super) fn read(&mut self, visitor: &mut dyn ForeignVisitor) -> Result<(), ImportError> {
        let read = match &mut self.form {
            Form::Tar(file) => read_foreign(file, self.limits, visitor),
            Form::Tree(dir) => {
                let mut walk = Walk {
                    visitor,
                    left: self.limits.entries,
                    limits: self.limits,
                };
                walk.directory(dir, &RelPath::root())
            }
        };
        read.map_err(|source| ImportError::Source {
            path: self.path.clone(),
            source,
        })
    }
}

/// A walk through a directory; links are never gone through.
struct Walk<'a> {
    visitor: &'a mut dyn ForeignVisitor,
    /// Entries that may still come.
    left: u64,
    limits: ReadLimits,
}

impl Walk<'_> {
    fn directory(&mut self, dir: &Dir, path: &RelPath) -> Result<(), ArchiveError> {
        for name in dir.list().map_err(read_error)? {
            self.left = self.left.checked_sub(1).ok_or(ArchiveError::Limit {
                what: "entries",
                limit: self.limits.entries,
                flag: "--max-entries",
            })?;
            let below = match name.to_str().map(|text| path.join(text)) {
                Some(Ok(below)) => below,
                Some(Err(why)) => {
                    self.pass(path, &name, why.to_string());
                    continue;
                }
                None => {
                    self.pass(path, &name, "it is not UTF-8".to_owned());
                    continue;
                }
            };
            match dir.stat(&name) {
                Ok(Some(stat)) => self.entry(dir, &name, below, &stat)?,
                Ok(None) => {}
                Err(e) => self.pass(path, &name, e.source.to_string()),
            }
        }
        Ok(())
    }

    fn pass(&mut self, above: &RelPath, name: &OsStr, why: String) {
        let name = format!("{above}/{}", ShownPath::name(name));
        self.visitor.passed_over(name.trim_start_matches('/'), why);
    }

    fn entry(
        &mut self,
        dir: &Dir,
        name: &OsStr,
        path: RelPath,
        stat: &Stat,
    ) -> Result<(), ArchiveError> {
        let meta = Meta {
            mode: stat.mode,
            mtime: stat.mtime,
        };
        let kind = match stat.kind {
            FileKind::Regular if stat.size > self.limits.file => {
                let most = self.limits.file;
                let why = format!("it is larger than {most} bytes; see --max-file-size");
                self.visitor.passed_over(path.as_str(), why);
                return Ok(());
            }
            FileKind::Regular => ForeignKind::File(stat.size),
            FileKind::Directory => ForeignKind::Directory,
            FileKind::Special(what) => ForeignKind::Special(what),
            FileKind::Link => match dir.read_link(name).map(|to| to.into_string()) {
                Ok(Ok(target)) => ForeignKind::Link(target),
                _ => {
                    let why = "it is a link that cannot be read".to_owned();
                    self.visitor.passed_over(path.as_str(), why);
                    return Ok(());
                }
            },
        };
        let is_directory = kind == ForeignKind::Directory;
        let mut content = Open::default();
        if matches!(kind, ForeignKind::File(_)) {
            match dir.file(Path::new(name)) {
                Ok((file, now)) if now.size == stat.size => {
                    content.file = Some(file.take(now.size))
                }
                Ok(_) => return Err(ArchiveError::Changed),
                Err(e) => {
                    self.visitor
                        .passed_over(path.as_str(), e.source.to_string());
                    return Ok(());
                }
            }
        }
        let member = ForeignMember {
            path: path.clone(),
            kind,
            meta,
        };
        self.visitor.member(member, &mut content)?;
        if !is_directory {
            return Ok(());
        }
        match dir.dir(Path::new(name)) {
            Ok(inner) => self.directory(&inner, &path),
            Err(e) => {
                self.visitor
                    .passed_over(path.as_str(), e.source.to_string());
                Ok(())
            }
        }
    }
}

/// The content of an open file; of anything else there is none.
#[derive(Default)]
struct Open {
    file: Option<std::io::Take<File>>,
    buffer: Vec<u8>,
}

impl Content for Open {
    fn next(&mut self) -> Result<&[u8], ArchiveError> {
        self.buffer.resize(64 << 10, 0);
        let got = match &mut self.file {
            Some(file) => file.read(&mut self.buffer).map_err(ArchiveError::Read)?,
            None => 0,
        };
        Ok(&self.buffer[..got])
    }
}

fn read_error(error: FsError) -> ArchiveError {
    let (path, kind) = (ShownPath(&error.path).to_string(), error.source.kind());
    ArchiveError::Read(std::io::Error::new(
        kind,
        format!("{path}: {}", error.source),
    ))
}
