//! Who has a file open: the way back from files to descriptors.

use super::Files;
use crate::Fd;

/// For each file the places where it is open. Shared tables are named once, so this grows with the images only.
#[derive(Debug, Clone, Default)]
pub(super) struct Holders {
    /// Index of a file, index of a table, number; sorted.
    all: Vec<(usize, usize, Fd)>,
    /// The same without the file.
    places: Vec<(usize, Fd)>,
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
        Self { all, places }
    }

    /// The tables and numbers of one file.
    pub(super) fn of_file(&self, file: Option<usize>) -> &[(usize, Fd)] {
        let Some(file) = file else { return &[] };
        let from = self.all.partition_point(|&(other, ..)| other < file);
        let to = self.all.partition_point(|&(other, ..)| other <= file);
        self.places.get(from..to).unwrap_or_default()
    }
}
