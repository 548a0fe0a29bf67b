//! The first process as the runtime was told to start it, its mounts, and the machine it ran on.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Container;
use super::identity::{annotation, filled, manifest, text};
use super::signal::signal;
use crate::containerd::cri_signal;
use crate::documents::Role;
use crate::fact::{Fact, Sources, sources};
use crate::finding::Findings;
use crate::json::Members;
use crate::oci_spec::{Process, Rlimit};

/// The first process. What it made of this later is in its memory.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ProcessSpec {
    /// Its arguments, program first.
    pub args: Option<Fact<Vec<String>>>,
    /// Its environment in order; a key may occur twice.
    pub env: Option<Fact<Vec<String>>>,
    /// Its working directory.
    pub cwd: Option<Fact<String>>,
    /// Whether it has a terminal.
    pub terminal: Option<Fact<bool>>,
    /// Its resource limits.
    pub rlimits: Option<Fact<Vec<Rlimit>>>,
    /// Adjustment of its score with the out-of-memory killer.
    pub oom_score_adj: Option<Fact<i64>>,
    /// Entry point of the image or of the user. Podman.
    pub entrypoint: Option<Fact<Vec<String>>>,
    /// Command of the image or of the user. Podman.
    pub command: Option<Fact<Vec<String>>>,
    /// The command line of the engine, with host paths and secrets. Podman.
    pub create_command: Option<Fact<Vec<String>>>,
}

/// A mount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Mount {
    /// Where it appears in the container.
    pub destination: String,
    /// Type of file system; `bind` for a part of the host's tree.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Path on the host, or a name.
    pub source: Option<String>,
    /// True if the source is a path of the host: its content is not in the archive, except for named volumes.
    pub host: bool,
    /// The named volume of Podman that it is.
    pub volume: Option<String>,
    /// Mount options.
    pub options: Vec<String>,
}

sources! {
    HOSTNAME: String {
        All SpecDump "hostname" => |s, _| filled(&s.spec()?.hostname),
        All SpecDump "io.kubernetes.cri-o.HostName" => annotation,
        All PodDump "hostname" => |s, _| filled(&s.documents.pod_dump.get()?.hostname),
    }
    LOG_PATH: String {
        All ConfigDump "logPath" => |s, _| filled(&s.config()?.log_path),
        All SpecDump "io.kubernetes.cri-o.LogPath" => annotation,
        All StatusDump "log_path" => |s, _| filled(&s.status_dump()?.log_path),
    }
    ROOTFS_PATH: String {
        All SpecDump "root.path" => |s, _| filled(&s.spec()?.root.as_ref()?.path),
        All SpecDump "io.kubernetes.cri-o.MountPoint" => annotation,
    }
    CGROUP_PATH: String {
        All SpecDump "linux.cgroupsPath" => |s, _| filled(&s.spec()?.linux.as_ref()?.cgroups_path),
    }
    STOP_SIGNAL: String {
        All ConfigDump "stopSignal" => |s, _| Some(signal(&s.config()?.stop_signal?.to_string())),
        All SpecDump "org.opencontainers.image.stopSignal" => |s, key| Some(signal(&annotation(s, key)?)),
        All StatusDump "stop_signal" => |s, _| text(&cri_signal(s.status_dump()?.stop_signal?)?),
    }
    RESTART_POLICY: String {
        All ConfigDump "restart_policy" => |s, _| filled(&s.config()?.restart_policy),
    }
    CRIU_VERSION: String {
        All DumpLog "Version" => |s, _| filled(&s.log()?.version),
        All Manifest "io.podman.annotations.checkpoint.criu.version" => |s, key| criu_version(&manifest(s, key)?),
        All Manifest "org.criu.checkpoint.criu.version" => |s, key| criu_version(&manifest(s, key)?),
    }
    KERNEL: String {
        All DumpLog "Running on" => |s, _| filled(&s.log()?.kernel),
        All Manifest "io.podman.annotations.checkpoint.host.kernel" => manifest,
        All Manifest "org.criu.checkpoint.host.kernel" => manifest,
    }
    NODE: String {
        All DumpLog "Running on" => |s, _| filled(&s.log()?.node),
    }
}

/// Fills in process, mounts and machine.
pub(super) fn fill(container: &mut Container, s: &Sources<'_>, findings: &mut Findings) {
    let of_host = |fact: Option<Fact<String>>| fact.map(Fact::of_host);
    container.hostname = s.choose("host name", HOSTNAME, String::eq, findings);
    container.log_path = of_host(s.choose("log path", LOG_PATH, String::eq, findings));
    // A bundle's `rootfs` and the absolute path of it are one thing.
    container.rootfs_path = of_host(s.choose("root file system", ROOTFS_PATH, |_, _| true, findings));
    container.cgroup_path = of_host(s.choose("cgroup", CGROUP_PATH, String::eq, findings));
    container.stop_signal = s.choose("stop signal", STOP_SIGNAL, String::eq, findings);
    container.restart_policy = s.choose("restart policy", RESTART_POLICY, String::eq, findings);
    container.criu_version = s.choose("version of CRIU", CRIU_VERSION, String::eq, findings);
    container.kernel = of_host(s.choose("kernel", KERNEL, String::eq, findings));
    container.node = of_host(s.choose("machine", NODE, String::eq, findings));
    container.mounts = mounts(s);
    container.process = process(s);
    let resources = s.spec().and_then(|spec| spec.linux.as_ref()?.resources.clone());
    container.resources =
        resources.map(|resources| Fact::new(resources, s.origin(Role::SpecDump, "linux.resources")));
}

fn process(s: &Sources<'_>) -> ProcessSpec {
    let process = s.spec().and_then(|spec| spec.process.as_ref());
    let config = s.config();
    let of_config = |value: Option<&Vec<String>>, key: &str| {
        value.map(|value| Fact::new(value.clone(), s.origin(Role::ConfigDump, key)))
    };
    ProcessSpec {
        args: of_process(s, process, "args", |process| process.args.clone()),
        env: of_process(s, process, "env", |process| process.env.clone()),
        cwd: of_process(s, process, "cwd", |process| process.cwd.clone()),
        terminal: of_process(s, process, "terminal", |process| {
            omitted_is_false(process.terminal, "terminal", &process.other)
        }),
        rlimits: of_process(s, process, "rlimits", |process| process.rlimits.clone()),
        oom_score_adj: of_process(s, process, "oomScoreAdj", |process| process.oom_score_adj),
        entrypoint: of_config(config.and_then(|config| config.entrypoint.as_ref()), "entrypoint"),
        command: of_config(config.and_then(|config| config.command.as_ref()), "command"),
        create_command: of_config(config.and_then(|config| config.create_command.as_ref()), "CreateCommand")
            .map(Fact::of_host),
    }
}

/// A fact that stands in the specification alone.
pub(super) fn of_process<T>(
    s: &Sources<'_>,
    process: Option<&Process>,
    key: &str,
    get: impl FnOnce(&Process) -> Option<T>,
) -> Option<Fact<T>> {
    let value = process.and_then(get)?;
    Some(Fact::new(value, s.origin(Role::SpecDump, &format!("process.{key}"))))
}

/// Go leaves a false out: a flag that is absent is off, unless it is there and could not be read.
pub(super) fn omitted_is_false(flag: Option<bool>, key: &str, other: &Members) -> Option<bool> {
    flag.or_else(|| other.get(key).is_none().then_some(false))
}

fn mounts(s: &Sources<'_>) -> Vec<Mount> {
    let list = s.spec().and_then(|spec| spec.mounts.as_deref()).unwrap_or_default();
    let volumes: BTreeMap<&str, &str> = s
        .config()
        .and_then(|config| config.named_volumes.as_deref())
        .unwrap_or_default()
        .iter()
        .filter_map(|volume| Some((volume.destination.as_deref()?, volume.name.as_deref()?)))
        .collect();
    list.iter()
        .map(|mount| {
            let destination = mount.destination.clone().unwrap_or_default();
            let options = mount.options.clone().unwrap_or_default();
            let bind = mount.kind.as_deref() == Some("bind")
                || options.iter().any(|option| option == "bind" || option == "rbind");
            let path = mount.source.as_deref().is_some_and(|source| source.starts_with('/'));
            Mount {
                volume: volumes.get(destination.as_str()).map(|name| (*name).to_owned()),
                destination,
                kind: mount.kind.clone(),
                source: mount.source.clone(),
                host: bind || path,
                options,
            }
        })
        .collect()
}

/// `40200` is 4.2 and `31701` is 3.17.1. A build from git counts one minor more than it is.
fn criu_version(text: &str) -> Option<String> {
    let Ok(number) = text.parse::<u32>() else { return Some(text.to_owned()) };
    let (major, minor, patch) = (number / 10_000, number / 100 % 100, number % 100);
    Some(if patch == 0 { format!("{major}.{minor}") } else { format!("{major}.{minor}.{patch}") })
}

#[cfg(test)]
mod tests;
