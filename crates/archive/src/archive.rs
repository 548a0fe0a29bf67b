//! Opening: from a path, a source or a stream to an [`Archive`].

use std::collections::BTreeMap;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use crate::container::{self, Kind, directory, stream};
use crate::decode::{Compression, Decoder};
use crate::finding::{Finding, Findings};
use crate::input::{Input, SourceInput, StreamInput};
use crate::member::Member;
use crate::source::{Reader, SharedSource, Spool};
use crate::watch::{Watch, Watched};
use crate::{Error, Keep, Limits, MemberName, Members, tar};

/// How an archive is opened.
#[derive(Debug, Clone)]
pub struct Options {
    pub(crate) limits: Limits,
    pub(crate) keep: Keep,
    pub(crate) force: Option<Kind>,
    pub(crate) map: bool,
    pub(crate) file_system: bool,
    pub(crate) watch: Option<Watch>,
}

impl Default for Options {
    /// Default [`Limits`], [`Keep::Metadata`], the kind by content, files mapped.
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            keep: Keep::default(),
            force: None,
            map: true,
            file_system: false,
            watch: None,
        }
    }
}

impl Options {
    /// Sets the bounds on what opening and reading may cost.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets what of a compressed archive stays readable.
    #[must_use]
    pub fn keep(mut self, keep: Keep) -> Self {
        self.keep = keep;
        self
    }

    /// Takes the archive for this kind, whatever its content looks like.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.force = Some(kind);
        self
    }

    /// Whether files are mapped ([`MappedFile`](crate::MappedFile) has the contract) or read.
    #[must_use]
    pub fn map(mut self, map: bool) -> Self {
        self.map = map;
        self
    }

    /// Takes what is opened for the root file system of a container: a tar or directory begins at its top, and of an image
    /// layout every image is a root, its layers applied on each other, whether it holds a checkpoint or not. Everything
    /// is kept, and a directory is walked to any depth, but not into other file systems that are mounted in it.
    #[must_use]
    pub fn file_system(mut self) -> Self {
        self.file_system = true;
        self.keep(Keep::Everything)
    }

    /// Sets who is told how many bytes of a compressed archive, or of a stream, were read so far. It is called for
    /// every few kilobytes.
    #[must_use]
    pub fn watch(mut self, tell: impl Fn(u64) + Send + Sync + 'static) -> Self {
        self.watch = Some(Watch::new(tell));
        self
    }
}

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
    /// How many archives lie around this one.
    depth: u32,
}

/// The top of one checkpoint: the directory in which `config.dump`, `spec.dump` and `checkpoint/` are, or the
/// images themselves.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Root {
    /// What tells it from its siblings: the name of an image in its layout, or of a pod's part. `None` where there
    /// is one alone.
    pub label: Option<BString>,
    /// The members among which it lies.
    pub members: Arc<Members>,
    /// The directory in which it begins; empty for the top.
    pub directory: BString,
    /// Annotations of the manifest and index that led to it, those of the manifest first.
    pub annotations: BTreeMap<String, String>,
    /// The other parts of a containerd checkpoint.
    pub parts: Vec<Part>,
}

/// A part of a containerd checkpoint that is no file of it: its configuration, options, or layer of changes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Part {
    /// Its media type in the index.
    pub media_type: String,
    /// The blob.
    pub member: Member,
}

impl Root {
    /// A root with nothing below it: it stands for a checkpoint that could not be read.
    pub fn empty() -> Self {
        Self::whole(&Arc::new(Members::default()), BString::default())
    }

    /// A root within a list of members.
    pub(crate) fn whole(members: &Arc<Members>, directory: BString) -> Self {
        Self {
            label: None,
            members: members.clone(),
            directory,
            annotations: BTreeMap::new(),
            parts: Vec::new(),
        }
    }

    /// The member of this name below the root, whatever it is.
    pub fn get(&self, name: &str) -> Option<&Member> {
        self.members.get(&container::tree::join(&self.directory, name.as_bytes()))
    }

    /// The regular file of this name below the root.
    pub fn file(&self, name: &str) -> Option<&Member> {
        self.members.file(&container::tree::join(&self.directory, name.as_bytes()))
    }

    /// Whether anything lies below a directory, also one that has no member of its own.
    pub fn holds(&self, directory: &str) -> bool {
        let directory = container::tree::join(&self.directory, directory.as_bytes());
        self.members.below(&directory).next().is_some()
    }

    /// All members below the root with their names from there, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&bstr::BStr, &Member)> {
        self.members
            .below(&self.directory)
            .filter_map(|member| Some((member.name.below(&self.directory)?, member)))
    }
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
        let source = directory::source(file, options.map).map_err(Error::io(shown()))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let archive = Self::open_named(source, name.as_bytes(), options)?;
        Ok(Self { file_name: Some(name), ..archive })
    }

    /// Opens whatever a source holds.
    ///
    /// # Errors
    /// As [`Archive::open_path`].
    pub fn open(source: SharedSource, options: &Options) -> Result<Self, Error> {
        Self::open_named(source, b"", options)
    }

    /// Opens what comes from a stream that can be read once: a pipe, standard input. What is needed of it is kept as
    /// [`Keep`] says, also if it is not compressed.
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

    /// Opens a member that is an archive itself, over the same bytes: a tar, plain or compressed.
    ///
    /// # Errors
    /// If the member is no file, was not kept, or is no tar; [`Error::Limit`] below [`Limits::nesting`] archives.
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
            depth: self.depth.saturating_add(1),
        })
    }

    /// Whether archives among the members can be opened: not at the depth of [`Limits::nesting`].
    pub fn can_open_members(&self) -> bool {
        self.depth < self.options.limits.nesting
    }
}

/// What was found behind the compression, before anybody asked what it means.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) members: Members,
    /// Known already for streams and lone images.
    pub(crate) kind: Option<Kind>,
    pub(crate) compression: Compression,
}

impl Contents {
    fn into_archive(
        self,
        length: u64,
        directory: bool,
        opener: &Opener<'_>,
        mut findings: Findings,
    ) -> Result<Archive, Error> {
        let members = Arc::new(self.members);
        let (kind, roots) = match self.kind {
            Some(kind) => (kind, vec![Root::whole(&members, BString::default())]),
            None => container::recognise(&members, directory, opener, &mut findings),
        };
        let options = opener.options.clone();
        let findings = findings.into_vec();
        let (compression, file_name, depth) = (self.compression, None, 0);
        Ok(Archive { kind, compression, length, members, roots, findings, options, file_name, depth })
    }
}

/// Opens archives in archives with the options of the outermost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opener<'a> {
    pub(crate) options: &'a Options,
}

impl Opener<'_> {
    /// The members of a tar that is itself a member.
    pub(crate) fn nested(&self, member: &Member, findings: &mut Findings) -> Result<Arc<Members>, Error> {
        let mut inner = Findings::default();
        let contents = self.contents(member.source()?, b"", &mut inner)?;
        // The place of what was found inside is the member.
        findings.extend(inner.into_vec().into_iter().map(|mut finding| {
            finding.text = match finding.member.take() {
                Some(name) => format!("`{name}` inside: {}", finding.text),
                None => finding.text,
            };
            finding.of(&member.name)
        }));
        Ok(Arc::new(contents.members))
    }

    /// Takes a source for what its first bytes say.
    pub(crate) fn contents(
        &self,
        source: SharedSource,
        name: &[u8],
        findings: &mut Findings,
    ) -> Result<Contents, Error> {
        let mut head = vec![0; crate::input::HEAD];
        let count =
            crate::source::read_full_at(source.as_ref(), 0, &mut head).map_err(Error::io("archive"))?;
        head.truncate(count);
        if Compression::of(&head) != Compression::None {
            let reader = BufReader::with_capacity(64 << 10, Reader::new(source));
            return self.decode(Box::new(reader), name, findings);
        }
        if tar::is_tar(&head) {
            let members = self.index(&mut SourceInput::new(source), findings)?;
            return Ok(Contents { members, kind: None, compression: Compression::None });
        }
        if stream::is_stream(&head) {
            return stream::contents(source, Compression::None, self, findings);
        }
        if is_image(&head) || name.ends_with(b".img") && !head.is_empty() {
            let member = Member::lone(source, if name.is_empty() { b"image" } else { name });
            let members = Members::new(vec![member], findings);
            return Ok(Contents { members, kind: Some(Kind::Image), compression: Compression::None });
        }
        Err(unknown(&head, source.len()))
    }

    /// Decodes a stream, compressed or not, once.
    pub(crate) fn decode(
        &self,
        stream: Box<dyn std::io::BufRead + Send>,
        name: &[u8],
        findings: &mut Findings,
    ) -> Result<Contents, Error> {
        let limits = &self.options.limits;
        let stream = match &self.options.watch {
            Some(watch) => Box::new(Watched::new(stream, watch.clone())),
            None => stream,
        };
        let mut decoder = Decoder::new(stream, limits)?;
        let compression = decoder.compression();
        let head = decoder.peek(crate::input::HEAD)?.to_vec();
        if Compression::of(&head) != Compression::None {
            let (outer, inner) = (compression.name(), Compression::of(&head).name());
            return Err(Error::UnknownContainer {
                found: format!("{inner} inside {outer}"),
                expected: "one layer of compression around a tar; undo the outer one first",
            });
        }
        let mut input = StreamInput::new(decoder, Spool::new(limits.memory, limits.spool));
        if tar::is_tar(&head) {
            let members = self.index(&mut input, findings)?;
            findings.extend(input.into_stream().finish());
            return Ok(Contents { members, kind: None, compression });
        }
        // Anything else is not worth a pass of its own: decode it whole and look again.
        let taken = input.take(u64::MAX, true).map_err(Error::io("archive"))?;
        findings.extend(input.into_stream().finish());
        let source = taken.content.stored(0, taken.there).unwrap_or_else(|| Arc::new(Vec::new()));
        let contents = self.contents(source, name, findings)?;
        Ok(Contents { compression, ..contents })
    }

    fn index(&self, input: &mut dyn Input, findings: &mut Findings) -> Result<Members, Error> {
        let options = self.options;
        let keep = |name: &MemberName, size: u64| options.keep.wants(name, size, &options.limits);
        let list = tar::index(input, &keep, &options.limits, findings).map_err(|source| Error::Io {
            what: format!("archive, offset {:#x}", input.position()),
            source,
        })?;
        Ok(Members::new(list, findings))
    }
}

/// Whether the first bytes of a member ([`Member::head`]) are those of a tar, plain or compressed.
pub fn looks_like_tar(head: &[u8]) -> bool {
    tar::is_tar(head) || Compression::of(head) != Compression::None
}

/// Whether the first bytes are one of the magics that every image of CRIU begins with.
fn is_image(head: &[u8]) -> bool {
    const MAGICS: [u32; 3] = [0x5831_3116, 0x5456_4319, 0x5510_5940];
    let Some(first) = head.first_chunk::<4>() else { return false };
    MAGICS.contains(&u32::from_le_bytes(*first)) || MAGICS.contains(&u32::from_be_bytes(*first))
}

fn unknown(head: &[u8], length: u64) -> Error {
    let found = match head {
        [] => String::from("an empty file; an export that failed leaves one"),
        _ => {
            let start = head.get(..head.len().min(8)).unwrap_or_default();
            format!("{length} bytes that begin with {}", start.as_bstr().escape_bytes())
        }
    };
    Error::UnknownContainer {
        found,
        expected: "a tar (plain, gzip, zstd, xz, bzip2 or lz4), a CRIU image, an image stream or a directory of these",
    }
}

#[cfg(test)]
mod tests;
