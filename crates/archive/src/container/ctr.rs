//! Checkpoints as containerd's client keeps them: an index that lists parts instead of manifests.

use std::sync::Arc;

use bstr::BString;

use super::blobs::Blob;
use super::image::Images;
use super::tree;
use crate::archive::{Part, Root};
use crate::finding::{Code, Finding, Findings};
use crate::{Member, Members};

/// How the media types of the parts begin; `content` and `images` of containerd have no other that does.
const PREFIX: &str = "application/vnd.containerd.container.";

/// The media type of the tar of CRIU's images, flat and without directories.
const CRIU_TAR: &str = "application/vnd.containerd.container.criu.checkpoint.criu.tar";

/// Whether a descriptor of this media type is part of a checkpoint.
pub(super) fn is_part(media_type: &str) -> bool {
    media_type.starts_with(PREFIX)
}

/// The checkpoint that these parts make, listed in the index `place`. It has no members if the tar of the images is
/// not there; the other parts still tell something.
pub(super) fn root(
    parts: Vec<Blob>,
    place: &Member,
    images: &mut Images<'_>,
    findings: &mut Findings,
) -> Root {
    let (tars, others): (Vec<Blob>, Vec<Blob>) =
        parts.into_iter().partition(|part| part.media_type == CRIU_TAR);
    let mut tars = tars.into_iter();
    let members = match tars.next() {
        Some(tar) => images.layer(&tar.member, findings),
        None => {
            let text = format!("no part `{CRIU_TAR}` is here: the checkpoint has no images of its processes");
            findings.add(Finding::new(Code::BlobMissing, text).of(&place.name));
            None
        }
    };
    if tars.next().is_some() {
        let text = format!("the index lists several parts `{CRIU_TAR}`; the first is read");
        findings.add(Finding::new(Code::BadDocument, text).of(&place.name));
    }
    let directory = members.as_deref().map(tree::find);
    if directory == Some(None) {
        let text = format!("the part `{CRIU_TAR}` holds no images of a checkpoint");
        findings.add(Finding::new(Code::NotATar, text).of(&place.name));
    }
    let members = members.unwrap_or_else(|| Arc::new(Members::default()));
    let directory: BString = directory.flatten().unwrap_or_default();
    let parts = others.into_iter().map(|Blob { media_type, member, .. }| Part { media_type, member });
    Root { parts: parts.collect(), ..Root::whole(&members, directory) }
}
