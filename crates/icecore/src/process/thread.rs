//! Threads.

use bstr::BString;
use icecore_images::messages::{CoreEntry, ThreadCoreEntry, ThreadSasEntry};
use serde::{Serialize, Serializer};

use super::pending::{self, PendingSignal};
use super::registers::Registers;
use super::{Arch, Credentials, SignalNumber, SignalSet};
use crate::{Place, Tid, Vaddr};

/// A thread of a process that lives.
///
/// Source: `core-TID.img`. Without that image all is absent but the number.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Thread {
    /// Its number; the leader's is that of the process. Source: `pstree_entry.threads`.
    pub tid: Tid,
    /// Its name, at most 15 bytes. Of threads that are not the leader since CRIU 3.11.
    pub comm: Option<BString>,
    /// Its architecture.
    pub arch: Option<Arch>,
    /// Its registers.
    pub registers: Option<Registers>,
    /// Blocked signals. The temporary mask of a thread in rt_sigsuspend(2) is not stored, but the one that comes back.
    pub blocked: Option<SignalSet>,
    /// Pending signals of the thread itself, the oldest first.
    pub pending: Vec<PendingSignal>,
    /// Who it is and what it may do.
    pub credentials: Option<Credentials>,
    /// Policy, priority and nice value.
    pub scheduling: Scheduling,
    /// Seccomp mode and filters.
    pub seccomp: Seccomp,
    /// Where its handlers run, if not on its stack. `None`: the archive does not say.
    pub alternate_stack: Option<AlternateStack>,
    /// The list of robust futexes that it gave to the kernel; `None` if none.
    pub robust_list: Option<RobustList>,
    /// Its registration for restartable sequences; since CRIU 3.17.
    pub rseq: Option<Rseq>,
    /// The signal that it gets when its parent dies.
    pub parent_death_signal: Option<SignalNumber>,
    /// Its set of cgroups, by number in `cgroup.img`; 1 is that of CRIU itself, which is not listed there.
    pub cgroup_set: Option<u32>,
    /// Its record in `core-TID.img`, a `core_entry`.
    pub place: Option<Place>,
}

/// How a thread is scheduled. Source: `thread_core_entry.sched_*`; since CRIU 0.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Scheduling {
    /// The nice value, -20 to 19.
    pub nice: Option<i32>,
    /// The policy by number, as sched_setscheduler(2).
    pub policy: Option<u32>,
    /// The static priority, 1 to 99 under FIFO and RR, else 0.
    pub priority: Option<u32>,
}

impl Scheduling {
    /// The policy by name, without `SCHED_`.
    pub fn policy_name(&self) -> Option<&'static str> {
        Some(match self.policy? {
            0 => "OTHER",
            1 => "FIFO",
            2 => "RR",
            3 => "BATCH",
            5 => "IDLE",
            6 => "DEADLINE",
            7 => "EXT",
            _ => return None,
        })
    }
}

/// Whether system calls are filtered. Source: `thread_core_entry.seccomp_*`, before CRIU 3.10 `task_core_entry.old_*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Seccomp {
    /// The mode.
    pub mode: SeccompMode,
    /// The filter installed last, by number in `seccomp.img`. Each leads to the one installed before.
    pub filter: Option<u32>,
    /// Whether mode and filter are those of the leader: CRIU leaves them out of the other threads of a process whose
    /// filters are the same in all.
    pub of_leader: bool,
}

/// A seccomp mode, as `/proc/PID/status` numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SeccompMode {
    /// No call is filtered, or the archive does not say so.
    #[default]
    Disabled,
    /// Only read, write, exit and sigreturn are left.
    Strict,
    /// By filters.
    Filter,
    /// A number that the kernel does not have.
    Other(i32),
}

impl SeccompMode {
    fn of(mode: Option<icecore_images::messages::SeccompMode>) -> Self {
        match mode.map_or(0, |mode| mode.0) {
            0 => Self::Disabled,
            1 => Self::Strict,
            2 => Self::Filter,
            other => Self::Other(other),
        }
    }

    /// Its number.
    pub fn number(self) -> i32 {
        match self {
            Self::Disabled => 0,
            Self::Strict => 1,
            Self::Filter => 2,
            Self::Other(number) => number,
        }
    }
}

impl Serialize for SeccompMode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i32(self.number())
    }
}

/// An alternate signal stack. Source: `thread_core_entry.sas`; since CRIU 0.7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AlternateStack {
    /// Its lowest address.
    pub sp: Vaddr,
    /// Its size in bytes.
    pub size: u64,
    /// `SS_*` bits: 1 in use, 2 disabled, 0x80000000 disarmed while in use.
    pub flags: u32,
}

impl AlternateStack {
    fn of(entry: &ThreadSasEntry) -> Self {
        Self { sp: Vaddr(entry.ss_sp), size: entry.ss_size, flags: entry.ss_flags }
    }

    /// Whether there is none.
    pub fn is_disabled(&self) -> bool {
        const SS_DISABLE: u32 = 2;
        self.flags & SS_DISABLE != 0
    }
}

/// The head of the list of robust futexes that a thread holds. Source: `thread_core_entry.futex_rla`, `futex_rla_len`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RobustList {
    /// Its address.
    pub head: Vaddr,
    /// Its length in bytes.
    pub length: u32,
}

/// The registration of a thread for restartable sequences. Source: `thread_core_entry.rseq_entry`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Rseq {
    /// Address of `struct rseq`, which the kernel writes to also after the pages were stored.
    pub address: Vaddr,
    /// Its size in bytes.
    pub size: u32,
    /// The number in front of abort handlers.
    pub signature: u32,
}

impl Thread {
    /// A thread whose image is missing.
    pub(crate) fn absent(tid: Tid) -> Self {
        Self {
            tid,
            comm: None,
            arch: None,
            registers: None,
            blocked: None,
            pending: Vec::new(),
            credentials: None,
            scheduling: Scheduling::default(),
            seccomp: Seccomp::default(),
            alternate_stack: None,
            robust_list: None,
            rseq: None,
            parent_death_signal: None,
            cgroup_set: None,
            place: None,
        }
    }

    /// A thread of its image, and how many of its pending signals are cut.
    pub(super) fn of(tid: Tid, arch: Option<Arch>, mut core: CoreEntry) -> (Self, usize) {
        let registers = Registers::take(&mut core);
        let task = core.tc.as_deref();
        let entry = core.thread_core.as_deref();
        let (queue, cut) = pending::read(entry.and_then(|entry| entry.signals_p.as_ref()), arch);
        let comm = entry.and_then(|entry| entry.comm.clone()).or_else(|| task.map(|task| task.comm.clone()));
        let thread = Self {
            tid,
            comm,
            arch,
            registers,
            blocked: blocked(&core),
            pending: queue,
            credentials: entry.and_then(|entry| entry.creds.as_ref()).map(Credentials::of),
            scheduling: entry.map(scheduling).unwrap_or_default(),
            seccomp: seccomp(&core),
            alternate_stack: entry.and_then(|entry| entry.sas.as_ref()).map(AlternateStack::of),
            robust_list: entry.and_then(robust_list),
            rseq: entry.and_then(rseq),
            parent_death_signal: entry.and_then(|entry| entry.pdeath_sig).map(SignalNumber),
            cgroup_set: entry.and_then(|entry| entry.cg_set).or_else(|| task.and_then(|task| task.cg_set)),
            place: None,
        };
        (thread, cut)
    }
}

/// The leader's mask is in its task part, that of other threads in theirs.
fn blocked(core: &CoreEntry) -> Option<SignalSet> {
    let of_leader = || core.tc.as_ref().map(|task| SignalSet::of(task.blk_sigset, task.blk_sigset_extended));
    let entry = core.thread_core.as_ref();
    let own = entry.and_then(|entry| Some(SignalSet::of(entry.blk_sigset?, entry.blk_sigset_extended)));
    of_leader().or(own)
}

fn scheduling(entry: &ThreadCoreEntry) -> Scheduling {
    // A policy without priorities is stored without one.
    let priority = entry.sched_prio.or(entry.sched_policy.map(|_| 0));
    Scheduling { nice: entry.sched_nice, policy: entry.sched_policy, priority }
}

fn seccomp(core: &CoreEntry) -> Seccomp {
    let task = core.tc.as_ref();
    let entry = core.thread_core.as_ref();
    let mode = entry.and_then(|entry| entry.seccomp_mode).or(task.and_then(|task| task.old_seccomp_mode));
    let filter =
        entry.and_then(|entry| entry.seccomp_filter).or(task.and_then(|task| task.old_seccomp_filter));
    let mode = SeccompMode::of(mode);
    Seccomp { mode, filter: filter.filter(|_| mode == SeccompMode::Filter), of_leader: false }
}

fn robust_list(entry: &ThreadCoreEntry) -> Option<RobustList> {
    let list = RobustList { head: Vaddr(entry.futex_rla), length: entry.futex_rla_len };
    (entry.futex_rla != 0).then_some(list)
}

fn rseq(entry: &ThreadCoreEntry) -> Option<Rseq> {
    let rseq = entry.rseq_entry.as_ref()?;
    Some(Rseq { address: Vaddr(rseq.rseq_abi_pointer), size: rseq.rseq_abi_size, signature: rseq.signature })
}
