//! Blobs of an image layout: found among the members by their digest, verified, never fetched.
//!
//! A document (index, manifest, configuration) is always compared with the size and digest in its descriptor. Of a
//! layer, or a part of a containerd checkpoint, the size is compared always, and the digest if the blob has at most
//! 1 MiB, or 64 MiB where it is compressed: opening an image must not read the memory in it. What differs is told and
//! used all the same.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use bstr::{ByteSlice, ByteVec};

use super::digest::Digest;
use super::json::{Field, Strings};
use super::manifest::{Descriptor, Document, Role};
use crate::decode::Compression;
use crate::finding::{Code, Finding, Findings};
use crate::source::SharedSource;
use crate::{Limits, Member, Members};

/// Where a layout keeps the blob of a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// `blobs/ALGORITHM/HEX`, as the OCI image layout says.
    Layout,
    /// `HEX` at the top, as skopeo's `dir:` has it; manifests of an index are `HEX.manifest.json`, other algorithms
    /// than sha256 stand in front of the name.
    Flat,
}

impl Naming {
    fn names(self, digest: &Digest) -> Vec<String> {
        let (algorithm, hex) = (digest.algorithm(), digest.hex());
        match self {
            Self::Layout => vec![format!("blobs/{algorithm}/{hex}")],
            Self::Flat => vec![hex.into(), format!("{hex}.manifest.json"), format!("{algorithm}-{hex}")],
        }
    }
}

/// A blob that is in the layout.
#[derive(Debug, Clone)]
pub(super) struct Blob {
    /// By which it was found.
    pub(super) digest: Digest,
    /// What its descriptor says it is; empty if nothing.
    pub(super) media_type: String,
    /// Annotations of its descriptor.
    pub(super) annotations: Strings,
    /// Its bytes: a member of the layout, or what its descriptor embeds.
    pub(super) member: Member,
    /// Its size as the descriptor claims it.
    size: Option<u64>,
}

/// A document with the blobs it leads to, in their order. Those that are not in the layout are left out.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// What it holds beside its descriptors.
    pub(super) document: Document,
    /// The blobs.
    pub(super) blobs: Vec<(Role, Blob)>,
    /// Media types of containerd's parts of a checkpoint are among the manifests, be these blobs there or not.
    pub(super) is_containerd: bool,
}

/// The blobs of one layout, and what was found about them.
#[derive(Debug)]
pub(super) struct Blobs<'a> {
    members: &'a Members,
    naming: Naming,
    limits: &'a Limits,
    /// Descriptors read, those whose blob is there, and those whose blob is missing.
    listed: u64,
    present: u64,
    missing: u64,
    /// Entries of annotations that may still be kept.
    annotations_left: usize,
    verified: BTreeSet<Digest>,
}

/// Missing blobs that are told one by one.
const MISSING_EACH: u64 = 8;

/// Annotations that are kept of one layout, its descriptors together.
const ANNOTATIONS: usize = 100_000;

/// A blob that is not compressed is hashed up to this size, in bytes: opening reads the headers of a plain layer, and
/// hashing would read its memory pages too.
const HASHED_PLAIN: u64 = 1 << 20;

/// A compressed blob is read as a whole anyway; hashing it once more is cheap up to this size, in bytes.
const HASHED_COMPRESSED: u64 = 64 << 20;

impl<'a> Blobs<'a> {
    pub(super) fn new(members: &'a Members, naming: Naming, limits: &'a Limits) -> Self {
        Self {
            members,
            naming,
            limits,
            listed: 0,
            present: 0,
            missing: 0,
            annotations_left: ANNOTATIONS,
            verified: BTreeSet::new(),
        }
    }

    /// Reads a document as it is: the one at the top of the layout, which nothing describes.
    pub(super) fn read(&mut self, member: &Member, findings: &mut Findings) -> Option<Listing> {
        let text = text(member, self.limits, findings)?;
        let mut listing = Listing::default();
        let Listing { document, blobs, is_containerd } = &mut listing;
        let mut twins = BTreeSet::new();
        let result = document.read(&text, &mut |role, descriptor| {
            if let Field::Value(Descriptor { media_type: Field::Value(media_type), .. }) = &descriptor {
                *is_containerd |= role == Role::Manifest && super::ctr::is_part(media_type);
            }
            let Some(blob) = self.find(descriptor, member, findings) else { return };
            // Layers may repeat, manifests need not.
            if role != Role::Manifest || twins.insert(blob.digest.clone()) {
                blobs.extend(self.admit(findings).then_some((role, blob)));
            }
        });
        if let Err(error) = result {
            let text = format!("not the JSON that an image document is: {error}");
            findings.add(Finding::new(Code::BadDocument, text).of(&member.name));
            // What stood in front of the error is used, if it was anything.
            return (document.is_index || document.is_manifest).then_some(listing);
        }
        Some(listing)
    }

    /// Reads the document that is a blob, after its size and digest were compared with what its descriptor says. One
    /// that differs is told and read all the same.
    pub(super) fn document(&mut self, blob: &Blob, findings: &mut Findings) -> Option<Listing> {
        self.compare(blob, self.limits.document, findings);
        self.read(&blob.member, findings)
    }

    /// The time at which an image was made, as its configuration says; the configuration is verified.
    pub(super) fn created(&mut self, config: &Blob, findings: &mut Findings) -> Option<String> {
        self.compare(config, self.limits.document, findings);
        created(&config.member, self.limits, findings)
    }

    /// Compares size and, if that costs little, digest of a layer or part with its descriptor.
    pub(super) fn verify(&mut self, blob: &Blob, findings: &mut Findings) {
        let is_compressed = Compression::of(&blob.member.head()) != Compression::None;
        self.compare(blob, if is_compressed { HASHED_COMPRESSED } else { HASHED_PLAIN }, findings);
    }

    /// Compares a blob with its descriptor: the size, and up to `hashed` bytes once the digest.
    fn compare(&mut self, blob: &Blob, hashed: u64, findings: &mut Findings) {
        let Ok(source) = blob.member.source() else { return };
        let mut tell = |text: String| {
            let text = format!("{text}; its content is unverified");
            findings.add(Finding::new(Code::DigestMismatch, text).of(&blob.member.name));
        };
        if let Some(size) = blob.size.filter(|size| *size != source.len()) {
            tell(format!("the blob has {} bytes, its descriptor says {size}", source.len()));
        }
        if source.len() > hashed || !self.verified.insert(blob.digest.clone()) {
            return;
        }
        match blob.digest.of(&source) {
            Ok(digest) if digest != blob.digest => {
                tell(format!("the blob has the digest {digest}, its name says {}", blob.digest));
            }
            Ok(_) => {}
            Err(error) => tell(format!("the blob cannot be read: {error}")),
        }
    }

    /// Tells in sums what would repeat itself.
    pub(super) fn finish(self, findings: &mut Findings) {
        if let Some(more) = self.missing.checked_sub(MISSING_EACH).filter(|more| *more > 0) {
            let text = format!("{more} more blobs are not in this layout, {} in all", self.missing);
            findings.add(Finding::new(Code::BlobMissing, text));
        }
        if self.listed > self.limits.descriptors && self.present <= self.limits.descriptors {
            let text = format!(
                "{} descriptors are listed (limit `descriptors`: {}); only the {} whose blobs are here were looked at",
                self.listed, self.limits.descriptors, self.present
            );
            findings.add(Finding::new(Code::TooManyDescriptors, text));
        }
    }

    /// Counts a descriptor whose blob is there. `false`: there were too many of them.
    fn admit(&mut self, findings: &mut Findings) -> bool {
        self.present = self.present.saturating_add(1);
        let limit = self.limits.descriptors;
        if self.present == limit.saturating_add(1) {
            let text = format!("more than {limit} descriptors of blobs that are here (limit `descriptors`)");
            findings.add(Finding::new(Code::TooManyDescriptors, text));
        }
        self.present <= limit
    }

    /// The blob of a descriptor that stands in `place`, if its digest is one and the blob is there.
    fn find(
        &mut self,
        descriptor: Field<Descriptor>,
        place: &Member,
        findings: &mut Findings,
    ) -> Option<Blob> {
        self.listed = self.listed.saturating_add(1);
        let mut tell = |code, text: String| findings.add(Finding::new(code, text).of(&place.name));
        if let Some(complaint) = descriptor.complaint("descriptor") {
            tell(Code::BadDocument, complaint);
        }
        let descriptor = descriptor.value()?;
        descriptor.complaints().for_each(|complaint| tell(Code::BadDocument, complaint));
        let Field::Value(text) = &descriptor.digest else {
            if descriptor.digest == Field::Absent {
                tell(Code::BadDigest, "a descriptor has no digest".into());
            }
            return None;
        };
        let Some(digest) = Digest::parse(text) else {
            let text = format!(
                "`{}` is no digest, which is sha256: and 64 or sha512: and 128 digits of lower-case hex",
                shown(text)
            );
            tell(Code::BadDigest, text);
            return None;
        };
        let names = self.naming.names(&digest);
        let member = names.iter().find_map(|name| self.members.file(name.as_bytes())).cloned();
        let embedded = embedded(&descriptor, &digest, names.first()?, place, findings);
        let Some(member) = member.or(embedded) else {
            self.tell_missing(&descriptor, &digest, place, findings);
            return None;
        };
        Some(Blob {
            digest,
            media_type: descriptor.media_type.value().unwrap_or_default(),
            annotations: self.keep(descriptor.annotations, place, findings),
            member,
            size: descriptor.size.value(),
        })
    }

    fn tell_missing(
        &mut self,
        descriptor: &Descriptor,
        digest: &Digest,
        place: &Member,
        findings: &mut Findings,
    ) {
        self.missing = self.missing.saturating_add(1);
        if self.missing > MISSING_EACH {
            return;
        }
        let what = match &descriptor.media_type {
            Field::Value(media_type) => format!(", `{}`,", shown(media_type)),
            _ => String::new(),
        };
        let urls = match descriptor.urls {
            Field::Value(_) => "; its urls are never followed",
            _ => "",
        };
        let text = format!("the blob {digest}{what} is not in this layout{urls}");
        findings.add(Finding::new(Code::BlobMissing, text).of(&place.name));
    }

    /// Annotations as far as the budget of the layout goes.
    pub(super) fn keep(
        &mut self,
        annotations: Field<Strings>,
        place: &Member,
        findings: &mut Findings,
    ) -> Strings {
        let annotations = annotations.value().unwrap_or_default();
        if annotations.left_out > 0 {
            let text = format!("{} annotations are no strings, or too many", annotations.left_out);
            findings.add(Finding::new(Code::BadDocument, text).of(&place.name));
        }
        match self.annotations_left.checked_sub(annotations.map.len()) {
            Some(left) => {
                self.annotations_left = left;
                annotations
            }
            None => {
                let text =
                    format!("the layout has more than {ANNOTATIONS} annotations; the rest is left out");
                findings.add(Finding::new(Code::BadDocument, text).of(&place.name));
                Strings::default()
            }
        }
    }
}

/// The time at which an image was made, as the configuration in this member says.
pub(super) fn created(config: &Member, limits: &Limits, findings: &mut Findings) -> Option<String> {
    let text = text(config, limits, findings)?;
    let mut document = Document::default();
    // The `config` in a configuration is no descriptor.
    if let Err(error) = document.read(&text, &mut |_, _| {}) {
        let text = format!("not the JSON that an image configuration is: {error}");
        findings.add(Finding::new(Code::BadDocument, text).of(&config.name));
    }
    document.created.value()
}

/// The text of a document, where it lies if it can be borrowed. Bytes that are not UTF-8 are replaced, and told.
pub(super) fn text<'a>(member: &'a Member, limits: &Limits, findings: &mut Findings) -> Option<Cow<'a, str>> {
    let bytes = match member.bytes(("document", limits.document)) {
        Ok(bytes) => bytes,
        Err(error) => {
            findings.add(Finding::new(Code::BadDocument, error.to_string()).of(&member.name));
            return None;
        }
    };
    if let Err(error) = std::str::from_utf8(&bytes) {
        let text = "a byte that is not UTF-8, as JSON must be; such bytes read as U+FFFD";
        let finding = Finding::new(Code::BadDocument, text).of(&member.name);
        findings.add(finding.at(error.valid_up_to() as u64));
    }
    Some(match bytes {
        Cow::Borrowed(bytes) => bytes.to_str_lossy(),
        Cow::Owned(bytes) => Cow::Owned(bytes.into_string_lossy()),
    })
}

/// What a descriptor embeds, as a member that has the name of the blob, if it is what the digest says.
fn embedded(
    descriptor: &Descriptor,
    digest: &Digest,
    name: &str,
    place: &Member,
    findings: &mut Findings,
) -> Option<Member> {
    let Field::Value(data) = &descriptor.data else { return None };
    let mut tell = |code, text: String| findings.add(Finding::new(code, text).of(&place.name));
    let Ok(bytes) = BASE64.decode(data) else {
        tell(Code::BadDocument, format!("the data embedded for {digest} is not in base64"));
        return None;
    };
    let source: SharedSource = Arc::new(bytes);
    match digest.of(&source) {
        Ok(found) if found == *digest => Some(Member::lone(source, name.as_bytes())),
        Ok(found) => {
            let text = format!("the embedded data has the digest {found}, its descriptor says {digest}");
            tell(Code::DigestMismatch, format!("{text}; it is not used"));
            None
        }
        Err(_) => None,
    }
}

/// Text of a document for a finding: escaped, and not longer than anybody reads.
pub(super) fn shown(text: &str) -> String {
    let short: String = text.chars().take(120).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    format!("{}{dots}", short.as_bytes().escape_bytes())
}
