//! One pages file: the member, how its pages are stored, and how many there are.

use std::sync::OnceLock;

use bstr::BString;
use icecore_archive::{Member, SharedSource, read_full_at};

use super::run::Reason;
use crate::images::Images;

/// A pages file of one checkpoint of the chain.
#[derive(Debug)]
pub(super) struct PagesFile {
    name: BString,
    /// How many checkpoints back in the chain; 0 is the one that was opened.
    depth: u32,
    member: Option<Member>,
    packed: bool,
    /// Opened on first use: what only counts pages never needs them.
    source: OnceLock<Result<SharedSource, String>>,
}

impl PagesFile {
    /// The pages file of this number in a directory.
    pub(super) fn find(images: &Images, number: u32, depth: u32, packed: bool) -> Self {
        let name = format!("pages-{number}.img");
        Self {
            name: images.full_name(&name),
            depth,
            packed,
            member: images.member(&name).cloned(),
            source: OnceLock::new(),
        }
    }

    pub(super) fn member(&self) -> &BString {
        &self.name
    }

    pub(super) fn depth(&self) -> u32 {
        self.depth
    }

    /// Whether it is in the archive.
    pub(super) fn is_there(&self) -> bool {
        self.member.is_some()
    }

    /// Bytes of pages that can be read.
    pub(super) fn length(&self) -> u64 {
        self.member.as_ref().map_or(0, |member| member.available)
    }

    /// Where the bytes at `offset` among its pages lie in the member.
    pub(super) fn position(&self, offset: u64) -> Option<u64> {
        Some(offset)
    }

    pub(super) fn as_slice(&self) -> Option<&[u8]> {
        self.source().ok()?.as_slice()
    }

    /// Fills `buffer` with its pages from `offset` on.
    pub(super) fn read(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Reason> {
        let source = self.source().map_err(|why| Reason::Damaged(why.clone()))?;
        match read_full_at(source.as_ref(), offset, buffer) {
            Ok(count) if count == buffer.len() => Ok(()),
            Ok(_) => Err(Reason::PagesShort(self.name.clone())),
            Err(error) => Err(Reason::Damaged(format!("{}: {error}", self.name))),
        }
    }

    fn source(&self) -> Result<&SharedSource, &String> {
        let open = || match &self.member {
            Some(_) if self.packed => Err(format!("{}: its pages are compressed", self.name)),
            Some(member) => member.source().map_err(|error| error.to_string()),
            None => Err(format!("{} is not in the archive", self.name)),
        };
        self.source.get_or_init(open).as_ref()
    }
}
