//! `icecore fs diff`: what the container changed against its image.

use icecore::archive::{Keep, MemberName};
use icecore_analysis::changes::Review;
use icecore_analysis::extract::is_wanted;

use super::question::{Notes, Question};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::views::changes as rows;

/// Arguments of `fs diff`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    question: Question,
}

/// What is said where no engine stored changes.
const NONE: &str = "no changes of the root file system are stored: runc, crun and CRIU leave it where it was, and engines store \
                    nothing where nothing was added";

impl Arguments {
    pub(super) fn run(&self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let (wanted, holes) = (self.question.paths(), self.question.holes());
        let keep = self.question.keep(Keep::MetadataAnd(vec![MemberName::new(b"rootfs-diff.tar")]));
        self.question.run(io, keep, true, |checkpoint, writer| {
            let review = Review::of(checkpoint);
            let changes = || review.changes().filter(|seen| is_wanted(&wanted, &seen.change.entry.path));
            let files = || changes().map(|seen| seen.change.entry);
            let form = self.question.form(holes.as_ref(), checkpoint, writer, files);
            writer.list(&rows::CHANGES, changes().map(|seen| Ok(rows::change(&seen, &form))))?;
            let mut lost = review.unrecorded();
            lost.retain(|lost| is_wanted(&wanted, lost.path));
            if !(form.for_people && lost.is_empty()) {
                writer.list(&rows::UNRECORDED, lost.iter().map(|lost| Ok(rows::unrecorded(lost))))?;
            }
            let changes = checkpoint.filesystem().changes();
            Ok(Notes::from([changes.map_or(NONE, |changes| changes.form.leaves_out())]))
        })
    }
}
