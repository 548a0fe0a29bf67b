//! Why a checkpoint cannot be opened.

/// What ends an operation. What does not is a [`Diagnostic`](crate::Diagnostic).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The archive cannot be opened or read.
    #[error(transparent)]
    Archive(#[from] icecore_archive::Error),
    /// The archive is sound, but there is no checkpoint in it.
    #[error(
        "no checkpoint in this {kind} of {members} members: expected `config.dump`, `checkpoint/` or images at its top"
    )]
    NoCheckpoint {
        /// What kind of archive it is.
        kind: &'static str,
        /// How many members it has.
        members: usize,
    },
    /// The archive does not say what memory a process had.
    #[error("process {pid} has no memory here: `{image}` is missing or damaged; zombies have none")]
    NoMemory {
        /// The process.
        pid: crate::Pid,
        /// The image that would describe it.
        image: bstr::BString,
    },
    /// Memory was asked for that the archive does not hold.
    #[error(transparent)]
    Unreadable(#[from] crate::memory::Unreadable),
    /// The bytes of a file are not in the archive, or it has none.
    #[error("{path}: {why}")]
    NoContent {
        /// The file.
        path: bstr::BString,
        /// Why they cannot be had.
        why: String,
    },
    /// What was named as a root file system is an image layout of several images, or of none.
    #[error(
        "{name}: {images} images in this layout; a root file system is one: name a layout of one image, or a tar of its files"
    )]
    RootFilesystem {
        /// What it is called.
        name: bstr::BString,
        /// How many images there are.
        images: usize,
    },
    /// There are several, and one was asked for.
    #[error("{} checkpoints in this archive ({}): open them all, or name one", labels.len(), labels.join(", "))]
    Several {
        /// What tells them apart.
        labels: Vec<String>,
    },
}
