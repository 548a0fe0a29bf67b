//! Names and bytes as the members of a checkpoint, through every view.

use icecore_inspect::{Io, Terminal, run};
use icecore_synth::Tar;

use crate::{named, split};

/// The members of an input that count.
const MEMBERS: usize = 200;

/// Everything that can be asked of a checkpoint without knowing what is in it, each as one command line.
const QUESTIONS: &[&[&str]] = &[
    &["inspect", "-", "--format", "json"],
    &["inspect", "-", "--format", "json", "--section", "runs"],
    &["inspect", "-"],
    &["inspect", "-", "--format", "csv"],
    &["show", "-"],
    &["graph", "-", "--dot"],
    &["info", "-", "--format", "jsonl"],
];

/// Packs named files into an archive and asks every question about it.
///
/// # Panics
/// If an answer has no exit code of ours, is no JSON where it should be, would act on a terminal, or is another one the
/// second time.
pub fn checkpoint(data: &[u8]) {
    let mut tar = Tar::new();
    for file in split(data, MEMBERS) {
        let (name, bytes) = named(file);
        tar = tar.file(name, bytes);
    }
    let archive = tar.bytes();
    for question in QUESTIONS {
        let (code, out, err) = ask(question, archive.clone());
        assert!(code <= 2, "{question:?}: exit code {code}");
        assert!(!err.iter().any(|byte| is_hazard(*byte)), "{question:?}: raw bytes among diagnostics");
        match question {
            [.., "csv"] => {}
            [.., "--format", "json"] | [.., "--section", _] if code != 2 => {
                serde_json::from_slice::<serde_json::Value>(&out).expect("an answer is JSON");
            }
            _ => assert!(!out.iter().any(|byte| is_hazard(*byte)), "{question:?}: raw bytes in the answer"),
        }
    }
    if let Some(first) = QUESTIONS.first() {
        assert!(ask(first, archive.clone()) == ask(first, archive), "the same archive, another answer");
    }
}

/// Exit code, answer and diagnostics.
fn ask(question: &[&str], archive: Vec<u8>) -> (u8, Vec<u8>, Vec<u8>) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let words = ["icecore"].iter().chain(question).map(Into::into);
    let input: Option<Box<dyn std::io::Read + Send>> = Some(Box::new(std::io::Cursor::new(archive)));
    let code = run(words, &mut Io { out: &mut out, err: &mut err, input, terminal: Terminal::default() });
    (code, out, err)
}

/// Whether a terminal would act on it. Line ends and the blanks of a table are ours.
fn is_hazard(byte: u8) -> bool {
    byte.is_ascii_control() && byte != b'\n'
}
