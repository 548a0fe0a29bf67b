//! `docs/schema.json` is what the program says of its documents, and the documents are as it says.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use icecore_inspect::commands::COMMANDS;
use icecore_tests::{broken_cases, cases, places};
use regex_automata::meta::Regex;
use serde_json::Value;

use crate::command::icecore;

/// Regenerate it with `cargo run -- schema -o docs/schema.json`.
fn committed() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/schema.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn the_committed_schema_is_what_the_program_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/schema.json");
    let answer = icecore(&["schema".as_ref()]);
    assert_eq!((answer.code, answer.err.as_str()), (0, ""));
    assert!(fs::read(path).unwrap() == answer.out, "cargo run -- schema -o docs/schema.json");
}

#[test]
fn the_schema_of_one_command_is_part_of_the_whole() {
    let answer = icecore(&["schema", "mem", "pages"].map(OsStr::new));
    let one: Value = serde_json::from_slice(&answer.out).unwrap();
    assert_eq!(one["$defs"]["mem pages"], committed()["$defs"]["mem pages"]);
    assert_eq!(one["$defs"].as_object().unwrap().len(), 2);
    let none = icecore(&["schema", "cat"].map(OsStr::new));
    assert_eq!(none.code, 2);
    assert!(none.err.contains("`cat` is no command that gives documents of JSON"), "{}", none.err);
}

/// What a command needs beside an archive, so that its answer has all of its keys.
const FURTHER: &[(&str, &[&str])] = &[
    ("ps", &["--env"]),
    ("net", &["--sysctls"]),
    ("ipc", &["--limits"]),
    ("ls", &["--recursive"]),
    ("inspect", &["--section=checkpoint,processes,threads,runs,members,maps,files"]),
    ("search", &["-e", "a", "-m", "200"]),
    ("strings", &["-n", "64"]),
];

/// Damaged archives that only try how many rows there can be, all alike.
const ALIKE: [&str; 4] = ["fds-many", "mounts-deep", "pstree-deep", "json-annotations-many"];

/// Commands that take no archive.
const ALONE: [&str; 1] = ["kinds"];

/// The documents of every command, for every archive of the repository and many that are damaged.
#[test]
fn every_document_is_as_the_schema_says() {
    let schema = committed();
    let mut archives: Vec<PathBuf> = Vec::new();
    let fixtures = places().pop().unwrap();
    let all = cases();
    for case in all.iter().filter(|case| fixtures.join(&case.name).is_dir()) {
        archives.extend(case.archives().into_iter().map(|archive| archive.path));
    }
    let broken = broken_cases(&["image", "document", "text"]);
    let broken = broken.iter().filter(|broken| !ALIKE.contains(&broken.case.name.as_str()));
    archives.extend(broken.map(icecore_tests::Broken::path));
    let validator = Validator::new(&schema);
    let mut documents = 0;
    for name in schema["$defs"].as_object().unwrap().keys().filter(|name| *name != "diagnostic") {
        let alone = ALONE.contains(&name.as_str());
        for archive in archives.iter().take(if alone { 1 } else { usize::MAX }) {
            documents += check(&validator, name, (!alone).then_some(archive));
        }
    }
    eprintln!("{documents} documents of {} archives", archives.len());
    assert!(documents > archives.len() * 10);
}

fn check(validator: &Validator<'_>, command: &str, archive: Option<&PathBuf>) -> usize {
    let further = FURTHER.iter().find(|(name, _)| *name == command).map_or(&[][..], |(_, words)| words);
    let mut words: Vec<OsString> = command.split(' ').map(OsString::from).collect();
    words.extend(archive.map(|archive| archive.clone().into_os_string()));
    words.extend(further.iter().chain(&["--format", "json"]).map(OsString::from));
    let answer = icecore(&words.iter().map(OsString::as_os_str).collect::<Vec<_>>());
    if answer.code == 2 {
        // Not every damaged archive can be opened, and not every command has an answer for all.
        return 0;
    }
    let document: Value =
        serde_json::from_slice(&answer.out).unwrap_or_else(|why| panic!("{words:?}: {why}"));
    let documents = document.as_array().cloned().unwrap_or_else(|| vec![document]);
    for document in &documents {
        if let Err(why) = validator.check(&validator.root["$defs"][command], document, "") {
            panic!("{words:?}: {why}");
        }
    }
    documents.len()
}

#[test]
fn every_command_with_documents_is_in_the_schema() {
    let schema = committed();
    for command in
        COMMANDS.iter().filter(|command| command.to_clap().get_arguments().any(|it| it.get_id() == "format"))
    {
        assert!(schema["$defs"].get(command.name).is_some(), "{}", command.name);
    }
}

/// A validator of the keywords that the schema uses; any other is a failure.
struct Validator<'a> {
    root: &'a Value,
    patterns: RefCell<BTreeMap<String, Regex>>,
}

impl<'a> Validator<'a> {
    fn new(root: &'a Value) -> Self {
        Self { root, patterns: RefCell::default() }
    }

    fn matches(&self, pattern: &str, text: &str) -> bool {
        let mut patterns = self.patterns.borrow_mut();
        let compiled = patterns.entry(pattern.into()).or_insert_with(|| Regex::new(pattern).unwrap());
        compiled.is_match(text)
    }
}

impl Validator<'_> {
    fn check(&self, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
        for (keyword, wanted) in schema.as_object().expect("a schema is an object") {
            let fits = match keyword.as_str() {
                "type" => as_list(wanted).iter().any(|name| is_of_type(value, name.as_str().unwrap())),
                "const" => value == wanted,
                "enum" => wanted.as_array().unwrap().contains(value),
                "minimum" => value.as_i64().is_none_or(|number| number >= wanted.as_i64().unwrap()),
                "pattern" => value.as_str().is_none_or(|text| self.matches(wanted.as_str().unwrap(), text)),
                "required" => value.as_object().is_none_or(|object| {
                    wanted.as_array().unwrap().iter().all(|name| object.contains_key(name.as_str().unwrap()))
                }),
                "anyOf" => {
                    let all: Vec<_> =
                        wanted.as_array().unwrap().iter().map(|one| self.check(one, value, place)).collect();
                    if !all.iter().any(Result::is_ok) {
                        return Err(all.into_iter().filter_map(Result::err).collect::<Vec<_>>().join("; "));
                    }
                    true
                }
                "$ref" => {
                    let name = wanted.as_str().unwrap().strip_prefix("#/$defs/").unwrap().replace("%20", " ");
                    self.check(&self.root["$defs"][&name], value, place)?;
                    true
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(wanted, item, &format!("{place}/{index}"))?;
                    }
                    true
                }
                "properties" => {
                    self.check_properties(schema, value, place)?;
                    true
                }
                "additionalProperties" if schema.get("properties").is_none() => {
                    for (key, item) in value.as_object().into_iter().flatten() {
                        self.check(wanted, item, &format!("{place}/{key}"))?;
                    }
                    true
                }
                "additionalProperties" | "contentEncoding" => true,
                other => panic!("the schema uses `{other}`, which this validator does not know"),
            };
            if !fits {
                return Err(format!("{place}: {value} does not fit {keyword} {wanted}"));
            }
        }
        Ok(())
    }

    fn check_properties(&self, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
        let properties = schema["properties"].as_object().unwrap();
        for (key, item) in value.as_object().into_iter().flatten() {
            match properties.get(key) {
                Some(own) => self.check(own, item, &format!("{place}/{key}"))?,
                None if schema["additionalProperties"] == false => {
                    return Err(format!("{place}/{key} is not declared"));
                }
                None => {}
            }
        }
        Ok(())
    }
}

fn as_list(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |list| list.iter().collect())
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type {other}"),
    }
}

#[test]
fn the_validator_refuses_what_does_not_fit() {
    let schema = committed();
    let validator = Validator::new(&schema);
    let good = serde_json::json!({
        "schema": "icecore/1", "archive": "a", "container": null, "diagnostics": [],
        "threads": [{"pid": 1, "tid": 1, "cap_eff": "00000000000000ff"}],
    });
    let check = |change: &dyn Fn(&mut Value)| {
        let mut document = good.clone();
        change(&mut document);
        validator.check(&schema["$defs"]["creds"], &document, "").is_ok()
    };
    assert!(check(&|_| {}));
    let bad: [&dyn Fn(&mut Value); 7] = [
        &|it| it["threads"][0]["cap_eff"] = "0xff".into(),
        &|it| it["threads"][0]["pid"] = Value::Null,
        &|it| it["threads"][0]["pid"] = (-1).into(),
        &|it| it["threads"][0]["colour"] = "red".into(),
        &|it| it["threads"] = Value::Null,
        &|it| it["schema"] = "icecore/2".into(),
        &|it| it["diagnostics"] = serde_json::json!([{"code": "x", "severity": "loud", "text": ""}]),
    ];
    for (index, change) in bad.iter().enumerate() {
        assert!(!check(*change), "change {index} is accepted");
    }
}
