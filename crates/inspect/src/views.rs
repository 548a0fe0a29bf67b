//! From the model to what is written: rows, documents and pages. A view computes nothing; it arranges.

pub mod members;
pub mod show;
pub mod summary;
pub mod values;
