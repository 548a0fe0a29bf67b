//! Who has a file open: the way back from files to descriptors.

use std::ops::Range;

use super::Files;
use crate::Fd;

/// For each file the places where it is open. Shared tables are named once, so this grows with the images only.
#[derive(Debug, Clone, Default)]
pub(super) struct Holders {
    /// Index of a file, index of a table, number; sorted.
    all: Vec<(usize, usize, Fd)>,
    /// The same without the file.
    places: Vec<(usize, Fd)>,
    /// How many descriptors of processes the places before each are, and at the end how many all are.
    before: Vec<u64>,
}

impl Holders {
    pub(super) fn of(files: &Files) -> Self {
        let mut all = Vec::new();
        for (table, descriptors) in files.tables.iter().enumerate() {
            for descriptor in &descriptors.descriptors {
                if let Some(file) = files.index(descriptor.file, descriptor.kind) {
                    all.push((file, table, descriptor.fd));
                }
            }
        }
        all.sort_unstable();
        let places = all.iter().map(|&(_, table, fd)| (table, fd)).collect();
        let mut before = vec![0];
        let mut sum = 0_u64;
        for &(_, table, _) in &all {
            let processes = files.tables.get(table).map_or(0, |table| table.processes.len());
            sum = sum.saturating_add(u64::try_from(processes).unwrap_or(u64::MAX));
            before.push(sum);
        }
        Self { all, places, before }
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
        let Some(file) = file else { return 0..0 };
        let from = self.all.partition_point(|&(other, ..)| other < file);
        from..self.all.partition_point(|&(other, ..)| other <= file)
    }
}
