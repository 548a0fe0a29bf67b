//! `icecore fs stat`: what is known of a file, and where its bytes are.

use icecore::archive::Keep;

use super::question::{Notes, Question};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::views::entries;

/// Arguments of `fs stat`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    question: Question,
}

impl Arguments {
    pub(super) fn run(&self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let (paths, form) = (self.question.paths(), self.question.form());
        if paths.is_empty() {
            return Err(Error::Usage(
                "name a path of the container; `icecore fs find` lists them".to_owned(),
            ));
        }
        self.question.run(io, Keep::Everything, false, |checkpoint, writer| {
            let tree = checkpoint.tree();
            let rows = paths.iter().flat_map(|path| {
                let at = tree.look_up(path);
                let unseen = checkpoint.filesystem().unseen_at(path);
                let unseen = unseen.filter(|entry| at.entry().is_none_or(|seen| seen.member != entry.member));
                // A file that was open without its name is what is meant, where nothing else is at the path.
                let rows: Vec<_> = at
                    .entry()
                    .cloned()
                    .into_iter()
                    .chain(unseen)
                    .map(|entry| entries::file(&entry, &form))
                    .collect();
                if rows.is_empty() { vec![entries::found(&at, &form)] } else { rows }
            });
            writer.list(&entries::FILES, rows.map(Ok))?;
            Ok(Notes::new())
        })
    }
}
