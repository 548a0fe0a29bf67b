//! Memory that CRIU until 2.12 kept elsewhere.

use icecore_synth::{Dump, Process, Record};

use super::*;
use crate::checkpoint::tests::{assert_silent, open};

fn segment(id: u32, size: u32) -> Record {
    Record::required("ipc_shm_entry").set("desc.id", id).set("desc.key", 0x51u32).set("size", size)
}

/// Two segments, each with its bytes behind its record, padded to a multiple of 4; process 1 has attached both.
fn dump() -> Dump {
    let attached = |start: u64, end: u64, id: u64| {
        Record::required("vma_entry")
            .set("start", start)
            .set("end", end)
            .set("shmid", id)
            .set("prot", 3u32)
            .set("flags", 1u32)
            .set("status", 0x501u32)
    };
    let areas =
        |mm: Record| mm.with("vmas", attached(0x1000, 0x3000, 7)).with("vmas", attached(0x8000, 0x9000, 9));
    Dump::old()
        .process(Process::new(1, 0).memory(areas))
        .record("ipcns-shm-5.img", &segment(7, 5001))
        .raw("ipcns-shm-5.img", [vec![b'a'; 4096], vec![b'b'; 905], vec![0xff; 3]].concat())
        .record("ipcns-shm-5.img", &segment(9, 3))
        .raw("ipcns-shm-5.img", b"xyz\xff")
}

#[test]
fn segments_stood_behind_their_records() {
    let checkpoint = open(&dump());
    let memory = checkpoint.memory(Pid(1)).unwrap();
    let bytes = [0x1000, 0x1fff, 0x2000, 0x2388, 0x2389, 0x2fff, 0x8002, 0x8003].map(|at| byte(&memory, at));
    let wanted = [b'a', b'a', b'b', b'b', 0, 0, b'z', 0];
    assert_eq!(bytes, wanted.map(Some), "no padding, and zeros to the end of the page");
    assert_silent(&checkpoint);
}

#[test]
fn their_bytes_are_found_where_they_lie() {
    let dump = dump();
    let image = dump.get("ipcns-shm-5.img").unwrap().to_vec();
    let checkpoint = open(&dump);
    let memory = checkpoint.memory(Pid(1)).unwrap();
    let object = memory.areas()[1].object.as_ref().unwrap();
    let (member, at) = object.place(0).unwrap();
    assert_eq!(
        (member.to_string(), &image[usize::try_from(at).unwrap()..]),
        ("ipcns-shm-5.img".into(), &b"xyz\xff"[..])
    );
    let contents = checkpoint.shared_objects();
    let sizes: Vec<_> = contents.iter().map(|(object, content)| (object.number, content.len())).collect();
    assert_eq!(sizes, [(7, 5001), (9, 3)]);
}

/// The image ends in the bytes of the second segment.
#[test]
fn a_cut_image_keeps_the_segments_in_front_of_the_cut() {
    let whole = dump();
    let mut image = whole.get("ipcns-shm-5.img").unwrap().to_vec();
    image.truncate(image.len() - 2);
    let checkpoint = open(&whole.image("ipcns-shm-5.img", image));
    let memory = checkpoint.memory(Pid(1)).unwrap();
    assert_eq!([0x2388, 0x8000].map(|at| byte(&memory, at)), [Some(b'b'), None]);
}
