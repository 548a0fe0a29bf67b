//! Figures of a checkpoint that one look at its images and members gives.

mod counts;
mod inventory;
mod machine;
mod release;
mod sizes;
mod stats;

pub use counts::Counts;
pub use inventory::Inventory;
pub use machine::Machine;
pub(crate) use machine::page_size;
pub use sizes::Sizes;
pub use stats::DumpStats;

#[cfg(test)]
mod tests;
