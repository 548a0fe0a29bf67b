//! Unix sockets: names, peers, queues.

use super::*;

/// A stream or datagram socket of an inode, connected to another.
fn connected(kind: u32, ino: u32, peer: u32) -> impl FnOnce(Record) -> Record {
    move |it| it.set("ino", ino).set("peer", peer).set("type", kind).set("state", 1)
}

/// Listens on a name.
fn listening(ino: u32) -> impl FnOnce(Record) -> Record {
    move |it| it.set("ino", ino).set("type", 1).set("state", 10).set("name", b"/run/a\0").set("backlog", 5)
}

const STREAM: u32 = 1;
const DGRAM: u32 = 2;
const SEQPACKET: u32 = 5;

#[test]
fn a_named_socket_has_a_file() {
    let permissions = Record::new("file_perms_entry").set("mode", 0o14_0755).set("uid", 1).set("gid", 2);
    let found = only("UNIXSK", |it| {
        let it = listening(5)(it).set("file_perms", permissions).set("name_dir", "/srv");
        it.set("deleted", true).set("ns_id", 10).set("uflags", 8)
    });
    assert_eq!((found.name().unwrap().as_slice(), found.netns), (&b"/run/a"[..], Some(NamespaceId(10))));
    assert_eq!((found.type_name(), found.state_name().as_ref()), ("unix", "listen"));
    assert_eq!((found.socket_type_name().unwrap().as_ref(), found.protocol_name()), ("stream", None));
    let Details::Unix(details) = found.details else { panic!() };
    assert_eq!((details.mode, details.owner), (Some(0o14_0755), Some((1, 2))));
    assert_eq!((details.directory.as_ref().unwrap().as_slice(), details.deleted), (&b"/srv"[..], true));
    assert!(!details.is_abstract());
    assert_eq!(details.flags, 8);
}

#[test]
fn abstract_names_begin_with_a_nul() {
    let found = only("UNIXSK", |it| it.set("name", b"\0bus"));
    let Details::Unix(details) = &found.details else { panic!() };
    assert!(details.is_abstract());
    assert_eq!(found.name().unwrap().as_slice(), b"\0bus");
    assert!(only("UNIXSK", |it| it).name().is_none());
}

#[test]
fn two_ends_of_a_pair_are_peers() {
    let dump = Dump::new().with_file(9, "UNIXSK", connected(STREAM, 100, 101)).with_file(
        10,
        "UNIXSK",
        connected(STREAM, 101, 100),
    );
    let checkpoint = open(&dump);
    assert_eq!(socket(&checkpoint).peer, Some(FileId(10)));
    assert_eq!(socket_of(&checkpoint, 10).peer, Some(FileId(9)));
    assert_eq!(
        (socket(&checkpoint).peer_ino(), socket(&checkpoint).state_name().as_ref()),
        (Some(101), "connected")
    );
    assert_silent(&checkpoint);
}

#[test]
fn a_peer_outside_of_the_dump_is_an_inode() {
    let found = only("UNIXSK", |it| connected(DGRAM, 100, 4711)(it).set("uflags", 1));
    assert_eq!((found.peer, found.peer_ino()), (None, Some(4711)));
}

#[test]
fn connections_wait_at_the_listening_socket() {
    let dump = Dump::new()
        .with_file(9, "UNIXSK", listening(100))
        .with_file(10, "UNIXSK", connected(STREAM, 101, 100))
        .with_file(11, "UNIXSK", connected(STREAM, 102, 100));
    let checkpoint = open(&dump);
    let found = socket(&checkpoint);
    assert_eq!((found.recv_q, found.send_q), (Some(2), Some(5)));
    assert_eq!(socket_of(&checkpoint, 10).peer, Some(FileId(9)));
    assert_silent(&checkpoint);
}

#[test]
fn nobody_waits_at_a_socket_that_merely_has_a_client() {
    let dump =
        Dump::new().with_file(9, "UNIXSK", listening(100)).with_file(10, "UNIXSK", connected(STREAM, 101, 0));
    assert_eq!(socket(&open(&dump)).recv_q, Some(0));
}

#[test]
fn what_waits_is_summed_up_by_file() {
    let packet =
        |id: u32, length: u32| Record::new("sk_packet_entry").set("id_for", id).set("length", length);
    let payload = |dump: Dump, id, text: &str| {
        let length = u32::try_from(text.len()).unwrap();
        dump.record("sk-queues.img", &packet(id, length)).raw("sk-queues.img", text)
    };
    let dump = Dump::new().with_file(9, "UNIXSK", connected(DGRAM, 100, 101)).with_file(
        10,
        "UNIXSK",
        connected(DGRAM, 101, 100),
    );
    let dump = payload(payload(payload(dump, 9, "first"), 10, "other"), 9, "second!");
    let checkpoint = open(&dump);
    assert_eq!((socket(&checkpoint).recv_q, socket_of(&checkpoint, 10).recv_q), (Some(12), Some(5)));
    assert_silent(&checkpoint);
}

#[test]
fn sockets_that_are_their_own_peer_are_told() {
    for kind in [STREAM, DGRAM, SEQPACKET] {
        let dump = Dump::new().with_file(9, "UNIXSK", connected(kind, 100, 100)).with_file(
            10,
            "UNIXSK",
            connected(kind, 101, 101),
        );
        let checkpoint = open(&dump);
        assert_eq!(socket(&checkpoint).peer, Some(FileId(9)));
        assert_told(
            &checkpoint,
            "file-dangling",
            "peers are themselves, or are connected to others, by inode: 100, 101",
        );
    }
}

#[test]
fn a_datagram_socket_may_be_connected_to_its_own_name() {
    let found = only("UNIXSK", |it| connected(DGRAM, 100, 100)(it).set("name", b"/run/log\0"));
    assert_eq!(found.peer, Some(FileId(9)));
}

#[test]
fn many_datagram_sockets_may_be_connected_to_one() {
    let dump = Dump::new()
        .with_file(9, "UNIXSK", |it| {
            it.set("ino", 100).set("type", DGRAM).set("state", 7).set("name", b"/dev/log\0")
        })
        .with_file(10, "UNIXSK", connected(DGRAM, 101, 100))
        .with_file(11, "UNIXSK", connected(DGRAM, 102, 100));
    let checkpoint = open(&dump);
    assert_eq!(socket_of(&checkpoint, 11).peer, Some(FileId(9)));
    assert_silent(&checkpoint);
}

#[test]
fn a_connection_of_three_is_told() {
    let dump = Dump::new()
        .with_file(9, "UNIXSK", connected(STREAM, 100, 101))
        .with_file(10, "UNIXSK", connected(STREAM, 101, 102))
        .with_file(11, "UNIXSK", connected(STREAM, 102, 101));
    let checkpoint = open(&dump);
    let _ = checkpoint.files();
    assert_told(&checkpoint, "file-dangling", "by inode: 100");
}

#[test]
fn inodes_that_two_sockets_have_are_those_of_the_last() {
    let dump = Dump::new()
        .with_file(9, "UNIXSK", connected(DGRAM, 100, 0))
        .with_file(10, "UNIXSK", connected(DGRAM, 100, 0))
        .with_file(11, "UNIXSK", connected(DGRAM, 102, 100));
    assert_eq!(socket_of(&open(&dump), 11).peer, Some(FileId(10)));
}

#[test]
fn directions_that_are_shut_down() {
    for (number, expected) in [(0, 0), (1, 1), (2, 2), (3, 3)] {
        assert_eq!(only("UNIXSK", |it| it.set("shutdown", number)).shutdown, expected);
    }
}
