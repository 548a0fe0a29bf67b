//! What all commands that list something of a container have in common: their arguments, and the way from archives
//! to documents.

use icecore::archive::Keep;
use icecore::{Checkpoint, Pid};

use crate::arguments::{Format, Input, Inputs, ProcessFilter, ReadOptions, TableOptions};
use crate::documents::{Answers, Opened};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::list::{Ask, List, Needs};
use crate::opening;
use crate::output::Writer;

/// Arguments of a command that lists something of containers.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Listing {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    pub(crate) processes: ProcessFilter,
    #[command(flatten)]
    read: ReadOptions,
    #[command(flatten)]
    pub(crate) table: TableOptions,
}

/// What could be opened, and whether others could not be read.
type Read<'a> = (Opened<'a>, bool);

impl Listing {
    /// The same for a list that says nothing more behind `--rootfs`: that is not opened for it.
    pub(crate) fn without_rootfs(mut self) -> Self {
        self.read.rootfs = None;
        self
    }

    /// Whether a process was asked for.
    pub(crate) fn wants(&self, pid: Pid) -> bool {
        self.processes.wants(pid)
    }

    /// What the lists of the command are asked for.
    pub(crate) fn ask(&self) -> Ask {
        let for_people = self.table.format == Format::Text;
        let in_words = for_people || !self.table.columns.is_empty();
        Ask { processes: self.processes.clone(), for_people, in_words }
    }

    /// Writes those of the lists that the format shows, for each container.
    ///
    /// # Errors
    /// As [`Listing::run`].
    pub(crate) fn lists(&self, io: &mut Io<'_>, lists: &[List]) -> Result<Exit, Error> {
        let lists: Vec<&List> = lists.iter().filter(|list| list.is_shown_as(self.table.format)).collect();
        let (ask, keep) = (self.ask(), Needs::of(lists.iter().copied()).keep());
        self.run(io, &keep, lists.len() > 1, |checkpoint, writer| {
            lists.iter().try_for_each(|list| writer.list(list.table, (list.rows)(checkpoint, &ask)))
        })
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
        let known = opened.iter().any(|(_, checkpoint)| self.processes.is_met_by(checkpoint));
        if !known {
            let _ = writeln!(io.err, "note: there is no such process; `icecore ps` lists all");
        }
        let answers = Answers { table: &self.table, inputs, several_lists: several };
        match answers.write(opened, io, lists)? {
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
    /// If the only archive cannot be read, or a root file system that is needed.
    pub(crate) fn open(&self, io: &mut Io<'_>, keep: &Keep) -> Result<Read<'_>, Error> {
        let inputs = self.inputs.checked()?;
        let mut failed = false;
        let mut opened = Vec::new();
        for input in inputs {
            match opening::containers(input, &self.read, keep.clone(), io) {
                Ok(checkpoints) => opened.extend(checkpoints.into_iter().map(|one| (input, one))),
                Err(error) if inputs.len() > 1 => {
                    failed = true;
                    let _ = writeln!(io.err, "icecore: {}", error.to_line());
                }
                Err(error) => return Err(error),
            }
        }
        let (inputs, opened): (Vec<_>, Vec<_>) = opened.into_iter().unzip();
        let opened = opening::with_rootfs(opened, &self.read, keep, io)?;
        Ok((inputs.into_iter().zip(opened).collect(), failed))
    }
}
