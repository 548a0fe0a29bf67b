//! What CRI-O writes: its annotations in spec.dump, some of them JSON in a string, and `bind.mounts`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::document::{Value, documents};
use crate::finding::{Brief, Code, Findings};
use crate::json::{self, Path};

/// Value of `io.container.manager` in a container of CRI-O.
pub const MANAGER: &str = "cri-o";

/// Prefix of CRI-O's annotations. Podman writes a few of them too: they alone are no proof of CRI-O.
pub const PREFIX: &str = "io.kubernetes.cri-o.";

documents! {
    /// A bind mount as `bind.mounts` lists it. Its content is not in the archive.
    BindMount {
        /// Path on the host.
        source: String = "source",
        /// Path in the container.
        destination: String = "destination",
        /// `directory`, or `file` for everything else.
        file_type: String = "file_type",
        /// The nine permission bits of the source, a plain number.
        permissions: u32 = "permissions",
    }

    /// `io.kubernetes.cri-o.Metadata`.
    CriMetadata {
        /// Name of the container in its pod.
        name: String = "name",
        /// How often the container was started before; left out when 0.
        attempt: u64 = "attempt",
    }

    /// A mount that was asked for through the CRI: an item of `io.kubernetes.cri-o.Volumes`.
    CriVolume {
        /// Path in the container.
        container_path: String = "container_path",
        /// Path on the host.
        host_path: String = "host_path",
        /// True if it cannot be written.
        readonly: bool = "readonly",
        /// Propagation: 0 private, 1 from the host, 2 both ways.
        propagation: u64 = "propagation",
        /// True if SELinux labels were changed.
        selinux_relabel: bool = "selinux_relabel",
    }

    /// A port of a container: an item of `io.kubernetes.container.ports`.
    ContainerPort {
        /// Its name.
        name: String = "name",
        /// Port on the node, if published.
        host_port: u32 = "hostPort",
        /// Address on the node, if published.
        host_ip: String = "hostIP",
        /// Port in the container.
        container_port: u32 = "containerPort",
        /// `TCP`, `UDP` or `SCTP`.
        protocol: String = "protocol",
    }
}

/// The JSON in CRI-O's annotations, decoded once. The texts themselves stay in the annotations of the spec.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CrioAnnotations {
    /// `io.kubernetes.cri-o.Metadata`.
    pub metadata: Option<CriMetadata>,
    /// `io.kubernetes.cri-o.Labels`: labels of the container, not of its pod.
    pub labels: Option<BTreeMap<String, String>>,
    /// `io.kubernetes.cri-o.Annotations`: annotations of the container; the text may be `null`.
    pub annotations: Option<BTreeMap<String, String>>,
    /// `io.kubernetes.cri-o.Volumes`: mounts asked for through the CRI only.
    pub volumes: Option<Vec<CriVolume>>,
}

impl CrioAnnotations {
    /// Decodes the known keys. JSON inside their values stays text.
    pub(crate) fn new(annotations: &BTreeMap<String, String>, findings: &mut Findings) -> Self {
        CrioAnnotations {
            metadata: inner(annotations, "io.kubernetes.cri-o.Metadata", findings),
            labels: inner(annotations, "io.kubernetes.cri-o.Labels", findings),
            annotations: inner(annotations, "io.kubernetes.cri-o.Annotations", findings),
            volumes: inner(annotations, "io.kubernetes.cri-o.Volumes", findings),
        }
    }
}

/// Decodes the JSON in the annotation of a document.
pub(crate) fn inner<T: Value>(
    annotations: &BTreeMap<String, String>,
    key: &str,
    findings: &mut Findings,
) -> Option<T> {
    let text = annotations.get(key).filter(|text| !text.is_empty())?;
    let all = Path::Key(&Path::Root, "annotations");
    let path = Path::Key(&all, key);
    let mut inner = Findings::new(key);
    let mut slot = None;
    let read = json::parse(text.as_bytes(), &mut inner)
        .is_some_and(|node| T::read(&mut slot, node, &path, findings).is_ok());
    let faults = inner.finish();
    if let Some(fault) = faults.first() {
        let (shown, reason) = (Brief(text), &fault.text);
        findings.at_path(
            Code::JsonInner,
            &path,
            format_args!("the JSON in {shown}: {reason}; the text is kept"),
        );
    } else if !read {
        let shown = Brief(text);
        findings.at_path(
            Code::JsonInner,
            &path,
            format_args!("{shown} is JSON of another form; the text is kept"),
        );
    }
    slot
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_json_is_decoded_once() {
        let texts = [
            ("io.kubernetes.cri-o.Metadata", r#"{"name":"keeper"}"#),
            ("io.kubernetes.cri-o.Labels", "null"),
            ("io.kubernetes.cri-o.Annotations", r#"{"a": "{\"b\": \"{}\"}"}"#),
            ("io.kubernetes.cri-o.Volumes", "{"),
        ];
        let annotations = texts.map(|(key, text)| (key.to_owned(), text.to_owned())).into();
        let mut findings = Findings::new("spec.dump");
        let crio = CrioAnnotations::new(&annotations, &mut findings);
        assert_eq!(crio.metadata.unwrap().name.as_deref(), Some("keeper"));
        assert_eq!(crio.labels, None);
        assert_eq!(crio.annotations.unwrap()["a"], "{\"b\": \"{}\"}");
        let findings = findings.finish();
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].path.as_deref(), Some("annotations[\"io.kubernetes.cri-o.Volumes\"]"));
    }
}
