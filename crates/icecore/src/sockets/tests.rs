//! Sockets of hand-made dumps. Real ones are among the tests of truth.

mod inet;
mod others;
mod unix;

use icecore_synth::{Dump, Record};

use super::*;
use crate::Checkpoint;
use crate::checkpoint::tests::{assert_silent, assert_told, open, told};

/// The socket that is file 9 of a dump.
fn socket(checkpoint: &Checkpoint) -> Socket {
    socket_of(checkpoint, 9)
}

fn socket_of(checkpoint: &Checkpoint, id: u32) -> Socket {
    checkpoint.files().get(FileId(id)).unwrap().socket().unwrap().clone()
}

/// The socket of a dump with nothing but this one.
fn only(kind: &str, change: impl FnOnce(Record) -> Record) -> Socket {
    let checkpoint = open(&Dump::new().with_file(9, kind, change));
    let socket = socket(&checkpoint);
    assert_silent(&checkpoint);
    socket
}
