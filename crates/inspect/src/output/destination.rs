//! Where an answer goes: standard output, or the file that `-o` names.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::progress::Progress;
use crate::arguments::Input;
use crate::error::Error;

/// An open place to write to.
pub struct Destination<'a> {
    sink: Sink<'a>,
    /// How errors call it.
    name: String,
    /// What is to make room for it on a screen.
    progress: Progress,
}

enum Sink<'a> {
    Stream(&'a mut dyn Write),
    File(BufWriter<File>),
}

impl std::fmt::Debug for Destination<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Destination").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<'a> Destination<'a> {
    /// Opens `path`, replacing what is there; no path and `-` are standard output.
    ///
    /// # Errors
    /// [`Error::Evidence`] if the file is, or lies in, one of the inputs: an examination must not change what
    /// it examines, and a mapped file must not shrink. [`Error::Output`] if it cannot be made.
    pub fn open(path: Option<&Path>, stream: &'a mut dyn Write, inputs: &[Input]) -> Result<Self, Error> {
        let Some(path) = path.filter(|path| path.as_os_str() != OsStr::new("-")) else {
            let (sink, name) = (Sink::Stream(stream), "standard output".to_owned());
            return Ok(Self { sink, name, progress: Progress::hidden() });
        };
        let name = path.to_string_lossy().into_owned();
        let file = Self::create(path, inputs)?;
        Ok(Self { sink: Sink::File(BufWriter::new(file)), name, progress: Progress::hidden() })
    }

    /// Makes a file, or empties the one that is there, for what has to seek in it.
    ///
    /// # Errors
    /// As [`Destination::open`].
    pub fn create(path: &Path, inputs: &[Input]) -> Result<File, Error> {
        Self::check(path, inputs)?;
        let name = || path.to_string_lossy().into_owned();
        File::create(path).map_err(|source| Error::Output { target: name(), source })
    }

    /// Looks whether a path may be written to.
    ///
    /// # Errors
    /// [`Error::Evidence`] if it is, or lies in, one of the inputs.
    pub fn check(path: &Path, inputs: &[Input]) -> Result<(), Error> {
        if inputs.iter().any(|input| is_evidence(path, input)) {
            return Err(Error::Evidence { path: path.to_string_lossy().into_owned() });
        }
        Ok(())
    }

    /// Whether this is standard output, and so may be a terminal.
    pub fn is_stream(&self) -> bool {
        matches!(self.sink, Sink::Stream(_))
    }

    /// Takes the bar off the screen whenever something is written here.
    pub fn hushes(&mut self, progress: Progress) {
        self.progress = progress;
    }

    /// Turns an error of writing here into one that names the place.
    pub fn error(&self, source: io::Error) -> Error {
        Error::Output { target: self.name.clone(), source }
    }
}

impl Write for Destination<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.progress.hush();
        match &mut self.sink {
            Sink::Stream(stream) => stream.write(bytes),
            Sink::File(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.sink {
            Sink::Stream(stream) => stream.flush(),
            Sink::File(file) => file.flush(),
        }
    }
}

/// Whether writing to `path` would change the input.
fn is_evidence(path: &Path, input: &Input) -> bool {
    let Input::Path(input) = input else { return false };
    let Ok(real_input) = fs::canonicalize(input) else { return false };
    // `starts_with` compares whole components: the input itself, or something inside an input directory.
    real_path(path).is_some_and(|real| real.starts_with(real_input)) || is_same_file(path, input)
}

/// The path without links. A file that does not exist yet has the real path of its directory.
fn real_path(path: &Path) -> Option<PathBuf> {
    if let Ok(real) = fs::canonicalize(path) {
        return Some(real);
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(fs::canonicalize(directory).ok()?.join(path.file_name()?))
}

/// Two names of one file, which no path can show.
#[cfg(unix)]
fn is_same_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let identity = |path| fs::metadata(path).map(|metadata| (metadata.dev(), metadata.ino()));
    matches!((identity(one), identity(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(not(unix))]
fn is_same_file(_one: &Path, _other: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Path, input: &Path) -> Result<(), Error> {
        let inputs = [Input::Stdin, Input::Path(input.to_owned())];
        Destination::open(Some(path), &mut io::sink(), &inputs).map(|_| ())
    }

    #[test]
    fn evidence_is_never_written_to() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::write(at("a.tar"), "evidence").unwrap();
        fs::create_dir(at("images")).unwrap();
        fs::hard_link(at("a.tar"), at("linked")).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(at("a.tar"), at("symlinked")).unwrap();

        for name in [
            "a.tar",
            "linked",
            #[cfg(unix)]
            "symlinked",
            "images/../a.tar",
        ] {
            assert!(matches!(open(&at(name), &at("a.tar")), Err(Error::Evidence { .. })), "{name}");
        }
        assert!(matches!(open(&at("images/new"), &at("images")), Err(Error::Evidence { .. })));
        assert_eq!(fs::read(at("a.tar")).unwrap(), b"evidence");
    }

    #[test]
    fn any_other_file_is_made_or_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let (input, output) = (directory.path().join("a.tar"), directory.path().join("a.tar.json"));
        fs::write(&input, "evidence").unwrap();
        fs::write(&output, "an older and longer answer").unwrap();
        let mut stream = io::sink();
        let mut destination = Destination::open(Some(&output), &mut stream, &[Input::Path(input)]).unwrap();
        destination.write_all(b"new").unwrap();
        destination.flush().unwrap();
        assert!(!destination.is_stream());
        assert_eq!(fs::read(&output).unwrap(), b"new");
    }

    #[test]
    fn a_dash_is_standard_output() {
        let mut stream = Vec::new();
        let mut destination = Destination::open(Some(Path::new("-")), &mut stream, &[]).unwrap();
        destination.write_all(b"x").unwrap();
        assert!(destination.is_stream());
        assert_eq!(stream, b"x");
    }
}
