//! crit's JSON: images as text that people can read and edit, and back.
//!
//! The form is that of the `crit` program of CRIU 4.2, in its three variants: compact, pretty, and with
//! payloads left out ([`Form`]). What it cannot carry is added under keys that begin with `$` and appear only
//! when they are needed:
//!
//! | key | where | what |
//! |---|---|---|
//! | `$frame` | image | `magic` (`one`, `common`, `service`) and `byte_order` (`big`), where they are not those that CRIU writes for the kind on a little-endian machine |
//! | `$tail` | image | bytes behind the last record that can be framed, as base64 |
//! | `$raw` | entry | the record as base64, if the visible fields do not encode to the same bytes: unknown fields, odd varints, text that is not UTF-8 |
//! | `$payload` | entry | the payload as base64, if `extra` does not encode to the same bytes |
//! | `$error` | entry | why the record cannot be decoded; there are no fields then |
//!
//! ```
//! use icecore_images::{Image, json::{self, Form}};
//!
//! let bytes = b"\x19\x43\x56\x54\x12\x39\x40\x51\x06\0\0\0\x08\x4c\x10\x4d\x18\x12";
//! let image = Image::parse("fs-1.img", bytes)?;
//! let text = json::to_string(&image, Form::COMPACT);
//! assert_eq!(text, r#"{"magic": "FS", "entries": [{"cwd_id": 76, "root_id": 77, "umask": 18}]}"#);
//! # Ok::<(), icecore_images::Error>(())
//! ```
//!
//! [`shown`] gives the same as a [`serde::Serialize`] for any other serializer, and a [`Tree`], which any
//! deserializer can make, is turned into an image by [`encode`].

mod base64;
mod canonical;
mod extra;
mod fields;
mod number;
mod quoted_printable;
mod read;
mod show;
mod text;
mod tree;
mod write;

use alloc::string::String;
use core::fmt;

pub use read::{Error, encode};
pub use show::{Shown, shown};
pub use tree::Tree;

use crate::error::Error as ImageError;
use crate::image::{Entry, Image};

/// Deepest nesting of messages that is shown: each may be two levels of JSON, of which readers take 128. What is
/// deeper is shown empty and carried by `$raw`.
const DEPTH: u32 = 50;

/// The variants of crit's JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Form {
    /// Numbers that have a better form have it (addresses, flags, devices), and lines are indented.
    pub pretty: bool,
    /// Payloads behind records are shown; otherwise only how long they are, which cannot be encoded again.
    pub payloads: bool,
}

impl Form {
    /// As `crit decode`.
    pub const COMPACT: Self = Self { pretty: false, payloads: true };
    /// As `crit decode --pretty` and `crit show`.
    pub const PRETTY: Self = Self { pretty: true, payloads: true };
    /// As `crit show --nopl`.
    pub const NO_PAYLOADS: Self = Self { pretty: true, payloads: false };
}

/// An image as text, byte for byte as crit writes it to a file.
#[must_use]
pub fn to_string(image: &Image<'_>, form: Form) -> String {
    let mut text = String::new();
    // A string takes everything.
    _ = write(image, form, &mut text);
    text
}

/// Writes the same text piece by piece: however long the image is, little of it is in memory.
///
/// # Errors
///
/// Those of `out`.
pub fn write(image: &Image<'_>, form: Form, out: &mut impl fmt::Write) -> fmt::Result {
    write::write(&shown(image, form), form.pretty, out)
}

/// Whether an entry is shown with its fields, or as `$error`.
///
/// # Errors
///
/// Why the record, or the payload behind it, cannot be decoded.
pub fn check(entry: &Entry<'_>) -> Result<(), ImageError> {
    show::check(entry).map_err(|located| entry.image().malformed(entry.index, &located))
}

#[cfg(test)]
mod tests;
