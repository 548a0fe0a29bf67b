//! Bytes beside mapped memory that are searched as one, and what a hit in them is said to be in.

use std::sync::Arc;

use bstr::BString;
use icecore::archive::{Member, SharedSource, read_full_at};
use icecore::memory::Object;

use super::hit::{Hit, InQueue};
use super::matches::{Match, Matches};
use super::owners::Spaces;
use super::place::{Beside, Source};
use super::queued::Queued;
use super::{CONTEXT, Needles};
use crate::meter::Meter;
use crate::windows::{InSource, Windows};

/// Bytes that are searched as one.
pub(super) struct Content<'a> {
    pub(super) beside: Beside,
    pub(super) path: Option<BString>,
    pub(super) member: BString,
    pub(super) bytes: SharedSource,
    pub(super) lies: Lies<'a>,
}

/// How places in the content are places in the archive.
pub(super) enum Lies<'a> {
    /// They are the same.
    Alike,
    /// As an object has its pages, of which parts are searched elsewhere.
    InObject(Arc<Object>, &'a Spaces),
    /// As a queue has its messages.
    InQueue(Arc<Queued>),
}

impl<'a> Content<'a> {
    /// A member as it is. `None`: it cannot be read.
    pub(super) fn of(beside: Beside, member: &Member) -> Option<Self> {
        let bytes = member.source().ok()?;
        Some(Self { beside, path: None, member: member.name.as_bytes().into(), bytes, lies: Lies::Alike })
    }

    /// All hits in it.
    pub(super) fn hits(
        self,
        needles: &'a Needles,
        meter: Option<&'a Meter>,
    ) -> impl Iterator<Item = Hit> + use<'a> {
        let windows = Windows::new(InSource::new(self.bytes.clone()), needles.longest(), meter);
        Matches::new(windows, needles).filter_map(move |found| self.hit(found))
    }

    /// The hit of a match; `None` if a search of memory gives it.
    fn hit(&self, found: Match) -> Option<Hit> {
        let Match { at, pattern, length, matched } = found;
        let (member, offset, queue) = self.place(at, length)?;
        let end = at.saturating_add(length);
        Some(Hit {
            pattern,
            matched,
            length,
            before: self.context(at.saturating_sub(CONTEXT), at),
            after: self.context(end, end.saturating_add(CONTEXT)),
            owners: Vec::new(),
            source: Source::Beside(self.beside),
            path: self.path.clone(),
            queue,
            member,
            offset,
        })
    }

    fn place(&self, at: u64, length: u64) -> Option<(Option<BString>, Option<u64>, Option<InQueue>)> {
        match &self.lies {
            Lies::Alike => Some((Some(self.member.clone()), Some(at), None)),
            Lies::InObject(object, spaces) => {
                if spaces.see(object, at, length) {
                    return None;
                }
                let place = object.place(at);
                Some((place.map(|(member, _)| member.clone()), place.map(|(_, offset)| offset), None))
            }
            Lies::InQueue(queued) => {
                let (offset, queue) = queued.place(at);
                Some((Some(self.member.clone()), Some(offset), Some(queue)))
            }
        }
    }

    /// Bytes beside a match, if they can be read.
    fn context(&self, start: u64, end: u64) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(end.saturating_sub(start)).unwrap_or(0)];
        let read = read_full_at(self.bytes.as_ref(), start, &mut bytes).unwrap_or(0);
        bytes.truncate(read);
        bytes
    }
}
