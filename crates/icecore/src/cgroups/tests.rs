//! Control groups of checkpoints made to measure.

use icecore_synth::{Dump, Process, Record};

use super::*;
use crate::checkpoint::tests::{open, told};

fn member(controllers: &str, path: &str, prefix: Option<u32>) -> Record {
    let member = Record::required("cg_member_entry").set("name", controllers).set("path", path);
    prefix.into_iter().fold(member, |member, prefix| member.set("cgns_prefix", prefix))
}

fn set(id: u32, members: Vec<Record>) -> Record {
    members.into_iter().fold(Record::required("cg_set_entry").set("id", id), |set, it| set.with("ctls", it))
}

/// A directory with properties and directories below it.
fn dir(name: &str, properties: &[(&str, &str)], children: Vec<Record>) -> Record {
    let dir = Record::required("cgroup_dir_entry").set("dir_name", name);
    let dir = properties.iter().fold(dir, |dir, (name, value)| {
        dir.with("properties", Record::required("cgroup_prop_entry").set("name", *name).set("value", *value))
    });
    children.into_iter().fold(dir, |dir, child| dir.with("children", child))
}

fn controller(names: &[&str], dirs: Vec<Record>) -> Record {
    let controller = Record::new("cg_controller_entry").list("cnames", names.iter().copied());
    dirs.into_iter().fold(controller, |controller, dir| controller.with("dirs", dir))
}

fn paths(memberships: &[Membership]) -> Vec<(String, String, String)> {
    let row =
        |it: &Membership| (it.controllers.to_string(), it.path.to_string(), it.namespace_root.to_string());
    memberships.iter().map(row).collect()
}

#[test]
fn a_process_is_in_the_groups_of_its_set() {
    let sets = Record::new("cgroup_entry").with("sets", set(1, vec![member("", "/host", None)])).with(
        "sets",
        set(2, vec![member("memory", "/box/a", Some(4)), member("name=systemd", "/box", Some(0))]),
    );
    let dump = Dump::new()
        .process(Process::new(1, 0).set("thread_core.cg_set", 2u32))
        .process(Process::new(2, 1).set("tc.cg_set", 1u32))
        .process(Process::new(3, 1))
        .process(Process::new(4, 1).set("tc.cg_set", 1u32).set("thread_core.cg_set", 2u32))
        .process(Process::new(5, 1).set("tc.cg_set", 77u32))
        .record("cgroup.img", &sets);
    let checkpoint = open(&dump);
    let of = |pid| checkpoint.cgroups().of_process(Pid(pid)).map(paths);
    let box_a = [
        ("memory".into(), "/box/a".into(), "/box".into()),
        ("name=systemd".into(), "/box".into(), "".into()),
    ];
    assert_eq!(of(1).unwrap(), box_a);
    assert_eq!(
        of(2).unwrap(),
        [("".into(), "/host".into(), "".into())],
        "before CRIU 3.18 in the task's part"
    );
    assert_eq!(of(3), None, "it has no set: CRIU's own");
    assert_eq!(of(4).unwrap(), box_a, "the thread's part counts");
    assert_eq!(of(5), None, "a set that is not there");
    assert_eq!(of(6), None, "a process that is not there");
}

#[test]
fn a_prefix_longer_than_the_path_is_no_namespace() {
    for prefix in [5, u32::MAX] {
        let sets = Record::new("cgroup_entry").with("sets", set(1, vec![member("", "/box", Some(prefix))]));
        let dump = Dump::new().process(Process::new(1, 0).set("tc.cg_set", 1u32)).record("cgroup.img", &sets);
        let checkpoint = open(&dump);
        let memberships = checkpoint.cgroups().of_process(Pid(1)).unwrap();
        assert_eq!(memberships[0].namespace_root, "", "{prefix}");
        assert_eq!(memberships[0].path, "/box");
    }
}

#[test]
fn of_two_sets_with_one_id_the_first_counts() {
    let sets = Record::new("cgroup_entry")
        .with("sets", set(1, vec![member("", "/first", None)]))
        .with("sets", set(1, vec![member("", "/second", None)]));
    let dump = Dump::new().process(Process::new(1, 0).set("tc.cg_set", 1u32)).record("cgroup.img", &sets);
    let checkpoint = open(&dump);
    assert_eq!(checkpoint.cgroups().of_process(Pid(1)).unwrap()[0].path, "/first");
}

#[test]
fn groups_have_their_properties_by_hierarchy() {
    let inner = dir("inner", &[("pids.max", "max"), ("pids.max", "7")], vec![]);
    let v1 = controller(&["cpu", "cpuacct"], vec![dir("", &[("cpu.shares", "1024")], vec![])]);
    let v2 = controller(&[""], vec![dir("machine/ctr", &[("memory.max", "1048576")], vec![inner])]);
    let entry = Record::new("cgroup_entry").with("controllers", v1).with("controllers", v2);
    let checkpoint = open(&Dump::new().record("cgroup.img", &entry));
    let row = |group: &Group| {
        let controllers: Vec<String> = group.controllers.iter().map(ToString::to_string).collect();
        let properties: Vec<String> =
            group.properties.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (controllers.join(","), group.path.to_string(), properties.join(" "))
    };
    let rows: Vec<_> = checkpoint.cgroups().groups.iter().map(row).collect();
    let expected = [
        ("cpu,cpuacct", "/", "cpu.shares=1024"),
        ("", "/machine/ctr", "memory.max=1048576"),
        ("", "/machine/ctr/inner", "pids.max=max pids.max=7"),
    ];
    assert_eq!(rows, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
}

#[test]
fn a_name_is_bytes_and_may_be_anything() {
    let odd = Record::required("cgroup_dir_entry").set("dir_name", &b"\xff\0../x"[..]);
    let entry = Record::new("cgroup_entry").with("controllers", controller(&["pids"], vec![odd]));
    let checkpoint = open(&Dump::new().record("cgroup.img", &entry));
    assert_eq!(checkpoint.cgroups().groups[0].path, BString::from(&b"/\xff\0../x"[..]));
}

/// Decoding follows a bounded number of messages in each other; what is below is told, and what is above is shown.
#[test]
fn groups_that_are_nested_without_end_are_cut_off() {
    let deep = (0..200).fold(dir("bottom", &[], vec![]), |below, _| dir("d", &[], vec![below]));
    let entry = Record::new("cgroup_entry").with("controllers", controller(&["pids"], vec![deep]));
    let checkpoint = open(&Dump::new().record("cgroup.img", &entry));
    let paths: Vec<&BString> = checkpoint.cgroups().groups.iter().map(|group| &group.path).collect();
    assert_eq!(paths[..2], ["/d", "/d/d"]);
    assert!(paths.len() < 128, "{}", paths.len());
    checkpoint.check_completeness();
    let told: Vec<_> = [told(&checkpoint, "image-damaged"), told(&checkpoint, "image-odd")].concat();
    assert!(told.iter().any(|text| text.starts_with("cgroup.img, offset 0x")), "{told:?}");
}

#[test]
fn without_the_image_nothing_is_known() {
    let dump = Dump::new().process(Process::new(1, 0).set("tc.cg_set", 1u32));
    let checkpoint = open(&dump);
    assert_eq!(checkpoint.cgroups(), &Cgroups::default());
    assert_eq!(checkpoint.cgroups().of_process(Pid(1)), None);
}

#[test]
fn many_groups_beside_each_other_keep_their_order() {
    let names: Vec<String> = (0..2000).rev().map(|number| format!("g{number}")).collect();
    let all = names.iter().map(|name| dir(name, &[], vec![])).collect();
    let entry =
        Record::new("cgroup_entry").with("controllers", controller(&["pids"], vec![dir("top", &[], all)]));
    let checkpoint = open(&Dump::new().record("cgroup.img", &entry));
    let groups = &checkpoint.cgroups().groups;
    assert_eq!(groups.len(), 2001);
    assert_eq!(
        (groups[0].path.to_string(), groups[1].path.to_string()),
        ("/top".into(), "/top/g1999".into())
    );
    assert_eq!(groups[2000].path, "/top/g0");
}
