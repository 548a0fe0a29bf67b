//! File locks.

use super::*;

/// Process 7, whose descriptors 3 and 4 are file 9, and 8, whose descriptor 5 is that too, without a lock.
fn holders() -> Dump {
    let dump = Dump::new().with_file(0, "REG", |it| it).with_file(9, "REG", |it| it);
    dump.process(Process::new(7, 0).fd(3, "REG", 9).fd(4, "REG", 9))
        .process(Process::new(8, 7).fd(5, "REG", 9))
}

fn lock(flag: u32, kind: u32, change: impl FnOnce(Record) -> Record) -> Lock {
    let checkpoint = open(&holders().with_record("filelocks.img", "file_lock_entry", |it| {
        change(it.set("flag", flag).set("type", kind).set("pid", 7).set("fd", 3))
    }));
    let locks = &checkpoint.files().locks;
    assert_eq!(locks.len(), 1);
    locks[0]
}

#[test]
fn a_lock_has_a_holder_and_a_range() {
    let found = lock(1, 1, |it| it.set("start", 100_i64).set("len", 0_i64));
    assert_eq!((found.pid, found.fd, found.start, found.len), (Pid(7), Some(Fd(3)), 100, 0));
    assert_eq!((found.kind.name(), found.mode.name()), ("POSIX", "WRITE"));
}

#[test]
fn kinds_are_those_of_proc_locks() {
    for (flag, name) in [(1, "POSIX"), (2, "FLOCK"), (4, "OFDLCK"), (8, "LEASE"), (3, "UNKNOWN")] {
        assert_eq!(lock(flag, 0, |it| it).kind.name(), name);
    }
}

/// fcntl(2): read 0, write 1, unlock 2. A lease has 4 more while it is being broken.
#[test]
fn a_lease_that_is_being_broken_keeps_its_mode() {
    let mode = |flag, kind| lock(flag, kind, |it| it).mode;
    let wanted = [LockMode::Read, LockMode::Write, LockMode::Unlock];
    assert_eq!([0, 1, 2].map(|kind| mode(1, kind)), wanted);
    assert_eq!([0, 1, 2].map(|kind| mode(8, kind)), wanted);
    assert_eq!([4, 5, 6].map(|kind| mode(8, kind)), wanted);
    let breaking = |flag, kind| lock(flag, kind, |it| it).breaking;
    assert_eq!([breaking(8, 1), breaking(8, 5), breaking(1, 5)], [false, true, false]);
    assert_eq!((mode(1, 4), mode(1, 4).name()), (LockMode::Other(4), "OTHER"));
    assert_eq!(LockMode::Unlock.name(), "UNLCK");
}

/// flock(2): `LOCK_MAND` 32 with `LOCK_READ` 64 or `LOCK_WRITE` 128; the words are those of `/proc/locks`.
#[test]
fn a_mandatory_lock_says_what_others_may_do() {
    let named = |kind| lock(2, kind, |it| it).mode;
    assert_eq!(named(32 | 64), LockMode::Mandatory { read: true, write: false });
    assert_eq!([32, 96, 160, 224].map(|kind| named(kind).name()), ["NONE", "READ", "WRITE", "RW"]);
    assert_eq!((named(33), lock(1, 96, |it| it).mode), (LockMode::Other(33), LockMode::Other(96)));
}

#[test]
fn before_criu_1_3_each_process_had_an_image_of_its_locks() {
    let held = |pid: u32, start: i64| {
        Record::required("file_lock_entry").set("flag", 1u32).set("pid", pid).set("fd", 3).set("start", start)
    };
    let dump = Dump::old()
        .process(Process::new(7, 0).fd(3, "REG", 9))
        .process(Process::new(8, 7).fd(3, "REG", 9))
        .with_record("reg-files.img", "reg_file_entry", |it| it.set("id", 0))
        .with_record("reg-files.img", "reg_file_entry", |it| it.set("id", 9))
        .record("filelocks-7.img", &held(7, 100))
        .record("filelocks-7.img", &held(7, 200))
        .record("filelocks-8.img", &held(8, 300));
    let checkpoint = open(&dump);
    let found: Vec<_> = checkpoint.files().locks.iter().map(|it| (it.pid.0, it.start)).collect();
    assert_eq!(found, [(7, 100), (7, 200), (8, 300)]);
    assert_silent(&checkpoint);
}

#[test]
fn numbers_below_zero_are_nobody() {
    let found = lock(1, 0, |it| it.set("pid", -1).set("fd", -1).set("start", -5_i64));
    assert_eq!((found.pid, found.fd, found.start), (Pid(0), None, -5));
}

/// The last byte and `EOF` as `/proc/locks` has them.
#[test]
fn a_range_has_a_last_byte() {
    let end = |start: i64, len: i64| lock(1, 0, |it| it.set("start", start).set("len", len)).end();
    assert_eq!([end(0, 0), end(5, 10), end(5, 1), end(7, 0)], [None, Some(14), Some(5), None]);
    assert_eq!((end(i64::MAX, i64::MAX), end(0, i64::MIN)), (Some(i64::MAX), Some(i64::MIN)));
}

/// fcntl(2), flock(2): what is locked of an open description is locked for whoever shares it, by POSIX only in the process.
#[test]
fn who_shares_a_description_shares_its_locks() {
    for (flag, expected) in [(1, vec![(7, 3), (7, 4)]), (2, vec![(7, 3), (7, 4), (8, 5)])] {
        let checkpoint = open(&holders().with_record("filelocks.img", "file_lock_entry", |it| {
            it.set("flag", flag).set("type", 1).set("pid", 7).set("fd", 4)
        }));
        let files = checkpoint.files();
        let locked = files.open().filter(|open| files.locks_on(open).count() == 1);
        let locked: Vec<_> = locked.map(|open| (open.pid.0, open.slot)).collect();
        let expected: Vec<_> = expected.into_iter().map(|(pid, fd)| (pid, Slot::Fd(Fd(fd)))).collect();
        assert_eq!(locked, expected);
        assert_silent(&checkpoint);
    }
}

/// A thousand descriptors with a thousand locks would be a million of them.
#[test]
fn of_a_crowd_each_lock_is_told_once() {
    let told = |count: u32| {
        let process = (0..count).fold(Process::new(7, 0), |process, fd| process.fd(fd, "REG", 9));
        let dump = Dump::new().with_file(0, "REG", |it| it).with_file(9, "REG", |it| it).process(process);
        let dump = (0..count).fold(dump, |dump, fd| {
            let set =
                |it: Record| it.set("flag", 2).set("type", 1).set("pid", 7).set("fd", fd).set("start", fd);
            dump.with_record("filelocks.img", "file_lock_entry", set)
        });
        let checkpoint = open(&dump);
        let files = checkpoint.files();
        files.open().map(|open| files.locks_on(&open).count()).sum::<usize>()
    };
    assert_eq!([told(3), told(256), told(257)], [9, 256 * 256, 257]);
}

#[test]
fn locks_of_nobody_are_told() {
    let of = |dump: Dump, pid: u32, fd: i32| {
        dump.with_record("filelocks.img", "file_lock_entry", |it| {
            it.set("flag", 2).set("type", 1).set("pid", pid).set("fd", fd)
        })
    };
    let checkpoint = open(&of(of(of(holders(), 7, 3), 7, 6), 99, 3));
    assert_eq!(checkpoint.files().locks.len(), 3);
    let text = "a lock is held through descriptor 6 of process 7, which is not there, and so 1 more";
    assert_told(&checkpoint, "file-dangling", text);
}
