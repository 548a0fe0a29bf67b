//! The command line of icecore, as a library: arguments and streams in, an exit code out.
//!
//! The binary `icecore` is a dozen lines around [`run`]. Everything else lives here, so that tests, fuzz
//! targets and documents reach it without starting a process:
//!
//! ```
//! use icecore_inspect::{Io, Terminal, run};
//!
//! let (mut out, mut err) = (Vec::new(), Vec::new());
//! let terminal = Terminal::default();
//! let code = run(
//!     ["icecore", "--version"].map(Into::into),
//!     &mut Io { out: &mut out, err: &mut err, input: None, terminal },
//! );
//! assert_eq!((code, err.len()), (0, 0));
//! assert!(out.starts_with(b"icecore "));
//! ```
//!
//! | module | subject |
//! |---|---|
//! | [`commands`] | the list of commands |
//! | [`answer`] | what documents of JSON a command gives |
//! | [`arguments`] | what commands share on the command line |
//! | [`views`] | model values as rows, documents and pages |
//! | [`output`] | rows and documents as text, JSON, JSON Lines, CSV; escaping, diagnostics, progress |

#![forbid(unsafe_code)]

pub mod commands;

pub mod answer;
pub mod arguments;
pub mod output;
pub mod views;

mod diagnostics;
mod documents;
mod join;
mod list;
mod listing;
mod member_path;
mod opening;
mod scan;
mod sections;

pub mod panics;

mod cli;
mod error;
mod exit;
mod extraction;
mod io;

pub use cli::run;
pub use error::Error;
pub use exit::Exit;
pub use io::{Io, Terminal};
