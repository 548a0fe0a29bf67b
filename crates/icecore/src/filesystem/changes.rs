//! What the container changed against its image, by the rules of the engine that wrote it down.
//!
//! ```text
//! file list   CRI-O, Podman     files in the archive, deleted paths in `deleted.files`
//! changeset   containerd, OCI   files in the archive; `.wh.NAME` is the deletion of NAME, `.wh..wh..opq` of all others
//! ```

use std::sync::Arc;

use bstr::{BString, ByteSlice};
use icecore_archive::{Member, MemberKind};
use icecore_metadata::{Document, Documents, EngineName};
use serde::Serialize;

use super::entry::{Entry, FileType, Origin};
use super::layer::Layer;
use crate::RootFilesystem;
use crate::documents::DOCUMENT;

/// In which form an engine wrote the changes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DiffForm {
    /// Files, and a list of deleted paths. Directories that were changed are never in it, and a changed file only if the
    /// machine itself has a file of the same path.
    FileList,
    /// Files with all directories above them, and deletions as names that begin with `.wh.`.
    Changeset,
}

/// How a path differs from the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ChangeKind {
    /// The image has nothing there.
    Added,
    /// The image has something else there.
    Modified,
    /// The image has something there and the container had not.
    Deleted,
    /// It is stored, and neither the engine nor a root file system that the user names tells whether the image has it.
    Unknown,
}

impl DiffForm {
    /// What the engine's own rules leave out, in a sentence: it belongs next to every list of changes.
    pub fn leaves_out(self) -> &'static str {
        match self {
            Self::FileList => {
                "this engine keeps a changed file only if the machine itself has a file of the same path, and of changed \
                 directories nothing; a file that is not listed may still have changed"
            }
            Self::Changeset => {
                "extended attributes other than capabilities, sockets, and what lies in mounts are left out; whether a file \
                 is new or was changed is not told"
            }
        }
    }
}

impl ChangeKind {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Modified => "modified",
            Self::Deleted => "deleted",
            Self::Unknown => "unknown",
        }
    }
}

/// One changed path.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Change<'a> {
    /// What happened.
    pub kind: ChangeKind,
    /// What is there now; of a deleted path, its name and which member tells it.
    pub entry: Entry<'a>,
    /// What the image has there; only if the user names its files, see [`RootFilesystem`].
    pub before: Option<Entry<'a>>,
    /// Whether the directory was removed and made again, so that nothing of the image is below it.
    pub opaque: bool,
}

/// The changes of a checkpoint, and the form in which they were written down.
#[derive(Debug)]
#[non_exhaustive]
pub struct Changes {
    /// The form.
    pub form: DiffForm,
    /// The archive of the files; `None`: there is none, so nothing was added, or nothing is known.
    pub layer: Option<Arc<Layer>>,
    /// The name of the list of deleted paths, if there is one.
    list: BString,
    /// Deletions, sorted by path.
    deleted: Vec<Deletion>,
    /// Directories (their names in the archive) of which nothing of the image is left, sorted.
    opaque: Vec<BString>,
    /// What the image had.
    image: Option<Arc<RootFilesystem>>,
}

/// A path that was deleted, and what says so. There may be a million, so the name of the member is made when it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Deletion {
    path: BString,
    by: Told,
}

/// What tells of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    /// The list of deleted paths.
    List,
    /// A whiteout beside where it was.
    Whiteout,
}

/// What the names of deletions begin with in a changeset.
const WHITEOUT: &[u8] = b".wh.";

impl Changes {
    /// Reads what an engine wrote down: an archive of files, and a list of deleted paths.
    pub(super) fn read(
        engine: EngineName,
        list: Option<&Member>,
        layer: Option<Arc<Layer>>,
        image: Option<Arc<RootFilesystem>>,
    ) -> Option<Self> {
        let paths = list.and_then(deleted_files);
        if layer.is_none() && paths.is_none() {
            return None;
        }
        let form = form(engine, layer.as_deref(), paths.is_some());
        let list = list.map(|list| list.name.as_bytes().into()).unwrap_or_default();
        let mut deleted = paths.unwrap_or_default();
        let mut opaque = Vec::new();
        if let Some(layer) = layer.as_ref().filter(|_| form == DiffForm::Changeset) {
            whiteouts(layer, &mut deleted, &mut opaque);
        }
        deleted.sort();
        deleted.dedup_by(|later, earlier| later.path == earlier.path);
        opaque.sort();
        Some(Self { form, layer, list, deleted, opaque, image })
    }

    /// All changes by rising path; of a path that was deleted and is there again, the deletion first.
    pub fn iter(&self) -> impl Iterator<Item = Change<'_>> {
        let mut stored = self.stored().peekable();
        let mut deleted = self.deleted.iter().peekable();
        std::iter::from_fn(move || match (stored.peek(), deleted.peek()) {
            (Some(change), Some(deletion)) if change.entry.path < deletion.path => stored.next(),
            (_, Some(_)) => deleted.next().map(|deletion| self.deletion(deletion)),
            _ => stored.next(),
        })
    }

    /// Whether something is stored for a path.
    pub fn has(&self, path: &[u8]) -> bool {
        let entry = self.layer.as_ref().and_then(|layer| layer.find(&layer.name_of(path)?));
        entry.is_some()
    }

    /// Whether the container deleted a path itself, or a directory above it.
    pub fn hides(&self, path: &[u8]) -> bool {
        let deleted = |path: &[u8]| self.deleted.binary_search_by(|it| it.path.as_slice().cmp(path)).is_ok();
        ancestors(path).chain([path]).any(deleted) || self.is_below_opaque(path)
    }

    fn is_below_opaque(&self, path: &[u8]) -> bool {
        let is_opaque = |above: &[u8]| {
            let name = above.strip_prefix(b"/").unwrap_or(above);
            self.opaque.binary_search_by(|it| it.as_slice().cmp(name)).is_ok()
        };
        ancestors(path).any(is_opaque)
    }

    /// The deleted paths, sorted.
    pub fn deleted(&self) -> impl Iterator<Item = &BString> {
        self.deleted.iter().map(|deletion| &deletion.path)
    }

    /// The files that are stored, without whiteouts.
    pub(super) fn stored_entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.stored().map(|change| change.entry)
    }

    /// What is stored, without whiteouts.
    fn stored(&self) -> impl Iterator<Item = Change<'_>> {
        let layer = self.layer.iter();
        let pairs = layer.flat_map(|layer| layer.headers().map(move |header| (layer, header)));
        // The top itself is there in archives of whole directories, and is no change.
        let files =
            pairs.filter(|(_, header)| !header.name.as_bytes().is_empty() && !self.is_whiteout(header));
        let mut added = None;
        files.filter_map(move |(layer, header)| {
            let name = header.name.as_bytes();
            let (stored, before) = (self.kind(header, &mut added), self.before(name));
            let kind = match &self.image {
                Some(image) if image.has(name) => ChangeKind::Modified,
                Some(_) => ChangeKind::Added,
                None => stored,
            };
            let opaque = self.opaque.binary_search_by(|it| it.as_slice().cmp(name)).is_ok();
            Some(Change { kind, entry: layer.entry(header)?, before, opaque })
        })
    }

    /// A file list has only directories that are new, and whatever is below one is new as well. `added` is the last of
    /// them: names come sorted.
    fn kind<'a>(&self, header: &'a Member, added: &mut Option<&'a Member>) -> ChangeKind {
        if self.form == DiffForm::Changeset {
            return ChangeKind::Unknown;
        }
        let below = added.is_some_and(|directory| header.name.below(directory.name.as_bytes()).is_some());
        match header.kind {
            _ if below => ChangeKind::Added,
            MemberKind::Directory => {
                *added = Some(header);
                ChangeKind::Added
            }
            _ => ChangeKind::Unknown,
        }
    }

    fn is_whiteout(&self, header: &Member) -> bool {
        self.is_deletion(header.name.as_bytes())
    }

    /// Whether a name in the archive is the deletion of another.
    pub(super) fn is_deletion(&self, name: &[u8]) -> bool {
        let file = name.rsplit_once_str("/").map_or(name, |(_, file)| file);
        self.form == DiffForm::Changeset && file.starts_with(WHITEOUT)
    }

    /// What is stored of a name, if that is no deletion.
    pub(super) fn find(&self, name: &[u8]) -> Option<Entry<'_>> {
        self.layer.as_ref().filter(|_| !self.is_deletion(name))?.find(name)
    }

    /// Whether a path is below a directory that the container made itself.
    pub(super) fn is_in_new(&self, path: &[u8]) -> bool {
        self.has_above(path, |header| self.kind(header, &mut None) == ChangeKind::Added)
    }

    /// Whether a path is below something that is stored and is no directory.
    pub(super) fn is_below_file(&self, path: &[u8]) -> bool {
        self.has_above(path, |header| header.kind != MemberKind::Directory)
    }

    fn has_above(&self, path: &[u8], is: impl Fn(&Member) -> bool) -> bool {
        let Some(members) = self.layer.as_ref().and_then(|layer| layer.members()) else { return false };
        let names = ancestors(path).filter_map(|above| above.strip_prefix(b"/"));
        names.filter_map(|name| members.get(name)).any(is)
    }

    /// What the image has of a name.
    fn before(&self, name: &[u8]) -> Option<Entry<'_>> {
        self.image.as_ref()?.at(name)
    }

    /// The member that tells of a deletion.
    fn told_by(&self, deletion: &Deletion) -> BString {
        let layer = self.layer.as_ref().filter(|_| deletion.by == Told::Whiteout);
        let Some(layer) = layer else { return self.list.clone() };
        let name = deletion.path.strip_prefix(b"/").unwrap_or(&deletion.path);
        let (directory, file) = name.rsplit_once_str("/").unwrap_or((b"", name));
        let slash: &[u8] = if directory.is_empty() { b"" } else { b"/" };
        [layer.member().name.as_bytes(), b"//", directory, slash, WHITEOUT, file].concat().into()
    }

    fn deletion(&self, deletion: &Deletion) -> Change<'_> {
        let (path, member) = (deletion.path.clone(), self.told_by(deletion));
        let before = path.strip_prefix(b"/").and_then(|name| self.before(name));
        let entry = Entry::new(path, Origin::Diff, FileType::Other, member);
        Change { kind: ChangeKind::Deleted, entry, before, opaque: false }
    }
}

/// The directories above an absolute path, the outermost first, without the root.
pub(super) fn ancestors(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let slashes = path.iter().enumerate().skip(1).filter(|(_, byte)| **byte == b'/');
    slashes.filter_map(|(at, _)| path.get(..at))
}

/// Which form it is: by the engine, and where that is not known by what is there.
fn form(engine: EngineName, layer: Option<&Layer>, listed: bool) -> DiffForm {
    let Some(layer) = layer else { return DiffForm::FileList };
    let compressed = || layer.member().head().starts_with(b"\x1f\x8b");
    let has_whiteouts = || layer.headers().any(|header| header.name.file_name().starts_with(WHITEOUT));
    match engine {
        EngineName::Containerd => DiffForm::Changeset,
        EngineName::CriO => DiffForm::FileList,
        _ if listed => DiffForm::FileList,
        // Podman 1.5 and 1.6 wrote the layer as its storage has it; later ones write deletions apart, if there are any,
        // and never a directory that was only changed. A file `.wh.NAME` alone says nothing: it may just be called so.
        EngineName::Podman => match has_whiteouts() && has_all_directories(layer) {
            true => DiffForm::Changeset,
            false => DiffForm::FileList,
        },
        _ if compressed() || has_whiteouts() => DiffForm::Changeset,
        _ => DiffForm::FileList,
    }
}

/// Whether every member has the directories above it as members, as changesets do.
fn has_all_directories(layer: &Layer) -> bool {
    let Some(members) = layer.members() else { return false };
    members.iter().all(|member| {
        let above = member.name.as_bytes().rsplit_once_str("/").map(|(above, _)| above);
        above.is_none_or(|above| members.get(above).is_some_and(|it| it.kind == MemberKind::Directory))
    })
}

/// The paths of `deleted.files`. `None`: it cannot be read, which the facts tell.
fn deleted_files(member: &Member) -> Option<Vec<Deletion>> {
    let bytes = member.bytes(DOCUMENT).ok()?;
    let mut documents = Documents::default();
    documents.add("deleted.files", &bytes);
    let Document::Read(list) = documents.deleted else { return None };
    // One after the other is taken: a list of a million is not there twice.
    let deletion = |path: String| Deletion { path: absolute(path.as_bytes()), by: Told::List };
    Some(list.paths.into_iter().map(deletion).collect())
}

/// A path in the one form that paths have here; what climbs stays as it is and names nothing.
fn absolute(path: &[u8]) -> BString {
    let name = icecore_archive::MemberName::new(path);
    [b"/", name.as_bytes()].concat().into()
}

/// The deletions of a changeset, and its opaque directories.
fn whiteouts(layer: &Layer, deleted: &mut Vec<Deletion>, opaque: &mut Vec<BString>) {
    for header in layer.headers() {
        let name = header.name.as_bytes();
        let (directory, file) = name.rsplit_once_str("/").unwrap_or((b"", name));
        match file.strip_prefix(WHITEOUT) {
            Some(b".wh..opq") => opaque.push(directory.into()),
            // `.wh..wh.` is what AUFS keeps for itself; `.wh.`, `.wh..` and `.wh...` name nothing that can be deleted.
            Some(hidden) if !hidden.starts_with(WHITEOUT) && !matches!(hidden, b"" | b"." | b"..") => {
                let path = layer.path(&[directory, b"/", hidden].concat());
                deleted.push(Deletion { path, by: Told::Whiteout });
            }
            _ => {}
        }
    }
}
