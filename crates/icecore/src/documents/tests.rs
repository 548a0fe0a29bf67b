//! Facts of archives made to measure: documents joined with what the archive tells.

use icecore_synth::{Dump, Process};

use super::*;
use crate::checkpoint::tests::{open, told};

fn dump() -> Dump {
    Dump::new().process(Process::new(1, 0))
}

const CONFIG: &str = r#"{"id":"0123456789abcdef","name":"k8s_web_shop_default_0f1e_0","rootfsImageName":"docker.io/library/nginx:1"}"#;
const SPEC: &str = r#"{"ociVersion":"1.0.2","hostname":"web-1",
    "annotations":{"io.container.manager":"cri-o","io.kubernetes.pod.name":"shop"}}"#;

#[test]
fn facts_come_from_the_documents() {
    let checkpoint = open(&dump().image("config.dump", CONFIG).image("spec.dump", SPEC));
    let facts = checkpoint.facts();
    assert_eq!(facts.engine.name.to_string(), "cri-o");
    assert_eq!(facts.container.id.as_ref().unwrap().value, "0123456789abcdef");
    assert_eq!(facts.container.name.as_ref().unwrap().value, "web");
}

#[test]
fn images_alone_have_no_facts_and_nothing_is_wrong_with_that() {
    let checkpoint = open(&dump());
    let facts = checkpoint.facts();
    assert!(facts.container.id.is_none() && facts.container.mounts.is_empty());
    assert_eq!(
        facts.engine.name.to_string(),
        "criu",
        "images without documents, as the program itself leaves them"
    );
}

#[test]
fn the_permissions_of_descriptors_tell_the_runtime() {
    let tar = |mode| {
        let header = icecore_synth::Header::file("descriptors.json").mode(mode);
        let tar = dump()
            .names()
            .fold(icecore_synth::Tar::new(), |tar, name| tar.file(name, dump().get(name).unwrap()));
        let archive = icecore_archive::Archive::open(
            std::sync::Arc::new(tar.member(header, "[]").finish()),
            &icecore_archive::Options::default(),
        );
        Checkpoint::from_archive(archive.unwrap()).unwrap().pop().unwrap()
    };
    // runc writes it for its owner to read and write, crun for everything.
    assert_eq!(tar(0o600).facts().engine.name.to_string(), "runc");
    assert_eq!(tar(0o700).facts().engine.name.to_string(), "crun");
}

#[test]
fn a_compressed_diff_is_that_of_containerd() {
    let gzip = dump().image("config.dump", CONFIG).image("rootfs-diff.tar", *b"\x1f\x8b\x08\0");
    assert_eq!(open(&gzip).facts().engine.name.to_string(), "containerd");
}

#[test]
fn a_broken_document_is_told_with_its_place_and_the_others_count() {
    let checkpoint = open(&dump().image("config.dump", *b"{\"id\": 12,").image("spec.dump", SPEC));
    assert_eq!(checkpoint.facts().engine.name.to_string(), "cri-o");
    let all: Vec<String> = checkpoint.diagnostics().iter().map(ToString::to_string).collect();
    assert!(all.iter().any(|text| text.starts_with("config.dump")), "{all:?}");
    assert_eq!(told(&checkpoint, "image-damaged"), <[&str; 0]>::default());
}

#[test]
fn times_of_members_are_equal_only_if_there_are_several() {
    let root = |checkpoint: &Checkpoint| times(checkpoint.root());
    let one = open(&Dump::empty().image("pstree.img", vec![]));
    assert!(!root(&one).all_equal);
    assert!(root(&open(&dump())).all_equal, "the builder gives all members one time");
}
