//! File locks.

use super::*;

fn lock(flag: u32, kind: u32, change: impl FnOnce(Record) -> Record) -> Lock {
    let checkpoint = open(&Dump::new().with_record("filelocks.img", "file_lock_entry", |it| {
        change(it.set("flag", flag).set("type", kind).set("pid", 7).set("fd", 3))
    }));
    let locks = &checkpoint.files().locks;
    assert_eq!(locks.len(), 1);
    assert_silent(&checkpoint);
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

#[test]
fn leases_number_modes_otherwise() {
    let mode = |flag, kind| lock(flag, kind, |it| it).mode;
    assert_eq!(
        (mode(1, 0), mode(1, 1), mode(8, 4), mode(8, 5)),
        (LockMode::Read, LockMode::Write, LockMode::Read, LockMode::Write)
    );
    // A mandatory lock of a share.
    assert_eq!((mode(2, 32), mode(2, 32).name()), (LockMode::Other(32), "OTHER"));
    assert_eq!(mode(1, 4), LockMode::Other(4));
}

#[test]
fn numbers_below_zero_are_nobody() {
    let found = lock(1, 0, |it| it.set("pid", -1).set("fd", -1).set("start", -5_i64));
    assert_eq!((found.pid, found.fd, found.start), (Pid(0), None, -5));
}
