//! What a container may do.

use super::*;
use crate::{Documents, Layout, Metadata};

fn security(spec: &str) -> Security {
    let mut documents = Documents::default();
    documents.add("spec.dump", spec.as_bytes());
    let has = |_: &str| false;
    Metadata::new(&documents, &Layout::new(&has)).container.security
}

#[test]
fn privileged_is_inferred_and_says_so() {
    let names: Vec<_> = (0..40).map(|number| format!("\"CAP_{number}\"")).collect();
    let spec = |extra: &str| {
        format!(
            r#"{{"process":{{"capabilities":{{"bounding":["CAP_SYS_ADMIN",{}]}}}},"linux":{{{extra}}}}}"#,
            names.join(",")
        )
    };
    let fact = security(&spec("")).privileged.unwrap();
    assert!(fact.value && fact.from.key.starts_with("inferred"));
    assert!(!security(&spec(r#""maskedPaths":["/proc/kcore"]"#)).privileged.unwrap().value);
    assert!(!security(&spec(r#""seccomp":{}"#)).privileged.unwrap().value);
    assert_eq!(security("{}").privileged, None);
}

#[test]
fn namespaces_that_are_not_listed_are_the_hosts() {
    let spec = r#"{"linux":{"namespaces":[{"type":"mount"},{"type":"pid","path":"/proc/7/ns/pid"},{"type":"future"}]}}"#;
    let uses = security(spec).namespaces;
    let got: Vec<_> = uses.iter().map(|namespace| (namespace.kind.as_str(), namespace.sharing)).collect();
    assert_eq!(got[..3], [("pid", Sharing::Joined), ("network", Sharing::Host), ("mount", Sharing::Own)]);
    assert_eq!(got.last(), Some(&("future", Sharing::Own)));
}

#[test]
fn hooks_are_listed_by_their_moments() {
    let hooks = security(
        r#"{"hooks": {"poststop": [{"path": "/c"}], "prestart": [{"path": "/a"}, {"path": "/b"}], "createRuntime": null}}"#,
    )
    .hooks;
    let found: Vec<_> =
        hooks.iter().map(|entry| (entry.moment, entry.hook.path.as_deref().unwrap())).collect();
    assert_eq!(found, [("prestart", "/a"), ("prestart", "/b"), ("poststop", "/c")]);
}

/// Go leaves a false out; a value of another type is not a false.
#[test]
fn flags_that_are_left_out_are_off() {
    for (spec, expected) in [
        (r#"{"process": {"noNewPrivileges": true}}"#, Some(true)),
        (r#"{"process": {"noNewPrivileges": false}}"#, Some(false)),
        (r#"{"process": {}}"#, Some(false)),
        (r#"{"process": {"noNewPrivileges": "yes"}}"#, None),
        ("{}", None),
    ] {
        assert_eq!(security(spec).no_new_privileges.map(|fact| fact.value), expected, "{spec}");
    }
    for (spec, expected) in [
        (r#"{"root": {"readonly": true}}"#, Some(true)),
        (r#"{"root": {"path": "rootfs"}}"#, Some(false)),
        (r#"{"root": {"readonly": 1}}"#, None),
        ("{}", None),
    ] {
        assert_eq!(security(spec).readonly_root.map(|fact| fact.value), expected, "{spec}");
    }
}

#[test]
fn namespaces_are_own_joined_or_the_hosts() {
    let namespaces = security(
        r#"{"linux": {"namespaces": [{"type": "network", "path": "/run/netns/x"}, {"type": "pid"},
            {"type": "future", "path": ""}, {"path": "/no/type"}]}}"#,
    )
    .namespaces;
    let found: Vec<_> =
        namespaces.iter().map(|namespace| (namespace.kind.as_str(), namespace.sharing)).collect();
    let host = |kind| (kind, Sharing::Host);
    assert_eq!(
        found,
        [
            ("pid", Sharing::Own),
            ("network", Sharing::Joined),
            host("mount"),
            host("ipc"),
            host("uts"),
            host("user"),
            host("cgroup"),
            host("time"),
            ("future", Sharing::Own),
        ]
    );
    assert_eq!(namespaces[1].path.as_deref(), Some("/run/netns/x"));
    assert!(security("{}").namespaces.is_empty(), "nothing is said without a list");
}

#[test]
fn a_namespace_of_podman_names_whom_it_is_shared_with() {
    let mut documents = Documents::default();
    documents.add("config.dump", br#"{"netNsCtr": "infra", "pidNsCtr": "", "lockID": 1}"#);
    documents.add(
        "spec.dump",
        br#"{"linux": {"namespaces": [{"type": "network", "path": "/n"}, {"type": "pid"}]}}"#,
    );
    let has = |_: &str| false;
    let security = Metadata::new(&documents, &Layout::new(&has)).container.security;
    let partners: Vec<_> =
        security.namespaces.iter().map(|namespace| namespace.container.as_deref()).collect();
    assert_eq!(partners[..2], [None, Some("infra")]);
}
