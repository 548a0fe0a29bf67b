//! Edges of checkpoints made to measure.

use icecore_synth::{Dump, Process, Record};

use super::*;
use crate::checkpoint::tests::open;

/// Each edge as `KIND ID FROM>TO`, an end as `PID:FD`.
fn edges(dump: &Dump) -> Vec<String> {
    let checkpoint = open(dump);
    let end = |end: Option<End>| {
        let fd = |end: End| end.fd.map_or_else(|| String::from("-"), |fd| fd.to_string());
        end.map_or_else(|| String::from("?"), |end| format!("{}:{}", end.pid, fd(end)))
    };
    let row = |edge: &Edge| format!("{} {} {}>{}", edge.kind, edge.id, end(edge.from), end(edge.to));
    checkpoint.graph().iter().map(row).collect()
}

/// The end of a pipe: 0 reads, 1 writes.
fn pipe(id: u32, ino: u32, flags: u32) -> Record {
    Record::required("pipe_entry").set("id", id).set("pipe_id", ino).set("flags", flags)
}

fn unix(id: u32, ino: u32, peer: u32) -> Record {
    let socket = Record::required("unix_sk_entry").set("id", id).set("ino", ino).set("peer", peer);
    socket.set("type", 1u32).set("state", 1u32)
}

/// A TCP connection; an address is the last byte of one in 10.0.0.0/8, and a port.
fn tcp(id: u32, (local, port): (u8, u32), (remote, remote_port): (u8, u32)) -> Record {
    let word = |last: u8| u32::from_le_bytes([10, 0, 0, last]);
    let socket = Record::required("inet_sk_entry").set("id", id).set("ino", id.saturating_add(1000));
    let socket = socket.set("family", 2u32).set("type", 1u32).set("proto", 6u32).set("state", 1u32);
    let socket = socket.set("src_port", port).set("dst_port", remote_port);
    socket.list("src_addr", [word(local)]).list("dst_addr", [word(remote)])
}

/// Processes 1 and 2, each with descriptors of a type: number and file.
fn two(kind: &'static str, first: &[(u32, u32)], second: &[(u32, u32)]) -> Dump {
    let with = |process: Process, all: &[(u32, u32)]| {
        all.iter().fold(process, |process, (fd, file)| process.fd(*fd, kind, *file))
    };
    Dump::new().process(with(Process::new(1, 0), first)).process(with(Process::new(2, 1), second))
}

#[test]
fn a_pipe_leads_from_its_writer_to_its_reader() {
    let dump =
        two("PIPE", &[(3, 10)], &[(0, 11)]).file("PIPE", pipe(10, 77, 1)).file("PIPE", pipe(11, 77, 0));
    assert_eq!(edges(&dump), ["pipe 77 1:3>2:0"]);
}

#[test]
fn a_pipe_with_one_end_leads_outside() {
    let dump = two("PIPE", &[(1, 10)], &[]).file("PIPE", pipe(10, 5, 1));
    assert_eq!(edges(&dump), ["pipe 5 1:1>?"]);
    let dump = two("PIPE", &[], &[(0, 10)]).file("PIPE", pipe(10, 5, 0));
    assert_eq!(edges(&dump), ["pipe 5 ?>2:0"]);
}

#[test]
fn an_end_that_nobody_holds_is_none() {
    let dump = two("PIPE", &[], &[]).file("PIPE", pipe(10, 5, 0)).file("PIPE", pipe(11, 5, 1));
    assert_eq!(edges(&dump), <[&str; 0]>::default());
}

/// Two descriptors of one process on both ends, and writers in two processes.
#[test]
fn every_writer_has_an_edge_to_every_reader() {
    let dump = two("PIPE", &[(3, 10), (4, 11)], &[(3, 10)]);
    let dump = dump.file("PIPE", pipe(10, 9, 0)).file("PIPE", pipe(11, 9, 1));
    assert_eq!(edges(&dump), ["pipe 9 1:4>1:3", "pipe 9 1:4>2:3"]);
}

#[test]
fn fifos_with_one_inode_are_one() {
    let fifo = |id: u32, file: u32| {
        Record::required("fifo_entry").set("id", id).set("pipe_id", 6u32).set("regf_id", file)
    };
    let path = |id: u32, flags: u32| {
        let file = Record::required("reg_file_entry").set("id", id).set("name", "/run/queue");
        file.set("flags", flags).set("mode", 0o010_644_u32)
    };
    let dump = two("FIFO", &[(3, 10)], &[(4, 11)])
        .file("FIFO", fifo(10, 20))
        .file("FIFO", fifo(11, 21))
        .file("REG", path(20, 1))
        .file("REG", path(21, 0));
    assert_eq!(edges(&dump), ["fifo 6 1:3>2:4"]);
    let both = two("FIFO", &[(3, 10)], &[]).file("FIFO", fifo(10, 20)).file("REG", path(20, 2));
    assert_eq!(edges(&both), ["fifo 6 1:3>1:3"]);
}

#[test]
fn two_unix_sockets_that_know_each_other_are_one_edge() {
    let dump = two("UNIXSK", &[(3, 10)], &[(4, 11)])
        .file("UNIXSK", unix(10, 100, 101))
        .file("UNIXSK", unix(11, 101, 100));
    assert_eq!(edges(&dump), ["unix 100 1:3>2:4"]);
}

/// As datagrams to `/dev/log`: the receiver is connected to nobody.
#[test]
fn a_one_way_unix_socket_leads_to_its_peer() {
    let dump = two("UNIXSK", &[(3, 11)], &[(4, 10)])
        .file("UNIXSK", unix(10, 100, 0))
        .file("UNIXSK", unix(11, 101, 100));
    assert_eq!(edges(&dump), ["unix 101 1:3>2:4"]);
}

#[test]
fn a_unix_socket_whose_peer_is_not_there_has_no_edge() {
    let dump = two("UNIXSK", &[(3, 10)], &[]).file("UNIXSK", unix(10, 100, 999));
    assert_eq!(edges(&dump), <[&str; 0]>::default());
}

#[test]
fn a_unix_socket_that_is_its_own_peer_ends() {
    let dump = two("UNIXSK", &[(3, 10)], &[(5, 10)]).file("UNIXSK", unix(10, 100, 100));
    assert_eq!(
        edges(&dump),
        ["unix 100 1:3>1:3", "unix 100 1:3>2:5", "unix 100 2:5>1:3", "unix 100 2:5>2:5"]
    );
}

#[test]
fn a_connection_inside_is_one_edge() {
    let dump = two("INETSK", &[(3, 10)], &[(4, 11)])
        .file("INETSK", tcp(10, (1, 40_000), (1, 80)))
        .file("INETSK", tcp(11, (1, 80), (1, 40_000)));
    assert_eq!(edges(&dump), ["tcp 1010 1:3>2:4"]);
}

#[test]
fn a_connection_to_outside_has_its_address() {
    let dump = two("INETSK", &[(3, 10)], &[]).file("INETSK", tcp(10, (1, 40_000), (7, 443)));
    let checkpoint = open(&dump);
    let [edge] = checkpoint.graph() else { panic!("{:?}", checkpoint.graph()) };
    let from = End { pid: Pid(1), fd: Some(Fd(3)) };
    assert_eq!((edge.kind, edge.from, edge.to), (EdgeKind::Tcp, Some(from), None));
    assert_eq!(edge.remote.unwrap().to_string(), "10.0.0.7:443");
}

/// The same addresses in another network namespace are another connection.
#[test]
fn connections_are_of_their_network() {
    let dump = two("INETSK", &[(3, 10)], &[(4, 11)])
        .file("INETSK", tcp(10, (1, 40_000), (1, 80)).set("ns_id", 5u32))
        .file("INETSK", tcp(11, (1, 80), (1, 40_000)).set("ns_id", 6u32));
    assert_eq!(edges(&dump), ["tcp 1010 1:3>?", "tcp 1011 2:4>?"]);
}

/// A server that listens on `::` sees an IPv4 client under a mapped address.
#[test]
fn a_mapped_address_is_the_one_that_it_maps() {
    let mapped = [0, 0, u32::from_le_bytes([0, 0, 0xff, 0xff]), u32::from_le_bytes([10, 0, 0, 1])];
    let server = tcp(11, (1, 80), (1, 40_000)).set("family", 10u32);
    let server = server.list("src_addr", mapped).list("dst_addr", mapped);
    let dump = two("INETSK", &[(3, 10)], &[(4, 11)])
        .file("INETSK", tcp(10, (1, 40_000), (1, 80)))
        .file("INETSK", server);
    assert_eq!(edges(&dump), ["tcp 1010 1:3>2:4"]);
}

#[test]
fn a_connection_to_itself_ends() {
    let dump = two("INETSK", &[(3, 10)], &[]).file("INETSK", tcp(10, (1, 80), (1, 80)));
    assert_eq!(edges(&dump), ["tcp 1010 1:3>1:3"]);
}

#[test]
fn udp_and_listening_sockets_are_no_edges() {
    let udp = tcp(10, (1, 53), (7, 53)).set("proto", 17u32).set("type", 2u32);
    let listening = tcp(11, (1, 80), (0, 0)).set("state", 10u32).list("dst_addr", [0u32]);
    let dump = two("INETSK", &[(3, 10), (4, 11)], &[]).file("INETSK", udp).file("INETSK", listening);
    assert_eq!(edges(&dump), <[&str; 0]>::default());
}

/// An area of a process: status, flags, id of the object.
fn area(process: Process, start: u64, status: u32, flags: u32, object: u64) -> Process {
    let area = Record::required("vma_entry").set("start", start).set("end", start.saturating_add(4096));
    let area = area.set("status", status).set("flags", flags).set("shmid", object);
    let mut process = process;
    process.mm = process.mm.map(|mm| mm.with("vmas", area));
    process
}

/// Before CRIU 3.14, shared memory without a name has a number of its own.
#[test]
fn shared_memory_connects_who_has_mapped_it() {
    let shared = |process, start| area(process, start, 0x101, 0x21, 4242);
    let first = shared(shared(Process::new(1, 0), 0x1000), 0x9000);
    let private = area(Process::new(4, 1), 0x1000, 0x101, 0x22, 4242);
    let dump = Dump::new().process(first).process(shared(Process::new(2, 1), 0x1000));
    let dump = dump.process(shared(Process::new(3, 1), 0x1000)).process(private);
    assert_eq!(edges(&dump), ["shm 4242 1:->2:-", "shm 4242 1:->3:-", "shm 4242 2:->3:-"]);
}

fn memfd(name: &str) -> (Record, Record) {
    let inode =
        Record::required("memfd_inode_entry").set("inode_id", 55u32).set("name", name).set("shmid", 8u32);
    (inode, Record::required("memfd_file_entry").set("id", 30u32).set("inode_id", 55u32))
}

/// Its inode in the kernel is what CRIU calls `shmid`.
#[test]
fn a_memory_file_connects_descriptors_and_mappings() {
    for (name, kind) in [("cache", "memfd"), ("/dev/zero", "shm"), ("/anon_hugepage", "shm")] {
        let (inode, file) = memfd(name);
        let mapped = area(Process::new(2, 1), 0x1000, 0x4001, 0x1, 30);
        let both = area(Process::new(3, 1).fd(9, "MEMFD", 30), 0x1000, 0x4001, 0x1, 30);
        let dump = Dump::new()
            .process(Process::new(1, 0).fd(5, "MEMFD", 30))
            .process(mapped)
            .process(both)
            .record("memfd.img", &inode)
            .file("MEMFD", file);
        let expected = [("1:5", "2:-"), ("1:5", "3:9"), ("2:-", "3:9")];
        assert_eq!(edges(&dump), expected.map(|(from, to)| format!("{kind} 8 {from}>{to}")), "{name}");
    }
}

#[test]
fn a_segment_connects_who_has_attached_it() {
    let attached = |process: Process| area(process.id("ipc_ns_id", 5), 0x1000, 0x501, 0x1, 7);
    let segment = Record::required("ipc_shm_entry").set("desc.id", 7u32).set("in_pagemaps", true);
    let dump = Dump::new()
        .process(attached(Process::new(1, 0)))
        .process(attached(Process::new(2, 1)))
        .record("ipcns-shm-5.img", &segment);
    assert_eq!(edges(&dump), ["shm 7 1:->2:-"]);
}

/// Of processes that share a table, the first stands for all.
#[test]
fn a_shared_table_counts_once() {
    let dump = two("PIPE", &[(3, 10)], &[(0, 11)])
        .process(Process::new(3, 1).id("files_id", 1))
        .file("PIPE", pipe(10, 77, 1))
        .file("PIPE", pipe(11, 77, 0));
    assert_eq!(edges(&dump), ["pipe 77 1:3>2:0"]);
}

#[test]
fn edges_stand_by_kind_number_and_ends() {
    let first =
        Process::new(1, 0).fd(3, "UNIXSK", 10).fd(4, "UNIXSK", 11).fd(5, "PIPE", 12).fd(6, "PIPE", 13);
    let dump = Dump::new()
        .process(first)
        .file("UNIXSK", unix(10, 100, 101))
        .file("UNIXSK", unix(11, 101, 100))
        .file("PIPE", pipe(12, 900, 1))
        .file("PIPE", pipe(13, 8, 1));
    assert_eq!(edges(&dump), ["pipe 8 1:6>?", "pipe 900 1:5>?", "unix 100 1:3>1:4"]);
}

#[test]
fn kinds_have_their_words() {
    let kinds =
        [EdgeKind::Pipe, EdgeKind::Fifo, EdgeKind::Unix, EdgeKind::Tcp, EdgeKind::Shm, EdgeKind::Memfd];
    let words: Vec<String> = kinds.iter().map(ToString::to_string).collect();
    assert_eq!(words, ["pipe", "fifo", "unix", "tcp", "shm", "memfd"]);
    assert_eq!(format!("{:<6}|", EdgeKind::Tcp), "tcp   |");
}
