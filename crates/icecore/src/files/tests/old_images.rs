//! Dumps from before CRIU 3.4, with an image for each kind of file.

use super::*;

/// A dump whose file 9 stands in an image of its kind.
fn of_image(image: &str, message: &str, change: impl FnOnce(Record) -> Record) -> (Checkpoint, File) {
    of(&Dump::old().with_record(image, message, |it| change(it.set("id", 9))))
}

#[test]
fn every_kind_has_an_image() {
    let kinds = [
        ("reg-files.img", "reg_file_entry", "path"),
        ("pipes.img", "pipe_entry", "pipe"),
        ("fifo.img", "fifo_entry", "fifo"),
        ("eventfd.img", "eventfd_file_entry", "eventfd"),
        ("eventpoll.img", "eventpoll_file_entry", "epoll"),
        ("inotify.img", "inotify_file_entry", "inotify"),
        ("signalfd.img", "signalfd_entry", "signalfd"),
        ("packetsk.img", "packet_sock_entry", "packet"),
        ("tty.img", "tty_file_entry", "tty"),
        ("fanotify.img", "fanotify_file_entry", "fanotify"),
        ("netlinksk.img", "netlink_sk_entry", "netlink"),
        ("ns-files.img", "ns_file_entry", "namespace"),
        ("tunfile.img", "tunfile_entry", "tun"),
        ("ext-files.img", "ext_file_entry", "external"),
        ("timerfd.img", "timerfd_entry", "timerfd"),
        ("unixsk.img", "unix_sk_entry", "unix"),
        ("inetsk.img", "inet_sk_entry", "inet"),
    ];
    for (image, message, name) in kinds {
        assert_eq!(of_image(image, message, |it| it).1.type_name(), name, "{image}");
    }
}

#[test]
fn records_of_all_images_are_one_list() {
    let dump = Dump::old()
        .with_record("pipes.img", "pipe_entry", |it| it.set("id", 12))
        .with_record("eventfd.img", "eventfd_file_entry", |it| it.set("id", 9))
        .with_record("reg-files.img", "reg_file_entry", |it| it.set("id", 3));
    assert_eq!(ids(&of(&dump).0), [3, 9, 12]);
}

#[test]
fn what_epoll_files_watch_stood_in_an_image() {
    let dump = Dump::old()
        .with_record("eventpoll.img", "eventpoll_file_entry", |it| it.set("id", 9))
        .with_record("eventpoll.img", "eventpoll_file_entry", |it| it.set("id", 10))
        .with_record("eventpoll-tfd.img", "eventpoll_tfd_entry", |it| it.set("id", 9).set("tfd", 1))
        .with_record("eventpoll-tfd.img", "eventpoll_tfd_entry", |it| it.set("id", 10).set("tfd", 2))
        .with_record("eventpoll-tfd.img", "eventpoll_tfd_entry", |it| it.set("id", 9).set("tfd", 3));
    let FileKind::Epoll(targets) = of(&dump).1.kind else { panic!() };
    assert_eq!(targets.iter().map(|it| it.fd).collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn what_inotify_and_fanotify_files_watch_stood_in_images() {
    let dump = Dump::old()
        .with_record("inotify.img", "inotify_file_entry", |it| it.set("id", 9))
        .with_record("inotify-wd.img", "inotify_wd_entry", |it| it.set("id", 9).set("wd", 4));
    let FileKind::Inotify(watches) = of(&dump).1.kind else { panic!() };
    assert_eq!(watches.iter().map(|it| it.wd).collect::<Vec<_>>(), [4]);
    let dump = Dump::old()
        .with_record("fanotify.img", "fanotify_file_entry", |it| it.set("id", 9))
        .with_record("fanotify-mark.img", "fanotify_mark_entry", |it| it.set("id", 9).set("mask", 8));
    let FileKind::Fanotify(fanotify) = of(&dump).1.kind else { panic!() };
    assert_eq!(fanotify.marks.iter().map(|it| it.mask).collect::<Vec<_>>(), [8]);
}

#[test]
fn a_watch_of_no_file_is_left_out() {
    let dump = Dump::old()
        .with_record("eventpoll.img", "eventpoll_file_entry", |it| it.set("id", 9))
        .with_record("eventpoll-tfd.img", "eventpoll_tfd_entry", |it| it.set("id", 404));
    let FileKind::Epoll(targets) = of(&dump).1.kind else { panic!() };
    assert!(targets.is_empty());
}

#[test]
fn old_remaps_tell_ghosts_by_a_bit() {
    let dump = Dump::old()
        .with_record("reg-files.img", "reg_file_entry", |it| it.set("id", 9).set("name", "/gone"))
        .with_record("remap-fpath.img", "remap_file_path_entry", |it| {
            it.set("orig_id", 9).set("remap_id", 0x8000_0002_u32)
        });
    assert_eq!(of(&dump).1.remap, Some(Remap::Ghost(2)));
}
