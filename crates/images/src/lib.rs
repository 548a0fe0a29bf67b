//! Every CRIU image kind: bytes to typed records, and back.
//!
//! An image is a file that CRIU writes while it dumps a process tree. It has a magic, then records until the
//! file ends; each record is a 32-bit length, that many bytes of protobuf, and for some kinds a payload:
//!
//! ```text
//! inventory.img      u32 kind magic
//! other images       u32 head magic, u32 kind magic      (CRIU 1.6 and later)
//!                    u32 kind magic                      (before 1.6)
//! then, repeated     u32 length, <length> bytes of protobuf, [payload]
//! ```
//!
//! Magics and lengths have the byte order of the machine that was dumped; protobuf has none. The crate takes
//! bytes, does no input or output, and believes no length before it has compared it with the bytes at hand.
//!
//! # Walking an image
//!
//! ```
//! use icecore_images::{Image, messages::FsEntry};
//!
//! // fs-1.img: two magics, then one record that says cwd 76, root 77, umask 022.
//! let bytes = b"\x19\x43\x56\x54\x12\x39\x40\x51\x06\0\0\0\x08\x4c\x10\x4d\x18\x12";
//! let image = Image::parse("fs-1.img", bytes)?;
//! for record in image.records::<FsEntry>() {
//!     let record = record?;
//!     assert_eq!((record.message.cwd_id, record.message.umask), (76, Some(0o22)));
//! }
//! # Ok::<(), icecore_images::Error>(())
//! ```
//!
//! # What is where
//!
//! - [`Image`] finds magic, byte order and records; [`Record`] is one typed record with its place.
//! - [`messages`] holds a struct for every message, named as in CRIU's schema (`vma_entry` is
//!   [`messages::VmaEntry`]). A required field that is absent has its default value and is listed by
//!   [`Record::remarks`]; text is bytes, because the kernel's is.
//! - [`Kind`] is the table of image kinds: magic, file names, message, payload.
//! - [`wire`] walks the fields of a record without knowing its message.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod descriptor;
mod edit;
mod encode;
mod error;
mod fields;
mod image;
pub mod json;
mod kinds;
mod message;
pub mod messages;
pub mod names;
pub mod raw;
mod remarks;
pub mod syscalls;
pub mod wire;

pub use descriptor::{Descriptor, FieldDescriptor, FieldType, Label, Names, Show};
pub use encode::Writer;
pub use error::{Error, Expected, Fault};
pub use image::{ByteOrder, Entries, Entry, IMG_COMMON, IMG_SERVICE, Image, MAX_RECORD, Record, Records};
pub use kinds::{FileName, Framing, Kind, Named, Row};
pub use message::{MAX_DEPTH, Message};
pub use remarks::{MAX_LISTED, Remark, Remarks, What};
