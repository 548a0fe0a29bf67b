//! `icecore fs`: the same facts in every form, and answers by exit code.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::{icecore, json};

/// The archive of a fixture.
fn archive(case: &str, file: &str) -> PathBuf {
    icecore_tests::case(case).dir.join(file)
}

fn nginx() -> PathBuf {
    archive("crio-nginx-webserver", "checkpoint-webserver_default-webserver-2026-11-25T20-30-46Z.tar")
}

fn run(what: &str, archive: &Path, more: &[&str]) -> crate::command::Answer {
    let words = [OsStr::new("fs"), OsStr::new(what), archive.as_os_str()];
    icecore(&words.into_iter().chain(more.iter().map(OsStr::new)).collect::<Vec<_>>())
}

fn rows(what: &str, archive: &Path, more: &[&str], list: &str) -> Vec<Value> {
    let words = [OsStr::new("fs"), OsStr::new(what), archive.as_os_str()];
    let document = json(&words.into_iter().chain(more.iter().map(OsStr::new)).collect::<Vec<_>>());
    document[list].as_array().unwrap().clone()
}

#[test]
fn paths_narrow_a_list_and_sums_come_when_asked_for() {
    let all = rows("diff", &nginx(), &[], "changes");
    let some = rows("diff", &nginx(), &["/usr", "--hash"], "changes");
    assert!(all.len() > some.len() && some.len() == 4, "{some:?}");
    assert!(all.iter().all(|row| row.get("sha256").is_none()));
    let helper = some.iter().find(|row| row["path"] == "/usr/local/bin/cache-helper").unwrap();
    assert_eq!(helper["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(helper["mode"], "4755");
    assert_eq!(helper["flags"], serde_json::json!(["set-uid", "new-executable"]));
    let link = some.iter().find(|row| row["path"] == "/usr/local/bin/cache-helper.bak").unwrap();
    assert_eq!((&link["hardlink"], &link["type"]), (&"/usr/local/bin/cache-helper".into(), &"file".into()));
    let gone = some.iter().find(|row| row["change"] == "deleted").unwrap();
    assert!(gone.get("mode").is_none() && gone.get("sha256").is_none(), "{gone}");
}

#[test]
fn what_the_engine_leaves_out_stands_beside_the_list() {
    let answer = run("diff", &nginx(), &[]);
    assert!(
        answer.err.contains("note: this engine keeps a changed file only if the machine itself"),
        "{}",
        answer.err
    );
    let answer = run("diff", &archive("minimal", "checkpoint.tar"), &[]);
    assert!(answer.err.contains("note: no changes of the root file system are stored"), "{}", answer.err);
}

#[test]
fn a_directory_is_listed_and_a_file_is_itself() {
    let paths = |path: &str| -> Vec<String> {
        let rows = rows("ls", &nginx(), &[path], "files");
        rows.iter().map(|row| row["path"].as_str().unwrap().to_owned()).collect()
    };
    assert!(paths("/opt/shop").contains(&"/opt/shop/data".to_owned()));
    assert_eq!(paths("/opt/shop/latest"), ["/opt/shop/data/new-orders.csv"]);
    assert_eq!(paths("/opt/shop/recreate"), ["/opt/shop/recreate/new.txt"]);
    assert!(paths("/").contains(&"/dev".to_owned()));
}

#[test]
fn stat_says_why_there_is_nothing() {
    let absent =
        |path: &str| rows("stat", &nginx(), &[path], "files")[0]["absent"].as_str().unwrap().to_owned();
    assert!(absent("/usr/share/nginx/html/old.html").contains("deleted"));
    assert!(absent("/usr/bin/env").contains("image"));
    assert!(absent("/proc/1/maps").contains("kernel"));
    assert!(absent("/etc/hosts").contains("host"));
    let ghost = &rows("stat", &nginx(), &["/var/log/nginx/shop.log"], "files")[0];
    assert_eq!((&ghost["origin"], &ghost["deleted"]), (&"ghost".into(), &true.into()));
    assert_eq!(run("stat", &nginx(), &[]).code, 2);
}

#[test]
fn cat_gives_bytes_or_nothing() {
    let relay = archive("podman-precopy", "relay-final.tar.zst");
    let two = run("cat", &relay, &["/srv/relay/depot.log", "/memfd:relay-sheet (deleted)"]);
    assert_eq!((two.code, two.out.len()), (0, 7 + 36));
    let none = run("cat", &relay, &["/srv/relay/depot.log", "/etc/passwd"]);
    assert_eq!((none.code, none.out.len()), (1, 0));
    assert!(none.err.contains("/etc/passwd: not among the changes"), "{}", none.err);
    let directory = run("cat", &relay, &["/srv"]);
    assert_eq!((directory.code, directory.err.matches("/srv").count()), (1, 1), "{}", directory.err);
}

/// A root file system for the container of `nginx`, in every form that `--rootfs` takes: what it has is made up.
fn root_file_systems(folder: &Path) -> [PathBuf; 3] {
    let tar = icecore_synth::Tar::new()
        .file("etc/debian_version", "12.0\n")
        .file("usr/share/nginx/html/old.html", "<p>old</p>")
        .file("usr/share/nginx/html/index.html", "<p>index</p>")
        .file("etc/hosts", "covered by a mount")
        .symlink("html", "usr/share/nginx/html")
        .finish();
    let media = "application/vnd.oci.image.layer.v1.tar";
    let layout = icecore_synth::OciLayout::new().image(&[(media, &tar)], &[]).tar();
    let [directory, plain, image] = ["directory", "rootfs.tar", "layout.tar"].map(|name| folder.join(name));
    fs::create_dir_all(directory.join("etc")).unwrap();
    fs::create_dir_all(directory.join("usr/share/nginx/html")).unwrap();
    fs::write(directory.join("etc/debian_version"), "12.0\n").unwrap();
    fs::write(directory.join("etc/hosts"), "covered by a mount").unwrap();
    fs::write(directory.join("usr/share/nginx/html/old.html"), "<p>old</p>").unwrap();
    fs::write(directory.join("usr/share/nginx/html/index.html"), "<p>index</p>").unwrap();
    std::os::unix::fs::symlink("usr/share/nginx/html", directory.join("html")).unwrap();
    fs::write(&plain, tar).unwrap();
    fs::write(&image, layout).unwrap();
    [directory, plain, image]
}

#[test]
fn with_a_root_file_system_nothing_is_left_open() {
    let folder = tempfile::tempdir().unwrap();
    for rootfs in root_file_systems(folder.path()) {
        let rootfs = ["--rootfs", rootfs.to_str().unwrap()];
        let with = |more: &[&str]| -> Vec<String> {
            more.iter().chain(&rootfs).map(|word| (*word).to_owned()).collect()
        };
        let rows = |what: &str, more: &[&str], list: &str| {
            let words = with(more);
            rows(what, &nginx(), &words.iter().map(String::as_str).collect::<Vec<_>>(), list)
        };
        let changes = rows("diff", &["--hash"], "changes");
        let change = |path: &str| changes.iter().find(|row| row["path"] == path).unwrap().clone();
        assert!(changes.iter().all(|row| row["change"] != "unknown"));
        assert_eq!(change("/etc/debian_version")["change"], "modified");
        assert_eq!(change("/opt/shop/data/new-orders.csv")["change"], "added");
        let gone = change("/usr/share/nginx/html/old.html");
        assert_eq!(
            (&gone["change"], &gone["type"], &gone["size"]),
            (&"deleted".into(), &"file".into(), &10.into())
        );
        // sha256sum of the ten bytes.
        assert_eq!(gone["sha256"], "d9cf2422b35b8f3dafe9ae7f7eff7b7349630701989600b60be0d426d1d86ea3");
        assert_eq!(gone["member"], "deleted.files");
        let found = rows("find", &["--origin", "rootfs"], "files");
        let found: Vec<&str> = found
            .iter()
            .filter(|row| row["type"] != "dir")
            .map(|row| row["path"].as_str().unwrap())
            .collect();
        assert_eq!(found, ["/html", "/usr/share/nginx/html/index.html"]);
        let stat = &rows("stat", &["/usr/share/nginx/html/index.html"], "files")[0];
        assert_eq!((&stat["origin"], &stat["size"]), (&"rootfs".into(), &12.into()));
        assert!(stat["member"].as_str().unwrap().ends_with("//usr/share/nginx/html/index.html"));
        let absent = |path: &str| rows("stat", &[path], "files")[0]["absent"].as_str().unwrap().to_owned();
        assert!(absent("/usr/bin/env").contains("no such file"));
        assert!(absent("/html/old.html").contains("deleted"));
        assert!(absent("/etc/hosts").contains("host"));
        let listed = rows("ls", &["/html"], "files");
        assert_eq!(
            listed.iter().map(|row| row["path"].as_str().unwrap()).collect::<Vec<_>>(),
            ["/usr/share/nginx/html/index.html"]
        );
        let words = with(&["/html/index.html"]);
        let answer = run("cat", &nginx(), &words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!((answer.code, answer.out.as_slice()), (0, &b"<p>index</p>"[..]), "{}", answer.err);
        let words = with(&["/html"]);
        let answer = run("ls", &nginx(), &words.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(!answer.err.contains("the rest is in its image"), "{}", answer.err);
    }
}

/// The archive's own files by default; those of the image where a path asks for them.
#[test]
fn extract_takes_from_the_image_what_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let [_, rootfs, _] = root_file_systems(folder.path());
    let written = |name: &str, paths: &[&str]| -> Vec<String> {
        let out = folder.path().join(name);
        let (archive, rootfs) = (nginx(), rootfs.as_os_str());
        let mut words = vec![OsStr::new("extract"), archive.as_os_str(), OsStr::new("--rootfs"), rootfs];
        words.extend(["-o".as_ref(), out.as_os_str()]);
        words.extend(paths.iter().map(OsStr::new));
        let answer = icecore(&words);
        assert_eq!(answer.code, 0, "{}", answer.err);
        let manifest: Value = serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
        let rows = manifest["extracted"].as_array().unwrap().clone();
        let files = rows.iter().filter(|row| row["type"] == "file" && row["origin"] == "rootfs");
        files.map(|row| row["file"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(written("all", &[]), [""; 0]);
    let index = "rootfs/usr/share/nginx/html/index.html";
    assert_eq!(written("named", &["/usr/share"]), [index]);
    assert_eq!(written("whole", &["/"]), [index]);
    assert_eq!(fs::read(folder.path().join("named").join(index)).unwrap(), b"<p>index</p>");
}

/// Of every origin and type that is asked for, and of no other.
#[test]
fn find_narrows_by_origin_and_type() {
    let relay = archive("podman-precopy", "relay-final.tar.zst");
    let all = rows("find", &relay, &[], "files");
    let (mut origins, mut types) = (Vec::new(), Vec::new());
    for row in &all {
        origins.push(row["origin"].as_str().unwrap().to_owned());
        types.push(row["type"].as_str().unwrap().to_owned());
    }
    let wanted =
        |names: &[&str], of: &[String]| of.iter().filter(|one| names.contains(&one.as_str())).count();
    for names in [&["diff"][..], &["ghost", "memfd"], &["rootfs"]] {
        let found = rows("find", &relay, &["--origin", &names.join(",")], "files");
        assert!(found.iter().all(|row| names.contains(&row["origin"].as_str().unwrap())), "{names:?}");
        assert_eq!(found.len(), wanted(names, &origins), "{names:?}");
    }
    for names in [&["file"][..], &["dir", "char"]] {
        let found = rows("find", &relay, &["--type", &names.join(",")], "files");
        assert_eq!(found.len(), wanted(names, &types), "{names:?}");
    }
    let both = rows("find", &relay, &["--type", "file", "--origin", "ghost", "/srv/relay"], "files");
    assert_eq!(both.iter().map(|row| &row["path"]).collect::<Vec<_>>(), ["/srv/relay/scratch.tmp"]);
    assert_eq!(run("find", &relay, &["--origin", "nowhere"]).code, 2);
}

/// Names that would do something to a terminal come escaped in text, and whole in JSON.
#[test]
fn odd_names_never_reach_a_terminal_raw() {
    let tar = icecore_synth::Tar::new();
    let diff = tar
        .file("a\nb", "1")
        .file("c\td", "2")
        .file("e\x1b[2Jf", "3")
        .pax(&[("path", b"g\xff\xfeh")])
        .file("x", "4")
        .symlink("i", "j\x1b]0;k\x07")
        .finish();
    let spec = r#"{"ociVersion":"1.0.0","annotations":{"io.container.manager":"cri-o"}}"#;
    let images = icecore_synth::image::checkpoint(&[icecore_synth::image::Task::new(1, 0, "init")]);
    let tar = icecore_synth::Tar::new().file("spec.dump", spec).file("rootfs-diff.tar", diff);
    let deleted = r#"["/gone\u001b[31m"]"#;
    let tar = images
        .iter()
        .fold(tar, |tar, (name, bytes)| tar.file(format!("checkpoint/{name}"), bytes))
        .file("deleted.files", deleted);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tar");
    fs::write(&path, tar.finish()).unwrap();
    for (what, more) in [
        ("diff", vec![]),
        ("diff", vec!["--hash"]),
        ("find", vec![]),
        ("ls", vec!["/"]),
        ("stat", vec!["/e\x1b[2Jf"]),
    ] {
        for format in ["text", "csv", "jsonl", "json"] {
            let more: Vec<&str> = more.iter().copied().chain(["--format", format]).collect();
            let answer = run(what, &path, &more);
            let all = [answer.out.as_slice(), answer.err.as_bytes()].concat();
            // CSV is exact unless it goes to a terminal.
            let raw = all.iter().any(|byte| byte.is_ascii_control() && *byte != b'\n');
            assert!(format == "csv" || !raw, "{what} {format}: {}", String::from_utf8_lossy(&all));
        }
    }
    let names: Vec<Vec<u8>> = rows("find", &path, &[], "files").iter().map(exact).collect();
    assert_eq!(names, [&b"/a\nb"[..], b"/c\td", b"/e\x1b[2Jf", b"/g\xff\xfeh", b"/i"]);
}

/// The bytes of a path: those beside it where the text lost some.
fn exact(row: &Value) -> Vec<u8> {
    use base64::Engine as _;
    match row["path_b64"].as_str() {
        Some(text) => base64::engine::general_purpose::STANDARD.decode(text).unwrap(),
        None => row["path"].as_str().unwrap().as_bytes().to_vec(),
    }
}
