//! How answers leave the program: rows and documents in, text, JSON, JSON Lines or CSV out.
//!
//! A command declares a [`Table`] (or builds an [`Object`]), hands typed [`Cell`]s to the [`Writer`], and
//! knows nothing of formats. Units, byte twins, escaping, widths and colours are decided here, once.
//!
//! Rows stream: nothing here grows with their number. Only text looks ahead, over a bounded beginning, to
//! find its column widths.

pub mod cell;
pub mod destination;
pub mod diagnostics;
pub mod escape;
pub mod escaping;
pub mod hexdump;
pub mod human;
pub mod kind;
pub mod object;
pub mod progress;
pub mod raw;
pub mod style;
pub mod table;
pub mod writer;

mod csv;
mod digits;
mod form;
mod json;
mod json_cells;
mod json_lines;
mod json_strings;
mod selection;
mod text;

pub use cell::{Absence, Cell};
pub use diagnostics::{Diagnostic, Severity};
pub use kind::{Field, Kind};
pub use object::Object;
pub use progress::Progress;
pub use raw::Raw;
pub use style::Style;
pub use table::{Column, Row, Table};
pub use writer::{Document, Shape, Writer};

/// The value of `schema` in every JSON document: the contract that scripts rely on.
pub const SCHEMA: &str = "icecore/1";
