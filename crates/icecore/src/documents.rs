//! The engine's documents, brought together with what the archive itself tells.

use std::borrow::Cow;

use bstr::BString;
use icecore_archive::{Kind, Member, Root};
use icecore_metadata::{Documents, Layout, Metadata, ModificationTimes, Role};

use crate::diagnostic::MEMBER_UNREADABLE;
use crate::{Checkpoint, Diagnostic, Severity, logs};

/// What a document is called, and the most bytes that it may have.
pub(crate) const DOCUMENT: (&str, u64) = ("document", 64 << 20);

impl Checkpoint {
    /// The bytes of a document or small image. What cannot be read is told.
    pub(crate) fn member_bytes<'a>(
        &self,
        member: &'a Member,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Cow<'a, [u8]>> {
        match member.bytes(DOCUMENT) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                let name: BString = member.name.as_bytes().into();
                diagnostics.push(Diagnostic::new(MEMBER_UNREADABLE, error.to_string()).of(name));
                None
            }
        }
    }
}

/// Reads all documents of a checkpoint into the normal form.
pub(crate) fn read(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) -> Metadata {
    let documents = documents(checkpoint, diagnostics);
    let has = |name: &str| checkpoint.root().get(name).is_some() || checkpoint.root().holds(name);
    let metadata = Metadata::new(&documents, &layout(checkpoint, &has));
    diagnostics.extend(metadata.findings.iter().map(|finding| diagnostic(checkpoint.root(), finding)));
    metadata
}

fn documents(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) -> Documents {
    let root = checkpoint.root();
    let mut documents = Documents::default();
    for name in Role::members() {
        let bytes = root.file(name).and_then(|member| checkpoint.member_bytes(member, diagnostics));
        if let Some(bytes) = bytes {
            documents.add(name, &bytes);
        }
    }
    for part in &root.parts {
        let Some(role) = Role::of_media_type(&part.media_type) else { continue };
        if let Some(bytes) = checkpoint.member_bytes(&part.member, diagnostics) {
            documents.add_as(role, &part.member.name.to_string(), &bytes);
        }
    }
    documents
}

fn layout<'a>(checkpoint: &'a Checkpoint, has: &'a dyn Fn(&str) -> bool) -> Layout<'a> {
    let (root, archive) = (checkpoint.root(), checkpoint.archive());
    let annotations = root.annotations.clone();
    let (manifest, index) = match archive.kind() {
        Kind::CtrExport => (Default::default(), annotations),
        _ => (annotations, Default::default()),
    };
    // Headers tell the engine's tar writer only where the engine wrote the tar: layers come from image builders.
    let written = root.iter().map(|(_, member)| member).find(|member| member.is_file());
    let first = written.filter(|_| archive.kind() == Kind::Tar);
    let descriptors = root.file("checkpoint/descriptors.json").or_else(|| root.file("descriptors.json"));
    let diff = root.file("rootfs-diff.tar");
    Layout {
        kind: archive.kind().name(),
        compression: archive.compression().name(),
        compressed_diff: diff.is_some_and(|member| member.head().starts_with(b"\x1f\x8b")),
        descriptors_mode: descriptors.map(|member| member.mode),
        mode_has_type: first.map(|member| member.mode_type() != 0),
        user_names: first.map(|member| !member.owner_names().0.is_empty()),
        times: times(root),
        image_created: manifest.get("org.opencontainers.image.created").cloned(),
        manifest,
        index,
        log_end: logs::last_time(checkpoint),
        file_name: archive.file_name(),
        ..Layout::new(has)
    }
}

fn times(root: &Root) -> ModificationTimes {
    let time = |name: &&str| Some((String::from(*name), root.file(name)?.mtime.seconds));
    let mut files = root.iter().map(|(_, member)| member).filter(|member| member.is_file());
    let first = files.next().map(|member| member.mtime.seconds);
    let several = root.iter().filter(|(_, member)| member.is_file()).nth(1).is_some();
    ModificationTimes {
        members: ModificationTimes::MEMBERS.iter().filter_map(time).collect(),
        all_equal: several && files.all(|member| Some(member.mtime.seconds) == first),
    }
}

/// A finding about a document, under the name that the document has in the archive.
fn diagnostic(root: &Root, finding: &icecore_metadata::Finding) -> Diagnostic {
    let member = root.get(&finding.member).map_or(finding.member.as_bytes(), |member| member.name.as_bytes());
    let text = match &finding.path {
        Some(path) => format!("{path}: {}", finding.text),
        None => finding.text.clone(),
    };
    Diagnostic {
        code: finding.code.as_str(),
        severity: match finding.severity {
            icecore_metadata::Severity::Note => Severity::Note,
            icecore_metadata::Severity::Warning => Severity::Warning,
            icecore_metadata::Severity::Error => Severity::Error,
        },
        member: (!member.is_empty()).then(|| member.into()),
        offset: finding.offset,
        text,
    }
}

#[cfg(test)]
mod tests;
