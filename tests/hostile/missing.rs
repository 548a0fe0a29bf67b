//! An archive that lacks any one of its members still shows everything else, and says that something is missing.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use icecore::Checkpoint;
use icecore::archive::{Archive, Options};
use icecore_synth::damage;
use icecore_tests::find;

/// One archive of each engine, plain, so that a member can be cut out of it.
const CASES: [(&str, &str); 3] = [
    ("crio-nginx-webserver", "checkpoint-webserver_default-webserver-2026-11-25T20-30-46Z.tar"),
    ("containerd-nginx-webserver", "checkpoint-webserver_default-webserver-2026-11-25T20-26-59Z.tar"),
    ("podman-shop", "shop-none.tar"),
];

#[test]
fn any_one_member_can_be_missing() {
    let mut tried = 0;
    for (case, file) in CASES {
        // The largest case is in the corpus only.
        let Some(case) = find(case) else { continue };
        tried += check(&case.dir.join(file));
    }
    assert!(tried > 50, "{tried} members were taken out");
}

fn check(path: &Path) -> usize {
    let whole = std::fs::read(path).unwrap();
    let sound = open(&whole);
    let known = told(&sound);
    let archive = Archive::open_path(path, &Options::default()).unwrap();
    let mut start = 0;
    for member in archive.members().iter() {
        let end = (member.offset + member.size).next_multiple_of(512);
        let name = member.name.to_string();
        let without = open(&damage::splice(
            &whole,
            usize::try_from(start).unwrap(),
            usize::try_from(end - start).unwrap(),
            b"",
        ));
        assert_eq!(without.members().count(), archive.members().len() - 1, "{name}");
        assert!(
            told(&without).difference(&known).next().is_some(),
            "{}: nobody misses {name}",
            path.display()
        );
        check_rest(&sound, &without, &name);
        start = end;
    }
    archive.members().len()
}

/// What does not depend on the member is as before.
fn check_rest(sound: &Checkpoint, without: &Checkpoint, missing: &str) {
    let (before, after) = (&sound.facts().container, &without.facts().container);
    let value = |fact: &Option<icecore::metadata::Fact<String>>| fact.as_ref().map(|fact| fact.value.clone());
    if missing != "config.dump" && missing != "spec.dump" {
        assert_eq!(value(&before.id), value(&after.id), "{missing}");
        assert_eq!(value(&before.name), value(&after.name), "{missing}");
    }
    assert_eq!(sound.facts().engine.name, without.facts().engine.name, "{missing}");
    if missing != "checkpoint/pstree.img" {
        assert_eq!(sound.counts().processes, without.counts().processes, "{missing}");
    }
    if missing != "stats-dump" {
        assert_eq!(sound.stats(), without.stats(), "{missing}");
    }
    assert_eq!(sound.machine().arch, without.machine().arch, "{missing}");
}

fn open(bytes: &[u8]) -> Checkpoint {
    Checkpoint::from_source(Arc::new(bytes.to_vec()), &Options::default()).unwrap()
}

/// What is told about a checkpoint once everything was asked.
fn told(checkpoint: &Checkpoint) -> BTreeSet<String> {
    checkpoint.facts();
    checkpoint.counts();
    checkpoint.machine();
    checkpoint.stats();
    checkpoint.check_completeness();
    let place = |told: &icecore::Diagnostic| format!("{} {:?} {}", told.code, told.member, told.text);
    checkpoint.diagnostics().iter().map(place).collect()
}
