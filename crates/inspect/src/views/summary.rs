//! `icecore show`, several checkpoints: a row each.

use icecore::Checkpoint;

use crate::opening;
use crate::output::{Cell, Column, Row, Table};
use crate::row;

/// One row for each checkpoint.
pub const CHECKPOINTS: Table = Table {
    name: "checkpoints",
    columns: &[
        Column::bytes("archive", "ARCHIVE"),
        Column::bytes("name", "CONTAINER"),
        Column::text("engine", "ENGINE"),
        Column::text("pod", "POD"),
        Column::text("image", "IMAGE"),
        Column::time("checkpointed", "FROZEN"),
        Column::count("processes", "PROCESSES"),
        Column::count("memory", "MEMORY"),
        Column::count("size", "SIZE"),
    ],
};

/// The row of a checkpoint.
pub fn row(archive: &bstr::BStr, checkpoint: &Checkpoint) -> Row {
    let container = &checkpoint.facts().container;
    let pod = container.pod.as_ref().and_then(|pod| {
        let namespace = pod.namespace.as_ref().map(|namespace| format!("{}/", namespace.value));
        Some(format!("{}{}", namespace.unwrap_or_default(), pod.name.as_ref()?.value))
    });
    let frozen = container.checkpointed.as_ref().map(|time| match time.value.instant {
        Some(instant) => Cell::Time(instant),
        None => Cell::from(time.value.text.clone()),
    });
    let sizes = checkpoint.sizes();
    row![
        archive,
        opening::container(checkpoint),
        checkpoint.facts().engine.name.as_str(),
        pod,
        container.image.name.as_ref().map(|name| name.value.clone()),
        frozen,
        checkpoint.counts().processes,
        Cell::Size(sizes.pages),
        sizes.archive.map(Cell::Size),
    ]
}
