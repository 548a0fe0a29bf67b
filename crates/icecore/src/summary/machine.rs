//! The machine and the CRIU that made the images.

use bstr::ByteSlice;
use icecore_images::messages::{CoreEntry, CoreEntryMarch, InventoryEntry, MmEntry, PagemapEntry};
use icecore_images::{ByteOrder, Framing, Kind};
use serde::Serialize;

use crate::Diagnostic;
use crate::images::Images;

/// The machine and the CRIU that made the images, as far as images tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Machine {
    /// The architecture as `uname -m` names it. Source: `core-*.img`, `core_entry.mtype`, and the byte order of
    /// magics.
    pub arch: Option<&'static str>,
    /// Bytes of a page. Source: `mm-*.img`, `AT_PAGESZ` in `mm_entry.mm_saved_auxv`.
    pub page_size: Option<u64>,
    /// The oldest CRIU release that writes such images: fields and images that it has and older ones have not.
    pub criu_at_least: Option<&'static str>,
    /// The oldest release that would have written more: what is absent here and always written since.
    pub criu_before: Option<&'static str>,
}

/// Type of the entry for the page size in an auxiliary vector.
const AT_PAGESZ: u64 = 6;

impl Machine {
    pub(crate) fn of(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let seen = Seen::gather(images, diagnostics);
        let at_least = SIGNS.iter().find(|(_, sign)| sign(&seen)).map(|(version, _)| *version);
        let before = seen.inventory.as_ref().and_then(|inventory| {
            match (inventory.network_lock_method.is_some(), inventory.dump_criu_run_id.is_some()) {
                (false, false) => Some("3.16"),
                (true, false) => Some("4.1"),
                _ => None,
            }
        });
        Self {
            arch: seen.core.as_ref().and_then(|core| arch(core.mtype, seen.order)),
            page_size: seen.mm.as_ref().and_then(|mm| page_size(&mm.mm_saved_auxv)),
            criu_at_least: at_least,
            criu_before: before,
        }
    }
}

/// The first images of the kinds that tell something.
#[derive(Default)]
struct Seen {
    inventory: Option<InventoryEntry>,
    core: Option<CoreEntry>,
    mm: Option<MmEntry>,
    pagemap: Option<PagemapEntry>,
    order: Option<ByteOrder>,
    common_magic: bool,
    names: Names,
}

#[derive(Default)]
struct Names {
    files: bool,
    timens_or_memfd: bool,
}

impl Seen {
    fn gather(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut seen = Self { inventory: images.first("inventory.img", diagnostics), ..Self::default() };
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
}

/// What tells that a CRIU is at least of a release.
type Sign = fn(&Seen) -> bool;

/// Releases and what only they and later ones write, newest first.
const SIGNS: [(&str, Sign); 12] = [
    ("4.2", |seen| {
        seen.pagemap.as_ref().is_some_and(|entry| entry.nr_pages.is_some())
            || seen.inventory.as_ref().is_some_and(|inventory| inventory.allow_uprobes.is_some())
    }),
    ("4.1", |seen| {
        let newer = |it: &InventoryEntry| it.dump_criu_run_id.is_some() || it.plugins_entry.is_some();
        seen.inventory.as_ref().is_some_and(newer)
            || credentials(seen).is_some_and(|credentials| !credentials.cap_amb.is_empty())
    }),
    ("3.19", |seen| credentials(seen).is_some_and(|credentials| credentials.no_new_privs.is_some())),
    ("3.18", |seen| thread(seen).is_some_and(|thread| thread.cg_set.is_some())),
    ("3.17", |seen| thread(seen).is_some_and(|thread| thread.rseq_entry.is_some())),
    ("3.16", |seen| seen.inventory.as_ref().is_some_and(|it| it.network_lock_method.is_some())),
    ("3.14", |seen| seen.names.timens_or_memfd),
    ("3.13", |seen| {
        let task = seen.core.as_ref().and_then(|core| core.tc.as_ref());
        task.is_some_and(|task| task.child_subreaper.is_some())
    }),
    ("3.11", |seen| thread(seen).is_some_and(|thread| thread.comm.is_some())),
    ("3.5", |seen| seen.pagemap.as_ref().is_some_and(|entry| entry.flags.is_some())),
    ("3.4", |seen| seen.names.files),
    ("1.6", |seen| seen.common_magic),
];

fn credentials(seen: &Seen) -> Option<&icecore_images::messages::CredsEntry> {
    thread(seen)?.creds.as_ref()
}

fn thread(seen: &Seen) -> Option<&icecore_images::messages::ThreadCoreEntry> {
    seen.core.as_ref()?.thread_core.as_deref()
}

/// The name of an architecture, which for POWER and MIPS the byte order decides.
fn arch(march: CoreEntryMarch, order: Option<ByteOrder>) -> Option<&'static str> {
    let big = order == Some(ByteOrder::Big);
    Some(match march {
        CoreEntryMarch::X86_64 => "x86_64",
        CoreEntryMarch::ARM => "armv7l",
        CoreEntryMarch::AARCH64 => "aarch64",
        CoreEntryMarch::PPC64 if big => "ppc64",
        CoreEntryMarch::PPC64 => "ppc64le",
        CoreEntryMarch::S390 => "s390x",
        CoreEntryMarch::MIPS => "mips64",
        CoreEntryMarch::LOONGARCH64 => "loongarch64",
        CoreEntryMarch::RISCV64 => "riscv64",
        _ => return None,
    })
}

/// The page size in an auxiliary vector: pairs of words, two of which share one where the task has 32 bits.
pub(crate) fn page_size(auxv: &[u64]) -> Option<u64> {
    let plausible = |size: &u64| size.is_power_of_two() && (1024..=1 << 30).contains(size);
    let wide = auxv.chunks_exact(2).find_map(|pair| match pair {
        [AT_PAGESZ, size] => Some(*size),
        _ => None,
    });
    let packed = || auxv.iter().find(|&&word| word & 0xffff_ffff == AT_PAGESZ).map(|word| word >> 32);
    wide.filter(plausible).or_else(packed).filter(plausible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_sizes_of_both_widths() {
        assert_eq!(page_size(&[33, 0x7fff_0000, 16, 0x1f8b_fbff, 6, 4096, 17, 100]), Some(4096));
        assert_eq!(page_size(&[32 | 0xf7f0_0000 << 32, 6 | 4096 << 32]), Some(4096));
        assert_eq!(page_size(&[6, 65536]), Some(65536));
        assert_eq!(page_size(&[6, 12]), None);
        assert_eq!(page_size(&[]), None);
    }

    #[test]
    fn byte_order_names_power() {
        assert_eq!(arch(CoreEntryMarch::PPC64, Some(ByteOrder::Little)), Some("ppc64le"));
        assert_eq!(arch(CoreEntryMarch::PPC64, Some(ByteOrder::Big)), Some("ppc64"));
        assert_eq!(arch(CoreEntryMarch(99), None), None);
    }
}
