//! Pages in earlier checkpoints.

use super::*;

#[test]
fn a_chain_is_followed_link_by_link() {
    let three = space()
        .area(Vma::anon(0x1000, 0x5000))
        .entry(0, 0x1000, 4, PARENT)
        .entry(1, 0x1000, 2, PARENT)
        .stored(1, 0x3000, &page(b'1'))
        .stored(2, 0x1000, &page(b'2'));
    let memory = memory(&three);
    assert_eq!(shape(&memory), ["1-2 parent", "2-3 parent!", "3-4 parent", "4-5 parent!"]);
    assert_eq!([0x1000, 0x3000].map(|at| byte(&memory, at)), [Some(b'2'), Some(b'1')]);
    assert!(reason(&memory, 0x2000).contains("does not have it"));
    let run = memory.run_at(Vaddr(0x1000));
    assert_eq!(run.member().unwrap(), "parent-2/pages-1.img");
}

/// What the parent should have and has not is told of whoever says so, whether its pagemap has a gap or is not there.
#[test]
fn pages_that_the_parent_does_not_have_are_told() {
    let child = space().area(Vma::anon(0x1000, 0x5000)).entry(0, 0x1000, 4, PARENT);
    let gap = open(child.clone().stored(1, 0x2000, &page(b'1')).tar());
    let _ = gap.memory(Pid(1));
    let told = gap.address_spaces().diagnostics();
    let [one] = &told[..] else { panic!("{told:?}") };
    assert_eq!(one.code, "parent-missing");
    assert!(one.text.starts_with("2 runs of pages") && one.text.contains("0x1000 to 0x2000"), "{one:?}");
    let images = child.images().swap_remove(0);
    let tar =
        images.iter().fold(Tar::new(), |tar, (name, bytes)| tar.file(format!("checkpoint/{name}"), bytes));
    let tar = tar.file("before/inventory.img", image::inventory()).symlink("checkpoint/parent", "../before");
    let empty = open(tar.finish());
    let _ = empty.memory(Pid(1));
    let told = empty.address_spaces().diagnostics();
    assert!(matches!(&told[..], [one] if one.text.starts_with("1 runs of pages")), "{told:?}");
}

/// A checkpoint whose parent is in another archive, which names it in turn or not at all.
#[test]
fn a_parent_that_is_not_at_hand_is_named_and_can_be_given() {
    let child =
        space().area(Vma::anon(0x1000, 0x3000)).stored(0, 0x1000, &page(1)).entry(0, 0x2000, 1, PARENT);
    let images = child.images().swap_remove(0);
    let tar =
        images.iter().fold(Tar::new(), |tar, (name, bytes)| tar.file(format!("checkpoint/{name}"), bytes));
    let tar = tar.symlink("checkpoint/parent", "../pre-checkpoint").finish();
    let alone = open(tar.clone());
    assert_eq!(told(&alone), ["parent-missing"]);
    assert!(reason(&alone.memory(Pid(1)).unwrap(), 0x2000).contains("../pre-checkpoint"));
    let parent = space().stored(0, 0x2000, &page(2)).images().swap_remove(0);
    let parent = parent.iter().filter(|(name, _)| !name.starts_with("mm") && !name.starts_with("core"));
    let parent =
        parent.fold(Tar::new(), |tar, (name, bytes)| tar.file(format!("pre-checkpoint/{name}"), bytes));
    let given = open(tar).with_parent(open(parent.finish()));
    let memory = given.memory(Pid(1)).unwrap();
    assert_eq!((byte(&memory, 0x2000), told(&given).len()), (Some(2), 0));
}

#[test]
fn links_in_a_circle_end() {
    let images = space().area(Vma::anon(0x1000, 0x2000)).entry(0, 0x1000, 1, PARENT).images().swap_remove(0);
    let tar =
        images.iter().fold(Tar::new(), |tar, (name, bytes)| tar.file(format!("checkpoint/{name}"), bytes));
    let checkpoint = open(tar.symlink("checkpoint/parent", "../checkpoint").finish());
    let memory = checkpoint.memory(Pid(1)).unwrap();
    assert_eq!(byte(&memory, 0x1000), None);
    assert!(reason(&memory, 0x1000).contains("lead back"), "{}", reason(&memory, 0x1000));
}
