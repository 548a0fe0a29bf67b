//! The processes as a tree.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Process;
use crate::Pid;

/// The processes by descent: parents before children, children by rising number.
///
/// Every process is in it once. At the top stand those whose parent is outside or missing, and of processes that are each
/// other's ancestors the one with the lowest number.
#[derive(Debug, Clone)]
pub struct Tree<'a> {
    branches: Vec<Branch<'a>>,
}

/// A process in the tree.
#[derive(Debug, Clone, Copy, Serialize)]
#[non_exhaustive]
pub struct Branch<'a> {
    /// The process.
    pub process: &'a Process,
    /// How many of its ancestors are in the tree.
    pub depth: u32,
    /// Whether no sibling comes behind it.
    pub is_last: bool,
}

impl<'a> Tree<'a> {
    pub(super) fn of(processes: &'a [Process]) -> Self {
        let rings: BTreeSet<Pid> = rings(processes).into_iter().collect();
        let mut children: BTreeMap<Pid, Vec<&Process>> = BTreeMap::new();
        let mut tops = Vec::new();
        for process in processes {
            if find(processes, process.ppid).is_none() || rings.contains(&process.pid) {
                tops.push(process);
            } else {
                children.entry(process.ppid).or_default().push(process);
            }
        }
        let mut waiting: Vec<Branch<'_>> = siblings(tops, 0).collect();
        let mut branches = Vec::new();
        // No recursion: a tree may be as deep as it has processes.
        while let Some(branch) = waiting.pop() {
            branches.push(branch);
            let below = children.remove(&branch.process.pid).unwrap_or_default();
            waiting.extend(siblings(below, branch.depth.saturating_add(1)));
        }
        Self { branches }
    }

    /// The processes, parents before children.
    pub fn iter(&self) -> impl Iterator<Item = &Branch<'a>> {
        self.branches.iter()
    }
}

impl<'a> IntoIterator for Tree<'a> {
    type Item = Branch<'a>;
    type IntoIter = std::vec::IntoIter<Branch<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.branches.into_iter()
    }
}

/// Processes of one parent, the last in front.
fn siblings(processes: Vec<&Process>, depth: u32) -> impl Iterator<Item = Branch<'_>> {
    let branch = move |(position, process)| Branch { process, depth, is_last: position == 0 };
    processes.into_iter().rev().enumerate().map(branch)
}

/// The lowest number of each ring of processes that are each other's ancestors.
pub(super) fn rings(processes: &[Process]) -> Vec<Pid> {
    let mut rings = Vec::new();
    // Which walk up the tree came past each process first.
    let mut walks: BTreeMap<Pid, Pid> = BTreeMap::new();
    for start in processes {
        let mut next = Some(start);
        while let Some(process) = next {
            match walks.get(&process.pid) {
                None => {
                    walks.insert(process.pid, start.pid);
                    next = find(processes, process.ppid);
                }
                Some(walk) => {
                    rings.extend((*walk == start.pid).then(|| lowest_of_ring(processes, process)));
                    next = None;
                }
            }
        }
    }
    rings.sort_unstable();
    rings
}

/// The lowest number of the ring that a process is in.
fn lowest_of_ring(processes: &[Process], member: &Process) -> Pid {
    let parent = |process: &&Process| find(processes, process.ppid);
    let others = std::iter::successors(parent(&member), parent).take_while(|other| other.pid != member.pid);
    others.map(|other| other.pid).min().map_or(member.pid, |lowest| lowest.min(member.pid))
}

/// The process of a number, if it is there. 0 stands for what is outside.
fn find(processes: &[Process], pid: Pid) -> Option<&Process> {
    let index = processes.binary_search_by_key(&pid, |process| process.pid).ok()?;
    processes.get(index).filter(|_| pid != Pid(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The tree of `(pid, ppid)` pairs as `(pid, depth)` pairs.
    fn tree(pairs: &[(u32, u32)]) -> Vec<(u32, u32)> {
        let mut processes: Vec<Process> = pairs
            .iter()
            .map(|(pid, ppid)| Process { ppid: Pid(*ppid), ..Process::absent(Pid(*pid)) })
            .collect();
        processes.sort_by_key(|process| process.pid);
        processes.dedup_by_key(|process| process.pid);
        Tree::of(&processes).iter().map(|branch| (branch.process.pid.0, branch.depth)).collect()
    }

    #[test]
    fn children_follow_their_parent() {
        let shown = tree(&[(1, 0), (5, 1), (3, 1), (4, 3)]);
        assert_eq!(shown, [(1, 0), (3, 1), (4, 2), (5, 1)]);
    }

    #[test]
    fn the_last_of_siblings_is_marked() {
        let parents = [(1, 0), (2, 1), (3, 1), (4, 3), (9, 0)];
        let processes: Vec<Process> = parents
            .iter()
            .map(|(pid, ppid)| Process { ppid: Pid(*ppid), ..Process::absent(Pid(*pid)) })
            .collect();
        let last: Vec<u32> =
            Tree::of(&processes).into_iter().filter(|it| it.is_last).map(|it| it.process.pid.0).collect();
        assert_eq!(last, [3, 4, 9]);
    }

    #[test]
    fn orphans_and_further_roots_stand_at_the_top() {
        assert_eq!(tree(&[(1, 0), (7, 42), (9, 0)]), [(1, 0), (7, 0), (9, 0)]);
    }

    #[test]
    fn rings_are_cut_at_the_lowest_number() {
        assert_eq!(tree(&[(7, 1), (1, 7)]), [(1, 0), (7, 1)]);
        assert_eq!(tree(&[(3, 3)]), [(3, 0)]);
        assert_eq!(tree(&[(2, 8), (8, 5), (5, 8)]), [(5, 0), (8, 1), (2, 2)]);
        assert_eq!(tree(&[(0, 0), (4, 0)]), [(0, 0), (4, 0)]);
    }

    proptest! {
        #[test]
        fn every_process_is_there_once(pairs in proptest::collection::vec((0_u32..20, 0_u32..20), 0..20)) {
            let shown = tree(&pairs);
            let mut pids: Vec<u32> = pairs.iter().map(|(pid, _)| *pid).collect();
            pids.sort_unstable();
            pids.dedup();
            let mut found: Vec<u32> = shown.iter().map(|(pid, _)| *pid).collect();
            found.sort_unstable();
            prop_assert_eq!(found, pids);
        }
    }
}
