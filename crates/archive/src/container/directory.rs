//! A directory on disk: its files as members, nothing followed, nothing opened before it is read.

use std::fs::{self, File, Metadata, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bstr::{BString, ByteVec};

use crate::archive::Options;
use crate::finding::{Code, Finding, Findings};
use crate::member::{Content, Member, MemberKind, Timestamp};
use crate::source::{FileSource, MappedFile, SharedSource};
use crate::{Error, MemberName};

/// A regular file below the directory that was opened.
#[derive(Debug)]
pub(crate) struct FileOnDisk {
    path: PathBuf,
    map: bool,
}

/// How deep directories are walked: CRIU's own layouts have two levels, an OCI layout three.
const DEPTH: usize = 32;

/// Lists a directory, sorted by name, parents in front of their children.
///
/// Links are listed and never followed; pipes, sockets and devices are listed and never opened.
pub(crate) fn list(root: &Path, options: &Options, findings: &mut Findings) -> Result<Vec<Member>, Error> {
    let mut members = Vec::new();
    let depth_limit = if options.file_system { usize::MAX } else { DEPTH };
    let device = options.file_system.then(|| fs::metadata(root).ok().and_then(|top| device(&top))).flatten();
    let mut pending = vec![(root.to_path_buf(), BString::default(), 0_usize)];
    while let Some((directory, name, depth)) = pending.pop() {
        let entries = match entries(&directory) {
            Ok(entries) => entries,
            Err(error) if depth == 0 => return Err(Error::io(root.display().to_string())(error)),
            Err(error) => {
                findings.add(Finding::new(Code::Unreadable, error.to_string()).of(&MemberName::new(&name)));
                continue;
            }
        };
        for (entry, path) in entries {
            let mut name = name.clone();
            if !name.is_empty() {
                name.push(b'/');
            }
            name.extend_from_slice(&entry);
            if members.len() as u64 >= options.limits.members {
                let text = format!("more than {} members (limit `members`)", options.limits.members);
                findings.add(Finding::new(Code::TooManyMembers, text));
                return Ok(members);
            }
            match fs::symlink_metadata(&path) {
                Ok(metadata) => {
                    let is_here = device.is_none() || self::device(&metadata) == device;
                    if metadata.is_dir() && depth < depth_limit && is_here {
                        pending.push((path.clone(), name.clone(), depth.saturating_add(1)));
                    }
                    members.push(member(&name, path, &metadata, options.map));
                }
                Err(error) => {
                    findings
                        .add(Finding::new(Code::Unreadable, error.to_string()).of(&MemberName::new(&name)));
                }
            }
        }
    }
    members.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(members)
}

fn entries(directory: &Path) -> std::io::Result<Vec<(Vec<u8>, PathBuf)>> {
    fs::read_dir(directory)?
        .map(|entry| {
            let entry = entry?;
            Ok((Vec::from_os_str_lossy(&entry.file_name()).into_owned(), entry.path()))
        })
        .collect()
}

fn member(name: &BString, path: PathBuf, metadata: &Metadata, map: bool) -> Member {
    let mut member = Member { mtime: modified(metadata), ..Member::new(kind(metadata), name) };
    owner(metadata, &mut member);
    match member.kind {
        MemberKind::Symlink => {
            let link = fs::read_link(&path).ok();
            member.rare_mut().link = link.map(|link| Vec::from_path_lossy(&link).into_owned().into());
        }
        MemberKind::File => {
            member.size = metadata.len();
            member.content = Some(Arc::new(Content::OnDisk(FileOnDisk { path, map })));
        }
        _ => {}
    }
    member
}

fn modified(metadata: &Metadata) -> Timestamp {
    let Ok(modified) = metadata.modified() else { return Timestamp::default() };
    match modified.duration_since(std::time::UNIX_EPOCH) {
        Ok(since) => Timestamp {
            seconds: i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            nanoseconds: since.subsec_nanos(),
        },
        Err(error) => Timestamp {
            seconds: i64::try_from(error.duration().as_secs()).unwrap_or(i64::MAX).saturating_neg(),
            nanoseconds: 0,
        },
    }
}

#[cfg(unix)]
fn kind(metadata: &Metadata) -> MemberKind {
    use std::os::unix::fs::FileTypeExt;
    match metadata.file_type() {
        kind if kind.is_file() => MemberKind::File,
        kind if kind.is_dir() => MemberKind::Directory,
        kind if kind.is_symlink() => MemberKind::Symlink,
        kind if kind.is_char_device() => MemberKind::CharacterDevice,
        kind if kind.is_block_device() => MemberKind::BlockDevice,
        kind if kind.is_fifo() => MemberKind::Fifo,
        _ => MemberKind::Other(0),
    }
}

#[cfg(unix)]
fn owner(metadata: &Metadata, member: &mut Member) {
    use std::os::unix::fs::MetadataExt;
    member.set_mode(metadata.mode() & 0o7777);
    (member.uid, member.gid) = (u64::from(metadata.uid()), u64::from(metadata.gid()));
}

/// The file system that a file is on.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems cannot tell")]
fn device(metadata: &Metadata) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    Some(metadata.dev())
}

#[cfg(not(unix))]
fn device(_: &Metadata) -> Option<u64> {
    None
}

#[cfg(not(unix))]
fn kind(metadata: &Metadata) -> MemberKind {
    match metadata.file_type() {
        kind if kind.is_file() => MemberKind::File,
        kind if kind.is_dir() => MemberKind::Directory,
        kind if kind.is_symlink() => MemberKind::Symlink,
        _ => MemberKind::Other(0),
    }
}

#[cfg(not(unix))]
fn owner(_: &Metadata, _: &mut Member) {}

impl FileOnDisk {
    /// Opens the file, unless something else has taken its place meanwhile.
    pub(crate) fn open(&self) -> Result<SharedSource, Error> {
        let file = open(&self.path).map_err(Error::io(self.path.display().to_string()))?;
        source(file, self.map).map_err(Error::io(self.path.display().to_string()))
    }
}

/// Opens a regular file for reading; never follows a link, never waits for a pipe.
fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.custom_flags(flags.bits().cast_signed());
    }
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "is no regular file any more"));
    }
    Ok(file)
}

/// A file as a source, mapped where that is wanted and possible.
pub(crate) fn source(file: File, map: bool) -> std::io::Result<SharedSource> {
    // An empty file has nothing to map, and some systems refuse to.
    if map && file.metadata()?.len() > 0 {
        return Ok(Arc::new(MappedFile::new(file)?));
    }
    Ok(Arc::new(FileSource::new(file)?))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn names(members: &[Member]) -> Vec<(String, MemberKind)> {
        members.iter().map(|member| (member.raw_name().to_string(), member.kind)).collect()
    }

    #[test]
    fn nothing_is_followed_or_opened() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        fs::create_dir(path.join("blobs")).unwrap();
        fs::write(path.join("blobs/x"), "content").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", path.join("core-1.img")).unwrap();
        std::os::unix::fs::symlink(".", path.join("circle")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            path.join("pstree.img"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
        let mut findings = Findings::default();
        let members = list(path, &Options::default(), &mut findings).unwrap();
        assert_eq!(
            names(&members),
            [
                ("blobs".to_owned(), MemberKind::Directory),
                ("blobs/x".to_owned(), MemberKind::File),
                ("circle".to_owned(), MemberKind::Symlink),
                ("core-1.img".to_owned(), MemberKind::Symlink),
                ("pstree.img".to_owned(), MemberKind::Fifo),
            ]
        );
        assert_eq!(members[1].bytes(("document", 100)).unwrap().as_ref(), b"content");
        assert!(matches!(members[3].source(), Err(Error::NotAFile { .. })));
    }

    #[test]
    fn a_file_that_became_a_link_is_not_opened() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        fs::write(path.join("a"), "a").unwrap();
        let members = list(path, &Options::default(), &mut Findings::default()).unwrap();
        fs::remove_file(path.join("a")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", path.join("a")).unwrap();
        assert!(matches!(members[0].source(), Err(Error::Io { .. })));
    }
}
