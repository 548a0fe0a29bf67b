//! A checkpoint: opened cheaply, asked lazily.

mod parts;

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use bstr::{BStr, ByteSlice};
use icecore_archive::{Archive, Member, Options, Root, SharedSource};
use icecore_metadata::Metadata;

pub(crate) use self::parts::Noted;
use self::parts::Parts;
use crate::cgroups::Cgroups;
use crate::documents;
use crate::files::{File, Files, records};
use crate::graph::{self, Edge};
use crate::images::Images;
use crate::ipc::Ipc;
use crate::memory::AddressSpaces;
use crate::mounts::Mounts;
use crate::namespaces::Namespaces;
use crate::network::Networks;
use crate::process::Process;
use crate::queues::Queue;
use crate::seccomp::Seccomp;
use crate::summary::{Counts, DumpStats, Inventory, Machine, Sizes};
use crate::{Diagnostic, Error, RootFilesystem, Severity, completeness, filesystem, memory, process, queues};

/// One frozen container.
///
/// Opening reads headers. Everything else is read when it is asked for, and kept: what is asked twice costs once.
#[derive(Debug)]
pub struct Checkpoint {
    archive: Arc<Archive>,
    root: Root,
    images: Images,
    page_size: Option<u64>,
    parents: Vec<Self>,
    rootfs: Option<Arc<RootFilesystem>>,
    spaces: process::Spaces,
    parts: Parts,
}

impl Checkpoint {
    /// Opens the one checkpoint of a file or directory, with default [`Options`].
    ///
    /// # Errors
    /// If it cannot be read, holds no checkpoint, or several: then [`Checkpoint::open_all`] opens them.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::only(Self::open_all(path, &Options::default())?)
    }

    /// Opens the one checkpoint of a source.
    ///
    /// # Errors
    /// As [`Checkpoint::open`].
    pub fn from_source(source: SharedSource, options: &Options) -> Result<Self, Error> {
        Self::only(Self::from_archive(Archive::open(source, options)?)?)
    }

    /// Opens all checkpoints of a file or directory: a pod archive has one a container.
    ///
    /// # Errors
    /// If it cannot be read or holds no checkpoint.
    pub fn open_all(path: impl AsRef<Path>, options: &Options) -> Result<Vec<Self>, Error> {
        let path = path.as_ref();
        let all = Self::from_archive(Archive::open_path(path, options)?)?;
        Ok(all.into_iter().map(|one| one.with_siblings_of(path, options)).collect())
    }

    /// The checkpoints of an archive that was opened, at least one. Where an image layout or a pod is damaged so that
    /// none of its checkpoints can be read, it is one of which nothing is known.
    ///
    /// # Errors
    /// If there is none.
    pub fn from_archive(archive: Archive) -> Result<Vec<Self>, Error> {
        if archive.roots().is_empty() {
            let damaged = archive.findings().iter().any(|finding| finding.code.severity() == Severity::Error);
            if archive.kind().is_wrapper() && damaged {
                return Ok(vec![Self::new(Arc::new(archive), Root::empty())]);
            }
            return Err(Error::NoCheckpoint {
                kind: archive.kind().name(),
                members: archive.members().len(),
            });
        }
        let archive = Arc::new(archive);
        Ok(archive.roots().iter().map(|root| Self::new(archive.clone(), root.clone())).collect())
    }

    fn new(archive: Arc<Archive>, root: Root) -> Self {
        let images = Images::find(&root);
        Self {
            archive,
            root,
            images,
            page_size: None,
            parents: Vec::new(),
            rootfs: None,
            spaces: process::Spaces::default(),
            parts: Parts::default(),
        }
    }

    /// Sets the size of a page in bytes, for checkpoints whose images do not tell it or lie.
    #[must_use]
    pub fn with_page_size(mut self, bytes: u64) -> Self {
        self.page_size = Some(bytes);
        self.parts.forget_page_size();
        self
    }

    /// Names the checkpoint before this one, whose pages this one did not store again; given again, the one before
    /// that. It is needed where the link `parent` leads out of the archive.
    #[must_use]
    pub fn with_parent(mut self, parent: Self) -> Self {
        self.parents.push(parent);
        self.parts.forget_pages();
        self
    }

    /// Finds the checkpoints before this one beside the directory that it was opened from, by their links `parent`.
    /// [`Checkpoint::open`] does that; it is for those who open the archive themselves. Does nothing for a file.
    #[must_use]
    pub fn with_siblings_of(self, path: &Path, options: &Options) -> Self {
        if !path.is_dir() || self.images.entry("parent").is_none() {
            return self;
        }
        let siblings = memory::open_siblings(path, options);
        siblings.into_iter().fold(self, Self::with_parent)
    }

    /// Names the root file system that the container began with, which a checkpoint does not hold. The [`tree`](Self::tree)
    /// then has its files, changes are told from additions, and pages of mapped files of that size and build id are known.
    #[must_use]
    pub fn with_rootfs(mut self, rootfs: Arc<RootFilesystem>) -> Self {
        self.rootfs = Some(rootfs);
        self.parts.forget_files();
        self
    }

    /// The root file system that was named.
    pub fn rootfs(&self) -> Option<&Arc<RootFilesystem>> {
        self.rootfs.as_ref()
    }

    /// The checkpoints that were named, nearest first.
    pub(crate) fn parents(&self) -> &[Self] {
        &self.parents
    }

    /// What the user says that the size of a page is.
    pub(crate) fn forced_page_size(&self) -> Option<u64> {
        self.page_size
    }

    pub(crate) fn address_spaces(&self) -> &AddressSpaces {
        &self.parts.address_spaces
    }

    fn only(mut checkpoints: Vec<Self>) -> Result<Self, Error> {
        match checkpoints.pop() {
            Some(only) if checkpoints.is_empty() => Ok(only),
            last => {
                let labels = checkpoints.iter().chain(&last).map(|checkpoint| checkpoint.label().to_string());
                Err(Error::Several { labels: labels.collect() })
            }
        }
    }

    /// The archive it lies in.
    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    /// The same for those who keep it.
    pub(crate) fn shared_archive(&self) -> &Arc<Archive> {
        &self.archive
    }

    pub(crate) fn filesystem_slot(&self) -> &filesystem::Slot {
        &self.parts.filesystem
    }

    /// Its top in the archive.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// What tells it from its siblings in one archive; empty where it has none.
    pub fn label(&self) -> &BStr {
        self.root.label.as_ref().map_or(BStr::new(""), |label| label.as_bstr())
    }

    /// Its image directory.
    pub fn images(&self) -> &Images {
        &self.images
    }

    /// The members of the archive as they stand there.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.archive.members().iter()
    }

    /// Where its bytes go.
    pub fn sizes(&self) -> Sizes {
        Sizes::of(self, &self.archive, &self.images)
    }

    /// How many of what it holds.
    pub fn counts(&self) -> &Counts {
        self.parts.counts.get(|told| Counts::of(&self.archive, &self.images, told))
    }

    /// The machine and the CRIU that made it, as far as images tell.
    pub fn machine(&self) -> &Machine {
        self.parts.machine.get(|told| {
            let machine = Machine::of(&self.images, told);
            Machine { page_size: self.page_size.or(machine.page_size), ..machine }
        })
    }

    /// How the dump was made. `None`: the archive does not hold `inventory.img`, or it cannot be read.
    pub fn inventory(&self) -> Option<&Inventory> {
        self.parts.inventory.get(|told| Inventory::of(&self.images, told)).as_ref()
    }

    /// What the dump cost. `None`: the archive does not hold `stats-dump`.
    pub fn stats(&self) -> Option<&DumpStats> {
        self.parts.stats.get(|told| DumpStats::of(self, told)).as_ref()
    }

    /// What the engine's documents say: the container, its engine and image, each fact with its origin.
    pub fn facts(&self) -> &Metadata {
        self.parts.facts.get(|told| documents::read(self, told))
    }

    /// The records of files, by rising id: those of the open ones, and of others that areas and directories refer to.
    pub(crate) fn file_records(&self) -> &Arc<Vec<File>> {
        self.parts.records.get(|told| Arc::new(records::read(self, told)))
    }

    /// The open files: descriptors, what they refer to, and who shares it.
    pub fn files(&self) -> &Files {
        self.parts.files.get(|told| Files::of(self, told))
    }

    /// The mounts of each mount namespace, joined with what the engine was told to mount.
    pub fn mounts(&self) -> &Mounts {
        self.parts.mounts.get(|told| Mounts::of(self, told))
    }

    /// The namespaces of the processes.
    pub fn namespaces(&self) -> &Namespaces {
        self.parts.namespaces.get(|told| Namespaces::of(&self.images, told))
    }

    /// The network namespaces: devices, addresses, routes, rules, firewall.
    pub fn networks(&self) -> &Networks {
        self.parts.networks.get(|told| Networks::of(&self.images, told))
    }

    /// SysV segments, semaphores and message queues.
    pub fn ipc(&self) -> &Ipc {
        self.parts.ipc.get(|told| Ipc::of(self, told))
    }

    /// Who talks to whom: pipes, sockets and shared memory between processes, and to the outside.
    pub fn graph(&self) -> &[Edge] {
        self.parts.graph.get(|told| graph::of(self, told))
    }

    /// Bytes in flight: what waits in pipes, FIFOs, sockets, terminals and SysV queues, by kind, namespace and id. Empty
    /// queues are among them as far as images tell of them.
    pub fn queues(&self) -> &[Queue] {
        self.parts.queues.get(|told| queues::of(self, told))
    }

    /// The processes, by rising number.
    pub(crate) fn process_list(&self) -> &[Process] {
        self.parts.processes.get(|told| process::load(self, told))
    }

    /// The address spaces that were asked for, in short.
    pub(crate) fn spaces(&self) -> &process::Spaces {
        &self.spaces
    }

    /// What there was to tell about arguments and environments.
    pub(crate) fn strings_told(&self) -> &process::Told {
        &self.parts.strings
    }

    /// The control groups of the processes, and their limits.
    pub fn cgroups(&self) -> &Cgroups {
        self.parts.cgroups.get(|told| Cgroups::of(&self.images, told))
    }

    /// The seccomp filters of the threads.
    pub fn seccomp(&self) -> &Seccomp {
        self.parts.seccomp.get(|told| Seccomp::of(&self.images, told))
    }

    /// Looks for members that should be there; what is missing is among the [`diagnostics`](Self::diagnostics) then.
    pub fn check_completeness(&self) {
        self.parts.complete.get(|told| completeness::check(self, told));
    }

    /// What was wrong or remarkable so far: with the archive, and with each part that was asked for, in this order.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let changed = self.archive.changed_meanwhile();
        let archive = self.archive.findings().iter().chain(&changed).map(Diagnostic::from);
        let rootfs = self.rootfs.iter().flat_map(|rootfs| rootfs.diagnostics());
        // Two parts that read one damaged image have the same to tell.
        let mut seen = HashSet::new();
        let told = archive.chain(self.parts.diagnostics()).chain(rootfs);
        told.filter(|diagnostic| seen.insert(diagnostic.gist())).collect()
    }

    /// A file that CRIU or an engine puts at the root or among the images.
    pub(crate) fn beside_images(&self, name: &str) -> Option<&Member> {
        self.root.file(name).or_else(|| self.images.member(name))
    }
}

#[cfg(test)]
pub(crate) mod tests;
