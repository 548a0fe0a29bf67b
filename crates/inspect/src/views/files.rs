//! `icecore files`: a row for each descriptor, directory and executable.

mod locks;

use icecore::Checkpoint;
use icecore::files::{File, FileKind, Files, Open, OpenFlags, Remap, Slot};

use super::{details, place};
use crate::arguments::ProcessFilter;
use crate::list::{Ask, List, sure};
use crate::output::{Absence, Cell, Column, Kind, Object, Row, Table};
use crate::row;

/// One row for each place where a process has a file.
pub const FILES: Table = Table {
    name: "files",
    columns: &[
        Column::count("pid", "PID").always(),
        Column::of(FD, "fd", "FD").always().to_the_right(),
        Column::text("type", "TYPE"),
        Column::text("mode", "MODE").for_people(),
        Column::count("pos", "POS"),
        Column::count("size", "SIZE"),
        Column::bytes("name", "NAME").for_people(),
        Column::bytes("link", "LINK").for_machines(),
        Column::bytes("path", "PATH").for_machines(),
        Column::octal("flags", "FLAGS").for_machines(),
        Column::list(&Kind::Text, "flags_names", "FLAGS").for_machines(),
        Column::integer("mnt_id", "MNT").for_machines(),
        Column::count("ino", "INODE").for_machines(),
        Column::octal("file_mode", "PERMISSIONS").for_machines(),
        Column::bool("cloexec", "CLOEXEC").for_machines(),
        Column::bool("deleted", "DELETED").for_machines(),
        Column::count("description", "DESCRIPTION").for_machines(),
        Column::count("sharers", "SHARERS").for_machines(),
        Column::bytes("content", "CONTENT").for_machines(),
        Column::bytes("external", "EXTERNAL").for_machines(),
        Column::of(OWNER, "owner", "OWNER").for_machines(),
        Column::list(&locks::LOCK, "locks", "LOCKS").for_machines(),
        Column::text("build_id", "BUILD-ID").for_machines(),
        Column::of(details::kinds::DETAILS, "details", "DETAILS").for_machines(),
        place::COLUMN,
    ],
};

const FD: Kind = Kind::OneOf(&[Kind::Count, Kind::Word(&["cwd", "root", "exe"])]);

const OWNER: Kind = Kind::Object(&[
    ("pid", Kind::Count),
    ("kind", Kind::Text),
    ("signal", Kind::Count),
    ("uid", Kind::Count),
    ("euid", Kind::Count),
]);

/// What `files` and `inspect` list.
pub(crate) const LIST: List = List::new(&FILES, |checkpoint, ask| {
    sure(open(checkpoint, &ask.processes).map(|open| row(checkpoint.files(), &open, ask)))
});

/// The places of the processes that are asked for.
pub(crate) fn open<'a>(
    checkpoint: &'a Checkpoint,
    processes: &'a ProcessFilter,
) -> impl Iterator<Item = Open<'a>> + use<'a> {
    checkpoint.files().open().filter(|open| processes.wants(open.pid))
}

/// The row of a descriptor, directory or executable.
pub(crate) fn row(files: &Files, open: &Open<'_>, ask: &Ask) -> Row {
    let fd = match open.slot {
        Slot::Fd(fd) => Cell::from(fd.0),
        other => other.to_string().into(),
    };
    let Some(file) = open.file else {
        let mut row = row![open.pid.0, fd, "missing", "", Cell::NOT_APPLICABLE, Cell::NOT_APPLICABLE, ""];
        row.extend([Cell::Absent(Absence::Damaged), Cell::Absent(Absence::Damaged)]);
        return row;
    };
    let record = files.path_record(file);
    let is_open = matches!(open.slot, Slot::Fd(_));
    let flags = open.flags().filter(|_| is_open);
    row![
        open.pid.0,
        fd,
        file.type_name(),
        flags.filter(|_| ask.in_words).map_or(String::new(), mode),
        Cell::given(file.pos.filter(|_| is_open)),
        Cell::given(file.size),
        if ask.in_words { name(files, open, file) } else { Cell::NOT_APPLICABLE },
        files.link(file),
        record.path.as_ref(),
        if is_open { flags.map(|flags| Cell::Flags(flags.bits.into())).into() } else { Cell::NOT_APPLICABLE },
        if is_open { flags.map(OpenFlags::names).into() } else { Cell::NOT_APPLICABLE },
        file.mnt_id.map(|id| id.0),
        Cell::given(file.ino),
        file.mode.map_or(Cell::NOT_APPLICABLE, |mode| Cell::Mode(mode & 0o7777)),
        Cell::given(open.cloexec()),
        file.is_deleted(),
        file.id.0,
        if is_open { Cell::Count(files.sharers(file)) } else { Cell::NOT_APPLICABLE },
        content(files, file),
        Cell::given(record.external.as_ref()),
        owner(file),
        if is_open { files.locks_on(open).map(locks::cell).collect() } else { Cell::NOT_APPLICABLE },
        file.build_id.as_deref().map_or(Cell::NOT_APPLICABLE, |id| details::hex(id).into()),
        details::of(file),
        place::cell(file.place.as_ref()),
    ]
}

/// Access and the flags that matter, in words.
fn mode(flags: OpenFlags) -> String {
    /// Flags that say how a file behaves now, not how it was opened.
    const TOLD: [(&str, &str); 6] = [
        ("O_APPEND", "append"),
        ("O_NONBLOCK", "nonblock"),
        ("O_DIRECT", "direct"),
        ("O_SYNC", "sync"),
        ("O_ASYNC", "async"),
        ("O_CLOEXEC", "cloexec"),
    ];
    let access = match flags.access() {
        _ if flags.is_path() => "path",
        "O_RDONLY" => "r",
        "O_WRONLY" => "w",
        "O_RDWR" => "rw",
        _ => "-",
    };
    let names = flags.names();
    let told = TOLD.iter().filter(|(name, _)| names.iter().any(|other| other == name)).map(|(_, word)| *word);
    [access].into_iter().chain(told).collect::<Vec<_>>().join(" ")
}

/// The image that has the content of a file whose name is gone, or where else it is.
fn content(files: &Files, file: &File) -> Cell {
    match file.remap {
        Some(Remap::Linked(id)) => {
            files.get(id).and_then(|linked| linked.path.as_ref()).map_or(id.to_string().into(), Cell::from)
        }
        Some(remap) => Cell::given(remap.image()),
        None => match &file.kind {
            FileKind::Memfd(Some(memfd)) => format!("pagemap-shmem-{}.img", memfd.shmid).into(),
            _ => Cell::NOT_APPLICABLE,
        },
    }
}

fn owner(file: &File) -> Cell {
    let Some(owner) = file.owner else { return Cell::NOT_APPLICABLE };
    Cell::Object(
        Object::new()
            .with("pid", owner.pid.0)
            .with("kind", owner.kind)
            .with("signal", owner.signal)
            .with("uid", owner.uid)
            .with("euid", owner.euid),
    )
}

/// What people look for: the path or addresses, and what is remarkable about it.
fn name(files: &Files, open: &Open<'_>, file: &File) -> Cell {
    let mut name: Vec<u8> = match details::summary(files, file) {
        Some(summary) => summary,
        None => match (files.link(file), &files.path_record(file).external) {
            (Some(link), _) => link.into(),
            (None, Some(key)) => [b"external ", key.as_slice()].concat(),
            (None, None) => Vec::new(),
        },
    };
    match file.remap {
        Some(Remap::Ghost(_)) => {
            let image = file.remap.and_then(Remap::image).unwrap_or_default();
            name.extend_from_slice(format!("; content in {image}").as_bytes());
        }
        Some(Remap::Linked(id)) => {
            if let Some(path) = files.get(id).and_then(|linked| linked.path.as_ref()) {
                name.extend_from_slice(b"; content in ");
                name.extend_from_slice(path);
            }
        }
        _ => {}
    }
    name.extend_from_slice(locks::phrase(files.locks_on(open)).as_bytes());
    Cell::Bytes(name.into())
}
