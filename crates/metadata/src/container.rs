//! The one normalised form of a container, whatever engine described it.
//!
//! Each fact says which member and key it comes from. A fact that the archive does not hold is `None`; it is
//! never guessed, and what is inferred says so. Facts of the machine that made the checkpoint are marked as
//! such.

mod identity;
mod network;
mod process;
mod security;
mod signal;
mod times;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::documents::Documents;
use crate::engine::{self, Engine};
use crate::fact::{Fact, Origin, Sources};
use crate::finding::{Code, Finding, Findings};
use crate::layout::Layout;
use crate::time::Time;

pub use identity::{Image, Pod};
pub use network::{Interface, Port};
pub use process::{Mount, ProcessSpec};
pub use security::{HookEntry, NamespaceUse, Security, Sharing};
pub use signal::SIGNALS;
pub use times::{CheckpointTime, Precision};

/// A container.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Container {
    /// Its id: 64 hexadecimal digits, or the name given to `ctr` or runc.
    pub id: Option<Fact<String>>,
    /// Its name: in its pod for Kubernetes, else as the user or Podman chose it.
    pub name: Option<Fact<String>>,
    /// The runtime, one word: `runc`, `crun`. Paths and shims are reduced to it.
    pub runtime: Option<Fact<String>>,
    /// Its image.
    pub image: Image,
    /// When it was created.
    pub created: Option<Fact<Time>>,
    /// When it was started. Only containerd stores it.
    pub started: Option<Fact<Time>>,
    /// When it was checkpointed, from the best of [`Container::checkpoint_times`].
    pub checkpointed: Option<Fact<Time>>,
    /// What the time of the checkpoint was taken from, in words.
    pub checkpointed_from: Option<String>,
    /// All that tells when it was checkpointed, the best first.
    pub checkpoint_times: Vec<CheckpointTime>,
    /// Whether it was itself made from a checkpoint. False means that the engine says so; `None` that nothing
    /// does.
    pub restored: Option<Fact<bool>>,
    /// The image of the checkpoint that it was made from. Only containerd passes that on.
    pub restored_from: Option<Fact<String>>,
    /// When the checkpoint that it was made from was made: not this checkpoint. Only containerd passes that
    /// on.
    pub earlier_checkpoint: Option<Fact<Time>>,
    /// How often Kubernetes had started it before.
    pub attempt: Option<Fact<u64>>,
    /// Its pod; `None` if it is in none, or nothing tells.
    pub pod: Option<Pod>,
    /// Labels. Those of a pod that are not the container's are in no archive.
    pub labels: Option<Fact<BTreeMap<String, String>>>,
    /// Annotations, without those in which the engine keeps its own facts.
    pub annotations: Option<Fact<BTreeMap<String, String>>>,
    /// Ports that it declares or publishes.
    pub ports: Vec<Port>,
    /// Addresses, with the prefix length where it is known, as `10.88.0.27/16`.
    pub addresses: Vec<Fact<String>>,
    /// Network interfaces. Only Podman stores them.
    pub interfaces: Vec<Interface>,
    /// Where the log lay on the host.
    pub log_path: Option<Fact<String>>,
    /// Mounts in the order in which they were made.
    pub mounts: Vec<Mount>,
    /// What it may do.
    pub security: Security,
    /// Limits of its cgroup, as the runtime was told.
    pub resources: Option<Fact<crate::oci_spec::Resources>>,
    /// Its first process, as the runtime was told.
    pub process: ProcessSpec,
    /// Its host name.
    pub hostname: Option<Fact<String>>,
    /// The signal that stops it, its name.
    pub stop_signal: Option<Fact<String>>,
    /// When it is restarted.
    pub restart_policy: Option<Fact<String>>,
    /// Where its root file system lay on the host.
    pub rootfs_path: Option<Fact<String>>,
    /// Its cgroup, as the runtime was told.
    pub cgroup_path: Option<Fact<String>>,
    /// Version of CRIU that made the checkpoint, as far as log or annotations tell.
    pub criu_version: Option<Fact<String>>,
    /// Release of the kernel of the machine.
    pub kernel: Option<Fact<String>>,
    /// Name of the machine.
    pub node: Option<Fact<String>>,
}

/// What an archive's documents say, all together.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Metadata {
    /// The engine that made the checkpoint.
    pub engine: Engine,
    /// The container.
    pub container: Container,
    /// What is wrong with the documents, then what is contradictory between them.
    pub findings: Vec<Finding>,
}

impl Metadata {
    /// Brings documents and layout of an archive into the normal form.
    pub fn new(documents: &Documents, layout: &Layout<'_>) -> Self {
        let mut findings = Findings::new(documents.spec_member());
        let engine = engine::detect(documents, layout, &mut findings);
        let sources = Sources { documents, layout, engine: engine.name };
        let container = Container::new(&sources, &mut findings);
        report_missing(documents, layout, &mut findings);
        let mut all = documents.findings.clone();
        all.extend(findings.finish());
        Metadata { engine, container, findings: all }
    }
}

impl Container {
    fn new(sources: &Sources<'_>, findings: &mut Findings) -> Self {
        let mut container = Container::default();
        identity::fill(&mut container, sources, findings);
        times::fill(&mut container, sources, findings);
        network::fill(&mut container, sources, findings);
        process::fill(&mut container, sources, findings);
        security::fill(&mut container, sources, findings);
        container
    }

    /// Where the facts come from that are single values, by the name of the field; those that are `None` are
    /// left out.
    pub fn origins(&self) -> impl Iterator<Item = (&'static str, &Origin)> {
        let facts = [
            ("id", from(&self.id)),
            ("name", from(&self.name)),
            ("runtime", from(&self.runtime)),
            ("image.name", from(&self.image.name)),
            ("image.requested", from(&self.image.requested)),
            ("image.id", from(&self.image.id)),
            ("image.digest", from(&self.image.digest)),
            ("created", from(&self.created)),
            ("started", from(&self.started)),
            ("checkpointed", from(&self.checkpointed)),
            ("restored", from(&self.restored)),
            ("restored_from", from(&self.restored_from)),
            ("earlier_checkpoint", from(&self.earlier_checkpoint)),
            ("attempt", from(&self.attempt)),
            ("pod.name", self.pod.as_ref().and_then(|pod| from(&pod.name))),
            ("pod.namespace", self.pod.as_ref().and_then(|pod| from(&pod.namespace))),
            ("pod.uid", self.pod.as_ref().and_then(|pod| from(&pod.uid))),
            ("pod.attempt", self.pod.as_ref().and_then(|pod| from(&pod.attempt))),
            ("pod.id", self.pod.as_ref().and_then(|pod| from(&pod.id))),
            ("labels", from(&self.labels)),
            ("annotations", from(&self.annotations)),
            ("log_path", from(&self.log_path)),
            ("resources", from(&self.resources)),
            ("hostname", from(&self.hostname)),
            ("stop_signal", from(&self.stop_signal)),
            ("restart_policy", from(&self.restart_policy)),
            ("rootfs_path", from(&self.rootfs_path)),
            ("cgroup_path", from(&self.cgroup_path)),
            ("criu_version", from(&self.criu_version)),
            ("kernel", from(&self.kernel)),
            ("node", from(&self.node)),
        ];
        facts.into_iter().filter_map(|(name, origin)| Some((name, origin?)))
    }
}

fn from<T>(fact: &Option<Fact<T>>) -> Option<&Origin> {
    fact.as_ref().map(|fact| &fact.from)
}

/// Engines always write config.dump and spec.dump: an archive without one of them was cut or edited.
fn report_missing(documents: &Documents, layout: &Layout<'_>, findings: &mut Findings) {
    let engine_archive =
        !layout.is_bare() && layout.kind != "ctr-export" && layout.has_any(&["checkpoint", "pre-checkpoint"]);
    let absent = [("config.dump", documents.config.is_absent()), ("spec.dump", documents.spec.is_absent())];
    for (name, absent) in absent.into_iter().filter(|_| engine_archive) {
        if absent {
            let text =
                format_args!("no such document was read, though engines write it into every checkpoint");
            findings.about(name, Code::DocumentMissing, text);
        }
    }
}

#[cfg(test)]
mod tests;
