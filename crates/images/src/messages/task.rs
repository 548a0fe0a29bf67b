//! Processes and threads.

use alloc::boxed::Box;
use alloc::vec::Vec;

use bstr::BString;

use super::{CredsEntry, SaEntry, SeccompMode, SignalQueueEntry, TaskTimersEntry, ThreadInfoAarch64, ThreadInfoArm, ThreadInfoLoongarch64, ThreadInfoMips, ThreadInfoPpc64, ThreadInfoRiscv64, ThreadInfoS390, ThreadInfoX86};
use crate::declare::{enums, messages};
use crate::names::TASK_STATE;

messages! {
    /// One process of the tree: `pstree.img`. Ids are those of the root task's pid namespace.
    PstreeEntry("pstree_entry") {
        /// Process id.
        1 pid: u32,
        /// Id of the parent; 0 for the root.
        2 ppid: u32,
        /// Process group, possibly of a process that is not in the tree; 0 if its leader is outside of the
        /// pid namespace.
        3 pgid: u32,
        /// Session, as `pgid`.
        4 sid: u32,
        /// Thread ids, the leader's first. Of a zombie: one number without meaning.
        5 threads: Vec<u32>,
    }

    /// One thread: `core-TID.img`. `tc` is present for the leader of a process only.
    CoreEntry("core_entry") {
        /// The architecture, which says where the registers are.
        1 mtype: CoreEntryMarch,
        /// Registers of x86.
        2 thread_info: Option<Box<ThreadInfoX86>>,
        /// What belongs to the whole process.
        3 tc: Option<Box<TaskCoreEntry>>,
        /// Not used since CRIU 0.4: see `ids` images.
        4 ids: Option<Box<TaskKobjIdsEntry>>,
        /// What belongs to the thread. A zombie has none. Since CRIU 0.2.
        5 thread_core: Option<Box<ThreadCoreEntry>>,
        /// Registers of 32-bit ARM; since CRIU 0.4.
        6 ti_arm: Option<Box<ThreadInfoArm>>,
        /// Registers of 64-bit ARM; since CRIU 1.3.
        8 ti_aarch64: Option<Box<ThreadInfoAarch64>>,
        /// Registers of POWER; since CRIU 1.6.
        9 ti_ppc64: Option<Box<ThreadInfoPpc64>>,
        /// Registers of s390x; since CRIU 3.4.
        10 ti_s390: Option<Box<ThreadInfoS390>>,
        /// Registers of MIPS; since CRIU 3.15.
        11 ti_mips: Option<Box<ThreadInfoMips>>,
        /// Registers of LoongArch; since CRIU 3.19.
        12 ti_loongarch64: Option<Box<ThreadInfoLoongarch64>>,
        /// Registers of RISC-V; since CRIU 4.1.
        13 ti_riscv64: Option<Box<ThreadInfoRiscv64>>,
    }

    /// What belongs to a whole process, stored with its leader.
    TaskCoreEntry("task_core_entry") {
        /// 1 alive, 2 dead (a zombie), 3 stopped by job control. The names that crit prints are wrong.
        1 task_state: u32 as dict(TASK_STATE),
        /// Wait status of a zombie: exit code in bits 8 to 15, else the signal in bits 0 to 6; 0 for the
        /// living.
        2 exit_code: u32,
        /// Hexadecimal digits that CRIU read as a decimal number: print as decimal, read as hexadecimal.
        3 personality: u32,
        /// The kernel's internal `PF_*` word of the leader.
        4 flags: u32,
        /// Blocked signals of the leader; bit n-1 is signal n.
        5 blk_sigset: u64 as hex,
        /// Name of the leader, at most 15 bytes.
        6 comm: BString,
        /// Interval and POSIX timers; since CRIU 1.3.
        7 timers: Option<TaskTimersEntry>,
        /// Resource limits; since CRIU 1.3.
        8 rlimits: Option<TaskRlimitsEntry>,
        /// Cgroup set, an id of `cgroup.img`; since CRIU 1.3, in the thread since 3.18.
        9 cg_set: Option<u32>,
        /// Pending signals of the process; since CRIU 1.3.
        10 signals_s: Option<SignalQueueEntry>,
        /// Seccomp mode; since CRIU 1.7, in the thread since 3.10.
        11 old_seccomp_mode: Option<SeccompMode>,
        /// Number of the last installed filter in `seccomp.img`; since CRIU 1.8, in the thread
        /// since 3.10.
        12 old_seccomp_filter: Option<u32>,
        /// Audit login uid; 4294967295 is unset. Since CRIU 2.0.
        13 loginuid: Option<u32>,
        /// Adjustment of the out-of-memory score, -1000 to 1000; since CRIU 2.0.
        14 oom_score_adj: Option<i32>,
        /// Signal actions, without those of SIGKILL and SIGSTOP, in the order of signal numbers; since CRIU
        /// 3.1.
        15 sigactions: Vec<SaEntry>,
        /// Whether orphans below become children of this process; since CRIU 3.13.
        18 child_subreaper: Option<bool>,
        /// Blocked signals 65 to 128 (MIPS); since CRIU 3.15.
        20 blk_sigset_extended: Option<u64> as hex,
        /// The signal that stopped a stopped process; since CRIU 3.18.
        21 stop_signo: Option<u32>,
        /// Registered membarrier(2) commands, one bit each; since CRIU 3.19.
        22 membarrier_registration_mask: Option<u32> as hex,
    }

    /// What a process shares: equal ids are one object. `ids-PID.img`; CRIU's own are in the inventory.
    TaskKobjIdsEntry("task_kobj_ids_entry") {
        /// Address space.
        1 vm_id: u32,
        /// Descriptor table; the number of the `fdinfo` image.
        2 files_id: u32,
        /// Root, current directory and umask.
        3 fs_id: u32,
        /// Table of signal actions.
        4 sighand_id: u32,
        /// Pid namespace; since CRIU 0.4.
        5 pid_ns_id: Option<u32>,
        /// Network namespace; since CRIU 0.4.
        6 net_ns_id: Option<u32>,
        /// IPC namespace; since CRIU 0.4.
        7 ipc_ns_id: Option<u32>,
        /// UTS namespace; since CRIU 0.4.
        8 uts_ns_id: Option<u32>,
        /// Mount namespace; since CRIU 0.4.
        9 mnt_ns_id: Option<u32>,
        /// User namespace; since CRIU 1.4.
        10 user_ns_id: Option<u32>,
        /// Cgroup namespace; since CRIU 2.0.
        11 cgroup_ns_id: Option<u32>,
        /// Time namespace; since CRIU 3.14.
        12 time_ns_id: Option<u32>,
    }

    /// What belongs to a thread.
    ThreadCoreEntry("thread_core_entry") {
        /// Address of the robust futex list.
        1 futex_rla: u64,
        /// Bytes of the list head.
        2 futex_rla_len: u32,
        /// Nice value, -20 to 19; since CRIU 0.3.
        3 sched_nice: Option<i32> as zigzag,
        /// 0 OTHER, 1 FIFO, 2 RR, 3 BATCH, 5 IDLE, 6 DEADLINE; since CRIU 0.3.
        4 sched_policy: Option<u32>,
        /// Static priority; meant for FIFO and RR. Since CRIU 0.3.
        5 sched_prio: Option<u32>,
        /// Blocked signals of a thread that is not the leader; bit n-1 is signal n. Since CRIU 0.3.
        6 blk_sigset: Option<u64>,
        /// Alternate signal stack; since CRIU 0.7.
        7 sas: Option<ThreadSasEntry>,
        /// Signal at the death of the parent; since CRIU 1.3.
        8 pdeath_sig: Option<u32>,
        /// Pending signals of the thread; since CRIU 1.3.
        9 signals_p: Option<SignalQueueEntry>,
        /// Ids, groups and capabilities; since CRIU 2.0.
        10 creds: Option<CredsEntry>,
        /// Seccomp mode; absent: disabled, or removed because the leader's filters carry TSYNC. Since CRIU
        /// 3.10.
        11 seccomp_mode: Option<SeccompMode>,
        /// Number of the last installed filter in `seccomp.img`; since CRIU 3.10.
        12 seccomp_filter: Option<u32>,
        /// Name of the thread, at most 15 bytes; since CRIU 3.11.
        13 comm: Option<BString>,
        /// Blocked signals 65 to 128 (MIPS); since CRIU 3.15.
        14 blk_sigset_extended: Option<u64>,
        /// Restartable sequences; since CRIU 3.17.
        15 rseq_entry: Option<RseqEntry>,
        /// Cgroup set, an id of `cgroup.img`; 1 is CRIU's own, which is not listed. Since CRIU 3.18.
        16 cg_set: Option<u32>,
    }

    /// An alternate signal stack.
    ThreadSasEntry("thread_sas_entry") {
        /// Its lowest address.
        1 ss_sp: u64,
        /// Its size in bytes.
        2 ss_size: u64,
        /// 2 is disabled.
        3 ss_flags: u32,
    }

    /// The registration of a thread for restartable sequences.
    RseqEntry("rseq_entry") {
        /// Address of `struct rseq`.
        1 rseq_abi_pointer: u64,
        /// Its size in bytes.
        2 rseq_abi_size: u32,
        /// The number in front of abort handlers.
        3 signature: u32,
        /// Address of the critical section that the thread was in; only if it must not be restarted.
        4 rseq_cs_pointer: Option<u64>,
    }

    /// Resource limits of a process.
    TaskRlimitsEntry("task_rlimits_entry") {
        /// 16 limits; the index is the kernel's number of the resource.
        1 rlimits: Vec<RlimitEntry>,
    }

    /// One resource limit. All ones is unlimited, whatever the architecture.
    RlimitEntry("rlimit_entry") {
        /// Soft limit, in the unit of the resource.
        1 cur: u64,
        /// Hard limit.
        2 max: u64,
    }

    /// Directories and umask of a process: `fs-PID.img`.
    FsEntry("fs_entry") {
        /// Current directory, an id of `files.img`.
        1 cwd_id: u32,
        /// Root directory, an id of `files.img`.
        2 root_id: u32,
        /// The umask; since CRIU 0.4.
        3 umask: Option<u32>,
    }
}

enums! {
    /// An architecture.
    CoreEntryMarch("core_entry.march") {
        /// None of these.
        UNKNOWN = 0,
        /// x86, with 32-bit tasks on it.
        X86_64 = 1,
        /// 32-bit ARM.
        ARM = 2,
        /// 64-bit ARM.
        AARCH64 = 3,
        /// POWER, 64 bits.
        PPC64 = 4,
        /// s390x, big-endian.
        S390 = 5,
        /// MIPS, 64 bits.
        MIPS = 6,
        /// LoongArch, 64 bits.
        LOONGARCH64 = 7,
        /// RISC-V, 64 bits.
        RISCV64 = 8,
    }
}
