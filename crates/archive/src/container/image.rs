//! From the layers of images to the roots of the checkpoints that are in them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bstr::BString;

use super::{layers, tree};
use crate::archive::{Opener, Root};
use crate::finding::{Code, Finding, Findings};
use crate::{Member, MemberName, Members};

/// Collects the checkpoints among the images of a layout.
///
/// Images share layers and each checkpoint is a list of its own, so a small layout could ask for many large lists:
/// members, and bytes of annotations, are bounded for the layout as a whole.
#[derive(Debug)]
pub(super) struct Images<'a> {
    opener: &'a Opener<'a>,
    /// Layers that were opened, and those that could not be.
    opened: BTreeMap<MemberName, Option<Arc<Members>>>,
    members_left: u64,
    annotation_bytes_left: u64,
    found: Vec<Found>,
}

#[derive(Debug)]
struct Found {
    root: Root,
    /// What the image is called.
    label: BString,
    /// What tells it from another of the same name.
    id: BString,
}

impl<'a> Images<'a> {
    pub(super) fn new(opener: &'a Opener<'a>) -> Self {
        let limits = &opener.options.limits;
        Self {
            opener,
            opened: BTreeMap::new(),
            members_left: limits.members,
            annotation_bytes_left: limits.document,
            found: Vec::new(),
        }
    }

    /// The members of a layer, if it can be opened and the budget of the layout suffices for them.
    pub(super) fn layer(&mut self, layer: &Member, findings: &mut Findings) -> Option<Arc<Members>> {
        let members = self.open(layer, findings)?;
        let Some(left) = self.members_left.checked_sub(members.len() as u64) else {
            let text = "the images of this layout have too many members together (limit `members`); \
                        this layer was not applied";
            findings.add(Finding::new(Code::TooManyMembers, text).of(&layer.name));
            return None;
        };
        self.members_left = left;
        Some(members)
    }

    /// Opens a layer once, however many images have it.
    fn open(&mut self, layer: &Member, findings: &mut Findings) -> Option<Arc<Members>> {
        if let Some(opened) = self.opened.get(&layer.name) {
            return opened.clone();
        }
        let opened = match self.opener.nested(layer, findings) {
            Ok(members) => Some(members),
            Err(error) => {
                findings.add(Finding::new(Code::NotATar, error.to_string()).of(&layer.name));
                None
            }
        };
        self.opened.insert(layer.name.clone(), opened.clone());
        opened
    }

    /// The checkpoint in an image with these layers, the lowest first. `None`: it holds none, as a base image does
    /// not. A layer that cannot be opened takes nothing along but what is in it.
    pub(super) fn checkpoint<'m>(
        &mut self,
        layers: impl Iterator<Item = &'m Member>,
        findings: &mut Findings,
    ) -> Option<Root> {
        let opened: Vec<_> = layers.filter_map(|layer| self.layer(layer, findings)).collect();
        let members = layers::apply(&opened, findings);
        if self.opener.options.file_system {
            return Some(Root::whole(&members, BString::default()));
        }
        Some(Root::whole(&members, tree::find(&members)?))
    }

    /// Takes a checkpoint, with the annotations that led to it: a key of an earlier map counts.
    pub(super) fn add<'m>(
        &mut self,
        mut root: Root,
        id: &str,
        annotations: impl Iterator<Item = &'m BTreeMap<String, String>>,
        findings: &mut Findings,
    ) {
        for (key, value) in annotations.flatten() {
            if root.annotations.contains_key(key) {
                continue;
            }
            let bytes = (key.len() as u64).saturating_add(value.len() as u64);
            let Some(left) = self.annotation_bytes_left.checked_sub(bytes) else {
                let text =
                    "the annotations of this layout are too long (limit `document`); the rest is left out";
                findings.add(Finding::new(Code::BadDocument, text));
                break;
            };
            self.annotation_bytes_left = left;
            root.annotations.insert(key.clone(), value.clone());
        }
        let named = ["io.containerd.image.name", "org.opencontainers.image.ref.name"]
            .into_iter()
            .find_map(|key| root.annotations.get(key).map(String::as_str))
            .filter(|name| !name.is_empty());
        let label = named.unwrap_or(id).into();
        self.found.push(Found { root, label, id: id.into() });
    }

    /// The checkpoints in the order in which they were found, with labels if there are several.
    pub(super) fn into_roots(self) -> Vec<Root> {
        let alone = self.found.len() == 1;
        let mut taken = BTreeSet::new();
        let labelled = self.found.into_iter().map(|Found { mut root, mut label, id }| {
            if !alone {
                if !taken.insert(label.clone()) {
                    label = [label.as_slice(), b"@", id.as_slice()].concat().into();
                }
                root.label = Some(label);
            }
            root
        });
        labelled.collect()
    }
}
