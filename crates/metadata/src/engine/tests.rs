//! The rules of archives.md, sections 3.3 and 3.4, on the smallest archives that show them.

use super::*;
use crate::DiffForm;
use crate::finding::Finding;

/// An archive of documents, other members, and what else a layout tells.
#[derive(Default)]
struct Small<'a> {
    documents: &'a [(&'a str, &'a str)],
    members: &'a [&'a str],
    compression: &'a str,
    kind: &'a str,
    diff: Option<DiffForm>,
    mode: Option<u32>,
    user_names: Option<bool>,
}

fn detect_small(small: &Small<'_>) -> (Engine, Vec<Finding>) {
    let mut documents = Documents::default();
    for (name, text) in small.documents {
        documents.add(name, text.as_bytes());
    }
    let has =
        |name: &str| small.members.contains(&name) || small.documents.iter().any(|(known, _)| *known == name);
    let mut layout = Layout::new(&has);
    layout.compression = small.compression;
    layout.kind = small.kind;
    layout.diff = small.diff;
    layout.descriptors_mode = small.mode;
    layout.user_names = small.user_names;
    let mut findings = Findings::new("spec.dump");
    let engine = detect(&documents, &layout, &mut findings);
    (engine, findings.finish())
}

/// The engine and version, without a contradiction.
fn check(small: &Small<'_>, name: EngineName, version: Option<&str>) {
    let (engine, findings) = detect_small(small);
    assert_eq!((engine.name, engine.version.as_deref()), (name, version), "{:?}", engine.evidence);
    assert_eq!(engine.evidence.is_empty(), name == EngineName::Unknown);
    assert!(findings.is_empty(), "{findings:?}");
}

const GZIP: Option<DiffForm> = Some(DiffForm { gzip: true, whiteouts: false });
const WHITEOUTS: Option<DiffForm> = Some(DiffForm { gzip: false, whiteouts: true });

#[test]
fn the_manager_decides() {
    let podman = r#"{"annotations": {"io.container.manager": "libpod", "io.kubernetes.cri-o.TTY": "false"}}"#;
    check(&Small { documents: &[("spec.dump", podman)], ..Small::default() }, EngineName::Podman, None);
    let crio = r#"{"annotations": {"io.container.manager": "cri-o", "io.kubernetes.cri.rdt-class": "x"}}"#;
    check(&Small { documents: &[("spec.dump", crio)], ..Small::default() }, EngineName::CriO, None);
    let neither = r#"{"annotations": {"io.kubernetes.cri-o.TTY": "false"}}"#;
    check(&Small { documents: &[("spec.dump", neither)], ..Small::default() }, EngineName::Unknown, None);
}

#[test]
fn containerd_is_told_by_status_annotations_and_diff() {
    let status = [("status", r#"{"Version": "v1", "Restore": false}"#), ("status.dump", "{}")];
    check(&Small { documents: &status, ..Small::default() }, EngineName::Containerd, Some("2.1 to 2.3"));
    let spec =
        [("spec.dump", r#"{"annotations": {"io.kubernetes.cri.sandbox-id": "a"}}"#), ("config.dump", "{}")];
    check(&Small { documents: &spec, diff: GZIP, ..Small::default() }, EngineName::Containerd, Some("2.0"));
    let members = ["checkpoint", "config.dump"];
    check(&Small { members: &members, diff: WHITEOUTS, ..Small::default() }, EngineName::Containerd, None);
    let crio = [("spec.dump", r#"{"annotations": {"io.container.manager": "cri-o"}}"#)];
    check(&Small { documents: &crio, diff: WHITEOUTS, ..Small::default() }, EngineName::CriO, None);
    check(&Small { kind: "ctr-export", ..Small::default() }, EngineName::Containerd, None);
}

#[test]
fn an_old_podman_has_a_layer_diff_too() {
    let documents = [("config.dump", r#"{"lockID": 0}"#)];
    let old = Small { documents: &documents, compression: "gzip", diff: WHITEOUTS, ..Small::default() };
    check(&old, EngineName::Podman, None);
    let list = [("config.dump", r#"{"lockID": 0}"#), ("network.status", "[]")];
    check(&Small { documents: &list, ..Small::default() }, EngineName::Podman, Some("at most 3.4"));
    let new = [("config.dump", r#"{"lockID": 0, "orderedNetworks": []}"#), ("network.status", "{}")];
    check(&Small { documents: &new, ..Small::default() }, EngineName::Podman, Some("at least 6.0"));
}

#[test]
fn versions_of_crio_are_told_by_keys() {
    let manager = r#"{"annotations": {"io.container.manager": "cri-o"}}"#;
    let oldest = r#"{"id": "a", "name": "b", "rootfsImageName": "c"}"#;
    let second = r#"{"id": "a", "runtime": "runc", "createdTime": "2023-01-01T00:00:00Z"}"#;
    let third = r#"{"createdTime": "2023-01-01T00:00:00Z", "checkpointedTime": "2023-01-01T00:00:00Z"}"#;
    for (config, version) in [(oldest, "1.25"), (second, "1.26"), (third, "at least 1.27")] {
        let documents = [("spec.dump", manager), ("config.dump", config)];
        check(&Small { documents: &documents, ..Small::default() }, EngineName::CriO, Some(version));
    }
    let documents = [("spec.dump", manager), ("config.dump", third)];
    let named = Small { documents: &documents, user_names: Some(true), ..Small::default() };
    check(&named, EngineName::CriO, Some("1.27 to 1.30"));
}

#[test]
fn bare_images_are_told_by_what_lies_beside_them() {
    let runtime = ["inventory.img", "descriptors.json"];
    check(&Small { members: &runtime, mode: Some(0o600), ..Small::default() }, EngineName::Runc, None);
    check(&Small { members: &runtime, mode: Some(0o700), ..Small::default() }, EngineName::Crun, None);
    check(&Small { members: &["inventory.img", "pstree.img"], ..Small::default() }, EngineName::Criu, None);
    check(&Small { members: &["inventory.img", "tty.info"], ..Small::default() }, EngineName::Lxc, None);
    let docker = [("config.json", r#"{"created": "2017-01-01T00:00:00Z", "name": "cp1"}"#)];
    check(
        &Small { documents: &docker, members: &["inventory.img"], ..Small::default() },
        EngineName::Docker,
        None,
    );
    check(&Small::default(), EngineName::Unknown, None);
}

#[test]
fn what_is_left_of_an_engines_archive_is_no_runtimes_directory() {
    let members =
        ["checkpoint", "checkpoint/inventory.img", "checkpoint/descriptors.json", "stats-dump", "dump.log"];
    check(&Small { members: &members, mode: Some(0o600), ..Small::default() }, EngineName::Unknown, None);
    // Without anything beside it, it is runc's default directory.
    check(&Small { members: &members[..3], mode: Some(0o600), ..Small::default() }, EngineName::Runc, None);
}

#[test]
fn rules_that_disagree_are_told() {
    let documents = [
        ("spec.dump", r#"{"annotations": {"io.container.manager": "libpod"}}"#),
        ("status.dump", "{}"),
        ("config.dump", r#"{"networks": ["a"], "orderedNetworks": []}"#),
    ];
    let (engine, findings) =
        detect_small(&Small { documents: &documents, members: &["bind.mounts"], ..Small::default() });
    assert_eq!((engine.name, engine.version), (EngineName::Podman, None));
    let texts: Vec<_> = findings.iter().map(Finding::to_string).collect();
    assert_eq!(
        texts,
        [
            "status.dump: speaks for containerd: only containerd writes this member; taken for podman: spec.dump: annotation io.container.manager is libpod",
            "bind.mounts: speaks for cri-o: only CRI-O writes this member; taken for podman: spec.dump: annotation io.container.manager is libpod",
            "config.dump: has the key orderedNetworks: at least 6.0; but config.dump: has the key networks: at most 3.4",
        ]
    );
}
