//! Other programs that read tars, to compare with.

mod gnu_tar;
mod python;

use std::path::Path;

use icecore_archive::Member;

/// Another program that lists tars.
pub(crate) trait Rival {
    /// Its name as a command.
    fn name(&self) -> &'static str;

    /// What it would write of a member.
    fn line(&self, member: &Member) -> String;

    /// What it writes of a tar, a line a member.
    fn list(&mut self, tar: &Path) -> Vec<String>;
}

/// Those that are installed; the others are named.
pub(crate) fn at_hand() -> Vec<Box<dyn Rival>> {
    let there = |name: &str| {
        let there = icecore_tests::program(name);
        if !there {
            eprintln!("skipped: there is no `{name}` to compare with");
        }
        there
    };
    let mut rivals: Vec<Box<dyn Rival>> = Vec::new();
    if there(gnu_tar::NAME) {
        rivals.push(Box::new(gnu_tar::GnuTar));
    }
    if there(python::NAME) {
        rivals.push(Box::new(python::Python::start()));
    }
    rivals
}

fn without_slashes(name: &[u8]) -> &[u8] {
    let end = name.iter().rposition(|byte| *byte != b'/').map_or(0, |last| last + 1);
    &name[..end]
}
