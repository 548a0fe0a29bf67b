use crate::{at, check, metadata};

#[test]
fn the_first_process_is_as_the_runtime_was_told() {
    let spec = r#"{"process": {"args": ["nginx", "-g", "daemon off;"], "env": ["A=1", "A=2"], "cwd": "/srv",
        "terminal": true, "oomScoreAdj": -998, "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 1024, "hard": 4096}]}}"#;
    for (pointer, expected) in [
        ("/process/args", r#"["nginx", "-g", "daemon off;"]"#),
        ("/process/env", r#"["A=1", "A=2"]"#),
        ("/process/cwd", r#""/srv""#),
        ("/process/terminal", "true"),
        ("/process/oom_score_adj", "-998"),
        ("/process/rlimits", r#"[{"type": "RLIMIT_NOFILE", "soft": 1024, "hard": 4096}]"#),
    ] {
        check(("spec.dump", spec), pointer, expected);
    }
}

/// Go leaves false out; a flag that is there and is none is not known.
#[test]
fn a_flag_that_is_absent_is_off() {
    check(("spec.dump", r#"{"process": {}}"#), "/process/terminal", "false");
    check(("spec.dump", r#"{"process": {"terminal": "yes"}}"#), "/process/terminal", "null");
    check(("spec.dump", "{}"), "/process/terminal", "null");
    check(("spec.dump", r#"{"root": {}}"#), "/security/readonly_root", "false");
    check(("spec.dump", r#"{"root": {"readonly": true}}"#), "/security/readonly_root", "true");
    check(("spec.dump", r#"{"root": {"readonly": 1}}"#), "/security/readonly_root", "null");
}

#[test]
fn what_podman_was_asked_for_is_read() {
    let config = r#"{"entrypoint": ["/docker-entrypoint.sh"], "command": ["nginx"], "restart_policy": "always",
        "CreateCommand": ["podman", "run", "-e", "PASSWORD=x", "nginx"], "stopSignal": 3, "logPath": "/var/log/ctr.log"}"#;
    for (pointer, expected) in [
        ("/process/entrypoint", r#"["/docker-entrypoint.sh"]"#),
        ("/process/command", r#"["nginx"]"#),
        ("/process/create_command", r#"["podman", "run", "-e", "PASSWORD=x", "nginx"]"#),
        ("/restart_policy", r#""always""#),
        ("/stop_signal", r#""SIGQUIT""#),
        ("/log_path", r#""/var/log/ctr.log""#),
    ] {
        check(("config.dump", config), pointer, expected);
    }
    let found = metadata(&[("config.dump", config)], &[]);
    let command = found.container.process.create_command.unwrap();
    assert!(command.host, "the command line tells of the machine");
    assert_eq!((command.from.member.as_str(), command.from.key.as_str()), ("config.dump", "CreateCommand"));
    assert!(found.container.log_path.unwrap().host);
}

#[test]
fn each_source_of_place_and_name_is_read() {
    let annotation = |key: &str, value: &str| format!(r#"{{"annotations": {{"{key}": "{value}"}}}}"#);
    let cases = [
        (r#"{"hostname": "web-1"}"#.to_string(), "/hostname", r#""web-1""#),
        (annotation("io.kubernetes.cri-o.HostName", "web-1"), "/hostname", r#""web-1""#),
        (annotation("io.kubernetes.cri-o.LogPath", "/var/log/0.log"), "/log_path", r#""/var/log/0.log""#),
        (r#"{"root": {"path": "/merged"}}"#.into(), "/rootfs_path", r#""/merged""#),
        (annotation("io.kubernetes.cri-o.MountPoint", "/merged"), "/rootfs_path", r#""/merged""#),
        (
            r#"{"linux": {"cgroupsPath": "kubepods.slice:crio:ab12"}}"#.into(),
            "/cgroup_path",
            r#""kubepods.slice:crio:ab12""#,
        ),
        (annotation("org.opencontainers.image.stopSignal", "quit"), "/stop_signal", r#""SIGQUIT""#),
        (annotation("org.opencontainers.image.stopSignal", "37"), "/stop_signal", r#""SIGRTMIN+3""#),
    ];
    for (spec, pointer, expected) in &cases {
        check(("spec.dump", spec), pointer, expected);
    }
    check(("status.dump", r#"{"log_path": "/var/log/0.log"}"#), "/log_path", r#""/var/log/0.log""#);
    check(("pod.dump", r#"{"hostname": "web-1"}"#), "/hostname", r#""web-1""#);
}

#[test]
fn mounts_say_what_is_of_the_host() {
    let spec = r#"{"mounts": [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/data", "type": "bind", "source": "/var/lib/volumes/shop/_data", "options": ["rbind", "rw"]},
        {"destination": "/etc/hosts", "source": "/run/hosts", "options": ["ro"]},
        {"destination": "/b", "type": "none", "source": "vol", "options": ["bind"]},
        {}]}"#;
    let config =
        r#"{"namedVolumes": [{"volumeName": "shop", "dest": "/data"}, {"volumeName": "no destination"}]}"#;
    let found = metadata(&[("spec.dump", spec), ("config.dump", config)], &[]);
    let mounts: Vec<_> = found
        .container
        .mounts
        .iter()
        .map(|mount| (mount.destination.as_str(), mount.host, mount.volume.as_deref()))
        .collect();
    let expected = [
        ("/proc", false, None),
        ("/data", true, Some("shop")),
        ("/etc/hosts", true, None),
        ("/b", true, None),
        ("", false, None),
    ];
    assert_eq!(mounts, expected);
    assert_eq!(at(&found, "/mounts/1/type"), "bind");
    assert_eq!(at(&found, "/mounts/1/options").to_string(), r#"["rbind","rw"]"#);
}

#[test]
fn limits_of_the_cgroup_are_read() {
    let spec = r#"{"linux": {"resources": {"memory": {"limit": 536870912}, "pids": {"limit": 64},
        "cpu": {"quota": 50000, "period": 100000}}}}"#;
    for (pointer, expected) in [
        ("/resources/memory/limit", "536870912"),
        ("/resources/pids/limit", "64"),
        ("/resources/cpu/quota", "50000"),
    ] {
        check(("spec.dump", spec), pointer, expected);
    }
}
