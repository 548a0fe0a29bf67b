//! Whole documents with every key that an engine writes: each is read to its own field, and written as it was.

use icecore_metadata::{Documents, Members, Node};
use serde::Serialize;
use serde_json::{Value, json};

fn documents(name: &str, document: &Value) -> Documents {
    let mut documents = Documents::default();
    assert!(documents.add(name, document.to_string().as_bytes()), "{name}");
    assert!(documents.findings.is_empty(), "{:?}", documents.findings);
    documents
}

/// A document that was read is what it was made of, and no key of it is unknown.
#[track_caller]
fn check<T: Serialize>(read: Option<&T>, other: impl Fn(&T) -> &Members, document: &Value) {
    let read = read.unwrap();
    assert_eq!(&serde_json::to_value(read).unwrap(), document);
    assert!(other(read).0.is_empty(), "a key that no field has");
}

/// The keys of the OCI runtime specification 1.3.
#[test]
fn specifications_are_read_in_full() {
    let id_map = json!([{"containerID": 0, "hostID": 100_000, "size": 65536}]);
    let hook = json!([{"path": "/bin/hook", "args": ["hook", "-x"], "env": ["A=1"], "timeout": 5}]);
    let document = json!({
        "ociVersion": "1.3.0",
        "process": {
            "terminal": true,
            "consoleSize": {"height": 24, "width": 80},
            "user": {"uid": 33, "gid": 34, "umask": 18, "additionalGids": [4, 27], "username": "web"},
            "args": ["nginx"],
            "env": ["PATH=/bin"],
            "cwd": "/",
            "capabilities": {
                "bounding": ["CAP_KILL"], "effective": ["CAP_CHOWN"], "inheritable": ["CAP_FOWNER"],
                "permitted": ["CAP_SETUID"], "ambient": ["CAP_SETGID"],
            },
            "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 1, "hard": 18_446_744_073_709_551_615_u64}],
            "noNewPrivileges": true,
            "apparmorProfile": "profile",
            "oomScoreAdj": -1000,
            "selinuxLabel": "label",
            "scheduler": {"policy": "SCHED_OTHER"},
            "ioPriority": {"class": "IOPRIO_CLASS_IDLE"},
        },
        "root": {"path": "/merged", "readonly": true},
        "hostname": "web-1",
        "domainname": "example",
        "mounts": [{
            "destination": "/data", "type": "bind", "source": "/srv", "options": ["ro"],
            "uidMappings": id_map, "gidMappings": id_map,
        }],
        "hooks": {
            "prestart": hook, "createRuntime": hook, "createContainer": hook, "startContainer": hook,
            "poststart": hook, "poststop": hook,
        },
        "annotations": {"team": "shop"},
        "linux": linux(&id_map),
    });
    let read = documents("spec.dump", &document);
    check(read.spec.get(), |spec| &spec.other, &document);
    let spec = read.spec.get().unwrap();
    let process = spec.process.as_ref().unwrap();
    assert_eq!(process.rlimits.as_ref().unwrap()[0].hard, Some(u64::MAX));
    assert_eq!(process.user.as_ref().unwrap().umask, Some(0o22));
    assert_eq!(spec.linux.as_ref().unwrap().devices.as_ref().unwrap()[0].major, Some(10));
}

fn linux(id_map: &Value) -> Value {
    json!({
        "uidMappings": id_map,
        "gidMappings": id_map,
        "sysctl": {"net.core.somaxconn": "1024"},
        "resources": {
            "devices": [{"allow": false, "type": "c", "major": -1, "minor": 3, "access": "rwm"}],
            "memory": {
                "limit": 1, "reservation": 2, "swap": -1, "kernel": 3, "kernelTCP": 4, "swappiness": 5,
                "disableOOMKiller": true,
            },
            "cpu": {"shares": 1024, "quota": -1, "period": 100_000, "cpus": "0-3", "mems": "0"},
            "pids": {"limit": 64},
            "blockIO": {"weight": 10},
            "hugepageLimits": [{"pageSize": "2MB", "limit": 9}],
            "network": {"classID": 1},
            "rdma": {"mlx5_1": {"hcaHandles": 3}},
            "unified": {"memory.high": "1"},
        },
        "cgroupsPath": "/kubepods/x",
        "namespaces": [{"type": "pid"}, {"type": "network", "path": "/run/netns/x"}],
        "devices": [{
            "path": "/dev/fuse", "type": "c", "major": 10, "minor": 229, "fileMode": 438, "uid": 0, "gid": 1,
        }],
        "seccomp": {
            "defaultAction": "SCMP_ACT_ERRNO",
            "defaultErrnoRet": 38,
            "architectures": ["SCMP_ARCH_X86_64"],
            "flags": ["SECCOMP_FILTER_FLAG_LOG"],
            "listenerPath": "/run/listener",
            "listenerMetadata": "x",
            "syscalls": [{"names": ["execve"], "action": "SCMP_ACT_ALLOW", "errnoRet": 1, "args": [{"index": 0}]}],
        },
        "rootfsPropagation": "rslave",
        "maskedPaths": ["/proc/kcore"],
        "readonlyPaths": ["/proc/sys"],
        "mountLabel": "label",
        "intelRdt": {"closID": "x"},
        "personality": {"domain": "LINUX32"},
        "timeOffsets": {"monotonic": {"secs": 1}},
    })
}

#[test]
fn records_of_containerd_are_read_in_full() {
    let status = json!({
        "Version": "v1", "Pid": 4242, "CreatedAt": 1_764_102_641_000_000_000_i64, "StartedAt": 2, "FinishedAt": 0,
        "ExitCode": 0, "Reason": "", "Message": "", "Resources": {"linux": {}}, "Restore": false,
    });
    check(documents("status", &status).status.get(), |status| &status.other, &status);
    let dump = json!({
        "id": "ab12", "metadata": {"name": "web", "attempt": 2}, "state": 1, "created_at": 1, "started_at": 2,
        "finished_at": 3, "exit_code": 4, "image_ref": "sha256:x", "image_id": "y", "reason": "r", "message": "m",
        "image": {"image": "nginx", "user_specified_image": "nginx:1", "runtime_handler": "runc"},
        "labels": {"app": "shop"}, "annotations": {"a": "b"}, "mounts": [{"container_path": "/x"}],
        "log_path": "/var/log/0.log", "resources": {"linux": {}}, "user": {"linux": {"uid": 0}}, "stop_signal": 23,
    });
    check(documents("status.dump", &dump).status_dump.get(), |status| &status.other, &dump);
}

#[test]
fn checkpoints_of_docker_are_read_in_full() {
    let document = json!({
        "created": "2017-01-01T10:00:00Z", "name": "cp1", "tcp": true, "unixSockets": false, "shell": true,
        "exit": false, "emptyNS": ["network"],
    });
    let read = documents("config.json", &document);
    check(read.docker.get(), |docker| &docker.other, &document);
    assert!(read.spec.is_absent(), "it is no specification");
}

#[test]
fn pods_are_read_in_full() {
    let dump =
        json!({"metadata": {"name": "pod-1", "uid": "8b7f", "namespace": "default"}, "hostname": "web-1"});
    check(documents("pod.dump", &dump).pod_dump.get(), |pod| &pod.other, &dump);
    let options = json!({"version": 1, "annotations": {"a": "b"}, "mountLabel": "m", "processLabel": "p"});
    check(documents("pod.options", &options).pod_options.get(), |pod| &pod.other, &options);
}

#[test]
fn lists_are_read_in_their_order() {
    let read = documents("deleted.files", &json!(["/b", "/a", "/c"]));
    assert_eq!(read.deleted.get().unwrap().paths, ["/b", "/a", "/c"]);
    let read = documents("descriptors.json", &json!(["/dev/null", "pipe:[7]", "pipe:[8]"]));
    assert_eq!(read.descriptors.get().unwrap().links, ["/dev/null", "pipe:[7]", "pipe:[8]"]);
}

/// What a later engine adds is kept with its value, and nothing is said of it: that is no mistake.
#[test]
fn keys_of_later_engines_are_kept() {
    let document = json!({"id": "ab12", "future": {"list": [1, "two", null, true, -3.5]}, "new": "x"});
    let read = documents("config.dump", &document);
    let config = read.config.get().unwrap();
    assert_eq!(config.other.get("new"), Some(&Node::String("x".into())));
    // They stand apart from those that have a field; a number that no integer holds is its text.
    let other = json!({"future": {"list": [1, "two", null, true, "-3.5"]}, "new": "x"});
    assert_eq!(serde_json::to_value(config).unwrap(), json!({"id": "ab12", "other": other}));
}

/// A value of another type than the engine writes: the field is absent, the value kept, a finding says where.
#[test]
fn values_of_another_type_are_told_with_their_place() {
    let cases = [
        ("spec.dump", r#"{"hostname": 7}"#, "hostname"),
        ("spec.dump", r#"{"process": {"user": {"uid": "root"}}}"#, "process.user.uid"),
        ("spec.dump", r#"{"process": {"user": {"uid": 4294967296}}}"#, "process.user.uid"),
        ("spec.dump", r#"{"mounts": [{"options": "ro"}]}"#, "mounts[0].options"),
        ("spec.dump", r#"{"mounts": [{}, 7]}"#, "mounts[1]"),
        ("spec.dump", r#"{"linux": []}"#, "linux"),
        ("spec.dump", r#"{"annotations": {"a": 1}}"#, "annotations.a"),
        ("config.dump", r#"{"createdTime": "yesterday"}"#, "createdTime"),
        ("config.dump", r#"{"lockID": -1}"#, "lockID"),
        ("status.dump", r#"{"metadata": {"attempt": 1.5}}"#, "metadata.attempt"),
        ("status", r#"{"CreatedAt": "x"}"#, "CreatedAt"),
        ("network.status", r#"{"podman": {"interfaces": {"eth0": 1}}}"#, "podman.interfaces.eth0"),
        ("pod.dump", r#"{"metadata": "x"}"#, "metadata"),
    ];
    for (name, text, path) in cases {
        let mut documents = Documents::default();
        documents.add(name, text.as_bytes());
        let found: Vec<_> =
            documents.findings.iter().map(|finding| finding.path.as_deref().unwrap_or("")).collect();
        assert_eq!(found, [path], "{name} {text}");
        let finding = &documents.findings[0];
        assert_eq!(finding.member, name);
        assert!(finding.to_string().starts_with(&format!("{name}: {path}: ")), "{finding}");
    }
}
