//! When the container was created, started, checkpointed and restored.
//!
//! Podman and the runtimes store no time of the checkpoint: then the times of files tell, each with its
//! precision.

use serde::Serialize;

use super::Container;
use super::identity::annotation;
use crate::documents::Role;
use crate::engine::EngineName;
use crate::fact::{Fact, Origin, Sources, sources};
use crate::finding::{Code, Findings};
use crate::layout::ModificationTimes;
use crate::time::Time;

/// Differences below this many seconds between two sources of one time are how engines work.
const TOLERANCE: i64 = 60;

/// Seconds that may pass between the start of a dump and its last file: memory of many gigabytes takes a
/// while.
const LONGEST_DUMP: i64 = 6 * 3600;

/// Kinds of containers whose files may have got one time from whoever built them.
const IMAGE_KINDS: &[&str] = &["oci-layout", "oci-dir", "docker-archive"];

/// How well a source tells the time of the checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// Nanoseconds, written by the engine right before the dump.
    Stored,
    /// Whole seconds, the end of the dump.
    Second,
    /// Within a second or two of the dump, usually.
    Seconds,
    /// In the time zone of the machine, which is not told.
    LocalTime,
    /// From a name that anybody can give.
    NameOnly,
    /// The checkpoint is not later, or not earlier, than this.
    Bound,
}

/// A source of the time of the checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CheckpointTime {
    /// The time.
    pub time: Time,
    /// Where it stands.
    pub from: Origin,
    /// How well it tells.
    pub precision: Precision,
}

sources! {
    CREATED: Time {
        All ConfigDump "createdTime" => |s, _| s.config()?.created.clone(),
        Except(Podman) SpecDump "io.kubernetes.cri-o.Created" => |s, key| Time::new(annotation(s, key)?),
        All StatusDump "created_at" => |s, _| Time::from_nanoseconds(s.status_dump()?.created_at?),
        All Status "CreatedAt" => |s, _| Time::from_nanoseconds(s.status()?.created_at?),
    }
    STARTED: Time {
        All StatusDump "started_at" => |s, _| Time::from_nanoseconds(s.status_dump()?.started_at?),
        All Status "StartedAt" => |s, _| Time::from_nanoseconds(s.status()?.started_at?),
    }
    RESTORED: bool {
        Only(Containerd) Status "Restore" => |s, _| s.status()?.restore,
        Only(Containerd) StatusDump "annotations, restored" =>
            |s, _| Some(status_annotation(s, "restored")? == "true"),
        Except(Containerd) ConfigDump "restored" => |s, _| s.config()?.restored,
        // containerd always writes false here: only older versions, without `Restore`, need it.
        Only(Containerd) ConfigDump "restored" =>
            |s, _| s.config()?.restored.filter(|_| s.status().is_none()),
    }
}

sources! {
    RESTORED_FROM: String {
        Only(Containerd) StatusDump "annotations, checkpointImage" => |s, _| status_annotation(s, "checkpointImage"),
    }
    EARLIER_CHECKPOINT: Time {
        Only(Containerd) StatusDump "annotations, checkpointedAt" =>
            |s, _| Time::new(status_annotation(s, "checkpointedAt")?),
    }
}

fn status_annotation(s: &Sources<'_>, key: &str) -> Option<String> {
    s.status_dump()?.annotations.as_ref()?.get(key).cloned()
}

/// Fills in the times and says which cannot be.
pub(super) fn fill(container: &mut Container, s: &Sources<'_>, findings: &mut Findings) {
    container.created = s.choose("created", CREATED, close, findings);
    container.started = s.choose("started", STARTED, close, findings);
    container.restored = s.choose("restored", RESTORED, bool::eq, findings);
    container.checkpoint_times = checkpoint_times(s);
    container.checkpointed = checkpointed(&container.checkpoint_times);
    container.checkpointed_from = container.checkpointed.as_ref().map(|fact| fact.from.to_string());
    container.restored_from = s.choose("restored from", RESTORED_FROM, String::eq, findings);
    container.earlier_checkpoint = s.choose("earlier checkpoint", EARLIER_CHECKPOINT, close, findings);
    report_order(container, findings);
    report_restore_hint(s, findings);
}

/// The best source. If its text is no point in time, the best one that is stands beside it.
fn checkpointed(times: &[CheckpointTime]) -> Option<Fact<Time>> {
    let fact = |source: &CheckpointTime| Fact::new(source.time.clone(), source.from.clone());
    let mut usable = times.iter().filter(|source| source.precision < Precision::Bound);
    let mut best = usable.next().map(fact)?;
    if best.value.instant.is_none() {
        best.alternatives.extend(usable.find(|source| source.time.instant.is_some()).map(fact));
    }
    Some(best)
}

fn close(a: &Time, b: &Time) -> bool {
    match (&a.instant, &b.instant) {
        (Some(a), Some(b)) => (a.timestamp().saturating_sub(b.timestamp())).saturating_abs() <= TOLERANCE,
        _ => a.text == b.text,
    }
}

/// All sources, the best first.
fn checkpoint_times(s: &Sources<'_>) -> Vec<CheckpointTime> {
    let mut times = Vec::new();
    let mut add = |time: Option<Time>, from: Origin, precision| {
        times.extend(time.map(|time| CheckpointTime { time, from, precision }));
    };
    let config = s.config();
    add(
        config.and_then(|config| config.checkpointed.clone()),
        s.origin(Role::ConfigDump, "checkpointedTime"),
        Precision::Stored,
    );
    let docker = s.documents.docker.get().and_then(|docker| docker.created.clone());
    add(docker, s.origin(Role::ConfigJson, "created"), Precision::Stored);
    for (member, seconds) in modification_times(s) {
        let precision =
            if member.ends_with("inventory.img") { Precision::Second } else { Precision::Seconds };
        add(Time::from_seconds(seconds), Origin::new(member, "modification time"), precision);
    }
    let name_of_image =
        s.layout.descriptor.get("io.containerd.image.name").and_then(|name| time_of_image_name(name));
    add(name_of_image, Origin::new("index.json", "io.containerd.image.name"), Precision::LocalTime);
    let name_of_file = s.layout.file_name.and_then(time_of_file_name);
    add(name_of_file, Origin::new("archive", "name of the file"), Precision::NameOnly);
    let image_created = s.layout.image_created.clone().and_then(Time::new);
    add(image_created, Origin::new("image", "created"), Precision::Bound);
    let log_end = s.layout.log_end.clone().and_then(Time::new);
    add(log_end, Origin::new("log", "last line"), Precision::Bound);
    times
}

/// Times of members that say something: not those of an image whose builder gave all files one time, nor the
/// beginning of 1970.
///
/// Outside of images one time for all is no sign of that: a small container is dumped within a second.
fn modification_times(s: &Sources<'_>) -> Vec<(&'static str, i64)> {
    let times = &s.layout.times;
    if times.all_equal && IMAGE_KINDS.contains(&s.layout.kind) {
        return Vec::new();
    }
    let known =
        ModificationTimes::MEMBERS.iter().filter_map(|member| Some((*member, *times.members.get(*member)?)));
    known.filter(|(_, seconds)| *seconds != 0).collect()
}

/// `checkpoint-POD_NAMESPACE-CONTAINER-TIME.tar`, as the kubelet names its files; colons may have become
/// dashes.
fn time_of_file_name(name: &str) -> Option<Time> {
    let stem = name.strip_prefix("checkpoint-")?.split(".tar").next()?;
    ["2000-01-01T00:00:00Z".len(), "2000-01-01T00:00:00+00:00".len()].iter().find_map(|length| {
        let at = stem.len().checked_sub(*length)?;
        let (before, text) = stem.split_at_checked(at)?;
        let (date, clock) = text.split_once('T')?;
        let (clock, zone) = clock.split_at_checked(8)?;
        let zone = if let Some(hours) = zone.strip_prefix('-') {
            format!("-{}", hours.replace('-', ":"))
        } else {
            zone.replace('-', ":")
        };
        let text = format!("{date}T{}{zone}", clock.replace('-', ":"));
        before.ends_with('-').then(|| Time::new(text)).flatten().filter(|time| time.instant.is_some())
    })
}

/// `NAME:MM-DD-YYYY-HH:MM:SS`, as containerd names images of checkpoints, in a time zone that is not told.
fn time_of_image_name(name: &str) -> Option<Time> {
    let at = name.len().checked_sub("01-01-2000-00:00:00".len())?;
    let (before, text) = name.split_at_checked(at)?;
    let mut parts = text.splitn(4, '-');
    let (month, day, year, clock) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    let dated = before.ends_with(':') && year.len() == 4 && [month, day, year, clock].into_iter().all(digits);
    // Without a zone it is no point in time: the text alone.
    dated.then(|| Time { text: format!("{year}-{month}-{day}T{clock}"), instant: None })
}

fn report_order(container: &Container, findings: &mut Findings) {
    let Some(checkpointed) = &container.checkpointed else { return };
    let Some(instant) = checkpointed.value.instant else { return };
    for (name, earlier) in [("created", &container.created), ("started", &container.started)] {
        let Some(fact) = earlier else { continue };
        // Times of tar headers have no fractions: a second's margin.
        if fact.value.instant.is_some_and(|time| time.timestamp() > instant.timestamp().saturating_add(1)) {
            let (from, time, other) = (&checkpointed.from.key, &checkpointed.value, &fact.value);
            let text = format_args!(
                "{from} says {time}, before the container was {name}: {} says {other}",
                fact.from
            );
            findings.about(&checkpointed.from.member, Code::TimeOrder, text);
        }
    }
    let images = container.checkpoint_times.iter().find(|source| source.precision == Precision::Second);
    let Some(images) = images.filter(|images| images.from != checkpointed.from) else { return };
    let Some(end) = images.time.instant else { return };
    let took = end.timestamp().saturating_sub(instant.timestamp());
    if !(-2..=LONGEST_DUMP).contains(&took) {
        let (from, time, end) = (&checkpointed.from.key, &checkpointed.value, &images.time);
        let text = format_args!("{from} says {time}, but {} is of {end}", images.from.member);
        findings.about(&checkpointed.from.member, Code::TimeOrder, text);
    }
}

/// A restore from an archive gives a Podman container a new time of creation, but leaves the annotation.
fn report_restore_hint(s: &Sources<'_>, findings: &mut Findings) {
    if s.engine != EngineName::Podman {
        return;
    }
    let key = "io.kubernetes.cri-o.Created";
    let created = s.config().and_then(|config| config.created.as_ref());
    let annotated = annotation(s, key).and_then(Time::new);
    let (Some(created), Some(annotated)) = (created, annotated) else { return };
    let (Some(later), Some(earlier)) = (created.instant, annotated.instant) else { return };
    if later > earlier && !close(created, &annotated) {
        let text =
            format_args!("createdTime is {created}, the annotation {key} {annotated}: probably restored");
        findings.about("config.dump", Code::RestoreHint, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Documents, Layout, Metadata};

    #[test]
    fn names_of_files_hold_a_time() {
        for (name, expected) in [
            ("checkpoint-webserver_default-webserver-2026-11-25T20:30:46Z.tar", Some("2026-11-25T20:30:46Z")),
            ("checkpoint-webserver_default-webserver-2026-11-25T20-30-46Z.tar", Some("2026-11-25T20:30:46Z")),
            ("checkpoint-a_b-c-2026-11-25T20:30:46+02:00.tar.gz", Some("2026-11-25T18:30:46Z")),
            ("checkpoint-a_b-c-2026-11-25T20-30-46-02-00.tar", Some("2026-11-25T22:30:46Z")),
            ("checkpoint-counter_default-tick.tar", None),
            ("shop.tar", None),
        ] {
            assert_eq!(time_of_file_name(name).map(|time| time.to_string()).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn names_of_images_hold_a_local_time() {
        let time = time_of_image_name("containerd.io/checkpoint/batchd-1:11-25-2026-20:30:46").unwrap();
        assert_eq!((time.to_string().as_str(), time.instant), ("2026-11-25T20:30:46", None));
        assert_eq!(time_of_image_name("registry.shop.example/checkpoints/batchd-1:nightly"), None);
    }

    /// The container and the codes of the findings of an archive with these documents and times of members.
    fn archive(documents: &[(&str, &str)], times: &[(&str, i64)], kind: &str) -> (Container, Vec<Code>) {
        let mut read = Documents::default();
        for (name, text) in documents {
            read.add(name, text.as_bytes());
        }
        let has = |name: &str| documents.iter().any(|(known, _)| *known == name);
        let mut layout = Layout::new(&has);
        layout.kind = kind;
        layout.times.members = times.iter().map(|(name, seconds)| ((*name).to_owned(), *seconds)).collect();
        layout.times.all_equal = true;
        layout.file_name = Some("checkpoint-pod_default-web-2026-11-25T20:30:46Z.tar");
        let metadata = Metadata::new(&read, &layout);
        (metadata.container, metadata.findings.iter().map(|finding| finding.code).collect())
    }

    const CRIO: (&str, &str) = ("spec.dump", r#"{"annotations": {"io.container.manager": "cri-o"}}"#);

    /// 2026-11-25T20:30:47Z, as `date -u -d @1795638647` gives it.
    const DUMPED: i64 = 1_795_638_647;

    #[test]
    fn sources_are_taken_in_order() {
        let stored = ("config.dump", r#"{"checkpointedTime": "2026-11-25T22:30:46.9+02:00"}"#);
        let unset = ("config.dump", r#"{"checkpointedTime": "0001-01-01T00:00:00Z"}"#);
        let times = [("inventory.img", DUMPED), ("stats-dump", DUMPED)];
        for (documents, times, kind, from, time) in [
            ([CRIO, stored], &times[..], "tar", "config.dump checkpointedTime", "2026-11-25T20:30:46.9Z"),
            ([CRIO, unset], &times[..], "tar", "inventory.img modification time", "2026-11-25T20:30:47Z"),
            ([CRIO, unset], &times[1..], "tar", "stats-dump modification time", "2026-11-25T20:30:47Z"),
            ([CRIO, unset], &times[..], "oci-dir", "archive name of the file", "2026-11-25T20:30:46Z"),
            (
                [CRIO, unset],
                &[("inventory.img", 0)][..],
                "tar",
                "archive name of the file",
                "2026-11-25T20:30:46Z",
            ),
        ] {
            let (container, codes) = archive(&documents, times, kind);
            assert_eq!(container.checkpointed_from.as_deref(), Some(from));
            assert_eq!(container.checkpointed.unwrap().value.to_string(), time);
            assert!(codes.is_empty(), "{codes:?}");
        }
    }

    #[test]
    fn impossible_orders_are_told() {
        for (created, checkpointed, expected) in [
            ("2026-11-25T20:30:00Z", "2026-11-25T20:30:46Z", 0),
            ("2026-11-25T20:30:47.5Z", "2026-11-25T20:30:46.9Z", 0),
            ("2026-11-25T20:31:00Z", "2026-11-25T20:30:46Z", 1),
            ("2026-11-25T20:30:00Z", "2026-11-25T20:31:46Z", 1),
            ("2026-11-20T20:30:00Z", "2026-11-24T20:30:46Z", 1),
        ] {
            let config = format!(r#"{{"createdTime": "{created}", "checkpointedTime": "{checkpointed}"}}"#);
            let (_, codes) = archive(&[CRIO, ("config.dump", &config)], &[("inventory.img", DUMPED)], "tar");
            assert_eq!(codes, vec![Code::TimeOrder; expected], "{created} {checkpointed}");
        }
    }

    #[test]
    fn a_restored_container_of_podman_is_a_hint_alone() {
        let spec = r#"{"annotations": {"io.container.manager": "libpod", "io.kubernetes.cri-o.Created": "2026-11-01T00:00:00Z"}}"#;
        let config = r#"{"createdTime": "2026-11-02T00:00:00Z"}"#;
        let (container, codes) = archive(&[("spec.dump", spec), ("config.dump", config)], &[], "tar");
        assert_eq!((container.restored, codes), (None, vec![Code::RestoreHint]));
    }

    #[test]
    fn a_restored_container_of_containerd_names_the_earlier_checkpoint() {
        let dump = r#"{"annotations": {"restored": "true", "checkpointedAt": "2026-11-01T00:00:00.5Z", "checkpointImage": "a:1"}}"#;
        let documents = [("status.dump", dump), ("status", r#"{"Version": "v1", "Restore": true}"#)];
        let (container, codes) = archive(&documents, &[("inventory.img", DUMPED)], "tar");
        assert!(container.restored.unwrap().value);
        assert_eq!(container.restored_from.unwrap().value, "a:1");
        assert_eq!(container.earlier_checkpoint.unwrap().value.to_string(), "2026-11-01T00:00:00.5Z");
        assert_eq!(container.checkpointed.unwrap().value.to_string(), "2026-11-25T20:30:47Z");
        assert!(codes.is_empty());
    }
}
