//! Names of system calls, by architecture.

mod tables;

use core::fmt;

use crate::messages::CoreEntryMarch;

/// An architecture, as system calls see it: a 32-bit task on x86_64 is [`I386`](Self::I386).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Architecture {
    /// x86 with 64 bits.
    X86_64,
    /// x86 with 32 bits.
    I386,
    /// ARM with 64 bits.
    Aarch64,
    /// ARM with 32 bits.
    Arm,
    /// POWER with 64 bits, of either byte order.
    Ppc64,
    /// s390x.
    S390x,
    /// MIPS with 64 bits, of either byte order.
    Mips64,
    /// RISC-V with 64 bits.
    Riscv64,
    /// LoongArch with 64 bits.
    Loongarch64,
}

/// Numbers from here on are those of all architectures.
const COMMON: u32 = 424;
/// The bit that marks a call of the x32 ABI on x86_64.
const X32: u32 = 0x4000_0000;

impl Architecture {
    /// The architecture that a seccomp filter sees as `AUDIT_ARCH_*`.
    #[must_use]
    pub fn of_audit(value: u32) -> Option<Self> {
        Some(match value {
            0xc000_003e => Self::X86_64,
            0x4000_0003 => Self::I386,
            0xc000_00b7 => Self::Aarch64,
            0x4000_0028 => Self::Arm,
            0x8000_0015 | 0xc000_0015 => Self::Ppc64,
            0x8000_0016 => Self::S390x,
            0x8000_0008 | 0xc000_0008 => Self::Mips64,
            0xc000_00f3 => Self::Riscv64,
            0xc000_0102 => Self::Loongarch64,
            _ => return None,
        })
    }

    /// The architecture of a core image; of x86 that of 64-bit tasks.
    #[must_use]
    pub fn of_march(march: CoreEntryMarch) -> Option<Self> {
        Some(match march {
            CoreEntryMarch::X86_64 => Self::X86_64,
            CoreEntryMarch::ARM => Self::Arm,
            CoreEntryMarch::AARCH64 => Self::Aarch64,
            CoreEntryMarch::PPC64 => Self::Ppc64,
            CoreEntryMarch::S390 => Self::S390x,
            CoreEntryMarch::MIPS => Self::Mips64,
            CoreEntryMarch::LOONGARCH64 => Self::Loongarch64,
            CoreEntryMarch::RISCV64 => Self::Riscv64,
            _ => return None,
        })
    }

    /// The name of a system call, without `sys_`.
    ///
    /// ```
    /// use icecore_images::syscalls::Architecture;
    ///
    /// assert_eq!(Architecture::X86_64.syscall(59), Some("execve"));
    /// assert_eq!(Architecture::Aarch64.syscall(221), Some("execve"));
    /// assert_eq!(Architecture::X86_64.syscall(1000), None);
    /// ```
    #[must_use]
    pub fn syscall(self, number: u32) -> Option<&'static str> {
        let number = match self {
            Self::X86_64 => number & !X32,
            Self::Mips64 => number.checked_sub(5000)?,
            _ => number,
        };
        let (table, index) = match number.checked_sub(COMMON) {
            Some(index) if self == Self::Arm && number >= 0x0f_0000 => {
                return arm_private(index.wrapping_add(COMMON));
            }
            Some(index) => (tables::COMMON, index),
            None => (self.table(), number),
        };
        table.split_ascii_whitespace().nth(usize::try_from(index).ok()?).filter(|&name| name != "_")
    }

    fn table(self) -> &'static str {
        match self {
            Self::X86_64 => tables::X86_64,
            Self::I386 => tables::I386,
            Self::Aarch64 | Self::Riscv64 | Self::Loongarch64 => tables::GENERIC,
            Self::Arm => tables::ARM,
            Self::Ppc64 => tables::PPC64,
            Self::S390x => tables::S390X,
            Self::Mips64 => tables::MIPS64,
        }
    }
}

/// Calls that only ARM has, in a range of their own.
fn arm_private(number: u32) -> Option<&'static str> {
    let names = ["breakpoint", "cacheflush", "usr26", "usr32", "set_tls", "get_tls"];
    let index = usize::try_from(number.checked_sub(0x0f_0001)?).ok()?;
    names.get(index).copied()
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::X86_64 => "x86_64",
            Self::I386 => "i386",
            Self::Aarch64 => "aarch64",
            Self::Arm => "arm",
            Self::Ppc64 => "ppc64",
            Self::S390x => "s390x",
            Self::Mips64 => "mips64",
            Self::Riscv64 => "riscv64",
            Self::Loongarch64 => "loongarch64",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_names_of_linux() {
        use Architecture::*;
        for (architecture, number, name) in [
            (X86_64, 0, "read"),
            (X86_64, 202, "futex"),
            (X86_64, 232, "epoll_wait"),
            (X86_64, 334, "rseq"),
            (X86_64, 435, "clone3"),
            (X86_64, 462, "mseal"),
            (X86_64, X32 | 1, "write"),
            (I386, 1, "exit"),
            (I386, 11, "execve"),
            (Aarch64, 63, "read"),
            (Aarch64, 98, "futex"),
            (Riscv64, 259, "riscv_flush_icache"),
            (Arm, 11, "execve"),
            (Arm, 0x0f_0005, "set_tls"),
            (Ppc64, 1, "exit"),
            (Ppc64, 11, "execve"),
            (S390x, 11, "execve"),
            (Mips64, 5000, "read"),
            (Mips64, 5057, "execve"),
            (Mips64, 5435, "clone3"),
        ] {
            assert_eq!(architecture.syscall(number), Some(name), "{architecture} {number}");
        }
    }

    #[test]
    fn gaps_have_no_name() {
        use Architecture::*;
        for (architecture, number) in
            [(X86_64, 335), (X86_64, 423), (Aarch64, 244), (S390x, 0), (Mips64, 1), (X86_64, u32::MAX)]
        {
            assert_eq!(architecture.syscall(number), None, "{architecture} {number}");
        }
    }
}
