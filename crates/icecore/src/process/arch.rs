//! The architecture of a task.

use icecore_images::ByteOrder;
use icecore_images::messages::{CoreEntry, CoreEntryMarch, UserX86RegsMode};
use icecore_images::syscalls::Architecture;
use serde::{Serialize, Serializer};

/// The architecture of a task: which registers it has, and how it numbers system calls and signals.
///
/// A 32-bit task on x86_64 is an [`Arch::I386`]. Source: `core-TID.img`, `core_entry.mtype`; `user_x86_regs_entry.mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Arch {
    /// 64-bit x86.
    X86_64,
    /// A 32-bit task on x86.
    I386,
    /// 32-bit ARM.
    Arm,
    /// 64-bit ARM.
    Aarch64,
    /// 64-bit POWER, in either byte order.
    Ppc64(ByteOrder),
    /// s390x.
    S390x,
    /// 64-bit MIPS, in either byte order.
    Mips64(ByteOrder),
    /// 64-bit LoongArch.
    Loongarch64,
    /// 64-bit RISC-V.
    Riscv64,
}

impl Arch {
    /// The architecture of a core image whose magics have this byte order.
    pub(super) fn of(core: &CoreEntry, order: ByteOrder) -> Option<Self> {
        let mode = core.thread_info.as_ref().and_then(|info| info.gpregs.mode);
        Some(match core.mtype {
            CoreEntryMarch::X86_64 if mode == Some(UserX86RegsMode::COMPAT) => Self::I386,
            CoreEntryMarch::X86_64 => Self::X86_64,
            CoreEntryMarch::ARM => Self::Arm,
            CoreEntryMarch::AARCH64 => Self::Aarch64,
            CoreEntryMarch::PPC64 => Self::Ppc64(order),
            CoreEntryMarch::S390 => Self::S390x,
            CoreEntryMarch::MIPS => Self::Mips64(order),
            CoreEntryMarch::LOONGARCH64 => Self::Loongarch64,
            CoreEntryMarch::RISCV64 => Self::Riscv64,
            _ => return None,
        })
    }

    /// The name as `uname -m` gives it to such a task.
    pub fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::I386 => "i686",
            Self::Arm => "armv7l",
            Self::Aarch64 => "aarch64",
            Self::Ppc64(ByteOrder::Big) => "ppc64",
            Self::Ppc64(ByteOrder::Little) => "ppc64le",
            Self::S390x => "s390x",
            Self::Mips64(_) => "mips64",
            Self::Loongarch64 => "loongarch64",
            Self::Riscv64 => "riscv64",
        }
    }

    /// The byte order of its memory.
    pub fn byte_order(self) -> ByteOrder {
        match self {
            Self::S390x => ByteOrder::Big,
            Self::Ppc64(order) | Self::Mips64(order) => order,
            _ => ByteOrder::Little,
        }
    }

    /// Whether its addresses have 32 bits.
    pub fn is_32bit(self) -> bool {
        matches!(self, Self::I386 | Self::Arm)
    }

    /// The architecture as system calls and seccomp filters see it.
    pub fn of_system_calls(self) -> Architecture {
        match self {
            Self::X86_64 => Architecture::X86_64,
            Self::I386 => Architecture::I386,
            Self::Arm => Architecture::Arm,
            Self::Aarch64 => Architecture::Aarch64,
            Self::Ppc64(_) => Architecture::Ppc64,
            Self::S390x => Architecture::S390x,
            Self::Mips64(_) => Architecture::Mips64,
            Self::Loongarch64 => Architecture::Loongarch64,
            Self::Riscv64 => Architecture::Riscv64,
        }
    }
}

impl Serialize for Arch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
