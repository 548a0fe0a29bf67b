//! Control groups against `/proc/PID/cgroup`, and what kitchen-sink was allowed.

use icecore::Pid;

use crate::testimony::{self, Book, bytes};

#[test]
fn groups_are_those_of_the_kernel() {
    let mut book = Book::new("");
    testimony::each(|testified| {
        for (pid, process) in testified.processes() {
            let Some(memberships) = testified.checkpoint.cgroups().of_process(Pid(pid)) else {
                book.not_stored("cgroup");
                continue;
            };
            let text = String::from_utf8(bytes(&process["cgroup"]).unwrap_or_default()).unwrap();
            // Number, controllers, path; hierarchies without controllers and name are left out by some dumps.
            let mut kernel: Vec<(String, String)> = text
                .lines()
                .map(|line| line.splitn(3, ':').skip(1).map(String::from).collect::<Vec<_>>())
                .map(|parts| (parts[0].clone(), parts[1].clone()))
                .collect();
            let mut ours: Vec<(String, String)> =
                memberships.iter().map(|it| (it.controllers.to_string(), it.path.to_string())).collect();
            kernel.sort();
            ours.sort();
            book.compare((&testified.case, pid, ""), "cgroup", &kernel, &ours);
        }
    });
    book.close(100);
}

#[test]
fn limits_are_found() {
    let Some(case) = icecore_tests::find("kitchen-sink") else { return };
    let checkpoint = icecore::Checkpoint::open(&case.archives()[0].path).unwrap();
    let planted = case.expected["cgroup"].as_object().unwrap();
    let groups = &checkpoint.cgroups().groups;
    let path = planted["path"].as_str().unwrap();
    for (name, value) in planted.iter().filter(|(name, _)| *name != "path") {
        let here = groups.iter().filter(|group| group.path == path).flat_map(|group| &group.properties);
        let found: Vec<_> =
            here.filter(|(other, _)| *other == name.as_str()).map(|(_, value)| value.to_string()).collect();
        assert_eq!(found, [value.to_string()], "{name}");
    }
}
