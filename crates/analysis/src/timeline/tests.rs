//! Time stamps of hand-made archives. Real ones are among the tests of truth.

use std::sync::Arc;

use icecore::archive::{Keep, Options};
use icecore_synth::{Tar, image};
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
    let kinds = [EventKind::Created, EventKind::Modified, EventKind::Log];
    let found: Vec<_> = events(&checkpoint, of_kinds(&kinds)).collect();
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
    let kinds: Vec<_> = events(&checkpoint, filter).map(|event| event.kind.name()).collect();
    assert_eq!(kinds, ["file-modified"]);
}

/// However small the window, the list is the same; what has one time keeps its order.
#[test]
fn passes_give_the_same_list_as_one() {
    let times: Vec<String> = (0..40).map(|number| (number * 7 % 5).to_string()).collect();
    let times: Vec<&str> = times.iter().map(String::as_str).collect();
    let checkpoint = checkpoint(LOG, &times);
    let whole: Vec<_> = events(&checkpoint, Filter::default()).collect();
    assert!(whole.is_sorted_by_key(|event| event.time) && whole.len() > 40);
    for window in [1, 2, 3, 7, whole.len() - 1, whole.len(), whole.len() + 1] {
        let passed: Vec<_> = Timeline::with_window(&checkpoint, Filter::default(), window).collect();
        assert!(passed == whole, "a window of {window}");
    }
}

#[test]
fn a_window_holds_no_more_than_it_may() {
    let checkpoint = checkpoint(LOG, &["5", "4", "3", "2", "1"]);
    let mut timeline = Timeline::with_window(&checkpoint, of_kinds(&[EventKind::Modified]), 2);
    let mut seen = Vec::new();
    while let Some(event) = timeline.next() {
        assert!(timeline.ready.len() < 2);
        seen.push(event.time.seconds);
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
}

#[test]
fn long_messages_are_cut() {
    let log = format!("2026-11-25T20:00:00Z stdout F {}\n", "x".repeat(MAX_DETAIL + 1));
    let checkpoint = checkpoint(&log, &[]);
    let event = events(&checkpoint, of_kinds(&[EventKind::Log])).next().unwrap();
    assert_eq!(event.detail.len(), MAX_DETAIL);
}

#[test]
fn members_without_a_time_are_no_events() {
    let checkpoint = open(Tar::new().file("inventory.img", image::inventory()).finish());
    let members = events(&checkpoint, of_kinds(&[EventKind::Member])).count();
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
        window in 1_usize..20,
    ) {
        let times: Vec<String> = seconds.iter().map(ToString::to_string).collect();
        let times: Vec<&str> = times.iter().map(String::as_str).collect();
        let checkpoint = checkpoint(&(LOG.to_owned() + &noise.join("\n")), &times);
        let list: Vec<_> = Timeline::with_window(&checkpoint, Filter::default(), window).collect();
        prop_assert!(list.is_sorted_by_key(|event| (event.time, event.kind)));
        let mut found: Vec<i64> =
            list.iter().filter(|event| event.kind == EventKind::Modified).map(|event| event.time.seconds).collect();
        let mut wanted = seconds;
        found.sort_unstable();
        wanted.sort_unstable();
        prop_assert_eq!(found, wanted);
    }
}
