//! SysV objects of checkpoints made to measure.

use icecore_synth::{Dump, Process, Record};

use super::*;
use crate::checkpoint::tests::{open, told};

fn desc(id: u32) -> Record {
    let desc =
        Record::required("ipc_desc_entry").set("id", id).set("key", 0xc0de_0000_u32).set("mode", 0o640u32);
    desc.set("uid", 1u32).set("gid", 2u32).set("cuid", 3u32).set("cgid", 4u32)
}

fn segment(id: u32, size: u64) -> Record {
    Record::required("ipc_shm_entry").set("size", size).set("in_pagemaps", true).set("desc", desc(id))
}

/// A process with areas that are attached segments: start and id.
fn attached(pid: u32, namespace: u32, areas: &[(u64, u64)]) -> Process {
    let mut process = Process::new(pid, u32::from(pid != 1)).id("ipc_ns_id", namespace);
    let area = |(start, id): &(u64, u64)| {
        let area = Record::required("vma_entry").set("start", *start).set("end", start.saturating_add(4096));
        area.set("shmid", *id).set("status", 0x401u32).set("flags", 1u32)
    };
    process.mm = process.mm.map(|mm| areas.iter().fold(mm, |mm, it| mm.with("vmas", area(it))));
    process
}

fn queue(id: u32, count: u32) -> Record {
    let queue = Record::required("ipc_msg_entry").set("desc", desc(id));
    queue.set("qbytes", 16_384u32).set("qnum", count)
}

/// A message as it stands behind its queue: length, head, text, zeros up to a multiple of eight.
fn message(kind: u64, text: &[u8]) -> Vec<u8> {
    let head = Record::new("ipc_msg").set("mtype", kind).set("msize", text.len() as u64).encode();
    let length = u32::try_from(head.as_bytes().len()).unwrap();
    let mut text = text.to_vec();
    text.resize(text.len().next_multiple_of(8), 0);
    [&length.to_le_bytes(), head.as_bytes(), &text].concat()
}

#[test]
fn a_segment_knows_who_has_it_where() {
    let dump = Dump::new()
        .process(attached(1, 5, &[(0x1000, 7), (0x9000, 7), (0x20000, 8)]))
        .process(attached(2, 5, &[(0x4000, 7)]))
        .process(attached(3, 6, &[(0x5000, 7)]))
        .record("ipcns-shm-5.img", &segment(7, 4096))
        .record("ipcns-shm-5.img", &segment(9, u64::MAX));
    let checkpoint = open(&dump);
    let ipc = checkpoint.ipc();
    assert_eq!(ipc.namespaces.len(), 1);
    let space = &ipc.namespaces[0];
    assert_eq!(space.id, NamespaceId(5));
    let first = Segment {
        descriptor: Descriptor { id: 7, key: 0xc0de_0000, mode: 0o640, owner: (1, 2), creator: (3, 4) },
        size: 4096,
        attached: vec![(Pid(1), Vaddr(0x1000)), (Pid(1), Vaddr(0x9000)), (Pid(2), Vaddr(0x4000))],
    };
    assert_eq!(space.segments[0], first);
    assert_eq!((space.segments[1].size, space.segments[1].attached.len()), (u64::MAX, 0));
}

/// An id is of its namespace: the same one elsewhere is another segment.
#[test]
fn ids_are_of_their_namespace() {
    let dump = Dump::new()
        .process(attached(1, 5, &[(0x1000, 7)]))
        .process(attached(2, 6, &[(0x2000, 7)]))
        .record("ipcns-shm-6.img", &segment(7, 1))
        .record("ipcns-shm-5.img", &segment(7, 2));
    let checkpoint = open(&dump);
    let rows: Vec<_> = checkpoint
        .ipc()
        .namespaces
        .iter()
        .map(|it| (it.id.0, it.segments[0].size, it.segments[0].attached.clone()))
        .collect();
    let expected = [(5, 2, vec![(Pid(1), Vaddr(0x1000))]), (6, 1, vec![(Pid(2), Vaddr(0x2000))])];
    assert_eq!(rows, expected);
}

#[test]
fn of_twins_the_first_is_attached() {
    let dump = Dump::new()
        .process(attached(1, 5, &[(0x1000, 7)]))
        .record("ipcns-shm-5.img", &segment(7, 1))
        .record("ipcns-shm-5.img", &segment(7, 2));
    let checkpoint = open(&dump);
    let attached: Vec<usize> =
        checkpoint.ipc().namespaces[0].segments.iter().map(|it| it.attached.len()).collect();
    assert_eq!(attached, [1, 0]);
}

#[test]
fn semaphores_have_their_values() {
    let set =
        |id: u32, count: u32| Record::required("ipc_sem_entry").set("desc", desc(id)).set("nsems", count);
    // Values are of two bytes each, padded to eight.
    let dump = Dump::new()
        .record("ipcns-sem-5.img", &set(3, 3))
        .raw("ipcns-sem-5.img", [1, 0, 0xff, 0x7f, 2, 0, 0, 0])
        .record("ipcns-sem-5.img", &set(4, 0));
    let checkpoint = open(&dump);
    let values: Vec<_> = checkpoint.ipc().namespaces[0]
        .semaphores
        .iter()
        .map(|it| (it.descriptor.id, it.values.clone()))
        .collect();
    assert_eq!(values, [(3, vec![1, 32_767, 2]), (4, vec![])]);
}

#[test]
fn messages_are_listed_oldest_first() {
    let dump = Dump::new()
        .record("ipcns-msg-5.img", &queue(1, 2))
        .raw("ipcns-msg-5.img", message(3, b"msg-one"))
        .raw("ipcns-msg-5.img", message(u64::MAX, b""))
        .record("ipcns-msg-5.img", &queue(2, 1))
        .raw("ipcns-msg-5.img", message(1, b"\0\xff12345678"));
    let checkpoint = open(&dump);
    let queues = &checkpoint.ipc().namespaces[0].queues;
    let first: Vec<(u64, BString)> = vec![(3, "msg-one".into()), (u64::MAX, "".into())];
    assert_eq!((queues[0].descriptor.id, queues[0].capacity, &queues[0].messages), (1, 16_384, &first));
    assert_eq!(queues[1].messages, [(1, BString::from(&b"\0\xff12345678"[..]))]);
    assert_eq!(told(&checkpoint, "image-damaged"), <[&str; 0]>::default());
}

#[test]
fn a_queue_that_is_cut_short_is_told_and_the_others_are_there() {
    let whole = message(3, b"twelve bytes");
    let dump = Dump::new()
        .record("ipcns-msg-5.img", &queue(1, 1))
        .raw("ipcns-msg-5.img", message(1, b"whole"))
        .record("ipcns-msg-5.img", &queue(2, 1))
        .raw("ipcns-msg-5.img", &whole[..whole.len() - 9]);
    let checkpoint = open(&dump);
    let ids: Vec<u32> = checkpoint.ipc().namespaces[0].queues.iter().map(|it| it.descriptor.id).collect();
    assert_eq!(ids, [1]);
    let damage = told(&checkpoint, "image-damaged");
    assert!(!damage.is_empty() && damage[0].starts_with("ipcns-msg-5.img, offset 0x"), "{damage:?}");
}

#[test]
fn sysctls_have_the_names_of_the_kernel() {
    let variables = Record::required("ipc_var_entry")
        .list("sem_ctls", [32_000u32, 1_024_000, 500, 32_000])
        .set("shm_ctlmax", u64::MAX)
        .set("msg_ctlmnb", 16_384u32)
        .set("mq_msg_default", 10u32)
        .set("sem_next_id", 0u32);
    let checkpoint = open(&Dump::new().record("ipcns-var-5.img", &variables));
    let found = &checkpoint.ipc().namespaces[0].variables;
    let value = |name| found.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str());
    assert_eq!(value("kernel.sem"), Some("32000 1024000 500 32000"));
    assert_eq!(value("kernel.shmmax"), Some("18446744073709551615"));
    assert_eq!(value("kernel.msgmnb"), Some("16384"));
    assert_eq!(value("fs.mqueue.msg_default"), Some("10"));
    assert_eq!(value("kernel.sem_next_id"), Some("0"), "0 is a value");
    assert_eq!(value("kernel.msg_next_id"), None, "absent where it is -1");
    assert_eq!(found.len(), 14);
}

#[test]
fn a_namespace_is_there_if_any_of_its_images_is() {
    let dump = Dump::new()
        .record("ipcns-var-12.img", &Record::required("ipc_var_entry"))
        .record("ipcns-sem-3.img", &Record::required("ipc_sem_entry"))
        .record("ipcns-shm-3.img", &segment(1, 1));
    let checkpoint = open(&dump);
    let ids: Vec<u32> = checkpoint.ipc().namespaces.iter().map(|it| it.id.0).collect();
    assert_eq!(ids, [3, 12], "each once, by number");
    assert_eq!(checkpoint.ipc().namespaces[0].variables, []);
    assert_eq!(open(&Dump::new()).ipc(), &Ipc::default());
}

#[test]
fn a_number_that_is_no_namespace_is_passed_over() {
    let dump = Dump::new().image("ipcns-shm-99999999999.img", vec![1; 20]).image("ipcns-shm-.img", vec![]);
    assert_eq!(open(&dump).ipc(), &Ipc::default());
}

/// Before CRIU 3.0 the content stands behind the record, with zeros up to a multiple of four.
#[test]
fn a_segment_of_an_old_dump_is_a_file() {
    let old = |id: u32, size: u64| Record::required("ipc_shm_entry").set("size", size).set("desc", desc(id));
    let dump = Dump::new()
        .record("ipcns-shm-5.img", &old(6, 3))
        .raw("ipcns-shm-5.img", b"abc\0")
        .record("ipcns-shm-5.img", &old(7, 9))
        .raw("ipcns-shm-5.img", b"the board\0\0\0")
        .record("ipcns-shm-5.img", &segment(8, 4096));
    let image = dump.get("ipcns-shm-5.img").unwrap().to_vec();
    let checkpoint = open(&dump);
    let files: Vec<_> = checkpoint.filesystem().unnamed().collect();
    assert_eq!(files.len(), 3);
    for (file, content) in files.iter().zip(["abc", "the board"]) {
        assert_eq!(
            (file.size, file.member.as_slice()),
            (Some(content.len() as u64), &b"ipcns-shm-5.img"[..])
        );
        let start = usize::try_from(file.offset.unwrap()).unwrap();
        assert_eq!(image[start..start + content.len()], *content.as_bytes());
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut icecore_archive::Reader::new(file.content().unwrap()), &mut bytes)
            .unwrap();
        assert_eq!(bytes, content.as_bytes());
    }
    // A new one has its content in a file that is not there.
    assert_eq!((files[2].member.as_slice(), files[2].offset), (&b"pagemap-shmem-8.img"[..], None));
    assert!(files[2].content().is_err());
}
