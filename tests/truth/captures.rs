//! Capture files of queues, read back by a strict reader: they hold every byte, and nothing else.

use std::sync::Arc;

use icecore::Checkpoint;
use icecore::archive::Options;
use icecore::queues::{Queue, QueueKind};
use icecore_analysis::pcapng::write;
use icecore_synth::queues::{Queues, Stream};
use proptest::prelude::*;

use crate::pcapng::{Section, read, segment, upper_pdu};
use crate::testimony;

/// A capture file of all queues of a checkpoint.
fn section(checkpoint: &Checkpoint) -> Section {
    let mut file = Vec::new();
    let count = write(checkpoint, checkpoint.queues(), &mut file).unwrap();
    let mut sections = read(&file);
    assert_eq!((sections.len(), sections[0].packets.len() as u64), (1, count));
    let section = sections.remove(0);
    let interfaces: Vec<_> = section.interfaces.iter().map(|(kind, name)| (*kind, name.as_str())).collect();
    assert_eq!(interfaces, [(101, "tcp"), (252, "queues")]);
    section
}

fn contents(checkpoint: &Checkpoint, queue: &Queue) -> Vec<Vec<u8>> {
    let content = queue.open(checkpoint).unwrap();
    queue.messages.iter().map(|message| content.bytes(message, u64::MAX).unwrap()).collect()
}

/// Takes the packets of each queue in turn, and compares; says how many bytes there were.
fn check(checkpoint: &Checkpoint) -> u64 {
    let section = section(checkpoint);
    let mut packets = section.packets.iter();
    let mut total = 0;
    for queue in checkpoint.queues() {
        let wanted = contents(checkpoint, queue);
        match queue.sequence {
            Some(sequence) => {
                let (whole, mut at) = (wanted.concat(), 0);
                while at < whole.len() {
                    let packet = packets.next().unwrap();
                    let segment = segment(&packet.data);
                    assert_eq!(segment.sequence, sequence.first.wrapping_add(u32::try_from(at).unwrap()));
                    assert_eq!(segment.acknowledged, sequence.acknowledged);
                    assert!(whole[at..].starts_with(&segment.payload) && !segment.payload.is_empty());
                    let socket = checkpoint.files().get(queue.file.unwrap()).unwrap().socket().unwrap();
                    let (from, to) = match queue.kind {
                        QueueKind::TcpSend => (socket.local.unwrap(), socket.remote.unwrap()),
                        _ => (socket.remote.unwrap(), socket.local.unwrap()),
                    };
                    // Two addresses of IPv4 under IPv6 are a packet of IPv4.
                    let plain = [from, to].map(|end| (end.addr.to_canonical(), end.port));
                    let is_v4 = plain.iter().all(|(address, _)| address.is_ipv4());
                    let ends = if is_v4 { plain } else { [from, to].map(|end| (end.addr, end.port)) };
                    assert_eq!([segment.from, segment.to], ends);
                    let unsent = whole.len() - sequence.unsent.map_or(0, |unsent| unsent as usize);
                    assert_eq!(packet.comment.contains("never sent"), at >= unsent, "{}", packet.comment);
                    assert!(at >= unsent || at + segment.payload.len() <= unsent, "half sent");
                    let direction = if queue.kind == QueueKind::TcpSend { 2 } else { 1 };
                    assert_eq!((packet.interface, packet.direction), (0, direction));
                    at += segment.payload.len();
                }
                total += whole.len() as u64;
            }
            None => {
                for message in wanted {
                    let mut found = Vec::new();
                    loop {
                        let packet = packets.next().unwrap();
                        let pdu = upper_pdu(&packet.data);
                        assert!(pdu.protocol.starts_with(queue.kind.name()), "{pdu:?}");
                        assert!(pdu.info.starts_with(&format!("{} {}, ", queue.kind, queue.id)), "{pdu:?}");
                        assert_eq!((packet.interface, packet.direction), (1, 1));
                        found.extend(pdu.payload);
                        if found.len() >= message.len() {
                            break;
                        }
                    }
                    assert!(found == message, "{} {}", queue.kind, queue.id);
                    total += message.len() as u64;
                }
            }
        }
    }
    assert!(packets.next().is_none(), "a packet of no queue");
    total
}

#[test]
fn a_capture_of_a_real_checkpoint_has_every_byte_in_flight() {
    let (mut checkpoints, mut bytes) = (0, 0);
    testimony::each(|testified| {
        bytes += check(&testified.checkpoint);
        checkpoints += 1;
    });
    let all = icecore_tests::places().len() > 1;
    assert!(checkpoints > if all { 30 } else { 5 } && bytes > if all { 1_000_000 } else { 10_000 });
    eprintln!("{bytes} bytes of {checkpoints} checkpoints");
}

#[test]
fn packets_say_that_they_were_never_captured_and_when_all_stood_still() {
    let Some(case) = icecore_tests::find("crio-multi-orders") else { return };
    let checkpoint = testimony::open(&case.archives()[0].path).unwrap();
    let instant = checkpoint.facts().container.checkpointed.as_ref().unwrap().value.instant.unwrap();
    let section = section(&checkpoint);
    assert!(section.comment.contains("not captured"), "{}", section.comment);
    for packet in &section.packets {
        assert!(packet.comment.starts_with("Reconstructed, not captured: "), "{}", packet.comment);
        assert!(packet.comment.contains("bytes from "), "{}", packet.comment);
        assert_eq!(packet.time, u64::try_from(instant.timestamp_micros()).unwrap());
    }
}

fn made(queues: Queues) -> Checkpoint {
    Checkpoint::from_source(Arc::new(queues.tar()), &Options::default()).unwrap()
}

#[test]
fn long_messages_are_several_packets_that_wireshark_takes() {
    let (long, border) = (vec![7; 400_000], vec![8; 256 << 10]);
    let sockets = Queues::new().unix(100, 101, 2, b"").unix(101, 100, 2, b"");
    let checkpoint = made(sockets.packet(1, &long, &[]).packet(1, &border, &[]).packet(1, b"", &[2]));
    assert_eq!(check(&checkpoint), 400_000 + (256 << 10));
    assert_eq!(section(&checkpoint).packets.len(), 4 + 2 + 1);
}

#[test]
fn a_peer_that_asks_for_tiny_segments_gets_ordinary_ones() {
    let (from, to) = ("[::1]:80".parse().unwrap(), "[fe80::1]:1".parse().unwrap());
    for mss in [0, 1, 535, 65_001, u32::MAX] {
        let stream = Stream { written: &[1; 10_000], unsent: u32::MAX, mss, ..Stream::default() };
        let checkpoint = made(Queues::new().tcp(9, from, to, stream));
        assert_eq!(section(&checkpoint).packets.len(), 10_000_usize.div_ceil(1460), "{mss}");
    }
}

#[test]
fn odd_names_of_members_are_escaped_in_comments() {
    let images = Queues::new().pipe(1, b"x").images();
    let tar = images
        .iter()
        .fold(icecore_synth::Tar::new(), |tar, (name, bytes)| tar.file(format!("checkpoint/{name}"), bytes));
    let checkpoint = Checkpoint::from_source(Arc::new(tar.finish()), &Options::default()).unwrap();
    let section = section(&checkpoint);
    assert!(section.packets[0].comment.ends_with("\"checkpoint/pipes-data.img\", offset 0x14"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// What is written is read: any bytes, any sequence numbers, any split into sent and not.
    #[test]
    fn whatever_is_in_queues_comes_back(
        pipe: Vec<u8>,
        messages: Vec<(Vec<u8>, bool)>,
        received in prop::collection::vec(any::<u8>(), 0..6000),
        written in prop::collection::vec(any::<u8>(), 0..6000),
        numbers: (u32, u32),
        unsent in 0_u32..6000,
        mss in 500_u32..3000,
        v6: bool,
    ) {
        let unsent = unsent.min(written.len().try_into().unwrap());
        let stream = Stream { received: &received, inq_seq: numbers.0, written: &written, outq_seq: numbers.1, unsent, mss };
        let (from, to) = if v6 { ("[2001:db8::1]:443", "[::ffff:10.0.0.1]:9") } else { ("10.0.0.2:80", "[::ffff:10.0.0.9]:40000") };
        let queues = Queues::new().pipe(4, &pipe).unix(100, 0, 5, b"");
        let queues = messages.iter().fold(queues, |all, (bytes, sent)| all.packet(3, bytes, if *sent { &[1] } else { &[] }));
        let from: std::net::SocketAddr = from.parse().unwrap();
        // An address of four bytes goes with a peer of four.
        let to = if v6 { to.parse().unwrap() } else { "10.0.0.9:40000".parse().unwrap() };
        let total = pipe.len() + messages.iter().map(|(bytes, _)| bytes.len()).sum::<usize>() + received.len() + written.len();
        let checkpoint = made(queues.tcp(0xfff, from, to, stream).pty(0, &pipe, b""));
        prop_assert_eq!(check(&checkpoint), (total + pipe.len()) as u64);
    }
}
