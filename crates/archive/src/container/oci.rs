//! OCI image layouts: from the index over manifests to the layers that hold checkpoints.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::rc::Rc;
use std::sync::Arc;

use super::blobs::{Blob, Blobs, Listing, Naming};
use super::digest::Digest;
use super::image::Images;
use super::manifest::Role;
use super::{Kind, ctr};
use crate::archive::{Opener, Root};
use crate::finding::{Code, Finding, Findings};
use crate::{Member, Members};

/// How deep an index may lie below the one at the top. Multi-platform images have one level, exports of a
/// containerd checkpoint too.
const DEPTH: u32 = 4;

/// The key under which the time of an image's configuration is added to its annotations.
pub(super) const CREATED: &str = "org.opencontainers.image.created";

/// The checkpoints in a layout, and whether it is an export of containerd's.
pub(crate) fn roots(
    members: &Arc<Members>,
    opener: &Opener<'_>,
    findings: &mut Findings,
) -> (Kind, Vec<Root>) {
    walk(members, "index.json", Naming::Layout, opener, findings)
}

/// Follows the descriptors of the document of this name to all images, each once.
pub(super) fn walk(
    members: &Arc<Members>,
    top: &str,
    naming: Naming,
    opener: &Opener<'_>,
    findings: &mut Findings,
) -> (Kind, Vec<Root>) {
    let limits = &opener.options.limits;
    let mut walk = Walk {
        blobs: Blobs::new(members, naming, limits),
        images: Images::new(opener),
        seen: BTreeSet::new(),
        pending: Vec::new(),
        created: BTreeMap::new(),
        kind: Kind::OciLayout,
        findings,
    };
    match members.file(top.as_bytes()) {
        Some(member) => {
            if let Some(listing) = walk.blobs.read(member, walk.findings) {
                let way = Way { place: member.clone(), digest: None, depth: 0, outer: None };
                walk.take(listing, way);
            }
        }
        None => walk.findings.add(Finding::new(
            Code::BlobMissing,
            format!("`{top}` is not there or no regular file; no image can be found without it"),
        )),
    }
    while let Some(visit) = walk.pending.pop() {
        walk.visit(visit);
    }
    walk.blobs.finish(walk.findings);
    (walk.kind, walk.images.into_roots())
}

struct Walk<'a> {
    blobs: Blobs<'a>,
    images: Images<'a>,
    seen: BTreeSet<Digest>,
    /// What is still to be read, the next one last.
    pending: Vec<Visit>,
    /// Times of the configurations that were read.
    created: BTreeMap<Digest, Option<String>>,
    kind: Kind,
    findings: &'a mut Findings,
}

/// A manifest or index that is to be read.
struct Visit {
    blob: Blob,
    depth: u32,
    outer: Option<Rc<Trail>>,
}

/// The annotations on the way to a document, the nearest first.
struct Trail {
    annotations: BTreeMap<String, String>,
    outer: Option<Rc<Trail>>,
}

/// How a document was reached.
struct Way {
    /// Where it lies.
    place: Member,
    /// What names it; nothing names the document at the top.
    digest: Option<Digest>,
    /// How many indexes led to it.
    depth: u32,
    outer: Option<Rc<Trail>>,
}

impl Walk<'_> {
    fn visit(&mut self, visit: Visit) {
        let Visit { blob, depth, outer } = visit;
        if !self.seen.insert(blob.digest.clone()) {
            // An image under two names is listed twice and found once; an index that comes back is a circle.
            if is_index(&blob.media_type) {
                let text = format!("the index {} was seen before; it is not followed again", blob.digest);
                self.findings.add(Finding::new(Code::DescriptorLoop, text).of(&blob.member.name));
            }
            return;
        }
        let Some(listing) = self.blobs.document(&blob, self.findings) else { return };
        let Blob { digest, annotations, member, .. } = blob;
        let outer = Some(Rc::new(Trail { annotations: annotations.map, outer }));
        self.take(listing, Way { place: member, digest: Some(digest), depth, outer });
    }

    fn take(&mut self, mut listing: Listing, way: Way) {
        let annotations = std::mem::take(&mut listing.document.annotations);
        if let Some(complaint) = annotations.complaint("annotations") {
            self.findings.add(Finding::new(Code::BadDocument, complaint).of(&way.place.name));
        }
        let annotations = self.blobs.keep(annotations, &way.place, self.findings).map;
        let (is_index, is_manifest) = (listing.document.is_index, listing.document.is_manifest);
        if is_index == is_manifest {
            let text = match is_index {
                true => "the document has both `manifests` and `layers`; it is read as an index",
                false => "the document has neither `manifests` nor `layers`: it is no index and no manifest",
            };
            self.findings.add(Finding::new(Code::BadDocument, text).of(&way.place.name));
        }
        let trail = Rc::new(Trail { annotations, outer: way.outer.clone() });
        if listing.is_containerd {
            self.containerd(listing, &way, &trail);
        } else if is_index {
            self.index(listing, &way, &trail);
        } else {
            self.manifest(listing, &way, &trail);
        }
    }

    fn index(&mut self, listing: Listing, way: &Way, trail: &Rc<Trail>) {
        if way.depth > DEPTH {
            let text = format!("an index lies more than {DEPTH} levels deep; it is not followed");
            self.findings.add(Finding::new(Code::DescriptorLoop, text).of(&way.place.name));
            return;
        }
        let depth = way.depth.saturating_add(1);
        let blobs = of_role(listing, Role::Manifest).into_iter().rev();
        self.pending.extend(blobs.map(|blob| Visit { blob, depth, outer: Some(trail.clone()) }));
    }

    fn manifest(&mut self, listing: Listing, way: &Way, trail: &Rc<Trail>) {
        let (configs, blobs): (Vec<_>, Vec<_>) =
            listing.blobs.into_iter().partition(|(role, _)| *role == Role::Config);
        let layers: Vec<Blob> =
            blobs.into_iter().filter(|(role, _)| *role == Role::Layer).map(|(_, blob)| blob).collect();
        let config = configs.into_iter().map(|(_, blob)| blob).next_back();
        let created = config.as_ref().and_then(|config| self.created(config));
        layers.iter().for_each(|layer| self.blobs.verify(layer, self.findings));
        let checkpoint = self.images.checkpoint(layers.iter().map(|layer| &layer.member), self.findings);
        let Some(root) = checkpoint else { return };
        let id = way.digest.as_ref().or(config.as_ref().map(|config| &config.digest));
        self.add(root, id.map_or("image", Digest::short), trail, created);
    }

    fn containerd(&mut self, listing: Listing, way: &Way, trail: &Rc<Trail>) {
        self.kind = Kind::CtrExport;
        let parts = of_role(listing, Role::Manifest);
        parts.iter().for_each(|part| self.blobs.verify(part, self.findings));
        let root = ctr::root(parts, &way.place, &mut self.images, self.findings);
        self.add(root, way.digest.as_ref().map_or("checkpoint", Digest::short), trail, None);
    }

    fn add(&mut self, root: Root, id: &str, trail: &Rc<Trail>, created: Option<String>) {
        let created: BTreeMap<_, _> = created.map(|created| (CREATED.into(), created)).into_iter().collect();
        let way = iter::successors(Some(trail.as_ref()), |trail| trail.outer.as_deref());
        let maps = way.map(|trail| &trail.annotations).chain([&created]);
        self.images.add(root, id, maps, self.findings);
    }

    /// The time of an image by its configuration, which is read once however many images have it.
    fn created(&mut self, config: &Blob) -> Option<String> {
        if let Some(created) = self.created.get(&config.digest) {
            return created.clone();
        }
        let created = self.blobs.created(config, self.findings);
        self.created.insert(config.digest.clone(), created.clone());
        created
    }
}

/// The blobs of a list, in their order.
fn of_role(listing: Listing, wanted: Role) -> Vec<Blob> {
    listing.blobs.into_iter().filter(|(role, _)| *role == wanted).map(|(_, blob)| blob).collect()
}

/// Whether a media type is that of an index, in OCI's or in Docker's words.
fn is_index(media_type: &str) -> bool {
    matches!(
        media_type,
        "application/vnd.oci.image.index.v1+json"
            | "application/vnd.docker.distribution.manifest.list.v2+json"
    )
}

#[cfg(test)]
mod tests;
