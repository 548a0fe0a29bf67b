//! The damaged and hostile documents of `broken/`.

use icecore_metadata::{Code, Document, Documents, Finding, Metadata};
use serde_json::Value;

use crate::archive::{Archive, corpus, json};

/// A case of `broken/`: what is expected, the documents, what became of them.
struct Case {
    facts: Value,
    documents: Documents,
    metadata: Metadata,
}

/// Reads a case; `None` without the corpus.
fn case(name: &str) -> Option<Case> {
    let folder = corpus()?.join("broken").join(name);
    if !folder.exists() {
        return None;
    }
    let expected = json(&folder.join("expected.json"));
    let archive = Archive::open(&folder.join(expected["file"].as_str().unwrap_or("checkpoint.tar")), "tar");
    let metadata = archive.metadata();
    let facts = expected["facts"].clone();
    if let Some(engine) = facts["engine"].as_str() {
        assert_eq!(metadata.engine.name.as_str(), engine, "{name}");
    }
    if let Some(id) = facts["container_id"].as_str() {
        assert_eq!(metadata.container.id.as_ref().map(|fact| fact.value.as_str()), Some(id), "{name}");
    }
    if expected["open"] == "partial" {
        assert!(!metadata.findings.is_empty(), "{name}");
    }
    Some(Case { facts, documents: archive.documents, metadata })
}

impl Case {
    /// The findings of a code, each as it is shown.
    fn told(&self, code: Code) -> Vec<String> {
        self.metadata.findings.iter().filter(|finding| finding.code == code).map(Finding::to_string).collect()
    }
}

#[test]
fn every_case_ends_and_tells_nothing_raw() {
    let Some(corpus) = corpus() else { return };
    let Ok(cases) = std::fs::read_dir(corpus.join("broken")) else { return };
    for entry in cases {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let wanted = ["json-", "text-", "log-", "descriptors-", "deleted-", "good"];
        if !wanted.iter().any(|prefix| name.starts_with(prefix)) {
            continue;
        }
        let Some(case) = case(&name) else { continue };
        for finding in &case.metadata.findings {
            let shown = finding.to_string();
            assert!(!shown.contains(|c: char| c.is_control() || c == '\u{202e}'), "{name}: {shown:?}");
            assert!(finding.text.len() < 1000, "{name}");
        }
        serde_json::to_string(&case.metadata).unwrap();
        serde_json::to_string(&case.documents).unwrap();
    }
}

#[test]
fn the_sound_one_has_no_findings() {
    let Some(case) = case("good") else { return };
    assert!(case.metadata.findings.is_empty(), "{:#?}", case.metadata.findings);
}

#[test]
fn contradictions_are_shown_with_both_sides() {
    let Some(case) = case("json-contradiction") else { return };
    let id = case.metadata.container.id.as_ref().unwrap();
    let got: Vec<_> = std::iter::once(id).chain(&id.alternatives).map(|fact| fact.value.as_str()).collect();
    let expected: Vec<_> =
        case.facts["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!(got, expected);
    for subject in ["id:", "pod name:", "image asked for:", "name:"] {
        assert!(case.told(Code::Contradiction).iter().any(|text| text.contains(subject)), "{subject}");
    }
    assert!(case.told(Code::EngineContradiction).len() >= 2);
    assert_eq!(case.told(Code::TimeOrder).len(), 2, "before creation, and before the images");
}

#[test]
fn duplicates_show_both_values() {
    let Some(case) = case("json-duplicate-keys") else { return };
    let told = case.told(Code::JsonDuplicateKey);
    for (key, values) in [
        ("id", ["6b1f0c2d", "abababab"]),
        ("NAME", ["k8s_keeper", "k8s_other"]),
        ("hostname", ["other-case", "keeper"]),
    ] {
        let found = told.iter().any(|text| {
            text.contains(&format!(": {key}: ")) && values.iter().all(|value| text.contains(value))
        });
        assert!(found, "{key}: {told:#?}");
    }
}

#[test]
fn unreadable_documents_leave_the_rest() {
    let Some(case) = case("json-invalid") else { return };
    assert_eq!(
        (&case.documents.config, &case.documents.spec),
        (&Document::Unreadable, &Document::Unreadable)
    );
    assert_eq!(case.metadata.engine.name.as_str(), "cri-o");
    let told = case.told(Code::JsonInvalid);
    assert!(
        told.len() == 2 && told.iter().all(|text| text.contains("offset 0x") && text.contains("line ")),
        "{told:#?}"
    );

    let Some(case) = self::case("json-depth") else { return };
    assert_eq!(case.told(Code::JsonLimit).len(), 2);

    let Some(case) = self::case("json-bytes") else { return };
    assert_eq!(case.documents.config.get().unwrap().runtime.as_deref(), Some("run\u{fffd}\u{fffd}c"));
    assert_eq!((case.told(Code::JsonUtf8).len(), case.told(Code::JsonInvalid).len()), (1, 1));

    let Some(case) = self::case("json-bom") else { return };
    assert_eq!(case.told(Code::JsonBom).len(), 2);
    assert!(case.metadata.container.id.is_some());
}

#[test]
fn missing_documents_are_told() {
    for (name, member) in [("json-missing", "config.dump"), ("json-missing-spec", "spec.dump")] {
        let Some(case) = case(name) else { return };
        assert!(case.told(Code::DocumentMissing)[0].starts_with(member), "{name}");
        assert_eq!(case.metadata.engine.name.as_str(), "cri-o", "{name}");
        assert!(case.metadata.container.id.is_some(), "{name}");
    }
}

#[test]
fn wrong_types_cost_their_field_alone() {
    let Some(case) = case("json-wrong-types") else { return };
    let config = case.documents.config.get().unwrap();
    assert_eq!((&config.id, &config.name, &config.created, config.restored), (&None, &None, &None, None));
    assert_eq!(config.runtime.as_deref(), Some("runc"));
    let paths: Vec<_> = case.metadata.findings.iter().filter_map(|finding| finding.path.as_deref()).collect();
    for path in [
        "id",
        "name",
        "rootfsImage",
        "createdTime",
        "checkpointedTime",
        "restored",
        "ociVersion",
        "process.args",
        "process.env[0]",
        "process.env[1]",
        "process.cwd",
        "mounts",
        "annotations.extra",
        "linux",
    ] {
        assert!(paths.contains(&path), "{path}: {paths:?}");
    }
    assert_eq!(case.documents.deleted.get().unwrap().paths, ["/fine"]);
    assert_eq!(case.documents.bind_mounts, Document::Unreadable);
    // What could not be read from config.dump stands in the annotations.
    assert!(case.metadata.container.id.unwrap().from.key.ends_with("ContainerID"));
}

#[test]
fn numbers_are_exact_or_absent() {
    let Some(case) = case("json-numbers") else { return };
    let resources = case.metadata.container.resources.as_ref().unwrap().value.clone();
    let (memory, cpu) = (resources.memory.unwrap(), resources.cpu.unwrap());
    assert_eq!(memory.limit, Some(9_223_372_036_854_771_712));
    assert_eq!((memory.swap, cpu.shares, cpu.quota, cpu.period), (None, None, None, None));
    let told = case.told(Code::JsonNumber);
    for text in ["1e999", "123456789012345678901234567890", "-9223372036854775809", "1.5", "1e3"] {
        assert!(told.iter().any(|finding| finding.contains(&format!("{text:?}"))), "{text}: {told:#?}");
    }
    assert!(serde_json::to_string(&memory.other).unwrap().contains("1e999"));
}

#[test]
fn odd_times_stand_as_they_are_and_others_answer() {
    let Some(case) = case("json-times") else { return };
    let config = case.documents.config.get().unwrap();
    let times = [&config.created, &config.checkpointed, &config.restored_time];
    let got: Vec<_> = times.iter().map(|time| time.as_ref().unwrap().to_string()).collect();
    let expected: Vec<_> =
        case.facts["times"].as_array().unwrap().iter().map(|time| time.as_str().unwrap()).collect();
    assert_eq!(got, expected);
    assert_eq!(case.told(Code::TimeOdd).len(), 3);
    let sources: Vec<_> =
        case.metadata.container.checkpoint_times.iter().map(|source| source.from.member.as_str()).collect();
    assert!(sources.contains(&"config.dump"));
}

#[test]
fn lists_that_are_none_are_unreadable() {
    let Some(case) = case("deleted-files-not-json") else { return };
    assert_eq!(case.documents.deleted, Document::Unreadable);
    let Some(case) = self::case("descriptors-odd") else { return };
    assert_eq!(case.documents.descriptors, Document::Unreadable);
    assert!(case.told(Code::JsonType)[0].starts_with("checkpoint/descriptors.json"));
    let Some(case) = self::case("deleted-files-traversal") else { return };
    let expected: Vec<_> =
        case.facts["deleted_raw"].as_array().unwrap().iter().map(|path| path.as_str().unwrap()).collect();
    assert_eq!(case.documents.deleted.get().unwrap().paths, expected);
    assert_eq!(case.told(Code::PathOdd).len(), 9);
}

#[test]
fn a_lying_log_is_contradicted() {
    let Some(case) = case("log-lies") else { return };
    assert_eq!((case.told(Code::LogContradiction).len(), case.told(Code::LogUnfinished).len()), (1, 1));
}

#[test]
fn inner_json_is_decoded_once() {
    let Some(case) = case("json-inner") else { return };
    let annotations = case.metadata.container.annotations.as_ref().unwrap();
    assert!(annotations.value["io.kubernetes.pod.name"].starts_with('{'));
}

#[test]
fn large_documents_are_read() {
    for name in ["json-spaces", "json-annotations-many"] {
        let Some(case) = case(name) else { return };
        assert!(case.metadata.container.id.is_some());
    }
}
