//! The markers of all shards, in the order of their numbers, made into members.

use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::shard::{Entry, Markers, Shard, What};
use crate::finding::{Code, Finding, Findings};
use crate::member::{Content, Member, MemberKind};
use crate::source::{Piece, Pieces, SharedSource};
use crate::{Limits, MemberName};

/// The members of a stream, in the order in which they first appear.
///
/// What lies in front of the first missing marker is served. What lies behind it is not: bytes on both sides of a gap
/// are no neighbours, and whose they are depends on what is missing.
pub(super) fn members(
    markers: Markers,
    shards: &[Shard],
    limits: &Limits,
    findings: &mut Findings,
) -> Vec<Member> {
    let Markers { mut list, names, .. } = markers;
    // Each shard is in order already, of which this sort makes use; of equal numbers the first shard's is taken.
    list.sort_by_key(|entry| entry.number);
    let mut sequence = Sequence::default();
    let mut files = Files::new(&names, shards, limits);
    let (mut ended, mut has_end, mut behind) = (false, false, 0_u64);
    for entry in &list {
        match sequence.step(entry.number) {
            Step::Twice => continue,
            Step::Next if ended => behind = behind.saturating_add(1),
            Step::Next => files.apply(entry, findings),
            Step::BehindGap => {}
        }
        has_end |= entry.what == What::StreamEnd;
        ended |= entry.what == What::StreamEnd && sequence.first_missing.is_none();
    }
    drop(list);
    if behind > 0 {
        let text = format!("{behind} markers follow the end marker by their numbers; they were not used");
        findings.add(Finding::new(Code::TrailingData, text));
    }
    if sequence.twice > 0 {
        findings.add(Finding::new(Code::StreamTwice, sequence.twice_text()));
    }
    if let Some(first) = sequence.first_missing {
        findings.add(files.in_the_midst(Code::StreamGap, &sequence.gap_text(first)));
    }
    if !has_end {
        let text = "the stream has no end marker: it was cut off, or is still being written";
        findings.add(files.in_the_midst(Code::StreamNoEnd, text));
    }
    files.into_members()
}

/// Which numbers there are, counted without counting through those that are not.
#[derive(Debug, Default)]
struct Sequence {
    /// The number that came last; `None` before the first.
    last: Option<u64>,
    first_missing: Option<u64>,
    missing: u64,
    first_twice: Option<u64>,
    twice: u64,
}

/// Where a number stands in the sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Next,
    Twice,
    BehindGap,
}

impl Sequence {
    /// Takes the next number, of a sorted list.
    fn step(&mut self, number: u64) -> Step {
        let skipped = match self.last {
            None => number,
            Some(last) if last == number => {
                self.first_twice.get_or_insert(number);
                self.twice = self.twice.saturating_add(1);
                return Step::Twice;
            }
            Some(last) => number.saturating_sub(last).saturating_sub(1),
        };
        self.last = Some(number);
        if skipped > 0 {
            self.first_missing.get_or_insert(number.saturating_sub(skipped));
            self.missing = self.missing.saturating_add(skipped);
        }
        if self.first_missing.is_some() { Step::BehindGap } else { Step::Next }
    }

    fn twice_text(&self) -> String {
        let first = self.first_twice.unwrap_or_default();
        match self.twice {
            1 => format!("marker {first} is there twice; it counts once"),
            count => {
                format!("{count} markers are there more than once, the first is {first}; they count once")
            }
        }
    }

    fn gap_text(&self, first: u64) -> String {
        let last = self.last.unwrap_or_default();
        let missing = self.missing;
        format!(
            "marker {first} is missing, {missing} in all in front of marker {last}; nothing behind the gap was used"
        )
    }
}

/// The files as they grow.
struct Files<'a> {
    names: &'a [BString],
    shards: &'a [Shard],
    limit: u64,
    list: Vec<File>,
    /// For each name its file.
    by_name: Vec<Option<usize>>,
    current: Current,
}

/// What the data that comes next belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Current {
    Nothing,
    /// A file above the limit on members.
    Unlisted,
    File(usize),
}

/// One file: its pieces, with the number of a shard as base.
#[derive(Debug)]
struct File {
    name: u32,
    pieces: Vec<Piece>,
    size: u64,
    available: u64,
    ended: bool,
}

impl<'a> Files<'a> {
    fn new(names: &'a [BString], shards: &'a [Shard], limits: &Limits) -> Self {
        let by_name = vec![None; names.len()];
        Self { names, shards, limit: limits.members, list: Vec::new(), by_name, current: Current::Nothing }
    }

    fn apply(&mut self, entry: &Entry, findings: &mut Findings) {
        match (entry.what, self.current) {
            (What::Name(name), _) => self.current = self.file(name, findings),
            (What::Data(length), Current::File(at)) => {
                let end = self.shard(entry).map_or(0, |shard| shard.source.len());
                let there = end.saturating_sub(entry.offset).min(length.into());
                if let Some(file) = self.list.get_mut(at) {
                    file.add(entry, length.into(), there);
                }
            }
            (What::Data(length), Current::Nothing) => {
                let (number, offset) = (entry.number, entry.offset);
                let name = self.shard(entry).map_or("", |shard| &shard.name);
                let text = format!(
                    "{name}: marker {number} announces {length} bytes at offset {offset:#x} in front of any file name"
                );
                findings.add(Finding::new(Code::StreamStray, text).at(offset));
            }
            (What::FileEnd, Current::File(at)) => {
                if let Some(file) = self.list.get_mut(at) {
                    file.ended = true;
                }
            }
            _ => {}
        }
    }

    fn shard(&self, entry: &Entry) -> Option<&'a Shard> {
        self.shards.get(usize::try_from(entry.shard).ok()?)
    }

    /// The file of a name, which may come back after others.
    fn file(&mut self, name: u32, findings: &mut Findings) -> Current {
        let next = self.list.len();
        let known = usize::try_from(name).ok().and_then(|name| self.by_name.get_mut(name));
        let Some(known) = known else { return Current::Unlisted };
        if let Some(known) = *known {
            return Current::File(known);
        }
        if next as u64 >= self.limit {
            if self.current != Current::Unlisted {
                let text = format!("more than {} members (limit `members`)", self.limit);
                findings.add(Finding::new(Code::TooManyMembers, text));
            }
            return Current::Unlisted;
        }
        *known = Some(next);
        self.list.push(File { name, pieces: Vec::new(), size: 0, available: 0, ended: false });
        Current::File(next)
    }

    fn name(&self, file: &File) -> &'a BStr {
        let name = usize::try_from(file.name).ok().and_then(|name| self.names.get(name));
        name.map(|name| name.as_bstr()).unwrap_or_default()
    }

    /// A finding about where the stream stopped: in which file, and which others wait for more.
    fn in_the_midst(&self, code: Code, text: &str) -> Finding {
        let open = self.list.iter().filter(|file| !file.ended);
        let mut finding = match open.clone().count() {
            0 => Finding::new(code, text),
            1 => Finding::new(code, format!("{text}; one member may be incomplete")),
            count => Finding::new(code, format!("{text}; {count} members may be incomplete")),
        };
        let current = if let Current::File(at) = self.current { self.list.get(at) } else { None };
        if let Some(file) = current.filter(|file| !file.ended) {
            finding = finding.of(&MemberName::new(self.name(file)));
        }
        finding
    }

    fn into_members(mut self) -> Vec<Member> {
        let list = std::mem::take(&mut self.list);
        list.into_iter().map(|file| member(self.name(&file), file, self.shards)).collect()
    }
}

impl File {
    /// Adds data, of which not all may be there; what follows a piece that is cut is not joined to it.
    fn add(&mut self, entry: &Entry, length: u64, there: u64) {
        if self.available == self.size && there > 0 {
            let base = usize::try_from(entry.shard).unwrap_or(usize::MAX);
            self.pieces.push(Piece { start: self.size, length: there, base, offset: entry.offset });
            self.available = self.available.saturating_add(there);
        }
        self.size = self.size.saturating_add(length);
    }
}

fn member(raw_name: &BStr, file: File, shards: &[Shard]) -> Member {
    let File { mut pieces, size, available, .. } = file;
    let offset = pieces.first().map_or(0, |piece| piece.offset);
    // A member holds on to the shards that it lies in, and no others.
    let mut used: Vec<usize> = pieces.iter().map(|piece| piece.base).collect();
    used.sort_unstable();
    used.dedup();
    for piece in &mut pieces {
        piece.base = used.binary_search(&piece.base).unwrap_or(usize::MAX);
    }
    let bases: Vec<SharedSource> =
        used.iter().filter_map(|&shard| shards.get(shard)).map(|shard| shard.source.clone()).collect();
    let content = Content::Source(Arc::new(Pieces::new(bases, pieces, available)));
    let new = Member::new(MemberKind::File, raw_name);
    let mut member = Member { size, offset, content: Some(Arc::new(content)), ..new };
    member.set_available(available);
    member
}
