//! From images to processes.

use std::collections::BTreeSet;

use icecore_images::messages::{
    CoreEntry, FsEntry, PstreeEntry, SeccompEntry, TaskCoreEntry, TaskKobjIdsEntry,
};
use icecore_images::{ByteOrder, Kind};

use super::list::{self, numbers};
use super::{
    Arch, MemoryLayout, Process, SeccompMode, Shared, State, Thread, Timers, WaitStatus, legacy, limits,
    pending, signals, tree,
};
use crate::diagnostic::{IMAGE_DAMAGED, MEMBER_MISSING, PROCESS_STALE};
use crate::images::Images;
use crate::place::Placed;
use crate::{Checkpoint, Diagnostic, FileId, Pid, Tid};

/// Reads all processes, by rising number.
pub(crate) fn load(checkpoint: &Checkpoint, told: &mut Vec<Diagnostic>) -> Vec<Process> {
    let images = checkpoint.images();
    let Some(mut records) = list::placed(images, told) else { return Vec::new() };
    records.sort_by_key(|record| record.message.pid);
    let order = images.with_image("pstree.img", &mut Vec::new(), |image| image.byte_order());
    let seccomp: Option<SeccompEntry> = images.first("seccomp.img", told);
    let mut loader = Loader {
        checkpoint,
        images,
        told,
        order: order.unwrap_or(ByteOrder::Little),
        pids: records.iter().map(|record| record.message.pid).collect(),
        threads: BTreeSet::new(),
        seccomp: seccomp.unwrap_or_default(),
        missing: Vec::new(),
    };
    let processes: Vec<Process> = records.into_iter().map(|record| loader.process(record)).collect();
    loader.tell_missing();
    loader.tell_stale();
    loader.tell_odd_tree(&processes);
    processes
}

/// What is needed for every process.
struct Loader<'a> {
    checkpoint: &'a Checkpoint,
    images: &'a Images,
    told: &'a mut Vec<Diagnostic>,
    order: ByteOrder,
    pids: BTreeSet<u32>,
    /// The threads that were given to a process.
    threads: BTreeSet<u32>,
    seccomp: SeccompEntry,
    /// Threads without a core image.
    missing: Vec<u32>,
}

impl Loader<'_> {
    fn process(&mut self, record: Placed<PstreeEntry>) -> Process {
        let Placed { message: record, place } = record;
        let pid = record.pid;
        let mut process = Process {
            ppid: Pid(record.ppid),
            pgid: Pid(record.pgid),
            sid: Pid(record.sid),
            place: Some(place),
            ..Process::absent(Pid(pid))
        };
        let core = self.core(pid, pid);
        if let Some(core) = &core {
            process.arch = Arch::of(&core.message, self.order);
            if let Some(task) = &core.message.tc {
                self.add_task(&mut process, task);
            }
        }
        let is_live = match process.state {
            Some(state) => state != State::Zombie,
            None => list::is_live(self.images, pid),
        };
        if is_live {
            self.add_images(&mut process);
            process.threads = self.threads(&record, core);
            inherit_seccomp(&mut process.threads, &self.seccomp);
        }
        process
    }

    /// The core image of a thread.
    fn core(&mut self, pid: u32, tid: u32) -> Option<Placed<CoreEntry>> {
        let name = format!("core-{tid}.img");
        if self.images.member(&name).is_none() {
            self.missing.push(tid);
        }
        let mut core = self.images.placed::<CoreEntry>(&name, self.told)?.into_iter().next()?;
        legacy::complete(&mut core.message, (pid, tid), self.images, self.told);
        Some(core)
    }

    /// What the task part of the leader's core image tells.
    fn add_task(&mut self, process: &mut Process, task: &TaskCoreEntry) {
        let arch = process.arch;
        let state = State::of(task);
        process.state = Some(state);
        process.exit_status = (state == State::Zombie).then_some(WaitStatus(task.exit_code));
        process.comm = Some(task.comm.clone());
        process.kernel_flags = Some(task.flags);
        if state == State::Zombie {
            // What else the image says of the dead is all zeros.
            return;
        }
        process.personality = personality(task.personality);
        process.loginuid = task.loginuid.filter(|uid| *uid != unset_login(arch));
        process.oom_score_adj = task.oom_score_adj;
        process.child_subreaper = task.child_subreaper;
        process.membarrier = task.membarrier_registration_mask;
        process.limits = limits::read(task, arch);
        process.dispositions = signals::dispositions(&task.sigactions, arch);
        process.timers = task.timers.as_ref().map(Timers::of);
        let (queue, cut) = pending::read(task.signals_s.as_ref(), arch);
        process.pending = queue;
        self.tell_cut_signals(process.pid.0, cut);
    }

    /// What the images beside the core image tell of a process that lives.
    fn add_images(&mut self, process: &mut Process) {
        let pid = process.pid;
        if let Some(fs) = self.images.first::<FsEntry>(&format!("fs-{pid}.img"), self.told) {
            process.cwd = Some(FileId(fs.cwd_id));
            process.root = Some(FileId(fs.root_id));
            process.umask = fs.umask;
        }
        if let Some(mm) = self.checkpoint.space(pid, self.told) {
            process.exe = Some(FileId(mm.exe_file_id));
            process.layout = Some(MemoryLayout::of(&mm));
        }
        let ids: Option<TaskKobjIdsEntry> = self.images.first(&format!("ids-{pid}.img"), self.told);
        process.shared = ids.as_ref().map(Shared::of);
    }

    /// The threads of a process that lives: the leader, and those on its list that can be its own.
    fn threads(&mut self, record: &PstreeEntry, leader: Option<Placed<CoreEntry>>) -> Vec<Thread> {
        let pid = record.pid;
        let mut odd = Vec::new();
        self.threads.insert(pid);
        let mut threads = vec![self.thread(pid, leader)];
        // The leader stands on its own list once.
        let first_is_leader = usize::from(record.threads.first() == Some(&pid));
        for &tid in record.threads.iter().skip(first_is_leader) {
            if tid == 0 || self.pids.contains(&tid) || !self.threads.insert(tid) {
                odd.push(tid);
            } else {
                let core = self.core(pid, tid);
                threads.push(self.thread(tid, core));
            }
        }
        if !odd.is_empty() {
            let text = format!(
                "the thread list of process {pid} has numbers that are 0, there twice, or of other processes: {}",
                numbers(&odd)
            );
            self.told.push(list::broken(self.images, text));
        }
        threads
    }

    fn thread(&mut self, tid: u32, core: Option<Placed<CoreEntry>>) -> Thread {
        let Some(Placed { message: core, place }) = core else { return Thread::absent(Tid(tid)) };
        let arch = Arch::of(&core, self.order);
        let (thread, cut) = Thread::of(Tid(tid), arch, core);
        self.tell_cut_signals(tid, cut);
        Thread { place: Some(place), ..thread }
    }

    fn tell_cut_signals(&mut self, tid: u32, cut: usize) {
        if cut > 0 {
            let text =
                format!("{cut} pending signals have less bytes than a siginfo needs, and are left out");
            let image = self.images.full_name(&format!("core-{tid}.img"));
            self.told.push(Diagnostic::new(IMAGE_DAMAGED, text).of(image));
        }
    }

    fn tell_missing(&mut self) {
        if !self.missing.is_empty() {
            let numbers = numbers(&self.missing);
            let text = format!(
                "processes and threads without a core image, of which only the numbers are known: {numbers}"
            );
            self.told.push(Diagnostic::new(MEMBER_MISSING, text).of(self.images.full_name("pstree.img")));
        }
    }

    /// Tells images of processes and threads that are not on the list.
    fn tell_stale(&mut self) {
        let mut stale = BTreeSet::new();
        for (name, _, _) in self.images.known() {
            let Some(named) = Kind::of_name(name) else { continue };
            let of_process = matches!(named.kind, Kind::Mm | Kind::Fs | Kind::Ids);
            let number = named.number().and_then(|number| u32::try_from(number).ok());
            let Some(number) = number.filter(|_| of_process || named.kind == Kind::Core) else { continue };
            let is_known = self.pids.contains(&number) || !of_process && self.threads.contains(&number);
            if !is_known {
                stale.insert(number);
            }
        }
        if !stale.is_empty() {
            let stale: Vec<u32> = stale.into_iter().collect();
            let text = format!(
                "there are images of processes or threads that are not on the list: {}",
                numbers(&stale)
            );
            self.told.push(Diagnostic::new(PROCESS_STALE, text).of(self.images.full_name("pstree.img")));
        }
    }

    /// Tells what keeps the processes from being one tree, and numbers that no kernel gives.
    fn tell_odd_tree(&mut self, processes: &[Process]) {
        /// The kernel's `PID_MAX_LIMIT`.
        const PID_LIMIT: u32 = 1 << 22;
        let pids = |is: &dyn Fn(&Process) -> bool| -> Vec<u32> {
            processes.iter().filter(|process| is(process)).map(|process| process.pid.0).collect()
        };
        let odd = pids(&|process| process.pid.0 > PID_LIMIT);
        let orphans = pids(&|process| process.ppid.0 != 0 && !self.pids.contains(&process.ppid.0));
        let roots = pids(&|process| process.ppid.0 == 0);
        let rings: Vec<u32> = tree::rings(processes).iter().map(|pid| pid.0).collect();
        let checks = [
            (&odd, 1, "numbers that no process can have"),
            (&orphans, 1, "processes whose parents are not on the list"),
            (&roots, 2, "several processes without a parent, where only one can be the root"),
            (&rings, 1, "processes that are their own ancestors; the tree starts there"),
        ];
        for (found, at_least, what) in checks {
            if found.len() >= at_least {
                let text = format!("{what}: {}", numbers(found));
                self.told.push(list::broken(self.images, text));
            }
        }
    }
}

/// The login uid of nobody: all ones, which CRIU on 32-bit ARM reads as the largest number that it has (case `armhf`).
fn unset_login(arch: Option<Arch>) -> u32 {
    if arch == Some(Arch::Arm) { i32::MAX.unsigned_abs() } else { u32::MAX }
}

/// Hexadecimal digits that were read as a decimal number.
fn personality(stored: u32) -> Option<u32> {
    u32::from_str_radix(&stored.to_string(), 16).ok()
}

/// Gives the leader's filters to threads that were filtered alike: CRIU leaves them out where the leader's filters are to be
/// set for the whole process.
fn inherit_seccomp(threads: &mut [Thread], filters: &SeccompEntry) {
    let Some((leader, others)) = threads.split_first_mut() else { return };
    if leader.seccomp.mode == SeccompMode::Filter && is_for_all(leader.seccomp.filter, filters) {
        for thread in others.iter_mut().filter(|thread| thread.seccomp.mode == SeccompMode::Disabled) {
            thread.seccomp = super::Seccomp { of_leader: true, ..leader.seccomp };
        }
    }
}

/// Whether a filter or one installed before it is marked as that of all threads.
fn is_for_all(last: Option<u32>, filters: &SeccompEntry) -> bool {
    const TSYNC: u32 = 1;
    let filter = |number: u32| filters.seccomp_filters.get(usize::try_from(number).ok()?);
    let chain = std::iter::successors(last.and_then(filter), |newer| filter(newer.prev?));
    // Filters that lead to each other in a ring end here too.
    let mut chain = chain.take(filters.seccomp_filters.len());
    chain.any(|filter| filter.flags.unwrap_or(0) & TSYNC != 0)
}

#[cfg(test)]
mod tests {
    use icecore_images::messages::SeccompFilter;

    use super::*;

    #[test]
    fn personality_is_hexadecimal_in_decimal_clothes() {
        assert_eq!(personality(0), Some(0));
        // ADDR_NO_RANDOMIZE, as case kitchen-sink has it.
        assert_eq!(personality(40_000), Some(0x4_0000));
        assert_eq!(personality(u32::MAX), None);
    }

    #[test]
    fn chains_of_filters_end() {
        let filter = |prev, flags| {
            let mut filter = SeccompFilter::default();
            (filter.prev, filter.flags) = (prev, flags);
            filter
        };
        let mut filters = SeccompEntry::default();
        filters.seccomp_filters = vec![
            filter(None, Some(1)),
            filter(Some(0), None),
            filter(Some(2), Some(2)),
            filter(Some(77), None),
        ];
        assert!(is_for_all(Some(1), &filters));
        assert!(!is_for_all(Some(2), &filters));
        assert!(!is_for_all(Some(3), &filters));
        assert!(!is_for_all(None, &filters));
    }
}
