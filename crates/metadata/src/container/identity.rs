//! Which container this is: id, name, runtime, image, pod, labels and annotations.
//!
//! The tables name the sources of each fact in the order in which they are asked (archives.md, section 7).

use std::collections::BTreeMap;

use serde::Serialize;

use super::Container;
use crate::base_image::digest_of_blob;
use crate::crio::CriMetadata;
use crate::documents::Role;
use crate::engine::EngineName;
use crate::fact::{Fact, Sources, sources};
use crate::finding::Findings;
use crate::{containerd, crio, ctr, podman};

/// The image of a container.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Image {
    /// A name of the image; not always the one that the user asked for.
    pub name: Option<Fact<String>>,
    /// Its id: the digest of its configuration, 64 hexadecimal digits.
    pub id: Option<Fact<String>>,
    /// The digest of its manifest, as `sha256:…`.
    pub digest: Option<Fact<String>>,
    /// The image as the user asked for it; the kubelet may have passed an id instead.
    pub requested: Option<Fact<String>>,
}

/// The pod of a container.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Pod {
    /// Its name.
    pub name: Option<Fact<String>>,
    /// Its namespace in Kubernetes.
    pub namespace: Option<Fact<String>>,
    /// Its uid in Kubernetes.
    pub uid: Option<Fact<String>>,
    /// How often its sandbox was made before.
    pub attempt: Option<Fact<u64>>,
    /// Id of its sandbox, or of the pod in Podman.
    pub id: Option<Fact<String>>,
    /// Id of the infra container of a pod in Podman.
    pub infra: Option<Fact<String>>,
    /// Annotations of the pod that the engine passes on.
    pub annotations: BTreeMap<String, String>,
}

sources! {
    ID: String {
        All ConfigDump "id" => |s, _| filled(&s.config()?.id),
        All SpecDump "io.kubernetes.cri-o.ContainerID" => annotation,
        All StatusDump "id" => |s, _| filled(&s.status_dump()?.id),
        All CtrSpec "linux.cgroupsPath" => ctr_id,
        All Index "io.containerd.image.name" => |s, key| text(ctr::container_of(s.layout.index.get(key)?)?),
    }
    NAME: String {
        Only(Podman) ConfigDump "name" => config_name,
        All SpecDump "io.kubernetes.cri-o.Metadata" => |s, _| filled(&s.crio_metadata()?.name),
        All SpecDump "io.kubernetes.cri.container-name" => annotation,
        All SpecDump "io.kubernetes.container.name" => annotation,
        All StatusDump "metadata.name" => |s, _| filled(&s.status_dump()?.metadata.as_ref()?.name),
        All ConfigDump "name, its second field" => |s, _| text(crio_name(s)?.container),
        Only(Containerd) ConfigDump "name, its first field" => |s, _| text(containerd_name(s)?.container),
        Only(Unknown) ConfigDump "name" => |s, key| if crio_name(s).is_none() { config_name(s, key) } else { None },
        All Manifest "org.criu.checkpoint.container.name" => manifest,
        All Manifest "io.podman.annotations.checkpoint.name" => manifest,
    }
    RUNTIME: String {
        All CtrRuntimeOptions "binary_name" => |s, _| word(&s.documents.ctr_runtime.get()?.binary_name),
        All ConfigDump "runtime" => |s, _| word(s.config()?.runtime.as_deref()?),
        All Index "io.containerd.checkpoint.runtime" => |s, key| word(s.layout.index.get(key)?),
        All Manifest "io.podman.annotations.checkpoint.runtime.name" => |s, key| word(s.layout.manifest.get(key)?),
        All Manifest "org.criu.checkpoint.runtime.name" => |s, key| word(s.layout.manifest.get(key)?),
        Only(Crun) Descriptors "mode of the file" => |s, _| text(s.engine.as_str()),
        Only(Runc) Descriptors "mode of the file" => |s, _| text(s.engine.as_str()),
    }
    IMAGE_NAME: String {
        All ConfigDump "rootfsImageName" => |s, _| filled(&s.config()?.rootfs_image_name),
        All SpecDump "io.kubernetes.cri-o.ImageName" => annotation,
        All StatusDump "image.image" => |s, _| filled(&s.status_dump()?.image.as_ref()?.image),
        All Index "org.opencontainers.image.ref.name" => index,
        All Index "image.name" => index,
        All Manifest "org.criu.checkpoint.rootfsImageName" => manifest,
        All Manifest "io.podman.annotations.checkpoint.rootfsImageName" => manifest,
    }
    IMAGE_REQUESTED: String {
        All ConfigDump "RawImageName" => |s, _| filled(&s.config()?.raw_image_name),
        Except(Containerd) ConfigDump "rootfsImage" => |s, _| filled(&s.config()?.rootfs_image),
        All SpecDump "io.kubernetes.cri-o.Image" => annotation,
        All StatusDump "image.user_specified_image" =>
            |s, _| filled(&s.status_dump()?.image.as_ref()?.user_specified_image),
        All SpecDump "io.kubernetes.cri.image-name" => annotation,
        All Manifest "org.criu.checkpoint.rootfsImageUserRequested" => manifest,
        All Manifest "io.podman.annotations.checkpoint.rawImageName" => manifest,
    }
    IMAGE_ID: String {
        All ConfigDump "rootfsImageID" => |s, _| hex(s.config()?.rootfs_image_id.as_deref()?),
        All ConfigDump "rootfsImageRef" => |s, _| hex(s.config()?.rootfs_image_ref.as_deref()?),
        All SpecDump "io.kubernetes.cri-o.ImageRef" => |s, key| hex(&annotation(s, key)?),
        All StatusDump "image_id" => |s, _| hex(s.status_dump()?.image_id.as_deref()?),
        All CtrBaseImage "config.digest" => |s, _| hex(s.documents.base_image.get()?.config.as_ref()?.digest.as_deref()?),
        All Manifest "org.criu.checkpoint.rootfsImageID" => |s, key| hex(&manifest(s, key)?),
        All Manifest "io.podman.annotations.checkpoint.rootfsImageID" => |s, key| hex(&manifest(s, key)?),
    }
    IMAGE_DIGEST: String {
        All SpecDump "io.kubernetes.cri-o.ImageRepoDigests" => |s, key| digest(annotation(s, key)?.split(',').next()?),
        All ConfigDump "rootfsImageRef" => |s, _| digest(s.config()?.rootfs_image_ref.as_deref()?),
        All StatusDump "image_ref" => |s, _| digest(s.status_dump()?.image_ref.as_deref()?),
        All CtrBaseImage "digest of the blob" => |s, _| digest_of_blob(s.documents.member(Role::CtrBaseImage)?),
    }
    ATTEMPT: u64 {
        All SpecDump "io.kubernetes.cri-o.Metadata" => |s, _| attempt(s.crio_metadata()?),
        All StatusDump "metadata.attempt" => |s, _| attempt(s.status_dump()?.metadata.as_ref()?),
        All SpecDump "io.kubernetes.container.restartCount" => |s, key| annotation(s, key)?.parse().ok(),
    }
    POD_NAME: String {
        All SpecDump "io.kubernetes.pod.name" => annotation,
        All SpecDump "io.kubernetes.cri-o.Labels, io.kubernetes.pod.name" => |s, _| crio_label(s, "io.kubernetes.pod.name"),
        All SpecDump "io.kubernetes.cri-o.SandboxName, its second field" => |s, _| text(sandbox_name(s)?.pod),
        All SpecDump "io.kubernetes.cri.sandbox-name" => annotation,
        All StatusDump "labels, io.kubernetes.pod.name" => |s, _| status_label(s, "io.kubernetes.pod.name"),
        All ConfigDump "name, its third field" => |s, _| text(crio_name(s)?.pod),
        Only(Containerd) ConfigDump "name, its second field" => |s, _| text(containerd_name(s)?.pod),
        All PodDump "metadata.name" => |s, _| filled(&s.pod_metadata()?.name),
        All Manifest "org.criu.checkpoint.pod.name" => manifest,
    }
    POD_NAMESPACE: String {
        All SpecDump "io.kubernetes.pod.namespace" => annotation,
        All SpecDump "io.kubernetes.cri-o.Labels, io.kubernetes.pod.namespace" =>
            |s, _| crio_label(s, "io.kubernetes.pod.namespace"),
        All SpecDump "io.kubernetes.cri-o.SandboxName, its third field" => |s, _| text(sandbox_name(s)?.namespace),
        All SpecDump "io.kubernetes.cri.sandbox-namespace" => annotation,
        All StatusDump "labels, io.kubernetes.pod.namespace" => |s, _| status_label(s, "io.kubernetes.pod.namespace"),
        All ConfigDump "name, its fourth field" => |s, _| text(crio_name(s)?.namespace),
        Only(Containerd) ConfigDump "name, its third field" => |s, _| text(containerd_name(s)?.namespace),
        All PodDump "metadata.namespace" =>
            |s, _| filled(&s.pod_metadata()?.namespace),
        All Manifest "org.criu.checkpoint.pod.namespace" => manifest,
    }
    POD_UID: String {
        All SpecDump "io.kubernetes.pod.uid" => annotation,
        All SpecDump "io.kubernetes.cri-o.Labels, io.kubernetes.pod.uid" => |s, _| crio_label(s, "io.kubernetes.pod.uid"),
        All SpecDump "io.kubernetes.cri-o.SandboxName, its fourth field" => |s, _| text(sandbox_name(s)?.uid),
        All SpecDump "io.kubernetes.cri.sandbox-uid" => annotation,
        All StatusDump "labels, io.kubernetes.pod.uid" => |s, _| status_label(s, "io.kubernetes.pod.uid"),
        All ConfigDump "name, its fifth field" => |s, _| text(crio_name(s)?.uid),
        Only(Containerd) ConfigDump "name, its fourth field" => |s, _| text(containerd_name(s)?.uid),
        All PodDump "metadata.uid" => |s, _| filled(&s.pod_metadata()?.uid),
        All Manifest "org.criu.checkpoint.pod.uid" => manifest,
    }
    POD_ATTEMPT: u64 {
        All SpecDump "io.kubernetes.cri-o.SandboxName, its fifth field" => |s, _| sandbox_name(s)?.attempt.parse().ok(),
    }
    POD_ID: String {
        All ConfigDump "pod" => |s, _| filled(&s.config()?.pod),
        Except(Podman) SpecDump "io.kubernetes.cri-o.SandboxID" => annotation,
        All SpecDump "io.kubernetes.cri.sandbox-id" => annotation,
        All Manifest "org.criu.checkpoint.pod.id" => manifest,
    }
    POD_INFRA: String {
        // Podman writes the infra container here, or the pod itself if it has none.
        Only(Podman) SpecDump "io.kubernetes.cri-o.SandboxID" => annotation,
    }
    LABELS: BTreeMap<String, String> {
        All ConfigDump "labels" => |s, _| s.config()?.labels.clone(),
        All SpecDump "io.kubernetes.cri-o.Labels" => |s, _| s.documents.crio.labels.clone(),
        All StatusDump "labels" => |s, _| s.status_dump()?.labels.clone(),
    }
    ANNOTATIONS: BTreeMap<String, String> {
        Except(Podman) SpecDump "io.kubernetes.cri-o.Annotations" => |s, _| s.documents.crio.annotations.clone(),
        All StatusDump "annotations" => |s, _| s.status_dump()?.annotations.clone(),
        All SpecDump "annotations" => |s, _| Some(without_engine_keys(s)?).filter(|map| !map.is_empty()),
    }
}

/// Fills in which container this is.
pub(super) fn fill(container: &mut Container, s: &Sources<'_>, findings: &mut Findings) {
    container.id = s.choose("id", ID, String::eq, findings);
    container.name = s.choose("name", NAME, String::eq, findings);
    container.runtime = s.choose("runtime", RUNTIME, String::eq, findings);
    container.image = Image {
        name: s.choose("image name", IMAGE_NAME, String::eq, findings),
        id: s.choose("image id", IMAGE_ID, String::eq, findings),
        digest: s.choose("image digest", IMAGE_DIGEST, String::eq, findings),
        requested: s.choose("image asked for", IMAGE_REQUESTED, String::eq, findings),
    };
    container.attempt = s.choose("attempt", ATTEMPT, u64::eq, findings);
    container.labels = s.choose("labels", LABELS, BTreeMap::eq, findings);
    // The annotations of the specification hold those of the container and more: no contradiction.
    container.annotations = s.choose("annotations", ANNOTATIONS, |_, _| true, findings);
    container.pod = pod(s, findings);
}

fn pod(s: &Sources<'_>, findings: &mut Findings) -> Option<Pod> {
    let mut pod = Pod {
        name: s.choose("pod name", POD_NAME, String::eq, findings),
        namespace: s.choose("pod namespace", POD_NAMESPACE, String::eq, findings),
        uid: s.choose("pod uid", POD_UID, String::eq, findings),
        attempt: s.choose("pod attempt", POD_ATTEMPT, u64::eq, findings),
        id: s.choose("pod id", POD_ID, String::eq, findings),
        infra: s.choose("infra container", POD_INFRA, String::eq, findings),
        annotations: BTreeMap::new(),
    };
    pod.name.as_ref().or(pod.uid.as_ref()).or(pod.id.as_ref())?;
    if s.engine == EngineName::CriO {
        pod.annotations = pod_annotations(s).unwrap_or_default();
    }
    Some(pod)
}

/// An annotation of the specification that is not empty.
pub(super) fn annotation(s: &Sources<'_>, key: &str) -> Option<String> {
    text(s.spec()?.annotations.as_ref()?.get(key)?)
}

/// An annotation of a checkpoint image that is not empty; `checkpointctl build` writes empty ones.
pub(super) fn manifest(s: &Sources<'_>, key: &str) -> Option<String> {
    text(s.layout.manifest.get(key)?)
}

fn index(s: &Sources<'_>, key: &str) -> Option<String> {
    text(s.layout.index.get(key)?)
}

fn crio_label(s: &Sources<'_>, key: &str) -> Option<String> {
    text(s.documents.crio.labels.as_ref()?.get(key)?)
}

fn status_label(s: &Sources<'_>, key: &str) -> Option<String> {
    text(s.status_dump()?.labels.as_ref()?.get(key)?)
}

fn config_name(s: &Sources<'_>, _: &str) -> Option<String> {
    filled(&s.config()?.name)
}

/// A text that is not empty.
pub(super) fn text(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

/// A field that is there and not empty.
pub(super) fn filled(field: &Option<String>) -> Option<String> {
    text(field.as_deref()?)
}

/// Go leaves out a 0: metadata without an attempt is of the first. One that cannot be read is not.
fn attempt(metadata: &CriMetadata) -> Option<u64> {
    metadata.attempt.or_else(|| metadata.other.get("attempt").is_none().then_some(0))
}

/// `ctr` gives the id nowhere but at the end of the cgroup's path: `/namespace/id`, or `slice:prefix:id`.
fn ctr_id(s: &Sources<'_>, _: &str) -> Option<String> {
    if s.engine != EngineName::Containerd || !s.documents.config.is_absent() {
        return None;
    }
    let path = s.spec()?.linux.as_ref()?.cgroups_path.as_deref()?;
    text(path.rsplit(['/', ':']).next()?)
}

/// The word for a runtime: the last part of a path, the third of a shim (`io.containerd.runc.v2`).
fn word(name: &str) -> Option<String> {
    let base = name.rsplit('/').next()?;
    let shim = base.strip_prefix("io.containerd.").and_then(|shim| shim.split('.').next());
    text(shim.unwrap_or(base))
}

/// The 64 digits of an image's id, with or without `sha256:`.
fn hex(id: &str) -> Option<String> {
    let digits = id.strip_prefix("sha256:").unwrap_or(id);
    (digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then(|| digits.to_ascii_lowercase())
}

/// The digest behind the `@` of a reference.
fn digest(reference: &str) -> Option<String> {
    text(reference.split_once('@')?.1)
}

/// A name that the CRI makes of several: `CONTAINER_POD_NAMESPACE_UID_ATTEMPT`.
struct CriName<'a> {
    container: &'a str,
    pod: &'a str,
    namespace: &'a str,
    uid: &'a str,
    attempt: &'a str,
}

/// Splits from the right: attempt, uid and namespace never contain a `_`, and names of Kubernetes do not
/// either.
fn split(name: &str) -> Option<CriName<'_>> {
    let mut parts = name.rsplitn(5, '_');
    let (attempt, uid, namespace) = (parts.next()?, parts.next()?, parts.next()?);
    let (pod, container) = (parts.next()?, parts.next()?);
    Some(CriName { container, pod, namespace, uid, attempt })
}

fn crio_name<'a>(s: &Sources<'a>) -> Option<CriName<'a>> {
    split(s.config()?.name.as_deref()?.strip_prefix("k8s_")?)
}

fn containerd_name<'a>(s: &Sources<'a>) -> Option<CriName<'a>> {
    split(s.config()?.name.as_deref()?)
}

/// The name of a sandbox has `k8s` where the others have a container.
fn sandbox_name<'a>(s: &Sources<'a>) -> Option<CriName<'a>> {
    let name = s.spec()?.annotations.as_ref()?.get("io.kubernetes.cri-o.SandboxName")?;
    split(name).filter(|name| name.container == "k8s")
}

/// Annotations in which engines keep their own facts.
const ENGINE_KEYS: &[&str] =
    &["io.container.manager", "platform-runtime-path.crio.io", "org.opencontainers.image.stopSignal"];

fn is_engine_key(key: &str) -> bool {
    ENGINE_KEYS.contains(&key)
        || [crio::PREFIX, containerd::PREFIX, podman::PREFIX].iter().any(|prefix| key.starts_with(prefix))
}

fn without_engine_keys(s: &Sources<'_>) -> Option<BTreeMap<String, String>> {
    let all = s.spec()?.annotations.as_ref()?;
    Some(
        all.iter()
            .filter(|(key, _)| !is_engine_key(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
    )
}

/// What CRI-O passes on of a pod's annotations: all that are neither its own nor the container's nor labels.
fn pod_annotations(s: &Sources<'_>) -> Option<BTreeMap<String, String>> {
    let mut all = without_engine_keys(s)?;
    all.retain(|key, _| {
        let of_container = ["io.kubernetes.container.", "io.kubernetes.pod.", "org.systemd.property."];
        !of_container.iter().any(|prefix| key.starts_with(prefix))
    });
    Some(all)
}

#[cfg(test)]
mod tests;
