//! Container checkpoint archives as named members.
//!
//! Engines write checkpoints as tars, compressed tars, directories, OCI images, exports of a content store, or streams
//! of frames. [`Archive`] opens them all where they lie and gives the same thing: members with names, facts and bytes,
//! and the [`Root`]s at which checkpoints begin. It knows nothing of what is in the members.
//!
//! ```no_run
//! use icecore_archive::{Archive, Options};
//!
//! let archive = Archive::open_path("checkpoint.tar", &Options::default())?;
//! println!("{} in {} bytes", archive.kind().name(), archive.length());
//! for root in archive.roots() {
//!     if let Some(document) = root.file("config.dump") {
//!         let bytes = document.bytes(("document", 64 << 20))?;
//!         println!("{}", String::from_utf8_lossy(&bytes));
//!     }
//! }
//! # Ok::<(), icecore_archive::Error>(())
//! ```
//!
//! # Costs
//! Opening a plain tar reads one header a member, wherever the bytes come from ([`Source`]). A compressed one is decoded
//! once; [`Keep`] says what of it stays readable, small members in memory and large ones in a temporary file without a
//! name. Members of mapped files are borrowed, not copied.
//!
//! # Hostile input
//! An archive is taken for hostile. [`Limits`] bound what is believed; damage is told as [`Finding`]s with member and
//! offset, and takes nothing along that does not depend on it. Names are keys and never paths: nothing outside of the
//! archive is ever opened, and nothing is written but that temporary file.

mod archive;
mod container;
mod decode;
mod error;
mod finding;
mod input;
mod keep;
mod limits;
mod member;
mod members;
mod names;
mod source;
mod tar;
mod watch;

pub use archive::{Archive, Options, Part, Root, looks_like_tar};
pub use container::Kind;
pub use decode::Compression;
pub use error::Error;
pub use finding::{Code, Finding, Severity};
pub use keep::Keep;
pub use limits::Limits;
pub use member::{Member, MemberKind, Timestamp};
pub use members::Members;
pub use names::MemberName;
pub use source::{
    FileSource, MappedFile, Piece, Pieces, Range, Reader, SharedSource, Source, Spool, read_full_at,
};
