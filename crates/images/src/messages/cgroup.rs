//! Control groups.

use alloc::vec::Vec;

use bstr::BString;

use crate::declare::messages;

messages! {
    /// All control groups: `cgroup.img`.
    CgroupEntry("cgroup_entry") {
        /// The combinations of groups that tasks are in.
        1 sets: Vec<CgSetEntry>,
        /// The groups of each controller, with their properties.
        2 controllers: Vec<CgControllerEntry>,
    }

    /// A combination of groups that tasks are in.
    CgSetEntry("cg_set_entry") {
        /// Its number, that tasks refer to.
        1 id: u32,
        /// The group in each hierarchy.
        2 ctls: Vec<CgMemberEntry>,
    }

    /// A group in one hierarchy.
    CgMemberEntry("cg_member_entry") {
        /// Controllers of the hierarchy, as in `/proc/PID/cgroup`; empty is version 2.
        1 name: BString,
        /// Path of the group, from `/`.
        2 path: BString,
        /// How many bytes of `path` are the root of the task's cgroup namespace; since CRIU 2.0.
        3 cgns_prefix: Option<u32>,
    }

    /// The groups of one hierarchy.
    CgControllerEntry("cg_controller_entry") {
        /// Names of its controllers.
        1 cnames: Vec<BString>,
        /// The groups at the top.
        2 dirs: Vec<CgroupDirEntry>,
        /// Whether the group is threaded (version 2); since CRIU 3.18.
        3 is_threaded: Option<bool>,
    }

    /// A group. Groups nest.
    CgroupDirEntry("cgroup_dir_entry") {
        /// Its name; at the top a path without leading `/`.
        1 dir_name: BString,
        /// The groups in it.
        2 children: Vec<CgroupDirEntry>,
        /// Its files.
        3 properties: Vec<CgroupPropEntry>,
        /// Permissions of its directory; since CRIU 2.0.
        4 dir_perms: Option<CgroupPerms>,
    }

    /// A file of a group.
    CgroupPropEntry("cgroup_prop_entry") {
        /// Name of the file.
        1 name: BString,
        /// Its text, without the last newline.
        2 value: BString,
        /// Its permissions; since CRIU 2.0.
        3 perms: Option<CgroupPerms>,
    }

    /// Permissions of a file or directory.
    CgroupPerms("cgroup_perms") {
        /// Permissions.
        1 mode: u32,
        /// Owner.
        2 uid: u32,
        /// Group.
        3 gid: u32,
    }
}
