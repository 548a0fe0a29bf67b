//! What files of one kind have: an object for machines, a phrase for people.

pub(crate) mod kinds;

use icecore::files::{EpollTarget, File, FileKind, Files, Mark, MarkTarget, Terminal, Timerfd, Watch};

use super::sockets;
use crate::output::{Cell, Object, human};

/// The facts that only files of this kind have.
pub fn of(file: &File) -> Cell {
    let object = match &file.kind {
        FileKind::Pipe(end) | FileKind::Fifo(end) => Object::new().with("end", end.name()),
        FileKind::Socket(socket) => return sockets::brief(socket),
        FileKind::Eventfd(counter) => Object::new().with("counter", *counter),
        FileKind::Epoll(targets) => {
            Object::new().with("targets", targets.iter().map(|it| target(*it)).collect::<Cell>())
        }
        FileKind::Signalfd(mask) => {
            let signals: Cell = (1..=64_u32).filter(|n| mask >> (n.saturating_sub(1)) & 1 == 1).collect();
            Object::new().with("mask", Cell::Mask(*mask)).with("signals", signals)
        }
        FileKind::Timerfd(it) => timer(*it),
        FileKind::Inotify(watches) => {
            Object::new().with("watches", watches.iter().map(watch).collect::<Cell>())
        }
        FileKind::Fanotify(it) => Object::new()
            .with("class", it.class())
            .with("init_flags", Cell::Hex(it.flags.into()))
            .with("event_flags", Cell::Flags(it.event_flags.into()))
            .with("marks", it.marks.iter().map(mark).collect::<Cell>()),
        FileKind::Terminal(Some(it)) => terminal(it),
        FileKind::Memfd(Some(it)) => Object::new()
            .with("name", &it.name)
            .with("uid", it.owner.0)
            .with("gid", it.owner.1)
            .with("seals", Cell::Hex(it.seals.into())),
        FileKind::Pidfd(it) => Object::new().with("pid", it.pid.map(|pid| pid.0)),
        FileKind::Namespace(it) => Object::new().with("kind", it.name()).with("id", it.id.0),
        FileKind::Bpfmap(it) => Object::new()
            .with("id", it.id)
            .with("name", &it.name)
            .with("type", it.map_type)
            .with("key_size", it.key_size)
            .with("value_size", it.value_size)
            .with("max_entries", it.max_entries)
            .with("frozen", it.frozen),
        FileKind::Tun(device) => Object::new().with("device", device.as_ref()),
        FileKind::Unknown(number) => Object::new().with("fd_type", i64::from(*number)),
        _ => return Cell::NOT_APPLICABLE,
    };
    Cell::Object(object)
}

fn target(target: EpollTarget) -> Cell {
    Cell::Object(
        Object::new()
            .with("fd", target.fd)
            .with("events", Cell::Hex(target.events.into()))
            .with("events_names", target.event_names().collect::<Cell>())
            .with("data", Cell::Hex(target.data))
            .with("ino", target.ino),
    )
}

fn timer(timer: Timerfd) -> Object {
    let time = |(seconds, nanoseconds): (u64, u64)| {
        Cell::Object(Object::new().with("seconds", seconds).with("nanoseconds", nanoseconds))
    };
    Object::new()
        .with("clock", timer.clock)
        .with("clock_name", timer.clock_name())
        .with("ticks", timer.ticks)
        .with("settime_flags", timer.settime_flags)
        .with("left", time(timer.left))
        .with("interval", time(timer.interval))
}

fn watch(watch: &Watch) -> Cell {
    Cell::Object(
        Object::new()
            .with("wd", watch.wd)
            .with("mask", Cell::Hex(watch.mask.into()))
            .with("path", watch.path.as_ref())
            .with("ino", watch.ino)
            .with("dev", device(watch.dev))
            .with("mnt_id", watch.mnt_id.map(|id| id.0)),
    )
}

fn mark(mark: &Mark) -> Cell {
    let object = Object::new()
        .with("mask", Cell::Hex(mark.mask.into()))
        .with("ignored_mask", Cell::Hex(mark.ignored_mask.into()))
        .with("flags", Cell::Hex(mark.flags.into()))
        .with("dev", device(mark.dev));
    Cell::Object(match &mark.target {
        MarkTarget::Inode { ino, path, mnt_id } => object
            .with("on", "inode")
            .with("ino", *ino)
            .with("path", path.as_ref())
            .with("mnt_id", mnt_id.map(|id| id.0)),
        MarkTarget::Mount { mnt_id, path } => {
            object.with("on", "mount").with("mnt_id", mnt_id.0).with("path", path.as_ref())
        }
        _ => object,
    })
}

fn terminal(terminal: &Terminal) -> Object {
    let size = terminal
        .size
        .map(|size| Cell::Object(Object::new().with("rows", size.rows).with("columns", size.columns)));
    Object::new()
        .with("kind", terminal.kind.name())
        .with("index", terminal.index)
        .with("master", terminal.is_master)
        .with("session", terminal.session.map(|pid| pid.0))
        .with("foreground", terminal.foreground.map(|pid| pid.0))
        .with("size", size)
        .with("locked", terminal.locked)
        .with(
            "settings",
            terminal
                .settings
                .map(|words| words.into_iter().map(|word| Cell::Hex(word.into())).collect::<Cell>()),
        )
}

/// A device as the kernel numbers it: twelve bits of major, twenty of minor.
pub fn device(number: u32) -> Cell {
    Cell::Device(number >> 20, number & 0xf_ffff)
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Numbers that are listed before the rest is counted.
const LISTED: usize = 6;

/// What people want to see of a file without a path; `None` where the text of its link is all there is.
pub fn summary(files: &Files, file: &File) -> Option<Vec<u8>> {
    let text = match &file.kind {
        FileKind::Socket(socket) => return Some(sockets::phrase(socket)),
        FileKind::Pipe(end) => format!("pipe:[{}] {} end", file.ino.unwrap_or_default(), end.name()),
        FileKind::Eventfd(counter) => format!("count {counter}"),
        FileKind::Epoll(targets) => {
            let first: Vec<String> =
                targets.iter().take(LISTED).map(|target| target.fd.to_string()).collect();
            let more = if targets.len() > LISTED { " …" } else { "" };
            match targets.len() {
                0 => "no targets".into(),
                1 => format!("1 target: fd {}", first.join("")),
                count => format!("{count} targets: fds {}{more}", first.join(", ")),
            }
        }
        FileKind::Signalfd(mask) => format!("signals {mask:016x}"),
        FileKind::Timerfd(it) => {
            let left = format!("{}.{:03} s left", it.left.0, it.left.1 / 1_000_000);
            let left = if it.left == (0, 0) { "not armed".into() } else { left };
            format!("{} {left}", it.clock_name().unwrap_or("unknown clock"))
        }
        FileKind::Inotify(watches) => human::count(watches.len() as u64, "watch", "watches"),
        FileKind::Fanotify(it) => human::count(it.marks.len() as u64, "mark", "marks"),
        FileKind::Pidfd(it) => it.pid.map_or("process that is gone".into(), |pid| format!("process {pid}")),
        FileKind::Namespace(it) => format!("{} namespace {}", it.name().unwrap_or("unknown"), it.id),
        FileKind::Bpfmap(it) => return Some([format!("map {} ", it.id).as_bytes(), &it.name].concat()),
        FileKind::Tun(Some(device)) => {
            return Some([files.link(file).unwrap_or_default().as_slice(), b" ", device].concat());
        }
        _ => return None,
    };
    Some(text.into_bytes())
}
