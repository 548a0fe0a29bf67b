//! `show` against what the generator of a case knows of its container.

use crate::command::json;
use icecore_tests::{Case, CaseArchive, cases};
use serde_json::Value;

/// Every archive of every case opens, each step of an incremental set too, and says what it is.
#[test]
fn show_agrees_with_what_is_known() {
    let (mut archives, mut compared) = (0, 0);
    for case in cases() {
        for archive in case.archives() {
            let shown = json(&["show".as_ref(), archive.path.as_os_str()]);
            compared += check(&case, &archive, &shown);
            archives += 1;
        }
    }
    eprintln!("{archives} archives, {compared} facts compared");
    assert!(archives > 0 && compared > 5 * archives);
}

/// Compares what `expected.json` has, and says how much that was.
fn check(case: &Case, archive: &CaseArchive, shown: &Value) -> usize {
    let place = format!("{}/{}", case.name, archive.file);
    let mut facts = vec![
        ("kind", Value::from(archive.kind.clone()), shown["kind"].clone()),
        ("compression", Value::from(archive.compression.clone()), shown["compression"].clone()),
    ];
    let engine =
        [&archive.entry["engine"], &case.expected["engine"]].into_iter().find(|engine| engine.is_string());
    facts.extend(engine.map(|engine| ("engine", engine.clone(), shown["engine"]["name"].clone())));
    // An image directory tells nothing of its container, whatever the case knows of it.
    let bare = engine.is_none_or(|engine| ["runc", "crun", "criu"].iter().any(|name| engine == name));
    let (container, ours) = (container(case, archive), &shown["container"]);
    for key in ["id", "name"].into_iter().filter(|_| !bare) {
        facts.push((key, container[key].clone(), ours[key].clone()));
    }
    for key in ["name", "namespace", "uid"].into_iter().filter(|_| container["pod"]["namespace"].is_string())
    {
        facts.push((key, container["pod"][key].clone(), ours["pod"][key].clone()));
    }
    for key in ["attempt", "log_path"] {
        if !container[key].is_null() {
            facts.push((key, container[key].clone(), ours[key].clone()));
        }
    }
    // Builders of images add labels of their own to those that were planted.
    for (label, value) in container["labels"].as_object().into_iter().flatten() {
        facts.push(("label", value.clone(), ours["labels"][label].clone()));
    }
    if let Some(id) = container["image_id"].as_str() {
        facts.push(("image id", id.into(), ours["image"]["id"].clone()));
    }
    if let Some(created) = container["created"].as_str() {
        facts.push(("created", created.into(), ours["created"].clone()));
    }
    if let Some(addresses) = container["addresses"].as_array().filter(|_| !bare) {
        facts.push(("addresses", hosts(addresses), hosts(ours["addresses"].as_array().unwrap())));
    }
    for (key, expected, found) in &facts {
        assert_eq!(expected, found, "{place}: {key}");
    }
    if let Some(image) = container["image"].as_str() {
        assert!(ours["image"].to_string().contains(image), "{place}: image {}", ours["image"]);
    }
    facts.len()
}

/// The releases between which `show` finds the CRIU of an archive, for every case that knows which one it was.
#[test]
fn the_release_of_criu_is_told_by_what_it_wrote() {
    let mut compared = 0;
    for case in cases() {
        let Some(known) = case.expected["criu_version"].as_str().map(release) else { continue };
        for archive in case.archives() {
            let shown = json(&["show".as_ref(), archive.path.as_os_str()]);
            let place = format!("{}/{}", case.name, archive.file);
            let at_least = shown["criu_at_least"].as_str().map(release).unwrap();
            // Pagemaps alone changed but twice.
            assert!(
                at_least == known || shown["pre_dump"] == true && at_least < known,
                "{place}: {at_least:?}"
            );
            let before = shown["criu_before"].as_str().map(release);
            assert!(before.is_none_or(|before| before > known), "{place}: {before:?}");
            compared += 1;
        }
    }
    assert!(compared > 5, "{compared}");
}

/// The first two numbers of a version: what is changed in images comes with those.
fn release(version: &str) -> (u32, u32) {
    let mut numbers = version.split('.').map(|number| number.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

/// What is known of the container of one archive: its own facts, or those of the container that it names.
fn container(case: &Case, archive: &CaseArchive) -> Value {
    let named = |name: &str| match &case.expected["containers"] {
        Value::Object(all) => all.get(name).map(|found| found.get("container").unwrap_or(found).clone()),
        _ => None,
    };
    let listed = || {
        let all = case.expected["containers"].as_array()?;
        all.iter().find(|one| one["archive"] == archive.file.as_str()).cloned()
    };
    match &archive.entry["container"] {
        Value::String(name) => named(name).unwrap_or_default(),
        Value::Object(own) => Value::Object(own.clone()),
        _ => listed().unwrap_or_else(|| case.expected["container"].clone()),
    }
}

/// Addresses without their prefix lengths, sorted.
fn hosts(addresses: &[Value]) -> Value {
    let host = |address: &Value| address.as_str().unwrap().split('/').next().unwrap().to_owned();
    let mut hosts: Vec<String> = addresses.iter().map(host).collect();
    hosts.sort();
    hosts.into()
}
