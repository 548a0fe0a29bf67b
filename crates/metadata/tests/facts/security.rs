use icecore_metadata::container::Sharing;

use crate::{at, check, metadata};

#[test]
fn what_the_container_may_do_is_read() {
    let spec = r#"{"process": {"user": {"uid": 33, "gid": 33, "additionalGids": [4]}, "noNewPrivileges": true,
        "apparmorProfile": "containers-default", "selinuxLabel": "system_u:system_r:container_t:s0:c1,c2",
        "capabilities": {"bounding": ["CAP_KILL"], "effective": ["CAP_KILL"]}},
        "linux": {"mountLabel": "system_u:object_r:container_file_t:s0", "maskedPaths": ["/proc/kcore"],
        "readonlyPaths": ["/proc/sys"], "sysctl": {"net.core.somaxconn": "1024"},
        "uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}]}}"#;
    for (pointer, expected) in [
        ("/security/user/uid", "33"),
        ("/security/user/additionalGids", "[4]"),
        ("/security/no_new_privileges", "true"),
        ("/security/apparmor", r#""containers-default""#),
        ("/security/selinux", r#""system_u:system_r:container_t:s0:c1,c2""#),
        ("/security/selinux_mount", r#""system_u:object_r:container_file_t:s0""#),
        ("/security/masked_paths", r#"["/proc/kcore"]"#),
        ("/security/readonly_paths", r#"["/proc/sys"]"#),
        ("/security/sysctls", r#"{"net.core.somaxconn": "1024"}"#),
        ("/security/privileged", "false"),
    ] {
        check(("spec.dump", spec), pointer, expected);
    }
    let found = metadata(&[("spec.dump", spec)], &[]);
    assert!(found.container.security.uid_mappings.unwrap().host, "ids of the host");
}

#[test]
fn what_is_absent_is_not_known() {
    for pointer in [
        "/security/user",
        "/security/privileged",
        "/security/seccomp",
        "/security/apparmor",
        "/security/capabilities",
        "/security/readonly_root",
        "/security/masked_paths",
    ] {
        check(("spec.dump", "{}"), pointer, "null");
    }
    check(("spec.dump", "{}"), "/security/namespaces", "[]");
    check(("spec.dump", "{}"), "/security/hooks", "[]");
}

#[test]
fn podman_says_what_was_asked_for() {
    let config = r#"{"privileged": true, "user": "www-data", "ProcessLabel": "p", "MountLabel": "m"}"#;
    for (pointer, expected) in [
        ("/security/privileged", "true"),
        ("/security/user_requested", r#""www-data""#),
        ("/security/selinux", r#""p""#),
        ("/security/selinux_mount", r#""m""#),
    ] {
        check(("config.dump", config), pointer, expected);
    }
}

#[test]
fn namespaces_are_own_joined_or_the_hosts() {
    let spec = r#"{"linux": {"namespaces": [{"type": "pid"}, {"type": "network", "path": "/run/netns/x"},
        {"type": "ipc", "path": ""}, {"path": "/no/type"}]}}"#;
    let config = r#"{"netNsCtr": "ab12", "pidNsCtr": ""}"#;
    let found = metadata(&[("spec.dump", spec), ("config.dump", config)], &[]);
    let use_of = |kind: &str| {
        let found =
            found.container.security.namespaces.iter().find(|namespace| namespace.kind == kind).unwrap();
        (found.sharing, found.path.as_deref(), found.container.as_deref())
    };
    assert_eq!(use_of("pid"), (Sharing::Own, None, None));
    assert_eq!(use_of("network"), (Sharing::Joined, Some("/run/netns/x"), Some("ab12")));
    assert_eq!(use_of("ipc"), (Sharing::Own, None, None));
    for kind in ["mount", "uts", "user", "cgroup"] {
        assert_eq!(use_of(kind), (Sharing::Host, None, None), "{kind}");
    }
}

#[test]
fn hooks_stand_in_the_order_of_the_containers_life() {
    let spec = r#"{"hooks": {"poststop": [{"path": "/c"}], "prestart": [{"path": "/a", "args": ["a", "-x"]}],
        "createRuntime": [{"path": "/b"}]}}"#;
    let found = metadata(&[("spec.dump", spec)], &[]);
    let moments: Vec<_> = found.container.security.hooks.iter().map(|entry| entry.moment).collect();
    assert_eq!(moments, ["prestart", "createRuntime", "poststop"]);
    assert_eq!(at(&found, "/security/hooks/0/hook/path"), "/a");
}
