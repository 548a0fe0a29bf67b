//! Which processes a question is about.

use icecore::namespaces::NamespaceKind;
use icecore::{Checkpoint, NamespaceId, Pid};

/// The processes that are asked for: all, unless some are named.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ProcessFilter {
    /// Only these processes, by the numbers inside of the container
    #[arg(short, long = "pid", value_name = "PID", value_delimiter = ',')]
    pids: Vec<u32>,
}

impl ProcessFilter {
    /// Whether a process was asked for.
    pub fn wants(&self, pid: Pid) -> bool {
        self.pids.is_empty() || self.pids.contains(&pid.0)
    }

    /// Whether no process is named.
    pub fn wants_all(&self) -> bool {
        self.pids.is_empty()
    }

    /// Whether a namespace was asked for: that of any process that is named, or all.
    pub fn wants_namespace(&self, checkpoint: &Checkpoint, kind: NamespaceKind, id: NamespaceId) -> bool {
        let is_in = |&pid: &u32| {
            checkpoint.namespaces().of_process(Pid(pid)).any(|namespace| namespace == (kind, id))
        };
        self.pids.is_empty() || self.pids.iter().any(is_in)
    }

    /// Whether a container has any of the processes that are asked for.
    pub fn is_met_by(&self, checkpoint: &Checkpoint) -> bool {
        let has = |pid: &u32| checkpoint.images().member(&format!("core-{pid}.img")).is_some();
        self.pids.is_empty() || self.pids.iter().any(has)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn filter(pids: &[u32]) -> ProcessFilter {
        ProcessFilter { pids: pids.to_vec() }
    }

    #[test]
    fn nobody_named_means_all() {
        assert!(filter(&[]).wants(Pid(7)) && filter(&[]).wants_all());
        assert!(filter(&[7, 9]).wants(Pid(9)) && !filter(&[7, 9]).wants(Pid(8)));
        assert!(!filter(&[7]).wants_all());
    }

    #[test]
    fn a_namespace_is_that_of_its_processes() {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
        let checkpoint = Checkpoint::open(fixtures.join("minimal/checkpoint.tar")).unwrap();
        let (kind, id) = checkpoint.namespaces().of_process(Pid(1)).next().unwrap();
        assert!(filter(&[1]).wants_namespace(&checkpoint, kind, id));
        assert!(filter(&[]).wants_namespace(&checkpoint, kind, NamespaceId(u32::MAX)));
        assert!(!filter(&[1]).wants_namespace(&checkpoint, kind, NamespaceId(u32::MAX)));
        assert!(!filter(&[2]).wants_namespace(&checkpoint, kind, id));
        assert!(filter(&[2, 1]).is_met_by(&checkpoint) && filter(&[]).is_met_by(&checkpoint));
        assert!(!filter(&[2]).is_met_by(&checkpoint));
    }
}
