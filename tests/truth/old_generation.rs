//! A whole dump in the forms of CRIU 1.1, made from a real one of today: one magic an image, and an image each for what
//! stands in the core and mm images now. It must tell the same.

use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;

use icecore::archive::{Archive, Keep, Options};
use icecore::images_format::messages::{
    CoreEntry, FileLockEntry, InventoryEntry, MmEntry, PagemapEntry, PagemapHead, RemapFilePathEntry,
    RemapType,
};
use icecore::images_format::{ByteOrder, Framing, Image, Kind, Message, Writer};
use icecore::memory::Area;
use icecore::{Checkpoint, Memory, Pid, Process};
use icecore_synth::Tar;

/// Images that are made from one of today, by name.
type Made = Vec<(String, Vec<u8>)>;

/// The bit that told ghosts from links before there was a type.
const GHOST: u32 = 1 << 31;

fn records<M: Message>(name: &str, bytes: &[u8]) -> Vec<M> {
    let image = Image::parse(name, bytes).unwrap();
    image.records::<M>().map(|record| record.unwrap().message).collect()
}

/// An image with one magic, as all were before CRIU 1.6.
fn image<M: Message>(kind: Kind, records: &[M]) -> Vec<u8> {
    let mut writer = Writer::new(kind, Framing::One, ByteOrder::Little);
    records.iter().for_each(|record| writer.record(&record.encode(), &[]));
    writer.finish()
}

fn old(name: &str, bytes: &[u8]) -> Made {
    let number = || Kind::of_name(name).unwrap().number().unwrap();
    match Kind::of_name(name).map(|named| named.kind) {
        Some(Kind::Inventory) => {
            let newer = records::<InventoryEntry>(name, bytes).remove(0);
            let mut inventory = InventoryEntry::default();
            (inventory.img_version, inventory.root_ids) = (1, newer.root_ids);
            (inventory.fdinfo_per_id, inventory.ns_per_id) = (newer.fdinfo_per_id, newer.ns_per_id);
            vec![(name.into(), image(Kind::Inventory, &[inventory]))]
        }
        Some(Kind::Core) => core(number(), records::<CoreEntry>(name, bytes).remove(0)),
        Some(Kind::Mm) => {
            let mut mm = records::<MmEntry>(name, bytes).remove(0);
            let areas = std::mem::take(&mut mm.vmas);
            let vmas = (format!("vmas-{}.img", number()), image(Kind::Vmas, &areas));
            vec![(name.into(), image(Kind::Mm, &[mm])), vmas]
        }
        Some(Kind::Pagemap | Kind::ShmemPagemap) => vec![(name.into(), pagemap(name, bytes))],
        Some(Kind::RemapFpath) => {
            let mut remaps = records::<RemapFilePathEntry>(name, bytes);
            // Paths of dead processes are younger than the type.
            for remap in remaps.iter_mut().filter(|remap| remap.remap_type != Some(RemapType::PROCFS)) {
                let ghost = if remap.remap_type.take() == Some(RemapType::GHOST) { GHOST } else { 0 };
                remap.remap_id |= ghost;
            }
            vec![(name.into(), image(Kind::RemapFpath, &remaps))]
        }
        Some(Kind::FileLocks) => {
            let locks = records::<FileLockEntry>(name, bytes);
            let mut pids: Vec<i32> = locks.iter().map(|lock| lock.pid).collect();
            pids.sort_unstable();
            pids.dedup();
            let of = |pid| locks.iter().filter(move |lock| lock.pid == pid).cloned().collect::<Vec<_>>();
            pids.iter()
                .map(|&pid| (format!("filelocks-{pid}.img"), image(Kind::FileLocks, &of(pid))))
                .collect()
        }
        // The head magic is all that is new of the others.
        _ => vec![(name.into(), bytes.strip_prefix(b"\x19\x43\x56\x54").unwrap_or(bytes).to_vec())],
    }
}

/// What stands in the core image of a thread, in the images that had it.
fn core(tid: u64, mut core: CoreEntry) -> Made {
    let mut made = Made::new();
    if let Some(thread) = &mut core.thread_core {
        let queue = thread.signals_p.take().unwrap_or_default();
        made.push((format!("signal-p-{tid}.img"), image(Kind::Signal, &queue.signals)));
        if let Some(creds) = thread.creds.take().filter(|_| core.tc.is_some()) {
            made.push((format!("creds-{tid}.img"), image(Kind::Creds, &[creds])));
        }
        (thread.comm, thread.rseq_entry) = (None, None);
        let (mode, filter) = (thread.seccomp_mode.take(), thread.seccomp_filter.take());
        let set = thread.cg_set.take();
        if let Some(task) = &mut core.tc {
            (task.old_seccomp_mode, task.old_seccomp_filter, task.cg_set) = (mode, filter, set);
        }
    }
    if let Some(task) = core.tc.as_mut().filter(|_| core.thread_core.is_some()) {
        task.child_subreaper = None;
        let limits = task.rlimits.take().unwrap_or_default();
        made.push((format!("rlimit-{tid}.img"), image(Kind::Rlimit, &limits.rlimits)));
        let timers = task.timers.take().unwrap_or_default();
        made.push((format!("posix-timers-{tid}.img"), image(Kind::PosixTimers, &timers.posix)));
        let intervals = [timers.real, timers.virt, timers.prof];
        made.push((format!("itimers-{tid}.img"), image(Kind::Itimers, &intervals)));
        let queue = task.signals_s.take().unwrap_or_default();
        made.push((format!("signal-s-{tid}.img"), image(Kind::Signal, &queue.signals)));
        let actions = std::mem::take(&mut task.sigactions);
        made.push((format!("sigacts-{tid}.img"), image(Kind::Sigact, &actions)));
    }
    made.push((format!("core-{tid}.img"), image(Kind::Core, &[core])));
    made
}

/// Counts in the field that was there first, and no flags: what is not in the parent is stored.
fn pagemap(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new(Kind::Pagemap, Framing::One, ByteOrder::Little);
    records::<PagemapHead>(name, bytes).iter().take(1).for_each(|head| writer.record(&head.encode(), &[]));
    for mut entry in records::<PagemapEntry>(name, bytes) {
        let pages = entry.nr_pages.take().unwrap_or(entry.compat_nr_pages.into());
        entry.compat_nr_pages = u32::try_from(pages).unwrap();
        assert!(matches!(entry.flags.take(), Some(4 | 6)), "a full dump");
        writer.record(&entry.encode(), &[]);
    }
    writer.finish()
}

/// What old images tell of a process as new ones do; names of threads, for one, they do not have.
fn facts(checkpoint: &Checkpoint, process: &Process) -> Vec<String> {
    let Process { limits, dispositions, timers, pending, state, comm, layout, umask, .. } = process;
    let leader = process.threads.first();
    let leader =
        leader.map(|thread| (&thread.credentials, &thread.pending, &thread.seccomp, &thread.cgroup_set));
    let arguments = checkpoint.arguments(process.pid).map(|strings| format!("{strings:?}"));
    let cgroups = checkpoint.cgroups().of_process(process.pid);
    vec![
        format!("{state:?} {comm:?} {umask:?} {} {:?}", process.threads.len(), process.exit_status),
        format!("{limits:?}"),
        format!("{dispositions:?}"),
        format!("{timers:?} {pending:?}"),
        format!("{layout:?}"),
        format!("{leader:?}"),
        format!("{arguments:?} {cgroups:?}"),
    ]
}

fn hashed(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

fn areas(memory: &Memory) -> Vec<String> {
    let line = |area: &Area| {
        let length = usize::try_from(area.length().min(1 << 18)).unwrap();
        let mut bytes = vec![0; length];
        let read = memory.read_at(area.start, &mut bytes).is_ok().then(|| hashed(&bytes));
        let (range, kind, name) = (area.range(), area.kind, &area.name);
        format!("{range:?} {kind:?} {name:?} {} {:?} {read:?}", area.perms(), memory.pages_of(area))
    };
    memory.areas().iter().map(line).collect()
}

#[test]
fn a_dump_of_the_first_generation_tells_what_one_of_today_does() {
    let Some(case) = icecore_tests::find("kitchen-sink") else { return };
    let path = &case.archives()[0].path;
    let archive = Archive::open_path(path, &Options::default().keep(Keep::Everything)).unwrap();
    let mut tar = Tar::new();
    for member in archive.members().iter().filter(|member| member.is_file() && member.size < 32 << 20) {
        let bytes = member.bytes(("image", u64::MAX)).unwrap();
        for (name, bytes) in old(&member.name.to_string(), &bytes) {
            tar = tar.file(name, bytes);
        }
    }
    let old = Checkpoint::from_source(Arc::new(tar.finish()), &Options::default()).unwrap();
    let new = Checkpoint::from_archive(archive).unwrap().remove(0);
    assert!(old.images().member("sigacts-1.img").is_some() && old.images().member("vmas-1.img").is_some());
    assert_eq!(old.processes().len(), new.processes().len());
    for (ours, theirs) in old.processes().iter().zip(new.processes()) {
        assert_eq!(facts(&old, ours), facts(&new, theirs), "process {}", ours.pid);
        let memory = |of: &Checkpoint, pid: Pid| of.memory(pid).ok().map(|memory| areas(&memory));
        assert_eq!(memory(&old, ours.pid), memory(&new, ours.pid), "memory of {}", ours.pid);
    }
    let links = |of: &Checkpoint| -> Vec<String> {
        let files = of.files();
        files
            .open()
            .map(|open| format!("{} {} {:?}", open.pid, open.slot, open.file.map(|it| files.link(it))))
            .collect()
    };
    for (ours, theirs) in links(&old).iter().zip(&links(&new)) {
        assert_eq!(ours, theirs);
    }
    let locks = |of: &Checkpoint| {
        let mut locks: Vec<_> = of.files().locks.iter().map(|lock| format!("{lock:?}")).collect();
        locks.sort();
        locks
    };
    assert_eq!(locks(&old), locks(&new));
    assert!(locks(&new).len() > 1 && links(&new).len() > 300 && links(&old).len() == links(&new).len());
    assert_eq!(old.machine().criu_at_least, Some("4.0"), "of sockets, which are left as they are");
}
