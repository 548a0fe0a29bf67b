//! Real checkpoints against the testimony about them: of the kernel, of their makers, of other programs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that fails is what these are for"
)]

#[path = "../body_file.rs"]
mod body_file;
mod by_path;
mod captures;
mod cgroups;
#[path = "../command.rs"]
mod command;
mod crit;
mod decoded;
mod dumped;
mod extract;
mod files;
mod filesystem;
mod graph;
mod images;
mod ipc;
mod listing;
mod memory;
mod memory_model;
mod memory_rootfs;
mod mounts;
mod net;
mod old_generation;
mod old_images;
mod open;
#[path = "../pcapng.rs"]
mod pcapng;
mod places;
mod planted;
mod pods;
mod processes;
mod queues;
mod rivals;
mod searched;
mod serialized;
mod show;
mod sockets;
mod testimony;
mod timeline;
