//! `icecore show`, one checkpoint: every fact for machines, one screen for people.

pub(crate) mod kinds;

use std::io::{self, Write};

use icecore::metadata::{Container, Fact, Time};
use icecore::{Checkpoint, Inventory};

use super::values;
use crate::output::{Cell, Object, Style, escape, human};

/// The document of one checkpoint.
pub fn object(checkpoint: &Checkpoint) -> Object {
    let (archive, facts, machine) = (checkpoint.archive(), checkpoint.facts(), checkpoint.machine());
    Object::new()
        .with("kind", archive.kind().name())
        .with("compression", archive.compression().name())
        .with("engine", values::cell(&facts.engine))
        .with("container", container(&facts.container))
        .with("arch", machine.arch)
        .with("page_size", machine.page_size)
        .with("criu_version", criu_version(checkpoint))
        .with("criu_at_least", machine.criu_at_least)
        .with("criu_before", machine.criu_before)
        .with("images_directory", checkpoint.images().directory())
        .with("pre_dump", checkpoint.images().is_pre_dump())
        .with("sizes", values::cell(&checkpoint.sizes()))
        .with("counts", values::cell(checkpoint.counts()))
        .with("stats", values::cell(&checkpoint.stats()))
        .with("inventory", checkpoint.inventory().map(inventory))
}

/// What CRIU says of its dump. A number without a word stands as the number.
fn inventory(inventory: &Inventory) -> Object {
    let lsm = inventory.lsm_name().map(Cell::from).or(inventory.lsm.map(Cell::from));
    let lock = inventory.network_lock_name().map(Cell::from).or(inventory.network_lock.map(Cell::from));
    Object::new()
        .with("img_version", inventory.img_version)
        .with("run_id", inventory.run_id.as_ref())
        .with("plugins", inventory.plugins.clone())
        .with("lsm", lsm)
        .with("uptime_us", inventory.uptime_us)
        .with("pre_dump_mode", inventory.pre_dump_mode)
        .with("tcp_close", inventory.tcp_close)
        .with("network_lock", lock)
        .with("allow_uprobes", inventory.allow_uprobes)
}

/// The container, with the places that its facts come from.
fn container(container: &Container) -> Object {
    let origins: Object = container.origins().map(|(field, origin)| (field, origin.to_string())).collect();
    values::entries(container).into_iter().collect::<Object>().with("origins", origins)
}

/// The version of CRIU that is told outright.
fn criu_version(checkpoint: &Checkpoint) -> Option<String> {
    checkpoint.facts().container.criu_version.as_ref().map(|version| version.value.clone())
}

/// The page for people: the most useful fact first, then a line a subject, then what to try next.
///
/// # Errors
/// Those of the writer.
pub fn page_with_next(
    checkpoint: &Checkpoint,
    next: &str,
    out: &mut dyn Write,
    style: Style,
) -> io::Result<()> {
    page(checkpoint, out, style)?;
    writeln!(out, "\n  next: icecore {next}")
}

/// The page without what to try next.
///
/// # Errors
/// Those of the writer.
pub fn page(checkpoint: &Checkpoint, out: &mut dyn Write, style: Style) -> io::Result<()> {
    writeln!(out, "{}\n", style.bold(headline(checkpoint)))?;
    for (subject, line) in LINES {
        if let Some(text) = line(checkpoint) {
            writeln!(out, "  {subject:<11}  {text}")?;
        }
    }
    Ok(())
}

/// What a line of the page says; `None` where there is nothing to say.
type Line = fn(&Checkpoint) -> Option<String>;

/// The lines of the page: a subject each.
const LINES: [(&str, Line); 14] = [
    ("container", container_line),
    ("image", image),
    ("pod", pod),
    ("created", created),
    ("restored", restored),
    ("addresses", addresses),
    ("ports", ports),
    ("security", security),
    ("machine", machine),
    ("inside", inside),
    ("stood still", stood_still),
    ("size", sizes),
    ("evidence", evidence),
    ("archive", archive),
];

/// Escapes what comes from the archive.
fn shown(text: &str) -> String {
    escape::field(text.as_bytes()).to_string()
}

fn value(fact: Option<&Fact<String>>) -> Option<String> {
    fact.map(|fact| shown(&fact.value))
}

/// The first digits of an id.
fn short(id: &Fact<String>) -> String {
    shown(&id.value.chars().take(12).collect::<String>())
}

fn time(time: &Time) -> String {
    time.instant.as_ref().map_or_else(|| shown(&time.text), human::time)
}

/// Joins the parts that are there.
fn parts(parts: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let there: Vec<String> = parts.into_iter().flatten().collect();
    (!there.is_empty()).then(|| there.join("   "))
}

fn headline(checkpoint: &Checkpoint) -> String {
    let facts = checkpoint.facts();
    let container = &facts.container;
    let who = value(container.name.as_ref()).or_else(|| container.id.as_ref().map(short));
    let pod = container.pod.as_ref().and_then(|pod| {
        let namespace = value(pod.namespace.as_ref()).map(|namespace| format!("{namespace}/"));
        Some(format!(" in pod {}{}", namespace.unwrap_or_default(), value(pod.name.as_ref())?))
    });
    let what = if checkpoint.images().is_pre_dump() { "memory saved ahead" } else { "frozen" };
    let when = container.checkpointed.as_ref().map(|at| time(&at.value));
    let runtime = value(container.runtime.as_ref()).filter(|runtime| runtime != facts.engine.name.as_str());
    format!(
        "{}{}, {what} {} by {}{}",
        who.unwrap_or_else(|| String::from("A container without a name")),
        pod.unwrap_or_default(),
        when.unwrap_or_else(|| String::from("at an unknown time")),
        facts.engine.name.title(),
        runtime.map(|runtime| format!(" with {runtime}")).unwrap_or_default(),
    )
}

fn container_line(checkpoint: &Checkpoint) -> Option<String> {
    let container = &checkpoint.facts().container;
    let attempt = container.attempt.as_ref().map(|attempt| format!("attempt {}", attempt.value));
    let host = value(container.hostname.as_ref()).map(|name| format!("host name {name}"));
    parts([value(container.name.as_ref()), container.id.as_ref().map(short), attempt, host])
}

fn image(checkpoint: &Checkpoint) -> Option<String> {
    let image = &checkpoint.facts().container.image;
    let requested = image
        .requested
        .as_ref()
        .filter(|asked| image.name.as_ref().is_none_or(|name| name.value != asked.value));
    let by_id = requested.zip(image.id.as_ref()).is_some_and(|(asked, id)| asked.value.contains(&id.value));
    let requested = match requested {
        Some(_) if by_id => Some(String::from("(requested by id)")),
        other => value(other).map(|asked| format!("(requested as {asked})")),
    };
    parts([value(image.name.as_ref()), image.id.as_ref().map(short), requested])
}

fn pod(checkpoint: &Checkpoint) -> Option<String> {
    let pod = checkpoint.facts().container.pod.as_ref()?;
    let name = match (value(pod.namespace.as_ref()), value(pod.name.as_ref())) {
        (Some(namespace), Some(name)) => Some(format!("{namespace}/{name}")),
        (namespace, name) => name.or(namespace),
    };
    let uid = value(pod.uid.as_ref()).map(|uid| format!("uid {uid}"));
    let id = pod.id.as_ref().filter(|_| uid.is_none()).map(|id| format!("id {}", short(id)));
    parts([name, uid, id])
}

fn created(checkpoint: &Checkpoint) -> Option<String> {
    let container = &checkpoint.facts().container;
    let created = container.created.as_ref()?;
    let frozen = container.checkpointed.as_ref().and_then(|at| at.value.instant);
    let age = frozen
        .zip(created.value.instant)
        .and_then(|(frozen, created)| frozen.signed_duration_since(created).to_std().ok());
    let age = age.map(|age| format!("{} before the freeze", human::duration(age)));
    let started = container.started.as_ref().map(|at| format!("started {}", time(&at.value)));
    parts([Some(time(&created.value)), age, started])
}

fn restored(checkpoint: &Checkpoint) -> Option<String> {
    let restored = checkpoint.facts().container.restored.as_ref().filter(|restored| restored.value)?;
    Some(format!("yes: made from an earlier checkpoint ({})", shown(&restored.from.to_string())))
}

fn addresses(checkpoint: &Checkpoint) -> Option<String> {
    parts(checkpoint.facts().container.addresses.iter().map(|address| Some(shown(&address.value))))
}

fn ports(checkpoint: &Checkpoint) -> Option<String> {
    let ports = checkpoint.facts().container.ports.iter().map(|port| {
        let inside = port.container_port.map(|number| number.to_string()).unwrap_or_default();
        let protocol = port.protocol.as_deref().map(|name| format!("/{}", shown(name))).unwrap_or_default();
        let host = port.host_port.map(|number| {
            let at = port.host_ip.as_deref().map(|ip| format!("{}:", shown(ip))).unwrap_or_default();
            format!(" on {at}{number} of the host")
        });
        Some(format!("{inside}{protocol}{}", host.unwrap_or_default()))
    });
    parts(ports.collect::<Vec<_>>())
}

fn security(checkpoint: &Checkpoint) -> Option<String> {
    let security = &checkpoint.facts().container.security;
    let says = |fact: &Option<Fact<bool>>, text: &str| {
        fact.as_ref().filter(|fact| fact.value).map(|_| String::from(text))
    };
    let apparmor = value(security.apparmor.as_ref()).map(|profile| format!("AppArmor {profile}"));
    let selinux = value(security.selinux.as_ref()).map(|label| format!("SELinux {label}"));
    parts([
        says(&security.privileged, "privileged"),
        says(&security.readonly_root, "read-only root"),
        says(&security.no_new_privileges, "no new privileges"),
        apparmor,
        selinux,
    ])
}

fn machine(checkpoint: &Checkpoint) -> Option<String> {
    let (machine, container) = (checkpoint.machine(), &checkpoint.facts().container);
    let pages = machine.page_size.map(|size| format!("pages of {} KiB", size / 1024));
    let criu = criu_version(checkpoint).map(|version| format!("CRIU {}", shown(&version)));
    let at_least = machine.criu_at_least.map(|version| format!("CRIU {version} or later"));
    let kernel = value(container.kernel.as_ref()).map(|kernel| format!("Linux {kernel}"));
    let node = value(container.node.as_ref()).map(|node| format!("node {node}"));
    let plugins =
        checkpoint.inventory().and_then(|inventory| inventory.plugins.as_deref()).unwrap_or_default();
    let plugins = plugins.iter().map(|name| Some(format!("plugin {}", escape::field(name))));
    parts([machine.arch.map(String::from), pages, criu.or(at_least), kernel, node].into_iter().chain(plugins))
}

fn inside(checkpoint: &Checkpoint) -> Option<String> {
    let counts = checkpoint.counts();
    let processes = counts.processes.map(|number| human::count(number, "process", "processes"));
    let threads = counts.threads.map(|number| human::count(number, "thread", "threads"));
    let none = processes.is_none().then(|| String::from("no process list"));
    parts([processes, threads, none, Some(human::count(counts.images, "image", "images"))])
}

fn stood_still(checkpoint: &Checkpoint) -> Option<String> {
    let stats = checkpoint.stats()?;
    let frozen = Cell::Micros(u64::from(stats.frozen_us)).to_string();
    Some(format!("{frozen}   {} pages written", stats.pages_written))
}

fn sizes(checkpoint: &Checkpoint) -> Option<String> {
    let sizes = checkpoint.sizes();
    let part = |name: &str, bytes: u64| (bytes > 0).then(|| format!("{name} {}", human::size(bytes)));
    let compression = checkpoint.archive().compression().name();
    let whole = sizes.archive.map(|bytes| match compression {
        "none" => human::size(bytes),
        _ => format!("{} of {compression}", human::size(bytes)),
    });
    parts([
        whole,
        part("memory", sizes.pages),
        part("images", sizes.images),
        part("changed files", sizes.rootfs_diff.unwrap_or_default()),
        part("volumes", sizes.volumes),
        part("tmpfs", sizes.tmpfs),
        part("logs", sizes.logs),
    ])
}

fn evidence(checkpoint: &Checkpoint) -> Option<String> {
    let engine = &checkpoint.facts().engine;
    let version =
        engine.version.as_deref().map(|version| format!("{} {}", engine.name.title(), shown(version)));
    let first = engine.evidence.first().map(|evidence| shown(&evidence.to_string()));
    parts([version, first])
}

fn archive(checkpoint: &Checkpoint) -> Option<String> {
    let (archive, from) = (checkpoint.archive(), &checkpoint.facts().container.checkpointed_from);
    let from = from.as_deref().map(|from| format!("time of the freeze from {}", shown(from)));
    parts([Some(format!("{} of {} members", archive.kind().name(), archive.members().len())), from])
}
