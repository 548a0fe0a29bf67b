//! Time stamps of hand-made archives. Real ones are among the tests of truth.

use std::sync::Arc;

use icecore::archive::{Keep, Options};
use icecore_synth::{Header, Tar, image};
use proptest::prelude::*;

use super::*;

fn at(seconds: i64, nanoseconds: u32) -> Timestamp {
    Timestamp { seconds, nanoseconds }
}

fn open(tar: Vec<u8>) -> Checkpoint {
    let options = Options::default().keep(Keep::Everything);
    Checkpoint::from_source(Arc::new(tar), &options).unwrap()
}

/// A checkpoint of Podman with this log, and files that were changed at these times.
fn checkpoint(log: &str, times: &[&str]) -> Checkpoint {
    let diff = times.iter().zip(1..).fold(Tar::new(), |tar, (time, number)| {
        tar.pax(&[("mtime", time.as_bytes())]).file(format!("f{number}"), "x")
    });
    let config = r#"{"id":"ab","name":"web","createdTime":"2026-11-25T20:00:00.5Z"}"#;
    let tar =
        Tar::new().file("config.dump", config).file("ctr.log", log).file("rootfs-diff.tar", diff.finish());
    open(tar.file("checkpoint/inventory.img", image::inventory()).finish())
}

/// All events, of which so many bytes are held.
fn all(checkpoint: &Checkpoint, memory: usize) -> Vec<Event> {
    events_within(memory, checkpoint, &Filter::default()).unwrap().map(Result::unwrap).collect()
}

fn of_kinds(kinds: &[EventKind]) -> Filter {
    Filter { kinds: kinds.to_vec(), ..Filter::default() }
}

const LOG: &str = "2026-11-25T20:00:03.000000002Z stdout F third\n\
                   a line without a time\n\
                   2026-11-25T20:00:01.5+00:00 stderr F first\n\
                   2026-11-25T21:00:02Z stdout F last\n";

/// 2026-11-25T20:00:00Z.
const EIGHT: i64 = 1_795_636_800;

#[test]
fn events_of_all_sources_are_one_list() {
    let checkpoint = checkpoint(LOG, &["1795636802.25", "-1.5"]);
    let kinds = [EventKind::Created, EventKind::FileModified, EventKind::Log];
    let found: Vec<_> = events(&checkpoint, &of_kinds(&kinds)).unwrap().map(Result::unwrap).collect();
    let brief: Vec<_> = found
        .iter()
        .map(|event| (event.time, event.kind.name(), event.subject.as_str(), event.detail.to_string()))
        .collect();
    let file = |text: &str| text.to_owned();
    assert_eq!(
        brief,
        [
            (at(-2, 500_000_000), "file-modified", "diff", file("file 0644 0:0 1 bytes")),
            (at(EIGHT, 500_000_000), "container-created", "web", file("createdTime")),
            (at(EIGHT + 1, 500_000_000), "log", "stderr", file("first")),
            (at(EIGHT + 2, 250_000_000), "file-modified", "diff", file("file 0644 0:0 1 bytes")),
            (at(EIGHT + 3, 2), "log", "stdout", file("third")),
            (at(EIGHT + 3602, 0), "log", "stdout", file("last")),
        ]
    );
    assert_eq!(found[0].path.as_ref().unwrap(), "/f2");
    assert_eq!((found[1].member.to_string(), found[1].path.is_none()), ("config.dump".to_owned(), true));
    assert_eq!(found[2].member, "ctr.log");
}

#[test]
fn a_filter_takes_kinds_and_a_time() {
    let checkpoint = checkpoint(LOG, &["1795636802"]);
    let filter = Filter { since: Some(at(EIGHT + 2, 0)), until: Some(at(EIGHT + 3, 2)), ..Filter::default() };
    let kinds: Vec<_> =
        events(&checkpoint, &filter).unwrap().map(|event| event.unwrap().kind.name()).collect();
    assert_eq!(kinds, ["file-modified"]);
}

/// However little may be held, the list is the same; what has one time keeps its order.
#[test]
fn little_memory_gives_the_same_list() {
    let times: Vec<String> = (0..40).map(|number| (number * 7 % 5).to_string()).collect();
    let times: Vec<&str> = times.iter().map(String::as_str).collect();
    let checkpoint = checkpoint(LOG, &times);
    let whole = all(&checkpoint, MEMORY);
    assert!(whole.is_sorted_by_key(|event| (event.time, event.kind)) && whole.len() > 40);
    for memory in [0, 1, 500, 1000, 5000] {
        assert!(all(&checkpoint, memory) == whole, "{memory} bytes");
    }
}

/// Headers that tell more than engines do: of a file, and of a member.
#[test]
fn times_of_extended_headers_are_events() {
    let records: [(&str, &[u8]); 4] =
        [("mtime", b"1"), ("atime", b"2.5"), ("ctime", b"3"), ("LIBARCHIVE.creationtime", b"0.25")];
    let diff = Tar::new().pax(&records).file("f", "x").file("plain", "").finish();
    let tar = Tar::new().file("config.dump", r#"{"id":"ab"}"#).file("rootfs-diff.tar", diff);
    let tar = tar.pax(&records[1..]).file("ctr.log", "").file("checkpoint/inventory.img", image::inventory());
    let checkpoint = open(tar.finish());
    let found = all(&checkpoint, MEMORY).into_iter().filter(|event| event.time != at(0, 0));
    let brief: Vec<_> =
        found.map(|event| (event.time, event.kind.name(), event.path, event.member)).collect();
    let path = || Some(BString::from("/f"));
    let (diff, log) = (|| BString::from("rootfs-diff.tar//f"), || BString::from("ctr.log"));
    assert_eq!(
        brief,
        [
            (at(0, 250_000_000), "file-created", path(), diff()),
            (at(0, 250_000_000), "member-created", None, log()),
            (at(1, 0), "file-modified", path(), diff()),
            (at(2, 500_000_000), "file-accessed", path(), diff()),
            (at(2, 500_000_000), "member-accessed", None, log()),
            (at(3, 0), "file-changed", path(), diff()),
            (at(3, 0), "member-changed", None, log()),
        ]
    );
    let mut body = Vec::new();
    write_body_file(&checkpoint, &mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    assert!(body.contains("0|/f|0|r/rrw-r--r--|0|0|1|2|1|3|0\n"), "{body}");
    assert!(body.contains("0|[member] ctr.log|0|r/rrw-r--r--|0|0|0|2|0|3|0\n"), "{body}");
}

/// Of an archive in an archive both lists of members are told.
#[test]
fn members_around_the_checkpoint_are_told_too() {
    let at_second = |seconds: u64, name: &str| Header::file(name).mtime(seconds);
    let inner = Tar::new().member(at_second(5, "inventory.img"), image::inventory()).finish();
    let outer = Tar::new()
        .member(at_second(6, "pod.options"), r#"{"version":1,"containers":{"web":"web.tar"}}"#)
        .member(at_second(7, "web.tar"), inner);
    let checkpoint = open(outer.finish());
    let found = events(&checkpoint, &of_kinds(&[EventKind::MemberModified])).unwrap().map(Result::unwrap);
    let found: Vec<_> = found.map(|event| (event.time.seconds, event.member.to_string())).collect();
    let wanted = [(5, "inventory.img"), (6, "pod.options"), (7, "web.tar")];
    assert_eq!(found, wanted.map(|(seconds, name)| (seconds, name.to_owned())));
}

#[test]
fn long_messages_are_cut() {
    let log = format!("2026-11-25T20:00:00Z stdout F {}\n", "x".repeat(MAX_DETAIL + 1));
    let checkpoint = checkpoint(&log, &[]);
    let event = events(&checkpoint, &of_kinds(&[EventKind::Log])).unwrap().next().unwrap().unwrap();
    assert_eq!(event.detail.len(), MAX_DETAIL);
}

#[test]
fn members_without_a_time_are_no_events() {
    let checkpoint = open(Tar::new().file("inventory.img", image::inventory()).finish());
    let members = events(&checkpoint, &of_kinds(&[EventKind::MemberModified])).unwrap().count();
    let with_time = checkpoint.members().filter(|member| member.mtime != Timestamp::default()).count();
    assert_eq!(members, with_time);
}

#[test]
fn a_body_file_has_a_line_a_file_and_none_for_logs() {
    let checkpoint = checkpoint(LOG, &["1795636802.25"]);
    let mut body = Vec::new();
    write_body_file(&checkpoint, &mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    assert!(body.contains("0|/f1|0|r/rrw-r--r--|0|0|1|0|1795636802|0|0\n"), "{body}");
    assert!(body.contains("0|[container-created] web|0|0|0|0|0|0|0|0|1795636800\n"), "{body}");
    assert!(!body.contains("first"), "{body}");
}

#[test]
fn names_of_kinds_are_unique_and_in_order() {
    assert!(EventKind::ALL.is_sorted());
    let names: std::collections::BTreeSet<_> = EventKind::ALL.map(EventKind::name).into();
    assert_eq!(names.len(), EventKind::ALL.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Any log, and any times, are in order, and nothing is lost.
    #[test]
    fn lists_are_in_order_and_whole(
        seconds in prop::collection::vec(-10_i64..10, 0..30),
        noise in prop::collection::vec("[ -~]{0,30}", 0..5),
        memory in 0_usize..4000,
    ) {
        let times: Vec<String> = seconds.iter().map(ToString::to_string).collect();
        let times: Vec<&str> = times.iter().map(String::as_str).collect();
        let checkpoint = checkpoint(&(LOG.to_owned() + &noise.join("\n")), &times);
        let list = all(&checkpoint, memory);
        prop_assert!(list.is_sorted_by_key(|event| (event.time, event.kind)));
        let mut found: Vec<i64> =
            list.iter().filter(|event| event.kind == EventKind::FileModified).map(|event| event.time.seconds).collect();
        let mut wanted = seconds;
        found.sort_unstable();
        wanted.sort_unstable();
        prop_assert_eq!(found, wanted);
    }
}
