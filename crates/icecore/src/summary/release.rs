//! Which release of CRIU made the images, by what only it and later ones write.

use std::cell::OnceCell;

use bstr::ByteSlice;
use icecore_images::messages::{
    CoreEntry, CredsEntry, FileEntry, InventoryEntry, MemfdInodeEntry, MmEntry, PagemapEntry, SkOptsEntry,
    TaskCoreEntry, ThreadCoreEntry,
};
use icecore_images::{ByteOrder, Framing, Kind};

use crate::Diagnostic;
use crate::images::Images;
use crate::vma::status;

/// The first images of the kinds that tell something, and what else is looked at only where those do not tell enough.
pub(super) struct Seen<'a> {
    images: &'a Images,
    inventory: Option<InventoryEntry>,
    pub(super) core: Option<CoreEntry>,
    pub(super) mm: Option<MmEntry>,
    pagemap: Option<PagemapEntry>,
    pub(super) order: Option<ByteOrder>,
    common_magic: bool,
    names: Names,
    open: OnceCell<Open>,
}

#[derive(Default)]
struct Names {
    files: bool,
    timens_or_memfd: bool,
}

/// What at least one open file has.
#[derive(Default)]
struct Open {
    tcp_options: bool,
    memfd_mode: bool,
    buffer_lock: bool,
    build_id: bool,
    socket_namespace: bool,
}

impl<'a> Seen<'a> {
    pub(super) fn gather(images: &'a Images, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut seen = Self {
            images,
            inventory: images.first("inventory.img", diagnostics),
            core: None,
            mm: None,
            pagemap: None,
            order: None,
            common_magic: false,
            names: Names::default(),
            open: OnceCell::new(),
        };
        for (name, kind, _) in images.known() {
            let name = name.to_str_lossy();
            // What an image is wrong about is told where its content is shown, not by this look.
            let quiet = &mut Vec::new();
            match kind {
                Kind::Core if seen.core.as_ref().is_none_or(|core| core.thread_core.is_none()) => {
                    seen.core = images.first(&name, quiet).or(seen.core);
                    let framing =
                        images.with_image(&name, quiet, |image| (image.byte_order(), image.framing()));
                    seen.order = framing.map(|(order, _)| order).or(seen.order);
                    seen.common_magic |= framing.is_some_and(|(_, framing)| framing == Framing::Common);
                }
                Kind::Mm if seen.mm.is_none() => seen.mm = images.first(&name, quiet),
                Kind::Pagemap if seen.pagemap.is_none() => seen.pagemap = images.first(&name, quiet),
                Kind::Files => seen.names.files = true,
                Kind::Timens | Kind::MemfdInode => seen.names.timens_or_memfd = true,
                _ => {}
            }
        }
        seen
    }

    fn inventory(&self, has: impl FnOnce(&InventoryEntry) -> bool) -> bool {
        self.inventory.as_ref().is_some_and(has)
    }

    fn task(&self, has: impl FnOnce(&TaskCoreEntry) -> bool) -> bool {
        self.core.as_ref().and_then(|core| core.tc.as_deref()).is_some_and(has)
    }

    fn thread(&self, has: impl FnOnce(&ThreadCoreEntry) -> bool) -> bool {
        self.core.as_ref().and_then(|core| core.thread_core.as_deref()).is_some_and(has)
    }

    fn credentials(&self, has: impl FnOnce(&CredsEntry) -> bool) -> bool {
        self.thread(|thread| thread.creds.as_ref().is_some_and(has))
    }

    fn pagemap(&self, has: impl FnOnce(&PagemapEntry) -> bool) -> bool {
        self.pagemap.as_ref().is_some_and(has)
    }

    fn has_guards(&self) -> bool {
        let areas = self.mm.iter().flat_map(|mm| &mm.vmas);
        areas.into_iter().any(|area| area.status & status::GUARD != 0)
    }

    /// What files have: of present releases newer signs tell more, and `files.img` may be large.
    fn open(&self) -> &Open {
        self.open.get_or_init(|| Open::read(self.images))
    }
}

impl Open {
    fn read(images: &Images) -> Self {
        let (mut open, quiet) = (Self::default(), &mut Vec::new());
        let _ = images.each::<FileEntry, _>("files.img", quiet, |record, _| open.see(&record.message));
        let _ = images.each::<MemfdInodeEntry, _>("memfd.img", quiet, |record, _| {
            open.memfd_mode |= record.message.mode.is_some();
        });
        open
    }

    fn see(&mut self, file: &FileEntry) {
        self.build_id |= file.reg.as_ref().is_some_and(|it| !it.build_id.is_empty());
        self.tcp_options |= file.isk.as_ref().is_some_and(|it| it.tcp_opts.is_some());
        let socket = socket(file);
        self.buffer_lock |= socket.is_some_and(|(options, _)| options.so_buf_lock.is_some());
        self.socket_namespace |= socket.is_some_and(|(_, namespace)| namespace.is_some());
    }
}

/// Options and network namespace of a socket of any family.
fn socket(file: &FileEntry) -> Option<(&SkOptsEntry, Option<u32>)> {
    match (&file.isk, &file.usk, &file.nlsk, &file.psk) {
        (Some(it), ..) => Some((&it.opts, it.ns_id)),
        (_, Some(it), ..) => Some((&it.opts, it.ns_id)),
        (.., Some(it), _) => Some((&it.opts, it.ns_id)),
        (.., Some(it)) => Some((&it.opts, it.ns_id)),
        _ => None,
    }
}

/// What tells that a CRIU is at least of a release.
type Sign = fn(&Seen<'_>) -> bool;

/// Releases and what only they and later ones write, newest first.
const SIGNS: [(&str, Sign); 20] = [
    ("4.2", |seen| seen.pagemap(|entry| entry.nr_pages.is_some())),
    ("4.2", |seen| seen.inventory(|it| it.allow_uprobes.is_some())),
    ("4.2", |seen| seen.has_guards()),
    ("4.1", |seen| seen.inventory(|it| it.dump_criu_run_id.is_some() || it.plugins_entry.is_some())),
    ("4.1", |seen| seen.credentials(|it| !it.cap_amb.is_empty())),
    ("4.0", |seen| seen.open().tcp_options),
    ("3.19", |seen| seen.credentials(|it| it.no_new_privs.is_some())),
    ("3.19", |seen| seen.open().memfd_mode),
    ("3.18", |seen| seen.thread(|it| it.cg_set.is_some())),
    ("3.17", |seen| seen.thread(|it| it.rseq_entry.is_some())),
    ("3.17", |seen| seen.open().buffer_lock),
    ("3.16", |seen| seen.inventory(|it| it.network_lock_method.is_some())),
    ("3.15", |seen| seen.open().build_id),
    ("3.14", |seen| seen.names.timens_or_memfd),
    ("3.13", |seen| seen.task(|it| it.child_subreaper.is_some())),
    ("3.11", |seen| seen.thread(|it| it.comm.is_some())),
    ("3.8", |seen| seen.open().socket_namespace),
    ("3.5", |seen| seen.pagemap(|entry| entry.flags.is_some())),
    ("3.4", |seen| seen.names.files),
    ("1.6", |seen| seen.common_magic),
];

/// The oldest release that writes such images.
pub(super) fn at_least(seen: &Seen<'_>) -> Option<&'static str> {
    SIGNS.iter().find(|(_, sign)| sign(seen)).map(|(release, _)| *release)
}

/// The oldest release that would have written more: what it and later ones always write is not there.
///
/// Nothing is always written in the inventory of a pre-dump.
pub(super) fn before(seen: &Seen<'_>) -> Option<&'static str> {
    let inventory = seen.inventory.as_ref().filter(|_| !seen.images.is_pre_dump())?;
    match (inventory.network_lock_method.is_some(), inventory.dump_criu_run_id.is_some()) {
        (false, false) => Some("3.16"),
        (true, false) => Some("4.1"),
        _ => None,
    }
}
