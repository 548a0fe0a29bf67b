//! From the model to what is written: rows, documents and pages. A view computes nothing; it arranges.

pub mod cgroups;
pub mod changes;
pub mod credentials;
pub mod details;
pub mod entries;
pub mod files;
pub mod graph;
pub mod images;
pub mod ipc;
pub mod kinds;
pub mod limits;
pub mod maps;
pub mod members;
pub mod memory;
pub mod mounts;
pub mod namespaces;
pub mod net;
pub mod place;
pub mod processes;
pub mod queues;
mod rails;
pub mod search;
pub mod seccomp;
pub mod show;
pub mod signals;
pub mod sockets;
pub mod summary;
pub mod threads;
pub mod timeline;
pub mod values;

#[cfg(test)]
mod tests;
