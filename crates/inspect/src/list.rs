//! A list of facts about a container: its columns, its rows, and what they need of the archive.
//!
//! Each view declares its lists once. The command of that name shows them; `inspect` shows those of all commands.

use icecore::Checkpoint;
use icecore::archive::Keep;

use crate::arguments::{Format, ProcessFilter};
use crate::error::Error;
use crate::output::Table;
use crate::output::table::{Audience, Row};

/// A list that needs no other question than which processes it is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct List {
    /// What stands above it where people see several lists.
    pub(crate) title: &'static str,
    /// Its name for machines, and its columns.
    pub(crate) table: &'static Table<'static>,
    /// Who sees it: some facts are arranged in one way for people, in another for machines.
    pub(crate) audience: Audience,
    /// What must be kept of a compressed archive for it.
    pub(crate) needs: Needs,
    /// Whether it says more if the files of the container's image are at hand (`--rootfs`).
    pub(crate) is_of_image: bool,
    /// Its rows, while they are being made.
    pub(crate) rows: for<'a> fn(&'a Checkpoint, &'a Ask) -> Rows<'a>,
}

/// Rows that are made when they are asked for; an error is the last.
pub(crate) type Rows<'a> = Box<dyn Iterator<Item = Result<Row, Error>> + 'a>;

/// Rows that are made of what has been read, which cannot fail.
pub(crate) fn sure<'a>(rows: impl Iterator<Item = Row> + 'a) -> Rows<'a> {
    Box::new(rows.map(Ok))
}

/// What a list is asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ask {
    /// Which processes.
    pub(crate) processes: ProcessFilter,
    /// Whether people read the answer: then rows may be ordered as a tree and summed up.
    pub(crate) for_people: bool,
    /// Whether columns for people may be shown: in text, and where the user names columns. Else their values, which take
    /// time to put in words, need not be made.
    pub(crate) in_words: bool,
}

/// What of an archive a list is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Needs {
    /// Images and documents.
    Images,
    /// Also files, but not the pages of memory.
    Files,
    /// Also the contents of memory, queues and files.
    Contents,
}

impl Needs {
    /// What all of these lists need together.
    pub(crate) fn of<'a>(lists: impl IntoIterator<Item = &'a List>) -> Self {
        lists.into_iter().map(|list| list.needs).max().unwrap_or(Self::Images)
    }

    /// What is kept while a compressed archive is read.
    pub(crate) fn keep(self) -> Keep {
        match self {
            Self::Images => Keep::Metadata,
            Self::Files => Keep::Files,
            Self::Contents => Keep::Everything,
        }
    }
}

impl List {
    /// A list of the images for everyone, called as its table.
    pub(crate) const fn new(
        table: &'static Table<'static>,
        rows: for<'a> fn(&'a Checkpoint, &'a Ask) -> Rows<'a>,
    ) -> Self {
        let (audience, needs) = (Audience::Everyone, Needs::Images);
        Self { title: table.name, table, audience, needs, is_of_image: false, rows }
    }

    /// The same list under another title.
    pub(crate) const fn titled(self, title: &'static str) -> Self {
        Self { title, ..self }
    }

    /// The same list, which needs files: those that are mapped, of memory.
    pub(crate) const fn of_files(self) -> Self {
        Self { needs: Needs::Files, ..self }
    }

    /// The same list, which says more if the files of the image are at hand.
    pub(crate) const fn of_image(self) -> Self {
        Self { is_of_image: true, ..self }
    }

    /// The same list, which needs contents.
    pub(crate) const fn of_contents(self) -> Self {
        Self { needs: Needs::Contents, ..self }
    }

    /// The same list for an audience.
    pub(crate) const fn only_for(self, audience: Audience) -> Self {
        Self { audience, ..self }
    }

    /// Whether it is shown in a format.
    pub(crate) fn is_shown_as(&self, format: Format) -> bool {
        let other = if format == Format::Text { Audience::Machines } else { Audience::People };
        self.audience != other
    }
}
