//! The one process whose memory is read.

use std::sync::Arc;

use icecore::archive::Keep;
use icecore::{Checkpoint, Memory, Pid};

use crate::arguments::{OneInput, ReadOptions};
use crate::error::Error;
use crate::io::Io;
use crate::output::{Diagnostic, Document};
use crate::{diagnostics, opening};

/// Arguments that name one process of one container.
#[derive(Debug, clap::Args)]
pub(super) struct Target {
    #[command(flatten)]
    pub(super) input: OneInput,
    /// The process, by its number inside of the container
    #[arg(short, long, value_name = "PID")]
    pid: u32,
    #[command(flatten)]
    read: ReadOptions,
}

/// The memory, and the checkpoint that has to tell what is wrong with it.
pub(super) struct Opened {
    pub(super) memory: Arc<Memory>,
    checkpoint: Checkpoint,
}

impl Opened {
    /// What an answer is about.
    pub(super) fn document(&self, target: &Target) -> Document {
        let archive = opening::name(&target.input.archive);
        Document { archive, container: opening::container(&self.checkpoint) }
    }

    /// What was told about the checkpoint so far.
    pub(super) fn diagnostics(&self) -> Vec<Diagnostic> {
        diagnostics::of_checkpoint(&self.checkpoint)
    }
}

impl Target {
    /// Opens the archive with all its pages.
    ///
    /// # Errors
    /// If it cannot be read, the process has no memory, or several containers have such a process.
    pub(super) fn open(&self, io: &mut Io<'_>) -> Result<Opened, Error> {
        let archive = &self.input.archive;
        let checkpoints = opening::checkpoints(archive, &self.read, Keep::Everything, io)?;
        let pid = Pid(self.pid);
        let mut failure = None;
        let mut found = Vec::new();
        for checkpoint in checkpoints {
            match checkpoint.memory(pid) {
                Ok(memory) => found.push(Opened { memory, checkpoint }),
                Err(error) => failure = Some(error),
            }
        }
        match (found.pop(), failure) {
            (Some(opened), _) if found.is_empty() => Ok(opened),
            (None, Some(error)) => Err(self.failed(error.into())),
            _ => Err(Error::Usage(format!(
                "several containers have a process {pid}; name one with `--container`"
            ))),
        }
    }

    /// What went wrong, with the archive in front.
    pub(super) fn failed(&self, source: Box<dyn std::error::Error + Send + Sync>) -> Error {
        Error::Input { archive: opening::name(&self.input.archive).to_string(), source }
    }
}
