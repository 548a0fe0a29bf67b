use icecore_synth::Tar;

use super::*;

/// A checkpoint of one process, with more members.
fn open_with(space: &AddressSpace, more: &[(&str, &[u8])]) -> Checkpoint {
    let images = space.images().swap_remove(0);
    let tar =
        images.iter().fold(Tar::new(), |tar, (name, bytes)| tar.file(format!("checkpoint/{name}"), bytes));
    let tar = more.iter().fold(tar, |tar, (name, bytes)| tar.file(name, bytes));
    Checkpoint::from_source(Arc::new(tar.finish()), &Options::default()).unwrap()
}

fn found(checkpoint: &Checkpoint, places: &[Place]) -> Vec<(&'static str, String, Option<u64>)> {
    let needles = Needles::new(&[Pattern::literal("needle")]).unwrap();
    let search = Search::new(checkpoint, &needles).places(places);
    let found = search.hits().map(|hit| {
        assert_eq!(hit.matched, b"needle");
        (hit.source.name(), hit.member.unwrap().to_string(), hit.offset)
    });
    found.collect()
}

#[test]
fn every_place_is_searched_when_it_is_asked_for() {
    let diff = Tar::new().file("etc/motd", "a needle").hardlink("etc/twin", "etc/motd").finish();
    let members: [(&str, &[u8]); 6] = [
        ("rootfs-diff.tar", &diff),
        ("checkpoint/sk-queues.img", b"needle in a queue"),
        ("dump.log", b"no needle here"),
        ("config.dump", br#"{"name": "needle"}"#),
        ("checkpoint/pages-77.img", b"...needle"),
        ("checkpoint/unheard-of.img", b"needle"),
    ];
    let checkpoint = open_with(&AddressSpace::new(1, PAGE as u64), &members);
    let all = [
        (Place::Files, ("diff", "rootfs-diff.tar//etc/motd", 2)),
        (Place::Queues, ("queue", "checkpoint/sk-queues.img", 0)),
        (Place::Logs, ("log", "dump.log", 3)),
        (Place::Documents, ("document", "config.dump", 10)),
        (Place::Stale, ("stale", "checkpoint/pages-77.img", 3)),
    ];
    for (place, (source, member, offset)) in all {
        assert_eq!(found(&checkpoint, &[place]), [(source, member.to_owned(), Some(offset))]);
    }
    assert_eq!(found(&checkpoint, &Place::ALL).len(), 5);
    assert!(found(&checkpoint, &[Place::Memory]).is_empty());
}

/// Of a stream the pieces follow each other, messages do not; what is beside them in the image is searched for itself.
#[test]
fn queues_are_searched_as_they_would_be_read() {
    use icecore::queues::QueueKind;
    use icecore_synth::queues::{Queues, SysvMessage};
    const STREAM: u64 = 1;
    const DATAGRAM: u64 = 2;
    let messages: [SysvMessage<'_>; 2] = [(1, b"first"), (2, b"a needle")];
    let queues = Queues::new()
        .pipe(7, b"in a pipe: needle")
        .unix(20, 0, STREAM, b"needle.sock")
        .unix(21, 0, DATAGRAM, b"")
        .packet(2, b"nee", &[])
        .packet(3, b"nee", &[])
        .packet(3, b"dle", &[])
        .packet(2, b"dle", &[])
        .sysv(5, &[(3, &messages)]);
    let checkpoint = Checkpoint::from_source(Arc::new(queues.tar()), &Options::default()).unwrap();
    let needles = Needles::new(&[Pattern::literal("needle")]).unwrap();
    let search = Search::new(&checkpoint, &needles).places(&[Place::Queues]);
    let found = search.hits().map(|hit| {
        let queue = hit.queue.as_ref().unwrap();
        let holders: Vec<_> = queue.holders.iter().map(|holder| (holder.pid.0, holder.end.name())).collect();
        let (member, offset) = (hit.member.as_ref().unwrap(), hit.offset.unwrap());
        // The bytes are where it says, as far as they stand together there.
        let image = checkpoint.members().find(|it| it.name.as_bytes() == member.as_slice()).unwrap();
        let bytes = image.bytes(("image", 1 << 20)).unwrap();
        assert_eq!(&bytes[usize::try_from(offset).unwrap()..][..3], b"nee");
        (queue.kind, queue.id, queue.message, holders)
    });
    let wanted = [
        (QueueKind::Pipe, 7, 0, vec![(1, "read")]),
        (QueueKind::Unix, 20, 0, vec![(1, "read")]),
        (QueueKind::Message, 3, 1, vec![]),
    ];
    let found: Vec<_> = found.collect();
    assert_eq!(found.len(), wanted.len(), "{found:?}");
    for ((kind, id, message, holders), found) in wanted.iter().zip(&found) {
        assert_eq!((*kind, *id, *message), (found.0, found.1, found.2));
        assert!(holders.iter().all(|holder| found.3.contains(holder)), "{found:?}");
    }
    let filter = Filter { pids: vec![Pid(2)], ..Filter::default() };
    let of_another = Search::new(&checkpoint, &needles).places(&[Place::Queues]).filter(filter);
    assert_eq!(of_another.hits().count(), 0);
}

#[test]
fn the_images_of_all_queues_are_searched() {
    for name in [
        "pipes-data.img",
        "fifo-data.img",
        "sk-queues.img",
        "tcp-stream-2f.img",
        "tty-data.img",
        "ipcns-msg-11.img",
    ] {
        let member = format!("checkpoint/{name}");
        let checkpoint = open_with(&AddressSpace::new(1, PAGE as u64), &[(&member, b"a needle")]);
        assert_eq!(found(&checkpoint, &[Place::Queues]), [("queue", member, Some(2))]);
    }
}

/// The table `ipcns-shm-9.img`: a segment of three pages.
fn segments() -> Vec<u8> {
    use icecore_synth::{Message, image::Image};
    let owner = (1..=6).fold(Message::new(), |owner, field| owner.varint(field, 0)).varint(7, 5);
    let segment = Message::new().message(1, &owner).varint(2, 3 * 4096).varint(3, 1);
    Image::of(0x4628_3044).record(&segment).bytes()
}

/// Of an object with two needles one is mapped: a search of memory gives that one, and this one the other.
#[test]
fn an_object_is_searched_where_nobody_sees_it() {
    let space = AddressSpace::new(1, PAGE as u64)
        .area(Vma { status: 0x501, ..Vma::shared(0x1000, 0x2000, 5, 0) })
        .shared(5, 0, &pages(1, 7, b"needle"))
        .shared(5, 8192, &pages(1, 9, b"needle"));
    let checkpoint = open_with(&space, &[("checkpoint/ipcns-shm-9.img", &segments())]);
    let stored = |at| ("sysv", "checkpoint/pages-2.img".to_owned(), Some(at));
    let mapped = ("shared", "checkpoint/pages-2.img".to_owned(), Some(7));
    assert_eq!(found(&checkpoint, &[Place::Memory, Place::Files]), [mapped, stored(4096 + 9)]);
    assert_eq!(found(&checkpoint, &[Place::Files]), [stored(7), stored(4096 + 9)]);
}
