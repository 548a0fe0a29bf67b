//! Where the pages of one process or one shared object are, through all checkpoints of the chain.

use super::chain::Chain;
use super::counted::Counted;
use super::files::SegmentContent;
use super::nearby::first_behind;
use super::page_size::PageSize;
use super::pagemap::{Entry, EntryPlace, Pagemap};
use super::pages::PagesFile;
use super::run::Reason;
use crate::Diagnostic;
use crate::diagnostic::{PAGEMAP_ODD, PARENT_MISSING};
use crate::images::Images;

/// Spans of addresses with the place of their bytes, sorted, none over another. Addresses between them have no entry.
#[derive(Debug, Default)]
pub(super) struct Backing {
    pub(super) spans: Vec<Span>,
    files: Vec<PagesFile>,
    chain_end: String,
    /// Bytes of a page.
    pub(super) page_size: u64,
    /// Whether there was a pagemap at all.
    pub(super) exists: bool,
}

/// One span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) place: SpanPlace,
}

/// Where the bytes of a span are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SpanPlace {
    /// In one of the files, from an offset on.
    Stored { file: u32, offset: u64 },
    /// In one of the files, which is not there or ends in front of it.
    Short { file: u32 },
    /// With a page server.
    Lazy,
    /// In a pages file, nobody can say where.
    Displaced,
    /// The pagemap does not say.
    None,
    /// In a parent that cannot be reached.
    NoParent,
    /// In the parent, which does not have it.
    NotInParent,
}

impl SpanPlace {
    fn behind(self, bytes: u64) -> Self {
        match self {
            Self::Stored { file, offset } => Self::Stored { file, offset: offset.saturating_add(bytes) },
            other => other,
        }
    }
}

impl Span {
    fn cut_front(self, start: u64) -> Self {
        let place = self.place.behind(start.saturating_sub(self.start));
        Self { start, place, ..self }
    }
}

impl Backing {
    /// Reads the pagemap of this name in a checkpoint, and in its parents as far as pages are there.
    pub(super) fn read(chain: &Chain, name: &str, hint: PageSize, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut maps: Vec<(&Images, Pagemap)> = Vec::new();
        for images in &chain.links {
            let Some(pagemap) = Pagemap::read(images, name, diagnostics) else { break };
            let more = pagemap.needs_parent();
            maps.push((images, pagemap));
            if !more {
                break;
            }
        }
        let mut backing = Self { chain_end: chain.end.clone(), exists: !maps.is_empty(), ..Self::default() };
        let deepest = maps.len().saturating_sub(1);
        let reaches = maps.len() < chain.links.len();
        if maps.last().is_some_and(|(_, pagemap)| pagemap.needs_parent()) && !reaches {
            chain.tell_end(deepest, diagnostics);
        }
        let mut below: Option<Vec<Span>> = reaches.then(Vec::new);
        for (depth, (images, pagemap)) in maps.iter().enumerate().rev() {
            if let Some(number) = pagemap.pages_id.filter(|_| pagemap.present > 0) {
                chain.claim(depth, number, name, diagnostics);
            }
            below = Some(backing.add(images, pagemap, depth, below.as_deref(), hint, diagnostics));
        }
        backing.spans = below.unwrap_or_default();
        backing
    }

    /// Bytes that stand in an image themselves, all of them behind each other.
    pub(super) fn of_bytes(images: &Images, content: &SegmentContent, size: u64, hint: PageSize) -> Self {
        let file = PagesFile::of_image(images, &content.image);
        let mut spans = Spans { list: Vec::new(), length: file.readable() };
        let place = SpanPlace::Stored { file: 0, offset: content.offset };
        spans.push_cut(Span { start: 0, end: size, place });
        Self {
            spans: spans.list,
            files: vec![file],
            page_size: hint.plain(),
            exists: true,
            ..Self::default()
        }
    }

    /// Puts the entries of one checkpoint over the spans of those before it.
    fn add(
        &mut self,
        images: &Images,
        pagemap: &Pagemap,
        depth: usize,
        below: Option<&[Span]>,
        hint: PageSize,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<Span> {
        let depth = u32::try_from(depth).unwrap_or(u32::MAX);
        let mut file = pagemap.pages_id.map(|number| PagesFile::find(images, number, depth));
        let length = file.as_ref().filter(|_| pagemap.forms.is_empty()).and_then(PagesFile::plain_length);
        self.page_size = hint.of(pagemap, length, images, diagnostics);
        if let Some(file) = &mut file {
            file.look(pagemap, self.page_size, images, diagnostics);
            file.tell_length(pagemap, self.page_size, images, diagnostics);
        }
        let length = file.as_ref().map_or(0, PagesFile::readable);
        let index = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        self.files.extend(file);
        let raw = self.entries(pagemap, index, images, diagnostics);
        let mut spans = Spans { list: Vec::with_capacity(raw.len()), length };
        let mut below_from = 0;
        let mut absent = Counted::default();
        for span in raw {
            match span.place {
                SpanPlace::NoParent => {
                    let Some(below) = below else {
                        spans.push(span);
                        continue;
                    };
                    below_from = spans.push_parent(span, below, below_from, &mut absent);
                }
                _ => spans.push_cut(span),
            }
        }
        if let Some((start, end)) = absent.first {
            let text = format!(
                "{} runs of pages are said to be in the parent checkpoint; the one at hand does not have them: it is cut, or \
                 not the one that came before this; the first: {start:#x} to {end:#x}",
                absent.count
            );
            diagnostics.push(Diagnostic::new(PARENT_MISSING, text).of(images.full_name(&pagemap.name)));
        }
        spans.list
    }

    /// The entries as spans: sorted, where two lie over each other the one with the lower start counting.
    fn entries(
        &self,
        pagemap: &Pagemap,
        file: u32,
        images: &Images,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<Span> {
        let mut odd = Oddities::default();
        let mut spans: Vec<Span> = Vec::with_capacity(pagemap.entries.len());
        for entry in &pagemap.entries {
            match span_of(entry, self.page_size, file) {
                Some(span) => spans.push(span),
                None => odd.endless.add(entry.vaddr, entry.pages),
            }
        }
        if !spans.is_sorted_by_key(|span| span.start) {
            odd.unsorted = true;
            spans.sort_by_key(|span| span.start);
        }
        let mut end = 0;
        spans.retain_mut(|span| {
            if span.start < end {
                odd.overlaps.add(span.start, span.end);
                *span = span.cut_front(end.min(span.end));
            }
            end = end.max(span.end);
            span.start < span.end
        });
        odd.tell(pagemap, images, diagnostics);
        spans
    }

    /// The span that covers an address, or where the next one starts.
    pub(super) fn at(&self, address: u64) -> Result<Span, Option<u64>> {
        self.near(address, &mut 0)
    }

    /// The same, looked for first where `near` says.
    pub(super) fn near(&self, address: u64, near: &mut usize) -> Result<Span, Option<u64>> {
        let next = first_behind(&self.spans, |span| span.end, address, near);
        match self.spans.get(next) {
            Some(span) if span.start <= address => Ok(span.cut_front(address)),
            Some(span) => Err(Some(span.start)),
            None => Err(None),
        }
    }

    /// Bytes that are stored.
    pub(super) fn stored(&self) -> u64 {
        let stored = self.spans.iter().filter(|span| matches!(span.place, SpanPlace::Stored { .. }));
        stored.fold(0, |sum, span| sum.saturating_add(span.end.saturating_sub(span.start)))
    }

    /// The file that a span names.
    pub(super) fn file(&self, file: u32) -> Option<&PagesFile> {
        self.files.get(usize::try_from(file).ok()?)
    }

    /// Why the bytes of a place cannot be had; `None` for one that is stored.
    pub(super) fn reason(&self, place: SpanPlace) -> Option<Reason> {
        Some(match place {
            SpanPlace::Stored { .. } => return None,
            SpanPlace::Short { file } => match self.file(file) {
                Some(file) if file.is_there() => Reason::PagesShort(file.member().clone()),
                Some(file) => Reason::PagesMissing(file.member().clone()),
                None => Reason::Placeless,
            },
            SpanPlace::Lazy => Reason::Lazy,
            SpanPlace::Displaced => Reason::Displaced,
            SpanPlace::None => Reason::Placeless,
            SpanPlace::NoParent => Reason::Parent(self.chain_end.clone()),
            SpanPlace::NotInParent => Reason::NotInParent,
        })
    }
}

/// The span of an entry; `None` where it leaves the 64 bits of an address.
fn span_of(entry: &Entry, page_size: u64, file: u32) -> Option<Span> {
    let length = entry.pages.checked_mul(page_size)?;
    let end = entry.vaddr.checked_add(length)?;
    let place = match entry.place {
        EntryPlace::Present(first) => SpanPlace::Stored { file, offset: first.saturating_mul(page_size) },
        EntryPlace::Parent => SpanPlace::NoParent,
        EntryPlace::Lazy => SpanPlace::Lazy,
        EntryPlace::Displaced => SpanPlace::Displaced,
        EntryPlace::None => SpanPlace::None,
    };
    Some(Span { start: entry.vaddr, end, place })
}

/// Spans that are being put together.
struct Spans {
    list: Vec<Span>,
    /// Bytes that the pages file has.
    length: u64,
}

impl Spans {
    /// Adds a span, cut where the pages file ends.
    fn push_cut(&mut self, span: Span) {
        let SpanPlace::Stored { file, offset } = span.place else { return self.push(span) };
        let there = self.length.saturating_sub(offset).min(span.end.saturating_sub(span.start));
        let cut = span.start.saturating_add(there);
        self.push(Span { end: cut, ..span });
        self.push(Span { start: cut, end: span.end, place: SpanPlace::Short { file } });
    }

    /// Adds a span, joined to the last where it goes on there: CRIU cuts runs as its buffers were full.
    fn push(&mut self, span: Span) {
        if span.start >= span.end {
            return;
        }
        if let Some(last) = self.list.last_mut()
            && last.end == span.start
            && last.place.behind(last.end.saturating_sub(last.start)) == span.place
        {
            last.end = span.end;
            return;
        }
        self.list.push(span);
    }

    /// Adds what the parent has of a span, beginning to look at `from`, and says where to begin the next time.
    /// What it does not have is counted in `absent`.
    fn push_parent(&mut self, span: Span, below: &[Span], from: usize, absent: &mut Counted) -> usize {
        let mut at = from;
        let mut start = span.start;
        while start < span.end {
            while below.get(at).is_some_and(|under| under.end <= start) {
                at = at.saturating_add(1);
            }
            let next = below.get(at).filter(|under| under.start < span.end);
            let gap_end = next.map_or(span.end, |under| under.start.max(start));
            if start < gap_end {
                absent.add(start, gap_end);
                self.push(Span { start, end: gap_end, place: SpanPlace::NotInParent });
            }
            start = gap_end;
            if let Some(under) = next {
                let piece = under.cut_front(start);
                let end = piece.end.min(span.end);
                self.push(Span { end, ..piece });
                start = end;
            }
        }
        at
    }
}

/// What is odd about the entries of a pagemap, counted; the first of each kind is named.
#[derive(Debug, Default)]
struct Oddities {
    unsorted: bool,
    /// An address and a number of pages, where all others are ranges.
    endless: Counted,
    overlaps: Counted,
}

impl Oddities {
    fn tell(&self, pagemap: &Pagemap, images: &Images, diagnostics: &mut Vec<Diagnostic>) {
        let mut tell = |text: String| {
            diagnostics.push(Diagnostic::new(PAGEMAP_ODD, text).of(images.full_name(&pagemap.name)));
        };
        if self.unsorted {
            tell("the entries are not sorted by address; the pages file follows their order".to_owned());
        }
        if let Some((vaddr, pages)) = self.endless.first {
            let count = self.endless.count;
            tell(format!(
                "{count} entries leave the 64 bits of an address and cover nothing, the first with {pages} pages at {vaddr:#x}"
            ));
        }
        if let Some((start, end)) = self.overlaps.first {
            let count = self.overlaps.count;
            tell(format!(
                "{count} entries lie over others, the first at {start:#x} to {end:#x}; where both have bytes, those of \
                 the entry that begins lower, or stands first, are shown"
            ));
        }
    }
}
