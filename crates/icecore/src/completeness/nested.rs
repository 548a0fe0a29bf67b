//! Archives of files inside the archive: whether they are what their place says, and whole.

use bstr::ByteSlice;
use icecore_archive::{Member, looks_like_tar};

use crate::diagnostic::NESTED_DAMAGED;
use crate::{Checkpoint, Diagnostic, Severity};

/// Archives up to this size are listed to see whether they are whole; of larger ones only the beginning is looked at,
/// so that nobody waits for what they did not ask.
const LISTED: u64 = 1 << 20;

/// Looks at every member that is an archive by its place.
pub(super) fn check(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) {
    let members = checkpoint.root().iter().filter(|(name, member)| member.is_file() && is_archive(name));
    for (_, member) in members {
        let name = member.name.as_bytes();
        if !looks_like_tar(&member.head()) {
            let text = "should be a tar by its name, but is none; its files cannot be read";
            diagnostics.push(Diagnostic::new(NESTED_DAMAGED, text).of(name));
        } else if member.size <= LISTED {
            diagnostics.extend(listed(checkpoint, member));
        }
    }
}

/// What listing it tells, under its own name.
fn listed(checkpoint: &Checkpoint, member: &Member) -> Vec<Diagnostic> {
    match checkpoint.archive().open_member(member) {
        Ok(nested) => {
            let told = nested.findings().iter().map(Diagnostic::from);
            // What is merely odd inside is told when somebody lists it.
            let damage = told.filter(|diagnostic| diagnostic.severity == Severity::Error);
            damage.map(|inner| inner.inside(member.name.as_bytes())).collect()
        }
        Err(icecore_archive::Error::NotKept(_)) => Vec::new(),
        Err(error) => vec![Diagnostic::new(NESTED_DAMAGED, error.to_string()).of(member.name.as_bytes())],
    }
}

fn is_archive(name: &[u8]) -> bool {
    let tmpfs = name.rsplit_once_str("/").map_or(name, |(_, file)| file).starts_with(b"tmpfs-")
        && name.ends_with(b".tar.gz.img");
    tmpfs
        || name == b"rootfs-diff.tar"
        || name == b"devshm-checkpoint.tar"
        || name.starts_with(b"volumes/") && name.ends_with(b".tar")
}
