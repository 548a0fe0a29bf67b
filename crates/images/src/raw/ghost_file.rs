//! Content of unlinked files: `ghost-file-ID.img`.

use crate::error::Located;
use crate::image::Framed;
use crate::message::Message;
use crate::messages::{GhostChunkEntry, GhostFileEntry};

/// A plain file is all that follows its record; a chunk says its length.
pub(crate) fn length<'a>(framed: &Framed<'a>) -> Result<usize, Located<'a>> {
    if framed.index > 0 {
        let chunk = GhostChunkEntry::decode(framed.record)?;
        return Ok(usize::try_from(chunk.len).unwrap_or(usize::MAX));
    }
    let file = GhostFileEntry::decode(framed.record)?;
    Ok(if file.chunks == Some(true) { 0 } else { framed.rest.len() })
}
