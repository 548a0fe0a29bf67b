//! `icecore logs`: what the container wrote, and what CRIU said while it dumped.

use std::io::Write as _;

use icecore::archive::Keep;
use icecore::metadata::logs::{self, Stream};
use icecore::{Checkpoint, LogKind};

use super::Run;
use crate::arguments::{OneInput, OutputOptions, ReadOptions};
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::opening;
use crate::output::{Raw, escape};

/// Arguments of `logs`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    input: OneInput,
    /// The log of the dump instead of the container's
    #[arg(long, conflicts_with = "errors")]
    dump: bool,
    /// Only the first error of the dump, with the line and offset where it stands; exit 1 if there is none
    #[arg(long)]
    errors: bool,
    /// The time and stream of each message in front of it
    #[arg(short, long)]
    times: bool,
    #[command(flatten)]
    read: ReadOptions,
    #[command(flatten)]
    output: OutputOptions,
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "logs fixtures/crio-nginx-webserver/checkpoint-webserver_default-webserver-2026-11-25T20-30-46Z.tar",
        "logs --errors fixtures/crio-nginx-webserver/checkpoint-webserver_default-webserver-2026-11-25T20-30-46Z.tar",
    ];

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let checkpoints = opening::checkpoints(&self.input.archive, &self.read, Keep::Metadata, io)?;
        let wanted = if self.dump || self.errors { LogKind::Dump } else { LogKind::Container };
        let mut raw = Raw::open(io, &self.output, std::slice::from_ref(&self.input.archive))?;
        let mut found = false;
        for checkpoint in &checkpoints {
            if checkpoints.len() > 1 {
                let title = opening::title(checkpoint);
                writeln!(raw, "==> {} <==", escape::field(title.as_bytes()))
                    .map_err(|error| raw.error(error))?;
            }
            found |= self.write(checkpoint, wanted, &mut raw)?;
        }
        raw.finish()?;
        if !found {
            let what = if self.errors { "no error in a dump log" } else { "no such log in the archive" };
            let _ = writeln!(io.err, "note: {what}");
        }
        Ok(if found { Exit::Done } else { Exit::No })
    }
}

impl Arguments {
    /// Writes the first log of a kind; says whether there was anything to write.
    fn write(&self, checkpoint: &Checkpoint, wanted: LogKind, raw: &mut Raw<'_>) -> Result<bool, Error> {
        let Some((_, member)) = checkpoint.logs().find(|(kind, _)| *kind == wanted) else { return Ok(false) };
        if self.errors {
            let Some(error) = checkpoint.dump_log().and_then(|log| log.first_error) else { return Ok(false) };
            let place = format!("{}, line {}, offset {:#x}", member.name, error.line, error.offset);
            writeln!(raw, "{place}: {}", error.text).map_err(|error| raw.error(error))?;
            return Ok(true);
        }
        let bytes = member.bytes(("image", 1 << 30)).map_err(|error| Error::Input {
            archive: opening::name(&self.input.archive).to_string(),
            source: Box::new(error),
        })?;
        if wanted == LogKind::Dump {
            raw.write_all(&bytes).map_err(|error| raw.error(error))?;
            return Ok(true);
        }
        for message in logs::messages(&bytes) {
            let written = (|| {
                if self.times && !message.time.is_empty() {
                    write!(raw, "{} {} ", message.time, stream(message.stream))?;
                }
                raw.write_all(&message.text)?;
                raw.write_all(b"\n")
            })();
            written.map_err(|error| raw.error(error))?;
        }
        Ok(true)
    }
}

fn stream(stream: Stream) -> &'static str {
    match stream {
        Stream::Stdout => "stdout",
        Stream::Stderr => "stderr",
        Stream::Unknown => "-",
    }
}
