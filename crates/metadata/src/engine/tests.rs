//! The rules of archives.md, sections 3.3 and 3.4, on the smallest archives that show them.

use super::*;
use crate::finding::Finding;

/// An archive of documents, other members, and what else a layout tells.
#[derive(Default)]
struct Small<'a> {
    documents: &'a [(&'a str, &'a str)],
    members: &'a [&'a str],
    compression: &'a str,
    kind: &'a str,
    compressed_diff: bool,
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
    layout.compressed_diff = small.compressed_diff;
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
    check(
        &Small { documents: &spec, compressed_diff: true, ..Small::default() },
        EngineName::Containerd,
        Some("2.0"),
    );
    let members = ["checkpoint", "config.dump"];
    let compressed = Small { members: &members, compressed_diff: true, ..Small::default() };
    check(&compressed, EngineName::Containerd, None);
    let crio = [("spec.dump", r#"{"annotations": {"io.container.manager": "cri-o"}}"#)];
    check(&Small { documents: &crio, ..Small::default() }, EngineName::CriO, None);
    check(&Small { kind: "ctr-export", ..Small::default() }, EngineName::Containerd, None);
}

#[test]
fn versions_of_podman_are_told_by_keys() {
    let documents = [("config.dump", r#"{"lockID": 0}"#)];
    let old = Small { documents: &documents, compression: "gzip", ..Small::default() };
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

/// An engine, and the document (name and text) or the member that speaks for it.
type ForEngine = (EngineName, Option<(&'static str, &'static str)>, Option<&'static str>);

/// Evidence for an engine, the strongest first, each from a document or member of its own.
const EVIDENCE: [ForEngine; 7] = [
    (EngineName::CriO, Some(("spec.dump", r#"{"annotations": {"io.container.manager": "cri-o"}}"#)), None),
    (EngineName::Containerd, Some(("status.dump", "{}")), None),
    (EngineName::Containerd, Some(("status", r#"{"Version": "v1"}"#)), None),
    (EngineName::Podman, Some(("config.dump", r#"{"lockID": 7}"#)), None),
    (EngineName::Podman, Some(("config.dump", r#"{"staticDir": "/var/lib"}"#)), None),
    (EngineName::Podman, Some(("config.dump", r#"{"spec": {}}"#)), None),
    (EngineName::CriO, None, Some("io.kubernetes.cri-o.LogPath")),
];

#[test]
fn each_evidence_alone_is_enough_and_the_stronger_wins() {
    for (first, (engine, document, member)) in EVIDENCE.iter().enumerate() {
        let documents: Vec<_> = document.iter().copied().collect();
        let members: Vec<_> = member.iter().copied().collect();
        let (found, findings) =
            detect_small(&Small { documents: &documents, members: &members, ..Small::default() });
        assert_eq!((found.name, findings), (*engine, vec![]), "{document:?} {member:?}");
        for (other, weaker, weaker_member) in EVIDENCE.iter().skip(first + 1) {
            if document.is_some() && weaker.map(|(name, _)| name) == document.map(|(name, _)| name) {
                continue;
            }
            let documents: Vec<_> = document.iter().chain(weaker).copied().collect();
            let members: Vec<_> = member.iter().chain(weaker_member).copied().collect();
            let (found, findings) =
                detect_small(&Small { documents: &documents, members: &members, ..Small::default() });
            assert_eq!(found.name, *engine, "{documents:?} {members:?}");
            let against: Vec<_> =
                findings.iter().filter(|finding| finding.code == Code::EngineContradiction).collect();
            assert_eq!(against.is_empty(), engine == other, "{documents:?}: {findings:?}");
        }
    }
}

/// What one engine writes and others copy or pass on is no evidence.
#[test]
fn what_several_engines_write_is_no_evidence() {
    for document in [
        ("spec.dump", r#"{"annotations": {"io.container.manager": "something-else"}}"#),
        ("spec.dump", r#"{"annotations": {"IO.CONTAINER.MANAGER": "cri-o"}}"#),
        ("spec.dump", r#"{"annotations": {"io.kubernetes.cri.container-name": "web"}}"#),
        ("spec.dump", r#"{"annotations": {"io.kubernetes.cri-o.ContainerID": "8755"}}"#),
        ("config.dump", r#"{"id": "8755", "name": "k8s_a_b_c_d_0", "runtime": "runc"}"#),
        ("status", r#"{"Version": "v2"}"#),
        ("status", "{}"),
        ("config.json", r#"{"ociVersion": "1.0.2"}"#),
        ("spec.dump", "no document"),
    ] {
        check(&Small { documents: &[document], ..Small::default() }, EngineName::Unknown, None);
    }
    let named = Small { members: &["podman.tar", "cri-o", "containerd"], ..Small::default() };
    check(&named, EngineName::Unknown, None);
}

/// Each key that narrows the version, with the engine named beside it.
#[test]
fn each_hint_narrows_the_version() {
    let podman = r#"{"annotations": {"io.container.manager": "libpod"}}"#;
    let podman_created =
        r#"{"annotations": {"io.container.manager": "libpod", "io.kubernetes.cri-o.Created": "x"}}"#;
    for (spec, documents, members, version) in [
        (podman, &[][..], &[][..], None),
        (podman, &[("network.status", "[]")], &[], Some("at most 3.4")),
        (podman, &[("network.status", "{}")], &[], Some("at least 4.0")),
        (podman, &[("network.status", "null")], &[], None),
        (podman, &[], &["stats-dump"], Some("at least 4.0")),
        (podman, &[], &["devshm-checkpoint.tar"], Some("at least 4.0")),
        (podman, &[("config.dump", r#"{"networks": []}"#)], &[], Some("at most 3.4")),
        (podman, &[("config.dump", r#"{"newNetworks": {}}"#)], &[], Some("4.0 to 5")),
        (podman, &[("config.dump", r#"{"orderedNetworks": []}"#)], &[], Some("at least 6.0")),
        (podman, &[("config.dump", r#"{"staticIP": null}"#)], &[], Some("at most 3.4")),
        (podman, &[("config.dump", r#"{"staticIP": "1.2.3.4"}"#)], &[], None),
        (podman, &[("config.dump", r#"{"preserveFd": null}"#)], &[], Some("at least 4.4")),
        (podman_created, &[], &[], Some("at most 4.3")),
        (podman_created, &[], &["stats-dump"], Some("4.0 to 4.3")),
    ] {
        let mut all = vec![("spec.dump", spec)];
        all.extend(documents);
        check(&Small { documents: &all, members, ..Small::default() }, EngineName::Podman, version);
    }
    let checkpointed =
        r#"{"createdTime": "2026-01-01T00:00:00Z", "checkpointedTime": "2026-01-01T00:00:00Z"}"#;
    for (key, version) in [
        ("io.kubernetes.cri-o.PlatformRuntimePath", "1.28 to 1.34"),
        ("platform-runtime-path.crio.io", "at least 1.35"),
        ("io.kubernetes.cri-o.ImageRepoDigests", "at least 1.34"),
    ] {
        let spec = format!(r#"{{"annotations": {{"io.container.manager": "cri-o", "{key}": ""}}}}"#);
        let documents = [("spec.dump", spec.as_str()), ("config.dump", checkpointed)];
        check(&Small { documents: &documents, ..Small::default() }, EngineName::CriO, Some(version));
    }
}

#[test]
fn an_annotation_of_the_image_names_the_version_exactly() {
    let detect_with = |manager: &str, key: &str, version: &str| {
        let mut documents = Documents::default();
        let spec = format!(r#"{{"annotations": {{"io.container.manager": "{manager}"}}}}"#);
        documents.add("spec.dump", spec.as_bytes());
        let has = |_: &str| false;
        let mut layout = Layout::new(&has);
        layout.manifest.insert(key.to_owned(), version.to_owned());
        detect(&documents, &layout, &mut Findings::new("spec.dump")).version
    };
    let (podman, crio) = (
        "io.podman.annotations.checkpoint.podman.version",
        "io.kubernetes.cri-o.annotations.checkpoint.cri-o.version",
    );
    assert_eq!(detect_with("libpod", podman, "4.3.1").as_deref(), Some("4.3.1"));
    assert_eq!(detect_with("cri-o", crio, "1.36.3").as_deref(), Some("1.36.3"));
    assert_eq!(detect_with("libpod", podman, ""), None, "checkpointctl writes empty ones");
    assert_eq!(detect_with("cri-o", podman, "4.3.1"), None, "of another engine");
}

#[test]
fn names_of_engines_are_words_of_their_own() {
    let engines = [
        EngineName::CriO,
        EngineName::Containerd,
        EngineName::Podman,
        EngineName::Docker,
        EngineName::Runc,
        EngineName::Crun,
        EngineName::Lxc,
        EngineName::Criu,
        EngineName::Unknown,
    ];
    let names: std::collections::BTreeSet<_> = engines.iter().map(|engine| engine.as_str()).collect();
    assert_eq!(names.len(), engines.len());
    for engine in engines {
        assert_eq!(serde_json::to_value(engine).unwrap(), engine.to_string());
        assert!(engine == EngineName::Unknown || engine.title().eq_ignore_ascii_case(engine.as_str()));
    }
}
