//! Broken images: what `expected.json` says about their records.

use icecore_images::messages::{CgroupEntry, PstreeEntry};
use icecore_images::{Error, Image, What};

use crate::cases::{Case, cases};

fn case(name: &str) -> Option<&'static Case> {
    cases().iter().find(|case| case.name == name)
}

fn image<'c>(case: &'c Case, name: &str) -> Image<'c> {
    let file = case.images.iter().find(|file| file.name() == name).unwrap();
    Image::parse(&file.path, &file.bytes).unwrap()
}

/// The counts and offsets that `facts` names, of all cases.
#[test]
fn records_and_offsets_are_as_expected() {
    let mut facts = 0;
    for case in cases() {
        let said = |fact: &str| {
            let images = case.expected["facts"][fact].as_object().cloned().unwrap_or_default();
            images
                .into_iter()
                .filter_map(|(name, value)| Some((name, usize::try_from(value.as_u64()?).ok()?)))
        };
        for (name, count) in said("records") {
            assert_eq!(image(case, &name).entries().flatten().count(), count, "{} {name}", case.name);
            facts += 1;
        }
        for (name, least) in said("records_at_least") {
            assert!(image(case, &name).entries().flatten().count() >= least, "{} {name}", case.name);
            facts += 1;
        }
        for (name, expected) in said("bad_offset") {
            let Some(Err(Error::Malformed { offset, .. })) = image(case, &name).entries().last() else {
                panic!("{} {name} is sound", case.name)
            };
            assert_eq!(offset, u64::try_from(expected).unwrap(), "{} {name}", case.name);
            facts += 1;
        }
    }
    assert!(cases().is_empty() || facts >= 4, "{facts}");
}

#[test]
fn varints_and_groups_do_not_take_other_records_along() {
    for name in
        ["image-varint", "image-groups-deep", "image-unknown-field", "image-field-twice", "image-wire-type"]
    {
        let Some(case) = case(name) else { return };
        let records: Vec<_> = image(case, "pstree.img").records::<PstreeEntry>().collect();
        let pids: Vec<_> = records.iter().flatten().map(|record| record.message.pid).collect();
        assert!(pids.contains(&1), "{name}: {records:?}");
        // In one case the pid itself is of another wire type, and so counts as absent.
        let absent = records.iter().flatten().any(|record| record.remarks().is_missing("pid"));
        assert!(pids.contains(&7) || absent, "{name}: {records:?}");
        let errors = records.iter().filter(|record| record.is_err()).count();
        let remarks = records.iter().flatten().filter(|record| !record.remarks().is_empty()).count();
        assert!(errors + remarks > 0, "{name}: nothing was noticed");
    }
}

#[test]
fn groups_that_nest_too_deep_are_left_out_and_said() {
    let Some(case) = case("cgroup-deep") else { return };
    let record = image(case, "cgroup.img").records::<CgroupEntry>().next().unwrap().unwrap();
    assert!(record.remarks().listed.iter().any(|remark| remark.what == What::TooDeep));
    assert!(!record.message.controllers.is_empty());
}

#[test]
fn a_million_empty_records_are_walked() {
    let Some(case) = case("records-million") else { return };
    let records = image(case, "remap-fpath.img").entries().map(Result::unwrap);
    assert_eq!(records.filter(|entry| entry.bytes.is_empty()).count(), 1_000_000);
}
