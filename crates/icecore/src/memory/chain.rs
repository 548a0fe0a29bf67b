//! The checkpoints before this one, whose pages it did not store again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use bstr::BString;
use icecore_archive::MemberKind;

use crate::diagnostic::{PAGES_SHARED, PARENT_MISSING};
use crate::images::Images;
use crate::{Checkpoint, Diagnostic};

/// The most checkpoints that are followed back. CRIU sets no limit; engines make a handful.
const LONGEST: usize = 64;

/// Image directories, each the parent of the one before.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) links: Vec<Images>,
    /// Why it does not go on behind the last.
    pub(super) end: String,
    /// Pages files that pagemaps named, by their place in the chain and number, with the first that did.
    claims: Mutex<BTreeMap<(usize, u32), String>>,
}

impl Chain {
    /// Follows the links `parent`: to a directory of the same archive, else to the checkpoints that were given, nearest
    /// first.
    pub(super) fn of(checkpoint: &Checkpoint) -> Self {
        let mut given = checkpoint.parents().iter();
        let mut links = vec![checkpoint.images().clone()];
        let mut seen = BTreeSet::new();
        let end = loop {
            let Some(last) = links.last() else { break String::new() };
            if !seen.insert((Arc::as_ptr(&last.root().members) as usize, last.top())) {
                links.pop();
                break "the links `parent` lead back to where they came from".to_owned();
            }
            if links.len() > LONGEST {
                break format!("more than {LONGEST} links `parent` behind each other");
            }
            match step(last).or_else(|why| given.next().map(|parent| parent.images().clone()).ok_or(why)) {
                Ok(next) => links.push(next),
                Err(why) => break why,
            }
        };
        Self { links, end, claims: Mutex::default() }
    }

    /// Notes that a pagemap names a pages file, and tells if another one did: each has its own where CRIU wrote them.
    pub(super) fn claim(&self, depth: usize, number: u32, pagemap: &str, diagnostics: &mut Vec<Diagnostic>) {
        let (Some(images), Ok(mut claims)) = (self.links.get(depth), self.claims.lock()) else { return };
        let first = claims.entry((depth, number)).or_insert_with(|| pagemap.to_owned());
        if first != pagemap {
            let text = format!("{first} and {pagemap} both name it; each is read as if it were alone");
            let file = images.full_name(&format!("pages-{number}.img"));
            diagnostics.push(Diagnostic::new(PAGES_SHARED, text).of(file));
        }
    }

    /// Tells that pages are in a parent that cannot be reached.
    pub(super) fn tell_end(&self, depth: usize, diagnostics: &mut Vec<Diagnostic>) {
        let Some(images) = self.links.get(depth) else { return };
        let text = format!("pages are in the parent checkpoint, which is not at hand: {}", self.end);
        diagnostics.push(Diagnostic::new(PARENT_MISSING, text).of(images.full_name("parent")));
    }
}

/// The directory that the link `parent` of a directory leads to, or why it leads nowhere.
fn step(images: &Images) -> Result<Images, String> {
    let Some(link) = images.entry("parent") else {
        return Err("there is no link `parent`; name the checkpoint with `--parent`".to_owned());
    };
    let target = match (link.kind, link.link()) {
        (MemberKind::Directory, _) => Some(link.name.clone()),
        (MemberKind::Symlink, Some(target)) => link.name.link_target(target),
        _ => None,
    };
    let shown = link.link().unwrap_or_default();
    let root = target.map(|target| {
        let mut root = images.root().clone();
        root.directory = BString::from(target.as_bytes());
        root
    });
    match root.filter(|root| root.file("inventory.img").is_some()) {
        Some(root) => Ok(Images::at_top(root)),
        None => Err(format!(
            "`parent` leads to `{shown}`, outside of this archive; name that checkpoint with `--parent`"
        )),
    }
}
