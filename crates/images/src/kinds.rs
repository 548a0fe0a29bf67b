//! Kinds of image: what is known about one, and how a file name or a magic finds it. The [table] says the rest.

use crate::descriptor::Descriptor;
use crate::error::Located;
use crate::image::Framed;

mod pattern;
mod table;

pub use table::Kind;

/// Which magics stand in front of the records of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framing {
    /// The kind's magic alone: `inventory.img`, and every image before CRIU 1.6.
    One,
    /// 0x54564319, then the kind's magic.
    Common,
    /// 0x55105940, then the kind's magic.
    Service,
    /// No magic and no records: the whole file is the content.
    Raw,
    /// No magic: a 64-bit length in the byte order of the machine, then a message or bytes. Written by plugins.
    Plugin,
}

/// What is known about a kind: one row of the table.
#[derive(Debug)]
#[non_exhaustive]
pub struct Row {
    /// The kind.
    pub kind: Kind,
    /// CRIU's name for it, which is `magic` in crit's JSON.
    pub name: &'static str,
    /// What images of the kind hold, in a sentence or two; begins with a space.
    about: &'static str,
    /// The kind's own magic; absent for images without records. Some kinds share one.
    pub magic: Option<u32>,
    /// The magics in front of the records, as present CRIU writes them.
    pub framing: Framing,
    /// Whether there is one record at most (for a ghost file: besides its chunks).
    pub single: bool,
    /// The names that its files have or had.
    pub files: &'static [FileName],
    /// The message of the first record, then the message of all others if that is another one.
    messages: &'static [fn() -> &'static Descriptor],
    payload: Option<Payload>,
}

impl Row {
    /// What images of the kind hold, in a sentence or two.
    #[must_use]
    pub fn about(&self) -> &'static str {
        self.about.trim_ascii_start()
    }

    /// Whether bytes follow each record and belong to it.
    #[must_use]
    pub fn has_payload(&self) -> bool {
        self.payload.is_some()
    }
}

/// How long the payload behind a record is.
pub(crate) type Payload = for<'a> fn(&Framed<'a>) -> Result<usize, Located<'a>>;

/// A name that files of a kind have or had.
#[derive(Debug)]
#[non_exhaustive]
pub struct FileName {
    /// The name. A number stands as `{u}` (decimal, 32 bits), `{lu}` (decimal, 64 bits), `{x}` (hexadecimal) or
    /// `{04x}` (hexadecimal of four digits at least).
    pub pattern: &'static str,
    /// What the number counts, empty if there is none.
    pub by: &'static str,
    /// The first CRIU that wrote it.
    pub since: &'static str,
    /// The last CRIU that wrote it, empty if present ones do.
    pub until: &'static str,
}

/// What a file name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Named {
    /// The kind of image that has such names.
    pub kind: Kind,
    /// The numbers in the name, in order: one, none, or for images of the amdgpu plugin up to three.
    pub numbers: [Option<u64>; 3],
}

impl Named {
    /// The first number in the name; what it counts is in [`FileName::by`].
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        self.numbers.first().copied().flatten()
    }
}

impl Kind {
    /// Finds the kind that a file name stands for.
    ///
    /// The name must be exactly as CRIU writes it: `core-007.img`, `core-+7.img` and `CORE-7.img` are no core
    /// images, and neither is a name with directories.
    #[must_use]
    pub fn of_name<N: AsRef<[u8]> + ?Sized>(name: &N) -> Option<Named> {
        let name = name.as_ref();
        let of_row =
            |kind: &Self| kind.row().files.iter().find_map(|file| pattern::numbers(file.pattern, name));
        Self::ALL.iter().find_map(|kind| Some(Named { kind: *kind, numbers: of_row(kind)? }))
    }

    /// Finds the kind that has a magic; where several have it, the one that the file name stands for, or the
    /// first.
    #[must_use]
    pub fn of_magic(magic: u32, named: Option<Self>) -> Option<Self> {
        let has = |kind: &Self| kind.magic() == Some(magic);
        named.filter(has).or_else(|| Self::ALL.iter().copied().find(has))
    }

    /// The kind that has a name in crit's JSON; the first one, if several have it.
    #[must_use]
    pub fn of_magic_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.row().name == name)
    }

    /// The kind's own magic.
    #[must_use]
    pub fn magic(self) -> Option<u32> {
        self.row().magic
    }

    /// The messages of its records: one, none, or one for the first record and one for the others.
    pub fn messages(self) -> impl Iterator<Item = &'static Descriptor> {
        self.row().messages.iter().map(|descriptor| descriptor())
    }

    /// The message of the record with that number.
    #[must_use]
    pub fn message_at(self, index: usize) -> Option<&'static Descriptor> {
        let messages = self.row().messages;
        messages.get(index).or(messages.last()).map(|descriptor| descriptor())
    }

    pub(crate) fn payload(self) -> Option<Payload> {
        self.row().payload
    }
}

/// CRIU's name for the kind, such as `MNTS`.
impl core::fmt::Display for Kind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.row().name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::vec::Vec;

    use super::*;
    use crate::image::{IMG_COMMON, IMG_SERVICE};

    fn named(name: &str) -> Option<(Kind, Option<u64>)> {
        Kind::of_name(name).map(|named| (named.kind, named.number()))
    }

    #[test]
    fn names_are_found_exactly() {
        assert_eq!(named("core-7.img"), Some((Kind::Core, Some(7))));
        assert_eq!(named("core-0.img"), Some((Kind::Core, Some(0))));
        assert_eq!(named("core-4294967295.img"), Some((Kind::Core, Some(0xffff_ffff))));
        assert_eq!(named("pagemap-shmem-7.img"), Some((Kind::ShmemPagemap, Some(7))));
        assert_eq!(named("pagemap-4294967296.img"), Some((Kind::Pagemap, Some(1 << 32))));
        assert_eq!(named("tmpfs-dev-42.tar.gz.img"), Some((Kind::TmpfsDev, Some(42))));
        assert_eq!(named("stats-dump"), Some((Kind::Stats, None)));
        let odd = "core-007.img core-+7.img core- 7.img core--7.img core-0x7.img core-.img CORE-7.img ._core-1.img \
                   core-4294967296.img core-99999999999999999999.img core-7.img.bak core-7 dir/core-7.img \
                   pagemap-shmem-.img pages-.img tmpfs-dev-42.img";
        for name in odd.split(' ').filter(|name| !name.is_empty()) {
            assert_eq!(named(name), None, "{name}");
        }
        assert_eq!(named("core- 7.img"), None);
    }

    #[test]
    fn byte_order_and_head_magics_are_never_in_doubt() {
        let magics: HashSet<u32> =
            Kind::ALL.iter().filter_map(|kind| kind.magic()).chain([IMG_COMMON, IMG_SERVICE]).collect();
        for magic in &magics {
            assert!(!magics.contains(&magic.swap_bytes()), "{magic:#x} and its mirror");
        }
    }

    #[test]
    fn rows_have_names_of_their_own() {
        let patterns: Vec<_> =
            Kind::ALL.iter().flat_map(|kind| kind.row().files).map(|file| file.pattern).collect();
        let distinct: HashSet<_> = patterns.iter().collect();
        // Only the pages of 0.1 to 0.4 share theirs with the later raw ones.
        assert_eq!(distinct.len() + 1, patterns.len());
        for kind in Kind::ALL {
            assert_eq!(kind.row().kind, *kind);
            assert!(kind.row().about().ends_with('.') && !kind.row().about().starts_with(' '), "{kind}");
            let has_magic = !matches!(kind.row().framing, Framing::Raw | Framing::Plugin);
            assert_eq!(has_magic, kind.magic().is_some(), "{kind}");
        }
    }
}
