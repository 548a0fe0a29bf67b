//! Files, sockets, mounts, namespaces, networks, IPC and the graph of archives whose images are damaged, one at a time:
//! what is lost is told, and everything else is as before.

use std::collections::BTreeSet;
use std::sync::Arc;

use icecore::archive::{Keep, Options};
use icecore::filesystem::Origin;
use icecore::{Checkpoint, Pid};
use icecore_synth::damage;

/// Archives that are plain tars, so that bytes of a member can be changed where they lie.
const CASES: [(&str, &str); 2] = [
    ("crio-nginx-webserver", "checkpoint-webserver_default-webserver-2026-11-25T20-30-46Z.tar"),
    ("containerd-nginx-webserver", "checkpoint-webserver_default-webserver-2026-11-25T20-26-59Z.tar"),
];

#[test]
fn damage_of_any_image_is_told_or_changes_nothing() {
    let mut tried = 0;
    for (case, file) in CASES {
        let whole = std::fs::read(icecore_tests::case(case).dir.join(file)).unwrap();
        let sound = open(&whole);
        let (before, known) = (counts(&sound), told(&sound));
        let images = sound.members().filter(|member| member.name.as_bytes().ends_with(b".img"));
        for member in images.filter(|member| member.size > 0 && member.size < 100_000) {
            let (start, size) =
                (usize::try_from(member.offset).unwrap(), usize::try_from(member.size).unwrap());
            for keep in [0, size / 2, size - 1] {
                let garbage = vec![0xff; size - keep];
                let damaged = open(&damage::splice(&whole, start + keep, garbage.len(), &garbage));
                let after = counts(&damaged);
                let new: Vec<String> = told(&damaged).difference(&known).cloned().collect();
                let place = format!("{case}: {} damaged from {keep}", member.name);
                assert!(after == before || !new.is_empty(), "{place}: {before:?}, {after:?}");
                tried += 1;
            }
        }
    }
    assert!(tried > 100, "{tried}");
}

/// How much of everything there is.
fn counts(checkpoint: &Checkpoint) -> [usize; 8] {
    let files = checkpoint.files();
    let networks = &checkpoint.networks().namespaces;
    let sum = |all: &mut dyn Iterator<Item = usize>| all.sum();
    [
        files.files.len(),
        files.open().count(),
        files.open_of(Pid(1)).count() + files.locks.len(),
        files.sockets().filter(|(_, socket)| socket.recv_q.is_some()).count(),
        sum(&mut checkpoint.mounts().namespaces.iter().map(|namespace| namespace.mounts.len())),
        checkpoint.namespaces().all.len(),
        sum(&mut networks.iter().map(|it| it.interfaces.len() + it.addresses.len() + it.routes.len())),
        checkpoint.ipc().namespaces.iter().map(|it| it.variables.len()).sum::<usize>()
            + checkpoint.graph().len(),
    ]
}

fn told(checkpoint: &Checkpoint) -> BTreeSet<String> {
    checkpoint.diagnostics().iter().map(ToString::to_string).collect()
}

fn open(bytes: &[u8]) -> Checkpoint {
    Checkpoint::from_source(Arc::new(bytes.to_vec()), &Options::default()).unwrap()
}

/// 300,000 descriptors of one file: found, counted and listed without walking all for each.
#[test]
fn very_many_descriptors_of_one_file() {
    let Some(broken) =
        icecore_tests::broken_cases(&["image"]).into_iter().find(|it| it.case.name == "fds-many")
    else {
        return;
    };
    let checkpoint = Checkpoint::open(broken.path()).unwrap();
    let files = checkpoint.files();
    for (pid, count) in broken.facts()["fds"].as_object().unwrap() {
        let pid = Pid(pid.parse().unwrap());
        let open = files.open_of(pid).filter(|open| open.descriptor.is_some());
        assert_eq!(open.count() as u64, count.as_u64().unwrap());
        let most = files.open_of(pid).filter_map(|open| open.file).map(|file| files.sharers(file)).max();
        assert!(most.unwrap() >= 300_000);
    }
}

/// A deleted file of 2^63 seconds, as the kernel would have counted them, and of the second before 1970.
#[test]
fn times_of_a_deleted_file_that_no_calendar_has() {
    let Some(broken) =
        icecore_tests::broken_cases(&["image"]).into_iter().find(|it| it.case.name == "ghost-times")
    else {
        return;
    };
    let options = Options::default().keep(Keep::Everything);
    let checkpoint = Checkpoint::open_all(broken.path(), &options).unwrap().remove(0);
    let ghost = checkpoint.filesystem().entries().find(|entry| entry.origin == Origin::Ghost).unwrap();
    let seconds = [ghost.mtime, ghost.atime].map(|time| time.map(|time| time.seconds));
    assert_eq!(seconds, [Some(i64::MIN), Some(-1)]);
}
