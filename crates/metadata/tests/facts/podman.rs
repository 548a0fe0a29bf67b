//! `config.dump` of Podman, with every key of its container configuration that has a field.

use icecore_metadata::Documents;
use serde_json::{Value, json};

use crate::metadata;

fn identity() -> Value {
    json!({
        "id": "ab12", "name": "shop", "rootfsImageName": "docker.io/library/nginx:1", "runtime": "crun",
        "createdTime": "2026-11-25T20:30:41.5Z", "spec": {"ociVersion": "1.3.0"}, "pod": "cd34",
        "namespace": "default", "lockID": 7, "CreateCommand": ["podman", "run", "nginx"], "RawImageName": "nginx",
        "rootfsImageID": "13b71d4d859c", "rootfs": "/srv/rootfs", "Dependencies": ["ef56"],
        "staticDir": "/var/lib/containers/x/userdata", "logPath": "/var/log/ctr.log", "logDriver": "k8s-file",
        "conmonPidFile": "/run/conmon.pid", "labels": {"app": "shop"}, "entrypoint": ["/entry"],
        "command": ["nginx"], "stopSignal": 15, "stopTimeout": 10, "restart_policy": "on-failure",
        "restart_retries": 3, "pause": false, "isService": true, "healthcheck": {"Test": ["NONE"]},
        "timezone": "local",
    })
}

fn storage_and_rights() -> Value {
    json!({
        "idMappingsOptions": {
            "HostUIDMapping": false, "HostGIDMapping": true, "AutoUserNs": true, "AutoUserNsOpts": {"Size": 1},
            "UIDMap": [{"container_id": 0, "host_id": 100_000, "size": 65536}], "GIDMap": [],
        },
        "ShmDir": "/var/lib/shm", "shmSize": 65_536_000,
        "namedVolumes": [{
            "volumeName": "data", "dest": "/data", "options": ["rw"], "setAnonymous": true, "SubPath": "a",
        }],
        "overlayVolumes": [{"dest": "/o"}], "ctrImageVolumes": [{"dest": "/i"}], "userVolumes": ["/data"],
        "secrets": [{"name": "s"}], "secret_env": {"TOKEN": {"name": "t"}}, "privileged": true,
        "ProcessLabel": "p", "MountLabel": "m", "user": "www-data", "groups": ["video"], "umask": "0022",
        "ipcNsCtr": "a", "mountNsCtr": "b", "netNsCtr": "c", "pidNsCtr": "d", "userNsCtr": "e", "utsNsCtr": "f",
        "cgroupNsCtr": "g", "cgroupManager": "systemd", "cgroupParent": "/machine.slice",
        "cdiDevices": ["nvidia.com/gpu=all"], "device_host_src": [{"path": "/dev/fuse"}],
    })
}

fn network() -> Value {
    json!({
        "createNetNS": true,
        "newPortMappings": [{
            "host_ip": "127.0.0.1", "container_port": 80, "host_port": 8080, "range": 2, "protocol": "tcp",
        }],
        "portMappings": [{"hostPort": 1, "containerPort": 2, "protocol": "udp", "hostIP": ""}],
        "exposedPorts": {"80": ["tcp"]}, "networks": ["podman"], "newNetworks": {"podman": {"aliases": []}},
        "orderedNetworks": [{"Name": "podman"}], "networkMode": "bridge", "dnsServer": ["10.0.0.1"],
        "dnsSearch": ["example"], "dnsOption": ["ndots:2"], "hostsAdd": ["db:10.0.0.2"],
    })
}

fn whole() -> Value {
    let mut all = identity();
    for part in [storage_and_rights(), network()] {
        let Value::Object(keys) = part else { continue };
        all.as_object_mut().unwrap().extend(keys);
    }
    all
}

#[test]
fn every_key_has_its_field() {
    let document = whole();
    let mut documents = Documents::default();
    documents.add("config.dump", document.to_string().as_bytes());
    assert!(documents.findings.is_empty(), "{:?}", documents.findings);
    let config = documents.config.get().unwrap();
    assert_eq!(serde_json::to_value(config).unwrap(), document);
    assert!(config.other.0.is_empty(), "{:?}", config.other);
    assert_eq!((config.lock_id, config.shm_size, config.stop_timeout), (Some(7), Some(65_536_000), Some(10)));
    let mappings = config.id_mappings.as_ref().unwrap();
    assert_eq!(mappings.uid_map.as_ref().unwrap()[0].host_id, Some(100_000));
}

/// Keys are matched whatever their case, as Go matches them; of two the last one counts.
#[test]
fn keys_in_another_case_are_the_same() {
    let shout: String = whole().to_string();
    let Value::Object(keys) = whole() else { unreachable!("it is one") };
    let upper = keys.iter().fold(shout, |text, (key, _)| {
        text.replacen(&format!("\"{key}\":"), &format!("\"{}\":", key.to_uppercase()), 1)
    });
    let mut documents = Documents::default();
    documents.add("config.dump", upper.as_bytes());
    assert_eq!(serde_json::to_value(documents.config.get().unwrap()).unwrap()["id"], "ab12");
    assert!(documents.config.get().unwrap().other.0.is_empty(), "{upper}");
}

#[test]
fn the_container_is_what_the_configuration_says() {
    let text = whole().to_string();
    let spec = r#"{"annotations": {"io.container.manager": "libpod"}}"#;
    let found = metadata(&[("config.dump", &text), ("spec.dump", spec)], &[]);
    assert_eq!(found.engine.name.as_str(), "podman");
    let container = found.container;
    assert_eq!(container.name.unwrap().value, "shop");
    assert_eq!(container.created.unwrap().value.to_string(), "2026-11-25T20:30:41.5Z");
    assert_eq!(container.pod.unwrap().id.unwrap().value, "cd34");
    assert_eq!(container.security.privileged.map(|fact| fact.value), Some(true));
    assert_eq!(container.ports.len(), 2);
    assert_eq!((container.ports[0].range, container.ports[1].host_ip.as_deref()), (2, None));
    assert_eq!(container.stop_signal.unwrap().value, "SIGTERM");
}
