//! Whether what should be in a checkpoint is there.
//!
//! CRIU and the engines leave members out where there is nothing to say, so absence alone proves nothing. Three
//! things do: what an engine always writes ([`engine`]), what one member says of another ([`references`]), and for
//! the rest a note of the kinds that are absent.

mod engine;
mod nested;
mod references;

use icecore_images::Kind;

use crate::diagnostic::{MEMBER_EXPECTED, MEMBER_MISSING, MEMBER_OPTIONAL};
use crate::{Checkpoint, Diagnostic};

/// Tells what is missing, may be missing, or is not what its name says.
pub(crate) fn check(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) {
    let images = checkpoint.images();
    images.tell_odd_members(engine::DOCUMENTS, diagnostics);
    images.tell_damage(diagnostics);
    engine::check(checkpoint, diagnostics);
    nested::check(checkpoint, diagnostics);
    crate::memory::look(checkpoint);
    if images.are_small() {
        // What contradicts itself between images is told by whoever joins them.
        checkpoint.process_tree();
        checkpoint.files();
        crate::filesystem::ghosts::look(checkpoint, diagnostics);
    }
    if images.is_pre_dump() {
        require(checkpoint, "inventory.img", "CRIU writes it with every dump", diagnostics);
    } else {
        for image in ["inventory.img", "pstree.img", "files.img"] {
            require(checkpoint, image, "CRIU writes it with every dump", diagnostics);
        }
        references::check(checkpoint, diagnostics);
        absent_kinds(checkpoint, diagnostics);
    }
}

/// Tells an image that is missing although something speaks of it.
fn require(checkpoint: &Checkpoint, image: &str, because: &str, diagnostics: &mut Vec<Diagnostic>) {
    if checkpoint.images().member(image).is_none() {
        let name = checkpoint.images().full_name(image);
        diagnostics.push(Diagnostic::new(MEMBER_MISSING, format!("is not there; {because}")).of(name));
    }
}

/// Tells a member that an engine always writes and that is missing.
fn expect(member: &str, because: &str, diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.push(Diagnostic::new(MEMBER_EXPECTED, format!("is not there; {because}")).of(member));
}

/// One note of what may be missing unnoticed: kinds of images that present CRIUs write only where there is something
/// to say, and of which there is none.
fn absent_kinds(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) {
    let present: Vec<Kind> = checkpoint.images().known().map(|(_, kind, _)| kind).collect();
    let absent = Kind::ALL.iter().filter(|kind| !present.contains(kind));
    let current = absent.flat_map(|kind| kind.row().files).filter(|file| file.until.is_empty());
    let names: Vec<String> =
        current.map(|file| file.pattern).filter(|pattern| is_of_dump(pattern)).map(example).collect();
    if !names.is_empty() {
        let text = format!(
            "no images of these names, which CRIU writes only where there is something to say: {}",
            names.join(", ")
        );
        diagnostics.push(Diagnostic::new(MEMBER_OPTIONAL, text));
    }
}

/// Whether a file belongs to a dump itself, and not to plugins, restores, callers or engines.
fn is_of_dump(pattern: &str) -> bool {
    const OTHERS: [&str; 9] = [
        "amdgpu",
        "stats-",
        "restore.log",
        "criu.log",
        "irmap",
        "cpuinfo",
        "parent",
        "dump.log",
        "descriptors.json",
    ];
    !OTHERS.iter().any(|other| pattern.contains(other))
}

/// A pattern with its number, whatever its form, as `N`.
fn example(pattern: &str) -> String {
    match (pattern.split_once('{'), pattern.split_once('}')) {
        (Some((front, _)), Some((_, back))) => format!("{front}N{back}"),
        _ => pattern.to_owned(),
    }
}

#[cfg(test)]
mod tests;
