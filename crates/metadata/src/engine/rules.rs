//! The rules that tell an engine, strongest first.

use super::{EngineName, Evidence};
use crate::documents::{Documents, Role};
use crate::finding::Brief;
use crate::layout::Layout;
use crate::{crio, ctr, podman};

/// A rule: if it holds, it names its evidence.
pub(super) struct Rule {
    pub(super) engine: EngineName,
    pub(super) holds: fn(&Documents, &Layout<'_>) -> Option<Evidence>,
}

/// Annotation in which CRI-O and Podman name themselves.
const MANAGER_KEY: &str = "io.container.manager";

/// The annotations that only containerd's CRI plugin writes; others of its prefix occur under CRI-O.
const CONTAINERD_KEYS: &[&str] = &["io.kubernetes.cri.container-type", "io.kubernetes.cri.sandbox-id"];

/// The rules for what engines make. All that hold should name one engine.
pub(super) const RULES: &[Rule] = &[
    Rule { engine: EngineName::Podman, holds: |documents, _| manager(documents, podman::MANAGER) },
    Rule { engine: EngineName::CriO, holds: |documents, _| manager(documents, crio::MANAGER) },
    Rule { engine: EngineName::Containerd, holds: |documents, _| containerd_status(documents) },
    Rule { engine: EngineName::Containerd, holds: |documents, _| containerd_annotation(documents) },
    Rule { engine: EngineName::Containerd, holds: ctr_export },
    Rule { engine: EngineName::Podman, holds: |documents, _| podman_keys(documents) },
    Rule { engine: EngineName::CriO, holds: crio_members },
    Rule { engine: EngineName::Containerd, holds: |_, layout| compressed_diff(layout) },
];

/// The rules for archives of which no other rule holds; the first is all there is to say. Engines start
/// runtimes, and runtimes start CRIU, so what the later ones look at is there in the earlier ones'
/// directories too.
pub(super) const FALLBACK_RULES: &[Rule] = &[
    Rule { engine: EngineName::Docker, holds: |documents, _| docker(documents) },
    Rule { engine: EngineName::Lxc, holds: |_, layout| lxc(layout) },
    Rule { engine: EngineName::Crun, holds: |_, layout| descriptors(layout, true) },
    Rule { engine: EngineName::Runc, holds: |_, layout| descriptors(layout, false) },
    Rule { engine: EngineName::Criu, holds: |_, layout| plain(layout) },
];

fn evidence(member: &str, text: String) -> Evidence {
    Evidence { member: member.to_owned(), text }
}

fn manager(documents: &Documents, name: &str) -> Option<Evidence> {
    let value = documents.spec.get()?.annotations.as_ref()?.get(MANAGER_KEY)?;
    (value == name).then(|| evidence(documents.spec_member(), format!("annotation {MANAGER_KEY} is {name}")))
}

fn containerd_status(documents: &Documents) -> Option<Evidence> {
    if !documents.status_dump.is_absent() {
        return Some(evidence("status.dump", "only containerd writes this member".to_owned()));
    }
    let version = documents.status.get()?.version.as_deref()?;
    (version == "v1").then(|| evidence("status", "key Version is v1".to_owned()))
}

fn containerd_annotation(documents: &Documents) -> Option<Evidence> {
    let annotations = documents.spec.get()?.annotations.as_ref()?;
    let key = CONTAINERD_KEYS.iter().find(|key| annotations.contains_key(**key))?;
    Some(evidence(documents.spec_member(), format!("annotation {key} is there")))
}

fn ctr_export(documents: &Documents, layout: &Layout<'_>) -> Option<Evidence> {
    if let Some(runtime) = layout.index.get(ctr::RUNTIME_ANNOTATION) {
        let text = format!("index annotation {} is {}", ctr::RUNTIME_ANNOTATION, Brief(runtime));
        return Some(evidence("index.json", text));
    }
    let blob = documents.member(Role::CtrSpec);
    let member = blob.or_else(|| (layout.kind == "ctr-export").then_some("index.json"))?;
    Some(evidence(member, "the index lists parts of a checkpoint of containerd's client".to_owned()))
}

fn podman_keys(documents: &Documents) -> Option<Evidence> {
    let config = documents.config.get()?;
    let keys = [
        (config.lock_id.is_some(), "lockID"),
        (config.static_dir.is_some(), "staticDir"),
        (config.spec.is_some(), "spec"),
    ];
    let (_, key) = keys.into_iter().find(|(there, _)| *there)?;
    Some(evidence("config.dump", format!("only Podman writes the key {key}")))
}

fn crio_members(_: &Documents, layout: &Layout<'_>) -> Option<Evidence> {
    let members = ["bind.mounts", "io.kubernetes.cri-o.LogPath"];
    let member = members.into_iter().find(|name| (layout.has)(name))?;
    Some(evidence(member, "only CRI-O writes this member".to_owned()))
}

/// CRI-O and Podman never compress the diff; the first releases of Podman that had one are told by their
/// keys.
fn compressed_diff(layout: &Layout<'_>) -> Option<Evidence> {
    layout.compressed_diff.then(|| evidence("rootfs-diff.tar", "compressed with gzip".to_owned()))
}

fn docker(documents: &Documents) -> Option<Evidence> {
    documents.docker.get()?;
    Some(evidence("config.json", "has created and name and no ociVersion".to_owned()))
}

fn lxc(layout: &Layout<'_>) -> Option<Evidence> {
    if !layout.is_bare() {
        return None;
    }
    if (layout.has)("tty.info") {
        return Some(evidence("tty.info", "only liblxc writes this file".to_owned()));
    }
    let migrated = (layout.has)("final") && (layout.has)("000");
    migrated.then(|| evidence("final", "the steps of a live migration lie beside each other".to_owned()))
}

/// runc writes the file for its owner to read and write, crun for everything. Copies change modes: weak
/// evidence.
fn descriptors(layout: &Layout<'_>, executable: bool) -> Option<Evidence> {
    let member = descriptors_member(layout)?;
    if !layout.is_bare() || (layout.descriptors_mode.unwrap_or(0) & 0o100 != 0) != executable {
        return None;
    }
    let mode = layout
        .descriptors_mode
        .map_or("mode not known".to_owned(), |mode| format!("mode {:04o}", mode & 0o7777));
    let (may, runtime) = if executable { ("may", "crun") } else { ("may not", "runc") };
    let text = format!(
        "its owner {may} execute it ({mode}), as {runtime} writes it; weak, because copies change modes"
    );
    Some(evidence(member, text))
}

fn descriptors_member(layout: &Layout<'_>) -> Option<&'static str> {
    ["descriptors.json", "checkpoint/descriptors.json"].into_iter().find(|name| (layout.has)(name))
}

fn plain(layout: &Layout<'_>) -> Option<Evidence> {
    let images = [
        "inventory.img",
        "pstree.img",
        "checkpoint/inventory.img",
        "checkpoint/pstree.img",
        "final/inventory.img",
        "final/pstree.img",
    ];
    let image = images.into_iter().find(|name| (layout.has)(name))?;
    let alone = layout.is_bare() && descriptors_member(layout).is_none() && lxc(layout).is_none();
    alone.then(|| evidence(image, "images without descriptors.json, which every runtime writes".to_owned()))
}
