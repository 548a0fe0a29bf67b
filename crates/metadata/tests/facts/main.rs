//! Every source of every fact by itself, then several of one fact: which counts, and what is said of the others.
//!
//! Documents are cut down to the one key that a row is about; keys and forms are those of the engines.
#![expect(clippy::unwrap_used, reason = "tests state facts")]

mod documents;
mod hostile;
mod identity;
mod logs;
mod members;
mod network;
mod podman;
mod process;
mod security;
mod sources;
mod times;
mod values;

use std::collections::BTreeMap;

use icecore_metadata::{Documents, Layout, Metadata};
use serde_json::Value;

/// A member and its text.
pub(crate) type Member<'a> = (&'a str, &'a str);

/// What documents say, in an archive that holds nothing else.
pub(crate) fn metadata(members: &[Member<'_>], manifest: &[Member<'_>]) -> Metadata {
    let mut documents = Documents::default();
    for (name, text) in members {
        assert!(documents.add(name, text.as_bytes()), "{name} is no document");
    }
    let has = |name: &str| members.iter().any(|(member, _)| *member == name);
    let mut layout = Layout::new(&has);
    layout.manifest =
        manifest.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect::<BTreeMap<_, _>>();
    Metadata::new(&documents, &layout)
}

/// The value at a place of the container, as JSON shows it.
pub(crate) fn at(metadata: &Metadata, pointer: &str) -> Value {
    serde_json::to_value(&metadata.container).unwrap().pointer(pointer).cloned().unwrap_or_default()
}

/// One document that gives one fact.
#[track_caller]
pub(crate) fn check(member: Member<'_>, pointer: &str, expected: &str) {
    let metadata = metadata(&[member], &[]);
    let expected: Value = serde_json::from_str(expected).unwrap();
    assert_eq!(at(&metadata, pointer), expected, "{pointer} of {member:?}");
}
