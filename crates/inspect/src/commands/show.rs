//! `icecore show`: what was frozen, by whom, when, from which image and pod, and how big its parts are.

use icecore::Checkpoint;
use icecore::archive::Keep;

use super::Run;
use crate::answer::Answer;
use crate::arguments::{Format, Input, Inputs, ReadOptions, TableOptions};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::output::{Document, Shape, Writer};
use crate::views::{show, summary};
use crate::{diagnostics, opening};

/// Arguments of `show`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    read: ReadOptions,
    #[command(flatten)]
    table: TableOptions,
}

/// What to try next, for whoever does not know the commands yet.
const NEXT: &str = "ps · files · sockets · fs diff · search -e TEXT · timeline · logs · inspect";

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "show fixtures/podman-pod/front.tar.zst",
        "show fixtures/podman-pod/front.tar.zst fixtures/podman-pod/kitchen.tar.gz",
        "show fixtures/minimal/checkpoint.tar --format json | jq .counts",
    ];

    const ANSWER: Answer = Answer::Facts(show::kinds::CHECKPOINT);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let inputs = self.inputs.checked()?;
        let mut failed = false;
        let mut opened = Vec::new();
        for input in inputs {
            match opening::checkpoints(input, &self.read, Keep::Metadata, io) {
                Ok(checkpoints) => opened.extend(checkpoints.into_iter().map(|one| (input, one))),
                // One archive that cannot be read does not keep the others from being shown.
                Err(error) if inputs.len() > 1 => {
                    failed = true;
                    let _ = writeln!(io.err, "icecore: {}", error.to_line());
                }
                Err(error) => return Err(error),
            }
        }
        let exit = self.write(&opened, io)?;
        Ok(if failed { Exit::Trouble } else { exit })
    }
}

impl Arguments {
    fn write(&self, opened: &[(&Input, Checkpoint)], io: &mut Io<'_>) -> Result<Exit, Error> {
        let rows = matches!(self.table.format, Format::Text | Format::Csv) && opened.len() > 1;
        let rows = rows || self.table.format == Format::Csv;
        let shape = Shape { several_documents: !rows && opened.len() > 1, several_lists: false };
        let mut writer = Writer::open(io, &self.table, &self.inputs.archives, shape)?;
        if rows {
            writer.begin(Document { archive: "".into(), container: None })?;
            let rows = opened.iter().map(|(input, one)| Ok(summary::row(opening::name(input).as_ref(), one)));
            writer.list(&summary::CHECKPOINTS, rows)?;
            let told = opened.iter().flat_map(|(input, one)| of_one(input, one));
            writer.end(&told.collect::<Vec<_>>())?;
            return writer.finish();
        }
        for (input, checkpoint) in opened {
            let container = opening::container(checkpoint);
            writer.begin(Document { archive: opening::name(input), container })?;
            let page =
                |out: &mut dyn std::io::Write, style| show::page_with_next(checkpoint, NEXT, out, style);
            writer.object(&show::object(checkpoint), page)?;
            checkpoint.check_completeness();
            writer.end(&diagnostics::of_checkpoint(checkpoint))?;
        }
        writer.finish()
    }
}

/// What has to be said about one archive of several.
fn of_one(input: &Input, checkpoint: &Checkpoint) -> Vec<crate::output::Diagnostic> {
    checkpoint.check_completeness();
    let mut told = diagnostics::of_checkpoint(checkpoint);
    for diagnostic in &mut told {
        let mut place = opening::name(input);
        if let Some(member) = &diagnostic.member {
            place.extend_from_slice(b": ");
            place.extend_from_slice(member);
        }
        diagnostic.member = Some(place);
    }
    told
}
