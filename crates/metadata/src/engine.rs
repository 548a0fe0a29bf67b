//! Which engine made a checkpoint, in which version, and what that rests on.
//!
//! A table of rules; the first that holds decides, the others are evidence for it or a finding against it. A
//! file's name or suffix is never evidence.

mod rules;
mod versions;

use std::fmt;

use serde::{Serialize, Serializer};

use crate::documents::Documents;
use crate::finding::{Code, Findings};
use crate::layout::Layout;
use rules::{FALLBACK_RULES, RULES};

/// A program that makes checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum EngineName {
    /// CRI-O.
    CriO,
    /// containerd, through the CRI or its own client.
    Containerd,
    /// Podman.
    Podman,
    /// Docker up to 17; newer Docker leaves what runc leaves.
    Docker,
    /// runc by itself.
    Runc,
    /// crun by itself.
    Crun,
    /// LXC, LXD or Incus.
    Lxc,
    /// CRIU by itself.
    Criu,
    /// Nothing in the archive tells.
    #[default]
    Unknown,
}

impl EngineName {
    /// The name that scripts may rely on.
    pub fn as_str(self) -> &'static str {
        match self {
            EngineName::CriO => "cri-o",
            EngineName::Containerd => "containerd",
            EngineName::Podman => "podman",
            EngineName::Docker => "docker",
            EngineName::Runc => "runc",
            EngineName::Crun => "crun",
            EngineName::Lxc => "lxc",
            EngineName::Criu => "criu",
            EngineName::Unknown => "unknown",
        }
    }

    /// The name as its makers write it.
    pub fn title(self) -> &'static str {
        match self {
            EngineName::CriO => "CRI-O",
            EngineName::Podman => "Podman",
            EngineName::Docker => "Docker",
            EngineName::Lxc => "LXC",
            EngineName::Criu => "CRIU",
            EngineName::Unknown => "an unknown engine",
            other => other.as_str(),
        }
    }
}

impl fmt::Display for EngineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for EngineName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The engine of a checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Engine {
    /// Which engine.
    pub name: EngineName,
    /// Its version: exact as `4.3.1`, or a range as `at least 1.35`. Absent if nothing tells.
    pub version: Option<String>,
    /// What name and version rest on.
    pub evidence: Vec<Evidence>,
}

/// A fact that tells an engine or a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The member that it stands in, or is about.
    pub member: String,
    /// What it is and what it says.
    pub text: String,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.member, self.text)
    }
}

/// Tells the engine of an archive.
pub(crate) fn detect(documents: &Documents, layout: &Layout<'_>, findings: &mut Findings) -> Engine {
    let mut engine = Engine::default();
    let mut against = Vec::new();
    for rule in RULES {
        let Some(evidence) = (rule.holds)(documents, layout) else { continue };
        if engine.evidence.is_empty() {
            engine.name = rule.engine;
        }
        if engine.name == rule.engine {
            engine.evidence.push(evidence);
        } else {
            against.push((rule.engine, evidence));
        }
    }
    if engine.evidence.is_empty()
        && let Some((rule, evidence)) =
            FALLBACK_RULES.iter().find_map(|rule| Some((rule, (rule.holds)(documents, layout)?)))
    {
        engine.name = rule.engine;
        engine.evidence.push(evidence);
    }
    for (name, evidence) in &against {
        let (taken, because) =
            (engine.name, engine.evidence.first().map(Evidence::to_string).unwrap_or_default());
        let text = format_args!("speaks for {name}: {}; taken for {taken}: {because}", evidence.text);
        findings.about(&evidence.member, Code::EngineContradiction, text);
    }
    versions::add(&mut engine, documents, layout, findings);
    engine
}

#[cfg(test)]
mod tests;
