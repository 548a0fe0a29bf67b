//! Images of old CRIU releases, whose records stand in `core-PID.img` today.
//!
//! | image | until | now in |
//! |---|---|---|
//! | `rlimit`, `itimers`, `posix-timers`, `signal-s`, `signal-p` | 1.2 | `task_core_entry`, `thread_core_entry` |
//! | `creds` | 1.8 | `thread_core_entry.creds` of each thread |
//! | `sigacts` | 3.0 | `task_core_entry.sigactions` |

use icecore_images::Message;
use icecore_images::messages::{
    CoreEntry, CredsEntry, ItimerEntry, SignalQueueEntry, TaskCoreEntry, TaskRlimitsEntry, TaskTimersEntry,
    ThreadCoreEntry,
};

use crate::Diagnostic;
use crate::images::Images;

/// Adds to the core image of a thread what old releases have elsewhere.
pub(super) fn complete(
    core: &mut CoreEntry,
    (pid, tid): (u32, u32),
    images: &Images,
    told: &mut Vec<Diagnostic>,
) {
    let mut old = Old { images, told };
    if let Some(task) = &mut core.tc {
        old.complete_task(task, pid);
    }
    if let Some(thread) = &mut core.thread_core {
        old.complete_thread(thread, pid, tid);
    }
}

struct Old<'a> {
    images: &'a Images,
    told: &'a mut Vec<Diagnostic>,
}

impl Old<'_> {
    /// The records of an old image; `None` if there is none, as in all present dumps.
    fn records<M: Message>(&mut self, kind: &str, number: u32) -> Option<Vec<M>> {
        self.images.records(&format!("{kind}-{number}.img"), self.told)
    }

    fn complete_task(&mut self, task: &mut TaskCoreEntry, pid: u32) {
        if task.rlimits.is_none() {
            task.rlimits = self.limits(pid);
        }
        if task.timers.is_none() {
            task.timers = self.timers(pid);
        }
        if task.signals_s.is_none() {
            task.signals_s = self.queue("signal-s", pid);
        }
        if task.sigactions.is_empty() {
            task.sigactions = self.records("sigacts", pid).unwrap_or_default();
        }
    }

    fn limits(&mut self, pid: u32) -> Option<TaskRlimitsEntry> {
        let mut limits = TaskRlimitsEntry::default();
        limits.rlimits = self.records("rlimit", pid)?;
        Some(limits)
    }

    fn timers(&mut self, pid: u32) -> Option<TaskTimersEntry> {
        let intervals: Option<Vec<ItimerEntry>> = self.records("itimers", pid);
        let posix = self.records("posix-timers", pid);
        if intervals.is_none() && posix.is_none() {
            return None;
        }
        let mut intervals = intervals.unwrap_or_default().into_iter();
        let mut timers = TaskTimersEntry::default();
        for timer in [&mut timers.real, &mut timers.virt, &mut timers.prof] {
            *timer = intervals.next().unwrap_or_default();
        }
        timers.posix = posix.unwrap_or_default();
        Some(timers)
    }

    fn queue(&mut self, kind: &str, number: u32) -> Option<SignalQueueEntry> {
        let mut queue = SignalQueueEntry::default();
        queue.signals = self.records(kind, number)?;
        Some(queue)
    }

    fn complete_thread(&mut self, thread: &mut ThreadCoreEntry, pid: u32, tid: u32) {
        if thread.creds.is_none() {
            let creds: Option<Vec<CredsEntry>> = self.records("creds", pid);
            thread.creds = creds.and_then(|creds| creds.into_iter().next());
        }
        if thread.signals_p.is_none() {
            thread.signals_p = self.queue("signal-p", tid);
        }
    }
}
