//! Walking an address space piece by piece.

use std::ops::Range;

use super::area::{Area, AreaKind};
use super::backing::{Backing, Span, SpanPlace};
use super::nearby::Near;
use super::objects::{Gap, Object};
use super::pages::PagesFile;
use super::run::{PageSource, Place, Reason, Run};
use super::{Memory, Slot};
use crate::Vaddr;

impl Memory {
    /// The piece that begins at an address: as long as its bytes come from one place in one order, and it does not
    /// leave its area. An address that is not mapped gives the gap up to the next one that is, or that has pages.
    pub fn run_at(&self, address: Vaddr) -> Run<'_> {
        self.run_near(address, &mut Near::default())
    }

    fn run_near(&self, address: Vaddr, near: &mut Near) -> Run<'_> {
        let at = address.0;
        match self.slot_at(at, &mut near.slot) {
            Ok(slot) => self.run_in(slot, at, near),
            Err(next) => self.run_outside(at, next.unwrap_or(u64::MAX), near),
        }
    }

    /// All pieces that are mapped or have pages, by rising address.
    pub fn runs(&self) -> impl Iterator<Item = Run<'_>> {
        self.runs_within(Vaddr(0)..Vaddr(u64::MAX)).filter(|run| run.reason != Some(Reason::Unmapped))
    }

    /// The pieces of a range, without a gap between them: what is not mapped is a piece too.
    pub fn runs_within(&self, range: Range<Vaddr>) -> impl Iterator<Item = Run<'_>> {
        let mut at = range.start;
        let mut near = Near::default();
        std::iter::from_fn(move || {
            if at >= range.end {
                return None;
            }
            let mut run = self.run_near(at, &mut near);
            run.end = run.end.min(range.end);
            at = run.end;
            Some(run)
        })
    }

    fn run_in(&self, slot: Slot, at: u64, near: &mut Near) -> Run<'_> {
        let Some(area) = self.areas.get(slot.area) else { return unmapped(at, slot.end) };
        let mut end = slot.end;
        match self.guard_at(at) {
            Ok(guard) => return lost(area, at, end.min(guard), PageSource::Unknown, Reason::Guard),
            Err(next) => end = end.min(next),
        }
        match self.private.near(at, &mut near.span) {
            Ok(span) => {
                let source = |depth| if depth > 0 { PageSource::Parent } else { PageSource::Stored };
                from_span(Some(area), &self.private, span, at, end.min(span.end), source)
            }
            Err(next) => behind(area, at, end.min(next.unwrap_or(u64::MAX)), self.page_size),
        }
    }

    fn run_outside(&self, at: u64, end: u64, near: &mut Near) -> Run<'_> {
        match self.private.near(at, &mut near.span) {
            Ok(span) => {
                let source = |depth| if depth > 0 { PageSource::Parent } else { PageSource::Stored };
                from_span(None, &self.private, span, at, end.min(span.end), source)
            }
            Err(next) => unmapped(at, end.min(next.unwrap_or(u64::MAX))),
        }
    }

    /// The end of the guard range around an address, or where the next one starts.
    fn guard_at(&self, at: u64) -> Result<u64, u64> {
        let next = self.guards.partition_point(|(_, end)| *end <= at);
        match self.guards.get(next) {
            Some((start, end)) if *start <= at => Ok(*end),
            other => Err(other.map_or(u64::MAX, |(start, _)| *start)),
        }
    }
}

/// What an area shows where the process has no page of its own.
fn behind(area: &Area, at: u64, end: u64, page: u64) -> Run<'_> {
    if let Some(what) = area.not_dumped() {
        return lost(area, at, end, PageSource::Unknown, Reason::NotDumped(what));
    }
    if let Some(object) = &area.object {
        return in_object(area, object, at, end);
    }
    match area.kind {
        AreaKind::FilePrivate | AreaKind::FileShared => {
            match area.content.as_ref().map_or(Err(&Reason::FileContent), |content| content.get()) {
                Ok(file) => in_file(area, file, at, end, page),
                Err(reason) => lost(area, at, end, PageSource::File, reason.clone()),
            }
        }
        // These have all their pages in the image, so that one that is not there is lost.
        AreaKind::Vdso | AreaKind::Aio => lost(area, at, end, PageSource::Unknown, Reason::Placeless),
        AreaKind::Memfd | AreaKind::SharedAnon | AreaKind::SysvShm => {
            lost(area, at, end, PageSource::Unknown, Reason::NotDumped("a shared object without a record"))
        }
        _ => zeros(area, at, end),
    }
}

/// What an area shows of a file whose content is at hand: zeros behind its last byte up to the end of the page.
fn in_file<'m>(area: &'m Area, file: &'m PagesFile, at: u64, end: u64, page: u64) -> Run<'m> {
    let offset = area.offset.saturating_add(at.saturating_sub(area.start.0));
    let length = file.readable().min(u64::MAX / 2);
    let left = length.saturating_sub(offset);
    let padded = length.next_multiple_of(page.max(1)).saturating_sub(offset);
    let place = (left > 0).then_some(Place { file, offset });
    match if left > 0 { left } else { padded } {
        0 => lost(area, at, end, PageSource::File, Reason::BeyondObject),
        length => {
            let (start, end) = (Vaddr(at), Vaddr(end.min(at.saturating_add(length))));
            Run { start, end, source: PageSource::File, reason: None, area: Some(area), place }
        }
    }
}

fn in_object<'m>(area: &'m Area, object: &'m Object, at: u64, end: u64) -> Run<'m> {
    let within = at.saturating_sub(area.start.0);
    let Some(offset) = area.offset.checked_add(within) else {
        return lost(area, at, end, PageSource::Unknown, Reason::BeyondObject);
    };
    // From an offset in the object back to an address.
    let address = |limit: u64| at.saturating_add(limit.saturating_sub(offset));
    match object.at(offset) {
        Ok(span) => {
            let end = end.min(address(span.end));
            from_span(Some(area), object.backing(), span, at, end, |_| PageSource::Shared)
        }
        Err(Gap { end: limit, reason: None }) => zeros(area, at, end.min(address(limit))),
        Err(Gap { end: limit, reason: Some(reason) }) => {
            lost(area, at, end.min(address(limit)), PageSource::Unknown, reason)
        }
    }
}

/// A piece with an entry in a pagemap.
fn from_span<'m>(
    area: Option<&'m Area>,
    backing: &'m Backing,
    span: Span,
    at: u64,
    end: u64,
    source: impl FnOnce(u32) -> PageSource,
) -> Run<'m> {
    let place = match span.place {
        SpanPlace::Stored { file, offset } => backing.file(file).map(|file| Place { file, offset }),
        _ => None,
    };
    let source = match (place, span.place) {
        (Some(place), _) => source(place.file.depth()),
        (None, SpanPlace::Lazy) => PageSource::Lazy,
        (None, SpanPlace::NoParent | SpanPlace::NotInParent) => PageSource::Parent,
        _ => PageSource::Unknown,
    };
    Run { start: Vaddr(at), end: Vaddr(end), source, reason: backing.reason(span.place), area, place }
}

fn zeros(area: &Area, at: u64, end: u64) -> Run<'_> {
    let (start, end, area) = (Vaddr(at), Vaddr(end), Some(area));
    Run { start, end, source: PageSource::Zero, reason: None, area, place: None }
}

fn lost(area: &Area, at: u64, end: u64, source: PageSource, reason: Reason) -> Run<'_> {
    Run { start: Vaddr(at), end: Vaddr(end), source, reason: Some(reason), area: Some(area), place: None }
}

fn unmapped(at: u64, end: u64) -> Run<'static> {
    let (start, end) = (Vaddr(at), Vaddr(end));
    let reason = Some(Reason::Unmapped);
    Run { start, end, source: PageSource::Unknown, reason, area: None, place: None }
}
