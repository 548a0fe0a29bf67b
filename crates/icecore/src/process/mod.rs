//! The processes of a checkpoint: what `ps` and `/proc` would have said the instant before the freeze.
//!
//! ```
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/minimal/checkpoint.tar");
//! use icecore::Checkpoint;
//!
//! let checkpoint = Checkpoint::open(path)?;
//! for process in checkpoint.processes() {
//!     let argv = checkpoint.arguments(process.pid);
//!     let argv: Vec<_> = argv.iter().flat_map(|strings| strings.iter()).collect();
//!     println!("{} {:?} {argv:?}", process.pid, process.comm);
//!     for thread in &process.threads {
//!         println!("  {} waits in {:?}", thread.tid, thread.system_call().and_then(|call| call.name));
//!     }
//! }
//! # Ok::<(), icecore::Error>(())
//! ```
//!
//! Not stored by CRIU, so absent here: start time, processor time, CPU affinity, I/O priority, whether a process slept.

mod arch;
mod credentials;
mod layout;
mod legacy;
mod limits;
pub(crate) mod list;
mod load;
pub(crate) use load::load;
mod pending;
pub mod registers;
mod shared;
mod signals;
mod space;
mod state;
mod strings;
mod syscall;
mod thread;
mod timers;
mod tree;

use bstr::BString;
use icecore_images::messages::FdTypes;
use serde::Serialize;

pub use arch::Arch;
pub use credentials::{Capabilities, Credentials, Ids};
pub use layout::MemoryLayout;
pub use limits::Limit;
pub use pending::PendingSignal;
pub use shared::{NamespaceIds, Shared};
pub use signals::{Action, Disposition, SignalNumber, SignalSet};
pub(crate) use space::Spaces;
pub use state::{State, WaitStatus};
pub use strings::Strings;
pub(crate) use strings::Told;
pub use syscall::SystemCall;
pub use thread::{AlternateStack, RobustList, Rseq, Scheduling, Seccomp, SeccompMode, Thread};
pub use timers::{IntervalTimer, Notify, PosixTimer, Timers};
pub use tree::{Branch, Tree};

use crate::{Checkpoint, FileId, Pid, Place, Tid};

/// A process, alive or dead. What an image that is missing or damaged would tell is absent.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Process {
    /// Its number, as the pid namespace of the root process has it. Source: `pstree.img`, `pstree_entry.pid`.
    pub pid: Pid,
    /// Its parent; 0 if that is outside of the checkpoint. Source: `pstree_entry.ppid`.
    pub ppid: Pid,
    /// Its process group, perhaps of a leader that is gone; 0 if the leader is outside of the pid namespace.
    pub pgid: Pid,
    /// Its session, as `pgid`.
    pub sid: Pid,
    /// Whether it runs, stands, or is dead.
    pub state: Option<State>,
    /// How it ended; of a zombie only.
    pub exit_status: Option<WaitStatus>,
    /// Its name, at most 15 bytes. Source: `task_core_entry.comm`.
    pub comm: Option<BString>,
    /// The architecture of its leader.
    pub arch: Option<Arch>,
    /// Its executable. Source: `mm-PID.img`, `mm_entry.exe_file_id`.
    pub exe: Option<FileId>,
    /// Its current directory. Source: `fs-PID.img`, `fs_entry.cwd_id`.
    pub cwd: Option<FileId>,
    /// Its root directory. Source: `fs_entry.root_id`.
    pub root: Option<FileId>,
    /// The permission bits that its new files do not get. Source: `fs_entry.umask`; since CRIU 0.4.
    pub umask: Option<u32>,
    /// As `/proc/PID/personality`. Source: `task_core_entry.personality`, which holds the hexadecimal digits as a decimal
    /// number, up to the first letter.
    pub personality: Option<u32>,
    /// The kernel's internal `PF_*` word. Source: `task_core_entry.flags`.
    pub kernel_flags: Option<u32>,
    /// The user who logged in, for audit; `None` if unset or not stored. Source: `task_core_entry.loginuid`, since CRIU 2.0.
    pub loginuid: Option<u32>,
    /// How readily it is killed when memory runs out, -1000 to 1000; since CRIU 2.0.
    pub oom_score_adj: Option<i32>,
    /// Whether orphans below it become its children; since CRIU 3.13.
    pub child_subreaper: Option<bool>,
    /// Registered membarrier(2) commands, one bit each; since CRIU 3.19.
    pub membarrier: Option<u32>,
    /// What it shares with other processes, and its namespaces. Source: `ids-PID.img`.
    pub shared: Option<Shared>,
    /// Where in its memory what is. Source: `mm-PID.img`.
    pub layout: Option<MemoryLayout>,
    /// Its resource limits, in the order of `/proc/PID/limits`.
    pub limits: Vec<Limit>,
    /// What it does on each signal; since CRIU 3.1 in the core image.
    pub dispositions: Vec<Disposition>,
    /// Pending signals of the process, which any of its threads may take, the oldest first.
    pub pending: Vec<PendingSignal>,
    /// Its timers.
    pub timers: Option<Timers>,
    /// Its record in `pstree.img`, a `pstree_entry`.
    pub place: Option<Place>,
    /// Its threads, the leader first; none of a zombie, whose list of threads CRIU leaves to chance.
    pub threads: Vec<Thread>,
}

impl Process {
    /// A process of which nothing is known but that it was there.
    fn absent(pid: Pid) -> Self {
        Self {
            pid,
            ppid: Pid(0),
            pgid: Pid(0),
            sid: Pid(0),
            state: None,
            exit_status: None,
            comm: None,
            arch: None,
            exe: None,
            cwd: None,
            root: None,
            umask: None,
            personality: None,
            kernel_flags: None,
            loginuid: None,
            oom_score_adj: None,
            child_subreaper: None,
            membarrier: None,
            shared: None,
            layout: None,
            limits: Vec::new(),
            dispositions: Vec::new(),
            pending: Vec::new(),
            timers: None,
            place: None,
            threads: Vec::new(),
        }
    }

    /// Its first thread, whose number is that of the process.
    pub fn leader(&self) -> Option<&Thread> {
        self.threads.iter().find(|thread| thread.tid.0 == self.pid.0)
    }

    /// The thread of this number.
    pub fn thread(&self, tid: Tid) -> Option<&Thread> {
        self.threads.iter().find(|thread| thread.tid == tid)
    }

    /// Whether it is dead.
    pub fn is_zombie(&self) -> bool {
        self.state == Some(State::Zombie)
    }

    /// The signals that it ignores; `None` where dispositions are not stored.
    pub fn ignored(&self) -> Option<SignalSet> {
        self.acting(|action| action == Action::Ignore)
    }

    /// The signals that it has handlers for; `None` where dispositions are not stored.
    pub fn caught(&self) -> Option<SignalSet> {
        self.acting(|action| matches!(action, Action::Handler(_)))
    }

    fn acting(&self, is: impl Fn(Action) -> bool) -> Option<SignalSet> {
        let acting = self.dispositions.iter().filter(|disposition| is(disposition.action));
        (!self.dispositions.is_empty()).then(|| acting.map(|disposition| disposition.signal).collect())
    }
}

impl Checkpoint {
    /// The processes, zombies included, by rising number. Empty if there is no process list, as in a pre-dump.
    pub fn processes(&self) -> &[Process] {
        self.process_list()
    }

    /// The process of this number.
    pub fn process(&self, pid: Pid) -> Option<&Process> {
        let processes = self.processes();
        processes
            .binary_search_by_key(&pid, |process| process.pid)
            .ok()
            .and_then(|index| processes.get(index))
    }

    /// What a link in `/proc/PID` shows for a file that processes refer to by its number: executable, current directory,
    /// root. `None`: the archive does not say.
    pub fn link(&self, file: FileId) -> Option<BString> {
        let files = self.files();
        files.link(files.find(file, FdTypes::REG)?)
    }

    /// The processes as a tree.
    pub fn process_tree(&self) -> Tree<'_> {
        Tree::of(self.processes())
    }
}

#[cfg(test)]
mod tests;
