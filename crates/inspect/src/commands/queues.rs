//! `icecore queues`: the bytes in flight.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use icecore::Checkpoint;
use icecore::archive::Keep;
use icecore::queues::{Queue, QueueKind};

use icecore_analysis::pcapng;

use super::Run;
use crate::answer::Answer;
use crate::arguments::Input;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::listing::Listing;
use crate::opening;
use crate::output::Raw;
use crate::output::destination::Destination;
use crate::output::hexdump::{LINE, Lines};
use crate::views::queues as view;

/// Arguments of `queues`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    listing: Listing,
    /// Only these kinds: pipe, fifo, unix, tcp-recv, tcp-send, tty, msg
    #[arg(short, long = "kind", value_name = "KIND", value_delimiter = ',', value_parser = kinds())]
    kinds: Vec<String>,
    /// Also list queues that are empty
    #[arg(short, long)]
    all: bool,
    /// Show the bytes of each queue as numbers and text
    #[arg(long, conflicts_with_all = ["format", "columns"])]
    hexdump: bool,
    /// Write a capture file for Wireshark: TCP queues as segments, all others as messages
    #[arg(long, value_name = "FILE", conflicts_with = "hexdump")]
    pcap: Option<PathBuf>,
    /// Write the bytes of each queue to a file in this directory: of a stream one, else one for each message
    #[arg(long, value_name = "DIRECTORY", conflicts_with_all = ["hexdump", "pcap"])]
    extract: Option<PathBuf>,
}

fn kinds() -> clap::builder::PossibleValuesParser {
    QueueKind::ALL.map(QueueKind::name).into()
}

impl Run for Arguments {
    const EXAMPLES: &'static [&'static str] = &[
        "queues fixtures/s390x/checkpoint.tar.gz",
        "queues fixtures/s390x/checkpoint.tar.gz --kind tty,msg --hexdump",
        "queues fixtures/s390x/checkpoint.tar.gz --pcap /tmp/queues.pcapng",
        "queues fixtures/s390x/checkpoint.tar.gz --format json | jq .queues[].sha256",
    ];

    const ANSWER: Answer = Answer::Lists(&[&view::QUEUES]);

    fn run(self, io: &mut Io<'_>) -> Result<Exit, Error> {
        if self.hexdump {
            return self.dump(io);
        }
        if let Some(path) = &self.pcap {
            return self.capture(path, io);
        }
        if let Some(directory) = &self.extract {
            return self.extract(directory, io);
        }
        self.listing.run(io, &Keep::Metadata, false, |checkpoint, writer| {
            let progress = writer.progress(|| {
                let lengths = self.wanted(checkpoint).map(Queue::length);
                let what = format!("hashing queues of {}", opening::title(checkpoint));
                (what, Some(lengths.fold(0, u64::saturating_add)))
            });
            let rows = self.wanted(checkpoint).map(|queue| {
                let row = view::row(checkpoint, queue);
                progress.add(queue.length());
                Ok(row)
            });
            writer.list(&view::QUEUES, rows)
        })
    }
}

impl Arguments {
    /// The queues that were asked for.
    fn wanted<'a>(&'a self, checkpoint: &'a Checkpoint) -> impl Iterator<Item = &'a Queue> + use<'a> {
        let is_wanted = |queue: &&Queue| {
            let kind = self.kinds.is_empty() || self.kinds.iter().any(|kind| kind == queue.kind.name());
            kind && (self.all || !queue.is_empty())
        };
        view::wanted(checkpoint, &self.listing.processes).filter(is_wanted)
    }

    fn dump(&self, io: &mut Io<'_>) -> Result<Exit, Error> {
        let (opened, failed) = self.listing.open(io, &Keep::Metadata)?;
        let mut raw = Raw::open(io, &self.listing.table.output, self.listing.inputs())?;
        for (_, checkpoint) in &opened {
            for queue in self.wanted(checkpoint) {
                let content = queue.open(checkpoint).map_err(|source| unreadable(checkpoint, source))?;
                let written = dump(checkpoint, queue, &content, &mut raw);
                written.map_err(|error| raw.error(error))?;
            }
        }
        raw.finish()?;
        Ok(if failed { Exit::Trouble } else { Exit::Done })
    }

    /// Writes a capture file with a section for each container.
    fn capture(&self, path: &Path, io: &mut Io<'_>) -> Result<Exit, Error> {
        let (opened, failed) = self.listing.open(io, &Keep::Metadata)?;
        let mut file = Destination::open(Some(path), &mut *io.out, self.listing.inputs())?;
        for (_, checkpoint) in &opened {
            let written = pcapng::write(checkpoint, self.wanted(checkpoint), &mut file);
            written.map_err(|error| match error {
                pcapng::Error::Output(source) => file.error(source),
                other => Error::Input { archive: opening::title(checkpoint), source: other.into() },
            })?;
        }
        let flushed = file.flush();
        flushed.map_err(|error| file.error(error))?;
        Ok(if failed { Exit::Trouble } else { Exit::Done })
    }

    /// Writes files. Their names are made of numbers, so nothing from the archive decides where they lie.
    fn extract(&self, directory: &Path, io: &mut Io<'_>) -> Result<Exit, Error> {
        let (opened, failed) = self.listing.open(io, &Keep::Metadata)?;
        let [(_, checkpoint)] = opened.as_slice() else {
            let text = "`--extract` is for one container, and there are several; `--container` picks one";
            return Err(Error::Usage(text.to_owned()));
        };
        let output = |source| Error::Output { target: directory.display().to_string(), source };
        fs::create_dir_all(directory).map_err(output)?;
        for queue in self.wanted(checkpoint) {
            write(checkpoint, queue, directory, self.listing.inputs())?;
        }
        Ok(if failed { Exit::Trouble } else { Exit::Done })
    }
}

fn unreadable(checkpoint: &Checkpoint, source: icecore::Error) -> Error {
    Error::Input { archive: opening::title(checkpoint), source: source.into() }
}

fn dump(
    checkpoint: &Checkpoint,
    queue: &Queue,
    content: &icecore::queues::Content,
    raw: &mut Raw<'_>,
) -> io::Result<()> {
    let files = checkpoint.files();
    writeln!(raw, "{}", view::heading(files, queue))?;
    for (message, number) in queue.messages.iter().zip(1..) {
        if queue.keeps_borders || !message.rights.is_empty() {
            writeln!(raw, "{}", view::message_heading(files, number, message))?;
        }
        let mut lines = Lines::folded(&mut *raw);
        let mut reader = io::Read::bytes(io::BufReader::new(content.reader(message)));
        for at in (0..message.length).step_by(usize::try_from(LINE).unwrap_or(usize::MAX)) {
            let line =
                reader.by_ref().take(usize::try_from(LINE).unwrap_or(0)).collect::<io::Result<Vec<u8>>>()?;
            lines.line(at, &line)?;
        }
    }
    writeln!(raw)
}

/// Writes the files of a queue.
fn write(checkpoint: &Checkpoint, queue: &Queue, directory: &Path, inputs: &[Input]) -> Result<(), Error> {
    let content = queue.open(checkpoint).map_err(|source| unreadable(checkpoint, source))?;
    let namespace = queue.namespace.filter(|_| queue.kind == QueueKind::Message);
    let namespace = namespace.map(|id| format!("-ns{id}")).unwrap_or_default();
    let stem = format!("{}{namespace}-{}", queue.kind, queue.id);
    let whole = [queue.messages.as_slice()];
    let parts: Vec<&[icecore::queues::Message]> =
        if queue.keeps_borders { queue.messages.chunks(1).collect() } else { whole.to_vec() };
    for (part, number) in parts.into_iter().zip(1..) {
        let name = if queue.keeps_borders { format!("{stem}-{number}.bin") } else { format!("{stem}.bin") };
        let mut nowhere = io::sink();
        let mut file = Destination::open(Some(&directory.join(name)), &mut nowhere, inputs)?;
        for message in part {
            let copied = io::copy(&mut content.reader(message), &mut file);
            copied.map_err(|error| file.error(error))?;
        }
        let flushed = file.flush();
        flushed.map_err(|error| file.error(error))?;
    }
    Ok(())
}
