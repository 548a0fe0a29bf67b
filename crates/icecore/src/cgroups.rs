//! Control groups: where processes were, and what the groups were allowed.

use std::collections::BTreeMap;

use bstr::BString;
use icecore_images::messages::{CgroupDirEntry, CgroupEntry, CoreEntry};
use serde::Serialize;

use crate::images::Images;
use crate::process::list;
use crate::{Diagnostic, Pid};

/// The control groups of a checkpoint. Source: `cgroup.img`, `cgroup_entry`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Cgroups {
    /// The groups with their properties, by hierarchy, each behind the one that it is in.
    pub groups: Vec<Group>,
    sets: BTreeMap<u32, Vec<Membership>>,
    set_of: BTreeMap<Pid, u32>,
}

/// A group in one hierarchy, as a process is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Membership {
    /// The controllers of the hierarchy, as in `/proc/PID/cgroup`; empty is version 2.
    pub controllers: BString,
    /// The path of the group, as the host sees it.
    pub path: BString,
    /// The part of the path that is the root of the process's cgroup namespace: the process saw what comes behind.
    pub namespace_root: BString,
}

/// A group and its limits. Usage is not stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Group {
    /// The controllers of the hierarchy; empty is version 2.
    pub controllers: Vec<BString>,
    /// Its path.
    pub path: BString,
    /// Its files and their text, without those that CRIU could not read.
    pub properties: Vec<(BString, BString)>,
}

impl Cgroups {
    pub(crate) fn of(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut cgroups = Self::default();
        let Some(entry) = images.first::<CgroupEntry>("cgroup.img", diagnostics) else { return cgroups };
        for set in entry.sets {
            let memberships = set.ctls.into_iter().map(|member| {
                let prefix = usize::try_from(member.cgns_prefix.unwrap_or_default()).unwrap_or(usize::MAX);
                let namespace_root = member.path.get(..prefix).unwrap_or_default().into();
                Membership { controllers: member.name, path: member.path, namespace_root }
            });
            cgroups.sets.entry(set.id).or_insert_with(|| memberships.collect());
        }
        for controller in &entry.controllers {
            groups(&controller.cnames, &controller.dirs, &mut cgroups.groups);
        }
        for record in list::records(images, diagnostics).unwrap_or_default() {
            let core: Option<CoreEntry> = images.first(&format!("core-{}.img", record.pid), diagnostics);
            // Of the thread since CRIU 3.18, of the process before.
            let set = core.and_then(|core| {
                let of_thread = core.thread_core.as_ref().and_then(|thread| thread.cg_set);
                of_thread.or(core.tc.as_ref().and_then(|task| task.cg_set))
            });
            cgroups.set_of.extend(set.map(|set| (Pid(record.pid), set)));
        }
        cgroups
    }

    /// The groups that the first thread of a process is in, one for each hierarchy. `None`: those of CRIU itself, which are
    /// not stored, or no such process.
    pub fn of_process(&self, pid: Pid) -> Option<&[Membership]> {
        self.sets.get(self.set_of.get(&pid)?).map(Vec::as_slice)
    }
}

/// Lists a tree of groups from its top. Decoding bounds how deep it is.
fn groups(controllers: &[BString], dirs: &[CgroupDirEntry], all: &mut Vec<Group>) {
    let mut todo: Vec<(Vec<u8>, &CgroupDirEntry)> = dirs.iter().rev().map(|dir| (Vec::new(), dir)).collect();
    while let Some((above, dir)) = todo.pop() {
        // The top can be a path of several names; it has no `/` in front, and none at all is the root.
        let name: &[u8] = &dir.dir_name;
        let path = if name.is_empty() { above } else { [above.as_slice(), b"/", name].concat() };
        todo.extend(dir.children.iter().rev().map(|child| (path.clone(), child)));
        all.push(Group {
            controllers: controllers.to_vec(),
            path: if path.is_empty() { "/".into() } else { path.into() },
            properties: dir.properties.iter().map(|it| (it.name.clone(), it.value.clone())).collect(),
        });
    }
}

#[cfg(test)]
mod tests;
