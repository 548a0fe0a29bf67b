//! A checkpoint: opened cheaply, asked lazily.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use bstr::{BStr, ByteSlice};
use icecore_archive::{Archive, Member, Options, Root, SharedSource};
use icecore_metadata::Metadata;

use crate::cgroups::Cgroups;
use crate::documents;
use crate::files::Files;
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
use crate::summary::{Counts, DumpStats, Machine, Sizes};
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
    facts: OnceLock<Noted<Metadata>>,
    counts: OnceLock<Noted<Counts>>,
    machine: OnceLock<Noted<Machine>>,
    stats: OnceLock<Noted<Option<DumpStats>>>,
    files: OnceLock<Noted<Files>>,
    mounts: OnceLock<Noted<Mounts>>,
    namespaces: OnceLock<Noted<Namespaces>>,
    networks: OnceLock<Noted<Networks>>,
    ipc: OnceLock<Noted<Ipc>>,
    cgroups: OnceLock<Noted<Cgroups>>,
    seccomp: OnceLock<Noted<Seccomp>>,
    graph: OnceLock<Noted<Vec<Edge>>>,
    queues: OnceLock<Noted<Vec<Queue>>>,
    processes: OnceLock<Noted<Vec<Process>>>,
    complete: OnceLock<Noted<()>>,
    filesystem: filesystem::Slot,
    address_spaces: AddressSpaces,
    strings_told: process::Told,
}

/// A part of the model, and what was told while it was read.
#[derive(Debug)]
pub(crate) struct Noted<T> {
    pub(crate) value: T,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<T> Noted<T> {
    /// Runs a reader with a place for what it has to tell.
    pub(crate) fn read(reader: impl FnOnce(&mut Vec<Diagnostic>) -> T) -> Self {
        let mut diagnostics = Vec::new();
        let value = reader(&mut diagnostics);
        Self { value, diagnostics }
    }
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
            facts: OnceLock::new(),
            counts: OnceLock::new(),
            machine: OnceLock::new(),
            stats: OnceLock::new(),
            files: OnceLock::new(),
            mounts: OnceLock::new(),
            namespaces: OnceLock::new(),
            networks: OnceLock::new(),
            ipc: OnceLock::new(),
            cgroups: OnceLock::new(),
            seccomp: OnceLock::new(),
            graph: OnceLock::new(),
            queues: OnceLock::new(),
            processes: OnceLock::new(),
            complete: OnceLock::new(),
            filesystem: filesystem::Slot::default(),
            address_spaces: AddressSpaces::default(),
            strings_told: process::Told::default(),
        }
    }

    /// Sets the size of a page in bytes, for checkpoints whose images do not tell it or lie.
    #[must_use]
    pub fn with_page_size(mut self, bytes: u64) -> Self {
        self.page_size = Some(bytes);
        self.machine.take();
        self.address_spaces = AddressSpaces::default();
        self
    }

    /// Names the checkpoint before this one, whose pages this one did not store again; given again, the one before
    /// that. It is needed where the link `parent` leads out of the archive.
    #[must_use]
    pub fn with_parent(mut self, parent: Self) -> Self {
        self.parents.push(parent);
        self.address_spaces = AddressSpaces::default();
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
        self.filesystem = filesystem::Slot::default();
        self.address_spaces = AddressSpaces::default();
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
        &self.address_spaces
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
        &self.filesystem
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
        let read = || Noted::read(|diagnostics| Counts::of(&self.archive, &self.images, diagnostics));
        &self.counts.get_or_init(read).value
    }

    /// The machine and the CRIU that made it, as far as images tell.
    pub fn machine(&self) -> &Machine {
        let read = |diagnostics: &mut Vec<Diagnostic>| {
            let machine = Machine::of(&self.images, diagnostics);
            Machine { page_size: self.page_size.or(machine.page_size), ..machine }
        };
        &self.machine.get_or_init(|| Noted::read(read)).value
    }

    /// What the dump cost. `None`: the archive does not hold `stats-dump`.
    pub fn stats(&self) -> Option<&DumpStats> {
        self.stats.get_or_init(|| Noted::read(|diagnostics| DumpStats::of(self, diagnostics))).value.as_ref()
    }

    /// What the engine's documents say: the container, its engine and image, each fact with its origin.
    pub fn facts(&self) -> &Metadata {
        &self.facts.get_or_init(|| Noted::read(|diagnostics| documents::read(self, diagnostics))).value
    }

    /// The open files: descriptors, what they refer to, and who shares it.
    pub fn files(&self) -> &Files {
        &self.files.get_or_init(|| Noted::read(|diagnostics| Files::of(self, diagnostics))).value
    }

    /// The mounts of each mount namespace, joined with what the engine was told to mount.
    pub fn mounts(&self) -> &Mounts {
        &self.mounts.get_or_init(|| Noted::read(|diagnostics| Mounts::of(self, diagnostics))).value
    }

    /// The namespaces of the processes.
    pub fn namespaces(&self) -> &Namespaces {
        let read = || Noted::read(|diagnostics| Namespaces::of(&self.images, diagnostics));
        &self.namespaces.get_or_init(read).value
    }

    /// The network namespaces: devices, addresses, routes, rules, firewall.
    pub fn networks(&self) -> &Networks {
        let read = || Noted::read(|diagnostics| Networks::of(&self.images, diagnostics));
        &self.networks.get_or_init(read).value
    }

    /// SysV segments, semaphores and message queues.
    pub fn ipc(&self) -> &Ipc {
        &self.ipc.get_or_init(|| Noted::read(|diagnostics| Ipc::of(self, diagnostics))).value
    }

    /// Who talks to whom: pipes, sockets and shared memory between processes, and to the outside.
    pub fn graph(&self) -> &[Edge] {
        &self.graph.get_or_init(|| Noted::read(|diagnostics| graph::of(self, diagnostics))).value
    }

    /// Bytes in flight: what waits in pipes, FIFOs, sockets, terminals and SysV queues, by kind, namespace and id. Empty
    /// queues are among them as far as images tell of them.
    pub fn queues(&self) -> &[Queue] {
        &self.queues.get_or_init(|| Noted::read(|diagnostics| queues::of(self, diagnostics))).value
    }

    /// The processes, by rising number.
    pub(crate) fn process_list(&self) -> &[Process] {
        &self.processes.get_or_init(|| Noted::read(|diagnostics| process::load(self, diagnostics))).value
    }

    /// What there was to tell about arguments and environments.
    pub(crate) fn strings_told(&self) -> &process::Told {
        &self.strings_told
    }

    /// The control groups of the processes, and their limits.
    pub fn cgroups(&self) -> &Cgroups {
        let read = || Noted::read(|diagnostics| Cgroups::of(&self.images, diagnostics));
        &self.cgroups.get_or_init(read).value
    }

    /// The seccomp filters of the threads.
    pub fn seccomp(&self) -> &Seccomp {
        let read = || Noted::read(|diagnostics| Seccomp::of(&self.images, diagnostics));
        &self.seccomp.get_or_init(read).value
    }

    /// Looks for members that should be there; what is missing is among the [`diagnostics`](Self::diagnostics) then.
    pub fn check_completeness(&self) {
        self.complete.get_or_init(|| Noted::read(|diagnostics| completeness::check(self, diagnostics)));
    }

    /// What was wrong or remarkable so far: with the archive, and with each part that was asked for, in this order.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        fn told<T>(part: &OnceLock<Noted<T>>) -> impl Iterator<Item = Diagnostic> {
            part.get().into_iter().flat_map(|noted| noted.diagnostics.iter().cloned())
        }
        let archive = self.archive.findings().iter().map(Diagnostic::from);
        let parts = told(&self.facts).chain(told(&self.counts)).chain(told(&self.machine));
        let parts = parts
            .chain(told(&self.stats))
            .chain(told(&self.processes))
            .chain(told(&self.files))
            .chain(told(&self.mounts));
        let parts = parts
            .chain(told(&self.namespaces))
            .chain(told(&self.networks))
            .chain(told(&self.ipc))
            .chain(told(&self.cgroups))
            .chain(told(&self.seccomp))
            .chain(told(&self.graph))
            .chain(told(&self.queues))
            .chain(told(&self.complete));
        let rootfs = self.rootfs.iter().flat_map(|rootfs| rootfs.diagnostics());
        let parts = parts.chain(self.address_spaces.diagnostics()).chain(self.strings_told.diagnostics());
        let parts = parts.chain(self.filesystem.diagnostics()).chain(rootfs);
        // Two parts that read one damaged image have the same to tell.
        let mut seen = HashSet::new();
        archive.chain(parts).filter(|diagnostic| seen.insert(diagnostic.gist())).collect()
    }

    /// A file that CRIU or an engine puts at the root or among the images.
    pub(crate) fn beside_images(&self, name: &str) -> Option<&Member> {
        self.root.file(name).or_else(|| self.images.member(name))
    }
}

#[cfg(test)]
pub(crate) mod tests;
