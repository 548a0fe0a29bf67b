//! Which members are documents, by the names that engines give them, and what codes of findings there are.

use std::collections::BTreeSet;

use icecore_metadata::{Code, Document, Documents, Layout, Role, Severity};

/// The names of real checkpoints.
#[test]
fn documents_are_told_by_their_exact_names() {
    let cases = [
        ("config.dump", Role::ConfigDump),
        ("spec.dump", Role::SpecDump),
        ("status", Role::Status),
        ("status.dump", Role::StatusDump),
        ("network.status", Role::NetworkStatus),
        ("deleted.files", Role::DeletedFiles),
        ("bind.mounts", Role::BindMounts),
        ("checkpoint/descriptors.json", Role::Descriptors),
        ("descriptors.json", Role::Descriptors),
        ("pod.options", Role::PodOptions),
        ("pod.dump", Role::PodDump),
        ("dump.log", Role::DumpLog),
        ("checkpoint/dump.log", Role::DumpLog),
        ("criu.work/dump.log", Role::DumpLog),
        ("config.json", Role::ConfigJson),
    ];
    for (name, role) in cases {
        assert_eq!(Role::of_member(name), Some(role), "{name}");
    }
    let names: BTreeSet<_> = Role::members().collect();
    assert_eq!(names, cases.iter().map(|(name, _)| *name).collect(), "no other name");
    for other in
        ["", "config", "config.dump ", "/config.dump", "Config.dump", "checkpoint/spec.dump", "dump.logs"]
    {
        assert_eq!(Role::of_member(other), None, "{other}");
        assert!(!Documents::default().add(other, b"{}"), "{other}");
    }
}

#[test]
fn blobs_are_told_by_their_media_types() {
    let prefix = "application/vnd.containerd.container.checkpoint.";
    let cases = [
        ("config.v1+proto", Some(Role::CtrSpec)),
        ("options.v1+proto", Some(Role::CtrCheckpointOptions)),
        ("runtime.options+proto", Some(Role::CtrRuntimeOptions)),
        ("config.v2+proto", None),
        ("", None),
    ];
    for (suffix, role) in cases {
        assert_eq!(Role::of_media_type(&format!("{prefix}{suffix}")), role, "{suffix}");
    }
    assert_eq!(Role::of_media_type("application/json"), None);
}

/// Absent, unreadable and there are three things.
#[test]
fn a_document_is_there_or_not_or_damaged() {
    let mut documents = Documents::default();
    assert!(documents.config.is_absent() && documents.config.get().is_none());
    documents.add("config.dump", b"[");
    assert_eq!(documents.config, Document::Unreadable);
    assert!(!documents.config.is_absent() && documents.config.get().is_none());
    documents.add("config.dump", b"{}");
    assert!(documents.config.get().is_some(), "a sound one in the same place counts");
}

/// Archives of engines have documents beside the images; directories of CRIU alone do not.
#[test]
fn bare_images_are_told_by_what_is_beside_them() {
    let is_bare = |members: &[&str], kind: &str| {
        let has = |name: &str| members.contains(&name);
        let mut layout = Layout::new(&has);
        layout.kind = kind;
        layout.is_bare()
    };
    assert!(is_bare(&["inventory.img"], "directory"));
    assert!(is_bare(&["inventory.img", "stats-dump"], "tar"), "beside the images, not above them");
    assert!(is_bare(&["checkpoint/inventory.img", "checkpoint"], "tar"));
    assert!(!is_bare(&["checkpoint", "config.dump"], "tar"));
    assert!(!is_bare(&["spec.dump"], "tar"));
    assert!(!is_bare(&["checkpoint/inventory.img", "rootfs-diff.tar"], "tar"));
    assert!(!is_bare(&["pre-checkpoint", "stats-dump"], "tar"));
    assert!(!is_bare(&["inventory.img"], "ctr-export"));
}

#[test]
fn missing_documents_are_told_where_engines_write_them() {
    let told = |members: &[(&str, &str)], others: &[&str]| {
        let mut documents = Documents::default();
        for (name, text) in members {
            documents.add(name, text.as_bytes());
        }
        let has = |name: &str| others.contains(&name) || members.iter().any(|(member, _)| *member == name);
        let metadata = icecore_metadata::Metadata::new(&documents, &Layout::new(&has));
        let missing = metadata.findings.into_iter().filter(|finding| finding.code == Code::DocumentMissing);
        missing.map(|finding| finding.member).collect::<Vec<_>>()
    };
    let images = ["checkpoint", "checkpoint/inventory.img"];
    assert_eq!(told(&[("spec.dump", "{}")], &images), ["config.dump"]);
    assert_eq!(told(&[("config.dump", "{}")], &images), ["spec.dump"]);
    assert_eq!(told(&[("config.dump", "{}"), ("spec.dump", "{}")], &images), <[&str; 0]>::default());
    assert_eq!(told(&[], &["inventory.img"]), <[&str; 0]>::default(), "bare images have none");
    // A document that is there and cannot be read is not missing.
    assert_eq!(told(&[("config.dump", "["), ("spec.dump", "{}")], &images), <[&str; 0]>::default());
}

/// What scripts and people get to see of a code.
#[test]
fn codes_have_names_severities_and_advice() {
    let mut names = BTreeSet::new();
    for code in Code::ALL {
        assert!(names.insert(code.as_str()), "{code} occurs twice");
        assert!(
            code.as_str().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte == b'8'),
            "{code}"
        );
        assert!(code.advice().len() > 10, "{code}");
        assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
    }
    assert_eq!(Code::JsonInvalid.severity(), Severity::Error);
    assert_eq!(Code::RestoreHint.severity(), Severity::Note);
    assert_eq!(Code::Contradiction.severity(), Severity::Warning);
}
