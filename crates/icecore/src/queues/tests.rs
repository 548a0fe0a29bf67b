//! Queues of hand-made checkpoints. Real ones are among the tests of truth.

use std::sync::Arc;

use icecore_archive::Options;
use icecore_synth::queues::{Queues, Stream};
use icecore_synth::{Message as Record, Tar, image};

use super::*;

fn open(tar: Vec<u8>) -> Checkpoint {
    Checkpoint::from_source(Arc::new(tar), &Options::default()).unwrap()
}

/// The images with one of them replaced.
fn replaced(queues: Queues, name: &str, change: impl FnOnce(&[u8]) -> Vec<u8>) -> Checkpoint {
    let mut images = queues.images();
    let image = images.iter_mut().find(|(other, _)| other == name).unwrap();
    image.1 = change(&image.1);
    open(images.iter().fold(Tar::new(), |tar, (name, bytes)| tar.file(name, bytes)).finish())
}

fn only(checkpoint: &Checkpoint) -> &Queue {
    let full: Vec<&Queue> = checkpoint.queues().iter().filter(|queue| !queue.is_empty()).collect();
    assert_eq!(full.len(), 1, "{full:?}");
    full[0]
}

fn contents(checkpoint: &Checkpoint, queue: &Queue) -> Vec<Vec<u8>> {
    let content = queue.open(checkpoint).unwrap();
    queue.messages.iter().map(|message| content.bytes(message, u64::MAX).unwrap()).collect()
}

fn holders(queue: &Queue) -> Vec<(u32, &'static str)> {
    queue.holders.iter().map(|holder| (holder.fd.0, holder.end.name())).collect()
}

fn told(checkpoint: &Checkpoint, code: &str) -> Vec<String> {
    let _ = checkpoint.queues();
    let all = checkpoint.diagnostics();
    all.iter().filter(|diagnostic| diagnostic.code == code).map(ToString::to_string).collect()
}

#[test]
fn a_pipe_has_its_ends_its_bytes_and_its_capacity() {
    let checkpoint = open(Queues::new().pipe(77, b"waiting").tar());
    let queue = only(&checkpoint);
    assert_eq!((queue.kind, queue.id, queue.capacity), (QueueKind::Pipe, 77, Some(65_536)));
    assert_eq!((queue.length(), queue.keeps_borders, queue.is_cut), (7, false, false));
    assert_eq!(holders(queue), [(1, "read"), (2, "write")]);
    assert_eq!(contents(&checkpoint, queue), [b"waiting"]);
    assert_eq!(queue.member, "pipes-data.img");
    // Magics, length, three fields of two, two and four bytes.
    assert_eq!(queue.messages[0].offset, 8 + 4 + 2 + 2 + 4);
    assert!(told(&checkpoint, "queue-odd").is_empty());
}

#[test]
fn an_empty_pipe_states_its_capacity() {
    let checkpoint = open(Queues::new().pipe(5, b"").tar());
    let queue = &checkpoint.queues()[0];
    assert_eq!((queue.is_empty(), queue.capacity, queue.messages.len()), (true, Some(65_536), 0));
}

#[test]
fn a_fifo_is_found_by_its_inode() {
    let checkpoint = open(Queues::new().fifo(9, b"/run/a", b"abc").pipe(9, b"").tar());
    let queue = only(&checkpoint);
    assert_eq!((queue.kind, queue.id, holders(queue)), (QueueKind::Fifo, 9, vec![(2, "both")]));
    let files = checkpoint.files();
    assert_eq!(files.link(files.get(queue.file.unwrap()).unwrap()).unwrap(), "/run/a");
}

#[test]
fn datagrams_keep_their_borders_and_their_descriptors() {
    let sockets = Queues::new().unix(100, 101, 2, b"\0name").unix(101, 100, 2, b"");
    let checkpoint =
        open(sockets.packet(1, b"first", &[]).packet(1, b"", &[2]).packet(1, b"third", &[]).tar());
    let queue = only(&checkpoint);
    assert_eq!((queue.kind, queue.id, queue.keeps_borders), (QueueKind::Unix, 100, true));
    assert_eq!(holders(queue), [(1, "read"), (2, "write")]);
    assert_eq!(contents(&checkpoint, queue), [b"first".as_slice(), b"", b"third"]);
    let rights: Vec<&[FileId]> = queue.messages.iter().map(|message| message.rights.as_slice()).collect();
    assert_eq!(rights, [&[][..], &[FileId(2)], &[]]);
    assert!(told(&checkpoint, "queue-odd").is_empty());
}

#[test]
fn a_stream_has_pieces() {
    let sockets = Queues::new().unix(100, 101, 1, b"").unix(101, 100, 1, b"");
    let checkpoint = open(sockets.packet(2, b"one", &[]).packet(2, b"two", &[]).tar());
    let queue = only(&checkpoint);
    assert_eq!((queue.id, queue.keeps_borders, queue.length()), (101, false, 6));
    assert_eq!(holders(queue), [(1, "write"), (2, "read")]);
}

/// Records of several sockets lie in one image as they were dumped, mixed.
#[test]
fn packets_go_to_their_sockets() {
    let sockets = Queues::new().unix(100, 101, 2, b"").unix(101, 100, 2, b"");
    let mixed = [(1, "a"), (2, "x"), (1, "b"), (2, "y"), (2, "z")];
    let packets = mixed.iter().fold(sockets, |all, (to, text)| all.packet(*to, text.as_bytes(), &[]));
    let checkpoint = open(packets.tar());
    let of = |index: usize| contents(&checkpoint, &checkpoint.queues()[index]).concat();
    assert_eq!((of(0), of(1)), (b"ab".to_vec(), b"xyz".to_vec()));
}

#[test]
fn both_queues_of_a_connection_have_their_sequence_numbers() {
    let stream = Stream {
        received: b"request",
        inq_seq: 3,
        written: b"response",
        outq_seq: 1000,
        unsent: 5,
        mss: 1460,
    };
    let (local, remote) = ("10.0.0.2:80".parse().unwrap(), "10.0.0.9:40000".parse().unwrap());
    let checkpoint = open(Queues::new().tcp(0xab, local, remote, stream).tar());
    let queues = checkpoint.queues();
    let [receive, send] = queues else { panic!("{queues:?}") };
    assert_eq!((receive.kind, send.kind, receive.id), (QueueKind::TcpReceive, QueueKind::TcpSend, 0xab));
    // Numbers wrap around.
    let first = Sequence { first: u32::MAX - 3, acknowledged: 992, unsent: None };
    assert_eq!(receive.sequence, Some(first));
    assert_eq!(send.sequence, Some(Sequence { first: 992, acknowledged: 3, unsent: Some(5) }));
    assert_eq!((holders(receive), holders(send)), (vec![(1, "read")], vec![(1, "write")]));
    assert_eq!(contents(&checkpoint, receive), [b"request"]);
    assert_eq!(contents(&checkpoint, send), [b"response"]);
}

#[test]
fn each_side_of_a_terminal_reads_what_the_other_wrote() {
    let checkpoint = open(Queues::new().pty(3, b"typed\n", b"shown").tar());
    let queues = checkpoint.queues();
    assert_eq!(queues.iter().map(|queue| queue.id).collect::<Vec<_>>(), [6, 7]);
    assert_eq!(contents(&checkpoint, &queues[0]), [b"typed\n"]);
    assert_eq!(contents(&checkpoint, &queues[1]), [b"shown"]);
    assert_eq!(holders(&queues[0]), [(1, "read"), (2, "write")]);
    assert_eq!(holders(&queues[1]), [(1, "write"), (2, "read")]);
}

#[test]
fn sysv_messages_have_types_and_may_be_empty() {
    let messages: [(u64, &[u8]); 3] = [(7, b"seven!!"), (u64::MAX, b""), (1, b"12345678")];
    let checkpoint = open(Queues::new().sysv(3, &[(0, &messages), (32_769, &[])]).tar());
    let queue = only(&checkpoint);
    assert_eq!((queue.id, queue.namespace, queue.capacity), (0, Some(NamespaceId(3)), Some(16_384)));
    assert_eq!(queue.sysv.map(|it| (it.id, it.key)), Some((0, 0)));
    let types: Vec<u64> = queue.messages.iter().filter_map(|message| message.message_type).collect();
    assert_eq!(types, [7, u64::MAX, 1]);
    assert_eq!(contents(&checkpoint, queue), [b"seven!!".as_slice(), b"", b"12345678"]);
    assert_eq!(checkpoint.queues().len(), 2);
}

#[test]
fn queues_come_by_kind_namespace_and_id() {
    let all = Queues::new().sysv(4, &[(1, &[]), (0, &[])]).sysv(3, &[(9, &[])]);
    let all = all.pipe(8, b"").pipe(7, b"").fifo(6, b"/f", b"").pty(0, b"", b"");
    let checkpoint = open(all.tar());
    let order: Vec<_> = checkpoint.queues().iter().map(|queue| (queue.kind.name(), queue.id)).collect();
    let expected =
        [("pipe", 7), ("pipe", 8), ("fifo", 6), ("tty", 0), ("tty", 1), ("msg", 9), ("msg", 0), ("msg", 1)];
    assert_eq!(order, expected);
}

/// What is left of a queue when its image was cut off, at every length.
#[test]
fn a_cut_image_gives_what_it_has_and_says_so() {
    let whole = Queues::new().pipe(1, b"first pipe").pipe(2, b"second pipe");
    let length = whole.clone().images().iter().find(|(name, _)| name == "pipes-data.img").unwrap().1.len();
    for keep in 0..=length {
        let checkpoint = replaced(whole.clone(), "pipes-data.img", |bytes| bytes[..keep].to_vec());
        let found: Vec<u8> =
            checkpoint.queues().iter().flat_map(|queue| contents(&checkpoint, queue)).flatten().collect();
        assert!(b"first pipesecond pipe".starts_with(&found), "{keep}: {found:?}");
        let is_border = [8, length / 2 + 4, length].contains(&keep) || found == b"first pipe";
        let is_told = !told(&checkpoint, "image-damaged").is_empty();
        assert!(is_told || is_border, "{keep} of {length}: nothing is told");
        let cut = checkpoint.queues().iter().any(|queue| queue.is_cut);
        assert!(!cut || is_told);
    }
}

#[test]
fn a_length_beyond_the_image_is_what_there_is() {
    let record = Record::new().varint(1, 3).varint(2, u32::MAX.into());
    let long = image::Image::of(0x5626_4026).record(&record).raw("all there is").bytes();
    let checkpoint = replaced(Queues::new(), "sk-queues.img", |_| long);
    let queue = only(&checkpoint);
    assert_eq!((queue.is_cut, contents(&checkpoint, queue)), (true, vec![b"all there is".to_vec()]));
    assert_eq!(told(&checkpoint, "image-damaged").len(), 1);
}

#[test]
fn a_damaged_message_does_not_take_those_before_it_along() {
    let messages: [(u64, &[u8]); 3] = [(1, b"12345678"), (2, b"abcdefgh"), (3, b"lost")];
    let all = Queues::new().sysv(3, &[(0, &messages)]);
    let checkpoint = replaced(all, "ipcns-msg-3.img", |bytes| bytes[..bytes.len() - 6].to_vec());
    let queue = only(&checkpoint);
    assert_eq!((queue.is_cut, contents(&checkpoint, queue).concat()), (true, b"12345678abcdefgh".to_vec()));
}

#[test]
fn a_queue_of_nobody_is_listed_and_told() {
    let cases = [
        ("pipes-data.img", 0x5645_3709_u32, "pipe 3: no file of `files.img` is an end of it"),
        ("fifo-data.img", 0x5933_3054, "fifo 3: no file of `files.img` is an end of it"),
        ("sk-queues.img", 0x5626_4026, "messages for file 0x3, which is no socket of `files.img`"),
    ];
    for (name, magic, text) in cases {
        let record = Record::new().varint(1, 3).varint(2, 1);
        let image = image::Image::of(magic).record(&record).raw("x").bytes();
        let checkpoint = replaced(Queues::new(), name, |_| image);
        assert_eq!(contents(&checkpoint, only(&checkpoint)), [b"x"]);
        assert_eq!(told(&checkpoint, "queue-odd"), [format!("{name}: {text}")]);
    }
}

#[test]
fn descriptors_in_flight_without_a_record_are_told_once() {
    let socket = Queues::new().unix(100, 0, 2, b"");
    let checkpoint = open(socket.packet(1, b"x", &[50, 51, 50]).packet(1, b"y", &[1, 52]).tar());
    let told = told(&checkpoint, "queue-odd");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("file 0x32 is in flight to socket 100"), "{told:?}");
}

/// Sockets whose messages carry each other, and themselves: ids are not followed.
#[test]
fn descriptors_in_flight_may_go_round_in_circles() {
    let sockets = Queues::new().unix(100, 101, 2, b"").unix(101, 100, 2, b"");
    let checkpoint = open(sockets.packet(1, b"x", &[1, 2]).packet(2, b"y", &[2, 1]).tar());
    let queues = checkpoint.queues();
    assert_eq!(queues[0].messages[0].rights, [FileId(1), FileId(2)]);
    assert_eq!(queues[1].messages[0].rights, [FileId(2), FileId(1)]);
}

#[test]
fn two_records_of_one_pipe_are_one_queue() {
    let checkpoint = open(Queues::new().pipe(7, b"one").pipe(7, b"two").tar());
    let queue = only(&checkpoint);
    assert_eq!((contents(&checkpoint, queue).concat(), queue.holders.len()), (b"onetwo".to_vec(), 4));
}

#[test]
fn an_image_of_another_kind_is_told() {
    let checkpoint = replaced(Queues::new(), "sk-queues.img", |_| b"nothing of the kind".to_vec());
    assert!(checkpoint.queues().is_empty());
    assert_eq!(told(&checkpoint, "image-damaged").len(), 1);
}

/// A hundred thousand messages to one socket: as many rows, and no walk of all for each.
#[test]
fn very_many_messages() {
    let socket = Queues::new().unix(100, 101, 2, b"").unix(101, 100, 2, b"");
    let checkpoint = open((0..100_000).fold(socket, |all, _| all.packet(1, b"x", &[])).tar());
    assert_eq!((only(&checkpoint).messages.len(), only(&checkpoint).length()), (100_000, 100_000));
}

#[test]
fn the_words_of_kinds_are_unique_and_in_order() {
    let names = QueueKind::ALL.map(QueueKind::name);
    assert_eq!(names, ["pipe", "fifo", "unix", "tcp-recv", "tcp-send", "tty", "msg"]);
    assert!(QueueKind::ALL.is_sorted());
    assert_eq!(format!("{:>5}", QueueKind::Tty), "  tty");
}
