//! Resource limits.

use icecore_images::messages::TaskCoreEntry;
use serde::Serialize;

use super::Arch;

/// A resource limit of a process. Source: `core-PID.img`, `task_rlimits_entry.rlimits`; since CRIU 1.3, before in an image
/// of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Limit {
    /// What is limited, as `/proc/PID/limits` names it.
    pub name: &'static str,
    /// The unit, as `/proc/PID/limits` names it; empty for priorities.
    pub unit: &'static str,
    /// The soft limit, which counts; `None` is unlimited.
    pub soft: Option<u64>,
    /// The hard limit, up to which the process may raise the soft one; `None` is unlimited.
    pub hard: Option<u64>,
}

/// Name and unit of each resource in the order of the kernel's numbers.
const RESOURCES: [(&str, &str); 16] = [
    ("Max cpu time", "seconds"),
    ("Max file size", "bytes"),
    ("Max data size", "bytes"),
    ("Max stack size", "bytes"),
    ("Max core file size", "bytes"),
    ("Max resident set", "bytes"),
    ("Max processes", "processes"),
    ("Max open files", "files"),
    ("Max locked memory", "bytes"),
    ("Max address space", "bytes"),
    ("Max file locks", "locks"),
    ("Max pending signals", "signals"),
    ("Max msgqueue size", "bytes"),
    ("Max nice priority", ""),
    ("Max realtime priority", ""),
    ("Max realtime timeout", "us"),
];

/// Where the resources that MIPS numbers 5 to 9 stand in [`RESOURCES`].
const ON_MIPS: [usize; 5] = [7, 9, 5, 6, 8];
/// The first number that is another one on MIPS.
const MIPS_FIRST: usize = 5;

/// The limits of a task, in the order of `/proc/PID/limits`.
pub(super) fn read(task: &TaskCoreEntry, arch: Option<Arch>) -> Vec<Limit> {
    let entries = task.rlimits.as_ref().map(|limits| limits.rlimits.as_slice()).unwrap_or_default();
    let mut limits: Vec<(usize, Limit)> = Vec::new();
    for (number, entry) in entries.iter().enumerate() {
        let index = resource(number, arch);
        let Some((name, unit)) = RESOURCES.get(index) else { break };
        let limited = |value: u64| (value != u64::MAX).then_some(value);
        limits.push((index, Limit { name, unit, soft: limited(entry.cur), hard: limited(entry.max) }));
    }
    limits.sort_by_key(|(index, _)| *index);
    limits.into_iter().map(|(_, limit)| limit).collect()
}

/// The place in the table of a resource that an architecture gives this number.
fn resource(number: usize, arch: Option<Arch>) -> usize {
    let moved = number.checked_sub(MIPS_FIRST).and_then(|above| ON_MIPS.get(above));
    match (arch, moved) {
        (Some(Arch::Mips64(_)), Some(index)) => *index,
        _ => number,
    }
}

#[cfg(test)]
mod tests {
    use icecore_images::ByteOrder;
    use icecore_images::messages::{RlimitEntry, TaskRlimitsEntry};

    use super::*;

    fn names(arch: Arch, count: u64) -> Vec<(&'static str, Option<u64>)> {
        let mut task = TaskCoreEntry::default();
        let limits: &mut TaskRlimitsEntry = task.rlimits.get_or_insert_default();
        for cur in 0..count {
            let mut entry = RlimitEntry::default();
            (entry.cur, entry.max) = (cur, u64::MAX);
            limits.rlimits.push(entry);
        }
        read(&task, Some(arch)).iter().map(|limit| (limit.name, limit.soft)).collect()
    }

    #[test]
    fn numbers_differ_on_mips() {
        assert!(names(Arch::X86_64, 16).contains(&("Max open files", Some(7))));
        // asm/resource.h of MIPS: NOFILE 5, AS 6, RSS 7, NPROC 8, MEMLOCK 9.
        let mips = names(Arch::Mips64(ByteOrder::Big), 16);
        for wanted in [
            ("Max open files", Some(5)),
            ("Max address space", Some(6)),
            ("Max resident set", Some(7)),
            ("Max processes", Some(8)),
            ("Max locked memory", Some(9)),
        ] {
            assert!(mips.contains(&wanted), "{wanted:?}");
        }
        let order =
            |list: &[(&'static str, Option<u64>)]| list.iter().map(|(name, _)| *name).collect::<Vec<_>>();
        assert_eq!(order(&mips), order(&names(Arch::X86_64, 16)));
    }

    #[test]
    fn more_limits_than_the_kernel_has_are_left_out() {
        assert_eq!(names(Arch::X86_64, 1000).len(), 16);
    }
}
