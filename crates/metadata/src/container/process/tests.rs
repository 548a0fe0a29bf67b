//! The first process, its mounts and its signals.

use super::*;

#[test]
fn signals_have_one_name() {
    for (text, name) in [
        ("2", "SIGINT"),
        ("15", "SIGTERM"),
        ("SIGQUIT", "SIGQUIT"),
        ("term", "SIGTERM"),
        // As images of httpd and of systemd ask for.
        ("28", "SIGWINCH"),
        ("37", "SIGRTMIN+3"),
        ("34", "SIGRTMIN"),
        ("64", "SIGRTMIN+30"),
        ("32", "32"),
        ("65", "65"),
        ("0", "0"),
    ] {
        assert_eq!(signal(text), name);
    }
}

#[test]
fn versions_of_criu_are_numbers() {
    for (text, version) in [("40200", "4.2"), ("31701", "3.17.1"), ("4.1", "4.1")] {
        assert_eq!(criu_version(text).as_deref(), Some(version));
    }
}

#[test]
fn signals_of_images_come_in_any_spelling() {
    for (text, name) in [
        ("15", "SIGTERM"),
        ("9", "SIGKILL"),
        ("SIGQUIT", "SIGQUIT"),
        ("sigquit", "SIGQUIT"),
        ("quit", "SIGQUIT"),
        ("RTMIN+3", "SIGRTMIN+3"),
        ("0", "0"),
        ("rtmin+3", "SIGRTMIN+3"),
        ("99999999999999999999999", "SIG99999999999999999999999"),
    ] {
        assert_eq!(signal(text), name);
    }
}

#[test]
fn numbers_of_versions_are_read_by_twos() {
    for (text, version) in [
        ("40200", "4.2"),
        ("31701", "3.17.1"),
        ("40000", "4.0"),
        ("4.2", "4.2"),
        ("0", "0.0"),
        ("-1", "-1"),
        ("", ""),
    ] {
        assert_eq!(criu_version(text).as_deref(), Some(version));
    }
}

/// The mounts of a specification, with the named volume `data` of Podman.
#[test]
fn mounts_tell_what_is_of_the_host() {
    let mut documents = crate::Documents::default();
    documents.add(
        "config.dump",
        br#"{"namedVolumes": [{"volumeName": "data", "dest": "/data"}, {"dest": "/none"}]}"#,
    );
    documents.add(
        "spec.dump",
        br#"{"mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {"destination": "/etc/hosts", "type": "bind", "source": "/run/hosts", "options": ["ro"]},
            {"destination": "/data", "type": "none", "source": "/v/data/_data", "options": ["rbind"]},
            {"destination": "/x", "options": ["bind"]},
            {"destination": "/y", "source": "/host"},
            {}
        ]}"#,
    );
    let has = |_: &str| false;
    let container = crate::Metadata::new(&documents, &crate::Layout::new(&has)).container;
    let found: Vec<_> = container
        .mounts
        .iter()
        .map(|mount| (mount.destination.as_str(), mount.host, mount.volume.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            ("/proc", false, None),
            ("/etc/hosts", true, None),
            ("/data", true, Some("data")),
            ("/x", true, None),
            ("/y", true, None),
            ("", false, None),
        ]
    );
}

#[test]
fn the_first_process_is_as_the_runtime_was_told() {
    let mut documents = crate::Documents::default();
    documents.add(
        "spec.dump",
        br#"{"process": {"args": ["a", ""], "env": ["X=1", "X=2", "novalue"], "cwd": "/w", "oomScoreAdj": -1000,
            "rlimits": [{"type": "RLIMIT_CORE", "soft": 0, "hard": 18446744073709551615}]}}"#,
    );
    let has = |_: &str| false;
    let process = crate::Metadata::new(&documents, &crate::Layout::new(&has)).container.process;
    assert_eq!(process.args.unwrap().value, ["a", ""]);
    let env = process.env.unwrap();
    assert_eq!((env.value.len(), env.from.to_string()), (3, "spec.dump process.env".into()));
    assert_eq!((process.cwd.unwrap().value.as_str(), process.oom_score_adj.unwrap().value), ("/w", -1000));
    assert_eq!(process.rlimits.unwrap().value[0].hard, Some(u64::MAX));
    assert_eq!(process.terminal.map(|fact| fact.value), Some(false));
    assert_eq!((process.entrypoint, process.create_command), (None, None));
}
