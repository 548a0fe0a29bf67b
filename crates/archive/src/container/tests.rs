//! What an archive is taken for, by what it holds: the smallest sound form of each kind, and each without a part.

use std::path::Path;

use icecore_synth::{DockerArchive, OciLayout, Tar};

use super::*;
use crate::{Archive, Code, Options};

const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// A checkpoint as small as it can be.
fn checkpoint() -> Vec<u8> {
    Tar::new().file("config.dump", "{}").file("checkpoint/pstree.img", "p").finish()
}

fn layout() -> Vec<(String, Vec<u8>)> {
    OciLayout::new().image(&[(LAYER, &checkpoint())], &[("k", "v")]).files()
}

fn files(names: &[&str]) -> Vec<(String, Vec<u8>)> {
    names.iter().map(|name| ((*name).to_owned(), b"x".to_vec())).collect()
}

fn tar(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    files.iter().fold(Tar::new(), |tar, (name, bytes)| tar.file(name, bytes)).finish()
}

fn open(bytes: Vec<u8>) -> Archive {
    Archive::open(Arc::new(bytes), &Options::default()).unwrap()
}

/// The same files, unpacked.
fn open_unpacked(files: &[(String, Vec<u8>)]) -> Archive {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    Archive::open_path(folder.path(), &Options::default()).unwrap()
}

fn codes(archive: &Archive) -> Vec<Code> {
    archive.findings().iter().map(|finding| finding.code).collect()
}

/// Opens files as a tar and as a directory: what is found in them must be the same.
fn check(files: &[(String, Vec<u8>)], kind: Kind, roots: usize) {
    for (archive, kind) in [(open(tar(files)), kind), (open_unpacked(files), unpacked(kind))] {
        assert_eq!(archive.kind(), kind, "{files:?}");
        assert_eq!(archive.roots().len(), roots, "{files:?}: {:?}", archive.findings());
    }
}

fn unpacked(kind: Kind) -> Kind {
    if kind == Kind::Tar { Kind::Directory } else { kind }
}

#[test]
fn kinds_are_named_both_ways() {
    for kind in Kind::ALL {
        assert_eq!(Kind::of_name(kind.name()), Some(*kind));
    }
    assert_eq!(Kind::of_name("TAR"), None);
    assert_eq!(Kind::of_name(""), None);
    let wrappers = Kind::ALL.iter().filter(|kind| kind.is_wrapper()).map(|kind| kind.name());
    assert_eq!(
        wrappers.collect::<Vec<_>>(),
        ["oci-layout", "docker-archive", "oci-dir", "ctr-export", "pod"]
    );
}

/// Any one of these names at the top is enough.
#[test]
fn one_mark_makes_a_checkpoint() {
    for mark in [
        "config.dump",
        "spec.dump",
        "checkpoint/inventory.img",
        "checkpoint/pstree.img",
        "pre-checkpoint/inventory.img",
        "inventory.img",
        "pstree.img",
        "final/inventory.img",
        "stats-dump",
        "dump.log",
        "files.img",
        "pagemap-1.img",
        "core-4711.img",
        "checkpoint/pagemap-1.img",
        "checkpoint/core-1.img",
    ] {
        check(&files(&[mark]), Kind::Tar, 1);
        check(&files(&["readme", mark, "other/thing"]), Kind::Tar, 1);
        check(&files(&[&format!("packed/{mark}")]), Kind::Tar, 1);
    }
}

#[test]
fn other_names_make_none() {
    for name in [
        "readme",
        "config.dump.bak",
        "CONFIG.DUMP",
        "checkpoint",
        "checkpoint-x/readme",
        "pages-1.img",
        "core-1.img.gz",
        "core1.img",
        "x/y/config.dump",
        "a/b/checkpoint/pstree.img",
    ] {
        check(&files(&[name]), Kind::Tar, 0);
    }
}

#[test]
fn a_checkpoint_below_one_directory_is_found_there() {
    for (names, directory) in [
        (&["top/config.dump"][..], "top"),
        (&["a/readme", "b/config.dump", "c"], "b"),
        (&["config.dump", "a/config.dump"], ""),
        (&["._top/config.dump", "top/config.dump"], "top"),
        (&["__MACOSX/config.dump", "top/config.dump"], "top"),
        (&["PaxHeaders.0/config.dump", "top/config.dump"], "top"),
    ] {
        let archive = open(tar(&files(names)));
        let [root] = archive.roots() else { panic!("{names:?}") };
        assert_eq!(root.directory, directory, "{names:?}");
    }
}

/// Two directories with a checkpoint each are a pod; no directory is preferred.
#[test]
fn folders_of_checkpoints_are_a_pod() {
    let archive =
        open(tar(&files(&["web/config.dump", "db/config.dump", "db/checkpoint/core-1.img", "logs/x"])));
    assert_eq!(archive.kind(), Kind::Pod);
    let labels: Vec<_> =
        archive.roots().iter().map(|root| root.label.as_ref().unwrap().to_string()).collect();
    assert_eq!(labels, ["db", "web"]);
    assert!(archive.roots()[0].file("checkpoint/core-1.img").is_some());
    assert!(archive.roots()[1].file("checkpoint/core-1.img").is_none());
}

#[test]
fn tars_of_checkpoints_are_a_pod() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, &checkpoint()).unwrap();
    let parts = [
        ("b.tar".to_owned(), checkpoint()),
        ("sub/a.tar.gz".to_owned(), gzip.finish().unwrap()),
        ("pod.dump".to_owned(), b"{}".to_vec()),
        ("note.tar".to_owned(), b"no tar".to_vec()),
        ("deep/er/c.tar".to_owned(), checkpoint()),
    ];
    let archive = open(tar(&parts));
    assert_eq!((archive.kind(), codes(&archive)), (Kind::Pod, vec![]));
    let labels: Vec<_> =
        archive.roots().iter().map(|root| root.label.as_ref().unwrap().to_string()).collect();
    assert_eq!(labels, ["a", "b"]);
    check(&parts, Kind::Pod, 2);
}

#[test]
fn a_part_of_a_pod_that_cannot_be_read_takes_no_other_along() {
    let parts = [
        ("good.tar".to_owned(), checkpoint()),
        ("empty.tar".to_owned(), vec![0; 1024]),
        ("broken.tar.gz".to_owned(), b"\x1f\x8b\x08\xff\0\0\0\0\0\0".to_vec()),
    ];
    let archive = open(tar(&parts));
    assert_eq!((archive.kind(), archive.roots().len()), (Kind::Pod, 1));
    assert_eq!(codes(&archive), [Code::NotATar, Code::NotATar]);
    let places: Vec<_> =
        archive.findings().iter().map(|finding| finding.member.as_ref().unwrap().to_string()).collect();
    assert_eq!(places, ["empty.tar", "broken.tar.gz"]);
}

/// A checkpoint may hold tars of its own: they make no pod of it.
#[test]
fn tars_beside_a_checkpoint_make_no_pod() {
    let mut list = files(&["config.dump", "checkpoint/core-1.img"]);
    list.push(("rootfs-diff.tar".into(), checkpoint()));
    list.push(("volumes/data.tar".into(), checkpoint()));
    check(&list, Kind::Tar, 1);
}

#[test]
fn the_options_of_a_pod_decide_against_a_checkpoint_at_the_top() {
    let mut list = files(&["dump.log", "pod.options"]);
    check(&list, Kind::Tar, 1);
    list.push(("web.tar".into(), checkpoint()));
    check(&list, Kind::Pod, 1);
}

#[test]
fn an_image_layout_needs_its_mark_and_its_index() {
    check(&layout(), Kind::OciLayout, 1);
    for missing in ["oci-layout", "index.json"] {
        let rest: Vec<_> = layout().into_iter().filter(|(name, _)| name != missing).collect();
        check(&rest, Kind::Tar, 0);
    }
}

/// Each blob that is missing, and each that is empty: nothing is found, and the reason names a digest.
#[test]
fn blobs_that_are_missing_or_damaged_are_told() {
    let whole = layout();
    for (index, (blob, _)) in whole.iter().enumerate().filter(|(_, (name, _))| name.starts_with("blobs/")) {
        let mut missing = whole.clone();
        missing.remove(index);
        let archive = open(tar(&missing));
        assert!(codes(&archive).contains(&Code::BlobMissing), "{blob}");
        let digest = blob.trim_start_matches("blobs/sha256/");
        assert!(archive.findings().iter().any(|finding| finding.text.contains(digest)), "{blob}");
        let mut emptied = whole.clone();
        emptied[index].1.clear();
        assert!(codes(&open(tar(&emptied))).contains(&Code::DigestMismatch), "{blob}");
    }
}

#[test]
fn a_docker_archive_is_told_by_its_list() {
    let saved = DockerArchive::new().layer(&checkpoint()).finish();
    let archive = open(saved.clone());
    assert_eq!((archive.kind(), archive.roots().len(), codes(&archive)), (Kind::DockerArchive, 1, vec![]));
    // `manifest.json` of another meaning makes no docker-archive.
    for other in ["", "x", "null", "\"[\"", "{\"a\": 1}"] {
        let files = [("manifest.json".to_owned(), other.as_bytes().to_vec())];
        check(&files, Kind::Tar, 0);
    }
    let list = [("manifest.json".to_owned(), b"\n  []".to_vec())];
    assert_eq!(open(tar(&list)).kind(), Kind::DockerArchive);
}

#[test]
fn a_dir_image_needs_its_version() {
    let manifest = ("manifest.json".to_owned(), br#"{"layers": []}"#.to_vec());
    check(std::slice::from_ref(&manifest), Kind::Tar, 0);
    let version = ("version".to_owned(), b"Directory Transport Version: 1.1\n".to_vec());
    check(&[manifest, version], Kind::OciDir, 0);
}

#[test]
fn what_is_two_kinds_is_told_and_can_be_forced() {
    let mut list = layout();
    list.extend(files(&["config.dump"]));
    let bytes = tar(&list);
    let archive = open(bytes.clone());
    assert_eq!((archive.kind(), codes(&archive)), (Kind::OciLayout, vec![Code::TwoKinds]));
    let text = &archive.findings()[0].text;
    assert!(text.contains("oci-layout and tar"), "{text}");
    let forced = Archive::open(Arc::new(bytes), &Options::default().kind(Kind::Tar)).unwrap();
    assert_eq!((forced.kind(), codes(&forced)), (Kind::Tar, vec![]));
    assert_eq!(forced.roots()[0].directory, "");
}

/// Whatever somebody forces, the answer is findings and never a panic.
#[test]
fn any_kind_may_be_forced_on_anything() {
    let inputs =
        [checkpoint(), tar(&layout()), DockerArchive::new().layer(&checkpoint()).finish(), vec![0; 1024]];
    for bytes in inputs {
        for kind in Kind::ALL {
            let options = Options::default().kind(*kind);
            let archive = Archive::open(Arc::new(bytes.clone()), &options).unwrap();
            for root in archive.roots() {
                assert!(root.iter().count() <= 10, "{kind:?}");
            }
        }
    }
}

#[test]
fn a_link_is_no_mark_of_an_image_layout() {
    let tar = Tar::new().symlink("oci-layout", "/etc/hostname").symlink("index.json", "oci-layout").finish();
    let archive = open(tar);
    assert_eq!((archive.kind(), archive.roots().len()), (Kind::Tar, 0));
}

#[test]
fn names_below_a_directory_are_joined() {
    assert_eq!(tree::join(b"", b"a/b"), b"a/b");
    assert_eq!(tree::join(b"top", b"a/b"), b"top/a/b");
    assert_eq!(Path::new("top").join("a/b").as_os_str().as_encoded_bytes(), tree::join(b"top", b"a/b"));
}
