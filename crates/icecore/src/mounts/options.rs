//! Mount options in the words of `/proc/PID/mountinfo`.

use bstr::{BString, ByteSlice, ByteVec};

use super::Mount;

/// A bit and its word.
type Word = (u32, &'static str);

const RDONLY: u32 = 1;
const UNBINDABLE: u32 = 1 << 17;

/// Options of a mount, in the kernel's order.
const MOUNT: [Word; 6] = [
    (2, "nosuid"),
    (4, "nodev"),
    (8, "noexec"),
    (0x400, "noatime"),
    (0x800, "nodiratime"),
    (0x20_0000, "relatime"),
];

/// Options of a file system, in the kernel's order.
const FILE_SYSTEM: [Word; 4] = [(0x10, "sync"), (0x80, "dirsync"), (0x40, "mand"), (0x200_0000, "lazytime")];

/// `rw` or `ro`, then the words of the bits.
fn words(flags: u32, words: &[Word]) -> String {
    let mut text = String::from(if flags & RDONLY == 0 { "rw" } else { "ro" });
    for (_, word) in words.iter().filter(|(bit, _)| flags & bit != 0) {
        text.push(',');
        text.push_str(word);
    }
    text
}

impl Mount {
    /// The options of the mount: `ro,nosuid,relatime`.
    pub fn options(&self) -> String {
        words(self.flags, &MOUNT)
    }

    /// The options of the file system, as mounted anywhere: `rw,size=64k`.
    ///
    /// CRIU adds `newinstance` to those of devpts, which the kernel does not show.
    pub fn super_options(&self) -> BString {
        // Before they were told apart, the bits of both were in one word.
        let mut text = BString::from(words(self.sb_flags.unwrap_or(self.flags), &FILE_SYSTEM));
        for option in self.data.split_str(b",").filter(|option| !option.is_empty()) {
            text.push_byte(b',');
            text.push_str(option);
        }
        text
    }

    /// How mounts below it travel, in the words of findmnt(8): `private` or `shared`, then `slave` and `unbindable`.
    pub fn propagation(&self) -> String {
        let mut words = vec![if self.shared.is_some() { "shared" } else { "private" }];
        words.extend(self.master.map(|_| "slave"));
        words.extend((self.flags & UNBINDABLE != 0).then_some("unbindable"));
        words.join(",")
    }
}

#[cfg(test)]
mod tests {
    use icecore_images::messages::MntEntry;

    use super::*;

    fn mount(flags: u32, sb_flags: Option<u32>, data: &str, groups: (u32, u32)) -> Mount {
        let mut entry = MntEntry::default();
        (entry.flags, entry.sb_flags, entry.options) = (flags, sb_flags, data.into());
        (entry.shared_id, entry.master_id) = (Some(groups.0), Some(groups.1));
        entry.into()
    }

    #[test]
    fn bits_become_the_words_of_the_kernel() {
        let readonly = mount(1039, Some(0), "discard,resuid=7", (0, 0));
        assert_eq!(readonly.options(), "ro,nosuid,nodev,noexec,noatime");
        assert_eq!(readonly.super_options(), "rw,discard,resuid=7");
        assert_eq!(mount(0x20_0000, Some(1), "", (0, 0)).super_options(), "ro");
        assert_eq!(mount(1, None, "size=4k", (0, 0)).super_options(), "ro,size=4k");
    }

    #[test]
    fn propagation_is_that_of_findmnt() {
        assert_eq!(mount(0, None, "", (0, 0)).propagation(), "private");
        assert_eq!(mount(0, None, "", (5, 0)).propagation(), "shared");
        assert_eq!(mount(0, None, "", (0, 7)).propagation(), "private,slave");
        assert_eq!(mount(0, None, "", (5, 7)).propagation(), "shared,slave");
        assert_eq!(mount(0x2_0000, None, "", (0, 0)).propagation(), "private,unbindable");
    }
}
