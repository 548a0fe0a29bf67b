//! `icecore mem dump`: the bytes of an address space in a file or several, and an index of what stands where.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use icecore::memory::PageSource;
use icecore::{Memory, Vaddr};
use icecore_analysis::dump::{self, Piece};
use icecore_analysis::search::Filter;

use super::target::{Opened, Target};
use crate::arguments::{Format, Input, MemoryFilter, OutputOptions, TableOptions};
use crate::diagnostics;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::{Io, Terminal};
use crate::output::destination::Destination;
use crate::output::{Document, Progress, Raw, Row, Shape, Writer, escape};
use crate::views::memory as view;

/// Arguments of `mem dump`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,
    /// How the bytes are laid out
    #[arg(long, value_enum, default_value_t)]
    form: Form,
    /// Write an index in JSON to this file: each piece with its addresses and its place in the output, or why it has
    /// none [default: with holes, beside the file or in the folder]
    #[arg(long, value_name = "FILE")]
    index: Option<PathBuf>,
    #[command(flatten)]
    memory: MemoryFilter,
    #[command(flatten)]
    output: OutputOptions,
}

/// The layout of a dump.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Form {
    /// Stored bytes one behind the other; what was never written or is unknown is left out
    #[default]
    Raw,
    /// One file with all areas in their full length; what was never written or is unknown is a hole
    Sparse,
    /// A folder with such a file for each area
    Areas,
}

/// A piece that was written, and to which file of several.
type Written<'m> = Result<(Option<String>, Piece<'m>), Error>;

impl Arguments {
    pub(super) fn run(&self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let opened = self.target.open(io)?;
        let (memory, filter) = (&opened.memory, self.memory.filter(Vec::new()));
        let path = self.output.output.as_deref().filter(|path| path.as_os_str() != OsStr::new("-"));
        let failed = |source| Error::Output {
            target: path.map_or("standard output".into(), |path| path.display().to_string()),
            source,
        };
        let mut left_out = LeftOut::default();
        let work = || (format!("dumping pid {}", memory.pid()), Some(filter.length(memory)));
        match (self.form, path) {
            (Form::Raw, _) => {
                let mut raw = Raw::open(io, &self.output, self.inputs())?;
                let pieces = dump::stream(memory, &filter, raw.watched(work));
                let pieces = pieces.map(|piece| piece.map(|piece| (None, piece)).map_err(failed));
                self.write(self.index.clone(), &opened, pieces, &mut left_out)?;
                raw.finish()?;
            }
            (Form::Sparse, Some(path)) => {
                let file = Destination::create(path, self.inputs())?;
                let file = Progress::new(io.terminal, work).watch(file);
                let pieces = dump::sparse(memory, &filter, file);
                let pieces = pieces.map(|piece| piece.map(|piece| (None, piece)).map_err(failed));
                let index = self.index.clone().unwrap_or_else(|| with_suffix(path, ".json"));
                self.write(Some(index), &opened, pieces, &mut left_out)?;
            }
            (Form::Areas, Some(folder)) => {
                make_folder(folder, self.inputs())?;
                let progress = Progress::new(io.terminal, work);
                let parts = dump::parts(memory, &filter).into_iter();
                let pieces = parts.flat_map(|part| area(memory, &filter, folder, part, &progress));
                let index = self.index.clone().unwrap_or_else(|| folder.join("index.json"));
                self.write(Some(index), &opened, pieces, &mut left_out)?;
            }
            (Form::Sparse | Form::Areas, None) => {
                let text = "a dump with holes cannot go to a pipe; give -o FILE, or for areas -o FOLDER";
                return Err(Error::Usage(text.to_owned()));
            }
        }
        left_out.tell(io);
        Ok(diagnostics::tell(&opened.diagnostics(), &self.output, io))
    }

    fn inputs(&self) -> &[Input] {
        std::slice::from_ref(&self.target.input.archive)
    }

    /// Writes all pieces, as they are taken, and an index if there is to be one.
    fn write<'m>(
        &self,
        index: Option<PathBuf>,
        opened: &'m Opened,
        pieces: impl Iterator<Item = Written<'m>>,
        left_out: &mut LeftOut,
    ) -> Result<(), Error> {
        let memory = &opened.memory;
        let mut rows = pieces.map(|written| {
            let (file, piece) = written?;
            left_out.add(&piece);
            Ok(view::piece(memory, &piece, file))
        });
        match index {
            Some(path) => write_index(path, self.inputs(), opened.document(&self.target), opened, rows),
            None => rows.try_for_each(|row: Result<Row, Error>| row.map(drop)),
        }
    }
}

/// Writes an area to a file of its own, named by its addresses.
fn area<'m>(
    memory: &'m Memory,
    filter: &Filter,
    folder: &Path,
    part: Range<Vaddr>,
    progress: &Progress,
) -> Box<dyn Iterator<Item = Written<'m>> + 'm> {
    let name = format!("{:#x}-{:#x}", part.start.0, part.end.0);
    let path = folder.join(&name);
    let failed = {
        let target = path.display().to_string();
        move |source| Error::Output { target: target.clone(), source }
    };
    match File::create_new(&path) {
        Ok(file) => {
            let mut filter = filter.clone();
            filter.range = Some(part);
            let pieces = dump::sparse(memory, &filter, progress.watch(file));
            Box::new(pieces.map(move |piece| piece.map(|piece| (Some(name.clone()), piece)).map_err(&failed)))
        }
        Err(source) => Box::new(std::iter::once(Err(failed(source)))),
    }
}

/// Makes a folder, or takes one that is empty.
fn make_folder(path: &Path, inputs: &[Input]) -> Result<(), Error> {
    Destination::check(path, inputs)?;
    let failed = |source| Error::Output { target: path.display().to_string(), source };
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let mut entries = fs::read_dir(path).map_err(failed)?;
            let full = || io::Error::new(io::ErrorKind::AlreadyExists, "the folder is not empty");
            entries.next().map_or(Ok(()), |_| Err(failed(full())))
        }
        made => made.map_err(failed),
    }
}

fn write_index(
    path: PathBuf,
    inputs: &[Input],
    document: Document,
    opened: &Opened,
    rows: impl Iterator<Item = Result<Row, Error>>,
) -> Result<(), Error> {
    let (mut out, mut err) = (io::sink(), io::sink());
    let mut aside = Io { out: &mut out, err: &mut err, input: None, terminal: Terminal::default() };
    let output = OutputOptions { output: Some(path), ..OutputOptions::default() };
    let options = TableOptions { format: Format::Json, output, ..TableOptions::default() };
    let mut writer = Writer::open(&mut aside, &options, inputs, Shape::default())?;
    writer.begin(document)?;
    writer.list(&view::PIECES, rows)?;
    writer.end(&opened.diagnostics())?;
    writer.finish().map(drop)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Kinds of reasons that are told apart; more would only scroll by.
const REASONS: usize = 20;

/// What is not in the output as bytes: by reason how many pieces and bytes, and the address of the first.
#[derive(Debug, Default)]
struct LeftOut(BTreeMap<String, (u64, u64, Vaddr)>);

impl LeftOut {
    fn add(&mut self, piece: &Piece<'_>) {
        let reason = match &piece.run.reason {
            Some(reason) => format!("unknown: {reason}"),
            None if piece.run.source == PageSource::Zero => "never written, reads as zeros".to_owned(),
            None => return,
        };
        let reason = if self.0.len() < REASONS { reason } else { "unknown for other reasons".to_owned() };
        let (count, bytes, _) = self.0.entry(reason).or_insert((0, 0, piece.run.start));
        *count = count.saturating_add(1);
        *bytes = bytes.saturating_add(piece.run.length());
    }

    fn tell(&self, io: &mut Io<'_>) {
        for (reason, (count, bytes, first)) in &self.0 {
            let reason = escape::line(reason);
            let _ = writeln!(
                io.err,
                "not in the output: {bytes} bytes in {count} pieces from {first} on: {reason}"
            );
        }
    }
}
