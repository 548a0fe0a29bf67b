//! The root file system: what the container changed, on what its image had.
//!
//! The image is known only if the user names its files ([`RootFilesystem`]). What the container deleted, replaced by
//! something that is no directory, or removed and made again, hides what the image has there.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use bstr::{BStr, BString};
use icecore_archive::MemberName;

use super::changes::Changes;
use super::entry::{Entry, Origin};
use super::header::Headers;
use super::layer::Layer;
use super::tree::Absent;
use crate::{Checkpoint, RootFilesystem};

/// What is known of the root file system. Nothing of it is read before it is asked for.
#[derive(Debug)]
pub(crate) struct RootFiles {
    layer: Option<Arc<Layer>>,
    image: Option<Arc<RootFilesystem>>,
    changes: LazyLock<Option<Changes>, Read>,
}

type Read = Box<dyn FnOnce() -> Option<Changes> + Send>;

impl RootFiles {
    pub(super) fn of(checkpoint: &Checkpoint, layer: Option<Arc<Layer>>) -> Self {
        let engine = checkpoint.facts().engine.name;
        let deleted = checkpoint.root().file("deleted.files").cloned();
        let image = checkpoint.rootfs().cloned();
        let parts = (layer.clone(), image.clone());
        let read = move || Changes::read(engine, deleted.as_ref(), parts.0, parts.1);
        Self { layer, image, changes: LazyLock::new(Box::new(read)) }
    }

    /// The archive of what the container changed.
    pub(super) fn layer(&self) -> Option<&Layer> {
        self.layer.as_deref()
    }

    /// What the engine wrote down of changes.
    pub(super) fn changes(&self) -> Option<&Changes> {
        self.changes.as_ref()
    }

    /// The file of a name.
    pub(super) fn find(&self, name: &[u8]) -> Option<Entry<'_>> {
        self.stored(name).or_else(|| {
            let image = self.image.as_deref().filter(|_| self.shows_image(name))?;
            image.at(name)
        })
    }

    /// Whether anything lies below a name.
    pub(super) fn has_below(&self, name: &[u8]) -> bool {
        let stored = || self.layer().is_some_and(|layer| layer.has_below(name));
        let of_image = || self.image.as_ref().is_some_and(|image| image.has_below(name));
        stored() || (of_image() && self.shows_image(name))
    }

    /// The names in a directory.
    pub(super) fn children(&self, name: &[u8]) -> BTreeSet<&BStr> {
        let is_there = |child: &&BStr| self.changes().is_none_or(|changes| !changes.is_deletion(child));
        let mut children: BTreeSet<&BStr> =
            self.layer().into_iter().flat_map(|layer| layer.children(name)).filter(is_there).collect();
        if let Some(image) = self.image.as_deref().filter(|_| self.shows_image(name)) {
            let below = |child: &BStr| MemberName::new(&[name, b"/", child].concat());
            children.extend(image.children(name).filter(|child| self.shows_image(below(child).as_bytes())));
        }
        children
    }

    /// Why there is nothing of a name.
    pub(super) fn absent(&self, name: &[u8]) -> Absent {
        let path = absolute(name);
        match self.changes() {
            Some(changes) if changes.hides(&path) => Absent::Deleted,
            Some(changes) if changes.is_in_new(&path) => Absent::Nothing,
            _ if self.image.is_some() => Absent::Nothing,
            _ => Absent::Image,
        }
    }

    /// The files that the image has and the container left, by rising path.
    pub(super) fn of_image(&self) -> impl Iterator<Item = Entry<'_>> {
        let headers = self.image.iter().flat_map(|image| image.headers().iter().map(move |it| (image, it)));
        let left = headers.filter(|(_, header)| {
            let name = header.name.as_bytes();
            self.stored(name).is_none() && self.shows_image(name)
        });
        left.map(|(image, header)| image.headers().entry(header, absolute))
    }

    /// What the container put there.
    fn stored(&self, name: &[u8]) -> Option<Entry<'_>> {
        self.changes()?.find(name)
    }

    /// Whether what the image has of a name was still to be seen, where nothing else is stored of that name.
    fn shows_image(&self, name: &[u8]) -> bool {
        self.changes().is_none_or(|changes| {
            let path = absolute(name);
            !changes.hides(&path) && !changes.is_below_file(&path)
        })
    }
}

/// The path of a name in the root file system.
fn absolute(name: &[u8]) -> BString {
    [b"/", name].concat().into()
}

impl RootFilesystem {
    pub(super) fn headers(&self) -> Headers<'_> {
        Headers { archive: self.name(), origin: Origin::Rootfs, members: self.members() }
    }

    /// The file of a name, links not followed.
    pub(super) fn at(&self, name: &[u8]) -> Option<Entry<'_>> {
        self.members().get(name).map(|header| self.headers().entry(header, absolute))
    }

    /// Whether it has something of a name, be it only a directory that lacks a header.
    pub(super) fn has(&self, name: &[u8]) -> bool {
        self.members().get(name).is_some() || self.has_below(name)
    }

    fn has_below(&self, name: &[u8]) -> bool {
        self.children(name).next().is_some()
    }

    fn children(&self, name: &[u8]) -> impl Iterator<Item = &BStr> {
        self.members().children(name)
    }
}
