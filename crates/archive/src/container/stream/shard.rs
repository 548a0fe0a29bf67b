//! One shard: markers, each behind its length, and data behind those that announce it.

use std::collections::BTreeMap;
use std::io;

use bstr::BString;

use super::marker::{self, Body, LENGTH, LONGEST, Marker};
use crate::finding::{Code, Finding, Findings};
use crate::source::{SharedSource, read_full_at};

/// A part of a stream.
#[derive(Debug)]
pub(super) struct Shard {
    /// What findings call it.
    pub(super) name: String,
    pub(super) source: SharedSource,
}

/// The markers of all shards as they were read.
#[derive(Debug)]
pub(super) struct Markers {
    pub(super) list: Vec<Entry>,
    /// The names that markers gave, each once.
    pub(super) names: Vec<BString>,
    by_name: BTreeMap<BString, u32>,
    limit: u64,
}

/// A marker, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) number: u64,
    /// Where the marker ends in its shard, which is where data begins.
    pub(super) offset: u64,
    pub(super) shard: u32,
    pub(super) what: What,
}

/// A [`Body`] with its name in the list of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Nothing,
    Name(u32),
    Data(u32),
    FileEnd,
    StreamEnd,
}

impl Markers {
    /// No markers yet, and at most `limit` of them.
    pub(super) fn new(limit: u64) -> Self {
        Self { list: Vec::new(), names: Vec::new(), by_name: BTreeMap::new(), limit }
    }

    /// Reads the markers of a shard, as far as they are sound.
    ///
    /// # Errors
    /// What the source says; damage is told in `findings`.
    pub(super) fn read(&mut self, index: usize, shard: &Shard, findings: &mut Findings) -> io::Result<()> {
        let Ok(index) = u32::try_from(index) else { return Ok(()) };
        let mut tell = |code, offset: u64, text: String| {
            findings.add(Finding::new(code, format!("{}: {text}", shard.name)).at(offset));
        };
        let mut ahead = Ahead::new(&shard.source);
        let end = shard.source.len();
        let mut offset = 0_u64;
        while offset < end {
            if self.list.len() as u64 >= self.limit {
                let text = format!("more than {} markers (limit `markers`)", self.limit);
                tell(Code::TooManyMembers, offset, text);
                break;
            }
            let (marker, behind) = match ahead.marker(offset)? {
                Found::Marker(marker, behind) => (marker, behind),
                Found::Cut => break,
                Found::Damage(code, text) => {
                    let text = format!("the marker at offset {offset:#x} {text}; nothing behind it was read");
                    tell(code, offset, text);
                    break;
                }
            };
            let what = self.intern(marker.body);
            self.list.push(Entry { number: marker.number, offset: behind, shard: index, what });
            offset = match what {
                What::Data(length) => behind.saturating_add(length.into()),
                _ => behind,
            };
            if what == What::StreamEnd {
                let rest = end.saturating_sub(offset);
                if rest > 0 {
                    let text = format!("{rest} bytes follow the end marker at offset {offset:#x}");
                    tell(Code::TrailingData, offset, text);
                }
                break;
            }
        }
        Ok(())
    }

    fn intern(&mut self, body: Option<Body<'_>>) -> What {
        match body {
            None => What::Nothing,
            Some(Body::Data(length)) => What::Data(length),
            Some(Body::FileEnd) => What::FileEnd,
            Some(Body::StreamEnd) => What::StreamEnd,
            Some(Body::Name(name)) => {
                if let Some(&known) = self.by_name.get(name) {
                    return What::Name(known);
                }
                // There are at most as many names as markers, and these are fewer than 2^32.
                let new = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
                self.names.push(name.into());
                self.by_name.insert(name.into(), new);
                What::Name(new)
            }
        }
    }
}

/// A source read in small portions, since only a few bytes are wanted between long stretches of data.
struct Ahead<'a> {
    source: &'a SharedSource,
    bytes: Vec<u8>,
    start: u64,
}

/// What stands where a marker should.
enum Found<'a> {
    /// A marker, and the offset behind it.
    Marker(Marker<'a>, u64),
    /// The end of the shard.
    Cut,
    /// Something else; what.
    Damage(Code, String),
}

/// How much is read at once where less is asked for, in bytes.
const PORTION: usize = 1 << 10;

impl<'a> Ahead<'a> {
    fn new(source: &'a SharedSource) -> Self {
        Self { source, bytes: Vec::new(), start: 0 }
    }

    fn marker(&mut self, offset: u64) -> io::Result<Found<'_>> {
        let Some(&claim) = self.at(offset, LENGTH)?.first_chunk::<LENGTH>() else { return Ok(Found::Cut) };
        let Some(length) = marker::length(claim) else {
            let claim = u32::from_le_bytes(claim);
            let text = format!("claims {claim} bytes, expected at most {LONGEST}");
            return Ok(Found::Damage(Code::BadSize, text));
        };
        let start = offset.saturating_add(LENGTH as u64);
        let bytes = self.at(start, length)?;
        if bytes.len() < length {
            return Ok(Found::Cut);
        }
        Ok(match marker::parse(bytes) {
            Some(marker) => Found::Marker(marker, start.saturating_add(length as u64)),
            None => Found::Damage(
                Code::BadHeader,
                String::from("is no message with the fields 1 to 5 of a marker"),
            ),
        })
    }

    /// The `length` bytes from `offset` on, or as many as there are.
    fn at(&mut self, offset: u64, length: usize) -> io::Result<&[u8]> {
        if self.have(offset, length).is_none() {
            self.bytes.resize(length.max(PORTION), 0);
            let count = read_full_at(self.source.as_ref(), offset, &mut self.bytes)?;
            self.bytes.truncate(count);
            self.start = offset;
        }
        Ok(self.have(offset, length).unwrap_or(&self.bytes))
    }

    fn have(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let from = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        self.bytes.get(from..from.checked_add(length)?)
    }
}
