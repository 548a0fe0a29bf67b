//! `icecore kinds`: which images are known.

use icecore::images_format::Kind;

use super::Run;
use crate::answer::Answer;
use crate::arguments::TableOptions;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::output::{Document, Shape, Writer};
use crate::views::kinds::{KINDS, rows};

/// Arguments of `kinds`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    table: TableOptions,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "kinds --columns kind,pattern,about",
        "kinds --format json | jq -r '.kinds[]|select(.message==\"vma_entry\").pattern'",
    ];

    const ANSWER: Answer = Answer::Lists(&[&KINDS]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let mut writer = Writer::open(io, &self.table, &[], Shape::default())?;
        // The answer is about no archive.
        writer.begin(Document { archive: "".into(), container: None })?;
        writer.list(&KINDS, Kind::ALL.iter().copied().flat_map(rows).map(Ok))?;
        writer.end(&[])?;
        writer.finish()
    }
}
