//! Questions over a container checkpoint that need more than reading it: searching all its memory, finding its texts, writing it
//! out, judging what changed in its files.
//!
//! ```
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/minimal/checkpoint.tar");
//! use std::ops::ControlFlow;
//!
//! use icecore::Checkpoint;
//! use icecore_analysis::search::{Filter, Needles, Pattern, search};
//!
//! let checkpoint = Checkpoint::open(path)?;
//! let needles = Needles::new(&[Pattern::literal("lantern")])?;
//! let mut places = 0;
//! search(&checkpoint, &needles, &Filter::default(), &mut |hit| {
//!     println!("{:?} at {}", hit.matched, hit.owners[0].address);
//!     places += 1;
//!     ControlFlow::Continue(())
//! });
//! assert!(places > 0);
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

mod windows;
