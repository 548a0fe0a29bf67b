//! When the container was created, started, checkpointed and restored.
//!
//! Podman and the runtimes store no time of the checkpoint: then the times of files tell, each with its
//! precision.

use serde::Serialize;

use super::Container;
use super::identity::{annotation, text};
use crate::ctr::IMAGE_NAME;
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

/// An annotation of containerd's that is not empty.
fn status_annotation(s: &Sources<'_>, key: &str) -> Option<String> {
    text(s.status_dump()?.annotations.as_ref()?.get(key)?)
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
    let name_of_image = s.layout.index.get(IMAGE_NAME).and_then(|name| time_of_image_name(name));
    add(name_of_image, Origin::new("index.json", IMAGE_NAME), Precision::LocalTime);
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
mod tests;
