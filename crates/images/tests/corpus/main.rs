//! Every image of the corpus of real checkpoints, against what python crit 4.2 said about it, and back to its
//! bytes.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests state facts and count them"
)]

mod broken;
mod cases;
mod crit;
mod raw;
mod round_trip;
