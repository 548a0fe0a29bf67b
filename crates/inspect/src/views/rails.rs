//! The lines of a tree, drawn in front of its rows.

use icecore::process::Branch;

/// Levels up to which the tree is indented; what is deeper stands below each other.
const DEEPEST: usize = 16;

/// What is drawn so far: for each level above a row, whether a line goes on there to a later sibling.
#[derive(Debug, Default)]
pub(super) struct Rails(Vec<bool>);

impl Rails {
    /// What stands in front of the next row: nothing at the top, `├─ ` or `└─ ` below, and the lines that pass by.
    pub(super) fn beside(&mut self, branch: &Branch<'_>) -> String {
        self.step(branch.depth, branch.is_last)
    }

    /// What stands in front of rows in preorder, by their depths.
    pub(super) fn of(depths: &[u32]) -> impl Iterator<Item = String> + use<> {
        let mut rails = Self::default();
        let rows: Vec<(u32, bool)> = depths.iter().copied().zip(last_siblings(depths)).collect();
        rows.into_iter().map(move |(depth, is_last)| rails.step(depth, is_last))
    }

    fn step(&mut self, depth: u32, is_last: bool) -> String {
        // The top has no lines of its own.
        let Some(above) = depth.checked_sub(1) else {
            self.0.clear();
            return String::new();
        };
        self.0.truncate(usize::try_from(above).unwrap_or(usize::MAX).min(DEEPEST));
        let mut drawn: String = self.0.iter().map(|goes_on| if *goes_on { "│  " } else { "   " }).collect();
        drawn.push_str(if is_last { "└─ " } else { "├─ " });
        self.0.push(!is_last);
        drawn
    }
}

/// Which rows in preorder have no later sibling.
fn last_siblings(depths: &[u32]) -> Vec<bool> {
    // The depths of later rows that a row in front of them may be a sibling of, the deepest last.
    let mut later: Vec<u32> = Vec::new();
    let from_behind = depths.iter().rev().map(|depth| {
        while later.pop_if(|seen| *seen > *depth).is_some() {}
        let is_last = later.last() != Some(depth);
        if is_last {
            later.push(*depth);
        }
        is_last
    });
    let mut last: Vec<bool> = from_behind.collect();
    last.reverse();
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is drawn beside rows of these depths, which are the last of their siblings or not.
    fn check(rows: &[(u32, bool)], expected: &[&str]) {
        let mut rails = Rails::default();
        let drawn: Vec<String> = rows.iter().map(|(depth, is_last)| rails.step(*depth, *is_last)).collect();
        assert_eq!(drawn, expected);
    }

    #[test]
    fn lines_lead_to_siblings_and_end_at_the_last() {
        check(
            &[(0, true), (1, false), (2, true), (1, true), (2, false), (2, true)],
            &["", "├─ ", "│  └─ ", "└─ ", "   ├─ ", "   └─ "],
        );
    }

    #[test]
    fn the_last_of_siblings_follows_from_depths() {
        let drawn: Vec<String> = Rails::of(&[0, 1, 2, 2, 1, 2, 0, 1]).collect();
        assert_eq!(drawn, ["", "├─ ", "│  ├─ ", "│  └─ ", "└─ ", "   └─ ", "", "└─ "]);
        assert_eq!(Rails::of(&[]).count(), 0);
        // A level that is left out, as damaged mounts may have it.
        assert_eq!(last_siblings(&[0, 3, 1, 3, 1]), [true, true, false, true, true]);
    }

    #[test]
    fn a_second_tree_begins_anew() {
        check(&[(0, false), (1, false), (0, true), (1, true)], &["", "├─ ", "", "└─ "]);
    }

    #[test]
    fn a_deep_tree_stays_on_the_screen() {
        let rows: Vec<(u32, bool)> = (0..100).map(|depth| (depth, depth % 2 == 0)).collect();
        let mut rails = Rails::default();
        let longest = rows.iter().map(|(depth, is_last)| rails.step(*depth, *is_last).chars().count()).max();
        assert_eq!(longest, Some((DEEPEST + 1) * 3));
    }
}
