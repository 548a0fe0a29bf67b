//! Which source of a fact wins: every source alone, and each against those behind it.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "the numbers of a test are small, and overflow would fail it"
)]

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::*;
use crate::documents::Role;
use crate::engine::EngineName::{self, Containerd, CriO, Crun, Podman, Runc, Unknown};

mod sources;

/// Where a source stands: a document with `$` in place of the value, or a key of annotations around the archive.
#[derive(Debug, Clone, Copy)]
enum Place {
    Document(&'static str, &'static str),
    Manifest(&'static str),
    Index(&'static str),
}

/// A row of the table of a fact: whose archives have it, where it stands, and how its origin is told.
type Row = (EngineName, Place, &'static str);

/// A fact, the values that its sources shall have, and its sources, the best first.
struct FactTable {
    name: &'static str,
    /// The fact of a container, as JSON.
    get: fn(&Container) -> Option<Fact<Value>>,
    /// A value of its own for each source, as it stands there.
    sample: fn(usize) -> String,
    /// Whether different values are a contradiction.
    contradicts: bool,
    rows: &'static [Row],
}

/// A fact as JSON.
fn fact<T: Serialize>(fact: Option<&Fact<T>>) -> Option<Fact<Value>> {
    let fact = fact?;
    let json = |value: &T| serde_json::to_value(value).unwrap();
    let alternatives =
        fact.alternatives.iter().map(|other| Fact::new(json(&other.value), other.from.clone()));
    Some(Fact {
        value: json(&fact.value),
        from: fact.from.clone(),
        host: fact.host,
        alternatives: alternatives.collect(),
    })
}

/// The archive that holds all of these sources, and what is made of it.
fn filled(engine: EngineName, sources: &[(Place, String)]) -> (Container, Vec<Finding>) {
    let mut texts: BTreeMap<&str, Value> = BTreeMap::new();
    let (mut manifest, mut index) = (BTreeMap::new(), BTreeMap::new());
    for (place, value) in sources {
        match place {
            Place::Document(member, template) => {
                let text = template.replace('$', value);
                let json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
                merge(texts.entry(member).or_insert(Value::Object(Map::new())), json);
            }
            Place::Manifest(key) => drop(manifest.insert((*key).to_owned(), value.clone())),
            Place::Index(key) => drop(index.insert((*key).to_owned(), value.clone())),
        }
    }
    let mut documents = Documents::default();
    for (member, json) in &texts {
        assert!(documents.add(member, json.to_string().as_bytes()), "{member}");
    }
    let read_soundly = documents.findings.is_empty();
    assert!(read_soundly, "{:?}", documents.findings);
    let has = |name: &str| texts.contains_key(name);
    let mut layout = Layout::new(&has);
    (layout.manifest, layout.index) = (manifest, index);
    let mut findings = Findings::new("spec.dump");
    let container =
        Container::new(&Sources { documents: &documents, layout: &layout, engine }, &mut findings);
    (container, findings.finish())
}

/// Puts one object into another, key by key.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

impl FactTable {
    fn sources(&self, numbers: &[usize]) -> Vec<(Place, String)> {
        numbers.iter().map(|&number| (self.rows[number].1, (self.sample)(number))).collect()
    }

    /// Each source alone gives its value and says where it stands.
    fn check_alone(&self) {
        for (number, (engine, place, from)) in self.rows.iter().enumerate() {
            let (container, findings) = filled(*engine, &self.sources(&[number]));
            let found =
                (self.get)(&container).unwrap_or_else(|| panic!("{}: nothing at {place:?}", self.name));
            assert_eq!(found.from.to_string(), *from, "{}", self.name);
            assert!(found.alternatives.is_empty(), "{}: {place:?}", self.name);
            let about_this = findings.iter().find(|finding| finding.code == Code::Contradiction);
            assert_eq!(about_this, None, "{}: {place:?}", self.name);
        }
    }

    /// Of two sources with different values the earlier wins, and the later is told; with equal values nothing is.
    fn check_pairs(&self) {
        for first in 0..self.rows.len() {
            for second in first + 1..self.rows.len() {
                if self.rows[first].0 == self.rows[second].0
                    && distinct(self.rows[first].1, self.rows[second].1)
                {
                    self.check_pair(first, second);
                }
            }
        }
    }

    fn check_pair(&self, first: usize, second: usize) {
        let (engine, place, from) = self.rows[second];
        let (container, findings) = filled(engine, &self.sources(&[first, second]));
        let found = (self.get)(&container).unwrap();
        let what = format!("{}: {} over {from}", self.name, self.rows[first].2);
        assert_eq!(found.from.to_string(), self.rows[first].2, "{what}");
        // Who built an image wrote its annotations: they fill gaps and contradict nothing.
        let contradicts = self.contradicts && !matches!(place, Place::Manifest(_));
        let told: Vec<_> = findings
            .iter()
            .filter(|finding| finding.code == Code::Contradiction)
            .filter(|finding| finding.text.starts_with(&format!("{}: ", self.name)))
            .collect();
        assert_eq!(
            (told.len(), found.alternatives.len()),
            (usize::from(contradicts), usize::from(contradicts)),
            "{what}"
        );
        if let (Some(told), Some(other)) = (told.first(), found.alternatives.first()) {
            assert_eq!(other.from.to_string(), from, "{what}");
            assert_ne!(other.value, found.value, "{what}");
            assert_eq!(told.member, other.from.member, "{what}");
        }
        if self.contradicts {
            let same = (self.sample)(first);
            let (container, findings) =
                filled(engine, &[(self.rows[first].1, same.clone()), (self.rows[second].1, same)]);
            assert!((self.get)(&container).unwrap().alternatives.is_empty(), "{what}");
            let own = format!("{}: ", self.name);
            let about_this =
                |finding: &Finding| finding.code == Code::Contradiction && finding.text.starts_with(&own);
            assert!(!findings.iter().any(about_this), "{what}: {findings:?}");
        }
    }
}

/// Whether two sources can hold different values at once.
fn distinct(one: Place, other: Place) -> bool {
    match (one, other) {
        (Place::Document(one, first), Place::Document(other, second)) => {
            one != other || !templates_collide(first, second)
        }
        _ => true,
    }
}

/// Whether two templates put their values at one key.
fn templates_collide(first: &str, second: &str) -> bool {
    let path = |template: &str| {
        let value: Value = serde_json::from_str(&template.replace('$', "0")).unwrap();
        let mut paths = Vec::new();
        leaves(&value, String::new(), &mut paths);
        paths
    };
    let first = path(first);
    path(second).iter().any(|path| first.contains(path))
}

fn leaves(value: &Value, at: String, paths: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| leaves(value, format!("{at}/{key}"), paths))
        }
        _ => paths.push(at),
    }
}

#[test]
fn every_source_alone_is_found() {
    sources::TABLES.iter().for_each(FactTable::check_alone);
}

#[test]
fn earlier_sources_win_and_others_are_told() {
    sources::TABLES.iter().for_each(FactTable::check_pairs);
}

/// Empty texts are no answer, wherever they stand.
#[test]
fn empty_texts_are_passed_over() {
    for table in sources::TABLES {
        for (engine, place, from) in table.rows {
            let is_text = !(table.sample)(0).bytes().all(|byte| byte.is_ascii_digit()) || table.name == "id";
            let flag = matches!((table.sample)(0).as_str(), "true" | "false");
            let derived = from.ends_with("mode of the file") || from.contains("field");
            if !is_text || flag || derived || from.contains("inferred") || table.name == "labels" {
                continue;
            }
            let (container, _) = filled(*engine, &[(*place, String::new())]);
            let found = (table.get)(&container).filter(|found| found.value.as_str() == Some(""));
            assert_eq!(found, None, "{}: {from}", table.name);
        }
    }
}

#[test]
fn nothing_gives_nothing() {
    for engine in [CriO, Containerd, Podman, EngineName::Docker, EngineName::Lxc, EngineName::Criu, Unknown] {
        let (container, findings) = filled(engine, &[]);
        assert_eq!((container, findings), (Container::default(), vec![]), "{engine}");
    }
    let empty = |member| (Place::Document(member, "{}"), String::new());
    for engine in [CriO, Containerd, Podman, Unknown] {
        let (container, findings) =
            filled(engine, &["config.dump", "spec.dump", "status", "status.dump"].map(empty));
        assert_eq!(container.origins().count(), 0, "{:?}", container.origins().collect::<Vec<_>>());
        assert_eq!(findings, []);
    }
}

/// Of what the runtime alone says, crun and runc are told by a mode, which is no document.
#[test]
fn a_runtime_by_itself_is_its_own_name() {
    for (engine, name) in [(Crun, "crun"), (Runc, "runc")] {
        let mut documents = Documents::default();
        documents.add_as(Role::Descriptors, "descriptors.json", b"[]");
        let has = |name: &str| name == "descriptors.json";
        let layout = Layout::new(&has);
        let mut findings = Findings::new("");
        let sources = Sources { documents: &documents, layout: &layout, engine };
        let container = Container::new(&sources, &mut findings);
        let runtime = container.runtime.unwrap();
        assert_eq!(
            (runtime.value.as_str(), runtime.from.to_string()),
            (name, "descriptors.json mode of the file".into())
        );
    }
}

/// An archive of an engine without one of the two documents was cut or edited; a runtime's directory has none.
#[test]
fn documents_that_should_be_there_are_missed() {
    let missing = |members: &[&str], kind: &str| {
        let mut documents = Documents::default();
        for member in members.iter().filter(|name| name.ends_with(".dump")) {
            documents.add(member, b"{}");
        }
        let has = |name: &str| members.contains(&name);
        let mut layout = Layout::new(&has);
        layout.kind = kind;
        let findings = Metadata::new(&documents, &layout).findings.into_iter();
        findings
            .filter(|finding| finding.code == Code::DocumentMissing)
            .map(|finding| finding.member)
            .collect::<Vec<_>>()
    };
    assert_eq!(missing(&["config.dump", "spec.dump", "checkpoint"], "tar"), [""; 0]);
    assert_eq!(missing(&["config.dump", "checkpoint"], "tar"), ["spec.dump"]);
    assert_eq!(missing(&["spec.dump", "pre-checkpoint"], "tar"), ["config.dump"]);
    assert_eq!(missing(&["checkpoint", "rootfs-diff.tar"], "tar"), ["config.dump", "spec.dump"]);
    assert_eq!(missing(&["checkpoint", "descriptors.json"], "directory"), [""; 0]);
    assert_eq!(missing(&["inventory.img"], "directory"), [""; 0]);
    assert_eq!(missing(&["config.dump"], "ctr-export"), [""; 0]);
}

/// The engine that documents name is the one whose sources are asked: Podman's `name` is the container's.
#[test]
fn facts_follow_from_the_engine_that_is_told() {
    let name_of = |manager: &str| {
        let mut documents = Documents::default();
        documents.add("config.dump", br#"{"name": "k8s_web_pod-1_default_8b7f_0"}"#);
        documents.add(
            "spec.dump",
            format!(r#"{{"annotations": {{"io.container.manager": "{manager}"}}}}"#).as_bytes(),
        );
        let has = |_: &str| false;
        let metadata = Metadata::new(&documents, &Layout::new(&has));
        metadata.container.name.map(|name| name.value)
    };
    assert_eq!(name_of("cri-o").as_deref(), Some("web"));
    // Podman has no such names: what stands in front is its own, the fields are an alternative.
    assert_eq!(name_of("libpod").as_deref(), Some("k8s_web_pod-1_default_8b7f_0"));
}
