//! Names, ids and words as engines spell them.

use super::*;

#[test]
fn runtimes_are_one_word() {
    for (name, expected) in [
        ("runc", "runc"),
        ("/usr/sbin/runc", "runc"),
        ("io.containerd.runc.v2", "runc"),
        ("io.containerd.kata.v2", "kata"),
        ("/usr/bin/containerd-shim-x", "containerd-shim-x"),
    ] {
        assert_eq!(word(name).as_deref(), Some(expected));
    }
    assert_eq!(word(""), None);
    assert_eq!(word("/"), None);
}

#[test]
fn names_are_split_from_the_right() {
    let name = split("my_web_pod-1_default_8b7f0c1e_0").unwrap();
    assert_eq!(
        (name.container, name.pod, name.namespace, name.uid, name.attempt),
        ("my_web", "pod-1", "default", "8b7f0c1e", "0")
    );
    assert!(split("a_b_c_d").is_none());
}

#[test]
fn ids_and_digests() {
    let id = "13b71d4d859cb63f2ad74853edf0e0361329b3167b29f0dbd421b875343ffd83";
    assert_eq!(hex(&format!("sha256:{id}")).as_deref(), Some(id));
    assert_eq!(hex("docker.io/library/nginx:latest"), None);
    assert_eq!(digest(&format!("docker.io/library/nginx@sha256:{id}")), Some(format!("sha256:{id}")));
    assert_eq!(digest(id), None);
}
