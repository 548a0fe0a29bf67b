//! Systems without the owners, modes, links and devices of Unix. Only files get times.

use std::fs::{self, FileTimes};
use std::io;
use std::time::{Duration, SystemTime};

use cap_std::fs::Dir;
use icecore::archive::Timestamp;
use icecore_analysis::extract::{Facts, Special};

pub(super) fn finish_file(file: &fs::File, facts: Facts) -> io::Result<Option<String>> {
    let mut times = FileTimes::new();
    if let Some(time) = facts.modified.and_then(time) {
        times = times.set_modified(time);
    }
    if let Some(time) = facts.accessed.and_then(time) {
        times = times.set_accessed(time);
    }
    let dated = file.set_times(times).err().map(|why| format!("its times could not be given to it: {why}"));
    Ok(owner(facts).or(dated))
}

pub(super) fn date(_: &Dir, _: &str, _: Facts) -> Option<String> {
    None
}

pub(super) fn finish_directory(_: &Dir, _: &str, facts: Facts) -> io::Result<Option<String>> {
    Ok(owner(facts))
}

pub(super) fn finish_special(_: &Dir, _: &str, facts: Facts) -> io::Result<Option<String>> {
    Ok(owner(facts))
}

pub(super) fn finish_symlink(_: &Dir, _: &str, facts: Facts) -> Option<String> {
    owner(facts)
}

pub(super) fn special(_: &Dir, _: &str, _: Special) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "devices and pipes are made on Unix only"))
}

pub(super) fn symlink(_: &[u8], _: &Dir, _: &str) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "links are made on Unix only"))
}

fn owner(facts: Facts) -> Option<String> {
    facts.owner.map(|_| "owners are given on Unix only".to_owned())
}

/// A time that this system can have.
fn time(time: Timestamp) -> Option<SystemTime> {
    let seconds = Duration::from_secs(time.seconds.unsigned_abs());
    let whole = if time.seconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(seconds)?
    } else {
        SystemTime::UNIX_EPOCH.checked_add(seconds)?
    };
    whole.checked_add(Duration::from_nanos(time.nanoseconds.into()))
}
