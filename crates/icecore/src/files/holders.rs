//! Who has a file open: the way back from files to descriptors.

use std::ops::Range;

use super::Files;
use crate::Fd;

/// For each file the places where it is open. Shared tables are named once, so this grows with the images only.
#[derive(Debug, Clone, Default)]
pub(super) struct Holders {
    /// Index of a table and number, by the files that they refer to.
    places: Vec<(usize, Fd)>,
    /// Where the places of each file begin, and at the end where those of the last end.
    starts: Vec<usize>,
    /// How many descriptors of processes the places before each are, and at the end how many all are.
    before: Vec<u64>,
}

impl Holders {
    pub(super) fn of(files: &Files) -> Self {
        // Index of a file, index of a table, number.
        let mut all = Vec::new();
        for (table, descriptors) in files.tables.iter().enumerate() {
            for descriptor in &descriptors.descriptors {
                if let Some(file) = files.index(descriptor.file, descriptor.kind) {
                    all.push((file, table, descriptor.fd));
                }
            }
        }
        all.sort_unstable();
        let places: Vec<(usize, Fd)> = all.iter().map(|&(_, table, fd)| (table, fd)).collect();
        let mut rest = all.iter().enumerate().peekable();
        let start = |file| {
            while rest.next_if(|(_, (other, ..))| *other < file).is_some() {}
            rest.peek().map_or(all.len(), |(place, _)| *place)
        };
        let starts = (0..=files.files.len()).map(start).collect();
        let processes =
            |table: usize| files.tables.get(table).map_or(0, |table| table.processes.len() as u64);
        let sums = places.iter().scan(0_u64, |sum, &(table, _)| {
            *sum = sum.saturating_add(processes(table));
            Some(*sum)
        });
        let before = std::iter::once(0).chain(sums).collect();
        Self { places, starts, before }
    }

    /// The tables and numbers of one file.
    pub(super) fn of_file(&self, file: Option<usize>) -> &[(usize, Fd)] {
        self.places.get(self.range(file)).unwrap_or_default()
    }

    /// How many descriptors of processes refer to one file. Does not walk them: a file may have very many.
    pub(super) fn count(&self, file: Option<usize>) -> u64 {
        let range = self.range(file);
        let at = |index: usize| self.before.get(index).copied().unwrap_or_default();
        at(range.end).saturating_sub(at(range.start))
    }

    fn range(&self, file: Option<usize>) -> Range<usize> {
        let start = |file: usize| self.starts.get(file).copied();
        let range = file.and_then(|file| Some(start(file)?..start(file.checked_add(1)?)?));
        range.unwrap_or_default()
    }
}
