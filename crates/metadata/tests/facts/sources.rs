//! Facts of which several sources tell.

use crate::metadata;

#[test]
fn the_first_source_counts_and_the_others_are_kept() {
    let found = metadata(
        &[
            ("config.dump", r#"{"id": "aa", "rootfsImageName": "nginx:1"}"#),
            ("spec.dump", r#"{"annotations": {"io.kubernetes.cri-o.ContainerID": "bb"}}"#),
            ("status.dump", r#"{"id": "cc"}"#),
        ],
        &[("org.criu.checkpoint.rootfsImageName", "nginx:1")],
    );
    let id = found.container.id.unwrap();
    assert_eq!((id.value.as_str(), id.from.to_string().as_str()), ("aa", "config.dump id"));
    let others: Vec<_> =
        id.alternatives.iter().map(|other| (other.value.as_str(), other.from.member.as_str())).collect();
    assert_eq!(others, [("bb", "spec.dump"), ("cc", "status.dump")]);
    // What says the same is no other.
    assert!(found.container.image.name.unwrap().alternatives.is_empty());
    let contradictions: Vec<_> =
        found.findings.iter().filter(|finding| finding.code.as_str() == "contradiction").collect();
    assert!(!contradictions.is_empty(), "{:?}", found.findings);
    assert!(contradictions.iter().all(|finding| finding.text.contains("aa")), "{contradictions:?}");
}

#[test]
fn empty_texts_are_no_source() {
    let found = metadata(
        &[
            ("config.dump", r#"{"id": ""}"#),
            ("spec.dump", r#"{"annotations": {"io.kubernetes.cri-o.ContainerID": "bb"}}"#),
        ],
        &[],
    );
    let id = found.container.id.unwrap();
    assert_eq!((id.value.as_str(), id.alternatives.len()), ("bb", 0));
}

#[test]
fn a_damaged_document_leaves_the_others() {
    let found = metadata(&[("config.dump", r#"{"id": "#), ("status.dump", r#"{"id": "cc"}"#)], &[]);
    assert_eq!(found.container.id.unwrap().value, "cc");
    assert!(found.findings.iter().any(|finding| finding.member == "config.dump"));
}

#[test]
fn origins_name_member_and_key() {
    let found = metadata(
        &[("spec.dump", r#"{"hostname": "web-1", "linux": {"cgroupsPath": "/a/b", "resources": {}}}"#)],
        &[("org.criu.checkpoint.container.name", "web")],
    );
    let origins: Vec<_> = found
        .container
        .origins()
        .map(|(field, origin)| (field, origin.member.as_str(), origin.key.as_str()))
        .collect();
    let expected = [
        ("name", "manifest", "org.criu.checkpoint.container.name"),
        ("resources", "spec.dump", "linux.resources"),
        ("hostname", "spec.dump", "hostname"),
        ("cgroup_path", "spec.dump", "linux.cgroupsPath"),
    ];
    assert_eq!(origins, expected);
}

/// Keys of another case are read, as Go does; keys that nobody knows are kept.
#[test]
fn unknown_keys_do_no_harm() {
    let found = metadata(&[("config.dump", r#"{"ID": "aa", "future": {"x": [1, 2]}}"#)], &[]);
    assert_eq!(found.container.id.unwrap().value, "aa");
    assert!(found.findings.is_empty(), "{:?}", found.findings);
}
