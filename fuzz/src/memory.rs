//! Areas, pagemaps and pages as address spaces: walked, read, dumped and searched.

use std::sync::Arc;

use icecore::archive::Options;
use icecore::{Checkpoint, Memory, Vaddr};
use icecore_analysis::dump;
use icecore_analysis::search::{Filter, Needles, Pattern, Place, Search};
use icecore_synth::Tar;

use crate::{named, split};

/// Pieces of one address space that are looked at: more would only say the same more slowly.
const PIECES: usize = 2000;
/// Bytes of one piece that are read.
const READ: u64 = 8192;
/// The files of an input that count.
const MEMBERS: usize = 20;

/// Reads files, each by its name below `checkpoint/`, or below another directory if it names one.
///
/// # Panics
/// If pieces overlap or have no end, a piece that is known cannot be read for an unheard-of reason, two ways of reading
/// give two things, or a hit is not what memory has at its place.
pub fn memory(data: &[u8]) {
    let mut tar = Tar::new();
    for file in split(data, MEMBERS) {
        let (name, bytes) = named(file);
        let name = if name.contains(&b'/') { name.to_vec() } else { [b"checkpoint/", name].concat() };
        tar = match bytes.strip_prefix(b"-> ") {
            Some(target) => tar.symlink(name, target),
            None => tar.file(name, bytes),
        };
    }
    let opened = Checkpoint::from_source(Arc::new(tar.finish()), &Options::default());
    let Ok(checkpoint) = opened else { return };
    for pid in checkpoint.pids_with_memory().into_iter().take(4) {
        if let Ok(memory) = checkpoint.memory(pid) {
            walk(&memory);
            count(&memory);
        }
    }
    searched(&checkpoint);
    let _ = checkpoint.diagnostics();
}

/// Pieces follow each other, and each reads as it says.
fn walk(memory: &Memory) {
    let mut end = Vaddr(0);
    for run in memory.runs().take(PIECES) {
        assert!(end <= run.start && run.start < run.end, "pieces overlap: {run:?}");
        end = run.end;
        let length = usize::try_from(run.length().min(READ)).expect("few bytes");
        let (mut filled, mut read) = (vec![1; length], vec![2; length]);
        let first = memory.fill(&run, &mut filled);
        let second = memory.read_at(run.start, &mut read);
        assert_eq!(first.is_ok(), second.is_ok(), "{run:?}");
        if first.is_ok() {
            assert!(run.is_known() && filled == read, "{run:?} reads twice differently");
        }
        match memory.fill_some(&run, &mut filled) {
            Ok(count) => assert!(count > 0 && filled[..count] == read[..count]),
            Err(lost) => assert!(first.is_err() && lost.start < lost.end && lost.end <= run.end),
        }
        if let Some(bytes) = run.as_slice() {
            assert_eq!(bytes[..length], read, "{run:?}");
        }
    }
}

/// Pages of all sources are the pages of each area.
fn count(memory: &Memory) {
    for area in memory.areas().iter().take(200) {
        let small = area.length() / memory.page_size().max(1) < 1 << 20;
        if small {
            assert_eq!(memory.pages_of(area).total(), area.length() / memory.page_size().max(1));
        }
    }
    let mut out = Vec::new();
    let mut written = 0;
    for piece in dump::stream(memory, &Filter::default(), &mut out).take(PIECES) {
        let piece = piece.expect("a vector takes everything");
        if let Some(at) = piece.at {
            assert_eq!(at, written, "a dump has a gap");
            written += piece.run.length();
        }
        if written > 1 << 20 {
            break;
        }
    }
    assert_eq!(out.len() as u64, written);
}

/// Hits are where they say.
fn searched(checkpoint: &Checkpoint) {
    let patterns = [Pattern::literal("a"), Pattern::literal("\0\0"), Pattern::regex("[b-z]{2,20}")];
    let needles = Needles::with_max_match(&patterns, 64).expect("three sound patterns");
    let search = Search::new(checkpoint, &needles).places(&Place::ALL);
    for hit in search.hits().take(500) {
        // Beside memory nobody sees it.
        let Some(owner) = hit.owners.first() else { continue };
        let memory = checkpoint.memory(owner.pid).expect("it was searched");
        let mut bytes = vec![0; hit.matched.len()];
        memory.read_at(owner.address, &mut bytes).expect("it was read");
        assert_eq!(bytes, hit.matched);
    }
}
