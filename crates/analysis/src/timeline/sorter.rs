//! Sorts more events than may be held.
//!
//! Events are held until they fill the memory that they may have; then they are sorted and put aside as a run in an unnamed
//! temporary file. In the end the runs are merged while they are read, each through a buffer of its own. So every event is
//! written and read at most once, however many there are.

use std::cmp::Ordering;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, BufReader};
use std::vec;

use icecore::archive::{Reader, SharedSource, Spool, Timestamp};

use super::{Event, EventKind, record};

/// Where an event stands in the list: no two stand at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) time: Timestamp,
    pub(super) kind: EventKind,
    /// Its number among all, as they were met.
    pub(super) number: u64,
}

/// An event in its place, by which alone it is compared.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) place: Place,
    pub(super) event: Event,
}

impl PartialEq for Placed {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl Eq for Placed {}

impl PartialOrd for Placed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Placed {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place.cmp(&other.place)
    }
}

impl Placed {
    /// The memory that it takes, about: an allocation costs some bytes more than it holds.
    fn size(&self) -> usize {
        const ALLOCATIONS: usize = 4 * 16;
        let Event { subject, path, member, detail, .. } = &self.event;
        let texts = [subject.len(), path.as_ref().map_or(0, |path| path.len()), member.len(), detail.len()];
        texts.iter().sum::<usize>().saturating_add(size_of::<Self>()).saturating_add(ALLOCATIONS)
    }
}

/// Takes events in any order.
#[derive(Debug)]
pub(super) struct Sorter {
    memory: usize,
    held: Vec<Placed>,
    /// The memory that those take.
    size: usize,
    spool: Spool,
    runs: Vec<SharedSource>,
}

/// Bytes that are written at once.
const PORTION: usize = 1 << 20;

impl Sorter {
    /// Holds about so many bytes of events.
    pub(super) fn new(memory: usize) -> Self {
        // What is put aside is to leave the memory, and the disk says itself when it is full.
        Self { memory, held: Vec::new(), size: 0, spool: Spool::new(0, u64::MAX), runs: Vec::new() }
    }

    /// Takes an event.
    ///
    /// # Errors
    /// Those of the temporary file.
    pub(super) fn push(&mut self, placed: Placed) -> io::Result<()> {
        self.size = self.size.saturating_add(placed.size());
        self.held.push(placed);
        if self.size > self.memory { self.put_aside() } else { Ok(()) }
    }

    fn put_aside(&mut self) -> io::Result<()> {
        self.held.sort_unstable();
        let mut portion = Vec::new();
        for placed in self.held.drain(..) {
            record::write(&placed, &mut portion);
            if portion.len() >= PORTION {
                self.spool.write(&portion)?;
                portion.clear();
            }
        }
        self.spool.write(&portion)?;
        self.runs.push(self.spool.finish_run()?);
        self.size = 0;
        Ok(())
    }

    /// All events in their order.
    ///
    /// # Errors
    /// Those of the temporary file.
    pub(super) fn finish(mut self) -> io::Result<Sorted> {
        self.held.sort_unstable();
        let buffer = buffer_size(self.memory, self.runs.len());
        let read = |run| Run::Aside(BufReader::with_capacity(buffer, Reader::new(run)));
        let runs = self.runs.into_iter().map(read).chain([Run::Held(self.held.into_iter())]);
        let mut sorted = Sorted { runs: runs.collect(), heads: BinaryHeap::new() };
        for index in 0..sorted.runs.len() {
            sorted.refill(index)?;
        }
        Ok(sorted)
    }
}

/// Bytes of the buffer of each run: together about as much as was held, and no less than reads that are worth it.
fn buffer_size(memory: usize, runs: usize) -> usize {
    const LEAST: usize = 4 << 10;
    memory.checked_div(runs).unwrap_or_default().clamp(LEAST, PORTION)
}

/// Sorted events.
#[derive(Debug)]
enum Run {
    Held(vec::IntoIter<Placed>),
    Aside(BufReader<Reader>),
}

impl Run {
    fn next(&mut self) -> io::Result<Option<Placed>> {
        match self {
            Self::Held(events) => Ok(events.next()),
            Self::Aside(reader) => record::read(reader),
        }
    }
}

/// All events in their order, while they are merged.
#[derive(Debug)]
pub(super) struct Sorted {
    runs: Vec<Run>,
    /// The next event of each run that has one, and which run that is; the earliest is the greatest.
    heads: BinaryHeap<(Reverse<Placed>, usize)>,
}

impl Sorted {
    /// Takes the next event out of a run.
    fn refill(&mut self, index: usize) -> io::Result<()> {
        if let Some(placed) = self.runs.get_mut(index).map(Run::next).transpose()?.flatten() {
            self.heads.push((Reverse(placed), index));
        }
        Ok(())
    }
}

impl Iterator for Sorted {
    type Item = io::Result<Event>;

    fn next(&mut self) -> Option<io::Result<Event>> {
        let (Reverse(placed), index) = self.heads.pop()?;
        if let Err(error) = self.refill(index) {
            // The others would go on in an order that is none.
            self.heads.clear();
            return Some(Err(error));
        }
        Some(Ok(placed.event))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn placed(seconds: i64, number: u64, path: Option<&[u8]>) -> Placed {
        let (time, kind) = (Timestamp { seconds, nanoseconds: 0 }, EventKind::FileModified);
        let event = Event {
            time,
            kind,
            subject: "diff".to_owned(),
            path: path.map(Into::into),
            member: "rootfs-diff.tar".into(),
            detail: number.to_string().into(),
        };
        Placed { place: Place { time, kind, number }, event }
    }

    /// Sorts events at these times with so much memory; the number of runs that were put aside, and the events.
    fn sort(memory: usize, times: &[i64]) -> (usize, Vec<(i64, String)>) {
        let mut sorter = Sorter::new(memory);
        for (number, seconds) in (1..).zip(times) {
            sorter.push(placed(*seconds, number, Some(b"/x\n\xff"))).unwrap();
            assert!(sorter.size <= memory, "more is held than may be");
        }
        let runs = sorter.runs.len();
        let events = sorter.finish().unwrap().map(Result::unwrap);
        (runs, events.map(|event| (event.time.seconds, event.detail.to_string())).collect())
    }

    #[test]
    fn what_may_be_held_makes_no_file() {
        let (runs, events) = sort(1 << 20, &[3, 1, 2, 1]);
        assert_eq!(runs, 0);
        let text = |number: u32| number.to_string();
        assert_eq!(events, [(1, text(2)), (1, text(4)), (2, text(3)), (3, text(1))]);
    }

    #[test]
    fn buffers_share_the_memory() {
        assert_eq!(buffer_size(64 << 20, 16), 1 << 20);
        assert_eq!(buffer_size(64 << 20, 1 << 10), 64 << 10);
        assert_eq!(buffer_size(64 << 20, 1 << 20), 4 << 10);
        assert_eq!(buffer_size(0, 0), 4 << 10);
    }

    #[test]
    fn a_run_that_was_cut_is_an_error_and_the_end() {
        let mut bytes = Vec::new();
        [placed(1, 1, None), placed(2, 2, None)].iter().for_each(|placed| record::write(placed, &mut bytes));
        bytes.pop();
        let source: SharedSource = std::sync::Arc::new(bytes);
        let mut sorted =
            Sorted { runs: vec![Run::Aside(BufReader::new(Reader::new(source)))], heads: BinaryHeap::new() };
        sorted.refill(0).unwrap();
        let error = sorted.next().unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert!(sorted.next().is_none());
    }

    proptest! {
        /// Whatever may be held, the order is that of a stable sort by time.
        #[test]
        fn any_memory_gives_the_order_of_a_stable_sort(
            times in prop::collection::vec(-5_i64..5, 0..60),
            memory in 0_usize..4000,
        ) {
            let mut wanted: Vec<(i64, String)> =
                times.iter().zip(1..).map(|(time, number): (_, u64)| (*time, number.to_string())).collect();
            wanted.sort_by_key(|(time, _)| *time);
            let (runs, events) = sort(memory, &times);
            prop_assert_eq!(events, wanted);
            let sizes = (1..).zip(&times).map(|(number, _)| placed(0, number, Some(b"/x\n\xff")).size());
            prop_assert_eq!(runs == 0, sizes.sum::<usize>() <= memory);
        }
    }
}
