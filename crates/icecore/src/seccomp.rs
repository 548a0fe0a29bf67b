//! Seccomp filters: the programs that decide which system calls threads may make.
//!
//! ```
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/kitchen-sink/checkpoint.tar.gz");
//! let checkpoint = icecore::Checkpoint::open(path)?;
//! for process in checkpoint.processes() {
//!     for thread in &process.threads {
//!         for filter in checkpoint.seccomp().of_thread(thread) {
//!             println!("{} has filter {} of {} instructions", thread.tid, filter.number, filter.len());
//!         }
//!     }
//! }
//! # Ok::<(), icecore::Error>(())
//! ```

use icecore_images::ByteOrder;
use icecore_images::messages::SeccompFilter;
use icecore_images::raw::seccomp::{Line, disassemble};
use serde::Serialize;

use crate::images::Images;
use crate::process::{Arch, Thread};
use crate::{Diagnostic, Place};

/// The filters of a checkpoint. Source: `seccomp.img`, `seccomp_entry`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Seccomp {
    /// The filters by their number, from 0 without gaps.
    pub filters: Vec<Filter>,
}

/// One filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Filter {
    /// Its number, that threads and filters refer to.
    pub number: u32,
    /// The filter that was installed before it and is asked, too. Source: `seccomp_filter.prev`.
    pub previous: Option<u32>,
    /// `SECCOMP_FILTER_FLAG_*`: 1 for all threads, 2 logged, 4 without speculation's mitigation; since CRIU 3.10.
    pub flags: u32,
    /// Its classic BPF program, 8 bytes an instruction, in the byte order of the machine.
    pub program: Vec<u8>,
    /// Its record, a `seccomp_filter` in the `seccomp_entry`.
    pub place: Place,
    #[serde(skip)]
    order: ByteOrder,
}

/// Bytes of an instruction.
const INSTRUCTION: usize = 8;

impl Seccomp {
    pub(crate) fn of(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let read = images.each("seccomp.img", diagnostics, |record, member| {
            let order = record.entry.image().byte_order();
            let places = Place::of_parts(member, &record, "seccomp_filters");
            let entry: icecore_images::messages::SeccompEntry = record.message;
            let filters = (0..).zip(entry.seccomp_filters).zip(places);
            filters.map(|((number, filter), place)| Filter::of(number, filter, place, order)).collect()
        });
        // There is one record; the numbers of a second would mean nothing.
        Self { filters: read.and_then(|read| read.into_iter().next()).unwrap_or_default() }
    }

    /// The filters that decide on the calls of a thread, the one installed last in front. Each is asked, and the
    /// strictest answer counts.
    pub fn of_thread(&self, thread: &Thread) -> impl Iterator<Item = &Filter> {
        let first = thread.seccomp.filter.and_then(|number| self.find(number));
        let chain = std::iter::successors(first, |filter| self.find(filter.previous?));
        // Filters that lead to each other in a ring end here too.
        chain.take(self.filters.len())
    }

    fn find(&self, number: u32) -> Option<&Filter> {
        self.filters.get(usize::try_from(number).ok()?)
    }
}

impl Filter {
    fn of(number: u32, record: SeccompFilter, place: Place, order: ByteOrder) -> Self {
        let flags = record.flags.unwrap_or(0);
        Self { number, previous: record.prev, flags, program: record.filter, place, order }
    }

    /// How many instructions it has.
    pub fn len(&self) -> usize {
        self.program.len() / INSTRUCTION
    }

    /// Whether it has none, which no kernel takes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names of its flags, without `SECCOMP_FILTER_FLAG_`.
    pub fn flag_names(&self) -> impl Iterator<Item = &'static str> {
        const NAMES: [(u32, &str); 3] = [(1, "TSYNC"), (2, "LOG"), (4, "SPEC_ALLOW")];
        let flags = self.flags;
        NAMES.into_iter().filter(move |(bit, _)| flags & bit != 0).map(|(_, name)| name)
    }

    /// Its instructions with what they mean to a thread of this architecture.
    pub fn disassemble(&self, arch: Option<Arch>) -> Vec<Line> {
        disassemble(&self.program, self.order, arch.map(Arch::of_system_calls))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn filter(number: u32, previous: Option<u32>, program: &[u8]) -> Filter {
        let place = Place { member: Arc::new("seccomp.img".into()), entry: 0, offset: 12, length: 0 };
        let mut record = SeccompFilter::default();
        (record.prev, record.filter, record.flags) = (previous, program.to_vec(), Some(3));
        Filter::of(number, record, place, ByteOrder::Little)
    }

    fn chain(filters: Vec<Filter>, first: Option<u32>) -> Vec<u32> {
        let mut thread = Thread::absent(crate::Tid(1));
        thread.seccomp.filter = first;
        Seccomp { filters }.of_thread(&thread).map(|filter| filter.number).collect()
    }

    #[test]
    fn a_chain_goes_from_the_last_to_the_first() {
        let filters = || vec![filter(0, None, b""), filter(1, Some(0), b""), filter(2, Some(0), b"")];
        assert_eq!(chain(filters(), Some(2)), [2, 0]);
        assert_eq!(chain(filters(), Some(1)), [1, 0]);
        assert_eq!(chain(filters(), None), [0; 0]);
        assert_eq!(chain(filters(), Some(7)), [0; 0]);
    }

    #[test]
    fn a_ring_of_filters_ends() {
        assert_eq!(chain(vec![filter(0, Some(1), b""), filter(1, Some(0), b"")], Some(0)), [0, 1]);
        assert_eq!(chain(vec![filter(0, Some(0), b"")], Some(0)), [0]);
    }

    #[test]
    fn instructions_are_counted_and_read() {
        // ret ALLOW; and half an instruction, which is none.
        let filter = filter(0, None, b"\x06\0\0\0\0\0\xff\x7f\x06\0\0\0");
        assert_eq!((filter.len(), filter.is_empty()), (1, false));
        let lines = filter.disassemble(Some(Arch::X86_64));
        assert_eq!(lines.len(), 1);
        assert!(lines[0].to_string().to_lowercase().contains("allow"), "{}", lines[0]);
        assert_eq!(filter.flag_names().collect::<Vec<_>>(), ["TSYNC", "LOG"]);
    }
}
