//! What the questions about files have in common: an archive, paths in the container, and the way to an answer.

use std::ffi::OsString;

use bstr::{BString, ByteVec as _};
use icecore::Checkpoint;
use icecore::archive::Keep;
use icecore::filesystem::Entry;
use icecore_analysis::hashes::HoleAllowance;

use crate::arguments::{Format, OneInput, ReadOptions, TableOptions};
use crate::documents::Answers;
use crate::error::Error;
use crate::exit::Exit;
use crate::io::Io;
use crate::opening;
use crate::output::{Progress, Writer};
use crate::views::entries::Form;

/// An archive and paths.
#[derive(Debug, clap::Args)]
pub(super) struct Question {
    #[command(flatten)]
    input: OneInput,
    /// Only what is at these paths of the container, and below them
    #[arg(value_name = "PATH")]
    paths: Vec<OsString>,
    /// Also the SHA-256 of each file
    #[arg(long)]
    hash: bool,
    #[command(flatten)]
    read: ReadOptions,
    #[command(flatten)]
    table: TableOptions,
}

impl Question {
    /// The paths as bytes, absolute and without a slash at the end.
    pub(super) fn paths(&self) -> Vec<BString> {
        paths(&self.paths)
    }

    /// The holes that may be hashed in all files of the answer, if there are to be sums.
    pub(super) fn holes(&self) -> Option<HoleAllowance> {
        self.hash.then(HoleAllowance::default)
    }

    /// How the rows of a container are made. `entries` are the files that will be hashed if there are to be sums, for a bar.
    pub(super) fn form<'h, 'e, E: Iterator<Item = Entry<'e>>>(
        &self,
        holes: Option<&'h HoleAllowance>,
        checkpoint: &Checkpoint,
        writer: &mut Writer<'_>,
        entries: impl FnOnce() -> E,
    ) -> Form<'h> {
        let work = || {
            let sizes = entries().filter_map(|entry| entry.size);
            (format!("hashing {}", opening::title(checkpoint)), Some(sizes.fold(0, u64::saturating_add)))
        };
        let progress = if holes.is_some() { writer.progress(work) } else { Progress::hidden() };
        Form { holes, progress, for_people: self.table.format == Format::Text }
    }

    /// What has to be kept of the archive: with sums, everything.
    pub(super) fn keep(&self, without_sums: Keep) -> Keep {
        if self.hash { Keep::Everything } else { without_sums }
    }

    /// Opens the archive and writes a document for each container.
    ///
    /// # Errors
    /// If the archive cannot be read, or the answer not be written.
    pub(super) fn run(
        &self,
        io: &mut Io<'_>,
        keep: Keep,
        several: bool,
        lists: impl Fn(&Checkpoint, &mut Writer<'_>) -> Result<Notes, Error>,
    ) -> Result<Exit, Error> {
        let input = &self.input.archive;
        let opened = opening::checkpoints(input, &self.read, keep, io)?;
        let opened = opened.into_iter().map(|checkpoint| (input, checkpoint)).collect();
        let mut notes = Notes::default();
        let inputs = std::slice::from_ref(input);
        let answers = Answers { table: &self.table, inputs, several_lists: several };
        let exit = answers.write(opened, io, |checkpoint, writer| {
            notes.extend(lists(checkpoint, writer)?);
            Ok(())
        })?;
        if self.table.format != Format::Json {
            for note in &notes {
                // Nobody can be told that nobody can be told.
                let _ = writeln!(io.err, "note: {note}");
            }
        }
        Ok(exit)
    }
}

/// What belongs next to a list: what it leaves out.
pub(super) type Notes = std::collections::BTreeSet<&'static str>;

/// Paths as bytes, absolute and without a slash at the end.
pub(in crate::commands) fn paths(arguments: &[OsString]) -> Vec<BString> {
    arguments
        .iter()
        .map(|argument| {
            let bytes = Vec::from_os_str_lossy(argument);
            let path = bytes
                .iter()
                .rposition(|&byte| byte != b'/')
                .map_or(&b""[..], |last| bytes.get(..=last).unwrap_or_default());
            match path.first() {
                None => "/".into(),
                Some(b'/') => path.into(),
                Some(_) => [b"/", path].concat().into(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use icecore_analysis::extract::is_wanted;

    use super::*;

    #[test]
    fn paths_are_absolute_and_end_without_a_slash() {
        let words = ["/etc/", "etc", "/", "", "//", "/a//b/"].map(OsString::from);
        assert_eq!(paths(&words), ["/etc", "/etc", "/", "/", "/", "/a//b"].map(BString::from));
    }

    #[test]
    fn a_path_stands_for_what_is_below_it() {
        let wanted = [BString::from("/etc"), BString::from("/srv/x")];
        for path in ["/etc", "/etc/motd", "/srv/x/y"] {
            assert!(is_wanted(&wanted, path.as_bytes()), "{path}");
        }
        for path in ["/etc2", "/srv", "/", "/srv/xy"] {
            assert!(!is_wanted(&wanted, path.as_bytes()), "{path}");
        }
        assert!(is_wanted(&[], b"/x") && is_wanted(&["/".into()], b"/x"));
    }
}
