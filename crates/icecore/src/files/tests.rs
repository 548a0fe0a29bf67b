//! Open files of hand-made dumps. Real ones are among the tests of truth.

mod kinds;
mod locks;
mod old_images;
mod paths;
mod tables;

use icecore_synth::{Dump, Process, Record};

use super::*;
use crate::checkpoint::tests::{assert_silent, assert_told, open};

/// The file of a dump with nothing but this one.
fn only(kind: &str, change: impl FnOnce(Record) -> Record) -> (Checkpoint, File) {
    of(&Dump::new().with_file(9, kind, change))
}

/// The file that is number 9 of a dump.
fn of(dump: &Dump) -> (Checkpoint, File) {
    let checkpoint = open(dump);
    let file = checkpoint.files().get(FileId(9)).unwrap().clone();
    assert_silent(&checkpoint);
    (checkpoint, file)
}

/// What readlink(2) gave for the file that is number 9.
fn link(checkpoint: &Checkpoint) -> Option<String> {
    let files = checkpoint.files();
    files.link(files.get(FileId(9))?).map(|link| link.to_string())
}

/// The numbers of all records.
fn ids(checkpoint: &Checkpoint) -> Vec<u32> {
    checkpoint.files().files.iter().map(|file| file.id.0).collect()
}
