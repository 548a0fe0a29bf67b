//! Opening: from a path, a source or a stream to an [`Archive`].

mod opener;
mod options;
mod root;

use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use crate::container::{Kind, directory, stream};
use crate::decode::Compression;
use crate::finding::{Code, Finding, Findings};
use crate::source::{SharedSource, Stamp};
use crate::{Error, Member, Members};

pub use opener::looks_like_tar;
pub(crate) use opener::{Contents, Opener};
pub use options::Options;
pub use root::{Part, Root};

/// A checkpoint archive, whatever it is: what its members are, and where in it the checkpoints lie.
#[derive(Debug)]
pub struct Archive {
    kind: Kind,
    compression: Compression,
    length: u64,
    members: Arc<Members>,
    roots: Vec<Root>,
    findings: Vec<Finding>,
    options: Options,
    file_name: Option<String>,
    /// What the file was, where it was opened as one.
    stamp: Option<Stamp>,
    /// How many archives lie around this one.
    depth: u32,
}

impl Archive {
    /// Opens a file or directory.
    ///
    /// # Errors
    /// If it cannot be read, or holds nothing this crate knows.
    pub fn open_path(path: impl AsRef<Path>, options: &Options) -> Result<Self, Error> {
        let path = path.as_ref();
        let shown = || path.display().to_string();
        let metadata = std::fs::metadata(path).map_err(Error::io(shown()))?;
        if metadata.is_dir() {
            return Self::open_directory(path, options);
        }
        let file = std::fs::File::open(path).map_err(Error::io(shown()))?;
        if !metadata.is_file() {
            return Self::open_stream(Box::new(file), options);
        }
        let stamp = Stamp::new(path, &file.metadata().map_err(Error::io(shown()))?);
        let source = directory::source(file, options.map).map_err(Error::io(shown()))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let archive = Self::open_named(source, name.as_bytes(), options)?;
        Ok(Self { file_name: Some(name), stamp: Some(stamp), ..archive })
    }

    /// Opens whatever a source holds.
    ///
    /// # Errors
    /// As [`Archive::open_path`].
    pub fn open(source: SharedSource, options: &Options) -> Result<Self, Error> {
        Self::open_named(source, b"", options)
    }

    /// Opens what comes from a stream that can be read once: a pipe, standard input. What is needed of it is kept as
    /// [`Keep`](crate::Keep) says, also if it is not compressed.
    ///
    /// # Errors
    /// As [`Archive::open_path`].
    pub fn open_stream(stream: Box<dyn Read + Send>, options: &Options) -> Result<Self, Error> {
        let mut findings = Findings::default();
        let opener = Opener { options };
        let contents =
            opener.decode(Box::new(BufReader::with_capacity(64 << 10, stream)), b"", &mut findings)?;
        contents.into_archive(0, false, &opener, findings)
    }

    fn open_named(source: SharedSource, name: &[u8], options: &Options) -> Result<Self, Error> {
        let mut findings = Findings::default();
        let opener = Opener { options };
        let length = source.len();
        let contents = opener.contents(source, name, &mut findings)?;
        contents.into_archive(length, false, &opener, findings)
    }

    fn open_directory(path: &Path, options: &Options) -> Result<Self, Error> {
        let mut findings = Findings::default();
        let opener = Opener { options };
        let list = directory::list(path, options, &mut findings)?;
        let length = list.iter().fold(0_u64, |sum, member| sum.saturating_add(member.size));
        if !options.file_system
            && options.force.is_none_or(|kind| kind == Kind::Stream)
            && let Some(contents) = stream::shards(&list, &opener, &mut findings)?
        {
            return contents.into_archive(length, true, &opener, findings);
        }
        let members = Members::new(list, &mut findings);
        let contents = Contents { members, kind: None, compression: Compression::None };
        contents.into_archive(length, true, &opener, findings)
    }

    /// The name of the file, where it was opened as one. Anybody can name a file: it says nothing for sure.
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// How the whole of it is compressed.
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// Its bytes as they lie there; 0 for a stream whose length nobody told.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Its members as they stand in it: of an image layout its blobs, of a pod the parts.
    pub fn members(&self) -> &Arc<Members> {
        &self.members
    }

    /// The checkpoints in it; none if there is nothing that looks like one.
    pub fn roots(&self) -> &[Root] {
        &self.roots
    }

    /// What was wrong or remarkable.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// That the file is not any more what it was when it was opened, by its size, time and inode. To be asked when all was
    /// read: each time the system is asked anew. `None` also for what was not opened as a file.
    pub fn changed_meanwhile(&self) -> Option<Finding> {
        let difference = self.stamp.as_ref()?.difference()?;
        Some(Finding::new(Code::ChangedMeanwhile, difference))
    }

    /// Opens a member that is an archive itself, over the same bytes: a tar, plain or compressed.
    ///
    /// # Errors
    /// If the member is no file, was not kept, or is no tar; [`Error::Limit`] below [`Limits::nesting`](crate::Limits::nesting) archives.
    pub fn open_member(&self, member: &Member) -> Result<Self, Error> {
        if !self.can_open_members() {
            return Err(Error::Limit {
                place: member.name.to_string(),
                what: format!("an archive in {} archives", self.depth.saturating_add(1)),
                limit: "nesting",
                value: self.options.limits.nesting.into(),
                option: "",
            });
        }
        let mut findings = Findings::default();
        let opener = Opener { options: &self.options };
        let contents = opener.contents(member.source()?, member.name.as_bytes(), &mut findings)?;
        Ok(Self {
            kind: contents.kind.unwrap_or(Kind::Tar),
            compression: contents.compression,
            length: member.size,
            members: Arc::new(contents.members),
            roots: Vec::new(),
            findings: findings.into_vec(),
            options: self.options.clone(),
            file_name: None,
            stamp: None,
            depth: self.depth.saturating_add(1),
        })
    }

    /// Whether archives among the members can be opened: not at the depth of [`Limits::nesting`](crate::Limits::nesting).
    pub fn can_open_members(&self) -> bool {
        self.depth < self.options.limits.nesting
    }
}

#[cfg(test)]
mod tests;
