//! What has the files of a file system, wherever they lie.

use std::collections::BTreeSet;
use std::sync::Arc;

use bstr::BStr;

use super::entry::Entry;
use super::layer::Layer;
use super::root_files::RootFiles;
use super::tree::Absent;

/// What has the files of a file system. Names are those in it, without a slash in front; that of its top is empty.
#[derive(Debug, Clone)]
pub(super) enum Holder {
    /// The changes of the container, and what its image had.
    Root(Arc<RootFiles>),
    /// An archive of all there was: a temporary file system, a volume.
    Layer(Arc<Layer>),
}

impl Holder {
    /// The file of a name.
    pub(super) fn find(&self, name: &[u8]) -> Option<Entry<'_>> {
        match self {
            Self::Root(files) => files.find(name),
            Self::Layer(layer) => layer.find(name),
        }
    }

    /// Whether anything lies below a name.
    pub(super) fn has_below(&self, name: &[u8]) -> bool {
        match self {
            Self::Root(files) => files.has_below(name),
            Self::Layer(layer) => layer.has_below(name),
        }
    }

    /// The names in a directory.
    pub(super) fn children(&self, name: &[u8]) -> BTreeSet<&BStr> {
        match self {
            Self::Root(files) => files.children(name),
            Self::Layer(layer) => layer.children(name).collect(),
        }
    }

    /// Why there is nothing of a name.
    pub(super) fn absent(&self, name: &[u8]) -> Absent {
        match self {
            Self::Root(files) => files.absent(name),
            Self::Layer(_) => Absent::Nothing,
        }
    }
}
