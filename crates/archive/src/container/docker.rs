//! Images as Docker keeps them: archives that `docker save` writes, and skopeo's `dir:`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::blobs::{self, Naming};
use super::image::Images;
use super::json::Field;
use super::manifest::{Saved, read_saved};
use super::oci;
use crate::archive::{Opener, Root};
use crate::finding::{Code, Finding, Findings};
use crate::{Limits, Member, MemberName, Members};

/// The checkpoints in a docker-archive: `manifest.json` lists images with the names of their layers, which are members,
/// or links to members. It has no annotations, and no digests to compare with.
pub(crate) fn archive_roots(
    members: &Arc<Members>,
    opener: &Opener<'_>,
    findings: &mut Findings,
) -> Vec<Root> {
    let limits = &opener.options.limits;
    let Some(manifest) = members.file(b"manifest.json") else {
        let text = "`manifest.json` is not there or no regular file; no image can be found without it";
        findings.add(Finding::new(Code::BlobMissing, text));
        return Vec::new();
    };
    let mut images = Images::new(opener);
    let mut created = BTreeMap::new();
    for image in list(manifest, members, limits, findings) {
        let Some(root) = images.checkpoint(image.layers.into_iter(), findings) else { continue };
        let mut facts = BTreeMap::new();
        if let Some(config) = image.config {
            let time =
                created.entry(&config.name).or_insert_with(|| blobs::created(config, limits, findings));
            facts.extend(time.clone().map(|time| (oci::CREATED.into(), time)));
        }
        images.add(root, &image.name, [&facts].into_iter(), findings);
    }
    images.into_roots()
}

/// The checkpoints in a `dir:` image: `manifest.json` is a manifest or an index, blobs lie beside it.
pub(crate) fn dir_roots(members: &Arc<Members>, opener: &Opener<'_>, findings: &mut Findings) -> Vec<Root> {
    oci::walk(members, "manifest.json", Naming::Flat, opener, findings).1
}

/// An image of a docker-archive with what of it is there.
#[derive(Debug)]
struct Image<'a> {
    /// Its first tag, or what its configuration is called.
    name: String,
    config: Option<&'a Member>,
    layers: Vec<&'a Member>,
}

fn list<'a>(
    manifest: &Member,
    members: &'a Members,
    limits: &Limits,
    findings: &mut Findings,
) -> Vec<Image<'a>> {
    let Some(text) = blobs::text(manifest, limits, findings) else { return Vec::new() };
    let mut images = Vec::new();
    let mut layers = Vec::new();
    let mut present = 0_u64;
    let read = read_saved(&text, &mut |saved| match saved {
        Saved::Layer(name) => {
            let Some((_, layer)) = find(name, "Layers", manifest, members, findings) else { return };
            present = present.saturating_add(1);
            if present <= limits.descriptors {
                layers.push(layer);
            }
        }
        Saved::Image { config, tag } => {
            let layers = std::mem::take(&mut layers);
            if layers.is_empty() {
                return;
            }
            let config = find(config, "Config", manifest, members, findings);
            let tag = tag.value().and_then(|tags| tags.0);
            let name = tag.or_else(|| config.as_ref().map(|(name, _)| stem(name).into()));
            let name = name.unwrap_or_else(|| "image".into());
            images.push(Image { name, config: config.map(|(_, member)| member), layers });
        }
    });
    let mut tell = |code, text: String| findings.add(Finding::new(code, text).of(&manifest.name));
    if present > limits.descriptors {
        let text = format!(
            "{present} layers are listed (limit `descriptors`: {}); the rest was not looked at",
            limits.descriptors
        );
        tell(Code::TooManyDescriptors, text);
    }
    if let Err(error) = read {
        tell(Code::BadDocument, format!("not the JSON that a list of images is: {error}"));
    }
    images
}

/// The file of a name in the list: a member, or what a link among the members leads to.
fn find<'a>(
    name: Field<String>,
    key: &str,
    manifest: &Member,
    members: &'a Members,
    findings: &mut Findings,
) -> Option<(String, &'a Member)> {
    let mut tell = |code, text: String| findings.add(Finding::new(code, text).of(&manifest.name));
    if let Some(complaint) = name.complaint(key) {
        tell(Code::BadDocument, complaint);
    }
    let name = name.value()?;
    let Some(member) = members.follow(name.as_bytes()) else {
        let shown = blobs::shown(&name);
        match members.get(MemberName::new(name.as_bytes()).as_bytes()) {
            Some(member) => {
                let kind = member.kind.name();
                tell(
                    Code::LinkUnresolved,
                    format!("`{shown}` is a {kind} that leads to no file of this archive"),
                );
            }
            None => tell(Code::BlobMissing, format!("`{shown}` is no member of this archive")),
        }
        return None;
    };
    Some((name, member))
}

/// A name without its directories and its extension.
fn stem(name: &str) -> &str {
    let file = name.rsplit('/').next().unwrap_or(name);
    let stem = file.split('.').next().unwrap_or(file);
    stem.get(..12).unwrap_or(stem)
}

#[cfg(test)]
mod tests;
