//! The sources of each fact, in the order of preference that the reference of the formats gives.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "the numbers of a test are small, and overflow would fail it"
)]

use super::Place::{Document, Index, Manifest};
use super::*;

const fn config(template: &'static str) -> Place {
    Document("config.dump", template)
}

const fn spec(template: &'static str) -> Place {
    Document("spec.dump", template)
}

const fn status(template: &'static str) -> Place {
    Document("status.dump", template)
}

fn word(number: usize) -> String {
    format!("value-{number}")
}

fn number(number: usize) -> String {
    (number + 3).to_string()
}

/// Sixty-four digits.
fn id(number: usize) -> String {
    format!("{number:064x}")
}

fn day(number: usize) -> String {
    format!("2026-01-{:02}T00:00:00Z", number + 1)
}

/// The same days in nanoseconds since 1970, as `date -u -d 2026-01-01 +%s` counts.
fn nanoseconds(number: usize) -> String {
    ((1_767_225_600 + number as u64 * 86_400) * 1_000_000_000).to_string()
}

pub(super) const TABLES: &[FactTable] = &[
    FactTable {
        name: "id",
        get: |c| fact(c.id.as_ref()),
        sample: id,
        contradicts: true,
        rows: &[
            (CriO, config(r#"{"id": "$"}"#), "config.dump id"),
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.cri-o.ContainerID": "$"}}"#),
                "spec.dump io.kubernetes.cri-o.ContainerID",
            ),
            (CriO, status(r#"{"id": "$"}"#), "status.dump id"),
        ],
    },
    FactTable {
        name: "name",
        get: |c| fact(c.name.as_ref()),
        sample: word,
        contradicts: true,
        rows: &[
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.cri-o.Metadata": "{\"name\": \"$\"}"}}"#),
                "spec.dump io.kubernetes.cri-o.Metadata",
            ),
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.cri.container-name": "$"}}"#),
                "spec.dump io.kubernetes.cri.container-name",
            ),
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.container.name": "$"}}"#),
                "spec.dump io.kubernetes.container.name",
            ),
            (CriO, status(r#"{"metadata": {"name": "$"}}"#), "status.dump metadata.name"),
            (CriO, config(r#"{"name": "k8s_$_pod_ns_uid_0"}"#), "config.dump name, its second field"),
            (
                CriO,
                Manifest("org.criu.checkpoint.container.name"),
                "manifest org.criu.checkpoint.container.name",
            ),
            (
                CriO,
                Manifest("io.podman.annotations.checkpoint.name"),
                "manifest io.podman.annotations.checkpoint.name",
            ),
            (Podman, config(r#"{"name": "$"}"#), "config.dump name"),
            (
                Podman,
                Manifest("io.podman.annotations.checkpoint.name"),
                "manifest io.podman.annotations.checkpoint.name",
            ),
            (Containerd, config(r#"{"name": "$_pod_ns_uid_0"}"#), "config.dump name, its first field"),
            (Unknown, config(r#"{"name": "$"}"#), "config.dump name"),
        ],
    },
    FactTable {
        name: "runtime",
        get: |c| fact(c.runtime.as_ref()),
        sample: word,
        contradicts: true,
        rows: &[
            (CriO, config(r#"{"runtime": "$"}"#), "config.dump runtime"),
            (CriO, config(r#"{"runtime": "/usr/bin/$"}"#), "config.dump runtime"),
            (Containerd, config(r#"{"runtime": "io.containerd.$.v2"}"#), "config.dump runtime"),
            (Containerd, Index("io.containerd.checkpoint.runtime"), "index io.containerd.checkpoint.runtime"),
            (
                Podman,
                Manifest("io.podman.annotations.checkpoint.runtime.name"),
                "manifest io.podman.annotations.checkpoint.runtime.name",
            ),
            (
                Podman,
                Manifest("org.criu.checkpoint.runtime.name"),
                "manifest org.criu.checkpoint.runtime.name",
            ),
        ],
    },
    FactTable {
        name: "image name",
        get: |c| fact(c.image.name.as_ref()),
        sample: word,
        contradicts: true,
        rows: &[
            (CriO, config(r#"{"rootfsImageName": "$"}"#), "config.dump rootfsImageName"),
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.cri-o.ImageName": "$"}}"#),
                "spec.dump io.kubernetes.cri-o.ImageName",
            ),
            (CriO, status(r#"{"image": {"image": "$"}}"#), "status.dump image.image"),
            (CriO, Index("org.opencontainers.image.ref.name"), "index org.opencontainers.image.ref.name"),
            (CriO, Index("image.name"), "index image.name"),
            (
                CriO,
                Manifest("org.criu.checkpoint.rootfsImageName"),
                "manifest org.criu.checkpoint.rootfsImageName",
            ),
            (
                CriO,
                Manifest("io.podman.annotations.checkpoint.rootfsImageName"),
                "manifest io.podman.annotations.checkpoint.rootfsImageName",
            ),
        ],
    },
    FactTable {
        name: "image asked for",
        get: |c| fact(c.image.requested.as_ref()),
        sample: word,
        contradicts: true,
        rows: &[
            (CriO, config(r#"{"RawImageName": "$"}"#), "config.dump RawImageName"),
            (CriO, config(r#"{"rootfsImage": "$"}"#), "config.dump rootfsImage"),
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.cri-o.Image": "$"}}"#),
                "spec.dump io.kubernetes.cri-o.Image",
            ),
            (
                CriO,
                status(r#"{"image": {"user_specified_image": "$"}}"#),
                "status.dump image.user_specified_image",
            ),
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.cri.image-name": "$"}}"#),
                "spec.dump io.kubernetes.cri.image-name",
            ),
            (
                CriO,
                Manifest("org.criu.checkpoint.rootfsImageUserRequested"),
                "manifest org.criu.checkpoint.rootfsImageUserRequested",
            ),
            (
                CriO,
                Manifest("io.podman.annotations.checkpoint.rawImageName"),
                "manifest io.podman.annotations.checkpoint.rawImageName",
            ),
            (
                Containerd,
                status(r#"{"image": {"user_specified_image": "$"}}"#),
                "status.dump image.user_specified_image",
            ),
        ],
    },
    FactTable {
        name: "image id",
        get: |c| fact(c.image.id.as_ref()),
        sample: id,
        contradicts: true,
        rows: &[
            (CriO, config(r#"{"rootfsImageID": "$"}"#), "config.dump rootfsImageID"),
            (CriO, config(r#"{"rootfsImageRef": "sha256:$"}"#), "config.dump rootfsImageRef"),
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.cri-o.ImageRef": "$"}}"#),
                "spec.dump io.kubernetes.cri-o.ImageRef",
            ),
            (CriO, status(r#"{"image_id": "sha256:$"}"#), "status.dump image_id"),
            (
                CriO,
                Manifest("org.criu.checkpoint.rootfsImageID"),
                "manifest org.criu.checkpoint.rootfsImageID",
            ),
            (
                CriO,
                Manifest("io.podman.annotations.checkpoint.rootfsImageID"),
                "manifest io.podman.annotations.checkpoint.rootfsImageID",
            ),
        ],
    },
    FactTable {
        name: "image digest",
        get: |c| fact(c.image.digest.as_ref()),
        sample: |number| format!("sha256:{}", id(number)),
        contradicts: true,
        rows: &[
            (
                CriO,
                spec(
                    r#"{"annotations": {"io.kubernetes.cri-o.ImageRepoDigests": "nginx@$,other@sha256:ff"}}"#,
                ),
                "spec.dump io.kubernetes.cri-o.ImageRepoDigests",
            ),
            (
                CriO,
                config(r#"{"rootfsImageRef": "docker.io/library/nginx@$"}"#),
                "config.dump rootfsImageRef",
            ),
            (CriO, status(r#"{"image_ref": "nginx@$"}"#), "status.dump image_ref"),
        ],
    },
    FactTable {
        name: "attempt",
        get: |c| fact(c.attempt.as_ref()),
        sample: number,
        contradicts: true,
        rows: &[
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.cri-o.Metadata": "{\"attempt\": $}"}}"#),
                "spec.dump io.kubernetes.cri-o.Metadata",
            ),
            (CriO, status(r#"{"metadata": {"attempt": $}}"#), "status.dump metadata.attempt"),
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.container.restartCount": "$"}}"#),
                "spec.dump io.kubernetes.container.restartCount",
            ),
        ],
    },
    FactTable {
        name: "pod name",
        get: |c| fact(c.pod.as_ref()?.name.as_ref()),
        sample: word,
        contradicts: true,
        rows: &[
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.pod.name": "$"}}"#),
                "spec.dump io.kubernetes.pod.name",
            ),
            (
                CriO,
                spec(
                    r#"{"annotations": {"io.kubernetes.cri-o.Labels": "{\"io.kubernetes.pod.name\": \"$\"}"}}"#,
                ),
                "spec.dump io.kubernetes.cri-o.Labels, io.kubernetes.pod.name",
            ),
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.cri-o.SandboxName": "k8s_$_ns_uid_0"}}"#),
                "spec.dump io.kubernetes.cri-o.SandboxName, its second field",
            ),
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.cri.sandbox-name": "$"}}"#),
                "spec.dump io.kubernetes.cri.sandbox-name",
            ),
            (
                CriO,
                status(r#"{"labels": {"io.kubernetes.pod.name": "$"}}"#),
                "status.dump labels, io.kubernetes.pod.name",
            ),
            (CriO, config(r#"{"name": "k8s_web_$_ns_uid_0"}"#), "config.dump name, its third field"),
            (CriO, Document("pod.dump", r#"{"metadata": {"name": "$"}}"#), "pod.dump metadata.name"),
            (CriO, Manifest("org.criu.checkpoint.pod.name"), "manifest org.criu.checkpoint.pod.name"),
            (Containerd, config(r#"{"name": "web_$_ns_uid_0"}"#), "config.dump name, its second field"),
        ],
    },
    FactTable {
        name: "pod namespace",
        // A namespace alone makes no pod: each archive has a name beside it.
        get: |c| fact(c.pod.as_ref()?.namespace.as_ref()),
        sample: word,
        contradicts: true,
        rows: &[
            (
                CriO,
                spec(
                    r#"{"annotations": {"io.kubernetes.pod.uid": "u", "io.kubernetes.pod.namespace": "$"}}"#,
                ),
                "spec.dump io.kubernetes.pod.namespace",
            ),
            (
                CriO,
                spec(
                    r#"{"annotations": {"io.kubernetes.pod.uid": "u", "io.kubernetes.cri-o.Labels": "{\"io.kubernetes.pod.namespace\": \"$\"}"}}"#,
                ),
                "spec.dump io.kubernetes.cri-o.Labels, io.kubernetes.pod.namespace",
            ),
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.cri-o.SandboxName": "k8s_pod_$_u_0"}}"#),
                "spec.dump io.kubernetes.cri-o.SandboxName, its third field",
            ),
            (
                CriO,
                spec(
                    r#"{"annotations": {"io.kubernetes.pod.uid": "u", "io.kubernetes.cri.sandbox-namespace": "$"}}"#,
                ),
                "spec.dump io.kubernetes.cri.sandbox-namespace",
            ),
            (
                CriO,
                status(r#"{"labels": {"io.kubernetes.pod.uid": "u", "io.kubernetes.pod.namespace": "$"}}"#),
                "status.dump labels, io.kubernetes.pod.namespace",
            ),
            (CriO, config(r#"{"name": "k8s_web_pod_$_u_0"}"#), "config.dump name, its fourth field"),
            (
                CriO,
                Document("pod.dump", r#"{"metadata": {"uid": "u", "namespace": "$"}}"#),
                "pod.dump metadata.namespace",
            ),
            (Containerd, config(r#"{"name": "web_pod_$_u_0"}"#), "config.dump name, its third field"),
        ],
    },
    FactTable {
        name: "pod uid",
        get: |c| fact(c.pod.as_ref()?.uid.as_ref()),
        sample: word,
        contradicts: true,
        rows: &[
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.pod.uid": "$"}}"#),
                "spec.dump io.kubernetes.pod.uid",
            ),
            (
                CriO,
                spec(
                    r#"{"annotations": {"io.kubernetes.cri-o.Labels": "{\"io.kubernetes.pod.uid\": \"$\"}"}}"#,
                ),
                "spec.dump io.kubernetes.cri-o.Labels, io.kubernetes.pod.uid",
            ),
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.cri-o.SandboxName": "k8s_pod_ns_$_0"}}"#),
                "spec.dump io.kubernetes.cri-o.SandboxName, its fourth field",
            ),
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.cri.sandbox-uid": "$"}}"#),
                "spec.dump io.kubernetes.cri.sandbox-uid",
            ),
            (
                CriO,
                status(r#"{"labels": {"io.kubernetes.pod.uid": "$"}}"#),
                "status.dump labels, io.kubernetes.pod.uid",
            ),
            (CriO, config(r#"{"name": "k8s_web_pod_ns_$_0"}"#), "config.dump name, its fifth field"),
            (CriO, Document("pod.dump", r#"{"metadata": {"uid": "$"}}"#), "pod.dump metadata.uid"),
            (CriO, Manifest("org.criu.checkpoint.pod.uid"), "manifest org.criu.checkpoint.pod.uid"),
            (Containerd, config(r#"{"name": "web_pod_ns_$_0"}"#), "config.dump name, its fourth field"),
        ],
    },
    FactTable {
        name: "pod attempt",
        get: |c| fact(c.pod.as_ref()?.attempt.as_ref()),
        sample: number,
        contradicts: true,
        rows: &[(
            CriO,
            spec(r#"{"annotations": {"io.kubernetes.cri-o.SandboxName": "k8s_pod_ns_uid_$"}}"#),
            "spec.dump io.kubernetes.cri-o.SandboxName, its fifth field",
        )],
    },
    FactTable {
        name: "pod id",
        get: |c| fact(c.pod.as_ref()?.id.as_ref()),
        sample: id,
        contradicts: true,
        rows: &[
            (CriO, config(r#"{"pod": "$"}"#), "config.dump pod"),
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.cri-o.SandboxID": "$"}}"#),
                "spec.dump io.kubernetes.cri-o.SandboxID",
            ),
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.cri.sandbox-id": "$"}}"#),
                "spec.dump io.kubernetes.cri.sandbox-id",
            ),
            (CriO, Manifest("org.criu.checkpoint.pod.id"), "manifest org.criu.checkpoint.pod.id"),
        ],
    },
    FactTable {
        name: "infra container",
        get: |c| fact(c.pod.as_ref()?.infra.as_ref()),
        sample: id,
        contradicts: true,
        rows: &[(
            Podman,
            spec(r#"{"annotations": {"io.kubernetes.cri-o.SandboxID": "$", "io.kubernetes.pod.uid": "u"}}"#),
            "spec.dump io.kubernetes.cri-o.SandboxID",
        )],
    },
    FactTable {
        name: "host name",
        get: |c| fact(c.hostname.as_ref()),
        sample: word,
        contradicts: true,
        rows: &[
            (CriO, spec(r#"{"hostname": "$"}"#), "spec.dump hostname"),
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.cri-o.HostName": "$"}}"#),
                "spec.dump io.kubernetes.cri-o.HostName",
            ),
            (CriO, Document("pod.dump", r#"{"hostname": "$"}"#), "pod.dump hostname"),
        ],
    },
    FactTable {
        name: "log path",
        get: |c| fact(c.log_path.as_ref()),
        sample: word,
        contradicts: true,
        rows: &[
            (CriO, config(r#"{"logPath": "$"}"#), "config.dump logPath"),
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.cri-o.LogPath": "$"}}"#),
                "spec.dump io.kubernetes.cri-o.LogPath",
            ),
            (CriO, status(r#"{"log_path": "$"}"#), "status.dump log_path"),
        ],
    },
    FactTable {
        name: "root file system",
        get: |c| fact(c.rootfs_path.as_ref()),
        sample: word,
        contradicts: false,
        rows: &[
            (CriO, spec(r#"{"root": {"path": "$"}}"#), "spec.dump root.path"),
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.cri-o.MountPoint": "$"}}"#),
                "spec.dump io.kubernetes.cri-o.MountPoint",
            ),
        ],
    },
    FactTable {
        name: "cgroup",
        get: |c| fact(c.cgroup_path.as_ref()),
        sample: word,
        contradicts: true,
        rows: &[(CriO, spec(r#"{"linux": {"cgroupsPath": "$"}}"#), "spec.dump linux.cgroupsPath")],
    },
    FactTable {
        name: "stop signal",
        get: |c| fact(c.stop_signal.as_ref()),
        sample: number,
        contradicts: true,
        rows: &[
            (Podman, config(r#"{"stopSignal": $}"#), "config.dump stopSignal"),
            (
                Podman,
                spec(r#"{"annotations": {"org.opencontainers.image.stopSignal": "$"}}"#),
                "spec.dump org.opencontainers.image.stopSignal",
            ),
        ],
    },
    FactTable {
        name: "restart policy",
        get: |c| fact(c.restart_policy.as_ref()),
        sample: word,
        contradicts: true,
        rows: &[(Podman, config(r#"{"restart_policy": "$"}"#), "config.dump restart_policy")],
    },
    FactTable {
        name: "created",
        get: |c| fact(c.created.as_ref()),
        sample: day,
        contradicts: true,
        rows: &[
            (CriO, config(r#"{"createdTime": "$"}"#), "config.dump createdTime"),
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.cri-o.Created": "$"}}"#),
                "spec.dump io.kubernetes.cri-o.Created",
            ),
        ],
    },
    FactTable {
        name: "created",
        get: |c| fact(c.created.as_ref()),
        sample: nanoseconds,
        contradicts: true,
        rows: &[
            (Containerd, status(r#"{"created_at": $}"#), "status.dump created_at"),
            (Containerd, Document("status", r#"{"CreatedAt": $}"#), "status CreatedAt"),
        ],
    },
    FactTable {
        name: "started",
        get: |c| fact(c.started.as_ref()),
        sample: nanoseconds,
        contradicts: true,
        rows: &[
            (Containerd, status(r#"{"started_at": $}"#), "status.dump started_at"),
            (Containerd, Document("status", r#"{"StartedAt": $}"#), "status StartedAt"),
        ],
    },
    FactTable {
        name: "checkpointed",
        get: |c| fact(c.checkpointed.as_ref()),
        sample: day,
        contradicts: false,
        rows: &[
            (CriO, config(r#"{"checkpointedTime": "$"}"#), "config.dump checkpointedTime"),
            (CriO, Document("config.json", r#"{"created": "$"}"#), "config.json created"),
        ],
    },
    FactTable {
        name: "restored",
        get: |c| fact(c.restored.as_ref()),
        sample: |number| (number.is_multiple_of(2)).to_string(),
        contradicts: true,
        rows: &[
            (Containerd, Document("status", r#"{"Restore": $}"#), "status Restore"),
            (
                Containerd,
                status(r#"{"annotations": {"restored": "$"}}"#),
                "status.dump annotations, restored",
            ),
            (CriO, config(r#"{"restored": $}"#), "config.dump restored"),
            (Podman, config(r#"{"restored": $}"#), "config.dump restored"),
        ],
    },
    FactTable {
        name: "restored from",
        get: |c| fact(c.restored_from.as_ref()),
        sample: word,
        contradicts: true,
        rows: &[(
            Containerd,
            status(r#"{"annotations": {"checkpointImage": "$"}}"#),
            "status.dump annotations, checkpointImage",
        )],
    },
    FactTable {
        name: "earlier checkpoint",
        get: |c| fact(c.earlier_checkpoint.as_ref()),
        sample: day,
        contradicts: true,
        rows: &[(
            Containerd,
            status(r#"{"annotations": {"checkpointedAt": "$"}}"#),
            "status.dump annotations, checkpointedAt",
        )],
    },
    FactTable {
        name: "SELinux label",
        get: |c| fact(c.security.selinux.as_ref()),
        sample: word,
        contradicts: true,
        rows: &[
            (Podman, spec(r#"{"process": {"selinuxLabel": "$"}}"#), "spec.dump process.selinuxLabel"),
            (Podman, config(r#"{"ProcessLabel": "$"}"#), "config.dump ProcessLabel"),
        ],
    },
    FactTable {
        name: "SELinux mount label",
        get: |c| fact(c.security.selinux_mount.as_ref()),
        sample: word,
        contradicts: true,
        rows: &[
            (Podman, spec(r#"{"linux": {"mountLabel": "$"}}"#), "spec.dump linux.mountLabel"),
            (Podman, config(r#"{"MountLabel": "$"}"#), "config.dump MountLabel"),
        ],
    },
    FactTable {
        name: "seccomp profile",
        get: |c| fact(c.security.seccomp_profile.as_ref()),
        sample: word,
        contradicts: true,
        rows: &[
            (
                CriO,
                spec(r#"{"annotations": {"io.kubernetes.cri-o.SeccompProfilePath": "$"}}"#),
                "spec.dump io.kubernetes.cri-o.SeccompProfilePath",
            ),
            (
                CriO,
                spec(r#"{"annotations": {"io.podman.annotations.seccomp": "$"}}"#),
                "spec.dump io.podman.annotations.seccomp",
            ),
        ],
    },
    FactTable {
        name: "user",
        get: |c| fact(c.security.user_requested.as_ref()),
        sample: word,
        contradicts: true,
        rows: &[(Podman, config(r#"{"user": "$"}"#), "config.dump user")],
    },
    FactTable {
        name: "privileged",
        get: |c| fact(c.security.privileged.as_ref()),
        sample: |number| (number.is_multiple_of(2)).to_string(),
        contradicts: false,
        rows: &[
            (Podman, config(r#"{"privileged": $}"#), "config.dump privileged"),
            (
                Podman,
                spec(r#"{"annotations": {"io.podman.annotations.privileged": "$"}}"#),
                "spec.dump io.podman.annotations.privileged",
            ),
        ],
    },
    FactTable {
        name: "version of CRIU",
        get: |c| fact(c.criu_version.as_ref()),
        sample: |number| format!("4.{number}"),
        contradicts: true,
        rows: &[
            (
                Podman,
                Manifest("io.podman.annotations.checkpoint.criu.version"),
                "manifest io.podman.annotations.checkpoint.criu.version",
            ),
            (
                Podman,
                Manifest("org.criu.checkpoint.criu.version"),
                "manifest org.criu.checkpoint.criu.version",
            ),
        ],
    },
    FactTable {
        name: "kernel",
        get: |c| fact(c.kernel.as_ref()),
        sample: word,
        contradicts: true,
        rows: &[
            (
                Podman,
                Manifest("io.podman.annotations.checkpoint.host.kernel"),
                "manifest io.podman.annotations.checkpoint.host.kernel",
            ),
            (Podman, Manifest("org.criu.checkpoint.host.kernel"), "manifest org.criu.checkpoint.host.kernel"),
        ],
    },
];
