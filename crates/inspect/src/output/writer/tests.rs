//! Whole answers in every format, by hand from the contract (JSON.md, RFC 4180).

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::io::Terminal;
use crate::output::{Absence, Column, Severity};
use crate::row;

const PROCESSES: Table = Table {
    name: "processes",
    columns: &[
        Column::count("pid", "PID"),
        Column::bytes("comm", "COMM"),
        Column::bytes("argv", "ARGV").for_machines(),
        Column::bytes("command", "COMMAND").for_people(),
    ],
};

const FILES: Table =
    Table { name: "files", columns: &[Column::count("fd", "FD"), Column::count("pos", "POS")] };

fn processes() -> Vec<Result<Row, Error>> {
    let argv = vec![&b"nginx"[..], b"\xff"];
    vec![
        Ok(row![1_u32, &b"nginx"[..], argv, "nginx: master"]),
        Ok(row![6_u32, &b"w\xffr\x1b"[..], None::<String>, "worker"]),
    ]
}

fn diagnostic() -> Diagnostic {
    Diagnostic {
        code: "cut".into(),
        severity: Severity::Warning,
        member: Some("core-6.img".into()),
        offset: Some(16),
        text: "ends early".into(),
    }
}

fn document(archive: &str, container: Option<&str>) -> Document {
    Document { archive: archive.into(), container: container.map(Into::into) }
}

/// Answer, errors and outcome of what `write` does with a writer.
fn answer(
    options: &TableOptions,
    shape: Shape,
    write: impl FnOnce(&mut Writer<'_>) -> Result<(), Error>,
) -> (String, String, Result<Exit, Error>) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut io = Io { out: &mut out, err: &mut err, input: None, terminal: Terminal::default() };
    let mut writer = Writer::open(&mut io, options, &[], shape).unwrap();
    let exit = match write(&mut writer) {
        Ok(()) => writer.finish(),
        Err(error) => Err(error),
    };
    (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap(), exit)
}

fn format(format: Format) -> TableOptions {
    TableOptions { format, ..TableOptions::default() }
}

fn one_archive(writer: &mut Writer<'_>) -> Result<(), Error> {
    writer.begin(document("a.tar", Some("web")))?;
    writer.list(&PROCESSES, processes())?;
    writer.end(&[diagnostic()])
}

fn two_archives(writer: &mut Writer<'_>) -> Result<(), Error> {
    for archive in ["a.tar", "b.tar"] {
        writer.begin(document(archive, None))?;
        writer.list(&FILES, [Ok(row![3_u32, Absence::NotApplicable])])?;
        writer.end(&[])?;
    }
    Ok(())
}

const SEVERAL: Shape = Shape { several_documents: true, several_lists: false };

#[test]
fn text_shows_what_people_want_and_says_the_rest_on_the_error_stream() {
    let (out, err, exit) = answer(&format(Format::Text), Shape::default(), one_archive);
    assert_eq!(out, "PID  COMM        COMMAND\n  1  nginx       nginx: master\n  6  w\\xffr\\x1b  worker\n");
    assert_eq!(err, "warning: core-6.img, offset 0x10: ends early [cut]\n");
    assert_eq!(exit.unwrap(), Exit::Done);
}

#[test]
fn text_names_each_of_several_archives() {
    let (out, _, _) = answer(&format(Format::Text), SEVERAL, two_archives);
    assert_eq!(out, "a.tar\nFD  POS\n 3\n\nb.tar\nFD  POS\n 3\n");
}

#[test]
fn json_is_the_document_of_the_contract() {
    let (out, err, _) = answer(&format(Format::Json), Shape::default(), one_archive);
    let expected = json!({
        "schema": "icecore/1",
        "archive": "a.tar",
        "container": "web",
        "processes": [
            {"pid": 1, "comm": "nginx", "argv": ["nginx", "\u{fffd}"], "argv_b64": [null, "/w=="]},
            {"pid": 6, "comm": "w\u{fffd}r\u{1b}", "comm_b64": "d/9yGw==", "argv": null},
        ],
        "diagnostics": [{
            "code": "cut", "severity": "warning", "member": "core-6.img", "offset": 16, "text": "ends early",
        }],
    });
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), expected);
    assert!(out.starts_with(r#"{"schema":"icecore/1","archive":"a.tar","container":"web","processes":["#));
    assert_eq!(err, "");
}

#[test]
fn json_of_several_archives_is_an_array_also_if_none_could_be_read() {
    let (out, _, _) = answer(&format(Format::Json), SEVERAL, two_archives);
    let one = |archive: &str| {
        json!({"schema": "icecore/1", "archive": archive, "container": null, "files": [{"fd": 3}],
               "diagnostics": []})
    };
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), json!([one("a.tar"), one("b.tar")]));
    let (out, _, _) = answer(&format(Format::Json), SEVERAL, |_| Ok(()));
    assert_eq!(out, "[]\n");
}

#[test]
fn json_of_an_object_is_the_object_itself() {
    let object = Object::new().with("kind", "tar").with("container", Object::new().with("name", "web"));
    let write = |writer: &mut Writer<'_>| {
        writer.begin(document("a.tar", Some("web")))?;
        writer.object(&object, |out, _| writeln!(out, "web, frozen"))?;
        writer.end(&[])
    };
    let (out, _, _) = answer(&format(Format::Json), Shape::default(), write);
    let mut expected =
        json!({"schema": "icecore/1", "archive": "a.tar", "kind": "tar", "container": {"name": "web"}});
    let (line, _, _) = answer(&format(Format::JsonLines), Shape::default(), write);
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), expected);
    expected["diagnostics"] = json!([]);
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), expected);
    assert_eq!(answer(&format(Format::Text), Shape::default(), write).0, "web, frozen\n");
}

#[test]
fn json_lines_name_their_place_and_their_list_if_there_are_several() {
    let (out, err, _) = answer(&format(Format::JsonLines), Shape::default(), one_archive);
    let first: Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
    assert_eq!(
        first,
        json!({"archive": "a.tar", "container": "web", "pid": 1, "comm": "nginx",
               "argv": ["nginx", "\u{fffd}"], "argv_b64": [null, "/w=="]})
    );
    assert_eq!(out.lines().count(), 2);
    assert!(err.starts_with("warning: "));

    let shape = Shape { several_lists: true, ..Shape::default() };
    let (out, _, _) = answer(&format(Format::JsonLines), shape, |writer| {
        writer.begin(document("a.tar", None))?;
        writer.list(&PROCESSES, processes())?;
        writer.list(&FILES, [Ok(row![3_u32, 0_u32])])
    });
    let rows: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<_> = rows.iter().map(|row| row["row"].as_str().unwrap()).collect();
    assert_eq!(names, ["processes", "processes", "files"]);
}

#[test]
fn csv_has_one_header_for_all_archives() {
    let (out, _, _) = answer(&format(Format::Csv), SEVERAL, two_archives);
    assert_eq!(out, "archive,container,fd,pos\r\na.tar,,3,\r\nb.tar,,3,\r\n");
}

#[test]
fn strict_makes_diagnostics_trouble() {
    let output = crate::arguments::OutputOptions { strict: true, ..Default::default() };
    let options = TableOptions { output, ..TableOptions::default() };
    let (out, _, exit) = answer(&options, Shape::default(), one_archive);
    assert_eq!(exit.unwrap(), Exit::Trouble);
    assert!(!out.is_empty());
    assert_eq!(answer(&options, SEVERAL, two_archives).2.unwrap(), Exit::Done);
}

#[test]
fn an_answer_that_breaks_off_shows_its_rows_but_is_not_closed() {
    let broken = |writer: &mut Writer<'_>| {
        writer.begin(document("a.tar", None))?;
        let error = Error::Usage("row two is damaged".to_owned());
        writer.list(&FILES, [Ok(row![3_u32, 0_u32]), Err(error)])
    };
    let (out, _, exit) = answer(&format(Format::Text), Shape::default(), broken);
    assert_eq!(out, "FD  POS\n 3    0\n");
    assert_eq!(exit.unwrap_err().to_string(), "row two is damaged");
    let (out, _, _) = answer(&format(Format::Json), Shape::default(), broken);
    assert!(out.contains(r#"{"fd":3,"pos":0}"#) && serde_json::from_str::<Value>(&out).is_err());
}

#[test]
fn rows_are_pulled_one_by_one() {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut io = Io { out: &mut out, err: &mut err, input: None, terminal: Terminal::default() };
    for form in [Format::Json, Format::JsonLines, Format::Csv] {
        let options = format(form);
        let mut writer = Writer::open(&mut io, &options, &[], Shape::default()).unwrap();
        writer.begin(document("a.tar", None)).unwrap();
        // An endless list ends at the first error: nothing collects rows before it writes them.
        let rows = (0_u32..)
            .map(|fd| if fd < 100_000 { Ok(row![fd, fd]) } else { Err(Error::Usage("enough".to_owned())) });
        assert_eq!(writer.list(&FILES, rows).unwrap_err().to_string(), "enough");
    }
}

proptest! {
    #[test]
    fn json_is_valid_whatever_the_names(
        archive in any::<Vec<u8>>(),
        container in any::<Option<Vec<u8>>>(),
        names in prop::collection::vec(any::<Vec<u8>>(), 0..5),
    ) {
        let write = |writer: &mut Writer<'_>| {
            writer.begin(Document {
                archive: archive.clone().into(),
                container: container.clone().map(Into::into),
            })?;
            writer.list(&PROCESSES, names.iter().map(|name| Ok(row![1_u32, name.as_slice()])))?;
            writer.end(&[])
        };
        let (out, _, _) = answer(&format(Format::Json), Shape::default(), write);
        let parsed: Value = serde_json::from_str(&out).unwrap();
        prop_assert_eq!(parsed["processes"].as_array().unwrap().len(), names.len());
        prop_assert_eq!(parsed["archive"].as_str().unwrap(), String::from_utf8_lossy(&archive));

        let (out, _, _) = answer(&format(Format::JsonLines), Shape::default(), write);
        for (line, name) in out.lines().zip(&names) {
            let parsed: Value = serde_json::from_str(line).unwrap();
            prop_assert_eq!(parsed["comm"].as_str().unwrap(), String::from_utf8_lossy(name));
            prop_assert_eq!(parsed.get("comm_b64").is_some(), std::str::from_utf8(name).is_err());
        }
    }
}
