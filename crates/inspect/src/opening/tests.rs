//! Archives, directories and containers as a user names them.

use std::fs;
use std::io::Cursor;

use icecore_synth::{Dump, Process, Tar};

use super::*;
use crate::Terminal;

fn dump() -> Dump {
    Dump::new().process(Process::new(1, 0))
}

/// Opens with these options; the number of containers, or what is said.
fn opened(input: &Input, read: &ReadOptions, stdin: Option<Vec<u8>>) -> Result<Vec<Checkpoint>, String> {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let input_bytes = stdin.map(|bytes| Box::new(Cursor::new(bytes)) as Box<_>);
    let mut io = Io { out: &mut out, err: &mut err, input: input_bytes, terminal: Terminal::default() };
    checkpoints(input, read, Keep::Everything, &mut io).map_err(|error| said(&error))
}

/// An error and what it comes from.
fn said(error: &dyn std::error::Error) -> String {
    let all = std::iter::successors(Some(error), |error| error.source());
    all.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn file(directory: &Path, name: &str, bytes: &[u8]) -> Input {
    let path = directory.join(name);
    fs::write(&path, bytes).unwrap();
    Input::Path(path)
}

#[test]
fn a_file_and_standard_input_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "c.tar", &dump().tar());
    assert_eq!(opened(&path, &ReadOptions::default(), None).unwrap().len(), 1);
    assert_eq!(opened(&Input::Stdin, &ReadOptions::default(), Some(dump().tar())).unwrap().len(), 1);
    assert_eq!((name(&Input::Stdin).to_string(), name(&path).ends_with(b"/c.tar")), ("-".into(), true));
}

#[test]
fn standard_input_that_is_not_there_is_wrong_usage() {
    let error = opened(&Input::Stdin, &ReadOptions::default(), None).unwrap_err();
    assert!(error.contains("there is no standard input to read"), "{error}");
}

#[test]
fn a_directory_of_images_is_opened_as_it_lies() {
    let folder = tempfile::tempdir().unwrap();
    for image in dump().names() {
        fs::write(folder.path().join(image), dump().get(image).unwrap()).unwrap();
    }
    let found = opened(&Input::Path(folder.path().to_owned()), &ReadOptions::default(), None).unwrap();
    assert_eq!(found[0].processes().len(), 1);
}

#[test]
fn what_is_not_there_is_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.tar");
    let error = opened(&Input::Path(path.clone()), &ReadOptions::default(), None).unwrap_err();
    assert_eq!(error.matches(path.to_str().unwrap()).count(), 1, "{error}");
}

#[test]
fn the_page_size_that_is_asked_for_counts() {
    let read = ReadOptions { page_size: Some(65_536), ..ReadOptions::default() };
    let found = opened(&Input::Stdin, &read, Some(dump().tar())).unwrap();
    assert_eq!(found[0].machine().page_size, Some(65_536));
}

const CONFIG: &str = r#"{"id":"0123456789abcdef0123456789abcdef","name":"web"}"#;

fn named(container: &str) -> Result<Vec<Checkpoint>, String> {
    let read = ReadOptions { container: Some(container.into()), ..ReadOptions::default() };
    opened(&Input::Stdin, &read, Some(dump().image("config.dump", CONFIG).tar()))
}

#[test]
fn a_container_is_picked_by_name_or_the_beginning_of_its_id() {
    for container in ["web", "0123", "0123456789abcdef0123456789abcdef"] {
        assert_eq!(named(container).map(|found| found.len()), Ok(1), "{container}");
    }
    for container in ["012", "1234", "we", ""] {
        let error = named(container).unwrap_err();
        assert!(error.contains(&format!("no container `{container}`; there is web")), "{error}");
    }
}

#[test]
fn a_container_has_a_title_whatever_is_known_of_it() {
    let title_of = |dump: Dump| {
        let found = opened(&Input::Stdin, &ReadOptions::default(), Some(dump.tar())).unwrap();
        (title(&found[0]), container(&found[0]).map(|name| name.to_string()))
    };
    assert_eq!(title_of(dump().image("config.dump", CONFIG)), ("web".into(), Some("web".into())));
    let nameless = dump().image("config.dump", r#"{"id":"0123456789abcdef0123456789abcdef"}"#);
    assert_eq!(title_of(nameless), ("0123456789ab".into(), None));
    assert_eq!(title_of(dump()), ("one without a name".into(), None));
}

#[test]
fn parents_are_single_containers_that_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let parent = |bytes: &[u8]| {
        let Input::Path(path) = file(folder.path(), "parent.tar", bytes) else { panic!("a path") };
        let read = ReadOptions { parents: vec![path], ..ReadOptions::default() };
        opened(&Input::Stdin, &read, Some(dump().tar()))
    };
    assert_eq!(parent(&dump().tar()).map(|found| found.len()), Ok(1));
    let error = parent(&Tar::new().file("readme", "x").finish()).unwrap_err();
    assert!(error.contains("parent.tar") && error.contains("no checkpoint in this tar"), "{error}");
}
