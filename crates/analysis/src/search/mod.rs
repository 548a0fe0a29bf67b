//! Searching all memory of a checkpoint for bytes, and what it holds beside memory.
//!
//! A literal is found at any length, across pages, entries of pagemaps, areas that touch, and checkpoints of a chain. A
//! match of an expression is found up to [`MAX_MATCH`] bytes, or as long as was set; `^` and `$` match at the ends of what
//! is known without a gap. Each is given once for each place where its bytes are stored, with everybody who sees them
//! there.
//!
//! ```
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/minimal/checkpoint.tar");
//! use icecore::Checkpoint;
//! use icecore_analysis::search::{Needles, Pattern, Place, Search};
//!
//! let checkpoint = Checkpoint::open(path)?;
//! let needles = Needles::new(&[Pattern::literal("lantern"), Pattern::regex("L[A-Z]{3,9}=[^\0]+")])?;
//! let search = Search::new(&checkpoint, &needles).places(&Place::ALL);
//! for hit in search.hits().take(100) {
//!     println!("{}: {} bytes in {:?}", needles.name(hit.pattern), hit.length, hit.member);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod content;
mod expression;
mod hit;
mod matches;
mod owners;
mod pattern;
mod place;
mod queued;

use std::sync::OnceLock;

use icecore::archive::Member;
use icecore::filesystem::Origin;
use icecore::memory::AreaKind;
use icecore::metadata::Role;
use icecore::{Checkpoint, Memory, Vaddr};

pub use crate::filter::Filter;
use crate::hashes::stored;
use crate::meter::Meter;
use crate::windows::{InMemory, Windows};
use content::{Content, Lies};
pub use hit::{Hit, InQueue, Owner, Part};
use matches::{Match, Matches};
use owners::{Space, Spaces};
pub use pattern::{BadPattern, MAX_MATCH, Needles, Pattern};
pub use place::{Beside, Place, Source};

/// The most bytes of a match that are given.
pub const MAX_SHOWN: usize = 4096;
/// The most bytes around a match that are given, on each side.
pub const CONTEXT: u64 = 32;

/// A search that is to be made.
#[derive(Debug)]
pub struct Search<'a> {
    checkpoint: &'a Checkpoint,
    needles: &'a Needles,
    filter: Filter,
    places: Vec<Place>,
    meter: Option<&'a Meter>,
    spaces: OnceLock<Spaces>,
}

/// Contents of one place, each opened when it is its turn.
type Contents<'s> = Box<dyn Iterator<Item = Content<'s>> + 's>;

impl<'a> Search<'a> {
    /// A search of the memory of all processes.
    pub fn new(checkpoint: &'a Checkpoint, needles: &'a Needles) -> Self {
        let (filter, places) = (Filter::default(), vec![Place::Memory]);
        Self { checkpoint, needles, filter, places, meter: None, spaces: OnceLock::new() }
    }

    /// Searches only so much of [`Place::Memory`], and of [`Place::Queues`] only those of the processes; other places are
    /// searched as a whole.
    #[must_use]
    pub fn filter(self, filter: Filter) -> Self {
        Self { filter, spaces: OnceLock::new(), ..self }
    }

    /// Searches these places.
    #[must_use]
    pub fn places(self, places: &[Place]) -> Self {
        Self { places: places.to_vec(), ..self }
    }

    /// Counts the bytes that are searched; who stops the meter ends the search.
    #[must_use]
    pub fn meter(self, meter: &'a Meter) -> Self {
        Self { meter: Some(meter), ..self }
    }

    /// All hits, each when it is found: by process and address, then place by place. Dropping the iterator ends the search.
    pub fn hits(&self) -> impl Iterator<Item = Hit> {
        let in_memory = self.spaces().all.iter().enumerate();
        let in_memory = in_memory.flat_map(|(index, space)| self.hits_in(index, space));
        let beside = self.contents().flat_map(|content| content.hits(self.needles, self.meter));
        in_memory.chain(beside)
    }

    /// About how many bytes will be searched, to compare with what the meter says.
    pub fn total(&self) -> u64 {
        let memory = self.spaces().all.iter().map(|space| self.filter.length(&space.memory));
        let contents = self.contents().map(|content| stored(content.bytes.as_ref()));
        memory.chain(contents).fold(0, u64::saturating_add)
    }

    /// What is searched of memory, which of shared objects leaves the rest.
    fn spaces(&self) -> &Spaces {
        self.spaces.get_or_init(|| {
            let all = self.places.contains(&Place::Memory);
            if all { Spaces::of(self.checkpoint, &self.filter) } else { Spaces::default() }
        })
    }

    fn hits_in<'s>(&'s self, index: usize, space: &'s Space) -> impl Iterator<Item = Hit> + use<'s, 'a> {
        let (spaces, memory) = (self.spaces(), &*space.memory);
        let ground = InMemory::new(memory, &self.filter).without(move |run| spaces.show_before(index, run));
        let windows = Windows::new(ground, self.needles.longest(), self.meter);
        Matches::new(windows, self.needles).filter_map(move |found| hit(spaces, index, memory, found))
    }

    /// What is searched beside mapped memory.
    fn contents(&self) -> Contents<'_> {
        let is_stopped = || self.meter.is_some_and(Meter::is_stopped);
        let places = Place::ALL.into_iter().filter(|place| self.places.contains(place));
        Box::new(places.flat_map(|place| self.contents_of(place)).take_while(move |_| !is_stopped()))
    }

    fn contents_of(&self, place: Place) -> Contents<'_> {
        let checkpoint = self.checkpoint;
        match place {
            Place::Memory => Box::new(std::iter::empty()),
            Place::Files => Box::new(self.objects().chain(files(checkpoint))),
            Place::Queues => Box::new(queued::all(checkpoint, &self.filter)),
            Place::Logs => {
                let logs = checkpoint.logs().map(|(_, member)| member);
                Box::new(logs.filter_map(|member| Content::of(Beside::Log, member)))
            }
            Place::Documents => {
                let is_log = |member: &&Member| checkpoint.logs().any(|(_, log)| log.name == member.name);
                let members = Role::members().filter_map(|name| checkpoint.root().file(name));
                let members = members.filter(move |member| !is_log(member));
                Box::new(members.filter_map(|member| Content::of(Beside::Document, member)))
            }
            Place::Stale => {
                let members = checkpoint.stale_pages().into_iter();
                Box::new(members.filter_map(|member| Content::of(Beside::Stale, member)))
            }
        }
    }

    fn objects(&self) -> impl Iterator<Item = Content<'_>> {
        let objects = self.checkpoint.shared_objects().into_iter();
        objects.map(|(object, bytes)| Content {
            beside: match object.kind {
                AreaKind::Memfd => Beside::File(Origin::Memfd),
                AreaKind::SysvShm => Beside::File(Origin::Sysv),
                _ => Beside::Shared,
            },
            path: Some(object.name.clone()),
            member: Default::default(),
            bytes,
            lies: Lies::InObject(object, self.spaces()),
        })
    }
}

/// The files that are not objects. A further name of a file is no further file.
fn files(checkpoint: &Checkpoint) -> impl Iterator<Item = Content<'_>> {
    let entries = checkpoint.filesystem().entries();
    let wanted = entries.filter(|entry| {
        let is_object = matches!(entry.origin, Origin::Memfd | Origin::Sysv);
        entry.is_file() && entry.same_as.is_none() && !is_object
    });
    wanted.filter_map(|entry| {
        let (bytes, beside) = (entry.content().ok()?, Beside::File(entry.origin));
        let (path, member) = (Some(entry.path.clone()), entry.member.clone());
        Some(Content { beside, path, member, bytes, lies: Lies::Alike })
    })
}

/// The hit of a match in memory; `None` if another process or area that sees the same bytes gives it.
fn hit(spaces: &Spaces, index: usize, memory: &Memory, found: Match) -> Option<Hit> {
    let Match { at, pattern, length, matched } = found;
    let owners = spaces.owners(index, Vaddr(at), length);
    if owners.is_empty() {
        return None;
    }
    let run = memory.run_at(Vaddr(at));
    Some(Hit {
        pattern,
        matched,
        length,
        before: before(memory, Vaddr(at)),
        after: after(memory, Vaddr(at.saturating_add(length))),
        owners,
        source: Source::Page(run.source),
        path: None,
        queue: None,
        member: run.member().cloned(),
        offset: run.offset(),
    })
}

/// Known bytes in front of an address.
fn before(memory: &Memory, address: Vaddr) -> Vec<u8> {
    // Byte by byte from the end of what may be unknown: the longest readable tail.
    let all = Vaddr(address.0.saturating_sub(CONTEXT))..address;
    let known =
        memory.runs_within(all.clone()).filter(|run| !run.is_known()).last().map_or(all.start, |run| run.end);
    memory.read(known..all.end, CONTEXT).unwrap_or_default()
}

/// Known bytes from an address on.
fn after(memory: &Memory, address: Vaddr) -> Vec<u8> {
    let all = address..Vaddr(address.0.saturating_add(CONTEXT));
    let known = memory.runs_within(all.clone()).find(|run| !run.is_known()).map_or(all.end, |run| run.start);
    memory.read(all.start..known, CONTEXT).unwrap_or_default()
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "places in pages made by hand")]
mod tests;
