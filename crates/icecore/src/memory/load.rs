//! From the images of a process to its areas.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bstr::BString;
use icecore_images::Record;
use icecore_images::messages::{MmEntry, VmaEntry};

use super::area::{Area, AreaKind, map_codes};
use super::backing::Backing;
use super::chain::Chain;
use super::contents::FileContent;
use super::counted::Counted;
use super::files::{self, MappedFile, MappedFiles};
use super::objects::{Object, ObjectKey};
use super::page_size::PageSize;
use super::{Memory, Slot};
use crate::diagnostic::VMA_ODD;
use crate::files::Remap;
use crate::images::Images;
use crate::place::{Place, Placed};
use crate::summary::page_size;
use crate::vma::status;
use crate::{Checkpoint, Diagnostic, Pid, Vaddr, memory_names};

/// What is shared by the address spaces of one checkpoint.
#[derive(Debug)]
pub(super) struct Shared {
    chain: Chain,
    files: MappedFiles,
    /// Objects that were asked for. `None`: nothing describes it.
    objects: Mutex<BTreeMap<ObjectKey, Option<Arc<Object>>>>,
    /// Mapped files that were asked for, by their ids.
    found: Mutex<BTreeMap<u32, Option<Arc<FileContent>>>>,
}

impl Shared {
    pub(super) fn read(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) -> Self {
        Self {
            chain: Chain::of(checkpoint),
            files: MappedFiles::read(checkpoint, diagnostics),
            objects: Mutex::default(),
            found: Mutex::default(),
        }
    }

    /// The content of a mapped file, to be looked for when it is needed.
    fn content(&self, checkpoint: &Checkpoint, id: u32) -> Option<Arc<FileContent>> {
        let file = self.files.path_file(id)?;
        let link = match file.remap {
            Some(Remap::Linked(id)) => self.files.path_file(id.0),
            _ => None,
        };
        let mut found = self.found.lock().ok()?;
        let find = || FileContent::new(checkpoint, file, link).map(Arc::new);
        found.entry(id).or_insert_with(find).clone()
    }

    /// The image of a segment whose content stands behind its record, and where it begins in that.
    pub(super) fn segment_place(&self, id: u32) -> Option<(&str, u64)> {
        let (content, _) = self.files.segment_content(ObjectKey::Segment(id.into()))?;
        Some((&content.image, content.offset))
    }

    /// All objects that are described.
    pub(super) fn object_keys(&self) -> Vec<ObjectKey> {
        self.files.object_keys().collect()
    }

    pub(super) fn object(
        &self,
        key: ObjectKey,
        page_size: PageSize,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Arc<Object>> {
        let mut objects = self.objects.lock().ok()?;
        let read = || Object::read(key, &self.files, &self.chain, page_size, diagnostics).map(Arc::new);
        objects.entry(key).or_insert_with(read).clone()
    }
}

impl Memory {
    pub(super) fn load(
        checkpoint: &Checkpoint,
        shared: &Shared,
        pid: Pid,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let images = checkpoint.images();
        let name = format!("mm-{pid}.img");
        let (mm, mut vmas) = records(images, &name, diagnostics)?;
        if vmas.is_empty() {
            // Before CRIU 1.2 the areas had an image of their own.
            vmas = images.placed(&format!("vmas-{pid}.img"), diagnostics).unwrap_or_default();
        }
        let told = page_size(&mm.mm_saved_auxv).or(checkpoint.machine().page_size);
        let hint = PageSize { forced: checkpoint.forced_page_size(), told };
        let private = Backing::read(&shared.chain, &format!("pagemap-{pid}.img"), hint, diagnostics);
        let page_size = if private.exists { private.page_size } else { hint.plain() };
        let objects = |key, told: &mut Vec<Diagnostic>| shared.object(key, hint, told);
        let codes = map_codes(checkpoint.machine().arch);
        let mut areas = Vec::with_capacity(vmas.len());
        for Placed { message: vma, place } in vmas {
            let mut area = area(&vma, &mm, &shared.files, |key| objects(key, diagnostics));
            area.place = Some(place);
            area.map_codes = codes;
            if area.kind == AreaKind::Anon && area.has_huge_pages() {
                area.name = Some(memory_names::HUGE_SHOWN.into());
            }
            area.content = area.file_id.and_then(|id| shared.content(checkpoint, id));
            areas.push(area);
        }
        let mut oddities = Oddities::default();
        oddities.order(&areas);
        areas.sort_by_key(|area| (area.start, area.end, area.kind != AreaKind::Guard));
        let slots = slots(&areas, page_size, &mut oddities);
        let guards = guards(&areas);
        oddities.outside(&private, &slots);
        oddities.guarded(&private, &guards);
        oddities.tell(&images.full_name(&name), diagnostics);
        Some(Self { pid, page_size, areas, slots, guards, private })
    }
}

/// The record of an address space and those of its areas.
fn records(
    images: &Images,
    name: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(MmEntry, Vec<Placed<VmaEntry>>)> {
    let read = images.each(name, diagnostics, |record: Record<'_, MmEntry>, member| {
        let places = Place::of_parts(member, &record, "vmas");
        (record.message, places)
    });
    let (mut mm, places) = read?.into_iter().next()?;
    let vmas = std::mem::take(&mut mm.vmas).into_iter().zip(places);
    let vmas = vmas.map(|(message, place)| Placed { message, place }).collect();
    Some((mm, vmas))
}

/// Where 32-bit arm has its vectors, which CRIU marks as it marks the x86 page of old system calls.
const ARM_VECTORS: u64 = 0xffff_0000;

/// What a record says, with the file or object behind it.
fn area(
    vma: &VmaEntry,
    mm: &MmEntry,
    files: &MappedFiles,
    object: impl FnOnce(ObjectKey) -> Option<Arc<Object>>,
) -> Area {
    let has = |bits| vma.status & bits != 0;
    let id = u32::try_from(vma.shmid).ok();
    let file =
        id.filter(|_| has(status::FILE_PRIVATE | status::FILE_SHARED | status::MEMFD | status::SOCKET));
    let mapped = file.and_then(|id| files.file(id));
    let object = object_key(vma, mapped).and_then(object);
    let (kind, name) = kind(vma, mm);
    let (kind, name) = match (&object, mapped) {
        (Some(object), _) => (object.kind, Some(object.name.clone())),
        (None, Some(MappedFile::Path(file))) => (kind, files::path(file).map(|path| file.shown(path))),
        (None, _) if file.is_some() || has(status::ANON_SHARED) => (kind, None),
        _ => (kind, Some(name.into())),
    };
    Area {
        start: Vaddr(vma.start),
        end: Vaddr(vma.end),
        kind,
        prot: vma.prot,
        flags: vma.flags,
        status: vma.status,
        advice: vma.madv.unwrap_or(0),
        offset: vma.pgoff,
        file_id: file,
        name,
        ino: object.as_ref().map(|object| object.number),
        object,
        read_only_file: file.is_some() && vma.fdflags.is_some_and(|flags| flags & 3 == 0),
        map_codes: map_codes(None),
        content: None,
        place: None,
    }
}

/// The object that an area shows, if it shows one.
fn object_key(vma: &VmaEntry, mapped: Option<MappedFile<'_>>) -> Option<ObjectKey> {
    match mapped {
        Some(MappedFile::Memfd(inode)) => inode.map(ObjectKey::Memfd),
        _ if vma.status & status::ANON_SHARED == 0 => None,
        _ if vma.status & status::SYSVIPC != 0 => Some(ObjectKey::Segment(vma.shmid)),
        _ => Some(ObjectKey::Anon(vma.shmid)),
    }
}

/// What an area is by its record alone, and the name that the kernel gives to such ones.
fn kind(vma: &VmaEntry, mm: &MmEntry) -> (AreaKind, &'static str) {
    let has = |bits| vma.status & bits != 0;
    let special = [
        (status::GUARD, AreaKind::Guard, ""),
        (status::VVAR, AreaKind::Vvar, "[vvar]"),
        (status::VDSO, AreaKind::Vdso, "[vdso]"),
        (status::AIORING, AreaKind::Aio, "/[aio] (deleted)"),
        (status::SOCKET, AreaKind::Socket, ""),
        (status::MEMFD, AreaKind::Memfd, ""),
        (status::FILE_PRIVATE, AreaKind::FilePrivate, ""),
        (status::FILE_SHARED, AreaKind::FileShared, ""),
        (status::HEAP, AreaKind::Heap, "[heap]"),
    ];
    if has(status::VSYSCALL) {
        let arm = vma.start == ARM_VECTORS;
        return (AreaKind::Vsyscall, if arm { "[vectors]" } else { "[vsyscall]" });
    }
    if let Some((_, kind, name)) = special.into_iter().find(|(bit, ..)| has(*bit)) {
        return (kind, name);
    }
    // CRIU has a bit for stacks and never sets it.
    if (vma.start..vma.end).contains(&mm.mm_start_stack) {
        return (AreaKind::Stack, "[stack]");
    }
    (AreaKind::Anon, "")
}

/// The ranges in which each area counts: sorted, none over another. Where two areas lie over each other, the one that
/// begins lower counts.
fn slots(areas: &[Area], page_size: u64, oddities: &mut Oddities) -> Vec<Slot> {
    let mut slots: Vec<Slot> = Vec::with_capacity(areas.len());
    for (index, area) in areas.iter().enumerate().filter(|(_, area)| area.kind != AreaKind::Guard) {
        let (start, end) = (area.start.0, area.end.0);
        if start >= end {
            oddities.reversed.add(start, end);
            continue;
        }
        if !start.is_multiple_of(page_size.max(1)) || !end.is_multiple_of(page_size.max(1)) {
            oddities.unaligned.add(start, end);
        }
        let taken = slots.last().map_or(0, |slot| slot.end);
        if start < taken {
            oddities.overlaps.add(start, end);
        }
        let start = start.max(taken);
        if start < end {
            slots.push(Slot { start, end, area: index });
        }
    }
    slots
}

/// Guard ranges, sorted and joined.
fn guards(areas: &[Area]) -> Vec<(u64, u64)> {
    let mut guards: Vec<(u64, u64)> = Vec::new();
    for area in areas.iter().filter(|area| area.kind == AreaKind::Guard && area.start < area.end) {
        match guards.last_mut().filter(|(_, end)| area.start.0 <= *end) {
            Some((_, end)) => *end = area.end.0.max(*end),
            None => guards.push((area.start.0, area.end.0)),
        }
    }
    guards
}

/// What is odd about the areas, counted; the first of each kind is named.
#[derive(Debug, Default)]
struct Oddities {
    unsorted: bool,
    reversed: Counted,
    unaligned: Counted,
    overlaps: Counted,
    outside: Counted,
    guarded: Counted,
}

impl Oddities {
    fn order(&mut self, areas: &[Area]) {
        let real = areas.iter().filter(|area| area.kind != AreaKind::Guard);
        self.unsorted = !real.is_sorted_by_key(|area| area.start);
    }

    /// Pages of the pagemap that no area covers.
    fn outside(&mut self, private: &Backing, slots: &[Slot]) {
        let mut slots = slots.iter().peekable();
        for span in &private.spans {
            let mut at = span.start;
            while at < span.end {
                while slots.next_if(|slot| slot.end <= at).is_some() {}
                match slots.peek().filter(|slot| slot.start < span.end) {
                    Some(slot) if slot.start <= at => at = slot.end,
                    next => {
                        let end = next.map_or(span.end, |slot| slot.start);
                        self.outside.add(at, end);
                        at = end;
                    }
                }
            }
        }
    }

    /// Pages of the pagemap in guard ranges, where there can be none.
    fn guarded(&mut self, private: &Backing, guards: &[(u64, u64)]) {
        for (start, end) in guards {
            let first = private.spans.partition_point(|span| span.end <= *start);
            if let Some(span) = private.spans.get(first).filter(|span| span.start < *end) {
                self.guarded.add(span.start.max(*start), span.end.min(*end));
            }
        }
    }

    fn tell(&self, image: &BString, diagnostics: &mut Vec<Diagnostic>) {
        let mut tell = |text: String| {
            diagnostics.push(Diagnostic::new(VMA_ODD, text).of(image.clone()));
        };
        if self.unsorted {
            tell("the areas are not sorted by address".to_owned());
        }
        let counted = [
            (&self.reversed, "areas end where they start or in front of it, and hold nothing"),
            (&self.unaligned, "areas do not begin and end at borders of pages"),
            (&self.overlaps, "areas lie over others; what both cover counts for the one that begins lower"),
            (
                &self.outside,
                "runs of pages in the pagemap are in no area; their bytes can be read all the same",
            ),
            (
                &self.guarded,
                "guard ranges have pages in the pagemap, which no access could have reached; they are not shown",
            ),
        ];
        for (counted, what) in counted {
            if let Some((start, end)) = counted.first {
                tell(format!("{} {what}; the first: {start:#x} to {end:#x}", counted.count));
            }
        }
    }
}
