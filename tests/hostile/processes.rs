//! Process lists and argument areas that were made to mislead.

use icecore::archive::{Keep, Options};
use icecore::{Checkpoint, Pid};
use icecore_tests::Broken;

/// Cases whose list holds more than the two processes that were there.
const MORE: [(&str, usize); 2] = [("pstree-deep", 100_002), ("pstree-pid-range", 4)];

fn open(broken: &Broken) -> Checkpoint {
    let options = Options::default().keep(Keep::Everything);
    let mut all = Checkpoint::open_all(broken.path(), &options).unwrap_or_else(|why| {
        panic!("{}: {why}", broken.case.name);
    });
    all.remove(0)
}

fn find(name: &str) -> Option<Checkpoint> {
    let all = icecore_tests::broken_cases(&["image", "memory"]);
    all.iter().find(|broken| broken.case.name == name).map(open)
}

fn told(checkpoint: &Checkpoint, text: &str) -> bool {
    checkpoint.diagnostics().iter().any(|diagnostic| diagnostic.text.contains(text))
}

#[test]
fn processes_are_listed_whatever_was_done_to_the_images() {
    let mut checked = 0;
    for broken in icecore_tests::broken_cases(&["image", "memory", "document", "text", "engine"]) {
        let Some(pids) = broken.facts()["pids"].as_array() else { continue };
        let checkpoint = open(&broken);
        let ours: Vec<u64> = checkpoint.processes().iter().map(|process| process.pid.0.into()).collect();
        let expected: Vec<u64> = pids.iter().map(|pid| pid.as_u64().unwrap()).collect();
        match MORE.iter().find(|(name, _)| *name == broken.case.name) {
            Some((name, count)) => {
                assert_eq!(ours.len(), *count, "{name}");
                assert!(expected.iter().all(|pid| ours.contains(pid)), "{name}");
            }
            None => assert_eq!(ours, expected, "{}", broken.case.name),
        }
        checked += 1;
    }
    assert!(checked > 80 || icecore_tests::find("kitchen-sink").is_none(), "only {checked} were checked");
}

#[test]
fn a_list_that_contradicts_itself_is_told_and_its_tree_ends() {
    type Tree = &'static [(u32, u32)];
    let expected: [(&str, &str, Tree); 5] = [
        ("pstree-cycle", "their own ancestors; the tree starts there: 1", &[(1, 0), (7, 1)]),
        ("pstree-duplicate", "repeat a process id", &[(1, 0), (7, 1)]),
        ("pstree-orphan", "parents are not on the list: 7", &[(1, 0), (7, 0)]),
        ("image-wire-type", "have no process id", &[(1, 0), (7, 1)]),
        ("pstree-two-roots", "without a parent", &[(1, 0), (7, 0)]),
    ];
    for (name, text, tree) in expected {
        let Some(checkpoint) = find(name) else { continue };
        let found: Vec<_> =
            checkpoint.process_tree().iter().map(|branch| (branch.process.pid.0, branch.depth)).collect();
        assert_eq!(found, tree, "{name}");
        assert!(told(&checkpoint, text), "{name}: {:?}", checkpoint.diagnostics());
    }
}

#[test]
fn a_chain_of_processes_costs_what_it_is_long() {
    let Some(checkpoint) = find("pstree-deep") else { return };
    assert_eq!(checkpoint.process_tree().iter().last().map(|branch| branch.depth), Some(100_001));
    checkpoint.check_completeness();
    assert!(checkpoint.diagnostics().len() < 100, "{}", checkpoint.diagnostics().len());
}

#[test]
fn argument_areas_that_lie_are_told() {
    if let Some(checkpoint) = find("args-reversed") {
        assert_eq!(checkpoint.arguments(Pid(1)), None);
        assert!(told(&checkpoint, "before it starts"));
    }
    if let Some(checkpoint) = find("args-rewritten") {
        let title = checkpoint.arguments(Pid(1)).unwrap();
        assert!(title.rewritten);
        assert_eq!(title.iter().count(), 1);
    }
    if let Some(checkpoint) = find("args-wide") {
        assert!(checkpoint.arguments(Pid(1)).is_none_or(|argv| argv.cut));
        assert!(told(&checkpoint, "arguments of process 1"));
    }
}
