//! What was planted beside mapped memory is found where it was planted, and with whom.

use icecore::Checkpoint;
use icecore::archive::{Keep, Options};
use icecore_analysis::search::{Hit, InQueue, Needles, Part, Pattern, Place, Search};
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
    let search = |checkpoint| Search::new(checkpoint, &needles).places(places).hits().collect::<Vec<_>>();
    checkpoints.iter().flat_map(search).collect()
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
fn queued_bytes_are_found_with_who_would_have_read_them() {
    let (mut found, mut owned) = (0, 0);
    for case in icecore_tests::cases() {
        for (file, queue) in planted(&case, "queues") {
            // What waits in a terminal is in no image.
            if queue["unrecorded"] == true {
                continue;
            }
            let kind = queue["kind"].as_str().unwrap();
            for mut text in texts(&queue) {
                // The texts of several messages stand there as one.
                if queue["messages"].as_u64() > Some(1) && kind != "tcp-recv" && kind != "tcp-send" {
                    text.truncate(16);
                }
                let hits = hits(&open(&case, &file), &text, &[Place::Queues]);
                assert!(hits.iter().all(|hit| hit.source.name() == "queue" && hit.member.is_some()));
                let end = queue["pid"].as_u64().zip(queue["fd"].as_u64());
                // Two pipes may hold the same.
                let is_it = |at: &InQueue| {
                    let mut ends = at.holders.iter().map(|it| (u64::from(it.pid.0), u64::from(it.fd.0)));
                    at.kind.name() == kind && end.is_none_or(|wanted| ends.any(|end| end == wanted))
                };
                let queues: Vec<_> = hits.iter().filter_map(|hit| hit.queue.as_ref()).collect();
                let place = format!("{} {file}: {text:?} of {queue}: {queues:?}", case.name);
                assert!(queues.iter().any(|at| is_it(at)), "{place}");
                found += 1;
                owned += u64::from(end.is_some());
            }
        }
    }
    assert!(found > 10 && owned > 10, "{found} texts, {owned} with a descriptor");
}

/// Environment strings are in the memory of the process, and are told to be that.
#[test]
fn the_environment_is_found_as_such() {
    let mut found = 0;
    for case in icecore_tests::cases() {
        let archives = case.archives();
        let Some(archive) = archives.iter().find(|archive| archive.truth.is_some()) else { continue };
        for (name, value) in case.expected["env"].as_object().into_iter().flatten() {
            let Some(value) = value.as_str() else { continue };
            let hits = hits(&open(&case, &archive.file), &format!("{name}={value}\0"), &[Place::Memory]);
            let environment = |hit: &Hit| hit.owners.iter().any(|it| it.part == Some(Part::Environment));
            assert!(hits.iter().any(environment), "{} {name}: {hits:?}", case.name);
            found += 1;
        }
    }
    assert!(found > 3, "{found} variables");
}

#[test]
fn files_are_found_under_their_paths() {
    let mut found = 0;
    for case in icecore_tests::cases() {
        for key in ["deleted_open", "tmpfs", "devshm", "volumes", "memfds"] {
            // Of the memory files of this one the images have one half: below.
            let is_lost = key == "memfds" && case.name == "shmid-clash";
            for (file, planted) in planted(&case, key).into_iter().filter(|_| !is_lost) {
                for text in texts(&planted) {
                    let hits = hits(&open(&case, &file), &text, &[Place::Files]);
                    let path = match planted["name"].as_str() {
                        Some(name) => format!("/memfd:{name} (deleted)"),
                        None => planted["path"].as_str().unwrap().to_owned(),
                    };
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
