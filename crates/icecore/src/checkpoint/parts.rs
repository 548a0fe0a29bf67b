//! What is kept of a checkpoint: each part is read when it is first asked for, and has beside it what was told meanwhile.

use std::sync::{Arc, OnceLock};

use icecore_metadata::Metadata;

use crate::cgroups::Cgroups;
use crate::files::{File, Files};
use crate::graph::Edge;
use crate::ipc::Ipc;
use crate::memory::AddressSpaces;
use crate::mounts::Mounts;
use crate::namespaces::Namespaces;
use crate::network::Networks;
use crate::process::Process;
use crate::queues::Queue;
use crate::seccomp::Seccomp;
use crate::summary::{Counts, DumpStats, Inventory, Machine};
use crate::{Diagnostic, filesystem, process};

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

/// A part that is read at most once.
#[derive(Debug)]
pub(super) struct Part<T>(OnceLock<Noted<T>>);

impl<T> Default for Part<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T> Part<T> {
    /// The part; only the first time by this reader.
    pub(super) fn get(&self, reader: impl FnOnce(&mut Vec<Diagnostic>) -> T) -> &T {
        &self.0.get_or_init(|| Noted::read(reader)).value
    }

    fn told(&self) -> &[Diagnostic] {
        self.0.get().map_or(&[], |noted| &noted.diagnostics)
    }
}

/// Declares the parts, in the order in which they are told of.
///
/// `facts: Metadata,` becomes the field `facts: Part<Metadata>`, and an element of what [`Parts::diagnostics`] joins.
macro_rules! parts {
    ($($name:ident: $type:ty,)*) => {
        /// All parts of a checkpoint.
        #[derive(Debug, Default)]
        pub(super) struct Parts {
            $(pub(super) $name: Part<$type>,)*
            pub(super) address_spaces: AddressSpaces,
            /// Arguments and environments are not kept, only what was told of them.
            pub(super) strings: process::Told,
            pub(super) filesystem: filesystem::Slot,
        }

        impl Parts {
            /// What was told of the parts that were asked for.
            pub(super) fn diagnostics(&self) -> Vec<Diagnostic> {
                let mut told = [$(self.$name.told()),*].concat();
                told.extend(self.address_spaces.diagnostics());
                told.extend(self.strings.diagnostics());
                told.extend(self.filesystem.diagnostics());
                told
            }
        }
    };
}

parts! {
    facts: Metadata,
    counts: Counts,
    machine: Machine,
    inventory: Option<Inventory>,
    stats: Option<DumpStats>,
    processes: Vec<Process>,
    records: Arc<Vec<File>>,
    files: Files,
    mounts: Mounts,
    namespaces: Namespaces,
    networks: Networks,
    ipc: Ipc,
    cgroups: Cgroups,
    seccomp: Seccomp,
    graph: Vec<Edge>,
    queues: Vec<Queue>,
    complete: (),
}

impl Parts {
    /// Forgets what depends on the size of a page.
    pub(super) fn forget_page_size(&mut self) {
        self.machine = Part::default();
        self.forget_pages();
    }

    /// Forgets what depends on the root file system.
    pub(super) fn forget_files(&mut self) {
        self.filesystem = filesystem::Slot::default();
        self.forget_pages();
    }

    /// Forgets what depends on where the bytes of pages are.
    pub(super) fn forget_pages(&mut self) {
        self.address_spaces = AddressSpaces::default();
    }
}
