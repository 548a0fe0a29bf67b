//! Sockets of hand-made dumps. Real ones are among the tests of truth.

mod inet;
mod others;
mod unix;

use icecore_synth::{Dump, Process, Record};

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

/// MIPS has the numbers of streams and datagrams the other way round; all others are the same.
#[test]
fn types_mean_the_same_on_every_machine() {
    let types = |arch: &str, info: &str, registers: &str| {
        let process = Process::new(1, 0).set("mtype", arch).set(info, Record::required(registers));
        let dump = [1, 2, 3, 5].iter().fold(Dump::new().process(process), |dump, &number: &u32| {
            dump.with_file(number, "UNIXSK", |it| it.set("ino", number).set("type", number).set("state", 7))
        });
        let checkpoint = open(&dump);
        [1, 2, 3, 5].map(|id| socket_of(&checkpoint, id).socket_type_name().unwrap().into_owned())
    };
    assert_eq!(types("MIPS", "ti_mips", "thread_info_mips"), ["dgram", "stream", "raw", "seqpacket"]);
    let loongarch = types("LOONGARCH64", "ti_loongarch64", "thread_info_loongarch64");
    assert_eq!(loongarch, ["stream", "dgram", "raw", "seqpacket"]);
}

/// The socket of a dump with nothing but this one.
fn only(kind: &str, change: impl FnOnce(Record) -> Record) -> Socket {
    let checkpoint = open(&Dump::new().with_file(9, kind, change));
    let socket = socket(&checkpoint);
    assert_silent(&checkpoint);
    socket
}
