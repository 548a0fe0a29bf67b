//! Systems without the owners, modes, links and devices of Unix.

use std::fs;
use std::io;

use cap_std::fs::Dir;
use icecore_analysis::extract::{Facts, Special};

pub(super) fn finish_file(_: &fs::File, facts: Facts) -> io::Result<Option<String>> {
    Ok(owner(facts))
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
