//! Files without a path, each with what only it has.

use super::*;
use crate::{MountId, NamespaceId};

#[test]
fn links_are_those_of_the_kernel() {
    let anonymous = [
        ("EVENTFD", "eventfd", "anon_inode:[eventfd]"),
        ("EVENTPOLL", "epoll", "anon_inode:[eventpoll]"),
        ("SIGNALFD", "signalfd", "anon_inode:[signalfd]"),
        ("TIMERFD", "timerfd", "anon_inode:[timerfd]"),
        ("INOTIFY", "inotify", "anon_inode:inotify"),
        ("FANOTIFY", "fanotify", "anon_inode:[fanotify]"),
        ("PIDFD", "pidfd", "anon_inode:[pidfd]"),
        ("BPFMAP", "bpf-map", "anon_inode:bpf-map"),
    ];
    for (kind, name, expected) in anonymous {
        let (checkpoint, file) = only(kind, |it| it);
        assert_eq!((file.type_name(), link(&checkpoint)), (name, Some(expected.into())));
    }
}

#[test]
fn what_images_cannot_tell_has_no_link() {
    for (field, name) in
        [("NS", "namespace"), ("EXT", "external"), ("MEMFD", "memfd"), ("PACKETSK", "packet")]
    {
        let (checkpoint, file) = only(field, |it| it);
        assert_eq!((file.type_name(), link(&checkpoint)), (name, None));
    }
}

#[test]
fn a_pipe_is_known_by_its_inode_and_its_end() {
    for (flags, end, name) in [
        (0, PipeEnd::Read, "read"),
        (1, PipeEnd::Write, "write"),
        (2, PipeEnd::Both, "both"),
        (3, PipeEnd::Unknown, "unknown"),
    ] {
        let (checkpoint, file) = only("PIPE", |it| it.set("pipe_id", 4711).set("flags", flags));
        let FileKind::Pipe(found) = file.kind else { panic!("{file:?}") };
        assert_eq!((found, found.name(), file.ino), (end, name, Some(4711)));
        assert_eq!(link(&checkpoint).unwrap(), "pipe:[4711]");
    }
}

#[test]
fn an_event_counter_has_a_count() {
    let (_, file) = only("EVENTFD", |it| it.set("counter", u64::MAX).set("flags", 0o4002));
    assert!(matches!(file.kind, FileKind::Eventfd(u64::MAX)));
    assert_eq!(file.flags.unwrap().to_string(), "04002");
}

#[test]
fn a_signal_file_has_a_mask() {
    assert!(matches!(
        only("SIGNALFD", |it| it.set("sigmask", 0x4002_u64)).1.kind,
        FileKind::Signalfd(0x4002)
    ));
}

#[test]
fn an_epoll_file_has_targets() {
    let target = |fd: u32, events: u32| {
        let target = Record::required("eventpoll_tfd_entry").set("tfd", fd).set("events", events);
        target.set("data", 0xfeed_u64)
    };
    let known = target(5, 0x8000_2019).set("inode", 99_u64);
    let (_, file) = only("EVENTPOLL", |it| it.list("tfd", [known, target(6, 0)]));
    let FileKind::Epoll(targets) = file.kind else { panic!() };
    let found: Vec<_> = targets.iter().map(|it| (it.fd, it.data, it.ino)).collect();
    assert_eq!(found, [(5, 0xfeed, Some(99)), (6, 0xfeed, None)]);
    assert_eq!(targets[0].event_names().collect::<Vec<_>>(), ["IN", "ERR", "HUP", "RDHUP", "ET"]);
    assert_eq!(targets[1].event_names().count(), 0);
}

#[test]
fn a_timer_file_has_a_clock_and_times() {
    let (_, file) = only("TIMERFD", |it| {
        it.set("clockid", 1)
            .set("ticks", 3_u64)
            .set("settime_flags", 1)
            .set("vsec", 5_u64)
            .set("vnsec", 6_u64)
            .set("isec", 7_u64)
            .set("insec", 8_u64)
    });
    let FileKind::Timerfd(timer) = file.kind else { panic!() };
    assert_eq!((timer.ticks, timer.settime_flags, timer.left, timer.interval), (3, 1, (5, 6), (7, 8)));
    assert_eq!(timer.clock_name(), Some("CLOCK_MONOTONIC"));
}

#[test]
fn clocks_of_timer_files() {
    let name = |clock: u32| {
        let FileKind::Timerfd(timer) = only("TIMERFD", |it| it.set("clockid", clock)).1.kind else {
            panic!()
        };
        timer.clock_name()
    };
    assert_eq!((name(0), name(7)), (Some("CLOCK_REALTIME"), Some("CLOCK_BOOTTIME")));
    assert_eq!((name(8), name(9)), (Some("CLOCK_REALTIME_ALARM"), Some("CLOCK_BOOTTIME_ALARM")));
    assert_eq!((name(2), name(u32::MAX)), (None, None));
}

/// An `fh_entry` that was found under a path.
fn handle(path: &str) -> Record {
    Record::required("fh_entry").set("path", path).set("mnt_id", 12)
}

#[test]
fn an_inotify_file_has_watches() {
    let watch = Record::required("inotify_wd_entry")
        .set("wd", 1)
        .set("mask", 0x3c8)
        .set("i_ino", 4242_u64)
        .set("s_dev", (8 << 20) | 1);
    let named = watch.clone().set("f_handle", handle("/etc"));
    let (_, file) = only("INOTIFY", |it| it.list("wd", [named, watch]));
    let FileKind::Inotify(watches) = file.kind else { panic!() };
    let first = &watches[0];
    assert_eq!((first.wd, first.mask, first.ino, first.dev), (1, 0x3c8, 4242, 8 << 20 | 1));
    assert_eq!((first.path.as_ref().unwrap().as_slice(), first.mnt_id), (&b"/etc"[..], Some(MountId(12))));
    assert_eq!((&watches[1].path, watches[1].mnt_id), (&None, None));
}

#[test]
fn a_fanotify_file_has_marks_on_files_and_mounts() {
    let mark =
        || Record::required("fanotify_mark_entry").set("mask", 1).set("ignored_mask", 2).set("mflags", 4);
    let inode = Record::new("fanotify_inode_mark_entry").set("i_ino", 7_u64).set("f_handle", handle("/a"));
    let mount = Record::new("fanotify_mount_mark_entry").set("mnt_id", 13);
    let (_, file) = only("FANOTIFY", |it| {
        let it = it.set("faflags", 0x14).set("evflags", 0o100_002);
        it.list("mark", [mark().set("ie", inode), mark().set("me", mount), mark()])
    });
    let FileKind::Fanotify(fanotify) = file.kind else { panic!() };
    assert_eq!((fanotify.flags, fanotify.event_flags), (0x14, 0o100_002));
    let marks = fanotify.marks;
    assert_eq!((marks[0].mask, marks[0].ignored_mask, marks[0].flags), (1, 2, 4));
    let targets: Vec<_> = marks.into_iter().map(|mark| mark.target).collect();
    let expected = [
        MarkTarget::Inode { ino: 7, path: Some("/a".into()), mnt_id: Some(MountId(12)) },
        MarkTarget::Mount { mnt_id: MountId(13), path: None },
        MarkTarget::Unknown,
    ];
    assert_eq!(targets, expected);
}

#[test]
fn a_fanotify_file_is_of_a_class() {
    let class = |flags: u32| match only("FANOTIFY", |it| it.set("faflags", flags)).1.kind {
        FileKind::Fanotify(it) => it.class(),
        _ => panic!(),
    };
    assert_eq!([0x3, 0x7, 0xb, 0xf].map(class), [Some("notify"), Some("content"), Some("pre-content"), None]);
}

/// A dump whose file 9 is a memory file of inode 3.
fn memfd(change: impl FnOnce(Record) -> Record) -> (Checkpoint, File) {
    let inode = |it: Record| it.set("inode_id", 3_u64).set("shmid", 888).set("name", "cache");
    let dump = Dump::new()
        .with_file(9, "MEMFD", |it| it.set("inode_id", 3).set("pos", 10_u64).set("flags", 2))
        .with_record("memfd.img", "memfd_inode_entry", |it| change(inode(it)));
    of(&dump)
}

#[test]
fn a_memory_file_has_a_name_a_size_and_seals() {
    let (checkpoint, file) = memfd(|it| {
        let it = it.set("size", 8192_u64).set("uid", 1000).set("gid", 100);
        it.set("seals", 0xf).set("mode", 0o10_0777).set("hugetlb_flag", 21 << 26)
    });
    assert_eq!(link(&checkpoint).unwrap(), "/memfd:cache (deleted)");
    assert_eq!((file.pos, file.size, file.mode), (Some(10), Some(8192), Some(0o10_0777)));
    assert_eq!((file.ino, file.is_deleted()), (Some(888), true));
    let FileKind::Memfd(Some(memfd)) = &file.kind else { panic!() };
    assert_eq!((memfd.owner, memfd.seals, memfd.shmid, memfd.inode_id), ((1000, 100), 15, 888, 3));
    assert_eq!(memfd.hugetlb, Some(21 << 26));
}

/// Such a descriptor comes of opening `/proc/PID/map_files`.
#[test]
fn shared_anonymous_memory_has_the_name_that_the_kernel_gives_it() {
    for name in ["/dev/zero", "/anon_hugepage"] {
        let (checkpoint, _) = memfd(|it| it.set("name", name));
        assert_eq!(link(&checkpoint).unwrap(), format!("{name} (deleted)").as_str());
    }
}

#[test]
fn a_memory_file_without_its_inode_is_one_still() {
    let (checkpoint, file) = only("MEMFD", |it| it.set("inode_id", 3).set("pos", 10_u64));
    assert!(matches!(file.kind, FileKind::Memfd(None)));
    assert_eq!((file.size, file.ino, link(&checkpoint)), (None, None, None));
}

#[test]
fn a_process_file_may_be_of_one_that_is_gone() {
    let pid = |number: i32| {
        let (_, file) = only("PIDFD", |it| it.set("nspid", number).set("ino", 5).set("flags", 0o4000));
        assert_eq!((file.ino, file.flags.unwrap().access()), (Some(5), "O_RDWR"));
        let FileKind::Pidfd(found) = file.kind else { panic!() };
        found.pid
    };
    assert_eq!((pid(7), pid(-1)), (Some(Pid(7)), None));
}

#[test]
fn namespaces_by_the_flag_of_clone() {
    for (flag, name) in [
        (0x80, Some("time")),
        (0x2_0000, Some("mnt")),
        (0x200_0000, Some("cgroup")),
        (0x400_0000, Some("uts")),
        (0x800_0000, Some("ipc")),
        (0x1000_0000, Some("user")),
        (0x2000_0000, Some("pid")),
        (0x4000_0000, Some("net")),
        (3, None),
    ] {
        let (_, file) = only("NS", |it| it.set("ns_id", 11).set("ns_cflag", flag));
        let FileKind::Namespace(namespace) = file.kind else { panic!() };
        assert_eq!((namespace.id, namespace.name()), (NamespaceId(11), name));
    }
}

#[test]
fn a_map_of_bpf_has_a_shape() {
    let (_, file) = only("BPFMAP", |it| {
        it.set("map_id", 1)
            .set("map_name", "hits")
            .set("map_type", 2)
            .set("key_size", 4)
            .set("value_size", 8)
            .set("max_entries", 16)
            .set("map_flags", 32)
            .set("frozen", true)
            .set("pos", 3_u64)
            .set("mnt_id", 9)
    });
    assert_eq!((file.pos, file.mnt_id), (Some(3), Some(MountId(9))));
    let FileKind::Bpfmap(map) = file.kind else { panic!() };
    assert_eq!((map.id, map.name.as_slice(), map.map_type), (1, &b"hits"[..], 2));
    assert_eq!((map.key_size, map.value_size, map.max_entries, map.flags, map.frozen), (4, 8, 16, 32, true));
}

#[test]
fn a_record_without_its_message_is_of_the_type_that_it_claims() {
    let bare = |number: i32| Record::new("file_entry").set("id", 9).set("type", number);
    let (checkpoint, file) = of(&Dump::new().record("files.img", &bare(2)));
    assert!(matches!(file.kind, FileKind::Unknown(2)));
    assert_eq!((file.type_name(), link(&checkpoint)), ("unknown", None));
    assert!(matches!(of(&Dump::new().record("files.img", &bare(4711))).1.kind, FileKind::Unknown(4711)));
}

#[test]
fn the_message_says_what_a_file_is_and_not_the_type() {
    let pipe = Record::required("pipe_entry").set("id", 9).set("pipe_id", 5);
    let lying = Record::new("file_entry").set("id", 9).set("type", 6).set("pipe", pipe);
    assert_eq!(of(&Dump::new().record("files.img", &lying)).1.type_name(), "pipe");
}
