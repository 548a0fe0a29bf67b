//! What was planted beside mapped memory is found where it was planted.

use std::ops::ControlFlow;

use icecore::Checkpoint;
use icecore::archive::{Keep, Options};
use icecore_analysis::search::{Hit, Needles, Pattern, Place, search_beyond};
use icecore_tests::Case;
use serde_json::Value;

fn open(case: &Case, file: &str) -> Vec<Checkpoint> {
    let options = Options::default().keep(Keep::Everything);
    let opened = Checkpoint::open_all(case.place(file), &options);
    opened.unwrap_or_else(|error| panic!("{} {file}: {error}", case.name))
}

/// All hits in some places of any container of an archive.
fn hits(checkpoints: &[Checkpoint], text: &str, places: &[Place]) -> Vec<Hit> {
    let needles = Needles::new(&[Pattern::literal(text)]).unwrap();
    let mut hits = Vec::new();
    for checkpoint in checkpoints {
        let ended = search_beyond(checkpoint, &needles, places, &[], &mut |hit| {
            hits.push(hit);
            ControlFlow::Continue(())
        });
        assert!(ended);
    }
    hits
}

/// The texts of a planted thing that are long enough to be told from chance.
fn texts(planted: &Value) -> Vec<String> {
    let own = planted["text"].as_str().into_iter();
    let parts = planted["segments"].as_array().into_iter().flatten();
    let all = own.chain(parts.filter_map(|part| part["text"].as_str()));
    all.filter(|text| text.len() >= 8).map(String::from).collect()
}

/// Planted things of one kind with the archive they are in: their own, or else each of the case.
fn planted(case: &Case, key: &str) -> Vec<(String, Value)> {
    let archives = case.archives();
    let whole = archives.iter().filter(|archive| archive.entry["partial"] != true && archive.truth.is_some());
    let whole: Vec<_> = whole.filter(|archive| archive.entry["files"] != false).collect();
    let list = case.expected[key].as_array().cloned().unwrap_or_default();
    let mut planted = Vec::new();
    for one in list {
        let named = one["archive"].as_str();
        let archive = match named {
            Some(name) => whole.iter().find(|archive| archive.file == name),
            None => whole.first().filter(|_| whole.len() == 1),
        };
        planted.extend(archive.map(|archive| (archive.file.clone(), one)));
    }
    planted
}

#[test]
fn queued_bytes_are_found() {
    let mut found = 0;
    for case in icecore_tests::cases() {
        for (file, queue) in planted(&case, "queues") {
            // What waits in a terminal is in no image.
            if queue["kind"] == "tty" || queue["unrecorded"] == true {
                continue;
            }
            for mut text in texts(&queue) {
                // Messages stand there together; each has a record of its own, so that only the first begins the text.
                if queue["messages"].as_u64() > Some(1) {
                    text.truncate(16);
                }
                let hits = hits(&open(&case, &file), &text, &[Place::Queues]);
                assert!(!hits.is_empty(), "{} {file}: {text:?} of {queue}", case.name);
                assert!(hits.iter().all(|hit| hit.source.name() == "queue" && hit.member.is_some()));
                found += 1;
            }
        }
    }
    assert!(found > 10, "{found} texts");
}

#[test]
fn files_are_found_under_their_paths() {
    let mut found = 0;
    for case in icecore_tests::cases() {
        for key in ["deleted_open", "tmpfs", "devshm", "volumes"] {
            for (file, planted) in planted(&case, key) {
                for text in texts(&planted) {
                    let hits = hits(&open(&case, &file), &text, &[Place::Files]);
                    let path = planted["path"].as_str().unwrap();
                    let at =
                        |hit: &Hit| hit.path.as_ref().is_some_and(|found| found.ends_with(path.as_bytes()));
                    let shown: Vec<_> = hits.iter().map(|hit| &hit.path).collect();
                    assert!(hits.iter().any(at), "{} {file}: {text:?} of {planted}: {shown:?}", case.name);
                    found += 1;
                }
            }
        }
    }
    assert!(found >= 3, "{found} texts");
}

/// Two pages files were written under one number: nothing refers to the first any more, and it still has the bytes.
#[test]
fn an_overwritten_memory_file_is_among_stale_pages() {
    let Some(case) = icecore_tests::find("shmid-clash") else { return };
    let memfd = &case.expected["memfds"][0];
    let [text] = &texts(memfd)[..] else { panic!("{memfd}") };
    let archive = case.archives().swap_remove(0);
    let checkpoints = open(&case, &archive.file);
    assert!(hits(&checkpoints, text, &[Place::Files, Place::Queues, Place::Logs]).is_empty());
    let stale = hits(&checkpoints, text, &[Place::Stale]);
    let [hit] = &stale[..] else { panic!("{stale:?}") };
    assert_eq!((hit.source.name(), hit.owners.len()), ("stale", 0));
    let member = hit.member.as_ref().unwrap();
    let file = checkpoints[0].members().find(|it| it.name.as_bytes() == member.as_slice()).unwrap();
    let bytes = file.bytes(("image", 1 << 30)).unwrap();
    let at = usize::try_from(hit.offset.unwrap()).unwrap();
    assert_eq!(&bytes[at..at + text.len()], text.as_bytes());
}
