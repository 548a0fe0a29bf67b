//! What a process shares with others.

use icecore_images::messages::TaskKobjIdsEntry;
use serde::Serialize;

use crate::NamespaceId;

/// What a process shares: equal numbers of two processes are one object. Source: `ids-PID.img`, `task_kobj_ids_entry`.
///
/// A namespace with the number that the inventory has for CRIU itself is the host's; no image tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Shared {
    /// The address space.
    pub vm: u32,
    /// The table of descriptors.
    pub files: u32,
    /// Root, current directory and umask.
    pub fs: u32,
    /// The signal dispositions.
    pub sighand: u32,
    /// The namespaces.
    pub namespaces: NamespaceIds,
}

/// The namespaces of a process, each since the CRIU release in brackets. `None`: not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NamespaceIds {
    /// Of process ids (0.4).
    pub pid: Option<NamespaceId>,
    /// Of networks (0.4).
    pub net: Option<NamespaceId>,
    /// Of System V objects (0.4).
    pub ipc: Option<NamespaceId>,
    /// Of the host name (0.4).
    pub uts: Option<NamespaceId>,
    /// Of mounts (0.4).
    pub mnt: Option<NamespaceId>,
    /// Of users (1.4).
    pub user: Option<NamespaceId>,
    /// Of cgroups (2.0).
    pub cgroup: Option<NamespaceId>,
    /// Of clocks (3.14).
    pub time: Option<NamespaceId>,
}

impl Shared {
    pub(super) fn of(ids: &TaskKobjIdsEntry) -> Self {
        let namespace = |id: Option<u32>| id.map(NamespaceId);
        Self {
            vm: ids.vm_id,
            files: ids.files_id,
            fs: ids.fs_id,
            sighand: ids.sighand_id,
            namespaces: NamespaceIds {
                pid: namespace(ids.pid_ns_id),
                net: namespace(ids.net_ns_id),
                ipc: namespace(ids.ipc_ns_id),
                uts: namespace(ids.uts_ns_id),
                mnt: namespace(ids.mnt_ns_id),
                user: namespace(ids.user_ns_id),
                cgroup: namespace(ids.cgroup_ns_id),
                time: namespace(ids.time_ns_id),
            },
        }
    }
}
