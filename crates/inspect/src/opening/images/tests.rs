//! Images that lie alone, and images of archives.

use icecore_synth::{Dump, Process};

use super::*;
use crate::Terminal;

fn dump() -> Dump {
    Dump::new().process(Process::new(1, 0))
}

/// Opens these bytes from standard input, and says whether all of them are left there.
fn piped(bytes: &[u8]) -> (Result<Option<ImageFile>, String>, Vec<u8>) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let input = Some(Box::new(Cursor::new(bytes.to_vec())) as Box<_>);
    let mut io = Io { out: &mut out, err: &mut err, input, terminal: Terminal::default() };
    let image = stdin_image(&mut io).map_err(|error| error.to_string());
    let mut left = Vec::new();
    if let Some(mut stream) = io.input.take() {
        stream.read_to_end(&mut left).unwrap();
    }
    (image, left)
}

#[test]
fn an_image_on_standard_input_is_told_by_its_magic() {
    let bytes = dump().get("pstree.img").unwrap().to_vec();
    let (image, left) = piped(&bytes);
    let image = image.unwrap().unwrap();
    assert_eq!((image.name.to_string(), image.size(), left.len()), ("-".into(), bytes.len() as u64, 0));
    assert_eq!((image.head(), image.bytes().unwrap().as_ref()), (bytes[..8].to_vec(), &bytes[..]));
}

#[test]
fn what_is_no_image_stays_on_standard_input() {
    for bytes in [&b""[..], b"abc", b"config.dump\0\0\0\0", b"\x19CVT\0\0\0\0rest"] {
        let (image, left) = piped(bytes);
        assert!(image.unwrap().is_none());
        assert_eq!(left, bytes, "not a byte is lost");
    }
}

fn opened(path: &Path) -> Opened {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut io = Io { out: &mut out, err: &mut err, input: None, terminal: Terminal::default() };
    open(&Input::Path(path.to_owned()), &ReadOptions::default(), Keep::Everything, &mut io).unwrap()
}

#[test]
fn a_file_is_an_image_by_its_magic_or_else_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let image = dump().get("fs-1.img").unwrap().to_vec();
    for path in [place("renamed", &image), place("core-1.img", b"none"), place("odd.img", b"")] {
        let all = opened(&path).all(&Input::Path(path.clone()), &ReadOptions::default()).unwrap();
        let names: Vec<String> = all.images.iter().map(|(_, image)| image.name.to_string()).collect();
        assert_eq!(names, [path.file_name().unwrap().to_str().unwrap()]);
    }
    let archive = place("archive.img", &dump().tar());
    assert!(matches!(opened(&archive), Opened::Archive(_)), "the content counts, not the name");
}

fn picked(members: Option<&[&str]>) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.tar");
    std::fs::write(&path, dump().tar()).unwrap();
    let (input, read) = (Input::Path(path.clone()), ReadOptions::default());
    let members = members.map(|names| names.iter().map(OsString::from).collect::<Vec<_>>());
    let picked = match members {
        Some(members) => opened(&path).named(&input, &members, &read),
        None => opened(&path).all(&input, &read),
    };
    let names = |picked: Picked| picked.images.iter().map(|(_, image)| image.name.to_string()).collect();
    picked
        .map(names)
        .map_err(|error| std::error::Error::source(&error).map_or_else(String::new, ToString::to_string))
}

#[test]
fn images_of_an_archive_are_picked_by_name() {
    let all = ["core-1.img", "fs-1.img", "ids-1.img", "inventory.img", "mm-1.img", "pstree.img"];
    assert_eq!(picked(None).unwrap(), all);
    assert_eq!(picked(Some(&["pstree.img", "fs-1.img"])).unwrap(), ["pstree.img", "fs-1.img"]);
    assert!(picked(Some(&["none.img"])).unwrap_err().contains("none.img"));
}

#[test]
fn an_image_that_lies_alone_has_no_members() {
    let image = ImageFile { name: "x".into(), content: Content::Bytes(vec![]) };
    let error =
        Opened::Image(image).named(&Input::Stdin, &["y".into()], &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("`x` is an image and has no members"), "{error}");
}
