//! Read container checkpoints: what a frozen container was, from the archive alone.
//!
//! Kubernetes, CRI-O, containerd, Podman, Docker, runc and crun freeze containers with CRIU into archives. This crate
//! opens them where they lie, whatever their form, and answers questions about the container in the instant before the
//! freeze. It joins three crates that can be used by themselves: [`icecore_archive`] (archives to members),
//! [`icecore_images`] (CRIU images to records) and [`icecore_metadata`] (engine documents to facts).
//!
//! ```
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/minimal/checkpoint.tar");
//! use icecore::Checkpoint;
//!
//! let checkpoint = Checkpoint::open(path)?; // reads headers
//! println!("frozen by {}", checkpoint.facts().engine.name);
//! for process in checkpoint.processes() {
//!     for (fd, socket) in checkpoint.files().sockets_of(process.pid).filter(|(_, socket)| socket.is_listening()) {
//!         let (Some(comm), Some(local)) = (&process.comm, &socket.local) else { continue };
//!         println!("{} {comm} listens on {local} (fd {fd})", process.pid);
//!     }
//! }
//! for diagnostic in checkpoint.diagnostics() {
//!     eprintln!("{diagnostic}");
//! }
//! # Ok::<(), icecore::Error>(())
//! ```
//!
//! # Where to look
//! [`Checkpoint`] is the front door: [`facts`](Checkpoint::facts) of the engine, [`processes`](Checkpoint::processes),
//! [`files`](Checkpoint::files), [`memory`](Checkpoint::memory) of a process, and more. When you have only a tar, go down to
//! [`icecore_archive`]; when you have only an `.img` file, to [`icecore_images`].
//!
//! # Memory
//! [`Memory`] is an address space. Reading gives exactly the bytes that were asked for, or tells which of them the archive
//! does not hold and why; nothing is filled in. Without reading, [`run_at`](Memory::run_at) tells where bytes come from.
//!
//! ```
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/minimal/checkpoint.tar");
//! use icecore::memory::PageSource;
//! use icecore::{Checkpoint, Pid, Vaddr};
//!
//! let memory = Checkpoint::open(path)?.memory(Pid(1))?;
//! let mut text = [0; 15];
//! memory.read_at(Vaddr(0x40_9020), &mut text)?;
//! assert_eq!(&text, b"planted in data");
//!
//! let run = memory.run_at(Vaddr(0x40_9020));
//! assert_eq!((run.source, run.is_known()), (PageSource::Stored, true));
//! assert_eq!(run.member().map(ToString::to_string).as_deref(), Some("pages-1.img"));
//!
//! // What was never changed is in the program's file, which this archive does not have.
//! let run = memory.run_at(Vaddr(0x40_2000));
//! assert_eq!((run.source, run.is_known()), (PageSource::File, false));
//! if let Err(unreadable) = memory.read_at(run.start, &mut text) {
//!     eprintln!("{unreadable}"); // which addresses, and why
//!     assert_eq!(Some(unreadable.reason), run.reason);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # As JSON, and whatever else `serde` writes
//! Facts are plain data and implement [`serde::Serialize`]: numbers that are ids as numbers, addresses and registers as
//! hexadecimal text, what has a `name()` as that name. Bytes are bytes, so that nothing of them is lost: a list of numbers in
//! JSON, a byte string in formats that have one. What is only a way to facts or bytes, as [`Memory`], is no data.
//!
//! ```
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/minimal/checkpoint.tar");
//! let checkpoint = icecore::Checkpoint::open(path)?;
//! let processes = serde_json::to_value(checkpoint.processes())?;
//! assert_eq!(processes[0]["pid"], 1);
//! assert_eq!(processes[0]["comm"], serde_json::json!(b"minimal"));
//! assert_eq!(processes[0]["state"], "alive");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The documents of the command line, where texts are texts, are described in `docs/json.md`.
//!
//! # What to expect
//! - Opening reads headers; everything else is read when asked for, and kept.
//! - Damage never ends anything but what depends on it: answers come with [`Checkpoint::diagnostics`].
//! - What an archive does not hold is `None`, and never guessed.
//! - Nothing is printed, spawned, or written but an unnamed temporary file for large compressed members.
//! - All types are `Send` and `Sync`.
#![forbid(unsafe_code)]

pub mod cgroups;
mod checkpoint;
mod completeness;
mod diagnostic;
mod documents;
mod error;
pub mod files;
pub mod filesystem;
pub mod graph;
mod ids;
mod images;
pub mod ipc;
mod logs;
pub mod memory;
mod memory_names;
pub mod mounts;
pub mod namespaces;
pub mod network;
mod place;
pub mod process;
pub mod queues;
mod rootfs;
pub mod seccomp;
mod serialize;
pub mod sockets;
mod summary;
mod survey;
mod vma;
mod walk;

pub use checkpoint::Checkpoint;
pub use diagnostic::{CODES, Code, Diagnostic, Severity};
pub use error::Error;
pub use icecore_archive as archive;
pub use icecore_images as images_format;
pub use icecore_metadata as metadata;
pub use ids::{Fd, FileId, MountId, NamespaceId, Pid, Tid, Vaddr};
pub use images::Images;
pub use logs::LogKind;
pub use memory::Memory;
pub use place::Place;
pub use process::{Process, State, Thread, WaitStatus};
pub use rootfs::RootFilesystem;
pub use summary::{Counts, DumpStats, Inventory, Machine, Sizes};
pub use survey::Survey;
