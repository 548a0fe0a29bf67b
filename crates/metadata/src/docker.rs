//! `config.json` of an old Docker checkpoint directory (1.13 to 17.x): facts of the checkpoint, not of the
//! container.
//!
//! It is no OCI specification: it has `created` and `name` and no `ociVersion`. Newer Docker writes no
//! document.

use crate::document::documents;
use crate::time::Time;

documents! {
    /// The document.
    DockerCheckpoint {
        /// When the checkpoint was made.
        created: Time = "created",
        /// Name of the checkpoint, not of the container.
        name: String = "name",
        /// True if established TCP connections were kept.
        tcp: bool = "tcp",
        /// True if unix sockets to the outside were kept.
        unix_sockets: bool = "unixSockets",
        /// True if the container had a terminal.
        shell: bool = "shell",
        /// True if the container was stopped afterwards.
        exit: bool = "exit",
        /// Namespaces that were left empty.
        empty_namespaces: Vec<String> = "emptyNS",
    }
}
