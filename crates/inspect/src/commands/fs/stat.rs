//! `icecore fs stat`: what is known of a file, and where its bytes are.

use bstr::BString;
use icecore::Checkpoint;
use icecore::archive::Keep;
use icecore::filesystem::{Entry, Lookup};

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
        let (paths, holes) = (self.question.paths(), self.question.holes());
        if paths.is_empty() {
            return Err(Error::Usage(
                "name a path of the container; `icecore fs find` lists them".to_owned(),
            ));
        }
        self.question.run(io, Keep::Everything, false, |checkpoint, writer| {
            let answers: Vec<_> = paths.iter().map(|path| files_at(checkpoint, path)).collect();
            let files = || answers.iter().flat_map(|(_, files)| files.iter().cloned());
            let form = self.question.form(holes.as_ref(), checkpoint, writer, files);
            let rows = answers.iter().flat_map(|(lookup, files)| match files.as_slice() {
                [] => vec![entries::found(lookup, &form)],
                files => files.iter().map(|entry| entries::file(entry, &form)).collect(),
            });
            writer.list(&entries::FILES, rows.map(Ok))?;
            Ok(Notes::new())
        })
    }
}

/// What is at a path, and all files that are meant by it: one that was open without its name, where nothing else is there.
fn files_at<'a>(checkpoint: &'a Checkpoint, path: &'a BString) -> (Lookup<'a>, Vec<Entry<'a>>) {
    let at = checkpoint.tree().look_up(path);
    let unseen = checkpoint.filesystem().unseen_at(path);
    let unseen = unseen.filter(|entry| at.entry().is_none_or(|seen| seen.member != entry.member));
    let files = at.entry().cloned().into_iter().chain(unseen).collect();
    (at, files)
}
