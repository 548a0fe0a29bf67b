//! The content of a shared object as bytes at offsets.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use bstr::BString;
use icecore_archive::{SharedSource, Source};

use super::backing::SpanPlace;
use super::objects::{Object, ObjectKey};
use super::page_size::PageSize;
use super::run::Reason;
use crate::checkpoint::Noted;
use crate::{Checkpoint, Diagnostic};

/// An object of a known size. Reading what the archive does not hold is an error that says why.
#[derive(Debug)]
struct ObjectSource {
    object: Arc<Object>,
    size: u64,
}

impl Checkpoint {
    /// The content of a memory file, by its `inode_id`, or why nothing of it can be had. `None`: there is no such file.
    pub(crate) fn memfd_content(
        &self,
        inode_id: u64,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Result<SharedSource, String>> {
        self.object_content(ObjectKey::Memfd(inode_id), diagnostics)
    }

    /// The same of a System V segment, by its id.
    pub(crate) fn segment_content(
        &self,
        id: u32,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Result<SharedSource, String>> {
        self.object_content(ObjectKey::Segment(id.into()), diagnostics)
    }

    /// The member that has the content of a segment in one piece, behind its record, and where in it: until CRIU 2.12.
    pub(crate) fn segment_place(&self, id: u32) -> Option<(BString, u64)> {
        let (image, offset) = self.shared().segment_place(id)?;
        Some((self.images().full_name(image), offset))
    }

    /// All shared objects of a known size with their content: memory files, shared anonymous memory since CRIU 3.14, and
    /// System V segments, whether anybody has mapped them or not. An object of which nothing can be had is left out.
    pub fn shared_objects(&self) -> Vec<(Arc<Object>, SharedSource)> {
        let hint = PageSize { forced: self.forced_page_size(), told: self.machine().page_size };
        let shared = self.shared();
        let keys = shared.object_keys().into_iter();
        let objects = keys.filter_map(|key| shared.object(key, hint, &mut Vec::new()));
        objects
            .filter(|object| object.lost().is_none())
            .filter_map(|object| {
                let size = object.size?;
                let content = Arc::new(ObjectSource { object: object.clone(), size }) as SharedSource;
                Some((object, content))
            })
            .collect()
    }

    fn shared(&self) -> &super::Shared {
        let read = || Noted::read(|told| super::Shared::read(self, told));
        &self.address_spaces().shared.get_or_init(read).value
    }

    fn object_content(
        &self,
        key: ObjectKey,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Result<SharedSource, String>> {
        let hint = PageSize { forced: self.forced_page_size(), told: self.machine().page_size };
        let object = self.shared().object(key, hint, diagnostics)?;
        let size = object.size?;
        if let Some(reason) = object.lost() {
            return Some(Err(reason.to_string()));
        }
        Some(Ok(Arc::new(ObjectSource { object, size })))
    }
}

impl Source for ObjectSource {
    fn len(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.size.saturating_sub(offset);
        let piece = |end: u64| {
            let length = end.saturating_sub(offset).min(left);
            usize::try_from(length).unwrap_or(usize::MAX).min(buffer.len())
        };
        let unknown = |reason: &Reason| io::Error::other(reason.to_string());
        match self.object.at(offset) {
            Ok(span) => {
                let Some(buffer) = buffer.get_mut(..piece(span.end)) else { return Ok(0) };
                let backing = self.object.backing();
                let SpanPlace::Stored { file, offset } = span.place else {
                    return Err(unknown(&backing.reason(span.place).unwrap_or(Reason::Placeless)));
                };
                let file = backing.file(file).ok_or_else(|| unknown(&Reason::Placeless))?;
                file.read(offset, buffer).map_err(|reason| unknown(&reason))?;
                Ok(buffer.len())
            }
            Err(gap) => {
                if let Some(reason) = gap.reason.filter(|_| left > 0) {
                    return Err(unknown(&reason));
                }
                let Some(buffer) = buffer.get_mut(..piece(gap.end)) else { return Ok(0) };
                buffer.fill(0);
                Ok(buffer.len())
            }
        }
    }

    fn next_data(&self, offset: u64) -> Option<Range<u64>> {
        let mut at = offset;
        while at < self.size {
            match self.object.at(at) {
                Ok(span) => return Some(at..span.end.min(self.size)),
                // What cannot be read is no hole: whoever reads it is to be told.
                Err(gap) if gap.reason.is_some() => return Some(at..gap.end.min(self.size)),
                Err(gap) => at = gap.end.max(at.saturating_add(1)),
            }
        }
        None
    }
}
