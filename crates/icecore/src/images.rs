//! The image directory of a checkpoint: the images by name, and their records.

use std::borrow::Cow;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};
use icecore_archive::{Member, MemberKind, Root};
use icecore_images::{Error, Image, Kind, Message, Record};

use crate::diagnostic::{IMAGE_DAMAGED, MEMBER_UNREADABLE, NOT_REGULAR};
use crate::place::{Place, Placed};
use crate::{Diagnostic, Survey};

/// The directory that CRIU wrote, wherever an engine put it.
#[derive(Debug, Clone)]
pub struct Images {
    root: Root,
    directory: &'static str,
}

/// Names under which engines store image directories, in the order of trial. The last is the top itself.
///
/// `final` is the last of the directories that LXC and Incus write while they migrate a container.
const DIRECTORIES: [&str; 4] = ["checkpoint", "pre-checkpoint", "final", ""];

/// Bytes of images that are looked over for damage that nobody asked about: all those of an ordinary container.
const SURVEYED: u64 = 512 << 10;

/// Images that have a record in every dump.
const NEVER_EMPTY: [Kind; 7] =
    [Kind::Inventory, Kind::Pstree, Kind::Core, Kind::Ids, Kind::Mm, Kind::Fs, Kind::Files];

/// Largest image that is read whole, in bytes.
const IMAGE: (&str, u64) = ("image", 1 << 30);

impl Images {
    /// Finds the image directory below a root.
    pub(crate) fn find(root: &Root) -> Self {
        let holds = |directory: &str| {
            let mut members =
                root.iter().filter_map(|(name, member)| Some((below(name, directory)?, member)));
            members.any(|(name, _)| name.ends_with(b".img"))
        };
        let directory = DIRECTORIES.into_iter().find(|directory| holds(directory)).unwrap_or("");
        Self { root: root.clone(), directory }
    }

    /// The images at the very top of a root.
    pub(crate) fn at_top(root: Root) -> Self {
        Self { root, directory: "" }
    }

    /// The root that it lies in.
    pub(crate) fn root(&self) -> &Root {
        &self.root
    }

    /// Its name in the archive, which tells it from all other directories there.
    pub(crate) fn top(&self) -> BString {
        let root = self.root.directory.as_bytes();
        let parts = [root, self.directory.as_bytes()].into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(&b'/').into()
    }

    /// Whatever has this name in the directory, regular file or not.
    pub(crate) fn entry(&self, name: &str) -> Option<&Member> {
        self.root.get(&self.path(name))
    }

    /// Its name below the root of the checkpoint; empty where the images lie at the top.
    pub fn directory(&self) -> &'static str {
        self.directory
    }

    /// Whether these are the images of a pre-dump: memory only, no processes.
    pub fn is_pre_dump(&self) -> bool {
        let mut kinds = self.known().map(|(_, kind, _)| kind);
        let mut pagemaps = false;
        let processes = kinds.any(|kind| {
            pagemaps |= kind == Kind::Pagemap;
            matches!(kind, Kind::Pstree | Kind::Core | Kind::Mm | Kind::Ids)
        });
        pagemaps && !processes
    }

    /// The regular file of this name.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.root.file(&self.path(name))
    }

    /// All members of the directory itself with their names there, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&BStr, &Member)> {
        self.root.iter().filter_map(|(name, member)| Some((below(name, self.directory)?, member)))
    }

    /// The members that are images of kinds which CRIU has, by their names.
    pub fn known(&self) -> impl Iterator<Item = (&BStr, Kind, &Member)> {
        self.iter().filter_map(|(name, member)| Some((name, Kind::of_name(name)?.kind, member)))
    }

    /// Everything that is an image by its name, by the `.img` at its end, or by its magic: first what lies in the
    /// directory, sorted by name, then what lies beside it, as `stats-dump`.
    pub fn files(&self) -> impl Iterator<Item = &Member> {
        let is_image = |name: &BStr, member: &Member| {
            Kind::of_name(name).is_some()
                || name.ends_with(b".img")
                || Image::parse("", &member.head()).is_ok()
        };
        let inside = self.iter().filter(move |(name, member)| member.is_file() && is_image(name, member));
        let beside = self.root.iter().filter(|(name, member)| {
            let kind = Kind::of_name(*name).and_then(|named| named.kind.magic());
            !self.directory.is_empty() && member.is_file() && kind.is_some()
        });
        inside.chain(beside).map(|(_, member)| member)
    }

    /// The bytes of an image. `None`: there is no such file, or it cannot be read, which is told.
    pub(crate) fn bytes(&self, name: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Cow<'_, [u8]>> {
        let member = self.member(name)?;
        match member.bytes(IMAGE) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                let path = member.name.as_bytes();
                diagnostics.push(Diagnostic::new(MEMBER_UNREADABLE, error.to_string()).of(path));
                None
            }
        }
    }

    /// The records of an image that are an `M`. What cannot be read of it is told and left out. `None`: there is
    /// no such image.
    pub(crate) fn records<M: Message>(
        &self,
        name: &str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Vec<M>> {
        self.each(name, diagnostics, |record, _| record.message)
    }

    /// The same, each with its place.
    pub(crate) fn placed<M: Message>(
        &self,
        name: &str,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Vec<Placed<M>>> {
        self.each(name, diagnostics, |record, member| {
            let place = Place::of(member, &record);
            Placed { message: record.message, place }
        })
    }

    /// What is made of each record of an image and the image's name.
    pub(crate) fn each<M: Message, T>(
        &self,
        name: &str,
        diagnostics: &mut Vec<Diagnostic>,
        mut make: impl FnMut(Record<'_, M>, &Arc<BString>) -> T,
    ) -> Option<Vec<T>> {
        let bytes = self.bytes(name, diagnostics)?;
        let image = match Image::parse(name, &bytes) {
            Ok(image) => image,
            Err(error) => {
                diagnostics.push(self.damaged(name, &error));
                return Some(Vec::new());
            }
        };
        let member = Arc::new(self.full_name(name));
        let mut made = Vec::new();
        for record in image.records::<M>() {
            match record {
                Ok(record) => made.push(make(record, &member)),
                Err(error) => diagnostics.push(self.damaged(name, &error)),
            }
        }
        Some(made)
    }

    /// The first record of an image.
    pub(crate) fn first<M: Message>(&self, name: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<M> {
        self.records(name, diagnostics)?.into_iter().next()
    }

    /// What an image says about itself: its byte order, and whether its name and magic agree.
    pub(crate) fn with_image<T>(
        &self,
        name: &str,
        diagnostics: &mut Vec<Diagnostic>,
        ask: impl FnOnce(Image<'_>) -> T,
    ) -> Option<T> {
        let bytes = self.bytes(name, diagnostics)?;
        Image::parse(name, &bytes).ok().map(ask)
    }

    /// Tells what lies where images and documents are expected, but is none.
    pub(crate) fn tell_odd_members(&self, documents: &[&str], diagnostics: &mut Vec<Diagnostic>) {
        // The link to the parent of an incremental dump is one by nature.
        let images = self.known().filter(|(_, kind, _)| *kind != Kind::Parent).map(|(_, _, member)| member);
        let documents = documents.iter().filter_map(|name| self.root.get(name));
        for member in images.chain(documents) {
            let resolved = match member.kind {
                MemberKind::File => true,
                MemberKind::Hardlink => self.root.members.file(member.name.as_bytes()).is_some(),
                _ => false,
            };
            if !resolved {
                let text = format!("is a {}, not a regular file; it counts as absent", member.kind.name());
                diagnostics.push(Diagnostic::new(NOT_REGULAR, text).of(member.name.as_bytes()));
            }
        }
    }

    /// Whether all images together are few enough to look at what nobody asked about.
    pub(crate) fn are_small(&self) -> bool {
        let with_records = self.known().filter(|(_, kind, _)| kind.magic().is_some());
        with_records.fold(0, |sum: u64, (_, _, member)| sum.saturating_add(member.available())) <= SURVEYED
    }

    /// Tells what is wrong with images in themselves: read whole while a budget of bytes lasts, the smallest of what a
    /// checkpoint has by far; of larger ones the first bytes, which say whether the name is right.
    pub(crate) fn tell_damage(&self, diagnostics: &mut Vec<Diagnostic>) {
        let mut left = SURVEYED;
        for (name, kind, member) in
            self.known().filter(|(_, kind, member)| kind.magic().is_some() && member.is_file())
        {
            let whole = member.available() <= left;
            let bytes = if whole { member.bytes(IMAGE).unwrap_or_default() } else { member.head().into() };
            let full_name = member.name.as_bytes();
            match Image::parse(name, &bytes) {
                Ok(image) if whole => {
                    left = left.saturating_sub(member.available());
                    let survey = Survey::of(full_name.as_bstr(), &image);
                    diagnostics.extend(survey.diagnostics);
                    if survey.entries == 0 && NEVER_EMPTY.contains(&kind) {
                        let text = "ends behind its magic; expected at least one record";
                        diagnostics.push(Diagnostic::new(IMAGE_DAMAGED, text).of(full_name));
                    }
                }
                Ok(image) => diagnostics.extend(Diagnostic::of_misnamed(full_name, kind, &image)),
                Err(error) => diagnostics.push(self.damaged(&name.to_str_lossy(), &error)),
            }
        }
    }

    pub(crate) fn damaged(&self, name: &str, error: &Error) -> Diagnostic {
        Diagnostic::of_image(self.full_name(name), error)
    }

    /// What is wrong with an image that does not lie among the others.
    pub(crate) fn damaged_member(&self, member: &Member, error: &Error) -> Diagnostic {
        Diagnostic::of_image(member.name.as_bytes(), error)
    }

    /// The name of an image as it stands in the archive.
    pub(crate) fn full_name(&self, name: &str) -> BString {
        match self.member(name) {
            Some(member) => member.name.as_bytes().into(),
            None => self.path(name).into(),
        }
    }

    fn path(&self, name: &str) -> String {
        if self.directory.is_empty() { name.to_owned() } else { format!("{}/{name}", self.directory) }
    }
}

/// The name of what lies directly in a directory.
fn below<'a>(name: &'a BStr, directory: &str) -> Option<&'a BStr> {
    let name = match directory {
        "" => name.as_bytes(),
        _ => name.strip_prefix(directory.as_bytes())?.strip_prefix(b"/")?,
    };
    (!name.contains(&b'/')).then_some(name.as_bstr())
}

#[cfg(test)]
mod tests;
