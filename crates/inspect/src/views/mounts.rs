//! `icecore mounts`: a row for each mount.

use icecore::mounts::Mount;
use icecore::namespaces::NamespaceKind;
use icecore::{Checkpoint, NamespaceId};

use super::details::device;
use super::place;
use super::rails::Rails;
use crate::arguments::ProcessFilter;
use crate::list::{List, sure};
use crate::output::{Cell, Column, Row, Table};
use crate::row;

/// One row for each mount, behind that of the mount it is on.
pub const MOUNTS: Table = Table {
    name: "mounts",
    columns: &[
        Column::bytes("target", "TARGET").for_people(),
        Column::bytes("source", "SOURCE"),
        Column::bytes("fstype", "FSTYPE"),
        Column::text("options", "OPTIONS"),
        Column::text("propagation", "PROPAGATION"),
        Column::text("from", "FROM").for_people(),
        Column::count("mnt_ns", "NAMESPACE").always().for_machines(),
        Column::count("mnt_id", "ID").always().for_machines(),
        Column::count("parent_id", "PARENT").always().for_machines(),
        Column::device("dev", "DEVICE").for_machines(),
        Column::bytes("root", "ROOT").for_machines(),
        Column::bytes("mountpoint", "MOUNTPOINT").for_machines(),
        Column::text("super_options", "FS-OPTIONS").for_machines(),
        Column::count("shared_id", "SHARED").for_machines(),
        Column::count("master_id", "MASTER").for_machines(),
        Column::bytes("external", "EXTERNAL").for_machines(),
        Column::text("host_source", "HOST SOURCE").for_machines(),
        Column::text("volume", "VOLUME").for_machines(),
        Column::text("role", "ROLE").for_machines(),
        Column::text("content", "CONTENT").for_machines(),
        Column::bool("deleted", "DELETED").for_machines(),
        place::COLUMN,
    ],
};

/// What `mounts` and `inspect` list.
pub(crate) const LIST: List =
    List::new(&MOUNTS, |checkpoint, ask| sure(rows(checkpoint, &ask.processes, |_| true)));

/// The mounts that the processes see which are asked for, if they are wanted.
pub(crate) fn rows<'a>(
    checkpoint: &'a Checkpoint,
    processes: &'a ProcessFilter,
    wanted: fn(&Mount) -> bool,
) -> impl Iterator<Item = Row> + use<'a> {
    let is_seen = |id| processes.wants_namespace(checkpoint, NamespaceKind::Mnt, id);
    let namespaces = checkpoint.mounts().namespaces.iter().filter(move |it| is_seen(it.id));
    namespaces.flat_map(move |it| {
        let mounts: Vec<&Mount> = it.mounts.iter().filter(|mount| wanted(mount)).collect();
        let depths: Vec<u32> = mounts.iter().map(|mount| mount.depth).collect();
        mounts.into_iter().zip(Rails::of(&depths)).map(move |(mount, branch)| row(it.id, mount, &branch))
    })
}

/// The row of a mount, with what of the tree stands in front of it.
fn row(namespace: NamespaceId, mount: &Mount, branch: &str) -> Row {
    let spec = mount.spec.as_ref();
    let host = spec.filter(|spec| spec.host).and_then(|spec| spec.source.clone());
    row![
        Cell::Bytes([branch.as_bytes(), &mount.mountpoint].concat().into()),
        &mount.source,
        mount.fstype.as_ref(),
        mount.options(),
        mount.propagation(),
        from(mount),
        namespace.0,
        mount.id.0,
        mount.parent.0,
        device(mount.dev),
        root(mount).as_slice(),
        &mount.mountpoint,
        mount.super_options(),
        Cell::given(mount.shared),
        Cell::given(mount.master),
        Cell::given(mount.external.as_ref()),
        Cell::given(host),
        Cell::given(spec.and_then(|spec| spec.volume.clone())),
        mount.role.map_or(Cell::NOT_APPLICABLE, |role| role.name().into()),
        Cell::given(mount.image.clone()),
        mount.deleted,
        place::cell(mount.place.as_ref()),
    ]
}

/// The directory of the file system, as mountinfo shows it.
fn root(mount: &Mount) -> Vec<u8> {
    let mark: &[u8] = if mount.deleted { b"//deleted" } else { b"" };
    [&mount.root, mark].concat()
}

/// What is remarkable about where it comes from.
fn from(mount: &Mount) -> Cell {
    let spec = mount.spec.as_ref();
    let volume = spec.and_then(|spec| spec.volume.as_ref()).map(|name| format!("volume {name}"));
    let host = spec
        .filter(|spec| spec.host)
        .and_then(|spec| spec.source.as_ref())
        .map(|path| format!("host {path}"));
    let place = volume.or(host).or_else(|| mount.external.as_ref().map(|_| "outside".to_owned()));
    let role = mount.role.map(|role| role.name().to_owned());
    let parts: Vec<String> = role.into_iter().chain(place).collect();
    if parts.is_empty() { Cell::NOT_APPLICABLE } else { parts.join(" ").into() }
}
