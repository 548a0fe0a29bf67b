//! A process, its threads and its descriptors.

use super::Dump;
use crate::{Record, Value};

/// A process in the making: alive, of x86-64, with one thread and no registers, in a table of descriptors of its own.
///
/// Its parts are records, to be changed where a test needs it: [`Process::set`] its core image, the others by their
/// fields here.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its record in `pstree.img`; group and session are its own.
    pub list: Record,
    /// `core-PID.img`.
    pub core: Record,
    /// `ids-PID.img`: all of its ids are its number, and of namespaces it has none.
    pub ids: Option<Record>,
    /// `fs-PID.img`.
    pub fs: Option<Record>,
    /// `mm-PID.img`, without areas.
    pub mm: Option<Record>,
    threads: Vec<(u32, Record)>,
    descriptors: Vec<(u32, &'static str, u32)>,
}

impl Process {
    /// One with this number and the number of its parent, which is 0 for the first.
    pub fn new(pid: u32, ppid: u32) -> Self {
        let list = Record::required("pstree_entry").set("pid", pid).set("ppid", ppid);
        let list = list.set("pgid", pid).set("sid", pid).with("threads", pid);
        let core = core().set("tc.task_state", 1u32).set("tc.comm", format!("task-{pid}").as_str());
        let ids = ["vm_id", "files_id", "fs_id", "sighand_id"];
        let ids = ids.iter().fold(Record::new("task_kobj_ids_entry"), |ids, name| ids.set(name, pid));
        Self {
            list,
            core,
            ids: Some(ids),
            fs: Some(Record::required("fs_entry")),
            mm: Some(Record::required("mm_entry")),
            threads: Vec::new(),
            descriptors: Vec::new(),
        }
    }

    /// One that is dead and not waited for, with this status, as wait(2) gives it.
    pub fn zombie(pid: u32, ppid: u32, status: u32) -> Self {
        let dead = Self::new(pid, ppid).set("tc.task_state", 2u32).set("tc.exit_code", status);
        dead.bare()
    }

    /// With a value in its core image, as [`Record::set`].
    #[must_use]
    pub fn set(mut self, path: &str, value: impl Into<Value>) -> Self {
        self.core = self.core.set(path, value);
        self
    }

    /// With a list in its core image, as [`Record::list`].
    #[must_use]
    pub fn list<V: Into<Value>>(mut self, path: &str, values: impl IntoIterator<Item = V>) -> Self {
        self.core = self.core.list(path, values);
        self
    }

    /// With the facts of the process in its core image as `change` makes them, a `task_core_entry`.
    #[must_use]
    pub fn task(self, change: impl FnOnce(Record) -> Record) -> Self {
        self.part("tc", change)
    }

    /// With the facts of its first thread as `change` makes them, a `thread_core_entry`.
    #[must_use]
    pub fn leader(self, change: impl FnOnce(Record) -> Record) -> Self {
        self.part("thread_core", change)
    }

    fn part(mut self, name: &str, change: impl FnOnce(Record) -> Record) -> Self {
        if let Some(Value::Message(part)) = self.core.get(name) {
            self.core = self.core.clone().set(name, change(part.clone()));
        }
        self
    }

    /// With its record on the list as `change` makes it, a `pstree_entry`.
    #[must_use]
    pub fn listed(mut self, change: impl FnOnce(Record) -> Record) -> Self {
        self.list = change(self.list);
        self
    }

    /// With its memory as `change` makes it, an `mm_entry`.
    #[must_use]
    pub fn memory(mut self, change: impl FnOnce(Record) -> Record) -> Self {
        self.mm = self.mm.map(change);
        self
    }

    /// With its directories as `change` makes them, an `fs_entry`.
    #[must_use]
    pub fn directories(mut self, change: impl FnOnce(Record) -> Record) -> Self {
        self.fs = self.fs.map(change);
        self
    }

    /// Without all images but those of its threads, as CRIU writes the dead.
    #[must_use]
    pub fn bare(self) -> Self {
        Self { ids: None, fs: None, mm: None, ..self }
    }

    /// With this in its memory layout.
    #[must_use]
    pub fn mm(mut self, path: &str, value: impl Into<Value>) -> Self {
        self.mm = self.mm.map(|mm| mm.set(path, value));
        self
    }

    /// With this among its ids.
    #[must_use]
    pub fn id(mut self, name: &str, value: u32) -> Self {
        self.ids = self.ids.map(|ids| ids.set(name, value));
        self
    }

    /// With another group and session.
    #[must_use]
    pub fn session(mut self, pgid: u32, sid: u32) -> Self {
        self.list = self.list.set("pgid", pgid).set("sid", sid);
        self
    }

    /// With one more thread, of which `change` makes what it is.
    #[must_use]
    pub fn thread(mut self, tid: u32, change: impl FnOnce(Record) -> Record) -> Self {
        self.list = self.list.with("threads", tid);
        self.threads.push((tid, change(core())));
        self
    }

    /// With a descriptor of a file of a type of `fd_types`.
    #[must_use]
    pub fn fd(mut self, fd: u32, kind: &'static str, file: u32) -> Self {
        self.descriptors.push((fd, kind, file));
        self
    }

    pub(super) fn add_to(self, dump: Dump) -> Dump {
        let pid = self.list.number("pid");
        let table = self.ids.as_ref().map_or(0, |ids| ids.number("files_id"));
        let images = [("fs", self.fs), ("ids", self.ids), ("mm", self.mm), ("core", Some(self.core))];
        let dump = dump.record("pstree.img", &self.list);
        let dump = images.into_iter().fold(dump, |dump, (kind, record)| match record {
            Some(record) => dump.record(&format!("{kind}-{pid}.img"), &record),
            None => dump,
        });
        let dump = self
            .threads
            .into_iter()
            .fold(dump, |dump, (tid, core)| dump.record(&format!("core-{tid}.img"), &core));
        let table = u32::try_from(table).unwrap_or_default();
        self.descriptors.into_iter().fold(dump, |dump, (fd, kind, file)| dump.fd(table, fd, kind, file))
    }
}

/// What every thread has.
fn core() -> Record {
    Record::new("core_entry")
        .set("mtype", "X86_64")
        .with("thread_core", Record::required("thread_core_entry"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dump: &Dump) -> Vec<&str> {
        dump.names().collect()
    }

    #[test]
    fn a_process_has_its_images() {
        let dump = Dump::empty().process(Process::new(7, 1).session(3, 2).fd(0, "TTY", 4));
        let all = ["core-7.img", "fdinfo-7.img", "fs-7.img", "ids-7.img", "mm-7.img", "pstree.img"];
        assert_eq!(names(&dump), all);
        assert_eq!(dump.get("pstree.img").unwrap()[12..], [8, 7, 16, 1, 24, 3, 32, 2, 40, 7]);
        assert_eq!(dump.get("ids-7.img").unwrap()[12..], [8, 7, 16, 7, 24, 7, 32, 7]);
    }

    #[test]
    fn parts_are_changed_where_they_stand() {
        let process = || Process::new(7, 1).set("tc.comm", "");
        let same = [
            (process().task(|it| it.set("flags", 5u32)), process().set("tc.flags", 5u32)),
            (process().leader(|it| it.set("cg_set", 2u32)), process().set("thread_core.cg_set", 2u32)),
            (process().memory(|it| it.set("mm_brk", 9u64)), process().mm("mm_brk", 9u64)),
            (process().listed(|it| it.set("pgid", 3u32).set("sid", 3u32)), process().session(3, 3)),
        ];
        for (one, other) in same {
            assert_eq!(Dump::empty().process(one).tar(), Dump::empty().process(other).tar());
        }
        let dump = Dump::empty().process(process().directories(|fs| fs.set("cwd_id", 4u32)));
        assert_eq!(dump.get("fs-7.img").unwrap()[12..], [8, 4, 16, 0]);
        assert_eq!(names(&Dump::empty().process(process().bare())), ["core-7.img", "pstree.img"]);
    }

    #[test]
    fn threads_have_images_of_their_own() {
        let process = Process::new(7, 1).thread(8, |core| core.set("thread_core.comm", "io"));
        let dump = Dump::empty().process(process);
        assert_eq!(dump.get("pstree.img").unwrap()[12..], [8, 7, 16, 1, 24, 7, 32, 7, 40, 7, 40, 8]);
        assert_eq!(dump.get("core-8.img").unwrap()[12..], *b"\x08\x01\x2a\x08\x08\0\x10\0\x6a\x02io");
    }

    #[test]
    fn the_dead_have_no_more_than_their_status() {
        let dump = Dump::empty().process(Process::zombie(9, 1, 0x0f00));
        assert_eq!(names(&dump), ["core-9.img", "pstree.img"]);
        let core = dump.get("core-9.img").unwrap();
        assert!(core.windows(5).any(|bytes| bytes == [8, 2, 0x10, 0x80, 0x1e]), "{core:?}");
    }
}
