//! What tells the version of an engine: an exact text in rare cases, else bounds.

use super::{Engine, EngineName, Evidence};
use crate::documents::Documents;
use crate::finding::{Code, Findings};
use crate::json::Node;
use crate::layout::Layout;
use crate::network_status::NetworkStatus;

/// Major and minor number.
type Version = (u32, u32);

/// What a hint says: from this version on, up to that one, both included.
struct Hint {
    engine: EngineName,
    least: Option<Version>,
    most: Option<Version>,
    member: &'static str,
    because: &'static str,
    holds: fn(&Documents, &Layout<'_>) -> bool,
}

macro_rules! hints {
    ($($engine:ident $least:tt .. $most:tt $member:literal $because:literal: $holds:expr;)*) => {
        const HINTS: &[Hint] = &[$(Hint {
            engine: EngineName::$engine,
            least: hints!(@bound $least),
            most: hints!(@bound $most),
            member: $member,
            because: $because,
            holds: $holds,
        },)*];
    };
    (@bound _) => { None };
    (@bound ($major:literal, $minor:literal)) => { Some(($major, $minor)) };
}

hints! {
    Podman _ .. (3, 4) "network.status" "is a list": |d, _| matches!(d.network.get(), Some(NetworkStatus::Cni(_)));
    Podman (4, 0) .. _ "network.status" "is an object": |d, _| matches!(d.network.get(), Some(NetworkStatus::Networks(_)));
    Podman (4, 0) .. _ "stats-dump" "is there": |_, l| l.has_any(&["stats-dump", "devshm-checkpoint.tar"]);
    Podman _ .. (3, 4) "config.dump" "has the key networks": |d, _| config(d, |c| c.networks.is_some());
    Podman (4, 0) .. (5, 99) "config.dump" "has the key newNetworks": |d, _| config(d, |c| c.new_networks.is_some());
    Podman (6, 0) .. _ "config.dump" "has the key orderedNetworks": |d, _| config(d, |c| c.ordered_networks.is_some());
    Podman _ .. (3, 4) "config.dump" "staticIP is null": |d, _| other(d, "staticIP", |value| *value == Node::Null);
    Podman _ .. (4, 3) "spec.dump" "has the annotation io.kubernetes.cri-o.Created": |d, _| annotation(d, "io.kubernetes.cri-o.Created");
    Podman (4, 4) .. _ "config.dump" "has a key newer than 4.3": |d, _| NEWER_PODMAN_KEYS.iter().any(|key| other(d, key, |_| true));
    CriO (1, 25) .. (1, 25) "config.dump" "has three keys": |d, _| config(d, |c| c.created.is_none() && c.checkpointed.is_none() && c.runtime.is_none());
    CriO (1, 26) .. (1, 26) "config.dump" "has createdTime and no checkpointedTime": |d, _| config(d, |c| c.created.is_some() && c.checkpointed.is_none());
    CriO (1, 27) .. _ "config.dump" "has checkpointedTime": |d, _| config(d, |c| c.checkpointed.is_some());
    CriO (1, 28) .. _ "config.dump" "has rootfsImageRef": |d, _| config(d, |c| c.rootfs_image_ref.is_some());
    CriO (1, 28) .. (1, 34) "spec.dump" "has the annotation io.kubernetes.cri-o.PlatformRuntimePath": |d, _| annotation(d, "io.kubernetes.cri-o.PlatformRuntimePath");
    CriO (1, 35) .. _ "spec.dump" "has the annotation platform-runtime-path.crio.io": |d, _| annotation(d, "platform-runtime-path.crio.io");
    CriO (1, 34) .. _ "spec.dump" "has the annotation io.kubernetes.cri-o.ImageRepoDigests": |d, _| annotation(d, "io.kubernetes.cri-o.ImageRepoDigests");
    Containerd (2, 0) .. (2, 0) "status.dump" "is not there": |d, _| !d.config.is_absent() && d.status_dump.is_absent();
    Containerd (2, 1) .. _ "status.dump" "is there": |d, _| !d.status_dump.is_absent();
    Containerd (2, 1) .. (2, 3) "status" "has the key Restore": |d, _| d.status.get().is_some_and(|status| status.restore.is_some());
    Podman _ .. (4, 5) "config.dump" "tar modes hold the file type": |_, l| l.mode_has_type == Some(true);
    CriO _ .. (1, 27) "config.dump" "tar modes hold the file type": |_, l| l.mode_has_type == Some(true);
    Podman _ .. (4, 9) "config.dump" "the tar names users": |_, l| l.user_names == Some(true);
    CriO _ .. (1, 30) "config.dump" "the tar names users": |_, l| l.user_names == Some(true);
}

/// Keys of config.dump that Podman wrote from 4.4 on.
const NEWER_PODMAN_KEYS: &[&str] = &["preserveFd", "kubeExitCodePropagation", "label_nested"];

/// Annotations of a checkpoint image that name the version exactly.
const EXACT: &[(EngineName, &str)] = &[
    (EngineName::Podman, "io.podman.annotations.checkpoint.podman.version"),
    (EngineName::CriO, "io.kubernetes.cri-o.annotations.checkpoint.cri-o.version"),
];

/// Adds version and evidence to an engine whose name is known.
pub(super) fn add(engine: &mut Engine, documents: &Documents, layout: &Layout<'_>, findings: &mut Findings) {
    let (mut least, mut most) = (None::<&Hint>, None::<&Hint>);
    for hint in HINTS.iter().filter(|hint| hint.engine == engine.name) {
        if !(hint.holds)(documents, layout) {
            continue;
        }
        if hint.least.is_some() && least.is_none_or(|known| known.least < hint.least) {
            least = Some(hint);
        }
        if hint.most.is_some() && most.is_none_or(|known| known.most > hint.most) {
            most = Some(hint);
        }
    }
    let range = (least.and_then(|hint| hint.least), most.and_then(|hint| hint.most));
    let contradictory = matches!(range, (Some(least), Some(most)) if least > most);
    if let (true, Some(least), Some(most)) = (contradictory, least, most) {
        let (low, high) = (evidence(least), evidence(most));
        findings.about(
            low.member.as_str(),
            Code::EngineContradiction,
            format_args!("{}; but {high}", low.text),
        );
    } else {
        engine.version = text(range);
    }
    let mut told: Vec<Evidence> = [least, most].into_iter().flatten().map(evidence).collect();
    told.dedup();
    engine.evidence.extend(told);
    exact(engine, layout);
}

fn exact(engine: &mut Engine, layout: &Layout<'_>) {
    for (name, key) in EXACT.iter().filter(|(name, _)| *name == engine.name) {
        if let Some(version) = layout.manifest.get(*key).filter(|version| !version.is_empty()) {
            engine.version = Some(version.clone());
            let text = format!("annotation {key} names the version of {}", name.title());
            engine.evidence.push(Evidence { member: "manifest".to_owned(), text });
        }
    }
}

fn evidence(hint: &Hint) -> Evidence {
    let range = text((hint.least, hint.most)).unwrap_or_default();
    Evidence { member: hint.member.to_owned(), text: format!("{}: {range}", hint.because) }
}

/// A range of versions in words. A minor number of 99 stands for the last of its major.
fn text(range: (Option<Version>, Option<Version>)) -> Option<String> {
    let word =
        |(major, minor): Version| if minor == 99 { format!("{major}") } else { format!("{major}.{minor}") };
    match range {
        (None, None) => None,
        (Some(least), None) => Some(format!("at least {}", word(least))),
        (None, Some(most)) => Some(format!("at most {}", word(most))),
        (Some(least), Some(most)) if least == most => Some(word(least)),
        (Some(least), Some(most)) => Some(format!("{} to {}", word(least), word(most))),
    }
}

fn config(documents: &Documents, holds: fn(&crate::ConfigDump) -> bool) -> bool {
    documents.config.get().is_some_and(holds)
}

fn other(documents: &Documents, key: &str, holds: fn(&Node) -> bool) -> bool {
    documents.config.get().and_then(|config| config.other.get(key)).is_some_and(holds)
}

fn annotation(documents: &Documents, key: &str) -> bool {
    let annotations = documents.spec.get().and_then(|spec| spec.annotations.as_ref());
    annotations.is_some_and(|annotations| annotations.contains_key(key))
}
