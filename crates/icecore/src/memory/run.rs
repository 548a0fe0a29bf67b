//! A piece of an address space whose bytes come from one place, and why bytes are not there.

use bstr::BString;
use serde::Serialize;

use super::area::Area;
use super::pages::PagesFile;
use crate::Vaddr;
use crate::filesystem::Origin;

/// Where the bytes of a page come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PageSource {
    /// A pages file of this checkpoint.
    Stored,
    /// A pages file of an earlier checkpoint of the chain.
    Parent,
    /// A pages file, through an object that several areas or processes share.
    Shared,
    /// Nowhere: the page was never written and reads as zeros.
    Zero,
    /// The mapped file, which was not changed here: [`Run::origin`] says where it was found, if it was.
    File,
    /// A page server, which had them at restore: a lazy dump.
    Lazy,
    /// Not known; [`Run::reason`] says why.
    Unknown,
}

impl PageSource {
    /// All sources, in the order in which they are counted.
    pub const ALL: [Self; 7] =
        [Self::Stored, Self::Parent, Self::Shared, Self::Zero, Self::File, Self::Lazy, Self::Unknown];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Parent => "parent",
            Self::Shared => "shared",
            Self::Zero => "zero",
            Self::File => "file",
            Self::Lazy => "lazy",
            Self::Unknown => "unknown",
        }
    }
}

/// Why bytes cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// No area covers the address.
    #[error("not mapped")]
    Unmapped,
    /// A range of `MADV_GUARD_INSTALL`: an access would have ended in a signal.
    #[error("guard range, where any access would have failed")]
    Guard,
    /// The kernel or a device provides what is there, and CRIU does not store it.
    #[error("{0}, which CRIU does not store")]
    NotDumped(&'static str),
    /// An unmodified page of the mapped file.
    #[error("unmodified page of the mapped file, which is not among the images")]
    FileContent,
    /// What was found under the path of the mapped file is another one.
    #[error("unmodified page of the mapped file; {0}")]
    FileDiffers(String),
    /// The mapping is longer than the object behind it.
    #[error("behind the end of the shared object, where any access would have failed")]
    BeyondObject,
    /// The pagemap marks the page lazy: a page server had it.
    #[error("left to a page server by a lazy dump")]
    Lazy,
    /// The pagemap has an entry for the page that says of no place.
    #[error("the pagemap says neither that it is stored nor that a parent has it")]
    Placeless,
    /// A record of the pagemap in front of its own is damaged, so that nobody can say where in the pages file it is.
    #[error(
        "stored, but behind a damaged record of the pagemap, so that its place in the pages file is unknown"
    )]
    Displaced,
    /// It is in the parent checkpoint, which cannot be reached; why.
    #[error("in the parent checkpoint: {0}")]
    Parent(String),
    /// It should be in the parent checkpoint, whose pagemap has no entry for it.
    #[error("in the parent checkpoint, which does not have it")]
    NotInParent,
    /// The pages file is not in the archive.
    #[error("{0} is not in the archive")]
    PagesMissing(BString),
    /// The pages file ends in front of the page.
    #[error("{0} ends in front of it")]
    PagesShort(BString),
    /// Another object was written to the same image.
    #[error("{0} holds another object of the same number")]
    Overwritten(BString),
    /// The image that should say where the pages are is not in the archive.
    #[error("{0} is not in the archive, so that nothing says where its pages are")]
    PagemapMissing(BString),
    /// The stored form of the page is damaged, or the archive cannot be read there.
    #[error("{0}")]
    Damaged(String),
    /// More bytes were asked for than the caller allowed.
    #[error("the range is longer than the limit of {0} bytes")]
    TooLong(u64),
}

/// The bytes of a piece of memory: which pages file, and from which offset on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'m> {
    pub(super) file: &'m PagesFile,
    /// Offset among the decoded pages of the file, in bytes.
    pub(super) offset: u64,
}

/// The largest piece around an address whose bytes come from one place in one order.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Run<'m> {
    /// First address.
    pub start: Vaddr,
    /// First address behind it.
    pub end: Vaddr,
    /// Where its bytes come from.
    pub source: PageSource,
    /// Why there are none. `None`: there are, or it reads as zeros.
    pub reason: Option<Reason>,
    /// The area it lies in. `None`: the address is not mapped, or the pagemap has pages where no area is.
    #[serde(skip)]
    pub area: Option<&'m Area>,
    #[serde(skip)]
    pub(super) place: Option<Place<'m>>,
}

impl<'m> Run<'m> {
    /// Bytes of address space.
    pub fn length(&self) -> u64 {
        self.end.0.saturating_sub(self.start.0)
    }

    /// The member that holds its bytes.
    pub fn member(&self) -> Option<&'m BString> {
        self.place.map(|place| place.file.member())
    }

    /// Where the mapped file was found that has its bytes. `None`: they are pages that the process or an object had.
    pub fn origin(&self) -> Option<Origin> {
        self.place.and_then(|place| place.file.origin())
    }

    /// Where its bytes begin in [`Run::member`], in bytes; for compressed pages, where the block begins that has the
    /// first of them.
    pub fn offset(&self) -> Option<u64> {
        self.place.and_then(|place| place.file.position(place.offset))
    }

    /// Its bytes, where the pages file lies in memory as it is.
    pub fn as_slice(&self) -> Option<&'m [u8]> {
        let place = self.place?;
        let start = usize::try_from(place.offset).ok()?;
        let end = start.checked_add(usize::try_from(self.length()).ok()?)?;
        place.file.as_slice()?.get(start..end)
    }

    /// The part of it from an address on.
    #[must_use]
    pub fn from(mut self, start: Vaddr) -> Self {
        let skipped = start.0.saturating_sub(self.start.0).min(self.length());
        self.start = Vaddr(self.start.0.saturating_add(skipped));
        if let Some(place) = &mut self.place {
            place.offset = place.offset.saturating_add(skipped);
        }
        self
    }

    /// Whether its bytes can be had: stored somewhere, or zeros.
    pub fn is_known(&self) -> bool {
        self.reason.is_none()
    }
}
