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
//! # Editing a record and writing the image back
//!
//! A record that was not edited gives its own bytes; one field that was, changes that field alone. Unknown
//! fields and their order stay.
//!
//! ```
//! use icecore_images::{Image, messages::FsEntry};
//!
//! # let bytes = b"\x19\x43\x56\x54\x12\x39\x40\x51\x06\0\0\0\x08\x4c\x10\x4d\x18\x12";
//! let image = Image::parse("fs-1.img", bytes)?;
//! let mut writer = image.writer();
//! for record in image.records::<FsEntry>() {
//!     let mut record = record?;
//!     record.message.umask = Some(0o27);
//!     writer.record(&record.encode()?, record.entry.payload);
//! }
//! let edited = writer.finish();
//! assert_eq!(edited.len(), bytes.len());
//! assert_eq!(edited.last(), Some(&0o27));
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
//! - [`json`] shows images as the `crit` program does, and makes images of such JSON.
//! - [`raw`] reads what follows the records of some kinds, images that have no records, and seccomp filters.
//! - [`syscalls`] has the names of system calls by architecture, [`names`] the names of bits that crit shows.
//! - [`wire`] walks the fields of a record without knowing its message; [`Descriptor`] says what they are.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod declare;
mod descriptor;
mod edit;
mod encode;
mod error;
mod image;
pub mod json;
mod kinds;
mod message;
pub mod messages;
pub mod names;
pub mod raw;
mod record;
mod remarks;
pub mod syscalls;
mod value;
pub mod wire;

pub use descriptor::{Descriptor, FieldDescriptor, FieldType, Label, Names, Show};
pub use encode::Writer;
pub use error::{Error, Expected, Fault};
pub use image::{ByteOrder, Entries, Entry, IMG_COMMON, IMG_SERVICE, Image, MAX_RECORD};
pub use kinds::{FileName, Framing, Kind, Named, Row};
pub use message::{MAX_DEPTH, Message};
pub use record::{Record, Records};
pub use remarks::{MAX_LISTED, Remark, Remarks, What};
