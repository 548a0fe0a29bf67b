//! `icecore fs find`: every file that the archive holds.

use clap::builder::PossibleValuesParser;
use icecore::archive::Keep;
use icecore::filesystem::{Entry, FileType, Origin};
use icecore_analysis::extract::is_wanted;

use super::question::{Notes, Question};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::views::entries;

/// Arguments of `fs find`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    question: Question,
    /// Only files of these origins
    #[arg(long = "origin", value_name = "ORIGIN", value_delimiter = ',', value_parser = origins())]
    origins: Vec<String>,
    /// Only files of these types
    #[arg(short, long = "type", value_name = "TYPE", value_delimiter = ',', value_parser = types())]
    types: Vec<String>,
}

fn origins() -> PossibleValuesParser {
    Origin::ALL.map(Origin::name).into()
}

fn types() -> PossibleValuesParser {
    FileType::ALL.map(FileType::name).into()
}

impl Arguments {
    pub(super) fn run(&self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let (wanted, holes) = (self.question.paths(), self.question.holes());
        self.question.run(io, Keep::Everything, false, |checkpoint, writer| {
            let filesystem = checkpoint.filesystem();
            let entries = || {
                let entries = filesystem.entries().chain(filesystem.of_image());
                entries.filter(|entry| self.wants(entry) && is_wanted(&wanted, &entry.path))
            };
            let form = self.question.form(holes.as_ref(), checkpoint, writer, entries);
            writer.list(&entries::FILES, entries().map(|entry| Ok(entries::file(&entry, &form))))?;
            Ok(Notes::new())
        })
    }

    fn wants(&self, entry: &Entry<'_>) -> bool {
        let among =
            |names: &[String], name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
        among(&self.origins, entry.origin.name()) && among(&self.types, entry.file_type.name())
    }
}
