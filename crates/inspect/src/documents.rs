//! A document for each container: what all commands that list something of containers end with.

use icecore::Checkpoint;

use crate::arguments::{Input, TableOptions};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::output::{Document, Shape, Writer};
use crate::{diagnostics, opening};

/// Checkpoints, each with the archive that holds it.
pub(crate) type Opened<'a> = Vec<(&'a Input, Checkpoint)>;

/// Where answers go, and of which shape they are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answers<'a> {
    /// How they are written.
    pub(crate) table: &'a TableOptions,
    /// All archives that were named, those that could not be read too.
    pub(crate) inputs: &'a [Input],
    /// Whether a document has lists of several kinds.
    pub(crate) several_lists: bool,
}

impl Answers<'_> {
    /// Writes a document for each checkpoint, filled by `lists`. Each is closed when it is written.
    ///
    /// # Errors
    /// If `lists` fails, or the answer cannot be written.
    pub(crate) fn write(
        &self,
        opened: Opened<'_>,
        io: &mut Io<'_>,
        mut lists: impl FnMut(&Checkpoint, &mut Writer<'_>) -> Result<(), Error>,
    ) -> Result<Exit, Error> {
        let several_documents = self.inputs.len() > 1 || opened.len() > 1;
        let shape = Shape { several_documents, several_lists: self.several_lists };
        let mut writer = Writer::open(io, self.table, self.inputs, shape)?;
        for (input, checkpoint) in opened {
            let container = opening::container(&checkpoint);
            writer.begin(Document { archive: opening::name(input), container })?;
            lists(&checkpoint, &mut writer)?;
            writer.end(&diagnostics::of_checkpoint(&checkpoint))?;
        }
        writer.finish()
    }
}
