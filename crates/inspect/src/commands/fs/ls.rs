//! `icecore fs ls`: a directory as the container saw it.

use bstr::BString;
use icecore::archive::Keep;
use icecore::filesystem::{Lookup, Tree};

use super::question::Question;
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
            let lookups = || paths.iter().flat_map(|path| listed(tree, path));
            let files = || lookups().filter_map(|lookup| lookup.entry().cloned());
            let form = self.question.form(holes.as_ref(), checkpoint, writer, files);
            writer.list(&entries::FILES, lookups().map(|lookup| Ok(entries::found(&lookup, &form))))?;
            let is_partly = |path: &BString| {
                let lookup = tree.follow(path);
                lookup.is_directory() && !tree.lists_all(&lookup.path)
            };
            Ok(paths.iter().any(is_partly).then_some(PARTLY).into_iter().collect())
        })
    }
}

/// What is in a directory, one by one; anything else is listed itself.
fn listed<'a>(tree: &'a Tree, path: &[u8]) -> Box<dyn Iterator<Item = Lookup<'a>> + 'a> {
    let lookup = tree.follow(path);
    match lookup.is_directory() {
        true => Box::new(tree.children(&lookup.path)),
        false => Box::new(std::iter::once(lookup)),
    }
}
