//! Lists of several commands about the same things, joined to one: a row has what each of them says of its thing.
//!
//! `ps`, `signals` and `limits` all list processes. In one document they are one list, whose rows have all of their
//! keys. Nothing is kept: the lists are walked side by side, as they have the same order.

use std::iter::Peekable;

use icecore::Checkpoint;

use crate::error::Error;
use crate::list::{Ask, List, Rows};
use crate::output::Cell;
use crate::output::table::{Audience, Column, Row};

/// The columns that machines see of these lists. A key that several have is one column, and only those that say which
/// thing a row is about, `by`, are in every row.
pub(crate) fn columns(lists: &[&List], by: &[&str]) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for column in lists.iter().flat_map(|list| list.table.columns) {
        let is_new = columns.iter().all(|known| known.key != column.key);
        if is_new && column.audience != Audience::People {
            let is_always_there = column.is_always_there && by.contains(&column.key);
            columns.push(Column { is_always_there, ..*column });
        }
    }
    columns
}

/// The rows of these lists, in the order of the first, for the columns that [`columns`] gives.
///
/// `by` names the columns that say which thing a row is about. A row that the first list does not have stands by itself.
pub(crate) fn rows<'a>(
    lists: &[&List],
    by: &'static [&'static str],
    checkpoint: &'a Checkpoint,
    ask: &'a Ask,
) -> impl Iterator<Item = Result<Row, Error>> + use<'a> {
    let columns = columns(lists, by);
    let strand = |list: &&List| Strand::new(list, &columns, by, (list.rows)(checkpoint, ask));
    Joined { strands: lists.iter().map(strand).collect(), width: columns.len() }
}

/// One of the lists.
struct Strand<'a> {
    rows: Peekable<Rows<'a>>,
    /// Where each cell of a row goes; nowhere if it is for people.
    places: Vec<Option<usize>>,
    /// Which cells of a row say what it is about.
    key: Vec<usize>,
}

impl<'a> Strand<'a> {
    fn new(list: &List, columns: &[Column], by: &[&str], rows: Rows<'a>) -> Self {
        let own = || list.table.columns.iter();
        let place = |column: &Column| columns.iter().position(|joined| joined.key == column.key);
        let places = own().map(|column| place(column).filter(|_| column.audience != Audience::People));
        let key = by.iter().filter_map(|name| own().position(|column| column.key == *name));
        Self { rows: rows.peekable(), places: places.collect(), key: key.collect() }
    }

    /// What its next row is about.
    fn next_key(&mut self) -> Option<Vec<Cell>> {
        let Self { rows, key, .. } = self;
        let row = rows.peek()?.as_ref().ok()?;
        Some(key.iter().map(|cell| row.get(*cell).cloned().unwrap_or(Cell::NOT_APPLICABLE)).collect())
    }

    /// Takes what kept its next row from being made.
    fn next_error(&mut self) -> Option<Error> {
        self.rows.next_if(Result::is_err)?.err()
    }

    /// Adds its next row to one that has the columns of all. What was said of a column first, counts.
    fn add_next_to(&mut self, joined: &mut Row) {
        for (cell, place) in self.rows.next().into_iter().flatten().flatten().zip(&self.places) {
            match place.and_then(|place| joined.get_mut(place)) {
                Some(slot) if slot.is_left_out() => *slot = cell,
                _ => {}
            }
        }
    }
}

/// Lists that are walked side by side.
struct Joined<'a> {
    strands: Vec<Strand<'a>>,
    width: usize,
}

impl Iterator for Joined<'_> {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Result<Row, Error>> {
        if let Some(error) = self.strands.iter_mut().find_map(Strand::next_error) {
            return Some(Err(error));
        }
        let mut row = vec![Cell::NOT_APPLICABLE; self.width];
        let keys: Vec<Option<Vec<Cell>>> = self.strands.iter_mut().map(Strand::next_key).collect();
        let first = keys.first().cloned().flatten();
        // What the others have before it, it does not have.
        let alone =
            keys.iter().flatten().filter(|key| first.as_ref().is_none_or(|first| is_before(key, first)));
        let next = alone.min_by(|a, b| order(a, b)).or(first.as_ref())?;
        for (strand, key) in self.strands.iter_mut().zip(&keys) {
            if key.as_ref() == Some(next) {
                strand.add_next_to(&mut row);
            }
        }
        Some(Ok(row))
    }
}

fn is_before(key: &[Cell], other: &[Cell]) -> bool {
    order(key, other).is_lt()
}

/// By number, where both are numbers; words have no order, so none of them is before another.
fn order(key: &[Cell], other: &[Cell]) -> std::cmp::Ordering {
    let numbers = |key: &[Cell]| -> Vec<u64> {
        let number = |cell: &Cell| if let Cell::Count(number) = cell { *number } else { 0 };
        key.iter().map(number).collect()
    };
    numbers(key).cmp(&numbers(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::sure;
    use crate::output::Table;
    use crate::row;

    const FIRST: Table<'static> = Table {
        name: "processes",
        columns: &[
            Column::count("pid", "PID").always(),
            Column::text("shown", "SHOWN").for_people(),
            Column::text("comm", "COMM").always(),
        ],
    };
    const SECOND: Table<'static> = Table {
        name: "processes",
        columns: &[
            Column::text("comm", "COMM").always(),
            Column::count("pid", "PID").always(),
            Column::integer("nice", "NICE"),
        ],
    };

    /// A joined list of processes: those of `ps`, and those of another command.
    fn joined(first: Vec<Row>, second: Vec<Row>) -> Vec<String> {
        let lists = [
            &List::new(&FIRST, |_, _| sure([].into_iter())),
            &List::new(&SECOND, |_, _| sure([].into_iter())),
        ];
        let columns = columns(&lists, &["pid"]);
        let rows = [first, second].into_iter();
        let strand =
            |(list, rows): (&&List, Vec<Row>)| Strand::new(list, &columns, &["pid"], sure(rows.into_iter()));
        let strands = lists.iter().zip(rows).map(strand).collect();
        let rows = Joined { strands, width: columns.len() };
        rows.map(|row| row.unwrap().iter().map(Cell::to_string).collect::<Vec<_>>().join("|")).collect()
    }

    #[test]
    fn columns_stand_once_and_without_those_for_people() {
        let lists = [
            &List::new(&FIRST, |_, _| sure([].into_iter())),
            &List::new(&SECOND, |_, _| sure([].into_iter())),
        ];
        let keys: Vec<_> = columns(&lists, &["pid"]).iter().map(|column| column.key).collect();
        assert_eq!(keys, ["pid", "comm", "nice"]);
        let always: Vec<_> = columns(&lists, &["pid"]).iter().map(|column| column.is_always_there).collect();
        assert_eq!(always, [true, false, false]);
    }

    #[test]
    fn a_row_has_what_every_list_says_and_the_first_counts() {
        let first = vec![row![1_u32, "-", "init"], row![2_u32, "-", "zombie"], row![3_u32]];
        let second = vec![row!["other", 1_u32, 5_u32], row!["late", 3_u32, 7_u32]];
        assert_eq!(joined(first, second), ["1|init|5", "2|zombie|", "3|late|7"]);
    }

    #[test]
    fn what_only_another_list_has_stands_by_itself_and_in_order() {
        let second = vec![row!["a", 1_u32], row!["b", 4_u32], row!["c", 9_u32]];
        let first = vec![row![4_u32], row![5_u32]];
        assert_eq!(joined(first, second), ["1|a|", "4|b|", "5||", "9|c|"]);
        assert_eq!(joined(vec![], vec![row!["a", 1_u32]]), ["1|a|"]);
        assert_eq!(joined(vec![], vec![]), [""; 0]);
    }
}
