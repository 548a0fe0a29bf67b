use crate::{at, check, metadata};

const ID: &str = "13b71d4d859cb63f2ad74853edf0e0361329b3167b29f0dbd421b875343ffd83";

#[test]
fn each_source_of_the_container_is_read() {
    let cases = [
        ("config.dump", r#"{"id": "ab12"}"#, "/id", r#""ab12""#),
        ("spec.dump", r#"{"annotations": {"io.kubernetes.cri-o.ContainerID": "ab12"}}"#, "/id", r#""ab12""#),
        ("status.dump", r#"{"id": "ab12"}"#, "/id", r#""ab12""#),
        ("spec.dump", r#"{"annotations": {"io.kubernetes.container.name": "web"}}"#, "/name", r#""web""#),
        ("spec.dump", r#"{"annotations": {"io.kubernetes.cri.container-name": "web"}}"#, "/name", r#""web""#),
        (
            "spec.dump",
            r#"{"annotations": {"io.kubernetes.cri-o.Metadata": "{\"name\":\"web\",\"attempt\":3}"}}"#,
            "/name",
            r#""web""#,
        ),
        ("status.dump", r#"{"metadata": {"name": "web"}}"#, "/name", r#""web""#),
        ("config.dump", r#"{"name": "k8s_web_pod-1_default_8b7f_0"}"#, "/name", r#""web""#),
        ("config.dump", r#"{"runtime": "/usr/bin/crun"}"#, "/runtime", r#""crun""#),
        ("config.dump", r#"{"runtime": "io.containerd.runc.v2"}"#, "/runtime", r#""runc""#),
        (
            "spec.dump",
            r#"{"annotations": {"io.kubernetes.cri-o.Metadata": "{\"name\":\"web\",\"attempt\":3}"}}"#,
            "/attempt",
            "3",
        ),
        // Go leaves a zero out.
        (
            "spec.dump",
            r#"{"annotations": {"io.kubernetes.cri-o.Metadata": "{\"name\":\"web\"}"}}"#,
            "/attempt",
            "0",
        ),
        ("status.dump", r#"{"metadata": {"name": "web", "attempt": 2}}"#, "/attempt", "2"),
        ("spec.dump", r#"{"annotations": {"io.kubernetes.container.restartCount": "4"}}"#, "/attempt", "4"),
        ("config.dump", r#"{"labels": {"app": "shop"}}"#, "/labels", r#"{"app": "shop"}"#),
        (
            "spec.dump",
            r#"{"annotations": {"io.kubernetes.cri-o.Labels": "{\"app\":\"shop\"}"}}"#,
            "/labels",
            r#"{"app": "shop"}"#,
        ),
        ("status.dump", r#"{"labels": {"app": "shop"}}"#, "/labels", r#"{"app": "shop"}"#),
    ];
    for (member, text, pointer, expected) in cases {
        check((member, text), pointer, expected);
    }
}

#[test]
fn each_source_of_the_image_is_read() {
    let digest = format!("docker.io/library/nginx@sha256:{ID}");
    let (with_prefix, quoted, shown) =
        (format!("sha256:{ID}"), format!("\"{ID}\""), format!("\"sha256:{ID}\""));
    let annotation = |key: &str, value: &str| format!(r#"{{"annotations": {{"{key}": "{value}"}}}}"#);
    let nginx = "\"docker.io/library/nginx:1\"";
    let cases = [
        ("config.dump", r#"{"rootfsImageName": "docker.io/library/nginx:1"}"#.into(), "/image/name", nginx),
        (
            "spec.dump",
            annotation("io.kubernetes.cri-o.ImageName", "docker.io/library/nginx:1"),
            "/image/name",
            nginx,
        ),
        ("status.dump", r#"{"image": {"image": "docker.io/library/nginx:1"}}"#.into(), "/image/name", nginx),
        ("config.dump", r#"{"RawImageName": "nginx"}"#.into(), "/image/requested", "\"nginx\""),
        ("config.dump", r#"{"rootfsImage": "nginx"}"#.into(), "/image/requested", "\"nginx\""),
        ("spec.dump", annotation("io.kubernetes.cri-o.Image", "nginx"), "/image/requested", "\"nginx\""),
        ("spec.dump", annotation("io.kubernetes.cri.image-name", "nginx"), "/image/requested", "\"nginx\""),
        ("config.dump", format!(r#"{{"rootfsImageID": "{ID}"}}"#), "/image/id", &quoted),
        ("config.dump", format!(r#"{{"rootfsImageRef": "{with_prefix}"}}"#), "/image/id", &quoted),
        ("spec.dump", annotation("io.kubernetes.cri-o.ImageRef", ID), "/image/id", &quoted),
        ("status.dump", format!(r#"{{"image_id": "{with_prefix}"}}"#), "/image/id", &quoted),
        ("config.dump", format!(r#"{{"rootfsImageRef": "{digest}"}}"#), "/image/digest", &shown),
        ("config.dump", format!(r#"{{"rootfsImageRef": "{digest}"}}"#), "/image/id", "null"),
        ("status.dump", format!(r#"{{"image_ref": "{digest}"}}"#), "/image/digest", &shown),
        ("spec.dump", annotation("io.kubernetes.cri-o.ImageRepoDigests", &digest), "/image/digest", &shown),
    ];
    for (member, text, pointer, expected) in &cases {
        check((member, text), pointer, expected);
    }
}

#[test]
fn each_source_of_the_pod_is_read() {
    let sandbox = r#"{"annotations": {"io.kubernetes.cri-o.SandboxName": "k8s_pod-1_default_8b7f_5"}}"#;
    let labels = r#"{"labels": {"io.kubernetes.pod.name": "pod-1", "io.kubernetes.pod.namespace": "default",
        "io.kubernetes.pod.uid": "8b7f"}}"#;
    let annotated = r#"{"annotations": {"io.kubernetes.pod.name": "pod-1", "io.kubernetes.pod.namespace": "default",
        "io.kubernetes.pod.uid": "8b7f"}}"#;
    let of_containerd = r#"{"annotations": {"io.kubernetes.cri.sandbox-name": "pod-1",
        "io.kubernetes.cri.sandbox-namespace": "default", "io.kubernetes.cri.sandbox-uid": "8b7f"}}"#;
    let dump = r#"{"metadata": {"name": "pod-1", "namespace": "default", "uid": "8b7f"}}"#;
    for member in [
        ("spec.dump", sandbox),
        ("status.dump", labels),
        ("spec.dump", annotated),
        ("spec.dump", of_containerd),
        ("pod.dump", dump),
        ("config.dump", r#"{"name": "k8s_web_pod-1_default_8b7f_0"}"#),
    ] {
        check(member, "/pod/name", "\"pod-1\"");
        check(member, "/pod/namespace", "\"default\"");
        check(member, "/pod/uid", "\"8b7f\"");
    }
    check(("spec.dump", sandbox), "/pod/attempt", "5");
    check(("config.dump", r#"{"pod": "ab12"}"#), "/pod/id", "\"ab12\"");
    check(
        ("spec.dump", r#"{"annotations": {"io.kubernetes.cri.sandbox-id": "ab12"}}"#),
        "/pod/id",
        "\"ab12\"",
    );
    // The name of something else is no sandbox.
    let other = r#"{"annotations": {"io.kubernetes.cri-o.SandboxName": "web_pod-1_default_8b7f_5"}}"#;
    check(("spec.dump", other), "/pod", "null");
}

/// Annotations of the manifest of a checkpoint image.
#[test]
fn manifests_tell_what_documents_do_not() {
    let manifest = [
        ("org.criu.checkpoint.container.name", "web"),
        ("org.criu.checkpoint.runtime.name", "/usr/bin/runc"),
        ("org.criu.checkpoint.rootfsImageName", "nginx:1"),
        ("org.criu.checkpoint.rootfsImageUserRequested", "nginx"),
        ("org.criu.checkpoint.rootfsImageID", ID),
        ("org.criu.checkpoint.pod.namespace", "default"),
        ("org.criu.checkpoint.pod.uid", "8b7f"),
        ("org.criu.checkpoint.pod.id", "ab12"),
        ("org.criu.checkpoint.criu.version", "40200"),
        ("org.criu.checkpoint.host.kernel", "6.18.0"),
    ];
    let found = metadata(&[], &manifest);
    let id = format!("\"{ID}\"");
    for (pointer, expected) in [
        ("/name", "\"web\""),
        ("/runtime", "\"runc\""),
        ("/image/name", "\"nginx:1\""),
        ("/image/requested", "\"nginx\""),
        ("/image/id", id.as_str()),
        ("/pod/namespace", "\"default\""),
        ("/pod/uid", "\"8b7f\""),
        ("/pod/id", "\"ab12\""),
        ("/criu_version", "\"4.2\""),
        ("/kernel", "\"6.18.0\""),
    ] {
        assert_eq!(at(&found, pointer).to_string(), expected, "{pointer}");
    }
    // A tool writes empty ones for what it does not know.
    assert_eq!(metadata(&[], &[("org.criu.checkpoint.container.name", "")]).container.name, None);
}

#[test]
fn annotations_of_the_engine_are_its_own() {
    let spec = r#"{"annotations": {"io.kubernetes.cri-o.Name": "x", "io.container.manager": "cri-o", "team": "shop",
        "org.opencontainers.image.stopSignal": "15"}}"#;
    check(("spec.dump", spec), "/annotations", r#"{"team": "shop"}"#);
    check(("spec.dump", r#"{"annotations": {"io.container.manager": "cri-o"}}"#), "/annotations", "null");
}
