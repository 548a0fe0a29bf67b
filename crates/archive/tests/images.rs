//! Checkpoints in images, as engines and tools really wrote them, and as somebody hostile would.
//!
//! What is expected comes from `expected.json` of each case, which the generator of the case wrote.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test states facts, also in the functions that its cases share"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use icecore_archive::{Archive, Code, Kind, Options, Root, Severity};
use proptest::prelude::{ProptestConfig as Config, any, proptest};
use serde_json::Value;

/// The folder of a case, in the corpus or among the fixtures. `None`: it is in neither.
fn case(name: &str) -> Option<PathBuf> {
    // Hostile cases lie in a folder of their own, and are named with it here.
    icecore_tests::find(name).map(|case| case.dir)
}

fn expected(case: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(case.join("expected.json")).unwrap()).unwrap()
}

fn open(path: &Path) -> Archive {
    Archive::open_path(path, &Options::default())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn codes(archive: &Archive) -> Vec<Code> {
    archive.findings().iter().map(|finding| finding.code).collect()
}

fn bytes(root: &Root, name: &str) -> Vec<u8> {
    let member = root.file(name).unwrap_or_else(|| panic!("no member {name}"));
    member.bytes(("document", 1 << 20)).unwrap().into_owned()
}

/// Names and contents below a root, memory pages and nested archives left out: a compressed layer does not keep them.
fn contents(root: &Root) -> BTreeMap<String, Vec<u8>> {
    let kept = |name: &str| !name.contains("pages-") && !name.contains(".tar");
    let files = root.iter().filter(|(name, member)| member.is_file() && kept(&name.to_string()));
    files.map(|(name, _)| (name.to_string(), bytes(root, &name.to_string()))).collect()
}

/// Opens all archives of a case that are images, compares their kinds, and gives the one checkpoint in each.
fn sound(case: &Path) -> BTreeMap<String, Root> {
    let expected = expected(case);
    let archives = expected["archives"].as_array().unwrap();
    let images = archives.iter().filter(|archive| {
        ["oci-layout", "docker-archive", "oci-dir", "ctr-export"].contains(&archive["kind"].as_str().unwrap())
    });
    let roots: BTreeMap<String, Root> = images
        .map(|image| {
            let file = image["file"].as_str().unwrap();
            let archive = open(&case.join(file));
            assert_eq!(archive.kind().name(), image["kind"], "{file}");
            assert_eq!(archive.compression().name(), image["compression"], "{file}");
            let [root] = archive.roots() else { panic!("{file}: {:?}", archive.findings()) };
            assert_eq!(root.label, None, "{file}");
            let bad = archive.findings().iter().find(|finding| finding.code.severity() > Severity::Note);
            assert_eq!(bad, None, "{file}");
            (file.to_owned(), root.clone())
        })
        .collect();
    assert!(!roots.is_empty());
    roots
}

fn annotations(value: &Value) -> Vec<(&String, &str)> {
    value.as_object().unwrap().iter().map(|(key, value)| (key, value.as_str().unwrap())).collect()
}

#[test]
fn one_checkpoint_in_six_kinds_of_images() {
    let Some(case) = case("podman-depot-image") else { return };
    let expected = expected(&case);
    let roots = sound(&case);
    assert_eq!(roots.len(), 6);
    let layout = contents(&roots["oci-layout"]);
    assert!(layout.contains_key("checkpoint/pstree.img") && layout.contains_key("config.dump"));
    let name = format!("\"name\":\"{}\"", expected["container"]["name"].as_str().unwrap());
    let config = String::from_utf8(layout["config.dump"].clone()).unwrap();
    assert!(config.replace(' ', "").contains(&name), "{config}");
    for (file, root) in &roots {
        assert_eq!(contents(root), layout, "{file}");
        // Docker's formats have no annotations; the configuration is the same in all.
        let created = root.annotations.get("org.opencontainers.image.created").map(String::as_str);
        assert_eq!(created, Some("2026-11-25T20:10:56.350592844Z"), "{file}");
        for (key, value) in annotations(&expected["checkpoint_image"]["annotations"]) {
            let has = root.annotations.get(key).map(String::as_str);
            assert_eq!(has, (!file.starts_with("docker")).then_some(value), "{file}: {key}");
        }
    }
    let name = |file: &str| roots[file].annotations.get("org.opencontainers.image.ref.name").cloned();
    assert_eq!(name("oci-layout").as_deref(), expected["checkpoint_image"]["reference"].as_str());
    assert_eq!(name("dir"), None);
}

#[test]
fn images_hold_what_the_archive_held_of_which_they_were_made() {
    let Some(case) = case("restore-image") else { return };
    let expected = expected(&case);
    let archive = open(&case.join("checkpoint-counter_default-tick.tar"));
    let made_of = contents(&archive.roots()[0]);
    assert!(made_of.contains_key("checkpoint/pstree.img"));
    for (file, root) in sound(&case) {
        assert_eq!(contents(&root), made_of, "{file}");
        for (key, value) in annotations(&expected["images"][&file]["annotations"]) {
            assert_eq!(root.annotations.get(key).map(String::as_str), Some(value), "{file}");
        }
    }
}

#[test]
fn an_export_of_containerd_has_its_parts() {
    let Some(case) = case("ctr-batchd") else { return };
    let expected = expected(&case);
    let roots = sound(&case);
    let root = &roots["checkpoint-export.tar"];
    assert!(root.file("pstree.img").is_some() && root.file("core-1.img").is_some());
    let parts: Vec<(&str, &[u8])> = [
        ("application/vnd.oci.image.layer.v1.tar+gzip", &b"\x1f\x8b"[..]),
        (
            "application/vnd.containerd.container.checkpoint.config.v1+proto",
            b"\n6types.containerd.io/opencontainers",
        ),
        (
            "application/vnd.containerd.container.checkpoint.options.v1+proto",
            b"\n$containerd.runc.v1.CheckpointOpt",
        ),
    ]
    .into();
    assert_eq!(root.parts.len(), parts.len());
    for (part, (media_type, begin)) in root.parts.iter().zip(parts) {
        assert_eq!(part.media_type, media_type);
        assert!(part.member.bytes(("document", 1 << 20)).unwrap().starts_with(begin), "{media_type}");
    }
    let reference = expected["archives"][0]["reference"].as_str();
    assert_eq!(root.annotations.get("io.containerd.image.name").map(String::as_str), reference);
    let image = expected["container"]["image"].as_str();
    assert_eq!(root.annotations.get("org.opencontainers.image.ref.name").map(String::as_str), image);
    assert_eq!(root.annotations["io.containerd.checkpoint.snapshotter"], "overlayfs");
}

/// Opens a hostile case, compares what its facts say of the whole, and looks for findings.
fn hostile(name: &str, wanted: &[(Code, usize)]) -> Option<(Archive, Value)> {
    let case = case(&format!("broken/{name}"))?;
    let expected = expected(&case);
    let archive = open(&case.join(expected["file"].as_str().unwrap()));
    assert_eq!(archive.kind().name(), expected["facts"]["kind"], "{name}");
    assert_eq!(archive.members().len() as u64, expected["facts"]["members"], "{name}");
    for &(code, count) in wanted {
        let found = codes(&archive).into_iter().filter(|found| *found == code).count();
        assert_eq!(found, count, "{name}, {}: {:#?}", code.name(), archive.findings());
    }
    if expected["facts"].get("pids").is_some() {
        let [root] = archive.roots() else { panic!("{name}: {:?}", archive.findings()) };
        assert!(root.file("checkpoint/pstree.img").is_some(), "{name}");
    }
    Some((archive, expected))
}

#[test]
fn no_name_is_made_from_what_is_no_digest() {
    hostile("oci-digest-dotdot", &[(Code::BadDigest, 4), (Code::BlobMissing, 0)]);
    hostile("oci-digest-forms", &[(Code::BadDigest, 5), (Code::BlobMissing, 0)]);
}

#[test]
fn a_blob_without_its_digest_is_told_with_both_values() {
    let Some((archive, _)) = hostile("oci-wrong-digest", &[(Code::DigestMismatch, 1)]) else { return };
    let text = &archive.findings()[0].text;
    assert_eq!(text.matches("sha256:").count(), 2, "{text}");
    assert!(
        text.contains("sha256:67249efbae659d4b1b88843b50694519f18b6d7ace78ea17530d66830d37a828"),
        "{text}"
    );
}

#[test]
fn circles_of_indexes_are_cut() {
    hostile("oci-loop", &[(Code::DescriptorLoop, 1)]);
}

#[test]
fn a_flood_of_descriptors_is_summed_up() {
    let wanted = [(Code::TooManyDescriptors, 1), (Code::BlobMissing, 9)];
    let Some((archive, _)) = hostile("oci-many-descriptors", &wanted) else { return };
    let sum = archive.findings().iter().rfind(|finding| finding.code == Code::BlobMissing).unwrap();
    assert_eq!(sum.text, "199992 more blobs are not in this layout, 200000 in all");
}

#[test]
fn nothing_is_fetched_and_embedded_data_is_checked() {
    let wanted = [(Code::BlobMissing, 1), (Code::DigestMismatch, 1)];
    let Some((archive, _)) = hostile("oci-urls-and-data", &wanted) else { return };
    let texts: Vec<&str> = archive.findings().iter().map(|finding| finding.text.as_str()).collect();
    assert!(texts.iter().any(|text| text.ends_with("is not in this layout; its urls are never followed")));
    assert!(texts.iter().any(|text| text.contains("embedded data")), "{texts:?}");
}

#[test]
fn one_layer_of_compression_for_a_blob() {
    let Some((archive, _)) = hostile("oci-layer-nesting", &[(Code::NotATar, 1)]) else { return };
    assert!(archive.roots().is_empty());
    assert!(archive.findings()[0].text.contains("gzip inside gzip"), "{:?}", archive.findings());
}

#[test]
fn layers_are_applied_as_a_file_system() {
    let Some((archive, expected)) = hostile("oci-whiteouts", &[(Code::Whiteout, 5)]) else { return };
    let root = &archive.roots()[0];
    for absent in expected["facts"]["absent"].as_array().unwrap() {
        assert!(root.get(absent.as_str().unwrap()).is_none(), "{absent}");
    }
    assert!(root.iter().all(|(name, _)| !name.to_string().contains(".wh.")));
    let config: Value = serde_json::from_slice(&bytes(root, "config.dump")).unwrap();
    assert_eq!(config["restored"], expected["facts"]["restored"]);
}

#[test]
fn layers_of_a_docker_archive_are_members() {
    let wanted = [(Code::BlobMissing, 2), (Code::LinkUnresolved, 1)];
    hostile("docker-archive-names", &wanted);
}

#[test]
fn two_kinds_are_told_and_not_mixed() {
    let Some(case) = case("broken/tar-two-kinds") else { return };
    let path = case.join("checkpoint.tar");
    let archive = open(&path);
    assert_eq!(archive.kind(), Kind::OciLayout);
    assert!(codes(&archive).contains(&Code::TwoKinds));
    let other = Archive::open_path(&path, &Options::default().kind(Kind::Tar)).unwrap();
    assert_eq!(other.kind(), Kind::Tar);
    assert!(other.roots()[0].file("config.dump").is_some());
}

/// Bytes of real images are changed here and there: whatever comes of it, it comes to an end.
#[test]
fn damaged_images_end() {
    let Some(case) = case("podman-depot-image") else { return };
    let sound = std::fs::read(case.join("oci-archive.tar")).unwrap();
    let change = (0..sound.len(), any::<u8>());
    let cases = Config { cases: 64, failure_persistence: None, ..Config::default() };
    proptest!(cases, |(changes in proptest::collection::vec(change, 1..20))| {
        let mut damaged = sound.clone();
        for (at, byte) in changes {
            damaged[at] = byte;
        }
        if let Ok(archive) = Archive::open(Arc::new(damaged), &Options::default()) {
            for root in archive.roots() {
                root.iter().for_each(|(_, member)| drop(member.bytes(("document", 1 << 20))));
            }
        }
    });
}
