//! Descriptors against `/proc/PID/fd` and `/proc/PID/fdinfo`, and what `kitchen-sink` planted.

use std::collections::{BTreeMap, BTreeSet};

use icecore::files::{File, FileKind, Files, LockKind, LockMode, Open, Slot};
use icecore::sockets::Details;
use icecore::{Fd, Pid};
use serde_json::Value;

use crate::testimony::{self, Book, Testified, bytes, number};

const EXCEPTIONS: &str = include_str!("exceptions/files.tsv");

#[test]
fn descriptors_are_those_of_the_kernel() {
    let mut book = Book::new(EXCEPTIONS);
    testimony::each(|testified| {
        for (pid, process) in testified.processes() {
            descriptors(testified, pid, process, &mut book);
        }
    });
    book.close(17_000);
}

fn descriptors(testified: &Testified, pid: u32, process: &Value, book: &mut Book) {
    let files = testified.checkpoint.files();
    let case = testified.case.as_str();
    let kernel = process["fds"].as_array().unwrap();
    let ours: BTreeSet<u32> = files
        .open_of(Pid(pid))
        .filter_map(|open| match open.slot {
            Slot::Fd(fd) => Some(fd.0),
            _ => None,
        })
        .collect();
    book.compare((case, pid, ""), "fds", &kernel.iter().map(|it| number(&it["fd"])).collect(), &ours);
    for slot in [Slot::Cwd, Slot::Root, Slot::Exe] {
        let name = slot.to_string();
        let open = files.open_of(Pid(pid)).find(|open| open.slot == slot);
        let link = open.and_then(|open| files.link(open.file?)).map(Vec::from);
        book.compare((case, pid, &name), "path", &bytes(&process[&name]), &link);
    }
    let open: BTreeMap<Slot, Open<'_>> = files.open_of(Pid(pid)).map(|open| (open.slot, open)).collect();
    for entry in kernel {
        let fd = number(&entry["fd"]);
        let open = open[&Slot::Fd(Fd(fd))];
        let (what, file) = (format!("fd {fd}"), open.file.unwrap());
        let place = (case, pid, what.as_str());
        link(testified, place, fd, (files, file), entry, book);
        let info = &entry["info"];
        let known = |field| testified.is_known(pid, fd.into(), field);
        if let Some(flags) = info["flags"].as_str().filter(|_| !known("flags")) {
            match open.flags() {
                Some(ours) => {
                    book.compare(place, "flags", &u32::from_str_radix(flags, 8).unwrap(), &ours.bits)
                }
                None => book.not_stored("flags"),
            }
        }
        if let (Some(pos), Some(ours)) = (info["pos"].as_str().filter(|_| !known("pos")), file.pos) {
            book.compare(place, "pos", &pos.parse::<u64>().unwrap(), &ours);
        }
        counters(place, file, info, book);
        book.compare(place, "lock", &kernel_locks(&entry["info_raw"]), &our_locks(files, &open));
        if let (Some(size), Some(0o10_0000)) = (file.size, file.mode.map(|mode| mode & 0o17_0000)) {
            book.compare(place, "size", &entry["stat"]["size"].as_u64().unwrap(), &size);
        }
        if let Some(mode) = file.mode.filter(|_| !matches!(file.kind, FileKind::Memfd(_))) {
            let kernel = entry["stat"]["mode"].as_str().map(|mode| u32::from_str_radix(mode, 8).unwrap());
            book.compare(place, "mode", &kernel.unwrap_or(mode), &mode);
        }
    }
}

/// Locks as `KIND STATE TYPE START END`, sorted.
fn kernel_locks(fdinfo: &Value) -> Vec<String> {
    let lines = fdinfo.as_str().unwrap_or_default().lines().filter_map(|line| line.strip_prefix("lock:"));
    let lock = |line: &str| {
        // Behind the number: kind, state, type, pid, device and inode, first and last byte.
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        [words[0], words[1], words[2], words[5], words[6]].join(" ")
    };
    let mut locks: Vec<String> = lines.map(lock).collect();
    locks.sort();
    locks
}

fn our_locks(files: &Files, open: &Open<'_>) -> Vec<String> {
    let lock = |lock: &icecore::files::Lock| {
        let state = match (lock.kind, lock.mode, lock.breaking) {
            (LockKind::Lease, _, false) => "ACTIVE",
            (LockKind::Lease, _, true) => "BREAKING",
            (_, LockMode::Mandatory { .. }, _) => "MSNFS",
            _ => "ADVISORY",
        };
        let end = lock.end().map_or("EOF".to_owned(), |end| end.to_string());
        format!("{} {state} {} {} {end}", lock.kind.name(), lock.mode.name(), lock.start)
    };
    let mut locks: Vec<String> = files.locks_on(open).map(lock).collect();
    locks.sort();
    locks
}

/// The text of the link, where the images can tell it.
fn link(
    testified: &Testified,
    place: (&str, u32, &str),
    fd: u32,
    (files, file): (&Files, &File),
    entry: &Value,
    book: &mut Book,
) {
    let is_untold = matches!(file.kind, FileKind::Namespace(_)) || file.type_name() == "packet";
    match files.link(file) {
        None if is_untold => book.not_stored("link"),
        _ if testified.is_known(place.1, fd.into(), "link") => {}
        ours => book.compare(place, "link", &bytes(&entry["link"]), &ours.map(Vec::from)),
    }
}

/// What fdinfo says of files that wait for something.
fn counters(place: (&str, u32, &str), file: &File, info: &Value, book: &mut Book) {
    let hex = |key: &str| u64::from_str_radix(info[key].as_str().unwrap().trim(), 16).unwrap();
    let decimal = |key: &str| info[key].as_str().unwrap().trim().parse::<u64>().unwrap();
    match &file.kind {
        FileKind::Eventfd(counter) => book.compare(place, "eventfd-count", &hex("eventfd-count"), counter),
        FileKind::Signalfd(mask) => book.compare(place, "sigmask", &hex("sigmask"), mask),
        FileKind::Timerfd(timer) => {
            book.compare(place, "clockid", &decimal("clockid"), &u64::from(timer.clock));
            let interval = format!("({}, {})", timer.interval.0, timer.interval.1);
            book.compare(place, "it_interval", &info["it_interval"].as_str().unwrap(), &interval.as_str());
        }
        FileKind::Epoll(targets) if !targets.is_empty() => {
            // The kernel's first line is one of the targets.
            let line = info["tfd"].as_str().unwrap();
            let fields: Vec<&str> = line.split_whitespace().collect();
            let data = u64::from_str_radix(fields[4], 16).unwrap();
            let events = u32::from_str_radix(fields[2], 16).unwrap();
            let found = targets.iter().any(|target| (target.events, target.data) == (events, data));
            book.compare(place, "tfd", &true, &found);
        }
        _ => {}
    }
}

/// Every object that the roles of the case planted, with its value.
#[test]
fn what_was_planted_is_found() {
    let Some(case) = icecore_tests::find("kitchen-sink") else { return };
    let archive = &case.archives()[0];
    let checkpoint = icecore::Checkpoint::open(&archive.path).unwrap();
    let files = checkpoint.files();
    let list = |key: &str| case.expected[key].as_array().unwrap_or_else(|| panic!("{key}")).clone();
    let at = |planted: &Value, fd: &str| {
        let (pid, fd) = (number(&planted["pid"]), number(&planted[fd]));
        files.at(Pid(pid), fd).unwrap_or_else(|| panic!("pid {pid} fd {fd}: {planted}"))
    };
    for planted in list("descriptors") {
        descriptor(files, &planted, at(&planted, "fd"));
    }
    for planted in list("epoll_targets") {
        let FileKind::Epoll(targets) = &at(&planted, "epoll").kind else { panic!("{planted}") };
        let hex = |key: &str| {
            u64::from_str_radix(planted[key].as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
        };
        // The kernel adds EPOLLERR and EPOLLHUP.
        let is_it = |it: &icecore::files::EpollTarget| {
            (u64::from(it.events) & !0x18, it.data) == (hex("events"), hex("data"))
        };
        assert!(targets.iter().any(is_it), "{planted}: {targets:?}");
    }
    for planted in list("deleted_open") {
        let file = at(&planted, "fd");
        let image = file.remap.and_then(|remap| remap.image());
        assert!(
            file.is_deleted() && image.is_some_and(|it| checkpoint.images().member(&it).is_some()),
            "{planted}"
        );
        assert_eq!(files.path_record(file).path.clone().map(Vec::from), bytes(&planted["path"]));
    }
    for planted in list("memfds") {
        let file = at(&planted, "fd");
        let FileKind::Memfd(Some(memfd)) = &file.kind else { panic!("{planted}") };
        let found = (memfd.name.to_vec(), file.size, u64::from(memfd.seals), file.pos);
        let wanted = |key: &str| planted[key].as_u64();
        assert_eq!(
            found,
            (bytes(&planted["name"]).unwrap(), wanted("size"), wanted("seals").unwrap(), wanted("pos"))
        );
    }
    for planted in list("watches") {
        watch(&planted, at(&planted, "fd"));
    }
    locks(files, &list("locks"));
    let shared: Vec<u32> = list("shared_tables")[0]["pids"].as_array().unwrap().iter().map(number).collect();
    let shared: Vec<Pid> = shared.into_iter().map(Pid).collect();
    assert!(files.tables.iter().any(|table| table.processes == shared));
}

fn descriptor(files: &Files, planted: &Value, file: &File) {
    let pid = Pid(number(&planted["pid"]));
    let fd = Fd(number(&planted["fd"]));
    let open = files.open_of(pid).find(|open| open.slot == Slot::Fd(fd)).unwrap();
    assert_eq!(open.cloexec(), planted["cloexec"].as_bool(), "{planted}");
    let flags = file.flags.map(|flags| flags.to_string());
    assert_eq!(flags.as_deref(), planted["flags"].as_str(), "{planted}");
    if let Some(path) = bytes(&planted["path"]) {
        let link = files.link(file).unwrap();
        assert!(link.starts_with(&path), "{planted}: {link}");
    }
    if let Some(pos) = planted["pos"].as_u64() {
        assert_eq!(file.pos, Some(pos), "{planted}");
    }
    if let Some(same) = planted["same_as_fd"].as_u64() {
        assert_eq!(files.at(pid, same.try_into().unwrap()).unwrap().id, file.id, "{planted}");
    }
    match &file.kind {
        FileKind::Eventfd(counter) => assert_eq!(Some(*counter), planted["counter"].as_u64()),
        FileKind::Signalfd(mask) => {
            let signals =
                planted["signals"].as_array().unwrap().iter().map(|n| 1_u64 << (n.as_u64().unwrap() - 1));
            assert_eq!(*mask, signals.sum::<u64>());
        }
        FileKind::Timerfd(timer) => assert_eq!(timer.clock, number(&planted["clock"])),
        FileKind::Pidfd(it) => {
            assert_eq!(it.pid.map_or(-1, |pid| pid.0.into()), planted["of"].as_i64().unwrap())
        }
        FileKind::Namespace(it) => assert_eq!(it.name(), planted["namespace"].as_str()),
        _ => {}
    }
}

fn watch(planted: &Value, file: &File) {
    let mask = u32::from_str_radix(planted["mask"].as_str().unwrap().trim_start_matches("0x"), 16).unwrap();
    let path = bytes(&planted["path"]).unwrap();
    let found = match &file.kind {
        FileKind::Inotify(watches) => watches.iter().any(|it| {
            let below = it
                .path
                .as_ref()
                .is_some_and(|found| path.ends_with(found.trim_ascii_start()) || found == &path);
            Some(u64::from(it.wd)) == planted["wd"].as_u64() && it.mask & 0xfff == mask && below
        }),
        FileKind::Fanotify(it) => it.marks.iter().any(|it| it.mask == mask),
        _ => false,
    };
    assert!(found, "{planted}: {:?}", file.kind);
}

/// Flags of fanotify files as fdinfo shows them: `fanotify flags:10 event-flags:0`.
#[test]
fn fanotify_files_have_the_flags_of_the_kernel() {
    let mut compared = 0;
    testimony::each(|testified| {
        for (pid, process) in testified.processes() {
            for entry in process["fds"].as_array().unwrap() {
                let info = String::from_utf8(bytes(&entry["info_raw"]).unwrap_or_default()).unwrap();
                let Some(line) = info.lines().find(|line| line.starts_with("fanotify flags:")) else {
                    continue;
                };
                let file = testified.checkpoint.files().at(Pid(pid), number(&entry["fd"])).unwrap();
                let FileKind::Fanotify(it) = &file.kind else { panic!("{}: {line}", testified.case) };
                let ours = format!("fanotify flags:{:x} event-flags:{:x}", it.flags, it.event_flags);
                assert_eq!(line, ours, "{}", testified.case);
                compared += 1;
            }
        }
    });
    assert!(compared > 0 || icecore_tests::find("kitchen-sink").is_none());
}

fn locks(files: &Files, planted: &[Value]) {
    let kind = |kind| match kind {
        LockKind::Posix => "posix",
        LockKind::Flock => "flock",
        LockKind::Ofd => "ofd",
        _ => "lease",
    };
    let mode = |mode| if mode == LockMode::Read { "read" } else { "write" };
    let found: Vec<_> = files
        .locks
        .iter()
        .map(|it| (it.pid.0, it.fd.unwrap().0, kind(it.kind), mode(it.mode), it.start, it.len))
        .collect();
    for it in planted {
        let text = |key: &str| it[key].as_str().unwrap();
        let wanted = (
            number(&it["pid"]),
            number(&it["fd"]),
            text("lock"),
            text("type"),
            it["start"].as_i64().unwrap(),
            it["len"].as_i64().unwrap(),
        );
        assert!(found.contains(&wanted), "{it}");
    }
    assert_eq!(found.len(), planted.len());
}

/// A connection that was not accepted, a file in flight: nobody has them, and they are there.
#[test]
fn what_nobody_has_open_is_there() {
    let Some(case) = icecore_tests::find("kitchen-sink") else { return };
    let checkpoint = icecore::Checkpoint::open(&case.archives()[0].path).unwrap();
    let files = checkpoint.files();
    let free = |file: &&File| files.sharers(file) == 0;
    assert!(
        files.files.iter().filter(free).any(|file| file
            .path
            .as_ref()
            .is_some_and(|path| path == "/etc/passwd")
            && file.pos == Some(5))
    );
    assert!(files.files.iter().filter(free).any(|file| matches!(file.kind, FileKind::Pipe(_))));
    let is_unix =
        |file: &&File| file.socket().is_some_and(|socket| matches!(socket.details, Details::Unix(_)));
    assert!(files.files.iter().filter(is_unix).count() > 20);
}
