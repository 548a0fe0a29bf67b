//! The processes at both sides of an object, and the edges between them.

use super::{Edge, End};
use crate::files::{File, Files};

/// Who has a file, with one process for each descriptor table.
pub(super) struct Ends<'a> {
    files: &'a Files,
}

impl<'a> Ends<'a> {
    pub(super) fn of(files: &'a Files) -> Self {
        Self { files }
    }

    pub(super) fn of_file(&self, file: &File) -> impl Iterator<Item = End> {
        self.files.first_holders(file).map(|(pid, fd)| End { pid, fd: Some(fd) })
    }
}

/// The most edges of one object that are all told. Where there would be more, each end has an edge with the first of the
/// other side: so every end is there, and their number grows with that of the ends.
const ALL_PAIRS: usize = 1024;

/// Edges from each sender to each receiver; where one side is empty, from or to the outside.
pub(super) fn join(
    from: &[End],
    to: &[End],
    make: impl Fn(Option<End>, Option<End>) -> Edge,
    edges: &mut Vec<Edge>,
) {
    match (from.split_first(), to.split_first()) {
        (None, None) => {}
        (None, Some(_)) => edges.extend(to.iter().map(|&to| make(None, Some(to)))),
        (Some(_), None) => edges.extend(from.iter().map(|&from| make(Some(from), None))),
        (Some(_), Some(_)) if from.len().saturating_mul(to.len()) <= ALL_PAIRS => {
            for &sender in from {
                edges.extend(to.iter().map(|&to| make(Some(sender), Some(to))));
            }
        }
        (Some((&first, others)), Some((&receiver, _))) => {
            edges.extend(to.iter().map(|&to| make(Some(first), Some(to))));
            edges.extend(others.iter().map(|&from| make(Some(from), Some(receiver))));
        }
    }
}

/// Edges among all who share something.
pub(super) fn mesh(sharers: &[End], make: impl Fn(Option<End>, Option<End>) -> Edge, edges: &mut Vec<Edge>) {
    let all_pairs = sharers.len().saturating_mul(sharers.len()) <= ALL_PAIRS;
    let mut rest = sharers;
    while let Some((&first, others)) = rest.split_first() {
        edges.extend(others.iter().map(|&other| make(Some(first), Some(other))));
        rest = if all_pairs { others } else { &[] };
    }
}

#[cfg(test)]
mod tests {
    use super::super::EdgeKind;
    use super::*;
    use crate::Pid;

    fn ends(count: u32) -> Vec<End> {
        (0..count).map(|pid| End { pid: Pid(pid), fd: None }).collect()
    }

    fn make(from: Option<End>, to: Option<End>) -> Edge {
        Edge { kind: EdgeKind::Pipe, id: 1, from, to, remote: None }
    }

    fn joined(from: u32, to: u32) -> usize {
        let mut edges = Vec::new();
        join(&ends(from), &ends(to), make, &mut edges);
        edges.len()
    }

    #[test]
    fn edges_grow_with_ends_and_not_with_their_product() {
        assert_eq!((joined(2, 3), joined(0, 3), joined(2, 0), joined(0, 0)), (6, 3, 2, 0));
        assert_eq!(joined(32, 32), 1024);
        assert_eq!(joined(10_000, 10_000), 19_999);
    }

    #[test]
    fn sharers_are_all_connected() {
        let meshed = |count| {
            let mut edges = Vec::new();
            mesh(&ends(count), make, &mut edges);
            edges.len()
        };
        assert_eq!((meshed(1), meshed(3), meshed(10_000)), (0, 3, 9_999));
    }
}
