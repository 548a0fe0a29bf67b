//! Who talks to whom: pipes, sockets and shared memory between processes, and to the world outside.

mod ends;
mod memory;
mod sockets;

use std::fmt;

use serde::Serialize;

use crate::files::{File, FileKind, PipeEnd};
use crate::{Checkpoint, Diagnostic, Fd, Pid};

use ends::Ends;

/// A way from one process to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Edge {
    /// What it goes through.
    pub kind: EdgeKind,
    /// The inode of the pipe, FIFO, socket (that of `from`) or memory; the id of a SysV segment.
    pub id: u64,
    /// Who sends. Of what goes both ways, either. `None`: somebody outside of the checkpoint.
    pub from: Option<End>,
    /// Who receives. `None`: somebody outside, or nobody.
    pub to: Option<End>,
    /// The address outside, of TCP connections.
    pub remote: Option<crate::sockets::Endpoint>,
}

/// A process at the end of an edge. Of processes that share a descriptor table, the first stands for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct End {
    /// The process.
    pub pid: Pid,
    /// Its descriptor; `None` for memory that is mapped.
    pub fd: Option<Fd>,
}

/// What an edge goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum EdgeKind {
    /// A pipe: one way.
    Pipe,
    /// A FIFO: one way.
    Fifo,
    /// Two unix sockets. One way if the receiver is not connected back.
    Unix,
    /// A TCP connection; both ends are in the container, or one is outside.
    Tcp,
    /// Shared memory without a name, or a SysV segment.
    Shm,
    /// A memory file.
    Memfd,
}

/// `pipe`, `fifo`, `unix`, `tcp`, `shm`, `memfd`.
impl fmt::Display for EdgeKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Pipe => "pipe",
            Self::Fifo => "fifo",
            Self::Unix => "unix",
            Self::Tcp => "tcp",
            Self::Shm => "shm",
            Self::Memfd => "memfd",
        })
    }
}

/// All edges, by kind, id and ends.
pub(crate) fn of(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) -> Vec<Edge> {
    let ends = Ends::of(checkpoint.files());
    let mut edges = pipes(checkpoint, &ends);
    sockets::add(checkpoint, &ends, &mut edges);
    memory::add(checkpoint, &ends, &mut edges, diagnostics);
    edges.sort_by_key(|edge| (edge.kind, edge.id, edge.from, edge.to));
    edges
}

/// From the writers of each pipe and FIFO to its readers.
fn pipes(checkpoint: &Checkpoint, ends: &Ends<'_>) -> Vec<Edge> {
    let mut files: Vec<(EdgeKind, u64, PipeEnd, &File)> = checkpoint
        .files()
        .files
        .iter()
        .filter_map(|file| match file.kind {
            FileKind::Pipe(end) => Some((EdgeKind::Pipe, file.ino?, end, file)),
            FileKind::Fifo(end) => Some((EdgeKind::Fifo, file.ino?, end, file)),
            _ => None,
        })
        .collect();
    files.sort_by_key(|&(kind, ino, _, file)| (kind, ino, file.id));
    let mut edges = Vec::new();
    for pipe in files.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let Some(&(kind, id, ..)) = pipe.first() else { continue };
        let at = |wanted: PipeEnd| -> Vec<End> {
            let files = pipe.iter().filter(|(_, _, end, _)| *end == wanted || *end == PipeEnd::Both);
            files.flat_map(|&(.., file)| ends.of_file(file)).collect()
        };
        let make = |from, to| Edge { kind, id, from, to, remote: None };
        ends::join(&at(PipeEnd::Write), &at(PipeEnd::Read), make, &mut edges);
    }
    edges
}

#[cfg(test)]
mod tests;
