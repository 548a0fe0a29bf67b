//! The documents that container engines put into checkpoints, and one normalised form of them.
//!
//! A checkpoint of CRI-O, containerd, Podman, Docker, runc or plain CRIU holds, beside CRIU's images, JSON
//! documents in which the engine says what it froze. Each engine has its own. This crate reads them from
//! bytes, keeps what it does not know, and brings all into one [`Container`], in which every fact says where
//! it comes from:
//!
//! ```
//! use icecore_metadata::{Documents, Layout, Metadata};
//!
//! let mut documents = Documents::default();
//! documents.add("config.dump", br#"{"id": "8755c61b7a43", "name": "k8s_web_pod-1_default_8b7f_0", "runtime": "runc"}"#);
//! documents.add("spec.dump", br#"{"annotations": {"io.container.manager": "cri-o"}}"#);
//!
//! let has = |name: &str| ["config.dump", "spec.dump", "checkpoint"].contains(&name);
//! let metadata = Metadata::new(&documents, &Layout::new(&has));
//! assert_eq!(metadata.engine.name.as_str(), "cri-o");
//!
//! let name = metadata.container.name.unwrap();
//! assert_eq!((name.value.as_str(), name.from.to_string().as_str()), ("web", "config.dump name, its second field"));
//! ```
//!
//! # In the order needed
//!
//! 1. [`Documents`]: bytes by member name become typed documents. [`Document`] tells "not there" from "unreadable".
//!    They are read as the engine's own decoder would: keys in any case, the last of several counts.
//! 2. [`Layout`]: what the caller, who knows archives, tells about the archive itself.
//! 3. [`Metadata`]: the [`Engine`] with its evidence, the [`Container`], and what is wrong ([`Finding`]).
//! 4. [`logs::messages`]: the log of the container's output, fragments joined.
//!
//! # What it does not do
//!
//! It opens no file, knows neither tar nor CRIU's images, and trusts nothing: any bytes give documents and
//! findings, never a panic; nothing is allocated by a length that the bytes claim; depth and number of values
//! are bounded. The size of a document is for the caller to bound. Texts in findings are escaped, those in
//! documents are not.

#![forbid(unsafe_code)]

mod document;
mod documents;
mod engine;
mod fact;
mod finding;
mod json;
mod layout;
mod time;

pub mod base_image;
pub mod config_dump;
pub mod container;
pub mod containerd;
pub mod crio;
pub mod criu_log;
pub mod ctr;
pub mod docker;
pub mod file_lists;
pub mod logs;
pub mod network_status;
pub mod oci_spec;
pub mod pod;
pub mod podman;

pub use config_dump::ConfigDump;
pub use container::{Container, Metadata};
pub use document::Document;
pub use documents::{Documents, Role};
pub use engine::{Engine, EngineName, Evidence};
pub use fact::{Fact, Origin};
pub use finding::{Code, Finding, PER_CODE, Severity};
pub use json::{Members, Node, VALUE_LIMIT};
pub use layout::{Layout, ModificationTimes};
pub use oci_spec::Spec;
pub use time::Time;
