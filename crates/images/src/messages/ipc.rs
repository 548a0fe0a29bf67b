//! SysV IPC.

use alloc::vec::Vec;

use crate::declare::messages;

messages! {
    /// Limits of an IPC namespace: `ipcns-var-NS.img`.
    IpcVarEntry("ipc_var_entry") {
        /// `kernel.sem`: semmsl, semmns, semopm, semmni.
        1 sem_ctls: Vec<u32>,
        /// `kernel.msgmax`, bytes of a message.
        2 msg_ctlmax: u32,
        /// `kernel.msgmnb`, bytes of a queue.
        3 msg_ctlmnb: u32,
        /// `kernel.msgmni`, number of queues.
        4 msg_ctlmni: u32,
        /// `kernel.auto_msgmni`.
        5 auto_msgmni: u32,
        /// `kernel.shmmax`, bytes of a segment.
        6 shm_ctlmax: u64,
        /// `kernel.shmall`, pages of all segments.
        7 shm_ctlall: u64,
        /// `kernel.shmmni`, number of segments.
        8 shm_ctlmni: u32,
        /// `kernel.shm_rmid_forced`.
        9 shm_rmid_forced: u32,
        /// `fs.mqueue.queues_max`.
        10 mq_queues_max: u32,
        /// `fs.mqueue.msg_max`.
        11 mq_msg_max: u32,
        /// `fs.mqueue.msgsize_max`.
        12 mq_msgsize_max: u32,
        /// `fs.mqueue.msg_default`; since CRIU 2.5.
        13 mq_msg_default: Option<u32>,
        /// `fs.mqueue.msgsize_default`; since CRIU 2.5.
        14 mq_msgsize_default: Option<u32>,
        /// `kernel.msg_next_id`; absent if -1. Since CRIU 2.6.
        15 msg_next_id: Option<u32>,
        /// `kernel.sem_next_id`; absent if -1. Since CRIU 2.6.
        16 sem_next_id: Option<u32>,
        /// `kernel.shm_next_id`; absent if -1. Since CRIU 2.6.
        17 shm_next_id: Option<u32>,
    }

    /// What all SysV objects have.
    IpcDescEntry("ipc_desc_entry") {
        /// Key; 0 is private.
        1 key: u32,
        /// Owner.
        2 uid: u32,
        /// Group.
        3 gid: u32,
        /// Creator.
        4 cuid: u32,
        /// Group of the creator.
        5 cgid: u32,
        /// Permissions.
        6 mode: u32,
        /// Id.
        7 id: u32,
    }

    /// A shared memory segment: `ipcns-shm-NS.img`.
    IpcShmEntry("ipc_shm_entry") {
        /// Key, owner and id.
        1 desc: IpcDescEntry,
        /// Size in bytes.
        2 size: u64,
        /// Whether the content is in `pagemap-shmem-ID.img`; before CRIU 3.0 it follows the record. Since
        /// CRIU 3.0.
        3 in_pagemaps: Option<bool>,
        /// `SHM_HUGETLB` and the size of the huge pages; since CRIU 3.17.
        4 hugetlb_flag: Option<u32>,
    }

    /// A message queue: `ipcns-msg-NS.img`. Its messages follow the record.
    IpcMsgEntry("ipc_msg_entry") {
        /// Key, owner and id.
        1 desc: IpcDescEntry,
        /// Bytes that it can hold.
        2 qbytes: u32,
        /// Number of messages that follow.
        3 qnum: u32,
    }

    /// A message of a queue. Its text follows, padded to a multiple of 8 bytes.
    IpcMsg("ipc_msg") {
        /// Type, above 0.
        1 mtype: u64,
        /// Bytes of text.
        2 msize: u32,
    }

    /// A semaphore set: `ipcns-sem-NS.img`. Its values follow the record, 16 bits each, padded to a multiple
    /// of 8 bytes.
    IpcSemEntry("ipc_sem_entry") {
        /// Key, owner and id.
        1 desc: IpcDescEntry,
        /// Number of semaphores.
        2 nsems: u32,
    }
}
