//! Our JSON against that of python crit 4.2. Where they may differ is said by `docs/crit-compatibility.md`.

use std::collections::{BTreeMap, BTreeSet};

use icecore_images::json::{self, Form};
use icecore_images::{Image, Kind};
use serde_json::Value;

use crate::cases::{Case, File, cases};

const COMPATIBILITY: &str = include_str!("../../../../docs/crit-compatibility.md");

#[test]
fn json_is_that_of_crit() {
    if cases().is_empty() {
        return;
    }
    let exceptions = kinds_under("## Where crit is wrong");
    let mut needed = BTreeSet::new();
    let (mut same, mut but_for_keys) = (0, 0);
    for case in cases() {
        for text in case.crit.iter().filter(|text| text.name() != "failed.json") {
            let (image, form) = image_of(case, text);
            let ours = json::to_string(&image, form);
            let theirs = std::str::from_utf8(&text.bytes).unwrap().trim_end();
            if ours == theirs {
                same += 1;
            } else if without_added(&ours) == serde_json::from_str::<Value>(theirs).unwrap() {
                but_for_keys += 1;
            } else {
                let kind = image.kind().to_string();
                assert!(
                    exceptions.contains(&kind),
                    "{} {}: {}",
                    case.name,
                    text.path,
                    difference(&ours, theirs)
                );
                needed.insert(kind);
            }
        }
    }
    assert_eq!(needed, exceptions, "exceptions that no image needs");
    println!("{same} texts are those of crit, {but_for_keys} more but for keys that begin with $");
}

#[test]
fn what_crit_cannot_read_is_listed() {
    let listed = kinds_under("## What crit cannot read");
    let mut needed = BTreeSet::new();
    for case in cases() {
        for failed in case.crit.iter().filter(|text| text.name() == "failed.json") {
            let failed: BTreeMap<String, String> = serde_json::from_slice(&failed.bytes).unwrap();
            for path in failed.keys() {
                let kind = Kind::of_name(path.rsplit('/').next().unwrap()).unwrap().kind.to_string();
                assert!(listed.contains(&kind), "{} {path}", case.name);
                needed.insert(kind);
            }
        }
    }
    assert!(cases().is_empty() || needed == listed, "{needed:?}");
}

/// The first column of the first table below a heading.
fn kinds_under(heading: &str) -> BTreeSet<String> {
    let (_, below) = COMPATIBILITY.split_once(heading).unwrap();
    let rows =
        below.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    rows.skip(2).map(|row| row.split('|').nth(1).unwrap().trim().trim_matches('`').to_string()).collect()
}

/// Without the keys that crit does not have.
fn without_added(text: &str) -> Value {
    let mut value: Value = serde_json::from_str(text).unwrap();
    let root = value.as_object_mut().unwrap();
    root.retain(|key, _| !key.starts_with('$'));
    for entry in root["entries"].as_array_mut().unwrap() {
        entry.as_object_mut().unwrap().retain(|key, _| !key.starts_with('$'));
    }
    value
}

fn difference(ours: &str, theirs: &str) -> String {
    let at = ours.bytes().zip(theirs.bytes()).take_while(|(a, b)| a == b).count();
    let excerpt = |text: &str| text.chars().skip(at.saturating_sub(40)).take(120).collect::<String>();
    format!("at {at}\n  ours {}\n  crit {}", excerpt(ours), excerpt(theirs))
}

/// The image of a text `PREFIX/compact/PATH.json`.
fn image_of<'c>(case: &'c Case, text: &File) -> (Image<'c>, Form) {
    let forms = [("compact/", Form::COMPACT), ("pretty/", Form::PRETTY)];
    let (prefix, path, form) = forms
        .into_iter()
        .find_map(|(word, form)| text.path.split_once(word).map(|(prefix, path)| (prefix, path, form)))
        .unwrap();
    let (prefix, path) = (prefix.trim_end_matches('/'), path.strip_suffix(".json").unwrap());
    let is_it = |file: &&File| {
        let in_prefix = file.archive == prefix || file.path.split('/').any(|part| part == prefix);
        (prefix.is_empty() || in_prefix) && (file.path == path || file.path.ends_with(&format!("/{path}")))
    };
    let file = case.images.iter().find(is_it).unwrap_or_else(|| panic!("{}: no {}", case.name, text.path));
    (Image::parse(&file.path, &file.bytes).unwrap(), form)
}
