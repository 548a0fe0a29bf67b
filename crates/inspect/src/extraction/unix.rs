//! Owners, modes, times, links and devices of Unix.
//!
//! An owner or a time that may not be given is no reason to lose the file: that is answered as text. Owners come before
//! modes, since chown(2) takes set-user-ID bits away.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;

use cap_std::fs::Dir;
use icecore::archive::Timestamp;
use icecore::namespaces::Owner;
use icecore_analysis::extract::{Facts, Special};
use rustix::fs::{
    AtFlags, FileType, Gid, Mode, Timespec, Timestamps, UTIME_OMIT, Uid, chmodat, chownat, fchmod, fchown,
    futimens, makedev, mknodat, utimensat,
};

/// What a file has beside its content.
pub(super) fn finish_file(file: &fs::File, facts: Facts) -> io::Result<Option<String>> {
    let lacks = give(facts.owner, |uid, gid| fchown(file, uid, gid));
    fchmod(file, mode(facts))?;
    Ok(lacks.or(set_times(facts, |times| futimens(file, times))))
}

/// The same of a directory, which may have been made on the way to another file.
pub(super) fn finish_directory(dir: &Dir, name: &str, facts: Facts) -> io::Result<Option<String>> {
    finish_special(dir, name, facts)
}

/// The same of what is not opened, since opening a pipe waits and opening a device may do anything. It is no link: it was
/// made a moment ago, in a directory where nothing else is.
pub(super) fn finish_special(dir: &Dir, name: &str, facts: Facts) -> io::Result<Option<String>> {
    let lacks = own(dir, name, facts);
    chmodat(dir, name, mode(facts), AtFlags::empty())?;
    Ok(lacks.or(date(dir, name, facts)))
}

/// The same of a link, which has no mode.
pub(super) fn finish_symlink(dir: &Dir, name: &str, facts: Facts) -> Option<String> {
    own(dir, name, facts).or(date(dir, name, facts))
}

fn own(dir: &Dir, name: &str, facts: Facts) -> Option<String> {
    give(facts.owner, |uid, gid| chownat(dir, name, uid, gid, AtFlags::SYMLINK_NOFOLLOW))
}

/// Gives a name its times, also a link.
pub(super) fn date(dir: &Dir, name: &str, facts: Facts) -> Option<String> {
    set_times(facts, |times| utimensat(dir, name, times, AtFlags::SYMLINK_NOFOLLOW))
}

/// Makes a device or pipe that nobody else can use yet.
pub(super) fn special(dir: &Dir, name: &str, special: Special) -> io::Result<()> {
    let (kind, device) = match special {
        Special::Fifo => (FileType::Fifo, 0),
        Special::CharDevice(major, minor) => (FileType::CharacterDevice, makedev(major, minor)),
        Special::BlockDevice(major, minor) => (FileType::BlockDevice, makedev(major, minor)),
        _ => return Err(io::ErrorKind::Unsupported.into()),
    };
    Ok(mknodat(dir, name, kind, Mode::RUSR | Mode::WUSR, device)?)
}

/// Makes a link, also to a target that leads out: it is only ever made, and the last thing that is.
pub(super) fn symlink(target: &[u8], dir: &Dir, name: &str) -> io::Result<()> {
    dir.symlink_contents(OsStr::from_bytes(target), name)
}

fn mode(facts: Facts) -> Mode {
    Mode::from_raw_mode(facts.mode)
}

/// Gives an owner; says why not.
fn give(
    owner: Option<Owner>,
    chown: impl FnOnce(Option<Uid>, Option<Gid>) -> rustix::io::Result<()>,
) -> Option<String> {
    let owner = owner?;
    let ids = u32::try_from(owner.uid).ok().zip(u32::try_from(owner.gid).ok());
    let given = match ids.filter(|(uid, gid)| *uid != u32::MAX && *gid != u32::MAX) {
        Some((uid, gid)) => {
            chown(Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid))).map_err(io::Error::from)
        }
        // (uid_t)-1 means: as it is.
        None => Err(io::Error::other("this system has no such numbers")),
    };
    let why = given.err()?;
    Some(format!("its owner {}:{} could not be given to it: {why}", owner.uid, owner.gid))
}

/// Sets the times that are known; says why not.
fn set_times(facts: Facts, set: impl FnOnce(&Timestamps) -> rustix::io::Result<()>) -> Option<String> {
    let times =
        Timestamps { last_access: timespec(facts.accessed), last_modification: timespec(facts.modified) };
    let why = facts.accessed.or(facts.modified).and_then(|_| set(&times).err())?;
    Some(format!("its times could not be given to it: {}", io::Error::from(why)))
}

/// A time for the kernel, which leaves one that is not known as it is.
fn timespec(time: Option<Timestamp>) -> Timespec {
    match time {
        Some(time) => Timespec { tv_sec: time.seconds, tv_nsec: time.nanoseconds.into() },
        None => Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
    }
}
