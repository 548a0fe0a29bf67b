//! `icecore info`: what images are.

use bstr::BStr;
use icecore::Survey;
use icecore::images_format::{ByteOrder, Error, Framing, Image};

use crate::output::{Absence, Cell, Column, Row, Table};
use crate::row;

/// One row for each image.
pub const IMAGES: Table = Table {
    name: "images",
    columns: &[
        Column::text("kind", "KIND"),
        Column::hex("magic", "MAGIC"),
        Column::text("framing", "FRAMING"),
        Column::text("byte_order", "ORDER"),
        Column::count("entries", "ENTRIES"),
        Column::count("unknown_fields", "UNKNOWN"),
        Column::count("bytes", "BYTES"),
        Column::bytes("name", "NAME"),
    ],
};

/// The row of an image of that many bytes, or of what is none. `survey` is absent if its records could not be read.
pub fn row(name: &BStr, bytes: u64, image: Result<&Image<'_>, &Error>, survey: Option<&Survey>) -> Row {
    let magic = match image {
        Ok(image) => image.kind().magic(),
        Err(Error::UnknownMagic { found, .. }) => Some(*found),
        Err(_) => None,
    };
    let has_records = |image: &Image<'_>| image.kind().messages().next().is_some();
    let count = |of: fn(&Survey) -> u64| match (image, survey) {
        (Ok(image), _) if !has_records(image) => Cell::NOT_APPLICABLE,
        (Ok(_), Some(survey)) => Cell::Count(of(survey)),
        _ => Cell::Absent(Absence::Damaged),
    };
    // What has neither magic nor lengths has no byte order.
    let order = |image: &&Image<'_>| image.framing() != Framing::Raw;
    row![
        image.ok().map(|image| image.kind().row().name),
        magic.map_or(Cell::Absent(Absence::NotStored), |magic| Cell::Hex(magic.into())),
        image.ok().map(|image| framing(image.framing())),
        image.ok().filter(order).map(|image| byte_order(image.byte_order())),
        count(|survey| survey.entries),
        count(|survey| survey.unknown_fields),
        Cell::Count(bytes),
        name,
    ]
}

/// Which magics stand in front, in one word.
pub fn framing(framing: Framing) -> &'static str {
    match framing {
        Framing::One => "one",
        Framing::Common => "common",
        Framing::Service => "service",
        Framing::Raw => "raw",
        Framing::Plugin => "plugin",
    }
}

fn byte_order(order: ByteOrder) -> &'static str {
    match order {
        ByteOrder::Little => "little",
        ByteOrder::Big => "big",
    }
}
