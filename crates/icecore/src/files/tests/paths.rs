//! Files with a path, and those whose path another record has.

use super::*;
use crate::MountId;

/// A `reg_file_entry` with a path.
fn named(path: &'static str) -> impl FnOnce(Record) -> Record {
    move |it| it.set("name", path)
}

#[test]
fn a_regular_file_has_what_its_record_says() {
    let (checkpoint, file) = only("REG", |it| {
        it.set("name", "/var/log/shop.log")
            .set("flags", 0o10_2001)
            .set("pos", 13_941_u64)
            .set("size", 13_941_u64)
            .set("mode", 0o10_0640)
            .set("mnt_id", 77)
    });
    assert_eq!(link(&checkpoint).unwrap(), "/var/log/shop.log");
    assert_eq!((file.type_name(), file.pos, file.size), ("file", Some(13_941), Some(13_941)));
    assert_eq!((file.mode, file.mnt_id, file.ino), (Some(0o10_0640), Some(MountId(77)), None));
    assert_eq!(file.flags.unwrap().names(), ["O_WRONLY", "O_APPEND", "O_LARGEFILE"]);
    assert!(!file.is_deleted() && file.owner.is_none() && file.external.is_none());
}

#[test]
fn the_mode_says_what_a_path_leads_to() {
    for (mode, name) in [
        (0o10_0644, "file"),
        (0o4_0755, "dir"),
        (0o2_0666, "char"),
        (0o6_0660, "block"),
        (0o12_0777, "symlink"),
        (0o1_0600, "fifo"),
        (0o14_0777, "socket"),
        (0o17_0000, "path"),
    ] {
        assert_eq!(only("REG", |it| it.set("mode", mode)).1.type_name(), name);
    }
}

#[test]
fn before_modes_were_stored_only_files_had_a_size() {
    assert_eq!(only("REG", |it| it.set("size", 0_u64)).1.type_name(), "file");
    assert_eq!(only("REG", |it| it).1.type_name(), "path");
}

#[test]
fn a_mount_below_zero_is_none() {
    assert_eq!(only("REG", |it| it.set("mnt_id", -1)).1.mnt_id, None);
    assert_eq!(only("REG", |it| it).1.mnt_id, None);
    assert_eq!(only("REG", |it| it.set("mnt_id", 0)).1.mnt_id, Some(MountId(0)));
}

#[test]
fn a_file_that_must_not_be_sought_has_no_offset() {
    assert_eq!(only("REG", |it| it.set("pos", u64::MAX)).1.pos, Some(0));
}

#[test]
fn an_external_file_has_a_key_and_no_path() {
    let (checkpoint, file) = only("REG", |it| it.set("name", "file[5:7]").set("ext", true));
    assert_eq!((file.path, file.external), (None, Some("file[5:7]".into())));
    assert_eq!(link(&checkpoint), None);
}

#[test]
fn paths_are_bytes() {
    let (checkpoint, file) = only("REG", |it| it.set("name", b"/tmp/\xff\n\x1b[2J"));
    assert_eq!(file.path.as_ref().unwrap().as_slice(), b"/tmp/\xff\n\x1b[2J");
    assert_eq!(checkpoint.files().link(&file).unwrap().as_slice(), b"/tmp/\xff\n\x1b[2J");
}

#[test]
fn a_build_id_is_words_in_the_order_of_the_machine() {
    let entry = |it: Record| it.list("build_id", [0x0403_0201_u32, 0x0807_0605]);
    assert_eq!(only("REG", entry).1.build_id.unwrap(), [1, 2, 3, 4, 5, 6, 7, 8]);
    let (_, big) = of(&Dump::big_endian().with_file(9, "REG", entry));
    assert_eq!(big.build_id.unwrap(), [4, 3, 2, 1, 8, 7, 6, 5]);
    assert_eq!(only("REG", |it| it).1.build_id, None);
}

#[test]
fn who_gets_a_signal() {
    let owner = |kind: u32, pid: u32| {
        let owner = Record::required("fown_entry").set("pid_type", kind).set("pid", pid);
        let owner = owner.set("signum", 10).set("uid", 1000).set("euid", 0);
        only("REG", |it| it.set("fown", owner)).1.owner
    };
    assert_eq!(owner(1, 0), None);
    let found = owner(1, 7).unwrap();
    assert_eq!(
        (found.pid, found.kind, found.signal, found.uid, found.euid),
        (Pid(7), "process", 10, 1000, 0)
    );
    assert_eq!((owner(0, 7).unwrap().kind, owner(2, 7).unwrap().kind), ("thread", "group"));
}

#[test]
fn a_deleted_file_is_remapped_somewhere() {
    let remap = |kind: Option<i32>| {
        let entry = Record::new("remap_file_path_entry").set("orig_id", 9).set("remap_id", 31);
        let entry = kind.map_or(entry.clone(), |kind| entry.set("remap_type", kind));
        of(&Dump::new().with_file(9, "REG", named("/tmp/gone")).record("remap-fpath.img", &entry))
    };
    let (checkpoint, file) = remap(Some(1));
    assert_eq!((file.remap, file.is_deleted()), (Some(Remap::Ghost(31)), true));
    assert_eq!(link(&checkpoint).unwrap(), "/tmp/gone (deleted)");
    let (checkpoint, file) = remap(Some(0));
    assert_eq!((file.remap, file.is_deleted()), (Some(Remap::Linked(FileId(31))), true));
    assert_eq!(link(&checkpoint).unwrap(), "/tmp/gone (deleted)");
    // The kernel does not say that a file of a dead process is deleted.
    let (checkpoint, file) = remap(Some(2));
    assert_eq!((file.remap, file.is_deleted()), (Some(Remap::DeadProcess(Pid(31))), false));
    assert_eq!(link(&checkpoint).unwrap(), "/tmp/gone");
    assert_eq!(remap(Some(99)).1.remap, Some(Remap::Unknown(99)));
    assert_eq!(remap(None).1.remap, Some(Remap::Linked(FileId(31))));
}

#[test]
fn of_two_remaps_of_a_file_the_first_counts() {
    let entry = |to: u32| {
        let entry = Record::new("remap_file_path_entry").set("orig_id", 9).set("remap_id", to);
        entry.set("remap_type", 1)
    };
    let dump = Dump::new().with_file(9, "REG", named("/a"));
    let dump = dump.record("remap-fpath.img", &entry(1)).record("remap-fpath.img", &entry(2));
    assert_eq!(of(&dump).1.remap, Some(Remap::Ghost(1)));
}

#[test]
fn a_fifo_has_the_path_and_flags_of_another_record() {
    let dump = Dump::new().with_file(9, "FIFO", |it| it.set("pipe_id", 555).set("regf_id", 10)).with_file(
        10,
        "REG",
        |it| it.set("name", "/run/fifo").set("flags", 0o4001).set("mode", 0o1_0600),
    );
    let (checkpoint, file) = of(&dump);
    assert_eq!(link(&checkpoint).unwrap(), "/run/fifo");
    assert!(matches!(file.kind, FileKind::Fifo(PipeEnd::Write)));
    assert_eq!((file.ino, file.named_by, file.mode), (Some(555), Some(FileId(10)), Some(0o1_0600)));
}

#[test]
fn a_deleted_fifo_is_deleted_by_its_path() {
    let remap = Record::new("remap_file_path_entry").set("orig_id", 10).set("remap_id", 1);
    let dump = Dump::new()
        .with_file(9, "FIFO", |it| it.set("regf_id", 10))
        .with_file(10, "REG", named("/run/fifo"))
        .record("remap-fpath.img", &remap.set("remap_type", 1));
    let (checkpoint, file) = of(&dump);
    assert!(file.is_deleted());
    assert_eq!(link(&checkpoint).unwrap(), "/run/fifo (deleted)");
}

#[test]
fn before_the_path_had_an_id_of_its_own_it_had_that_of_the_fifo() {
    let dump = Dump::new()
        .with_file(9, "FIFO", |it| it.set("pipe_id", 5))
        .with_file(9, "REG", |it| it.set("name", "/run/old").set("flags", 2));
    let (checkpoint, file) = of(&dump);
    assert!(matches!(file.kind, FileKind::Fifo(PipeEnd::Both)), "{file:?}");
    assert_eq!((link(&checkpoint).unwrap(), ids(&checkpoint)), ("/run/old".into(), vec![9, 9]));
}

#[test]
fn a_fifo_without_a_path_has_no_end_and_no_link() {
    let (checkpoint, file) = only("FIFO", |it| it.set("pipe_id", 5).set("regf_id", 404));
    assert!(matches!(file.kind, FileKind::Fifo(PipeEnd::Unknown)));
    assert_eq!((file.flags, file.named_by, link(&checkpoint)), (None, None, None));
}

#[test]
fn a_tun_device_may_be_bound() {
    let dump = |name: Option<&'static str>| {
        let dump = Dump::new().with_file(9, "REG", named("/dev/net/tun"));
        dump.with_file(9, "TUNF", |it| name.map_or(it.clone(), |name| it.set("netdev", name)))
    };
    let (checkpoint, bound) = of(&dump(Some("tun0")));
    assert!(matches!(&bound.kind, FileKind::Tun(Some(name)) if name == "tun0"));
    assert_eq!(link(&checkpoint).unwrap(), "/dev/net/tun");
    assert!(matches!(of(&dump(None)).1.kind, FileKind::Tun(None)));
}

/// A dump with a terminal that is open as file 9, and its path.
fn terminal(change: impl FnOnce(Record) -> Record) -> (Checkpoint, File) {
    let dump = Dump::new()
        .with_file(9, "TTY", |it| it.set("tty_info_id", 3).set("flags", 2).set("regf_id", 10))
        .with_file(10, "REG", named("/dev/pts/1"))
        .with_record("tty-info.img", "tty_info_entry", |it| change(it.set("id", 3)));
    of(&dump)
}

fn info(file: &File) -> &Terminal {
    let FileKind::Terminal(Some(terminal)) = &file.kind else { panic!("{file:?}") };
    terminal
}

#[test]
fn a_terminal_has_a_session_a_size_and_settings() {
    let size = Record::required("winsize_entry").set("ws_row", 24).set("ws_col", 80);
    let settings = ["c_iflag", "c_oflag", "c_cflag", "c_lflag"].iter().zip(1_u32..);
    let settings = settings.fold(Record::required("termios_entry"), |it, (name, bits)| it.set(name, bits));
    let (checkpoint, file) = terminal(|it| {
        // PTY is 1.
        it.set("type", 1)
            .set("pty", Record::new("tty_pty_entry").set("index", 1))
            .set("sid", 1)
            .set("pgrp", 7)
            .set("winsize", size)
            .set("termios", settings)
            .set("uid", 0)
            .set("gid", 5)
            .set("locked", true)
    });
    assert_eq!((file.type_name(), link(&checkpoint).unwrap()), ("tty", "/dev/pts/1".into()));
    let info = info(&file);
    assert_eq!((info.kind, info.index, info.is_master), (TerminalKind::Pseudo, Some(1), true));
    assert_eq!((info.session, info.foreground, info.owner), (Some(Pid(1)), Some(Pid(7)), Some((0, 5))));
    assert_eq!((info.size.unwrap().rows, info.size.unwrap().columns), (24, 80));
    assert_eq!((info.settings, info.locked, info.exclusive), (Some([1, 2, 3, 4]), true, false));
}

#[test]
fn a_terminal_that_was_hung_up_has_no_size_and_no_session() {
    let (_, file) = terminal(|it| it.set("type", 1));
    let info = info(&file);
    assert_eq!((info.size, info.settings, info.owner), (None, None, None));
    assert_eq!((info.session, info.foreground), (None, None));
}

#[test]
fn the_side_of_the_emulator_has_an_odd_number() {
    let side = |id: u32, kind: i32| {
        let dump = Dump::new().with_file(9, "TTY", |it| it.set("tty_info_id", id)).with_record(
            "tty-info.img",
            "tty_info_entry",
            |it| it.set("id", id).set("type", kind),
        );
        info(&of(&dump).1).is_master
    };
    assert_eq!((side(2, 1), side(3, 1), side(3, 2)), (false, true, false));
}

#[test]
fn kinds_of_terminals_have_names() {
    for (number, name) in [
        (1, "pty"),
        (2, "console"),
        (3, "vt"),
        (4, "current"),
        (5, "external"),
        (6, "serial"),
        (0, "unknown"),
    ] {
        assert_eq!(info(&terminal(|it| it.set("type", number)).1).kind.name(), name);
    }
}

#[test]
fn a_terminal_that_no_image_describes_is_one_still() {
    let (_, file) = only("TTY", |it| it.set("tty_info_id", 3));
    assert!(matches!(file.kind, FileKind::Terminal(None)));
    assert_eq!(file.type_name(), "tty");
}
