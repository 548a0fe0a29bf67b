//! `icecore timeline`: a row for each time stamp.

use icecore::Checkpoint;
use icecore_analysis::timeline::{Event, Filter, events};

use super::members::time;
use crate::error::Error;
use crate::list::{List, Rows};
use crate::output::{Cell, Column, Row, Table};
use crate::row;

/// One row for each time stamp, in their order.
pub const EVENTS: Table = Table {
    name: "events",
    columns: &[
        Column::time("time", "TIME").always(),
        Column::text("kind", "KIND").always(),
        Column::text("subject", "SUBJECT").always(),
        Column::bytes("path", "PATH"),
        Column::bytes("member", "MEMBER").always(),
        // Last, because a log line may be of any length.
        Column::bytes("detail", "DETAIL").always(),
    ],
};

/// What `inspect` lists if it is asked for.
pub(crate) const LIST: List =
    List::new(&EVENTS, |checkpoint, _| rows(checkpoint, &Filter::default())).titled("timeline").of_contents();

/// The rows of the events that are wanted.
pub(crate) fn rows<'a>(checkpoint: &Checkpoint, filter: &Filter) -> Rows<'a> {
    let failed = |source| Error::Input { archive: "time stamps".to_owned(), source: Box::new(source) };
    match events(checkpoint, filter) {
        Ok(events) => Box::new(events.map(move |event| event.map(row).map_err(failed))),
        Err(error) => Box::new(std::iter::once(Err(failed(error)))),
    }
}

fn row(event: Event) -> Row {
    row![
        time(event.time),
        event.kind.name(),
        event.subject,
        Cell::given(event.path),
        event.member,
        event.detail,
    ]
}
