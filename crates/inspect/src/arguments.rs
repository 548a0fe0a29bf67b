//! Arguments that commands share, as structs to flatten into theirs.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::{OsStringValueParser, PossibleValuesParser, TypedValueParser};
use icecore::archive::Kind;

use crate::error::Error;
use crate::io::Terminal;

mod address_range;
mod byte_count;
mod instant;
mod memory_filter;
mod process_filter;
pub use address_range::{AddressRange, address_range};
pub use byte_count::{byte_count, page_size};
pub use instant::instant;
pub use memory_filter::{MemoryFilter, area_kinds};
pub use process_filter::ProcessFilter;

/// Where an archive comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// `-`: standard input.
    Stdin,
    /// A file or directory.
    Path(PathBuf),
}

impl From<OsString> for Input {
    fn from(argument: OsString) -> Self {
        if argument == "-" { Self::Stdin } else { Self::Path(argument.into()) }
    }
}

/// One archive.
#[derive(Debug, Clone, clap::Args)]
pub struct OneInput {
    /// A checkpoint: an archive, an image layout or a directory; `-` reads standard input
    #[arg(value_name = "ARCHIVE", value_parser = OsStringValueParser::new().map(Input::from))]
    pub archive: Input,
}

/// One archive or several.
#[derive(Debug, Clone, clap::Args)]
pub struct Inputs {
    /// Checkpoints: archives, image layouts or directories; `-` reads standard input
    #[arg(required = true, value_name = "ARCHIVE", value_parser = OsStringValueParser::new().map(Input::from))]
    pub archives: Vec<Input>,
}

impl Inputs {
    /// The archives, if they can be read as they are named.
    ///
    /// # Errors
    /// [`Error::Usage`] if standard input is named twice.
    pub fn checked(&self) -> Result<&[Input], Error> {
        if self.archives.iter().filter(|input| **input == Input::Stdin).count() > 1 {
            return Err(Error::Usage(
                "`-` is given twice, but standard input can be read only once".to_owned(),
            ));
        }
        Ok(&self.archives)
    }
}

/// How an archive is read.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Reading")]
pub struct ReadOptions {
    /// Only the container of this name, where an archive holds several
    #[arg(short, long, value_name = "NAME")]
    pub container: Option<OsString>,
    /// Take the input for this kind instead of telling it by its content
    #[arg(long, value_name = "KIND", value_parser = kind())]
    pub input_format: Option<Kind>,
    /// The checkpoint before this one, whose memory pages this one did not store again; repeat it for the one before
    /// that
    #[arg(long = "parent", value_name = "ARCHIVE")]
    pub parents: Vec<PathBuf>,
    /// The root file system that the container began with, for what it did not change and for pages of mapped files: a
    /// directory, a tar of files, or an image in an OCI layout. Nothing else of this machine is looked at. Commands that
    /// need no files, such as `ps`, take it and do not open it
    #[arg(long, value_name = "DIR|TAR|IMAGE")]
    pub rootfs: Option<PathBuf>,
    /// Size of a page, where the images do not tell, such as 4K or 64K
    #[arg(long, value_name = "BYTES", value_parser = page_size)]
    pub page_size: Option<u64>,
    /// The most bytes that decompression may give, such as 512M or 2T [default: 64G]
    #[arg(long, value_name = "BYTES", value_parser = byte_count)]
    pub max_output: Option<u64>,
    /// Let a decompressor use as much memory as the archive asks for
    #[arg(long)]
    pub allow_large_window: bool,
    /// Read files instead of mapping them, for files that may shrink meanwhile
    #[arg(long)]
    pub no_mmap: bool,
}

/// Where an answer goes, and when it counts as a failure.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Output")]
pub struct OutputOptions {
    /// Write to this file instead of standard output; a file that exists is replaced
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Exit with 2 if anything about the archive was damaged or doubtful
    #[arg(long)]
    pub strict: bool,
    /// Also tell what is merely remarkable, as members that an engine may leave out; JSON always does
    #[arg(long)]
    pub notes: bool,
    /// When to use colour; `auto` means on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub color: Color,
}

/// How an answer of rows or a document is written.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Output")]
pub struct TableOptions {
    /// Text for people, or one of the forms for programs
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Only these columns, by the names that JSON has for them
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Write CSV cells as they are, without the apostrophe in front of what a spreadsheet would run
    #[arg(long)]
    pub csv_raw: bool,
    /// Destination and strictness, as for raw output.
    #[command(flatten)]
    pub output: OutputOptions,
}

/// The format of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// Aligned columns with units, for people
    #[default]
    Text,
    /// One document, or an array of them for several containers
    Json,
    /// One JSON object a line
    #[value(name = "jsonl")]
    JsonLines,
    /// Comma-separated values with a header
    Csv,
}

impl Format {
    /// Whether the rows are JSON objects.
    pub fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::JsonLines)
    }
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Color {
    /// On a terminal, unless the environment forbids it
    #[default]
    Auto,
    /// Into pipes and files too
    Always,
    /// Nowhere
    Never,
}

impl Color {
    /// Whether a stream is coloured that is a terminal or not.
    pub fn applies(self, terminal: Terminal, stream_is_tty: bool) -> bool {
        match self {
            Self::Auto => terminal.color && stream_is_tty,
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// The kinds of containers, by the names that `kind` has in the JSON of `show`.
fn kind() -> impl TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::ALL.iter().map(|kind| kind.name()))
        .try_map(|name| Kind::of_name(&name).ok_or("no such kind"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Everything {
        #[command(flatten)]
        inputs: Inputs,
        #[command(flatten)]
        read: ReadOptions,
        #[command(flatten)]
        table: TableOptions,
    }

    fn parse(line: &str) -> Result<Everything, clap::Error> {
        Everything::try_parse_from(["icecore"].into_iter().chain(line.split_whitespace()))
    }

    #[test]
    fn every_shared_argument_is_understood() {
        let arguments = parse(
            "a.tar - --format jsonl -o out --container web --strict --no-mmap --color never --input-format \
             oci-layout --max-output 2T --allow-large-window --page-size 64K --rootfs base --columns pid,comm --csv-raw",
        )
        .unwrap();
        assert_eq!(arguments.inputs.archives, [Input::Path("a.tar".into()), Input::Stdin]);
        assert_eq!(arguments.table.format, Format::JsonLines);
        assert_eq!(arguments.table.columns, ["pid", "comm"]);
        assert_eq!(arguments.table.output.output, Some("out".into()));
        assert_eq!(arguments.table.output.color, Color::Never);
        assert!(arguments.table.output.strict && arguments.table.csv_raw);
        assert_eq!(arguments.read.container, Some("web".into()));
        assert_eq!(arguments.read.input_format, Some(Kind::OciLayout));
        assert_eq!(arguments.read.max_output, Some(2 << 40));
        assert_eq!(arguments.read.rootfs, Some("base".into()));
        assert_eq!(arguments.read.page_size, Some(65_536));
        assert!(arguments.read.no_mmap && arguments.read.allow_large_window);
    }

    #[test]
    fn the_short_forms_are_those_of_the_contract() {
        let arguments = parse("a.tar -c web -o out").unwrap();
        assert_eq!(arguments.read.container, Some("web".into()));
        assert_eq!(arguments.table.output.output, Some("out".into()));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in ["", "a.tar --format xml", "a.tar --page-size 5000", "a.tar --max-output lots"] {
            assert!(parse(line).is_err(), "{line}");
        }
        assert!(parse("- a.tar").unwrap().inputs.checked().is_ok());
        let twice = parse("- a.tar -").unwrap().inputs.checked().unwrap_err();
        assert!(twice.to_string().contains("only once"));
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_no_text_is_kept() {
        use std::os::unix::ffi::OsStringExt as _;
        let name = OsString::from_vec(b"\xff.tar".to_vec());
        let arguments = Everything::try_parse_from(["icecore".into(), name.clone()]).unwrap();
        assert_eq!(arguments.inputs.archives, [Input::Path(name.into())]);
    }

    #[test]
    fn colour_follows_the_user_then_the_environment() {
        let terminal = Terminal { color: true, ..Terminal::default() };
        let forbidden = Terminal::default();
        assert!(Color::Auto.applies(terminal, true));
        assert!(!Color::Auto.applies(terminal, false));
        assert!(!Color::Auto.applies(forbidden, true));
        assert!(Color::Always.applies(forbidden, false));
        assert!(!Color::Never.applies(terminal, true));
    }
}
