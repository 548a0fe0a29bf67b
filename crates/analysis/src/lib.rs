//! Questions over a container checkpoint that need more than reading it: searching all its memory, finding its texts, writing it
//! out, judging what changed in its files.
//!
//! ```
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/minimal/checkpoint.tar");
//! use icecore::Checkpoint;
//! use icecore_analysis::search::{Needles, Pattern, Search};
//!
//! let checkpoint = Checkpoint::open(path)?;
//! let needles = Needles::new(&[Pattern::literal("lantern")])?;
//! let search = Search::new(&checkpoint, &needles);
//! let mut owners = Vec::new();
//! for hit in search.hits() {
//!     // Each as soon as it is found: whoever has enough stops taking, and the search ends.
//!     owners.extend(hit.owners);
//!     if owners.len() >= 10 {
//!         break;
//!     }
//! }
//! for owner in &owners {
//!     println!("pid {} at {} in {:?}", owner.pid, owner.address, owner.vma_name);
//! }
//! assert!(!owners.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing here copies an address space: pages are read in windows, and what the archive does not hold is passed over,
//! never taken for zeros.
#![forbid(unsafe_code)]

pub mod changes;
pub mod dump;
pub mod extract;
pub mod hashes;
pub mod pcapng;
pub mod queues;
pub mod search;
mod serialize;
pub mod strings;
pub mod timeline;

mod filter;
mod meter;
mod windows;

pub use meter::Meter;
