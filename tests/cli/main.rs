//! The command line as users meet it: what documents say it prints.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails is what these are for"
)]

#[path = "../body_file.rs"]
mod body_file;
#[path = "../command.rs"]
mod command;
mod extract;
mod fs;
mod images;
mod inspect;
mod memory;
mod queues;
mod readme;
mod rootfs;
mod schema;
mod streams;
mod timeline;
