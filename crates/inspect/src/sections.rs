//! What `inspect` shows: every list of the other commands that needs no question.

use icecore::Checkpoint;

use crate::arguments::Format;
use crate::error::Error;
use crate::join;
use crate::list::{Ask, List};
use crate::output::{Column, Table, Writer};
use crate::views::{
    cgroups, changes, credentials, files, graph, ipc, limits, maps, members, memory, mounts, namespaces, net,
    processes, queues, seccomp, signals, sockets, threads, timeline,
};

/// A subject of the document.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Section {
    /// Lists that stand side by side, each under its own name.
    Each(&'static [List]),
    /// Lists of several commands about the same things, which machines see as one: the name of the first, and the
    /// columns that say what a row is about.
    Joined(&'static [List], &'static [&'static str]),
    /// As `Each`, but so long that it is left out unless it is asked for.
    Long(&'static [List]),
}

use Section::{Each, Joined, Long};

/// All sections in their order. A further one is a further row.
pub(crate) const SECTIONS: &[Section] = &[
    Joined(&[processes::LIST, signals::LIST, limits::LIST, limits::PEOPLE, memory::LIST], &["pid"]),
    Joined(&[threads::LIST, credentials::LIST], &["pid", "tid"]),
    Each(&[seccomp::LIST]),
    Each(&[namespaces::LIST]),
    Each(&cgroups::LISTS),
    Each(&[files::LIST]),
    Each(&[sockets::LIST]),
    Each(&[graph::LIST]),
    Each(&[mounts::LIST]),
    Each(&net::LISTS),
    Each(&[queues::LIST]),
    Each(&ipc::OTHERS),
    Each(&[changes::CHANGES_LIST]),
    Each(&[maps::LIST]),
    Long(&[memory::RUNS_LIST]),
    Long(&[timeline::LIST]),
    Each(&[members::LIST]),
];

impl Section {
    /// Its lists.
    pub(crate) fn lists(self) -> &'static [List] {
        match self {
            Each(lists) | Joined(lists, _) | Long(lists) => lists,
        }
    }

    /// The lists that machines find in it: their names and columns.
    pub(crate) fn tables(self) -> Vec<(&'static str, Vec<Column>)> {
        let shown = self.lists().iter().filter(|list| list.is_shown_as(Format::Json));
        match self {
            Each(_) | Long(_) => shown.map(|list| (list.table.name, list.table.columns.to_vec())).collect(),
            Joined(_, by) => {
                let columns = join::columns(&shown.collect::<Vec<_>>(), by);
                self.names().map(|name| (name, columns.clone())).collect()
            }
        }
    }

    /// The keys under which machines find it.
    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
        let count = if matches!(self, Joined(..)) { 1 } else { usize::MAX };
        self.lists().iter().map(|list| list.table.name).take(count)
    }

    /// Whether it is shown: by its name, or, if no name is given, unless it is long.
    pub(crate) fn is_wanted(self, names: &[String]) -> bool {
        match names {
            [] => !matches!(self, Long(_)),
            _ => self.names().any(|name| names.iter().any(|wanted| wanted == name)),
        }
    }

    /// Writes what of it is wanted.
    ///
    /// # Errors
    /// Those of the writer.
    pub(crate) fn write(
        self,
        checkpoint: &Checkpoint,
        ask: &Ask,
        names: &[String],
        writer: &mut Writer<'_>,
    ) -> Result<(), Error> {
        let format = if ask.for_people { Format::Text } else { Format::Json };
        let lists: Vec<&List> = self.lists().iter().filter(|list| list.is_shown_as(format)).collect();
        if let (Joined(_, by), [first, _, ..], false) = (self, lists.as_slice(), ask.for_people) {
            let columns = join::columns(&lists, by);
            let table = Table { name: first.table.name, columns: &columns };
            return writer.list(&table, join::rows(&lists, by, checkpoint, ask));
        }
        let is_wanted = |list: &&&List| {
            let is_joined = matches!(self, Joined(..));
            is_joined || names.is_empty() || names.iter().any(|name| name == list.table.name)
        };
        lists.iter().filter(is_wanted).try_for_each(|list| {
            let table =
                Table { name: if ask.for_people { list.title } else { list.table.name }, ..*list.table };
            writer.list(&table, (list.rows)(checkpoint, ask))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_document_stands_once() {
        let mut names: Vec<_> = SECTIONS.iter().flat_map(|section| section.names()).collect();
        let reserved = ["schema", "archive", "container", "checkpoint", "diagnostics"];
        names.extend(reserved);
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn titles_tell_the_lists_apart() {
        let lists = SECTIONS.iter().flat_map(|section| section.lists());
        let mut titles: Vec<_> =
            lists.filter(|list| list.is_shown_as(Format::Text)).map(|list| list.title).collect();
        let count = titles.len();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!(titles.len(), count);
    }

    #[test]
    fn lists_are_joined_by_columns_that_they_have() {
        for section in SECTIONS {
            let Joined(lists, by) = section else { continue };
            for list in lists.iter().filter(|list| list.is_shown_as(Format::Json)) {
                let has = |name: &&str| list.table.columns.iter().any(|column| column.key == *name);
                assert!(by.iter().all(has), "{}", list.title);
            }
        }
    }

    #[test]
    fn what_is_long_has_to_be_asked_for() {
        let long = Long(&[memory::RUNS_LIST]);
        assert!(!long.is_wanted(&[]) && long.is_wanted(&["runs".into()]));
        let each = Each(&net::LISTS);
        assert!(
            each.is_wanted(&[]) && each.is_wanted(&["routes".into()]) && !each.is_wanted(&["runs".into()])
        );
    }
}
