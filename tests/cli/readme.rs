//! Every command that the README and the documents show gives what they show.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::command::icecore;

/// Documents with blocks of commands and their output, fenced as `console`.
const DOCUMENTS: [&str; 1] = ["README.md"];

#[test]
fn documents_show_what_commands_print() {
    // Their commands name fixtures from the top of the repository, where cargo does not start tests.
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    std::env::set_current_dir(top).unwrap();
    let mut examples = 0;
    for document in DOCUMENTS {
        let text = fs::read_to_string(top.join(document)).unwrap();
        for example in examples_of(&text) {
            check(document, &example);
            examples += 1;
        }
    }
    assert!(examples >= 6, "{examples} examples found");
}

/// A command and what follows it up to the next.
struct Example {
    command: String,
    output: String,
}

fn examples_of(document: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    for line in document.lines() {
        match (inside, line.strip_prefix("$ icecore "), line.starts_with("```")) {
            (_, _, true) => inside = line == "```console",
            (true, Some(command), _) => {
                examples.push(Example { command: command.into(), output: String::new() })
            }
            (true, None, _) => {
                let example = examples.last_mut().expect("output follows a command");
                example.output += line;
                example.output += "\n";
            }
            _ => {}
        }
    }
    examples
}

/// Compares line by line; a line `…` stands for any number of lines, `…` at the end of a line for the rest of it.
fn check(document: &str, example: &Example) {
    let words: Vec<&OsStr> = example.command.split_whitespace().map(OsStr::new).collect();
    let answer = icecore(&words);
    let printed = String::from_utf8_lossy(&answer.out).into_owned() + &answer.err;
    let place = format!("{document}: icecore {}\n--- printed\n{printed}", example.command);
    let mut left = printed.lines();
    let mut skipping = false;
    for wanted in example.output.lines() {
        if wanted == "…" {
            skipping = true;
            continue;
        }
        let fits = |line: &str| match wanted.strip_suffix('…') {
            Some(beginning) => line.starts_with(beginning),
            None => line == wanted,
        };
        let found = if skipping { left.any(fits) } else { left.next().is_some_and(fits) };
        assert!(found, "no line `{wanted}` where it should be\n{place}");
        skipping = false;
    }
    assert!(skipping || left.next().is_none(), "more is printed than shown\n{place}");
}

/// The README's two commands stand in it as CI looks for them.
#[test]
fn the_readme_has_its_two_commands() {
    let top: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().into();
    let readme = fs::read_to_string(top.join("README.md")).unwrap();
    assert!(
        readme.lines().any(|line| line.starts_with("cargo run --release -- show fixtures/")),
        "the run command"
    );
    assert!(readme.lines().any(|line| line.starts_with("cargo test")), "the test command");
}

/// The table of commands is the list that the program has.
#[test]
fn the_readme_lists_every_command() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let readme = fs::read_to_string(top.join("README.md")).unwrap();
    for command in icecore_inspect::commands::COMMANDS {
        let row = format!("| `{}` | {} |", command.name, command.help);
        assert!(readme.lines().any(|line| line == row), "no row {row}");
    }
}
