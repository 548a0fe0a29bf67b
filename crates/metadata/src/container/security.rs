//! What the container may do: user, capabilities, filters, namespaces, devices, hooks.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Container;
use super::identity::{annotation, filled, text};
use super::process::{of_process, omitted_is_false};
use crate::documents::Role;
use crate::fact::{Fact, Sources, sources};
use crate::finding::Findings;
use crate::oci_spec::{Capabilities, Device, Hook, Hooks, IdMapping, Linux, Seccomp, Spec, User};

/// Capabilities of Linux before 5.8; later ones have up to 41. Who has that many has all that matter.
const ALL_CAPABILITIES: usize = 38;

/// Namespaces that a container can share with something outside, in the order in which they are listed.
const NAMESPACES: &[&str] = &["pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time"];

/// What a container may do.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Security {
    /// Whether it may do what the host's root may. Only Podman stores it; else inferred, as its origin says.
    pub privileged: Option<Fact<bool>>,
    /// As whom its first process runs.
    pub user: Option<Fact<User>>,
    /// The user as Podman was told, a name or an id.
    pub user_requested: Option<Fact<String>>,
    /// Its capabilities.
    pub capabilities: Option<Fact<Capabilities>>,
    /// Whether it can gain no privileges by executing a program.
    pub no_new_privileges: Option<Fact<bool>>,
    /// Its system call filter; `None` if it has none.
    pub seccomp: Option<Fact<Seccomp>>,
    /// The filter's name, as `Unconfined`.
    pub seccomp_profile: Option<Fact<String>>,
    /// Its AppArmor profile.
    pub apparmor: Option<Fact<String>>,
    /// SELinux label of its processes.
    pub selinux: Option<Fact<String>>,
    /// SELinux label of its mounts.
    pub selinux_mount: Option<Fact<String>>,
    /// Whether its root file system cannot be written.
    pub readonly_root: Option<Fact<bool>>,
    /// Its namespaces, each with what it is shared with. Empty if there is no specification.
    pub namespaces: Vec<NamespaceUse>,
    /// How user ids are mapped to the host's.
    pub uid_mappings: Option<Fact<Vec<IdMapping>>>,
    /// How group ids are mapped to the host's.
    pub gid_mappings: Option<Fact<Vec<IdMapping>>>,
    /// Device nodes that were added.
    pub devices: Option<Fact<Vec<Device>>>,
    /// Paths hidden from it.
    pub masked_paths: Option<Fact<Vec<String>>>,
    /// Paths that it cannot write.
    pub readonly_paths: Option<Fact<Vec<String>>>,
    /// Kernel parameters set for it.
    pub sysctls: Option<Fact<BTreeMap<String, String>>>,
    /// Programs of the host that the runtime starts around it.
    pub hooks: Vec<HookEntry>,
}

/// What a namespace is shared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sharing {
    /// Nothing: it was made for the container.
    Own,
    /// Whoever else uses the namespace that was joined: the pod, another container, a network made by the
    /// engine.
    Joined,
    /// The host.
    Host,
}

/// A namespace of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NamespaceUse {
    /// `pid`, `network`, `mount`, `ipc`, `uts`, `user`, `cgroup`, `time`, or what the specification names
    /// besides.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is shared with.
    pub sharing: Sharing,
    /// The path on the host of the one that was joined. It may hold a pid of the host.
    pub path: Option<String>,
    /// Id of the container that it is shared with. Podman.
    pub container: Option<String>,
}

/// A program that the runtime starts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct HookEntry {
    /// When, as the key of the specification: `prestart`, `createRuntime` …
    pub moment: &'static str,
    /// The program.
    pub hook: Hook,
}

sources! {
    PRIVILEGED: bool {
        All ConfigDump "privileged" => |s, _| s.config()?.privileged,
        Only(Podman) SpecDump "io.podman.annotations.privileged" => |s, key| Some(annotation(s, key)?.eq_ignore_ascii_case("true")),
        All SpecDump "inferred: no seccomp, all capabilities, no masked paths" => |s, _| inferred(s.spec()?),
    }
    SECCOMP_PROFILE: String {
        All SpecDump "io.kubernetes.cri-o.SeccompProfilePath" => annotation,
        All SpecDump "io.podman.annotations.seccomp" => annotation,
    }
    SELINUX: String {
        All SpecDump "process.selinuxLabel" => |s, _| filled(&s.spec()?.process.as_ref()?.selinux_label),
        All ConfigDump "ProcessLabel" => |s, _| filled(&s.config()?.process_label),
    }
    SELINUX_MOUNT: String {
        All SpecDump "linux.mountLabel" => |s, _| filled(&s.spec()?.linux.as_ref()?.mount_label),
        All ConfigDump "MountLabel" => |s, _| filled(&s.config()?.mount_label),
    }
    USER_REQUESTED: String {
        All ConfigDump "user" => |s, _| filled(&s.config()?.user),
    }
}

/// Fills in what the container may do.
pub(super) fn fill(container: &mut Container, s: &Sources<'_>, findings: &mut Findings) {
    let spec = s.spec();
    let process = spec.and_then(|spec| spec.process.as_ref());
    let linux = spec.and_then(|spec| spec.linux.as_ref());
    container.security = Security {
        privileged: s.choose("privileged", PRIVILEGED, same_privileged, findings),
        user: of_process(s, process, "user", |process| process.user.clone()),
        user_requested: s.choose("user", USER_REQUESTED, String::eq, findings),
        capabilities: of_process(s, process, "capabilities", |process| process.capabilities.clone()),
        no_new_privileges: of_process(s, process, "noNewPrivileges", |process| {
            omitted_is_false(process.no_new_privileges, "noNewPrivileges", &process.other)
        }),
        seccomp: of_linux(s, linux, "seccomp", |linux| linux.seccomp.clone()),
        seccomp_profile: s.choose("seccomp profile", SECCOMP_PROFILE, String::eq, findings),
        apparmor: of_process(s, process, "apparmorProfile", |process| process.apparmor_profile.clone()),
        selinux: s.choose("SELinux label", SELINUX, String::eq, findings),
        selinux_mount: s.choose("SELinux mount label", SELINUX_MOUNT, String::eq, findings),
        readonly_root: readonly_root(s, spec),
        namespaces: namespaces(s, linux),
        uid_mappings: of_linux(s, linux, "uidMappings", |linux| linux.uid_mappings.clone())
            .map(Fact::of_host),
        gid_mappings: of_linux(s, linux, "gidMappings", |linux| linux.gid_mappings.clone())
            .map(Fact::of_host),
        devices: of_linux(s, linux, "devices", |linux| linux.devices.clone()),
        masked_paths: of_linux(s, linux, "maskedPaths", |linux| linux.masked_paths.clone()),
        readonly_paths: of_linux(s, linux, "readonlyPaths", |linux| linux.readonly_paths.clone()),
        sysctls: of_linux(s, linux, "sysctl", |linux| linux.sysctl.clone()),
        hooks: spec.and_then(|spec| spec.hooks.as_ref()).map(hooks).unwrap_or_default(),
    };
}

fn of_linux<T>(
    s: &Sources<'_>,
    linux: Option<&Linux>,
    key: &str,
    get: impl FnOnce(&Linux) -> Option<T>,
) -> Option<Fact<T>> {
    Some(Fact::new(linux.and_then(get)?, s.origin(Role::SpecDump, &format!("linux.{key}"))))
}

/// What is stored and what is inferred may differ: a container can have all rights without being called
/// privileged.
fn same_privileged(_: &bool, _: &bool) -> bool {
    true
}

/// Podman, CRI-O and containerd give a privileged container no filter, all capabilities and nothing hidden.
fn inferred(spec: &Spec) -> Option<bool> {
    let linux = spec.linux.as_ref()?;
    let bounding = spec.process.as_ref()?.capabilities.as_ref()?.bounding.as_deref().unwrap_or_default();
    let capabilities: BTreeSet<&str> = bounding.iter().map(String::as_str).collect();
    let all = capabilities.len() >= ALL_CAPABILITIES && capabilities.contains("CAP_SYS_ADMIN");
    let hidden = linux.masked_paths.as_ref().is_some_and(|paths| !paths.is_empty());
    Some(all && linux.seccomp.is_none() && !hidden)
}

fn readonly_root(s: &Sources<'_>, spec: Option<&Spec>) -> Option<Fact<bool>> {
    let root = spec?.root.as_ref()?;
    let value = omitted_is_false(root.readonly, "readonly", &root.other)?;
    Some(Fact::new(value, s.origin(Role::SpecDump, "root.readonly")))
}

/// A namespace that the specification does not list is the host's.
fn namespaces(s: &Sources<'_>, linux: Option<&Linux>) -> Vec<NamespaceUse> {
    let Some(listed) = linux.and_then(|linux| linux.namespaces.as_deref()) else { return Vec::new() };
    let mut uses: Vec<NamespaceUse> = listed
        .iter()
        .filter_map(|namespace| {
            let kind = namespace.kind.clone()?;
            let path = namespace.path.clone().filter(|path| !path.is_empty());
            let sharing = if path.is_some() { Sharing::Joined } else { Sharing::Own };
            Some(NamespaceUse { container: partner(s, &kind), kind, sharing, path })
        })
        .collect();
    let present: BTreeSet<String> = uses.iter().map(|namespace| namespace.kind.clone()).collect();
    let absent = NAMESPACES.iter().filter(|kind| !present.contains(**kind));
    uses.extend(absent.map(|kind| NamespaceUse {
        kind: (*kind).to_owned(),
        sharing: Sharing::Host,
        path: None,
        container: None,
    }));
    uses.sort_by_key(|namespace| {
        NAMESPACES.iter().position(|kind| *kind == namespace.kind).unwrap_or(usize::MAX)
    });
    uses
}

/// The container whose namespace Podman shares.
fn partner(s: &Sources<'_>, kind: &str) -> Option<String> {
    let config = s.config()?;
    let id = match kind {
        "ipc" => &config.ipc_ns_ctr,
        "mount" => &config.mount_ns_ctr,
        "network" => &config.net_ns_ctr,
        "pid" => &config.pid_ns_ctr,
        "user" => &config.user_ns_ctr,
        "uts" => &config.uts_ns_ctr,
        "cgroup" => &config.cgroup_ns_ctr,
        _ => return None,
    };
    text(id.as_deref()?)
}

fn hooks(hooks: &Hooks) -> Vec<HookEntry> {
    let moments = [
        ("prestart", &hooks.prestart),
        ("createRuntime", &hooks.create_runtime),
        ("createContainer", &hooks.create_container),
        ("startContainer", &hooks.start_container),
        ("poststart", &hooks.poststart),
        ("poststop", &hooks.poststop),
    ];
    let entries = moments.into_iter().flat_map(|(moment, list)| {
        list.iter().flatten().map(move |hook| HookEntry { moment, hook: hook.clone() })
    });
    entries.collect()
}

#[cfg(test)]
mod tests;
