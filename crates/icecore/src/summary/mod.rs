//! Figures of a checkpoint that one look at its images and members gives.

mod counts;
mod machine;
mod sizes;
mod stats;

pub use counts::Counts;
pub use machine::Machine;
pub use sizes::Sizes;
pub use stats::DumpStats;
