//! What all commands that list something of a container have in common: their arguments, and the way from archives
//! to documents.

use icecore::archive::Keep;
use icecore::namespaces::NamespaceKind;
use icecore::{Checkpoint, NamespaceId, Pid};

use crate::arguments::{Input, Inputs, ReadOptions, TableOptions};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::output::{Document, Shape, Writer};
use crate::{diagnostics, opening};

/// Arguments of a command that lists something of containers.
#[derive(Debug, clap::Args)]
pub(crate) struct Listing {
    #[command(flatten)]
    inputs: Inputs,
    /// Only these processes, by the numbers inside of the container
    #[arg(short, long = "pid", value_name = "PID", value_delimiter = ',')]
    pids: Vec<u32>,
    #[command(flatten)]
    read: ReadOptions,
    #[command(flatten)]
    pub(crate) table: TableOptions,
}

/// Checkpoints with the archives that hold them, and whether others could not be read.
type Opened<'a> = (Vec<(&'a Input, Checkpoint)>, bool);

impl Listing {
    /// Whether a process was asked for: all are, unless some are named.
    pub(crate) fn wants(&self, pid: Pid) -> bool {
        self.pids.is_empty() || self.pids.contains(&pid.0)
    }

    /// Whether no process is named.
    pub(crate) fn wants_all(&self) -> bool {
        self.pids.is_empty()
    }

    /// Whether a namespace was asked for: that of any process that is named, or all.
    pub(crate) fn wants_namespace(
        &self,
        checkpoint: &Checkpoint,
        kind: NamespaceKind,
        id: NamespaceId,
    ) -> bool {
        let is_in = |&pid: &u32| {
            checkpoint.namespaces().of_process(Pid(pid)).any(|namespace| namespace == (kind, id))
        };
        self.pids.is_empty() || self.pids.iter().any(is_in)
    }

    /// Opens the archives and writes a document for each container, filled by `lists`. `several` says whether those are
    /// lists of several kinds.
    ///
    /// An archive that cannot be read does not keep others from being listed. If processes are named and no container
    /// has any of them, the answer is "no".
    ///
    /// # Errors
    /// If the only archive cannot be read, or the answer cannot be written.
    pub(crate) fn run(
        &self,
        io: &mut Io<'_>,
        keep: &Keep,
        several: bool,
        lists: impl Fn(&Checkpoint, &mut Writer<'_>) -> Result<(), Error>,
    ) -> Result<Exit, Error> {
        let inputs = self.inputs.checked()?;
        let (opened, failed) = self.open(io, keep)?;
        let known = opened.iter().any(|(_, checkpoint)| self.knows(checkpoint));
        if !known {
            let _ = writeln!(io.err, "note: there is no such process; `icecore ps` lists all");
        }
        let shape = Shape { several_documents: inputs.len() > 1 || opened.len() > 1, several_lists: several };
        let mut writer = Writer::open(io, &self.table, inputs, shape)?;
        for (input, checkpoint) in opened {
            let container = opening::container(&checkpoint);
            writer.begin(Document { archive: opening::name(input), container })?;
            lists(&checkpoint, &mut writer)?;
            writer.end(&diagnostics::of_checkpoint(&checkpoint))?;
        }
        match writer.finish()? {
            Exit::Done if failed => Ok(Exit::Trouble),
            Exit::Done if !known => Ok(Exit::No),
            exit => Ok(exit),
        }
    }

    /// The archives as they were named.
    pub(crate) fn inputs(&self) -> &[Input] {
        &self.inputs.archives
    }

    /// Opens all archives; says also whether one of several could not be read, which is told.
    ///
    /// # Errors
    /// If the only archive cannot be read.
    pub(crate) fn open(&self, io: &mut Io<'_>, keep: &Keep) -> Result<Opened<'_>, Error> {
        let inputs = self.inputs.checked()?;
        let mut failed = false;
        let mut opened = Vec::new();
        for input in inputs {
            match opening::checkpoints(input, &self.read, keep.clone(), io) {
                Ok(checkpoints) => opened.extend(checkpoints.into_iter().map(|one| (input, one))),
                Err(error) if inputs.len() > 1 => {
                    failed = true;
                    let _ = writeln!(io.err, "icecore: {}", error.to_line());
                }
                Err(error) => return Err(error),
            }
        }
        Ok((opened, failed))
    }

    /// Whether a container has any of the processes that are asked for.
    fn knows(&self, checkpoint: &Checkpoint) -> bool {
        let has = |pid: &u32| checkpoint.images().member(&format!("core-{pid}.img")).is_some();
        self.pids.is_empty() || self.pids.iter().any(has)
    }
}
