//! Where in an archive the checkpoints lie.

use std::collections::BTreeMap;
use std::sync::Arc;

use bstr::{BStr, BString};

use crate::container::tree::join;
use crate::{Member, Members};

/// The top of one checkpoint: the directory in which `config.dump`, `spec.dump` and `checkpoint/` are, or the
/// images themselves.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Root {
    /// What tells it from its siblings: the name of an image in its layout, or of a pod's part. `None` where there
    /// is one alone.
    pub label: Option<BString>,
    /// The members among which it lies.
    pub members: Arc<Members>,
    /// The directory in which it begins; empty for the top.
    pub directory: BString,
    /// Annotations of the manifest and index that led to it, those of the manifest first.
    pub annotations: BTreeMap<String, String>,
    /// The other parts of a containerd checkpoint.
    pub parts: Vec<Part>,
}

/// A part of a containerd checkpoint that is no file of it: its configuration, options, or layer of changes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Part {
    /// Its media type in the index.
    pub media_type: String,
    /// The blob.
    pub member: Member,
}

impl Root {
    /// A root with nothing below it: it stands for a checkpoint that could not be read.
    pub fn empty() -> Self {
        Self::whole(&Arc::new(Members::default()), BString::default())
    }

    /// A root within a list of members.
    pub(crate) fn whole(members: &Arc<Members>, directory: BString) -> Self {
        Self {
            label: None,
            members: members.clone(),
            directory,
            annotations: BTreeMap::new(),
            parts: Vec::new(),
        }
    }

    /// The member of this name below the root, whatever it is.
    pub fn get(&self, name: &str) -> Option<&Member> {
        self.members.get(&join(&self.directory, name.as_bytes()))
    }

    /// The regular file of this name below the root.
    pub fn file(&self, name: &str) -> Option<&Member> {
        self.members.file(&join(&self.directory, name.as_bytes()))
    }

    /// Whether anything lies below a directory, also one that has no member of its own.
    pub fn holds(&self, directory: &str) -> bool {
        let directory = join(&self.directory, directory.as_bytes());
        self.members.below(&directory).next().is_some()
    }

    /// All members below the root with their names from there, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&BStr, &Member)> {
        self.members
            .below(&self.directory)
            .filter_map(|member| Some((member.name.below(&self.directory)?, member)))
    }
}
