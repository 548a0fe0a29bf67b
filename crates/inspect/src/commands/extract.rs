//! `icecore extract`: files out of the archive into a new directory or a tar, and a manifest of what they were.

use std::cell::Cell;
use std::ffi::{OsStr, OsString};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use icecore::Checkpoint;
use icecore::archive::Keep;
use icecore::namespaces::Side;
use icecore_analysis::extract::{Extracted, Options, Plan, Sink, TarSink};

use super::Run;
use super::fs::paths;
use crate::answer::Answer;
use crate::arguments::{Format, OneInput, OutputOptions, ReadOptions, TableOptions};
use crate::error::Error;
use crate::exit::Exit;
use crate::extraction::Folder;
use crate::io::{Io, Terminal};
use crate::output::{Document, Progress, Raw, Shape, Writer};
use crate::views::entries;
use crate::{diagnostics, opening};

/// Arguments of `extract`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    input: OneInput,
    /// Only what is at these paths of the container, and below them; with `--rootfs` also what its image has there
    #[arg(value_name = "PATH")]
    paths: Vec<OsString>,
    /// Make symbolic links too, as they are; they may lead anywhere
    #[arg(long)]
    links: bool,
    /// Make devices and named pipes too; what this user may not make is told in the manifest
    #[arg(long)]
    special: bool,
    /// Keep the bits by which a program runs as its owner or group
    #[arg(long)]
    set_id: bool,
    /// Give files their owners, as they were numbered inside of the container's user namespace, or outside of it on the
    /// machine; what this user may not give is told in the manifest
    #[arg(long, value_name = "SIDE", value_enum)]
    owners: Option<Owners>,
    /// Leave the SHA-256 of each file out of the manifest
    #[arg(long)]
    no_hash: bool,
    #[command(flatten)]
    read: ReadOptions,
    #[command(flatten)]
    output: OutputOptions,
}

/// Whose numbers owners have. Without a user namespace both sides are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Owners {
    Inside,
    Outside,
}

impl From<Owners> for Side {
    fn from(owners: Owners) -> Self {
        match owners {
            Owners::Inside => Self::Inside,
            Owners::Outside => Self::Outside,
        }
    }
}

/// The name of the list of everything, also of what was not written.
const MANIFEST: &str = "manifest.json";

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "extract fixtures/podman-precopy/relay-final.tar.zst -o relay",
        "extract fixtures/podman-precopy/relay-final.tar.zst /srv/relay -o - | tar -tf -",
    ];

    // Of its manifest.
    const ANSWER: Answer = Answer::Lists(&[&entries::EXTRACTED]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let Some(output) = self.output.output.clone() else {
            let text = "name a new directory with `-o DIR`, or `-o -` for a tar on standard output";
            return Err(Error::Usage(text.to_owned()));
        };
        let checkpoint = &opening::checkpoint(&self.input.archive, &self.read, Keep::Everything, io)?;
        let plan = self.plan(checkpoint);
        let progress = Progress::new(io.terminal, || {
            (format!("extracting {}", opening::title(checkpoint)), Some(plan.total()))
        });
        let counts = if output.as_os_str() == OsStr::new("-") {
            self.to_tar(checkpoint, &plan, progress, io)?
        } else {
            self.to_folder(checkpoint, &plan, progress, &output)?
        };
        counts.tell(io);
        let exit = diagnostics::tell(&diagnostics::of_checkpoint(checkpoint), &self.output, io);
        Ok(if counts.all.get() == 0 && !self.paths.is_empty() { Exit::No } else { exit })
    }
}

impl Arguments {
    fn plan<'a>(&self, checkpoint: &'a Checkpoint) -> Plan<'a> {
        let mut options = Options::default();
        (options.paths, options.links) = (paths(&self.paths), self.links);
        (options.special, options.set_id) = (self.special, self.set_id);
        (options.owners, options.no_sums) = (self.owners.map(Side::from), self.no_hash);
        Plan::new(checkpoint, options)
    }

    fn to_folder(
        &self,
        checkpoint: &Checkpoint,
        plan: &Plan<'_>,
        progress: Progress,
        path: &Path,
    ) -> Result<Counts, Error> {
        let mut folder = Folder::open(path, std::slice::from_ref(&self.input.archive))?;
        folder.watch(progress);
        let counts = self.fill(checkpoint, plan, &mut folder, |source| failed(path, source));
        if counts.is_err() {
            // Half a list would be taken for a whole one.
            folder.remove(MANIFEST);
        }
        let finished = folder.finish().map_err(|source| failed(path, source));
        counts.and_then(|counts| finished.map(|()| counts))
    }

    fn fill(
        &self,
        checkpoint: &Checkpoint,
        plan: &Plan<'_>,
        folder: &mut Folder,
        failed: impl Fn(io::Error) -> Error,
    ) -> Result<Counts, Error> {
        let mut out = BufWriter::new(folder.create(MANIFEST).map_err(&failed)?);
        let counts = self.write(checkpoint, plan, folder, &mut out, &failed)?;
        out.flush().map_err(failed)?;
        Ok(counts)
    }

    fn to_tar(
        &self,
        checkpoint: &Checkpoint,
        plan: &Plan<'_>,
        progress: Progress,
        io: &mut Io<'_>,
    ) -> Result<Counts, Error> {
        if io.terminal.out_is_tty {
            return Err(Error::Usage("a tar does not go to a terminal; give `-o DIR` or a pipe".to_owned()));
        }
        let mut raw = Raw::open(io, &self.output, std::slice::from_ref(&self.input.archive))?;
        let out = |source| Error::Output { target: "standard output".to_owned(), source };
        let mut manifest = Vec::new();
        let mut sink = TarSink::new(BufWriter::new(&mut raw)).watch(move |bytes| progress.add(bytes));
        let counts = self.write(checkpoint, plan, &mut sink, &mut manifest, out)?;
        sink.add(MANIFEST, &manifest).map_err(out)?;
        sink.finish().and_then(|mut buffer| buffer.flush()).map_err(out)?;
        raw.finish()?;
        Ok(counts)
    }

    /// Takes everything out, and writes the manifest while that goes on.
    fn write(
        &self,
        checkpoint: &Checkpoint,
        plan: &Plan<'_>,
        sink: &mut dyn Sink,
        manifest: &mut dyn Write,
        failed: impl Fn(io::Error) -> Error,
    ) -> Result<Counts, Error> {
        let mut err = io::sink();
        let mut aside = Io { out: manifest, err: &mut err, input: None, terminal: Terminal::default() };
        let options = TableOptions { format: Format::Json, ..TableOptions::default() };
        let mut writer = Writer::open(&mut aside, &options, &[], Shape::default())?;
        let archive = opening::name(&self.input.archive);
        writer.begin(Document { archive, container: opening::container(checkpoint) })?;
        let counts = Counts::default();
        let rows = plan.run(sink).map(|extracted| {
            let extracted = extracted.map_err(&failed)?;
            counts.add(&extracted);
            Ok(entries::extracted(&extracted))
        });
        writer.list(&entries::EXTRACTED, rows)?;
        writer.end(&diagnostics::of_checkpoint(checkpoint))?;
        writer.finish()?;
        Ok(counts)
    }
}

fn failed(path: &Path, source: io::Error) -> Error {
    Error::Output { target: path.display().to_string(), source }
}

/// How many there were, and how many were written.
#[derive(Debug, Default)]
struct Counts {
    all: Cell<u64>,
    written: Cell<u64>,
}

impl Counts {
    fn add(&self, extracted: &Extracted<'_>) {
        self.all.set(self.all.get().saturating_add(1));
        let one = u64::from(extracted.place.is_some());
        self.written.set(self.written.get().saturating_add(one));
    }

    fn tell(&self, io: &mut Io<'_>) {
        let (all, written) = (self.all.get(), self.written.get());
        let left = all.saturating_sub(written);
        // Nobody can be told that nobody can be told.
        let _ = writeln!(
            io.err,
            "note: {written} files and directories extracted, {left} not written; `{MANIFEST}` tells all of them"
        );
    }
}
