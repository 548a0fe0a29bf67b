//! Who a thread is and what it may do.

use std::fmt;

use bstr::BString;
use icecore_images::messages::CredsEntry;
use serde::{Serialize, Serializer};

/// Credentials of a thread. Ids are those inside its user namespace.
///
/// Source: `core-TID.img`, `thread_core_entry.creds`, since CRIU 2.0; before, `creds-PID.img` of the process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Credentials {
    /// User ids.
    pub uids: Ids,
    /// Group ids.
    pub gids: Ids,
    /// Supplementary groups, in the order of the image.
    pub groups: Vec<u32>,
    /// Inheritable capabilities.
    pub inheritable: Capabilities,
    /// Permitted capabilities.
    pub permitted: Capabilities,
    /// Effective capabilities.
    pub effective: Capabilities,
    /// The bounding set.
    pub bounding: Capabilities,
    /// Ambient capabilities; `None`: not stored, before CRIU 4.1.
    pub ambient: Option<Capabilities>,
    /// `SECBIT_*` bits, as prctl(2) `PR_GET_SECUREBITS`.
    pub securebits: u32,
    /// Whether execve(2) grants no privileges; `None`: not set, or not stored, as before CRIU 3.19.
    pub no_new_privs: Option<bool>,
    /// SELinux context or AppArmor profile; `None` if unconfined. Since CRIU 1.6.
    pub lsm_profile: Option<BString>,
    /// SELinux context of sockets that it creates; since CRIU 3.13.
    pub lsm_sockcreate: Option<BString>,
}

/// The four ids of a kind that a thread has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Ids {
    /// The real one.
    pub real: u32,
    /// The effective one.
    pub effective: u32,
    /// The saved one.
    pub saved: u32,
    /// The one for access to files.
    pub fs: u32,
}

impl Ids {
    /// Real, effective, saved, file system: the order of `/proc/PID/status`.
    pub fn to_array(self) -> [u32; 4] {
        [self.real, self.effective, self.saved, self.fs]
    }
}

impl Credentials {
    pub(super) fn of(entry: &CredsEntry) -> Self {
        Self {
            uids: Ids { real: entry.uid, effective: entry.euid, saved: entry.suid, fs: entry.fsuid },
            gids: Ids { real: entry.gid, effective: entry.egid, saved: entry.sgid, fs: entry.fsgid },
            groups: entry.groups.clone(),
            inheritable: Capabilities::of(&entry.cap_inh),
            permitted: Capabilities::of(&entry.cap_prm),
            effective: Capabilities::of(&entry.cap_eff),
            bounding: Capabilities::of(&entry.cap_bnd),
            ambient: (!entry.cap_amb.is_empty()).then(|| Capabilities::of(&entry.cap_amb)),
            securebits: entry.secbits,
            no_new_privs: entry.no_new_privs.map(|set| set != 0),
            lsm_profile: entry.lsm_profile.clone(),
            lsm_sockcreate: entry.lsm_sockcreate.clone(),
        }
    }
}

/// A set of capabilities: bit n is capability n. Shown as `/proc/PID/status` does, 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Capabilities(pub u64);

/// The capabilities of Linux 6.18, by number.
const NAMES: [&str; 41] = [
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
];

impl Capabilities {
    /// Of the two words of an image, the low one first.
    fn of(words: &[u32]) -> Self {
        Self(words.iter().take(2).rev().fold(0, |sum, word| sum << 32 | u64::from(*word)))
    }

    /// Their names by rising number; those without one are left out.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES.iter().enumerate().filter(move |(number, _)| self.0 >> number & 1 == 1).map(|(_, name)| *name)
    }

    /// Whether none is in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Capabilities {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

impl Serialize for Capabilities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_have_the_numbers_of_the_kernel() {
        let names = |bits| Capabilities(bits).names().collect::<Vec<_>>();
        assert_eq!(names(1 << 13 | 1), ["CAP_CHOWN", "CAP_NET_RAW"]);
        assert_eq!(names(1 << 21), ["CAP_SYS_ADMIN"]);
        assert_eq!(names(1 << 40), ["CAP_CHECKPOINT_RESTORE"]);
        assert_eq!(names(1 << 63), [""; 0]);
    }

    #[test]
    fn words_of_the_image_are_low_first() {
        assert_eq!(Capabilities::of(&[0xa804_25fb, 1]), Capabilities(0x1_a804_25fb));
        assert_eq!(Capabilities::of(&[7]), Capabilities(7));
        assert_eq!(Capabilities(0xa80425fb).to_string(), "00000000a80425fb");
    }
}
