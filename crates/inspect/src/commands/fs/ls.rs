//! `icecore fs ls`: a directory as the container saw it.

use bstr::BString;
use icecore::archive::Keep;
use icecore::filesystem::{Lookup, Tree};

use super::question::{Notes, Question};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::views::entries;

/// Arguments of `fs ls`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    question: Question,
}

/// What is said where a directory may have more in it.
const PARTLY: &str = "of directories in the root file system, only what the container changed is listed; the rest is in its image, \
                      whose files `--rootfs` names";

impl Arguments {
    pub(super) fn run(&self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let holes = self.question.holes();
        let mut paths = self.question.paths();
        if paths.is_empty() {
            paths.push(BString::from("/"));
        }
        self.question.run(io, Keep::Everything, false, |checkpoint, writer| {
            let tree = checkpoint.tree();
            let mut notes = Notes::new();
            let lookups: Vec<_> = paths.iter().flat_map(|path| listed(tree, path, &mut notes)).collect();
            let files = || lookups.iter().filter_map(|lookup| lookup.entry().cloned());
            let form = self.question.form(holes.as_ref(), checkpoint, writer, files);
            writer.list(&entries::FILES, lookups.iter().map(|lookup| Ok(entries::found(lookup, &form))))?;
            Ok(notes)
        })
    }
}

/// What is in a directory; anything else is listed itself.
fn listed<'a>(tree: &'a Tree, path: &[u8], notes: &mut Notes) -> Vec<Lookup<'a>> {
    let lookup = tree.follow(path);
    if !lookup.is_directory() {
        return vec![lookup];
    }
    if !tree.lists_all(&lookup.path) {
        notes.insert(PARTLY);
    }
    tree.children(&lookup.path)
}
