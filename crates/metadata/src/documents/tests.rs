//! Documents by the names of their members, and the forms of each.

use super::*;
use crate::{Layout, Metadata};
use proptest::prelude::*;

mod forms;

#[test]
fn config_json_is_told_by_its_keys() {
    let mut documents = Documents::default();
    documents.add("config.json", br#"{"created": "2017-01-01T10:00:00Z", "name": "cp1", "tcp": true}"#);
    assert_eq!(documents.docker.get().unwrap().name.as_deref(), Some("cp1"));
    assert!(documents.spec.is_absent());
    documents.add("config.json", br#"{"ociVersion": "1.0.2", "hostname": "a"}"#);
    assert_eq!(documents.spec.get().unwrap().hostname.as_deref(), Some("a"));
    assert_eq!(documents.spec_member(), "config.json");
}

#[test]
fn names_match_exactly() {
    assert_eq!(Role::of_member("status"), Some(Role::Status));
    for name in ["Status", "status.dump2", "checkpoint/config.dump", "./status", "x/descriptors.json"] {
        assert_eq!(Role::of_member(name), None, "{name}");
    }
}

#[test]
fn a_document_of_another_type_is_unreadable() {
    let mut documents = Documents::default();
    documents.add("checkpoint/descriptors.json", br#"{"0": "/dev/null"}"#);
    documents.add("config.dump", b"[1]");
    assert_eq!(documents.descriptors, Document::Unreadable);
    assert_eq!(documents.config, Document::Unreadable);
    assert_eq!(documents.findings.len(), 2);
}

proptest! {
    #[test]
    fn any_bytes_in_any_document_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut documents = Documents::default();
        for name in Role::members() {
            documents.add(name, &bytes);
        }
        for (media_type, role) in MEDIA_TYPES {
            documents.add_as(*role, media_type, &bytes);
        }
    }

    #[test]
    fn any_json_in_any_document_ends(text in json_text()) {
        let mut documents = Documents::default();
        for name in Role::members() {
            documents.add(name, text.as_bytes());
        }
        let has = |_: &str| true;
        let metadata = Metadata::new(&documents, &Layout::new(&has));
        prop_assert!(serde_json::to_string(&(documents, metadata)).is_ok());
    }
}

/// JSON whose keys are those of real documents and whose values are of any type.
fn json_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<i128>().prop_map(|number| number.to_string()),
        "\"[ -~&&[^\"\\\\]]{0,9}\"",
        Just("\"0001-01-01T00:00:00Z\"".to_owned()),
    ];
    let keys = prop::sample::select(vec![
        "id",
        "ID",
        "name",
        "createdTime",
        "process",
        "args",
        "env",
        "linux",
        "resources",
        "memory",
        "limit",
        "mounts",
        "annotations",
        "io.kubernetes.cri-o.Metadata",
        "spec",
        "metadata",
        "labels",
        "interfaces",
        "ociVersion",
    ]);
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((keys.clone(), inner), 0..6).prop_map(|members| {
                let members: Vec<_> =
                    members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}
