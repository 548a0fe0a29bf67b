//! Damage and attacks: what is not what it should be is told, and takes nothing else along.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "a test that fails is what these are for"
)]

#[path = "../command.rs"]
#[allow(dead_code, reason = "other groups of tests use the rest of it")]
mod command;
mod costs;
mod cut;
mod extract;
mod facts;
mod limits;
mod missing;
mod parts;
mod processes;
mod views;
