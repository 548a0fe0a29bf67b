//! Every document with all of its keys: read whole, one key changed at a time, cut at every byte.

use serde_json::{Value, json};

use super::*;
use crate::finding::Code;

/// Podman's whole configuration of a container.
const PODMAN: &str = r#"{
    "spec": {"ociVersion": "1.0.2", "hostname": "h"}, "id": "ab", "name": "shop", "pod": "cd",
    "namespace": "n", "lockID": 7, "CreateCommand": ["podman", "run"], "RawImageName": "shop",
    "rootfsImageID": "ef", "rootfs": "/r", "Dependencies": ["x"], "ShmDir": "/shm", "shmSize": 65536000,
    "idMappingsOptions": {
        "HostUIDMapping": true, "HostGIDMapping": false, "AutoUserNs": false,
        "UIDMap": [{"container_id": 0, "host_id": 1000, "size": 1}], "GIDMap": []
    },
    "staticDir": "/var/lib", "logPath": "/log", "logDriver": "k8s-file", "conmonPidFile": "/run/pid",
    "namedVolumes": [{"volumeName": "data", "dest": "/data", "options": ["rw"], "setAnonymous": true, "SubPath": "s"}],
    "overlayVolumes": [{"dest": "/o"}], "ctrImageVolumes": [{"dest": "/i"}], "userVolumes": ["/data"],
    "secrets": [{"name": "s"}], "secret_env": {"KEY": {"name": "s"}}, "privileged": true,
    "ProcessLabel": "p", "MountLabel": "m", "user": "root", "groups": ["wheel"], "umask": "0022",
    "ipcNsCtr": "1", "mountNsCtr": "2", "netNsCtr": "3", "pidNsCtr": "4", "userNsCtr": "5", "utsNsCtr": "6",
    "cgroupNsCtr": "7", "createNetNS": true,
    "newPortMappings": [{"host_ip": "", "container_port": 80, "host_port": 8080, "range": 1, "protocol": "tcp"}],
    "portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp", "hostIP": ""}],
    "exposedPorts": {"80": ["tcp"]}, "networks": ["podman"], "newNetworks": {"podman": {"a": 1}},
    "orderedNetworks": [{"name": "podman"}], "networkMode": "bridge", "dnsServer": ["8.8.8.8"],
    "dnsSearch": ["example"], "dnsOption": ["ndots:1"], "hostsAdd": ["a:1.2.3.4"], "entrypoint": ["/e"],
    "command": ["c"], "labels": {"l": "v"}, "stopSignal": 15, "stopTimeout": 10, "restart_policy": "always",
    "restart_retries": 3, "cgroupManager": "systemd", "cgroupParent": "user.slice", "pause": true,
    "isService": false, "healthcheck": {"Test": ["CMD"]}, "timezone": "UTC", "cdiDevices": ["gpu"],
    "device_host_src": [{"path": "/dev/x"}]
}"#;

/// A document with every key that engines write, and the member it stands in.
fn samples() -> Vec<(&'static str, Value)> {
    let id_range = json!({"containerID": 0, "hostID": 100_000, "size": 65_536});
    let hook = json!({"path": "/usr/bin/hook", "args": ["hook", "x"], "env": ["A=b"], "timeout": 5});
    vec![
        (
            "config.dump",
            json!({
                "id": "8755c61b7a43", "name": "k8s_web_pod-1_default_8b7f_0", "rootfsImageName": "nginx:latest",
                "rootfsImage": "nginx", "rootfsImageRef": "13b7", "runtime": "runc",
                "createdTime": "2026-11-25T20:30:41.5Z", "checkpointedTime": "2026-11-25T20:30:46Z", "restored": false,
            }),
        ),
        ("config.dump", serde_json::from_str(PODMAN).unwrap()),
        (
            "spec.dump",
            json!({
                "ociVersion": "1.3.0", "hostname": "pod-1", "domainname": "d",
                "process": {
                    "terminal": true, "consoleSize": {"height": 24, "width": 80}, "args": ["sh", "-c", "x"],
                    "user": {"uid": 33, "gid": 33, "umask": 18, "additionalGids": [33, 44], "username": "w"},
                    "env": ["PATH=/bin", "PATH=/usr/bin"], "cwd": "/", "noNewPrivileges": true,
                    "capabilities": {"bounding": ["CAP_KILL"], "effective": ["CAP_KILL"], "inheritable": [],
                        "permitted": ["CAP_KILL"], "ambient": []},
                    "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 1024, "hard": u64::MAX}],
                    "apparmorProfile": "crio-default", "oomScoreAdj": -997, "selinuxLabel": "s",
                    "scheduler": {"policy": "SCHED_OTHER"}, "ioPriority": {"class": "IOPRIO_CLASS_BE"},
                },
                "root": {"path": "rootfs", "readonly": true},
                "mounts": [{"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid"],
                    "uidMappings": [id_range], "gidMappings": [id_range]}],
                "hooks": {"prestart": [hook], "createRuntime": [hook], "createContainer": [hook],
                    "startContainer": [hook], "poststart": [hook], "poststop": [hook]},
                "annotations": {"io.container.manager": "cri-o"},
                "linux": {
                    "uidMappings": [id_range], "gidMappings": [id_range], "sysctl": {"net.x": "1"},
                    "resources": {
                        "devices": [{"allow": false, "type": "c", "major": 1, "minor": 3, "access": "rwm"}],
                        "memory": {"limit": 9_223_372_036_854_771_712_u64, "reservation": -1, "swap": 0, "kernel": 1,
                            "kernelTCP": 2, "swappiness": 60, "disableOOMKiller": true},
                        "cpu": {"shares": 2, "quota": -1, "period": 100_000, "cpus": "0-3", "mems": "0"},
                        "pids": {"limit": 1024}, "blockIO": {"weight": 1}, "hugepageLimits": [{"pageSize": "2MB"}],
                        "network": {"classID": 1}, "rdma": {"m": {}}, "unified": {"memory.high": "max"},
                    },
                    "cgroupsPath": "kubepods.slice:crio:8755", "rootfsPropagation": "private",
                    "namespaces": [{"type": "pid"}, {"type": "network", "path": "/var/run/netns/x"}],
                    "devices": [{"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229, "fileMode": 438, "uid": 0, "gid": 0}],
                    "seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "architectures": ["SCMP_ARCH_X86_64"],
                        "flags": ["f"], "listenerPath": "/l", "listenerMetadata": "m",
                        "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW", "errnoRet": 1, "args": [{"index": 0}]}]},
                    "maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/sys"], "mountLabel": "m",
                    "intelRdt": {"closID": "x"}, "personality": {"domain": "LINUX"}, "timeOffsets": {"boottime": {"secs": 1}},
                },
            }),
        ),
        (
            "status",
            json!({
                "Version": "v1", "Pid": 4711, "CreatedAt": 1_764_102_641_000_000_000_i64, "StartedAt": 1, "FinishedAt": 0,
                "ExitCode": -1, "Reason": "r", "Message": "m", "Resources": {"linux": {}}, "Restore": true,
            }),
        ),
        (
            "status.dump",
            json!({
                "id": "ab", "metadata": {"name": "web", "attempt": 2}, "state": 1, "created_at": 1, "started_at": 2,
                "finished_at": 3, "exit_code": 137, "image_ref": "r", "image_id": "i", "reason": "r", "message": "m",
                "image": {"image": "nginx", "user_specified_image": "nginx:latest", "runtime_handler": "runc"},
                "labels": {"a": "b"}, "annotations": {"c": "d"}, "mounts": [{"container_path": "/x"}],
                "log_path": "/log", "resources": {"linux": {}}, "user": {"linux": {}}, "stop_signal": 18,
            }),
        ),
        ("network.status", json!(null)),
        (
            "network.status",
            json!([{"cniVersion": "0.4.0", "routes": [{"dst": "0.0.0.0/0"}], "dns": {},
                "interfaces": [{"name": "cni0", "mac": "aa"}, {"name": "eth0", "mac": "bb", "sandbox": "/run/netns/x"}],
                "ips": [{"version": "4", "interface": 1, "address": "10.88.0.2/16", "gateway": "10.88.0.1"}]}]),
        ),
        (
            "network.status",
            json!({"podman": {"dns_server_ips": ["10.88.0.1"], "dns_search_domains": ["dns.podman"],
                "interfaces": {"eth0": {"mac_address": "aa", "subnets": [{"ipnet": "10.88.0.27/16", "gateway": "10.88.0.1"}]}}}}),
        ),
        ("deleted.files", json!(["/etc/motd", "/usr/share/doc"])),
        (
            "bind.mounts",
            json!([{"source": "/var/lib/kubelet/x", "destination": "/etc/hosts", "file_type": "file", "permissions": 420}]),
        ),
        ("descriptors.json", json!(["/dev/null", "pipe:[1]", "pipe:[2]"])),
        (
            "pod.options",
            json!({"version": 1, "containers": ["a", "b"], "annotations": {"k": "v"}, "mountLabel": "m", "processLabel": "p"}),
        ),
        ("pod.dump", json!({"metadata": {"name": "n", "uid": "u", "namespace": "ns"}, "hostname": "h"})),
        (
            "config.json",
            json!({"created": "2017-01-01T10:00:00Z", "name": "cp1", "tcp": true, "unixSockets": false, "shell": true,
                "exit": false, "emptyNS": ["network"]}),
        ),
    ]
}

/// What a member is read as, as JSON again, and the findings.
fn read(member: &str, bytes: &[u8]) -> (Value, Documents) {
    let mut documents = Documents::default();
    assert!(documents.add(member, bytes), "{member}");
    let all = serde_json::to_value(&documents).unwrap();
    let key = match member {
        "config.dump" => "config",
        "spec.dump" => "spec",
        "status.dump" => "status_dump",
        "network.status" => "network",
        "deleted.files" => "deleted",
        "bind.mounts" => "bind_mounts",
        "descriptors.json" => "descriptors",
        "pod.options" => "pod_options",
        "pod.dump" => "pod_dump",
        "config.json" => "docker",
        other => other,
    };
    (all[key].clone(), documents)
}

/// What cannot be told from the original is all there: every key is known, and none lost.
#[test]
fn whole_documents_read_back() {
    for (member, sample) in samples() {
        let (found, documents) = read(member, sample.to_string().as_bytes());
        assert_eq!(found, sample, "{member}");
        assert_eq!(documents.findings, [], "{member}");
    }
}

#[test]
fn keys_that_are_not_known_are_kept_beside() {
    for (member, sample) in samples() {
        let Value::Object(mut keys) = sample.clone() else { continue };
        if member == "network.status" {
            continue;
        }
        keys.insert("x-vendor".into(), json!({"deep": [1, {"er": null}]}));
        let (found, documents) = read(member, Value::Object(keys).to_string().as_bytes());
        assert_eq!(found["other"], json!({"x-vendor": {"deep": [1, {"er": null}]}}), "{member}");
        assert_eq!(documents.findings, [], "{member}");
    }
}

/// Go's decoder matches keys whatever their case.
#[test]
fn keys_match_in_any_case() {
    for (member, sample) in samples() {
        let Value::Object(keys) = &sample else { continue };
        if matches!(member, "network.status" | "config.json") {
            continue;
        }
        let upper: serde_json::Map<_, _> =
            keys.iter().map(|(key, value)| (key.to_ascii_uppercase(), value.clone())).collect();
        let (found, documents) = read(member, Value::Object(upper).to_string().as_bytes());
        assert_eq!((found, documents.findings), (sample, vec![]), "{member}");
    }
}

/// One key of another type: it counts as absent, stands among the others, and is told with its path; all else is read.
#[test]
fn a_key_of_another_type_takes_nothing_along() {
    for (member, sample) in samples() {
        let Value::Object(keys) = &sample else { continue };
        if member == "network.status" {
            continue;
        }
        for (key, value) in keys {
            let wrong = match value {
                Value::Object(_) => json!(7),
                Value::Array(_) => json!({"not": "a list"}),
                _ => json!([["wrong"]]),
            };
            let mut changed = keys.clone();
            changed.insert(key.clone(), wrong.clone());
            let (found, documents) = read(member, Value::Object(changed).to_string().as_bytes());
            if found[key] == wrong {
                // A value that is kept as it is may be of any type.
                assert_eq!(documents.findings, [], "{member} {key}");
                continue;
            }
            assert_eq!(found["other"][key], wrong, "{member} {key}");
            assert!(found.get(key).is_none(), "{member} {key}");
            let [finding] = &documents.findings[..] else {
                panic!("{member} {key}: {:?}", documents.findings)
            };
            assert!(matches!(finding.code, Code::JsonType | Code::JsonNumber), "{member} {key}");
            assert_eq!(finding.path.as_deref(), Some(key.as_str()), "{member}");
            assert!(finding.text.starts_with("expected "), "{}", finding.text);
            for (other, value) in keys.iter().filter(|(other, _)| *other != key) {
                assert_eq!(&found[other], value, "{member} {key} {other}");
            }
        }
    }
}

/// Numbers that their fields cannot hold: below, above, with a fraction.
#[test]
fn numbers_are_never_rounded_or_wrapped() {
    for (member, key, numbers) in [
        ("status", "Pid", &["-1", "18446744073709551616", "1.5", "1e3", "-0"][..]),
        ("status", "CreatedAt", &["9223372036854775808", "-9223372036854775809", "0.1", "1E400"]),
        ("config.dump", "lockID", &["-1", "18446744073709551616", "4.0"]),
        ("pod.options", "version", &["-5", "99999999999999999999999999"]),
    ] {
        for number in numbers {
            let text = format!(r#"{{"{key}": {number}, "x": 1}}"#);
            let (found, documents) = read(member, text.as_bytes());
            assert!(found.get(key).is_none(), "{member} {number}");
            let codes: Vec<_> = documents.findings.iter().map(|finding| finding.code).collect();
            assert_eq!(codes, [Code::JsonNumber], "{member} {number}");
            let shown = &documents.findings[0].text;
            assert!(shown.contains(number), "{shown}");
        }
    }
    for (member, key, number) in [
        ("status", "Pid", "18446744073709551615"),
        ("status", "CreatedAt", "-9223372036854775808"),
        ("status", "ExitCode", "9223372036854775807"),
    ] {
        let (found, documents) = read(member, format!(r#"{{"{key}": {number}}}"#).as_bytes());
        assert_eq!((found[key].to_string(), documents.findings), (number.to_owned(), vec![]));
    }
}

/// Cut at every byte: unreadable, with an offset inside of what there is.
#[test]
fn a_document_that_is_cut_is_unreadable_where_it_ends() {
    for (member, sample) in samples() {
        let text = sample.to_string();
        for length in (0..text.len()).step_by(if text.len() > 500 { 13 } else { 1 }) {
            let (found, documents) = read(member, &text.as_bytes()[..length]);
            assert_eq!(found, Value::Null, "{member} {length}");
            let [finding] = &documents.findings[..] else {
                panic!("{member} {length}: {:?}", documents.findings)
            };
            assert_eq!((finding.code, finding.member.as_str()), (Code::JsonInvalid, member));
            assert!(
                finding.offset.is_some_and(|offset| offset <= length as u64),
                "{member} {length}: {finding}"
            );
        }
    }
}

#[test]
fn what_stands_behind_the_end_is_told_and_the_document_is_read() {
    for (member, sample) in samples() {
        let text = sample.to_string();
        let (found, documents) = read(member, format!("{text}\n{{}}").as_bytes());
        assert_eq!(found, sample, "{member}");
        let [finding] = &documents.findings[..] else { panic!("{member}: {:?}", documents.findings) };
        assert_eq!(
            (finding.code, finding.offset),
            (Code::JsonTrailing, Some(text.len() as u64 + 1)),
            "{member}"
        );
        let (_, documents) = read(member, format!(" \n\t{text}\r\n \n").as_bytes());
        assert_eq!(documents.findings, [], "{member}: space around a document is nothing");
    }
}

#[test]
fn documents_of_another_shape_are_unreadable() {
    for (member, sample) in samples() {
        let wrong = if sample.is_array() { "{\"a\": 1}" } else { "[1]" };
        for text in [wrong, "\"text\"", "7", "true"] {
            if member == "network.status" && text.starts_with(['{', '[']) {
                continue;
            }
            let (found, documents) = read(member, text.as_bytes());
            if member == "config.json" {
                // Told by its keys: without them it is not this document at all.
                assert!(documents.docker.is_absent() && documents.spec.is_absent());
                continue;
            }
            assert_eq!(found, Value::Null, "{member} {text}");
            assert!(!documents.findings.is_empty(), "{member} {text}");
        }
    }
}

#[test]
fn of_two_members_of_one_role_the_later_counts() {
    let mut documents = Documents::default();
    documents.add("descriptors.json", br#"["a"]"#);
    documents.add("checkpoint/descriptors.json", br#"["b"]"#);
    assert_eq!(documents.descriptors.get().unwrap().links, ["b"]);
    assert_eq!(documents.member(Role::Descriptors), Some("checkpoint/descriptors.json"));
    assert_eq!(documents.member(Role::Status), None);
    // A bundle's configuration does not replace what the engine wrote.
    documents.add("spec.dump", br#"{"ociVersion": "1.0.2", "hostname": "own"}"#);
    documents.add("config.json", br#"{"ociVersion": "1.0.2", "hostname": "other"}"#);
    assert_eq!(documents.spec.get().unwrap().hostname.as_deref(), Some("own"));
    assert_eq!(documents.spec_member(), "spec.dump");
}

#[test]
fn members_that_hold_no_document_are_left_alone() {
    for name in ["", "pages-1.img", "config.dump.bak", "Config.dump", "checkpoint/config.dump", "status "] {
        let mut documents = Documents::default();
        assert!(!documents.add(name, b"{}"), "{name}");
        assert_eq!(documents, Documents::default());
    }
    assert_eq!(Role::members().count(), MEMBERS.len());
    for (media_type, role) in MEDIA_TYPES {
        assert_eq!(Role::of_media_type(media_type), Some(*role));
    }
    assert_eq!(Role::of_media_type("application/json"), None);
}
