//! Archives, images and damage made to measure.
//!
//! Real checkpoints show what engines write. This crate writes what none of them would at hand: headers with a wrong
//! checksum, sparse members in four dialects, a tar of 64 GiB without the gigabytes, streams with holes. A test shows
//! in a few lines exactly the bytes that it is about and nothing else.
//!
//! ```
//! use std::sync::Arc;
//!
//! use icecore_archive::{Archive, Options};
//! use icecore_synth::{Tar, image};
//!
//! let tar = Tar::new().file("checkpoint/inventory.img", image::inventory()).finish();
//! let archive = Archive::open(Arc::new(tar), &Options::default())?;
//! assert_eq!(archive.members().len(), 1);
//! # Ok::<(), icecore_archive::Error>(())
//! ```
//!
//! It knows only the public side of the crates it tests, and has constants of its own: a wrong number in one of them
//! meets the right one here.

#![forbid(unsafe_code)]

pub mod address_space;
mod archive;
mod counting;
pub mod damage;
mod dump;
mod giant;
pub mod image;
mod layout;
mod message;
pub mod queues;
mod record;
pub mod schema;
mod stream;
mod trickle;

pub use archive::{Checksum, Chunk, Dialect, Field, Header, Tar, pax_records};
pub use counting::{Counting, Counts};
pub use dump::{Dump, Process};
pub use giant::{Filling, Giant};
pub use layout::{DockerArchive, OciLayout, digest};
pub use message::Message;
pub use record::{Choices, Part, Random, Record, Value};
pub use stream::ImageStream;
pub use trickle::Trickle;
