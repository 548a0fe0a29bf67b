//! Real and hostile checkpoints against what their makers say of them: `expected.json` beside each.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot read its inputs has failed"
)]

mod archive;
mod hostile;
mod real;
