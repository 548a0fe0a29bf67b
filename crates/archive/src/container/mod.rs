//! Kinds of containers: what an archive, directory or stream is, told by what it holds and never by its name.

mod blobs;
mod ctr;
mod digest;
pub(crate) mod directory;
pub(crate) mod docker;
mod image;
mod json;
mod layers;
mod manifest;
pub(crate) mod oci;
pub(crate) mod pod;
pub(crate) mod stream;
pub(crate) mod tree;

use std::sync::Arc;

use bstr::BString;

use crate::archive::{Opener, Root};
use crate::finding::{Code, Finding, Findings};
use crate::{Member, Members};

/// One line a kind: variant, name, and what it is.
macro_rules! kinds {
    ($($variant:ident $name:literal $doc:literal;)+) => {
        /// What an archive is, as the whole that was opened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Kind {
            $(#[doc = $doc] $variant,)+
        }

        impl Kind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The kind of a name.
            pub fn of_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.name() == name)
            }

            /// The name, as in JSON and for `--input-format`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

kinds! {
    Tar "tar" "A tar that holds one checkpoint, perhaps below one directory.";
    Directory "directory" "A directory that holds one checkpoint: an image directory, or an unpacked archive.";
    OciLayout "oci-layout" "An OCI image layout, as a directory or a tar, one or more of whose images hold checkpoints.";
    DockerArchive "docker-archive" "A tar as `docker save` writes it.";
    OciDir "oci-dir" "A directory as skopeo's `dir:` writes it: a manifest beside its blobs.";
    CtrExport "ctr-export" "An OCI layout whose index lists the parts of a containerd checkpoint.";
    Pod "pod" "An archive or directory of several checkpoints, those of a pod's containers.";
    Stream "stream" "A stream of criu-image-streamer, in one shard or several.";
    Image "image" "A lone CRIU image.";
}

impl Kind {
    /// Whether checkpoints lie in archives inside of it: image layouts and pods.
    pub fn is_wrapper(self) -> bool {
        matches!(self, Self::OciLayout | Self::DockerArchive | Self::OciDir | Self::CtrExport | Self::Pod)
    }
}

/// The names by which a kind of container is known, apart from streams and lone images, in the order of trial.
pub(crate) fn kinds_of(members: &Members, directory: bool) -> Vec<Kind> {
    let mut kinds = Vec::new();
    let manifest = members.file(b"manifest.json").map(Member::head);
    let first = manifest.as_deref().and_then(|head| head.trim_ascii_start().first().copied());
    if members.file(b"oci-layout").is_some() && members.file(b"index.json").is_some() {
        kinds.push(Kind::OciLayout);
    }
    if first == Some(b'[') {
        kinds.push(Kind::DockerArchive);
    }
    if first == Some(b'{') && members.file(b"version").is_some() {
        kinds.push(Kind::OciDir);
    }
    let root = tree::find(members);
    // The tars in an image are its layers.
    if kinds.is_empty() && root.is_none() && pod::is_pod(members) || pod::has_options(members) {
        kinds.push(Kind::Pod);
    }
    if root.is_some() {
        kinds.push(if directory { Kind::Directory } else { Kind::Tar });
    }
    kinds
}

/// Takes the list of an archive's members for what it is: its kind and the checkpoints in it.
pub(crate) fn recognise(
    members: &Arc<Members>,
    directory: bool,
    opener: &Opener<'_>,
    findings: &mut Findings,
) -> (Kind, Vec<Root>) {
    let plain = if directory { Kind::Directory } else { Kind::Tar };
    let mut kinds = kinds_of(members, directory);
    if opener.options.file_system {
        // Whatever else lies in a file system, it is not what was opened.
        kinds.retain(|kind| kind.is_wrapper() && *kind != Kind::Pod);
    }
    let kind = opener.options.force.or(kinds.first().copied()).unwrap_or(plain);
    if opener.options.force.is_none() && kinds.len() > 1 && kind != Kind::Pod {
        let names: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
        let text = format!("this is {} at once; read as {}", names.join(" and "), kind.name());
        findings.add(Finding::new(Code::TwoKinds, text));
    }
    match kind {
        Kind::OciLayout | Kind::CtrExport => oci::roots(members, opener, findings),
        Kind::DockerArchive => (kind, docker::archive_roots(members, opener, findings)),
        Kind::OciDir => (kind, docker::dir_roots(members, opener, findings)),
        Kind::Pod => (kind, pod::roots(members, opener, findings)),
        _ if opener.options.file_system => (kind, vec![Root::whole(members, BString::default())]),
        _ => (kind, tree::find(members).map(|at| Root::whole(members, at)).into_iter().collect()),
    }
}

#[cfg(test)]
mod tests;
