//! A value with the place it comes from, and how one is chosen from several sources.

use std::fmt::{self, Debug};

use serde::{Serialize, Serializer};

use crate::config_dump::ConfigDump;
use crate::containerd::{Status, StatusDump};
use crate::crio::CriMetadata;
use crate::criu_log::CriuLog;
use crate::documents::{Documents, Role};
use crate::engine::EngineName;
use crate::finding::{Brief, Code, Findings};
use crate::layout::Layout;
use crate::oci_spec::Spec;
use crate::pod::PodMetadata;

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Origin {
    /// The member of the archive, or `manifest`, `index` and the like for annotations around it.
    pub member: String,
    /// The key in it, or in words what the value was derived from.
    pub key: String,
}

impl Origin {
    /// An origin.
    pub fn new(member: impl Into<String>, key: impl Into<String>) -> Self {
        Origin { member: member.into(), key: key.into() }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.member, self.key)
    }
}

/// A value and where it comes from. Serialised it is the value alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub from: Origin,
    /// True if it tells something about the machine that made the checkpoint, not about the container.
    pub host: bool,
    /// What other sources say, if it is something else. None of them is more or less true than the value.
    pub alternatives: Vec<Fact<T>>,
}

impl<T> Fact<T> {
    /// A value of the container.
    pub fn new(value: T, from: Origin) -> Self {
        Fact { value, from, host: false, alternatives: Vec::new() }
    }

    /// Marks the value as one of the host.
    #[must_use]
    pub fn of_host(mut self) -> Self {
        self.host = true;
        self
    }
}

impl<T: Serialize> Serialize for Fact<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

/// All that facts are taken from.
pub(crate) struct Sources<'a> {
    pub(crate) documents: &'a Documents,
    pub(crate) layout: &'a Layout<'a>,
    pub(crate) engine: EngineName,
}

/// Engines whose archives have a source. Keys that only one engine writes need no such limit.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Engines {
    All,
    Only(EngineName),
    Except(EngineName),
}

/// Where a source lies.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    Document(Role),
    /// Annotations of a checkpoint image's manifest.
    Manifest,
    /// Annotations of a `ctr` checkpoint's index.
    Index,
}

/// A row of a table of sources.
pub(crate) struct Source<T> {
    pub(crate) engines: Engines,
    pub(crate) place: Place,
    pub(crate) key: &'static str,
    pub(crate) get: fn(&Sources<'_>, &str) -> Option<T>,
}

/// Makes a table of sources of a fact, first the one to prefer.
///
/// ```text
/// sources! { ID: String { All ConfigDump "id" => config_id, } }   becomes
/// const ID: &[Source<String>] = &[Source { engines: All, place: Document(ConfigDump), key: "id", get: config_id }]
/// ```
macro_rules! sources {
    ($($(#[$doc:meta])* $name:ident: $type:ty {
        $($engines:ident $(($engine:ident))? $place:ident $key:literal => $get:expr,)*
    })*) => {$(
        $(#[$doc])*
        const $name: &[crate::fact::Source<$type>] = &[$(crate::fact::Source {
            engines: crate::fact::Engines::$engines $((crate::engine::EngineName::$engine))?,
            place: crate::fact::sources!(@place $place),
            key: $key,
            get: $get,
        },)*];
    )*};
    (@place Manifest) => { crate::fact::Place::Manifest };
    (@place Index) => { crate::fact::Place::Index };
    (@place $role:ident) => { crate::fact::Place::Document(crate::documents::Role::$role) };
}
pub(crate) use sources;

impl<'a> Sources<'a> {
    /// Asks all sources of a fact. The first that answers gives the value; others that say something else are
    /// alternatives, and a finding tells of them. `same` says whether two answers mean the same.
    pub(crate) fn choose<T: Debug>(
        &self,
        name: &str,
        table: &[Source<T>],
        same: fn(&T, &T) -> bool,
        findings: &mut Findings,
    ) -> Option<Fact<T>> {
        let mut fact: Option<Fact<T>> = None;
        for source in table.iter().filter(|source| self.applies(source.engines)) {
            // Whoever built the image wrote these annotations: they fill gaps, they contradict nothing.
            if matches!(source.place, Place::Manifest) && fact.is_some() {
                continue;
            }
            let Some(value) = (source.get)(self, source.key) else { continue };
            let answer = Fact::new(value, Origin::new(self.member(source.place), source.key));
            let Some(fact) = &mut fact else {
                fact = Some(answer);
                continue;
            };
            let known = std::iter::once(&*fact)
                .chain(&fact.alternatives)
                .any(|other| same(&other.value, &answer.value));
            if !known {
                let (first, second) = (Brief(&fact.value), Brief(&answer.value));
                let (here, there) = (&fact.from, &answer.from.key);
                let text = format_args!("{name}: {there} says {second}, {here} says {first}");
                findings.about(&answer.from.member, Code::Contradiction, text);
                fact.alternatives.push(answer);
            }
        }
        fact
    }

    /// `config.dump`, if it could be read.
    pub(crate) fn config(&self) -> Option<&'a ConfigDump> {
        self.documents.config.get()
    }

    /// The specification, if it could be read.
    pub(crate) fn spec(&self) -> Option<&'a Spec> {
        self.documents.spec.get()
    }

    /// `status`, if it could be read.
    pub(crate) fn status(&self) -> Option<&'a Status> {
        self.documents.status.get()
    }

    /// `status.dump`, if it could be read.
    pub(crate) fn status_dump(&self) -> Option<&'a StatusDump> {
        self.documents.status_dump.get()
    }

    /// `dump.log`.
    pub(crate) fn log(&self) -> Option<&'a CriuLog> {
        self.documents.log.get()
    }

    /// Names of the pod in `pod.dump`.
    pub(crate) fn pod_metadata(&self) -> Option<&'a PodMetadata> {
        self.documents.pod_dump.get()?.metadata.as_ref()
    }

    /// Name and attempt in CRI-O's annotations.
    pub(crate) fn crio_metadata(&self) -> Option<&'a CriMetadata> {
        self.documents.crio.metadata.as_ref()
    }

    /// A place in the document of a role.
    pub(crate) fn origin(&self, role: Role, key: &str) -> Origin {
        Origin::new(self.member(Place::Document(role)), key)
    }

    fn applies(&self, engines: Engines) -> bool {
        match engines {
            Engines::All => true,
            Engines::Only(engine) => self.engine == engine,
            Engines::Except(engine) => self.engine != engine,
        }
    }

    fn member(&self, place: Place) -> &str {
        match place {
            Place::Document(Role::SpecDump) => self.documents.spec_member(),
            Place::Document(role) => self.documents.member(role).unwrap_or_default(),
            Place::Manifest => "manifest",
            Place::Index => "index",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    sources! {
        NAME: String {
            All ConfigDump "name" => |sources, _| sources.documents.config.get()?.name.clone(),
            Only(CriO) SpecDump "hostname" => |sources, _| sources.documents.spec.get()?.hostname.clone(),
            All Manifest "a" => |sources, key| sources.layout.manifest.get(key).cloned(),
        }
    }

    /// The chosen value and the alternatives, each with its origin.
    fn check(engine: EngineName, manifest: &str, expected: &[(&str, &str)]) {
        let mut documents = Documents::default();
        documents.add("config.dump", br#"{"name": "first"}"#);
        documents.add("spec.dump", br#"{"hostname": "second"}"#);
        let has = |_: &str| false;
        let mut layout = Layout::new(&has);
        layout.manifest.insert("a".to_owned(), manifest.to_owned());
        let mut findings = Findings::new("");
        let sources = Sources { documents: &documents, layout: &layout, engine };
        let fact = sources.choose("name", NAME, String::eq, &mut findings).unwrap();
        let all: Vec<_> = std::iter::once(&fact).chain(&fact.alternatives).collect();
        let got: Vec<_> = all.iter().map(|fact| (fact.value.clone(), fact.from.to_string())).collect();
        let expected: Vec<_> =
            expected.iter().map(|(value, from)| ((*value).to_owned(), (*from).to_owned())).collect();
        assert_eq!(got, expected);
        assert_eq!(findings.finish().len(), expected.len().saturating_sub(1));
    }

    #[test]
    fn the_first_source_wins_and_others_are_kept() {
        check(EngineName::Podman, "first", &[("first", "config.dump name")]);
        check(EngineName::CriO, "first", &[("first", "config.dump name"), ("second", "spec.dump hostname")]);
        check(EngineName::CriO, "third", &[("first", "config.dump name"), ("second", "spec.dump hostname")]);
    }
}
