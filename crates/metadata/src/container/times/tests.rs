//! Times from documents, members and names.

use super::*;
use crate::{Documents, Layout, Metadata};

#[test]
fn names_of_files_hold_a_time() {
    for (name, expected) in [
        ("checkpoint-webserver_default-webserver-2026-11-25T20:30:46Z.tar", Some("2026-11-25T20:30:46Z")),
        ("checkpoint-webserver_default-webserver-2026-11-25T20-30-46Z.tar", Some("2026-11-25T20:30:46Z")),
        ("checkpoint-a_b-c-2026-11-25T20:30:46+02:00.tar.gz", Some("2026-11-25T18:30:46Z")),
        ("checkpoint-a_b-c-2026-11-25T20-30-46-02-00.tar", Some("2026-11-25T22:30:46Z")),
        ("checkpoint-counter_default-tick.tar", None),
        ("shop.tar", None),
    ] {
        assert_eq!(time_of_file_name(name).map(|time| time.to_string()).as_deref(), expected, "{name}");
    }
}

#[test]
fn names_of_images_hold_a_local_time() {
    let time = time_of_image_name("containerd.io/checkpoint/batchd-1:11-25-2026-20:30:46").unwrap();
    assert_eq!((time.to_string().as_str(), time.instant), ("2026-11-25T20:30:46", None));
    assert_eq!(time_of_image_name("registry.shop.example/checkpoints/batchd-1:nightly"), None);
}

/// `ctr containers checkpoint` without a name for the checkpoint: id and time stand nowhere else if the other parts are lost.
#[test]
fn a_checkpoint_of_ctr_is_called_after_its_container_and_time() {
    let has = |_: &str| false;
    let mut layout = Layout::new(&has);
    layout.kind = "ctr-export";
    let name = "containerd.io/checkpoint/batchd-1:11-25-2026-20:30:46";
    layout.index.insert("io.containerd.image.name".to_owned(), name.to_owned());
    let container = Metadata::new(&Documents::default(), &layout).container;
    assert_eq!(container.id.unwrap().value, "batchd-1");
    assert_eq!(container.checkpointed_from.as_deref(), Some("index.json io.containerd.image.name"));
    assert_eq!(container.checkpointed.unwrap().value.to_string(), "2026-11-25T20:30:46");
    let given = "registry.shop.example/checkpoints/batchd-1:nightly";
    layout.index.insert("io.containerd.image.name".to_owned(), given.to_owned());
    let container = Metadata::new(&Documents::default(), &layout).container;
    assert!(container.id.is_none() && container.checkpointed.is_none());
}

/// The container and the codes of the findings of an archive with these documents and times of members.
fn archive(documents: &[(&str, &str)], times: &[(&str, i64)], kind: &str) -> (Container, Vec<Code>) {
    let mut read = Documents::default();
    for (name, text) in documents {
        read.add(name, text.as_bytes());
    }
    let has = |name: &str| documents.iter().any(|(known, _)| *known == name);
    let mut layout = Layout::new(&has);
    layout.kind = kind;
    layout.times.members = times.iter().map(|(name, seconds)| ((*name).to_owned(), *seconds)).collect();
    layout.times.all_equal = true;
    layout.file_name = Some("checkpoint-pod_default-web-2026-11-25T20:30:46Z.tar");
    let metadata = Metadata::new(&read, &layout);
    (metadata.container, metadata.findings.iter().map(|finding| finding.code).collect())
}

const CRIO: (&str, &str) = ("spec.dump", r#"{"annotations": {"io.container.manager": "cri-o"}}"#);

/// 2026-11-25T20:30:47Z, as `date -u -d @1795638647` gives it.
const DUMPED: i64 = 1_795_638_647;

#[test]
fn sources_are_taken_in_order() {
    let stored = ("config.dump", r#"{"checkpointedTime": "2026-11-25T22:30:46.9+02:00"}"#);
    let unset = ("config.dump", r#"{"checkpointedTime": "0001-01-01T00:00:00Z"}"#);
    let times = [("inventory.img", DUMPED), ("stats-dump", DUMPED)];
    for (documents, times, kind, from, time) in [
        ([CRIO, stored], &times[..], "tar", "config.dump checkpointedTime", "2026-11-25T20:30:46.9Z"),
        ([CRIO, unset], &times[..], "tar", "inventory.img modification time", "2026-11-25T20:30:47Z"),
        (
            [CRIO, unset],
            &[("final/inventory.img", DUMPED), ("stats-dump", 1)][..],
            "directory",
            "final/inventory.img modification time",
            "2026-11-25T20:30:47Z",
        ),
        ([CRIO, unset], &times[1..], "tar", "stats-dump modification time", "2026-11-25T20:30:47Z"),
        ([CRIO, unset], &times[..], "oci-dir", "archive name of the file", "2026-11-25T20:30:46Z"),
        (
            [CRIO, unset],
            &[("inventory.img", 0)][..],
            "tar",
            "archive name of the file",
            "2026-11-25T20:30:46Z",
        ),
    ] {
        let (container, codes) = archive(&documents, times, kind);
        assert_eq!(container.checkpointed_from.as_deref(), Some(from));
        assert_eq!(container.checkpointed.unwrap().value.to_string(), time);
        assert!(codes.is_empty(), "{codes:?}");
    }
}

#[test]
fn impossible_orders_are_told() {
    for (created, checkpointed, expected) in [
        ("2026-11-25T20:30:00Z", "2026-11-25T20:30:46Z", 0),
        ("2026-11-25T20:30:47.5Z", "2026-11-25T20:30:46.9Z", 0),
        ("2026-11-25T20:31:00Z", "2026-11-25T20:30:46Z", 1),
        ("2026-11-25T20:30:00Z", "2026-11-25T20:31:46Z", 1),
        ("2026-11-20T20:30:00Z", "2026-11-24T20:30:46Z", 1),
    ] {
        let config = format!(r#"{{"createdTime": "{created}", "checkpointedTime": "{checkpointed}"}}"#);
        let (_, codes) = archive(&[CRIO, ("config.dump", &config)], &[("inventory.img", DUMPED)], "tar");
        assert_eq!(codes, vec![Code::TimeOrder; expected], "{created} {checkpointed}");
    }
}

#[test]
fn a_restored_container_of_podman_is_a_hint_alone() {
    let spec = r#"{"annotations": {"io.container.manager": "libpod", "io.kubernetes.cri-o.Created": "2026-11-01T00:00:00Z"}}"#;
    let config = r#"{"createdTime": "2026-11-02T00:00:00Z"}"#;
    let (container, codes) = archive(&[("spec.dump", spec), ("config.dump", config)], &[], "tar");
    assert_eq!((container.restored, codes), (None, vec![Code::RestoreHint]));
}

#[test]
fn a_restored_container_of_containerd_names_the_earlier_checkpoint() {
    let dump = r#"{"annotations": {"restored": "true", "checkpointedAt": "2026-11-01T00:00:00.5Z", "checkpointImage": "a:1"}}"#;
    let documents = [("status.dump", dump), ("status", r#"{"Version": "v1", "Restore": true}"#)];
    let (container, codes) = archive(&documents, &[("inventory.img", DUMPED)], "tar");
    assert!(container.restored.unwrap().value);
    assert_eq!(container.restored_from.unwrap().value, "a:1");
    assert_eq!(container.earlier_checkpoint.unwrap().value.to_string(), "2026-11-01T00:00:00.5Z");
    assert_eq!(container.checkpointed.unwrap().value.to_string(), "2026-11-25T20:30:47Z");
    assert!(codes.is_empty());
}
