//! Checkpoints as the engines wrote them.

use std::collections::BTreeMap;
use std::path::Path;

use icecore_metadata::{Container, Fact, Metadata};
use serde_json::Value;

use crate::archive::{Archive, corpus, json};

/// Kinds of archives that the tests' small reader opens.
const KINDS: &[&str] = &["tar", "directory", "ctr-export", "oci-dir"];

/// Compares one fact with what is expected, if anything is.
fn compare(place: &str, expected: &Value, fact: Option<&Fact<String>>) {
    if let Some(expected) = expected.as_str() {
        assert_eq!(fact.map(|fact| fact.value.as_str()), Some(expected), "{place}");
    }
}

/// What is known of the container of one archive: its own facts, those of the container it names, or the
/// case's.
fn container_of<'a>(case: &'a Value, entry: &'a Value) -> &'a Value {
    let own = if entry["container"].is_null() { &case["container"] } else { &entry["container"] };
    match (own, &case["containers"]) {
        (Value::String(name), containers) => &containers[name]["container"],
        (Value::Null, Value::Array(list)) => {
            list.iter().find(|one| one["archive"] == entry["file"]).unwrap_or(own)
        }
        _ => own,
    }
}

fn check_container(place: &str, expected: &Value, container: &Container, engine: &str) {
    compare(place, &expected["id"], container.id.as_ref());
    compare(place, &expected["name"], container.name.as_ref());
    compare(place, &expected["image_name"], container.image.name.as_ref());
    compare(place, &expected["image_id"], container.image.id.as_ref());
    compare(place, &expected["log_path"], container.log_path.as_ref());
    if let Some(image) = expected["image"].as_str() {
        let names = [&container.image.name, &container.image.requested];
        assert!(names.into_iter().flatten().any(|fact| fact.value.contains(image)), "{place}: {image}");
    }
    if let Some(attempt) = expected["attempt"].as_u64() {
        assert_eq!(container.attempt.as_ref().map(|fact| fact.value), Some(attempt), "{place}");
    }
    if let Some(created) = expected["created"].as_str() {
        assert_eq!(container.created.as_ref().unwrap().value.to_string(), created, "{place}");
    }
    check_pod(place, &expected["pod"], container, engine);
    check_maps(place, expected, container);
    check_network(place, expected, container);
    if let Some(limit) = expected["memory_limit"].as_i64() {
        let memory = container.resources.as_ref().unwrap().value.memory.as_ref().unwrap();
        assert_eq!(memory.limit, Some(limit), "{place}");
    }
    if let Some(uid) = expected["user"]["uid"].as_u64() {
        let user = &container.security.user.as_ref().unwrap().value;
        assert_eq!(user.uid.map(u64::from), Some(uid), "{place}");
    }
}

fn check_pod(place: &str, expected: &Value, container: &Container, engine: &str) {
    if expected.is_null() {
        assert_eq!(container.pod, None, "{place}");
        return;
    }
    let pod = container.pod.as_ref().unwrap();
    compare(place, &expected["sandbox_id"], pod.id.as_ref());
    compare(place, &expected["id"], pod.id.as_ref());
    compare(place, &expected["namespace"], pod.namespace.as_ref());
    compare(place, &expected["uid"], pod.uid.as_ref());
    // The name of a pod of Podman is not in its archives.
    if engine != "podman" {
        compare(place, &expected["name"], pod.name.as_ref());
    }
}

fn check_maps(place: &str, expected: &Value, container: &Container) {
    let maps = [("labels", &container.labels), ("annotations", &container.annotations)];
    for (name, fact) in maps {
        for (key, value) in expected[name].as_object().into_iter().flatten() {
            let found = fact.as_ref().and_then(|fact| fact.value.get(key));
            assert_eq!(found.map(String::as_str), value.as_str(), "{place}: {name} {key}");
        }
    }
    if let (Some(expected), Some(pod)) = (expected["pod_annotations"].as_object(), &container.pod)
        && container.origins().any(|(name, from)| name == "annotations" && from.key.contains("cri-o"))
    {
        let got: BTreeMap<&str, &str> =
            pod.annotations.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let expected = expected.iter().map(|(key, value)| (key.as_str(), value.as_str().unwrap())).collect();
        assert_eq!(got, expected, "{place}");
    }
}

fn check_network(place: &str, expected: &Value, container: &Container) {
    if let Some(addresses) = expected["addresses"].as_array() {
        let got: Vec<_> =
            container.addresses.iter().map(|fact| fact.value.split('/').next().unwrap()).collect();
        let expected: Vec<_> = addresses.iter().map(|address| address.as_str().unwrap()).collect();
        assert_eq!(got, expected, "{place}");
    }
    if let Some(mac) = expected["mac"].as_str() {
        assert_eq!(container.interfaces[0].mac.as_deref(), Some(mac), "{place}");
    }
    let ports = expected["ports"].as_array().map(Vec::as_slice).unwrap_or_default();
    let got = container.ports.iter().map(|port| {
        (
            port.container_port.map(u64::from),
            port.host_port.map(u64::from),
            port.host_ip.clone(),
            port.protocol.clone(),
        )
    });
    let expected = ports.iter().map(|port| {
        let number = |kubernetes: &str, podman: &str| port[kubernetes].as_u64().or(port[podman].as_u64());
        let host_ip = port["host_ip"].as_str().map(str::to_owned);
        let protocol = port["protocol"].as_str().map(str::to_lowercase);
        (number("containerPort", "container"), number("hostPort", "host"), host_ip, protocol)
    });
    if !ports.is_empty() {
        assert_eq!(got.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{place}");
    }
}

/// Every archive of a case that the small reader can open.
fn archives(case: &Path) -> Vec<(Value, Value, Metadata)> {
    let expected = json(&case.join("expected.json"));
    let entries = expected["archives"].as_array().cloned().unwrap_or_default();
    let wanted = entries.into_iter().filter(|entry| {
        let kind = entry["kind"].as_str().unwrap();
        KINDS.contains(&kind) && entry["compression"] != "lz4" && expected["unpack"].is_null()
    });
    wanted
        .map(|entry| {
            let path = case.join(entry["file"].as_str().unwrap());
            let metadata = Archive::open(&path, entry["kind"].as_str().unwrap()).metadata();
            (expected.clone(), entry, metadata)
        })
        .collect()
}

#[test]
fn engines_runtimes_and_containers_are_as_planted() {
    let Some(corpus) = corpus() else { return };
    let mut compared = 0;
    for case in std::fs::read_dir(corpus).unwrap() {
        let case = case.unwrap().path();
        if !case.join("expected.json").exists() {
            continue;
        }
        for (expected, entry, metadata) in archives(&case) {
            let place = format!("{}/{}", case.file_name().unwrap().to_string_lossy(), entry["file"]);
            let engine = entry["engine"].as_str().or(expected["engine"].as_str()).unwrap_or_default();
            assert_eq!(metadata.engine.name.as_str(), engine, "{place}: {:?}", metadata.engine);
            assert!(!metadata.engine.evidence.is_empty(), "{place}");
            if let Some(runtime) = expected["runtime"].as_str() {
                let got = metadata.container.runtime.as_ref().map(|fact| fact.value.as_str());
                assert_eq!(got, Some(runtime), "{place}");
            }
            // Plain CRIU knows no container: what is expected there comes from the images.
            if engine != "criu" {
                check_container(&place, container_of(&expected, &entry), &metadata.container, engine);
            } else {
                assert_eq!((&metadata.container.id, &metadata.container.name), (&None, &None), "{place}");
            }
            compared += 1;
        }
    }
    assert!(compared > 5, "only {compared} archives were there to compare");
}

#[test]
fn sound_archives_have_no_findings() {
    let Some(corpus) = corpus() else { return };
    for case in std::fs::read_dir(corpus).unwrap() {
        let case = case.unwrap().path();
        if !case.join("expected.json").exists() {
            continue;
        }
        for (_, entry, metadata) in archives(&case) {
            assert!(
                metadata.findings.is_empty(),
                "{} {}: {:#?}",
                case.display(),
                entry["file"],
                metadata.findings
            );
        }
    }
}

/// One archive of the corpus.
fn one(case: &str, file: &str, kind: &str) -> Option<Metadata> {
    let path = corpus()?.join(case).join(file);
    path.exists().then(|| Archive::open(&path, kind).metadata())
}

#[test]
fn checkpointed_comes_from_the_best_source() {
    // Stored by the engine: config.dump says so.
    if let Some(metadata) =
        one("crio-nginx-webserver", "checkpoint-webserver_default-webserver-2026-11-25T20-30-46Z.tar", "tar")
    {
        let container = metadata.container;
        assert_eq!(container.checkpointed.unwrap().value.to_string(), "2026-11-25T20:30:46.993730991Z");
        assert_eq!(container.checkpointed_from.as_deref(), Some("config.dump checkpointedTime"));
        assert_eq!(container.restored.map(|fact| fact.value), Some(false));
        assert_eq!(container.node.map(|fact| (fact.value, fact.host)), Some(("node-1".to_owned(), true)));
        assert_eq!(container.stop_signal.unwrap().value, "SIGQUIT");
        let digest = "sha256:4a6f721bda096efc125e63725c679ffa929540a6b91a2c368857b9298444b12f";
        assert_eq!(container.image.digest.unwrap().value, digest);
        assert_eq!(metadata.engine.version.as_deref(), Some("at least 1.35"));
    }
    // Derived: Podman stores none.
    if let Some(metadata) = one("podman-shop", "shop-none.tar", "tar") {
        let container = metadata.container;
        assert_eq!(
            container.checkpointed_from.as_deref(),
            Some("checkpoint/inventory.img modification time")
        );
        assert_eq!(container.restored, None);
        assert_eq!(container.stop_signal.unwrap().value, "SIGINT");
        assert_eq!(metadata.engine.version.as_deref(), Some("4.0 to 4.3"));
        let volume = container.mounts.iter().find(|mount| mount.destination == "/srv/orders").unwrap();
        assert_eq!((volume.volume.as_deref(), volume.host), (Some("orders"), true));
        let env = container.process.env.unwrap().value;
        assert!(env.contains(&"API_TOKEN=token-for-tests-env-3".to_owned()));
    }
}

#[test]
fn containerd_tells_the_start() {
    let name = "checkpoint-webserver_default-webserver-2026-11-25T20-26-59Z.tar";
    let Some(metadata) = one("containerd-nginx-webserver", name, "tar") else { return };
    let container = metadata.container;
    // 1795638412247321708 ns, as `date -u` gives it.
    assert_eq!(container.started.unwrap().value.to_string(), "2026-11-25T20:26:52.247321708Z");
    assert_eq!(container.stop_signal.unwrap().value, "SIGQUIT");
    assert_eq!(metadata.engine.version.as_deref(), Some("2.1 to 2.3"));
}

#[test]
fn an_image_names_the_version_exactly() {
    let Some(metadata) = one("podman-depot-image", "dir", "oci-dir") else { return };
    assert_eq!(metadata.engine.version.as_deref(), Some("4.3.1"));
    assert_eq!(metadata.container.kernel.unwrap().value, "6.18.44-fc-v657");
}

#[test]
fn an_export_of_ctr_tells_its_options() {
    let Some(corpus) = corpus() else { return };
    let path = corpus.join("ctr-batchd/checkpoint-export.tar");
    if !path.exists() {
        return;
    }
    let archive = Archive::open(&path, "ctr-export");
    let options = archive.documents.ctr_options.get().unwrap();
    assert!(options.file_locks && !options.exit && !options.open_tcp);
    let container = archive.metadata().container;
    assert_eq!(container.id.unwrap().from.key, "linux.cgroupsPath");
    assert!(
        container.process.env.unwrap().value.contains(&"BATCH_KEY=example-password-batch-6127".to_owned())
    );
    assert_eq!(container.checkpointed_from.as_deref(), Some("inventory.img modification time"));
}
