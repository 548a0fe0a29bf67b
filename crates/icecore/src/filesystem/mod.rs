//! The files of the container that the archive holds: what it changed, what was mounted, what was open without a name.
//!
//! A checkpoint holds files in several places, each with rules of its own: [`Origin`] names them. [`Filesystem::entries`]
//! lists them all in one form, an [`Entry`], which says what is known of a file, where it lies, and gives its bytes.
//! [`Filesystem::changes`] is what the engine wrote down of the root file system, deletions included.
//!
//! ```
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/crio-nginx-webserver");
//! # let path = std::fs::read_dir(path)?.flatten().map(|it| it.path()).find(|it| it.extension().is_some_and(|it| it == "tar")).unwrap();
//! use icecore::Checkpoint;
//!
//! let checkpoint = Checkpoint::open(path)?;
//! let filesystem = checkpoint.filesystem();
//! for change in filesystem.changes().into_iter().flat_map(|changes| changes.iter()) {
//!     println!("{} {}", change.kind.name(), change.entry.path);
//! }
//! for entry in filesystem.entries().filter(|entry| entry.is_file()) {
//!     println!("{} {} {} bytes in {}", entry.origin, entry.path, entry.content()?.len(), entry.member);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is not here
//! Whatever the container left as its image has it, unless the user names that ([`Filesystem::of_image`]), and what an
//! engine's own rules leave out: [`DiffForm`] says which. Content needs an archive that was opened with
//! [`Keep::Everything`](icecore_archive::Keep::Everything) if it is compressed.

mod changes;
mod entry;
pub(crate) mod ghosts;
mod header;
mod holder;
mod layer;
mod layers;
mod links;
mod memory_files;
mod mount_table;
mod root_files;
mod shown;
mod tree;

use std::sync::{Arc, OnceLock};

pub use changes::{Change, ChangeKind, Changes, DiffForm};
pub use entry::{Entry, FileType, Origin};
pub use layer::Layer;
use layers::Layers;
pub use tree::{Absent, Found, Lookup, MAX_LINKS, Tree};

use crate::checkpoint::Noted;
use crate::{Checkpoint, Diagnostic};
use ghosts::Ghost;
use links::LinkRemap;
use memory_files::MemoryFile;

/// All files that a checkpoint holds. Each archive of files is opened when it is first asked for.
#[derive(Debug)]
pub struct Filesystem {
    tree: Arc<Tree>,
    layers: Arc<Layers>,
    loose: Loose,
}

/// Files that lie in no archive of files.
#[derive(Debug)]
struct Loose {
    ghosts: Vec<Ghost>,
    links: Vec<LinkRemap>,
    memory: Vec<MemoryFile>,
}

impl Filesystem {
    fn of(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let loose = Loose {
            ghosts: ghosts::read(checkpoint, diagnostics),
            links: links::read(checkpoint),
            memory: memory_files::read(checkpoint, diagnostics),
        };
        Self { tree: checkpoint.shared_tree().clone(), layers: checkpoint.layers().clone(), loose }
    }

    /// What the engine wrote down of changes of the root file system. `None`: it wrote nothing, because nothing changed or
    /// because it never does (runc, crun, CRIU, Docker).
    pub fn changes(&self) -> Option<&Changes> {
        self.layers.root.changes()
    }

    /// The archives of files: that of the changes, temporary file systems, `/dev/shm`, volumes.
    pub fn layers(&self) -> impl Iterator<Item = &Layer> {
        self.layers.iter()
    }

    /// Every file that the archive holds: the layers in the order of [`layers`](Self::layers), each by rising path, then
    /// files whose names were gone, then files of memory. Whiteouts of a changeset are no files.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let stored = self.changes().into_iter().flat_map(Changes::stored_entries);
        let mounted = self.layers.mounted.iter().flat_map(|layer| layer.entries());
        stored.chain(mounted).chain(self.unnamed())
    }

    /// The files that no path led to: those whose names were gone, and files of memory.
    pub fn unnamed(&self) -> impl Iterator<Item = Entry<'_>> {
        let ghosts = self.loose.ghosts.iter().flat_map(Ghost::entries);
        let links = self.loose.links.iter().map(|link| link.entry(self));
        ghosts.chain(links).chain(self.loose.memory.iter().map(MemoryFile::entry))
    }

    /// The files that only the image of the container has, see [`Tree::of_image`]; they are in no archive.
    pub fn of_image(&self) -> impl Iterator<Item = Entry<'_>> {
        self.tree.of_image()
    }

    /// The files of a path that the [tree](Tree) may not show: those that another mount covers or that lie in another
    /// namespace, changes that are stored under a name which a link or `..` leads away from, and those that no path led to.
    pub fn unseen_at<'a>(&'a self, path: &'a [u8]) -> impl Iterator<Item = Entry<'a>> {
        let changes = self.changes().filter(|_| !self.tree.is_covered(path));
        let changed = changes.and_then(|changes| changes.find(path.strip_prefix(b"/")?));
        let mounted = self.layers.mounted.iter().filter_map(|layer| layer.find(&layer.name_of(path)?));
        let mounted = changed.into_iter().chain(mounted);
        mounted.chain(self.unnamed().filter(move |entry| entry.path == path))
    }
}

/// The files of a checkpoint, once somebody asked.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    layers: OnceLock<Arc<Layers>>,
    tree: OnceLock<Arc<Tree>>,
    filesystem: OnceLock<Noted<Filesystem>>,
}

impl Slot {
    /// What was told, of layers as far as they were opened.
    pub(crate) fn diagnostics(&self) -> Vec<Diagnostic> {
        let read = self.filesystem.get().into_iter().flat_map(|noted| &noted.diagnostics);
        let layers = self.layers.get().into_iter().flat_map(|layers| layers.diagnostics());
        read.chain(layers).cloned().collect()
    }
}

impl Checkpoint {
    /// The files that the archive holds: changed, mounted, open without a name, of memory.
    pub fn filesystem(&self) -> &Filesystem {
        let read = || Noted::read(|diagnostics| Filesystem::of(self, diagnostics));
        &self.filesystem_slot().filesystem.get_or_init(read).value
    }

    /// The tree as the first process of the container saw it.
    pub fn tree(&self) -> &Tree {
        self.shared_tree()
    }

    /// The same for those who keep it.
    pub(crate) fn shared_tree(&self) -> &Arc<Tree> {
        self.filesystem_slot().tree.get_or_init(|| Arc::new(Tree::of(self)))
    }

    /// The archives of files.
    fn layers(&self) -> &Arc<Layers> {
        self.filesystem_slot().layers.get_or_init(|| Arc::new(Layers::of(self)))
    }
}

#[cfg(test)]
mod tests;
