//! Where in the archive a row comes from: a column that all lists of the model have.

use icecore::Place;

use crate::output::{Cell, Column, Kind, Object};

const KIND: Kind = Kind::Object(&[
    ("member", Kind::Bytes),
    ("entry", Kind::Count),
    ("offset", Kind::Count),
    ("length", Kind::Count),
]);

/// The column.
pub const COLUMN: Column = Column::of(KIND, "place", "PLACE").for_machines();

/// Its value; left out of rows that no record alone tells.
pub fn cell(place: Option<&Place>) -> Cell {
    let object = |place: &Place| {
        Object::new()
            .with("member", place.member.as_ref())
            .with("entry", place.entry)
            .with("offset", place.offset)
            .with("length", place.length)
    };
    place.map_or(Cell::NOT_APPLICABLE, |place| Cell::Object(object(place)))
}
