//! Files that were open though their names were gone: `ghost-file-N.img`.
//!
//! CRIU stores them because nothing else has them any more; files above its limit (1 MiB by default) make a dump fail, so
//! whatever was open and unlinked is here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bstr::{BStr, BString};
use icecore_archive::{Member, Piece, Pieces, SharedSource, Timestamp};
use icecore_images::messages::{GhostFileEntry, Timeval};
use icecore_images::raw::ghost_file::GhostFile;
use icecore_images::{Image, Kind};

use super::entry::{Content, Entry, FileType, Origin};
use crate::diagnostic::IMAGE_DAMAGED;
use crate::files::Remap;
use crate::{Checkpoint, Diagnostic};

/// A ghost file, and the paths that it had.
#[derive(Debug)]
pub(super) struct Ghost {
    member: BString,
    record: GhostFileEntry,
    size: u64,
    /// Where the content begins, where it lies in one piece.
    offset: Option<u64>,
    content: Result<SharedSource, String>,
    /// Sorted; a path of its own where no file refers to it.
    paths: BTreeSet<BString>,
}

/// All ghost files, by rising number.
pub(super) fn read(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) -> Vec<Ghost> {
    let mut paths: BTreeMap<u64, BTreeSet<BString>> = BTreeMap::new();
    for file in checkpoint.file_records().iter() {
        if let (Some(Remap::Ghost(id)), Some(path)) = (file.remap, &file.path) {
            paths.entry(id.into()).or_default().insert(path.clone());
        }
    }
    let images = checkpoint.images();
    let numbered = images
        .known()
        .filter(|(_, kind, _)| *kind == Kind::GhostFile)
        .filter_map(|(name, _, member)| Some((Kind::of_name(name)?.number()?, (name, member))));
    let numbered: BTreeMap<u64, (&BStr, &Member)> = numbered.collect();
    let mut ghosts = Vec::new();
    for (number, (name, member)) in numbered {
        let own = || BTreeSet::from([BString::from(format!("/(ghost-file-{number:x})"))]);
        let paths = paths.remove(&number).unwrap_or_else(own);
        ghosts.extend(ghost(checkpoint, name, member, paths, diagnostics));
    }
    ghosts
}

/// Tells what is wrong with ghost files, without a file system that was asked for.
pub(crate) fn look(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) {
    drop(read(checkpoint, diagnostics));
}

/// The content of the ghost file of a number, and the member that it is in.
pub(crate) fn content(checkpoint: &Checkpoint, number: u32) -> Option<(BString, SharedSource)> {
    let name = Remap::Ghost(number).image()?;
    let member = checkpoint.images().member(&name)?;
    let ghost = ghost(checkpoint, BStr::new(&name), member, BTreeSet::new(), &mut Vec::new())?;
    Some((ghost.member, ghost.content.ok()?))
}

fn ghost(
    checkpoint: &Checkpoint,
    name: &BStr,
    member: &Member,
    paths: BTreeSet<BString>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Ghost> {
    let images = checkpoint.images();
    let name = name.to_string();
    let bytes = images.bytes(&name, diagnostics)?;
    let image = match Image::parse(&name, &bytes) {
        Ok(image) => image,
        Err(error) => {
            diagnostics.push(images.damaged_member(member, &error));
            return None;
        }
    };
    let ghost = match GhostFile::of(&image)? {
        Ok(ghost) => ghost,
        Err(error) => {
            diagnostics.push(images.damaged_member(member, &error));
            return None;
        }
    };
    let size = ghost.len();
    let (pieces, told) = pieces(&image, size);
    diagnostics.extend(told.into_iter().map(|told| told.of(member.name.as_bytes())));
    let offset = pieces.first().filter(|piece| piece.length == size).map(|piece| piece.offset);
    let content = member.source().map_err(|error| error.to_string());
    let content = content.map(|source| Arc::new(Pieces::new(vec![source], pieces, size)) as SharedSource);
    let member = member.name.as_bytes().into();
    Some(Ghost { member, record: ghost.record.message, size, offset, content, paths })
}

/// The stored pieces of a ghost in its image, sorted and apart, and what is wrong with them.
fn pieces(image: &Image<'_>, size: u64) -> (Vec<Piece>, Vec<Diagnostic>) {
    let (mut pieces, mut told, mut end) = (Vec::<Piece>::new(), Vec::new(), 0_u64);
    let Some(Ok(ghost)) = GhostFile::of(image) else { return (pieces, told) };
    for chunk in ghost.chunks() {
        let (start, bytes) = match chunk {
            Ok(chunk) => chunk,
            Err(error) => {
                told.push(Diagnostic::of_image(image.name(), &error));
                continue;
            }
        };
        let offset = offset_in(image, bytes);
        let length = bytes.len() as u64;
        if start < end || start.saturating_add(length) > size {
            let text = format!(
                "a chunk of {length} bytes at {start} lies over another, or behind the {size} bytes of the file; it is left out"
            );
            told.push(Diagnostic { offset: Some(offset), ..Diagnostic::new(IMAGE_DAMAGED, text) });
            continue;
        }
        end = start.saturating_add(length);
        pieces.push(Piece { start, length, base: 0, offset });
    }
    (pieces, told)
}

/// Where a part of an image lies in it.
fn offset_in(image: &Image<'_>, part: &[u8]) -> u64 {
    let (whole, part) = (image.bytes().as_ptr() as usize, part.as_ptr() as usize);
    part.saturating_sub(whole) as u64
}

impl Ghost {
    /// The file once for each path that it had.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.paths.iter().map(|path| self.entry(path.clone()))
    }

    fn entry(&self, path: BString) -> Entry<'_> {
        let record = &self.record;
        let file_type = FileType::of_mode(record.mode);
        let mut entry = Entry::new(path, Origin::Ghost, file_type, self.member.clone());
        entry.mode = Some(record.mode & 0o7777);
        (entry.uid, entry.gid) = (Some(record.uid.into()), Some(record.gid.into()));
        (entry.mtime, entry.atime) = (time(record.mtim.as_ref()), time(record.atim.as_ref()));
        entry.link.clone_from(&record.symlnk_target);
        entry.deleted = true;
        if matches!(file_type, FileType::CharDevice | FileType::BlockDevice) {
            entry.device = record.rdev.map(device);
        }
        if file_type == FileType::File {
            (entry.size, entry.offset) = (Some(self.size), self.offset);
            entry.content = match &self.content {
                Ok(source) => Content::Source(source.clone()),
                Err(why) => Content::Lost(why.clone()),
            };
        }
        entry
    }
}

/// Major and minor number as glibc packs them into 32 bits.
fn device(odev: u32) -> (u64, u64) {
    let (major, low, high) = (odev >> 8 & 0xfff, odev & 0xff, odev >> 20);
    (major.into(), (high << 8 | low).into())
}

/// CRIU stores the kernel's signed seconds as they are in 64 bits, so that those before 1970 look immense. Microseconds
/// that make no part of a second no kernel has told; the seconds beside them stand all the same.
fn time(time: Option<&Timeval>) -> Option<Timestamp> {
    let time = time?;
    let microseconds = u32::try_from(time.tv_usec).ok().filter(|count| *count < 1_000_000).unwrap_or(0);
    Some(Timestamp { seconds: time.tv_sec.cast_signed(), nanoseconds: microseconds.saturating_mul(1000) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_1970_and_beyond_any_calendar_are_told() {
        let told = |tv_sec: u64, tv_usec| {
            let mut stored = Timeval::default();
            (stored.tv_sec, stored.tv_usec) = (tv_sec, tv_usec);
            time(Some(&stored)).map(|time| (time.seconds, time.nanoseconds))
        };
        assert_eq!(told(1_764_099_271, 999_999), Some((1_764_099_271, 999_999_000)));
        assert_eq!(told(u64::MAX, 0), Some((-1, 0)));
        assert_eq!(told(1 << 63, 0), Some((i64::MIN, 0)));
        assert_eq!(told(u64::MAX, 1_000_000_000), Some((-1, 0)));
        assert_eq!(time(None), None);
    }
}
