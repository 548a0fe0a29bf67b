//! Open flags, whose values differ between architectures.

use std::borrow::Cow;
use std::fmt;

/// The flags of an open file, as the kernel of the dumped machine numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OpenFlags {
    /// The bits, as `/proc/PID/fdinfo` shows them in octal.
    pub bits: u32,
    names: Names,
}

/// The name of a bit.
type Name = (&'static str, u32);

/// The access mode: the lower two bits, which are a number.
const ACCESS: u32 = 0o3;

/// The names of an architecture, in parts that several share.
type Names = &'static [&'static [Name]];

/// All architectures.
const EVERYWHERE: &[Name] = &[("O_NOATIME", 0o100_0000), ("O_CLOEXEC", CLOEXEC), ("O_PATH", 0o1000_0000)];

/// All but MIPS.
const MOST: &[Name] = &[
    ("O_CREAT", 0o100),
    ("O_EXCL", 0o200),
    ("O_NOCTTY", 0o400),
    ("O_TRUNC", 0o1000),
    ("O_APPEND", 0o2000),
    ("O_NONBLOCK", 0o4000),
    ("O_SYNC", 0o401_0000),
    ("O_DSYNC", 0o1_0000),
    ("O_ASYNC", 0o2_0000),
];

/// All but ARM and POWER.
const DIRECTORIES: &[Name] =
    &[("O_TMPFILE", 0o2020_0000), ("O_DIRECTORY", 0o20_0000), ("O_NOFOLLOW", 0o40_0000)];

/// ARM and POWER.
const LOW_DIRECTORIES: &[Name] =
    &[("O_TMPFILE", 0o2004_0000), ("O_DIRECTORY", 0o4_0000), ("O_NOFOLLOW", 0o10_0000)];

/// x86, s390x, RISC-V, LoongArch.
const GENERIC: Names =
    &[MOST, DIRECTORIES, &[("O_DIRECT", 0o4_0000), ("O_LARGEFILE", 0o10_0000)], EVERYWHERE];

/// 32- and 64-bit ARM.
const ARM: Names =
    &[MOST, LOW_DIRECTORIES, &[("O_DIRECT", 0o20_0000), ("O_LARGEFILE", 0o40_0000)], EVERYWHERE];

/// POWER.
const POWER: Names =
    &[MOST, LOW_DIRECTORIES, &[("O_LARGEFILE", 0o20_0000), ("O_DIRECT", 0o40_0000)], EVERYWHERE];

/// MIPS.
const MIPS: Names = &[
    &[
        ("O_APPEND", 0o10),
        ("O_SYNC", 0o4_0020),
        ("O_DSYNC", 0o20),
        ("O_NONBLOCK", 0o200),
        ("O_CREAT", 0o400),
        ("O_TRUNC", 0o1000),
        ("O_EXCL", 0o2000),
        ("O_NOCTTY", 0o4000),
        ("O_ASYNC", 0o1_0000),
        ("O_LARGEFILE", 0o2_0000),
        ("O_DIRECT", 0o10_0000),
    ],
    DIRECTORIES,
    EVERYWHERE,
];

/// Close-on-exec; the same on all architectures that CRIU knows. Images have it in the descriptor.
const CLOEXEC: u32 = 0o200_0000;

impl OpenFlags {
    /// Flags of an architecture, named as by `uname -m`; an unknown one is taken for one of the many that agree.
    pub fn new(bits: u32, arch: Option<&str>) -> Self {
        let names = match arch {
            Some("aarch64" | "armv7l") => ARM,
            Some("ppc64" | "ppc64le") => POWER,
            Some("mips64") => MIPS,
            _ => GENERIC,
        };
        Self { bits, names }
    }

    /// The same with close-on-exec.
    #[must_use]
    pub fn with_cloexec(self) -> Self {
        Self { bits: self.bits | CLOEXEC, ..self }
    }

    /// Reading and writing: `O_RDONLY`, `O_WRONLY`, `O_RDWR`; 3 is neither, only ioctl(2).
    pub fn access(self) -> &'static str {
        match self.bits & ACCESS {
            0 => "O_RDONLY",
            1 => "O_WRONLY",
            2 => "O_RDWR",
            _ => "O_NOACCESS",
        }
    }

    /// Whether it was opened for reading.
    pub fn can_read(self) -> bool {
        !self.is_path() && matches!(self.bits & ACCESS, 0 | 2)
    }

    /// Whether it was opened for writing.
    pub fn can_write(self) -> bool {
        !self.is_path() && matches!(self.bits & ACCESS, 1 | 2)
    }

    /// Whether it stands for a place only (`O_PATH`).
    pub fn is_path(self) -> bool {
        self.bits & 0o1000_0000 != 0
    }

    /// The names of all bits: the access mode first. Bits without a name are one octal number at the end.
    pub fn names(self) -> Vec<Cow<'static, str>> {
        let mut rest = self.bits & !ACCESS;
        // Most files have three at most.
        let mut names = Vec::with_capacity(4);
        names.push(self.access().into());
        // Flags of several bits first: their parts are flags, too.
        for is_several in [true, false] {
            for &(name, bits) in self.names.iter().copied().flatten() {
                if rest == 0 {
                    return names;
                }
                if rest & bits == bits && (bits.count_ones() > 1) == is_several {
                    rest &= !bits;
                    names.push(name.into());
                }
            }
        }
        if rest != 0 {
            names.push(format!("0{rest:o}").into());
        }
        names
    }
}

/// As `/proc/PID/fdinfo`: octal behind a zero.
impl fmt::Display for OpenFlags {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0{:o}", self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bits: u32, arch: &str, names: &str) {
        assert_eq!(OpenFlags::new(bits, Some(arch)).names().join("|"), names, "{bits:o} on {arch}");
    }

    #[test]
    fn names_are_those_of_the_architecture() {
        check(0o10_2001, "x86_64", "O_WRONLY|O_APPEND|O_LARGEFILE");
        check(0o40_2001, "aarch64", "O_WRONLY|O_APPEND|O_LARGEFILE");
        check(0o20_2001, "ppc64le", "O_WRONLY|O_APPEND|O_LARGEFILE");
        check(0o4_0000, "aarch64", "O_RDONLY|O_DIRECTORY");
        check(0o4_0000, "x86_64", "O_RDONLY|O_DIRECT");
        check(0x80 | 2, "mips64", "O_RDWR|O_NONBLOCK");
    }

    #[test]
    fn bits_that_are_one_flag_together_are_one_name() {
        check(0o401_0002, "x86_64", "O_RDWR|O_SYNC");
        check(0o1_0002, "x86_64", "O_RDWR|O_DSYNC");
        check(0o2020_0002, "x86_64", "O_RDWR|O_TMPFILE");
        check(0o20_0000, "s390x", "O_RDONLY|O_DIRECTORY");
        check(0x8000_0003, "x86_64", "O_NOACCESS|020000000000");
    }

    #[test]
    fn access_is_a_number_and_a_path_has_none() {
        let flags = |bits| OpenFlags::new(bits, None);
        assert!(flags(0).can_read() && !flags(0).can_write());
        assert!(!flags(1).can_read() && flags(1).can_write());
        assert!(flags(2).can_read() && flags(2).can_write());
        assert!(!flags(0o1000_0002).can_read());
        assert_eq!(flags(2).with_cloexec().to_string(), "02000002");
    }
}
