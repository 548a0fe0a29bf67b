//! When the container was created and started, by each source.

use crate::{at, check, metadata};

#[test]
fn each_source_of_creation_is_read() {
    let annotation = r#"{"annotations": {"io.kubernetes.cri-o.Created": "2026-11-25T20:30:41.25Z"}}"#;
    // Nanoseconds since 1970: `date -u -d @1795638641` gives the text.
    let cases = [
        ("config.dump", r#"{"createdTime": "2026-11-25T21:30:41.25+01:00"}"#),
        ("spec.dump", annotation),
        ("status.dump", r#"{"created_at": 1795638641250000000}"#),
        ("status", r#"{"CreatedAt": 1795638641250000000}"#),
    ];
    for member in cases {
        check(member, "/created", r#""2026-11-25T20:30:41.25Z""#);
    }
    check(("status.dump", r#"{"started_at": 1795638641000000000}"#), "/started", r#""2026-11-25T20:30:41Z""#);
    check(("status", r#"{"StartedAt": 1795638641000000000}"#), "/started", r#""2026-11-25T20:30:41Z""#);
}

/// Zero is how Go says that a time was not set, in both of its notations.
#[test]
fn times_that_were_not_set_are_absent() {
    for member in [
        ("config.dump", r#"{"createdTime": "0001-01-01T00:00:00Z"}"#),
        ("config.dump", r#"{"createdTime": ""}"#),
        ("config.dump", r#"{"createdTime": null}"#),
        ("status.dump", r#"{"created_at": 0}"#),
        ("status", r#"{"CreatedAt": 0}"#),
    ] {
        check(member, "/created", "null");
    }
}

#[test]
fn whether_it_was_restored_is_what_the_engine_says() {
    check(("config.dump", r#"{"restored": true}"#), "/restored", "true");
    check(("config.dump", r#"{"restored": false}"#), "/restored", "false");
    check(("config.dump", "{}"), "/restored", "null");
    let status = [("status.dump", "{}"), ("status", r#"{"Version": "v1", "Restore": true}"#)];
    let found = metadata(&status, &[]);
    assert_eq!(found.engine.name.as_str(), "containerd");
    assert_eq!(at(&found, "/restored"), true);
    // containerd writes false into the other document whatever it is.
    let with_config = [status[0], status[1], ("config.dump", r#"{"restored": false}"#)];
    let found = metadata(&with_config, &[]);
    assert_eq!(at(&found, "/restored"), true);
    assert!(found.container.restored.unwrap().alternatives.is_empty());
}

/// One point in time in two zones is one time; two that differ are both kept.
#[test]
fn times_are_compared_as_points_in_time() {
    let spec = r#"{"annotations": {"io.kubernetes.cri-o.Created": "2026-11-25T20:30:41Z"}}"#;
    let same = metadata(
        &[("config.dump", r#"{"createdTime": "2026-11-25T21:30:41+01:00"}"#), ("spec.dump", spec)],
        &[],
    );
    assert!(same.container.created.unwrap().alternatives.is_empty());
    let other =
        metadata(&[("config.dump", r#"{"createdTime": "2026-11-20T20:30:41Z"}"#), ("spec.dump", spec)], &[]);
    assert_eq!(other.container.created.unwrap().alternatives.len(), 1);
}
