//! The machine and the CRIU that made the images.

use icecore_images::ByteOrder;
use icecore_images::messages::CoreEntryMarch;
use serde::Serialize;

use super::release::{self, Seen};
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
        Self {
            arch: seen.core.as_ref().and_then(|core| arch(core.mtype, seen.order)),
            page_size: seen.mm.as_ref().and_then(|mm| page_size(&mm.mm_saved_auxv)),
            criu_at_least: release::at_least(&seen),
            criu_before: release::before(&seen),
        }
    }
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
