//! Where files are written to, and what is asked of it.

use std::io;

use icecore::archive::{SharedSource, Timestamp};
use icecore::namespaces::Owner;

use crate::hashes::Sha256;

/// Where files are written to. Places are relative, with `/` between components that are safe names, and each is given once.
///
/// A [`Failure::Skip`] is told and extraction goes on, a [`Failure::End`] ends it. Neither leaves a part of a file behind.
pub trait Sink {
    /// Makes a directory, and those above it; it may be there because something in it was made before. More is made in it
    /// later, which must not change its times.
    ///
    /// # Errors
    /// If it cannot be made.
    fn directory(&mut self, place: &str, facts: Facts) -> Result<Written, Failure>;

    /// Writes a file, and makes the directories above it.
    ///
    /// # Errors
    /// If its content cannot be read, or it cannot be written.
    fn file(&mut self, place: &str, facts: Facts, content: &SharedSource) -> Result<Written, Failure>;

    /// Makes a device or a named pipe.
    ///
    /// # Errors
    /// If it cannot be made, as devices by most users.
    fn special(&mut self, place: &str, facts: Facts, special: Special) -> Result<Written, Failure>;

    /// Makes one more name of a file that was written.
    ///
    /// # Errors
    /// [`Failure::Skip`] if it cannot be made; the file is copied then.
    fn hard_link(&mut self, place: &str, first: &str) -> Result<(), Failure>;

    /// Makes a symbolic link, which is never followed.
    ///
    /// # Errors
    /// If it cannot be made.
    fn symlink(&mut self, place: &str, facts: Facts, target: &[u8]) -> Result<Written, Failure>;
}

/// What a file that is written has beside its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Facts {
    /// Permission bits: those of the file, without what makes it dangerous and with what makes it readable.
    pub mode: u32,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// When it was last read, where the archive tells that.
    pub accessed: Option<Timestamp>,
    /// Whose it shall be; `None`: of whoever runs this.
    pub owner: Option<Owner>,
    /// Whether its sum is wanted.
    pub with_sum: bool,
}

impl Facts {
    /// Seconds since 1970, where the time is not before.
    pub fn mtime(&self) -> Option<u64> {
        u64::try_from(self.modified?.seconds).ok()
    }
}

/// What has a name and neither content nor a target. Devices have a major and a minor number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Special {
    /// A named pipe.
    Fifo,
    /// A character device.
    CharDevice(u32, u32),
    /// A block device.
    BlockDevice(u32, u32),
}

/// What was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The sum of its content, if that was wanted.
    pub sha256: Option<Sha256>,
    /// What it lacks of its facts and why, such as its owner.
    pub lacks: Option<String>,
}

/// Why something was not written.
#[derive(Debug)]
pub enum Failure {
    /// It cannot be: the archive does not give its bytes, or the place does not take such a thing. Others can.
    Skip(io::Error),
    /// Nothing more can be.
    End(io::Error),
}

impl Failure {
    /// A [`Failure::Skip`] with its reason.
    pub fn skip(why: impl Into<String>) -> Self {
        Self::Skip(io::Error::other(why.into()))
    }
}
