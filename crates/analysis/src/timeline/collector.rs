//! What of all time stamps is wanted, on its way to be sorted.

use icecore::archive::Timestamp;

use super::sorter::{Place, Placed, Sorted, Sorter};
use super::{Error, Event, EventKind, Filter};

/// Takes time stamps as they are met.
#[derive(Debug)]
pub(super) struct Collector<'a> {
    filter: &'a Filter,
    sorter: Sorter,
    /// How many events were taken.
    count: u64,
}

impl<'a> Collector<'a> {
    pub(super) fn new(filter: &'a Filter, memory: usize) -> Self {
        Self { filter, sorter: Sorter::new(memory), count: 0 }
    }

    /// Whether a source is worth reading that has only such events.
    pub(super) fn wants_any(&self, kinds: &[EventKind]) -> bool {
        kinds.iter().any(|kind| self.filter.wants_kind(*kind))
    }

    /// Takes a time stamp; the event is made only if it is wanted.
    ///
    /// # Errors
    /// Those of the temporary file.
    pub(super) fn add(
        &mut self,
        kind: EventKind,
        time: Timestamp,
        event: impl FnOnce() -> Event,
    ) -> Result<(), Error> {
        if !self.filter.wants_kind(kind) || !self.filter.wants_time(time) {
            return Ok(());
        }
        self.count = self.count.saturating_add(1);
        let place = Place { time, kind, number: self.count };
        self.sorter.push(Placed { place, event: event() }).map_err(Error::Scratch)
    }

    /// All that was taken, in its order.
    ///
    /// # Errors
    /// Those of the temporary file.
    pub(super) fn finish(self) -> Result<Sorted, Error> {
        self.sorter.finish().map_err(Error::Scratch)
    }
}
