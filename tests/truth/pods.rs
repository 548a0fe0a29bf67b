//! Archives of several containers. No engine writes them yet, so these are made of real archives, in each form that has
//! been proposed.

use std::fs;
use std::path::Path;

use crate::command::{icecore, json};
use icecore::Checkpoint;
use icecore_archive::{Archive, Options};
use icecore_synth::Tar;
use icecore_tests::case;

/// Two containers of one pod, as Podman exported them.
fn containers() -> [(&'static str, Vec<u8>); 2] {
    let case = case("podman-pod");
    [("front", "front.tar.zst"), ("kitchen", "kitchen.tar.gz")]
        .map(|(name, file)| (name, fs::read(case.place(file)).unwrap()))
}

fn check(path: &Path) {
    let checkpoints = Checkpoint::open_all(path, &Options::default()).unwrap();
    let names = |checkpoint: &Checkpoint| {
        assert_eq!(checkpoint.archive().kind().name(), "pod");
        assert_eq!(checkpoint.counts().processes, Some(1));
        (checkpoint.label().to_string(), checkpoint.facts().container.name.as_ref().unwrap().value.clone())
    };
    let found: Vec<_> = checkpoints.iter().map(names).collect();
    let wanted = [("front", "pair-front"), ("kitchen", "pair-kitchen")];
    assert_eq!(found, wanted.map(|(label, name)| (label.to_owned(), name.to_owned())));
    assert!(
        matches!(Checkpoint::open(path), Err(icecore::Error::Several { labels }) if labels == ["front", "kitchen"])
    );
}

#[test]
fn a_tar_of_tars_is_a_pod() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pod.tar");
    let tar = containers()
        .into_iter()
        .fold(Tar::new().file("pod.options", r#"{"version": 1}"#), |tar, (name, bytes)| {
            tar.file(format!("{name}.tar.zst"), bytes)
        });
    fs::write(&path, tar.finish()).unwrap();
    check(&path);

    // Each container is a document of its own; one can be picked by its name or its label.
    let all = json(&["show".as_ref(), path.as_os_str()]);
    assert_eq!(all.as_array().unwrap().len(), 2);
    for wanted in ["kitchen", "pair-kitchen"] {
        let one = json(&["show".as_ref(), path.as_os_str(), "-c".as_ref(), wanted.as_ref()]);
        assert_eq!(one["container"]["name"], "pair-kitchen");
    }
    let none = icecore(&["show".as_ref(), path.as_os_str(), "-c".as_ref(), "cellar".as_ref()]);
    assert_eq!(none.code, 2);
    assert!(none.err.contains("pair-front, pair-kitchen"), "{}", none.err);
}

#[test]
fn folders_are_a_pod_in_a_tar_and_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut tar = Tar::new();
    for (name, bytes) in containers() {
        let options = Options::default().keep(icecore_archive::Keep::Everything);
        let archive = Archive::open(std::sync::Arc::new(bytes), &options).unwrap();
        for member in archive.members().iter().filter(|member| member.is_file()) {
            let content = member.bytes(("image", 1 << 30)).unwrap();
            let path = folder.path().join("pod").join(name).join(member.name.to_string());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &content).unwrap();
            tar = tar.file(format!("{name}/{}", member.name), &content);
        }
    }
    check(&folder.path().join("pod"));
    let path = folder.path().join("folders.tar");
    fs::write(&path, tar.finish()).unwrap();
    check(&path);
}
