//! SysV IPC: shared memory segments, semaphores, message queues, and the limits of each IPC namespace.

use std::collections::BTreeMap;

use bstr::BString;
use icecore_images::messages::{IpcDescEntry, IpcMsgEntry, IpcSemEntry, IpcShmEntry, IpcVarEntry};
use icecore_images::raw::sysv;
use icecore_images::{Error, Image, Kind, Message, Record};
use serde::Serialize;

use crate::namespaces::NamespaceKind;
use crate::vma::status;
use crate::{Checkpoint, Diagnostic, NamespaceId, Pid, Vaddr};

/// The IPC namespaces of a checkpoint that images tell of, by rising id. POSIX message queues are not stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Ipc {
    /// The namespaces.
    pub namespaces: Vec<IpcNamespace>,
}

/// One IPC namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct IpcNamespace {
    /// Its id, as processes refer to it.
    pub id: NamespaceId,
    /// Shared memory, in the order of `ipcns-shm-N.img`.
    pub segments: Vec<Segment>,
    /// Semaphores, in the order of `ipcns-sem-N.img`.
    pub semaphores: Vec<Semaphores>,
    /// Message queues, in the order of `ipcns-msg-N.img`.
    pub queues: Vec<Queue>,
    /// Sysctls of the namespace: name and value. Source: `ipcns-var-N.img`.
    pub variables: Vec<(&'static str, String)>,
}

/// What all SysV objects have. Source: `ipc_desc_entry`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Descriptor {
    /// Its id.
    pub id: u32,
    /// Its key; 0 is private.
    pub key: u32,
    /// Permissions.
    pub mode: u32,
    /// Owner and group.
    pub owner: (u32, u32),
    /// Creator and the creator's group.
    pub creator: (u32, u32),
}

impl From<&IpcDescEntry> for Descriptor {
    fn from(entry: &IpcDescEntry) -> Self {
        Self {
            id: entry.id,
            key: entry.key,
            mode: entry.mode,
            owner: (entry.uid, entry.gid),
            creator: (entry.cuid, entry.cgid),
        }
    }
}

/// A shared memory segment. Source: `ipc_shm_entry`; its content is that of `pagemap-shmem-ID.img`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Segment {
    /// Id, key, owner.
    pub descriptor: Descriptor,
    /// Size in bytes.
    pub size: u64,
    /// Where it is attached, by process and address. Source: `mm-PID.img`.
    pub attached: Vec<(Pid, Vaddr)>,
}

/// A set of semaphores. Source: `ipc_sem_entry`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Semaphores {
    /// Id, key, owner.
    pub descriptor: Descriptor,
    /// Their values.
    pub values: Vec<u16>,
}

/// A message queue. Source: `ipc_msg_entry`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Queue {
    /// Id, key, owner.
    pub descriptor: Descriptor,
    /// How many bytes it can hold.
    pub capacity: u32,
    /// Type and text of its messages, the oldest first.
    pub messages: Vec<(u64, BString)>,
}

impl Ipc {
    pub(crate) fn of(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let kinds = [Kind::IpcnsShm, Kind::IpcnsSem, Kind::IpcnsMsg, Kind::IpcnsVar];
        let known = checkpoint.images().known().filter(|(_, kind, _)| kinds.contains(kind));
        let mut ids: Vec<u32> =
            known.filter_map(|(name, ..)| u32::try_from(Kind::of_name(name)?.number()?).ok()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut attached = if ids.is_empty() { BTreeMap::new() } else { attached(checkpoint, diagnostics) };
        let mut reader = Reader { checkpoint, diagnostics };
        let namespaces = ids.into_iter().map(|id| reader.namespace(NamespaceId(id), &mut attached)).collect();
        Self { namespaces }
    }
}

/// Where segments are attached, by namespace and id.
type Attached = BTreeMap<(NamespaceId, u64), Vec<(Pid, Vaddr)>>;

fn attached(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) -> Attached {
    let namespaces = checkpoint.namespaces();
    let mut attached = Attached::new();
    for namespace in namespaces.all.iter().filter(|namespace| namespace.kind == NamespaceKind::Ipc) {
        for &pid in &namespace.processes {
            let mm = checkpoint.space(pid, diagnostics);
            for area in mm.iter().flat_map(|mm| &mm.vmas).filter(|area| area.status & status::SYSVIPC != 0) {
                attached.entry((namespace.id, area.shmid)).or_default().push((pid, Vaddr(area.start)));
            }
        }
    }
    attached
}

struct Reader<'a> {
    checkpoint: &'a Checkpoint,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn namespace(&mut self, id: NamespaceId, attached: &mut Attached) -> IpcNamespace {
        let segments = self.all(&format!("ipcns-shm-{id}.img"), |record: &Record<'_, IpcShmEntry>| {
            let descriptor = Descriptor::from(&record.message.desc);
            // Of two segments with one id, the first is what is attached.
            let attached = attached.remove(&(id, descriptor.id.into())).unwrap_or_default();
            Ok(Segment { descriptor, size: record.message.size, attached })
        });
        let semaphores = self.all(&format!("ipcns-sem-{id}.img"), |record: &Record<'_, IpcSemEntry>| {
            Ok(Semaphores {
                descriptor: (&record.message.desc).into(),
                values: sysv::semaphores(record).collect(),
            })
        });
        let queues = self.all(&format!("ipcns-msg-{id}.img"), |record: &Record<'_, IpcMsgEntry>| {
            let messages =
                sysv::messages(record).map(|it| it.map(|it| (it.message.mtype, BString::from(it.text))));
            Ok(Queue {
                descriptor: (&record.message.desc).into(),
                capacity: record.message.qbytes,
                messages: messages.collect::<Result<_, _>>()?,
            })
        });
        let variables: Option<IpcVarEntry> =
            self.checkpoint.images().first(&format!("ipcns-var-{id}.img"), self.diagnostics);
        let variables = variables.as_ref().map(variables_of).unwrap_or_default();
        IpcNamespace { id, segments, semaphores, queues, variables }
    }

    /// All objects of an image; those that are damaged are told and left out.
    fn all<M: Message, T>(
        &mut self,
        name: &str,
        mut read: impl FnMut(&Record<'_, M>) -> Result<T, Error>,
    ) -> Vec<T> {
        let images = self.checkpoint.images();
        let mut damage = Vec::new();
        let found = images.with_image(name, self.diagnostics, |image: Image<'_>| {
            let objects = image.records::<M>().map(|record| read(&record?));
            objects.filter_map(|object| object.map_err(|error| damage.push(error)).ok()).collect()
        });
        if let Some(member) = images.member(name) {
            self.diagnostics.extend(damage.iter().map(|error| images.damaged_member(member, error)));
        }
        found.unwrap_or_default()
    }
}

fn variables_of(entry: &IpcVarEntry) -> Vec<(&'static str, String)> {
    let semaphores: Vec<String> = entry.sem_ctls.iter().map(u32::to_string).collect();
    let optional = [
        ("fs.mqueue.msg_default", entry.mq_msg_default),
        ("fs.mqueue.msgsize_default", entry.mq_msgsize_default),
        ("kernel.msg_next_id", entry.msg_next_id),
        ("kernel.sem_next_id", entry.sem_next_id),
        ("kernel.shm_next_id", entry.shm_next_id),
    ];
    let mut all = vec![
        ("kernel.sem", semaphores.join(" ")),
        ("kernel.msgmax", entry.msg_ctlmax.to_string()),
        ("kernel.msgmnb", entry.msg_ctlmnb.to_string()),
        ("kernel.msgmni", entry.msg_ctlmni.to_string()),
        ("kernel.auto_msgmni", entry.auto_msgmni.to_string()),
        ("kernel.shmmax", entry.shm_ctlmax.to_string()),
        ("kernel.shmall", entry.shm_ctlall.to_string()),
        ("kernel.shmmni", entry.shm_ctlmni.to_string()),
        ("kernel.shm_rmid_forced", entry.shm_rmid_forced.to_string()),
        ("fs.mqueue.queues_max", entry.mq_queues_max.to_string()),
        ("fs.mqueue.msg_max", entry.mq_msg_max.to_string()),
        ("fs.mqueue.msgsize_max", entry.mq_msgsize_max.to_string()),
    ];
    all.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?.to_string()))));
    all
}

#[cfg(test)]
mod tests;
