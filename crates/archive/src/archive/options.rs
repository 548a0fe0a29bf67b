//! How archives are opened.

use crate::container::Kind;
use crate::watch::Watch;
use crate::{Keep, Limits};

/// How an archive is opened.
#[derive(Debug, Clone)]
pub struct Options {
    pub(crate) limits: Limits,
    pub(crate) keep: Keep,
    pub(crate) force: Option<Kind>,
    pub(crate) map: bool,
    pub(crate) file_system: bool,
    pub(crate) watch: Option<Watch>,
}

impl Default for Options {
    /// Default [`Limits`], [`Keep::Metadata`], the kind by content, files mapped.
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            keep: Keep::default(),
            force: None,
            map: true,
            file_system: false,
            watch: None,
        }
    }
}

impl Options {
    /// Sets the bounds on what opening and reading may cost.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets what of a compressed archive stays readable.
    #[must_use]
    pub fn keep(mut self, keep: Keep) -> Self {
        self.keep = keep;
        self
    }

    /// Takes the archive for this kind, whatever its content looks like.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.force = Some(kind);
        self
    }

    /// Whether files are mapped ([`MappedFile`](crate::MappedFile) has the contract) or read.
    #[must_use]
    pub fn map(mut self, map: bool) -> Self {
        self.map = map;
        self
    }

    /// Takes what is opened for the root file system of a container: a tar or directory begins at its top, and of an image
    /// layout every image is a root, its layers applied on each other, whether it holds a checkpoint or not. Everything
    /// is kept, and a directory is walked to any depth, but not into other file systems that are mounted in it.
    #[must_use]
    pub fn file_system(mut self) -> Self {
        self.file_system = true;
        self.keep(Keep::Everything)
    }

    /// Sets who is told how many bytes of a compressed archive, or of a stream, were read so far. It is called for
    /// every few kilobytes.
    #[must_use]
    pub fn watch(mut self, tell: impl Fn(u64) + Send + Sync + 'static) -> Self {
        self.watch = Some(Watch::new(tell));
        self
    }
}
