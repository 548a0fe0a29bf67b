//! The namespaces that processes live in: which they share, which are the host's, and what the small ones hold.

mod owners;

use std::collections::BTreeMap;
use std::fmt;

use bstr::BString;
use icecore_images::messages::{
    InventoryEntry, NetnsEntry, PidnsEntry, TaskKobjIdsEntry, TimensEntry, UidGidExtent, UsernsEntry,
    UtsnsEntry,
};
use serde::Serialize;

pub use owners::{Owner, Side};

use crate::images::Images;
use crate::process::list;
use crate::{Diagnostic, NamespaceId, Pid};

/// All namespaces of a checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Namespaces {
    /// The namespaces by kind and id.
    pub all: Vec<Namespace>,
    #[serde(skip)]
    of: BTreeMap<Pid, Vec<(NamespaceKind, NamespaceId)>>,
}

/// One namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Namespace {
    /// What it separates.
    pub kind: NamespaceKind,
    /// Its number; one counter numbers those of all kinds. Not the inode that `/proc/PID/ns` shows, which is not stored.
    pub id: NamespaceId,
    /// Whether CRIU itself was in it: it is the host's, and nothing of it was dumped. Source: `inventory.img`, `root_ids`.
    pub is_host: bool,
    /// The processes in it, in the order of the process list.
    pub processes: Vec<Pid>,
    /// What it holds; of kinds with images of their own (mounts, network, IPC) see there.
    pub content: Content,
}

/// What a namespace separates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum NamespaceKind {
    /// Process ids.
    Pid,
    /// Network devices, addresses, ports.
    Net,
    /// SysV objects and POSIX message queues.
    Ipc,
    /// Host name.
    Uts,
    /// Clocks.
    Time,
    /// Mounts.
    Mnt,
    /// User ids and capabilities.
    User,
    /// Roots of control groups.
    Cgroup,
}

/// `pid`, `net` … as in `/proc/PID/ns`.
impl fmt::Display for NamespaceKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Pid => "pid",
            Self::Net => "net",
            Self::Ipc => "ipc",
            Self::Uts => "uts",
            Self::Time => "time",
            Self::Mnt => "mnt",
            Self::User => "user",
            Self::Cgroup => "cgroup",
        })
    }
}

/// What a namespace holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Content {
    /// Nothing that is stored, or see elsewhere.
    None,
    /// The key by which whoever restores hands it in; nothing else of it was dumped.
    External(BString),
    /// Source: `utsns-N.img`.
    Uts {
        /// The host name.
        nodename: BString,
        /// The NIS domain; `(none)` is the kernel's default.
        domainname: BString,
    },
    /// Source: `userns-N.img`. Ids in other images are those inside.
    User {
        /// Ranges of user ids.
        uid_map: Vec<IdRange>,
        /// Ranges of group ids.
        gid_map: Vec<IdRange>,
    },
    /// Readings of its clocks at the dump, in seconds and nanoseconds; not offsets. Source: `timens-N.img`, and
    /// `timens-0.img` for the time of the host, whose `boottime` is how long the machine ran.
    Time {
        /// `CLOCK_MONOTONIC`.
        monotonic: (u64, u64),
        /// `CLOCK_BOOTTIME`.
        boottime: (u64, u64),
    },
}

/// A range of a map of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct IdRange {
    /// The first id inside.
    pub inside: u32,
    /// The first id outside.
    pub outside: u32,
    /// How many.
    pub count: u32,
}

impl From<&UidGidExtent> for IdRange {
    fn from(entry: &UidGidExtent) -> Self {
        Self { inside: entry.first, outside: entry.lower_first, count: entry.count }
    }
}

/// Where the id of a kind stands in an `ids` image.
type IdOf = fn(&TaskKobjIdsEntry) -> Option<u32>;

/// The kinds, each with its place.
const KINDS: [(NamespaceKind, IdOf); 8] = [
    (NamespaceKind::Pid, |ids| ids.pid_ns_id),
    (NamespaceKind::Net, |ids| ids.net_ns_id),
    (NamespaceKind::Ipc, |ids| ids.ipc_ns_id),
    (NamespaceKind::Uts, |ids| ids.uts_ns_id),
    (NamespaceKind::Time, |ids| ids.time_ns_id),
    (NamespaceKind::Mnt, |ids| ids.mnt_ns_id),
    (NamespaceKind::User, |ids| ids.user_ns_id),
    (NamespaceKind::Cgroup, |ids| ids.cgroup_ns_id),
];

impl Namespaces {
    pub(crate) fn of(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let inventory: Option<InventoryEntry> = images.first("inventory.img", diagnostics);
        let host = inventory.and_then(|inventory| inventory.root_ids).unwrap_or_default();
        let mut namespaces = Self::default();
        let mut members: BTreeMap<(NamespaceKind, NamespaceId), Vec<Pid>> = BTreeMap::new();
        for record in list::records(images, diagnostics).unwrap_or_default() {
            let pid = Pid(record.pid);
            let name = format!("ids-{pid}.img");
            let Some(ids) = images.first::<TaskKobjIdsEntry>(&name, diagnostics) else { continue };
            let all = KINDS.iter().filter_map(|(kind, id)| Some((*kind, NamespaceId(id(&ids)?))));
            let all: Vec<_> = all.filter(|(_, id)| id.0 != 0).collect();
            for &namespace in &all {
                members.entry(namespace).or_default().push(pid);
            }
            namespaces.of.insert(pid, all);
        }
        let is_host = |kind, id| KINDS.iter().any(|(other, of)| *other == kind && of(&host) == Some(id));
        namespaces.all = members
            .into_iter()
            .map(|((kind, id), processes)| {
                let is_host = is_host(kind, id.0);
                // The only namespace of the host that has an image, which is numbered otherwise.
                let number = if is_host && kind == NamespaceKind::Time { NamespaceId(0) } else { id };
                let content = Content::read(images, kind, number, diagnostics);
                Namespace { kind, id, is_host, processes, content }
            })
            .collect();
        namespaces
    }

    /// The namespaces of a process. Nothing for zombies, whose ids are not stored.
    pub fn of_process(&self, pid: Pid) -> impl Iterator<Item = (NamespaceKind, NamespaceId)> {
        self.of.get(&pid).into_iter().flatten().copied()
    }

    /// The namespace of a process of one kind.
    pub fn find(&self, pid: Pid, kind: NamespaceKind) -> Option<&Namespace> {
        let (_, id) = self.of_process(pid).find(|(other, _)| *other == kind)?;
        let index = self.all.binary_search_by_key(&(kind, id), |it| (it.kind, it.id)).ok()?;
        self.all.get(index)
    }
}

impl Content {
    fn read(
        images: &Images,
        kind: NamespaceKind,
        id: NamespaceId,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let content = match kind {
            NamespaceKind::Uts => Self::uts(images, id, diagnostics),
            NamespaceKind::User => Self::user(images, id, diagnostics),
            NamespaceKind::Time => Self::time(images, id, diagnostics),
            NamespaceKind::Pid => {
                let entry: Option<PidnsEntry> = images.first(&format!("pidns-{id}.img"), diagnostics);
                entry.and_then(|entry| entry.ext_key).map(Self::External)
            }
            NamespaceKind::Net => {
                let entry: Option<NetnsEntry> = images.first(&format!("netns-{id}.img"), diagnostics);
                entry.and_then(|entry| entry.ext_key).map(Self::External)
            }
            _ => None,
        };
        content.unwrap_or(Self::None)
    }

    fn uts(images: &Images, id: NamespaceId, diagnostics: &mut Vec<Diagnostic>) -> Option<Self> {
        let entry: UtsnsEntry = images.first(&format!("utsns-{id}.img"), diagnostics)?;
        Some(Self::Uts { nodename: entry.nodename, domainname: entry.domainname })
    }

    fn user(images: &Images, id: NamespaceId, diagnostics: &mut Vec<Diagnostic>) -> Option<Self> {
        let entry: UsernsEntry = images.first(&format!("userns-{id}.img"), diagnostics)?;
        let ranges = |entries: &[UidGidExtent]| entries.iter().map(IdRange::from).collect();
        Some(Self::User { uid_map: ranges(&entry.uid_map), gid_map: ranges(&entry.gid_map) })
    }

    fn time(images: &Images, id: NamespaceId, diagnostics: &mut Vec<Diagnostic>) -> Option<Self> {
        let entry: TimensEntry = images.first(&format!("timens-{id}.img"), diagnostics)?;
        Some(Self::Time {
            monotonic: (entry.monotonic.tv_sec, entry.monotonic.tv_nsec),
            boottime: (entry.boottime.tv_sec, entry.boottime.tv_nsec),
        })
    }
}

#[cfg(test)]
mod tests;
