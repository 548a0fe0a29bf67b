use std::fs;
use std::os::unix::fs::symlink;

use icecore_archive::MemberKind;
use icecore_synth::{DockerArchive, OciLayout, Tar};

use super::*;

fn rootfs(tar: Vec<u8>) -> RootFilesystem {
    RootFilesystem::from_source(Arc::new(tar), "base.tar").unwrap()
}

/// The content of the file that a path leads to.
fn content(rootfs: &RootFilesystem, path: &str) -> Option<String> {
    let bytes = rootfs.file(path.as_bytes())?.bytes(("document", 100)).unwrap();
    Some(bytes.to_str_lossy().into_owned())
}

#[test]
fn paths_are_looked_up_as_the_kernel_would() {
    let tar = Tar::new()
        .directory("./usr/")
        .file("./usr/lib/libc.so.6", "libc")
        .symlink("./lib", "usr/lib")
        .symlink("./usr/lib/libm.so", "../../lib/./libc.so.6")
        .symlink("./absolute", "/usr/lib/libc.so.6")
        .symlink("./out", "../../../../etc/shadow")
        .file("./etc/shadow", "inside")
        .hardlink("./twin", "./usr/lib/libc.so.6")
        .finish();
    let rootfs = rootfs(tar);
    for path in [
        "/lib/libc.so.6",
        "//usr/./lib//libc.so.6",
        "/lib/libm.so",
        "/absolute",
        "/twin",
        "lib/../lib/libm.so",
    ] {
        assert_eq!(content(&rootfs, path).as_deref(), Some("libc"), "{path}");
    }
    // Behind a link, `..` is the directory above its target.
    assert_eq!(content(&rootfs, "/lib/../etc/shadow"), None);
    assert_eq!(content(&rootfs, "/lib/../../etc/shadow").as_deref(), Some("inside"));
    assert_eq!(content(&rootfs, "/out").as_deref(), Some("inside"));
    assert_eq!(content(&rootfs, "/usr/lib"), None);
    assert_eq!(content(&rootfs, "/usr/lib/none"), None);
    assert_eq!(rootfs.entry(b"/absolute").unwrap().kind, MemberKind::Symlink);
    assert_eq!(rootfs.entry(b"/lib/libm.so").unwrap().kind, MemberKind::Symlink);
}

#[test]
fn links_that_never_end_lead_nowhere() {
    let circle = Tar::new().symlink("a", "b").symlink("b", "a").symlink("c", "c/d").symlink("self", ".");
    let long =
        (0..50).fold(circle, |tar, number| tar.symlink(format!("l{number}"), format!("l{}", number + 1)));
    let rootfs = rootfs(long.file("l50", "end").finish());
    for path in ["/a", "/c", "/c/x", "/l0"] {
        assert_eq!(content(&rootfs, path), None, "{path}");
    }
    assert_eq!(content(&rootfs, "/l10").as_deref(), Some("end"));
    assert_eq!(content(&rootfs, "/self/self/l50").as_deref(), Some("end"));
}

#[test]
fn an_image_is_its_layers_on_each_other() {
    let base = Tar::new().file("etc/motd", "old").file("bin/sh", "shell").file("opt/a/b", "b").finish();
    let above =
        Tar::new().file("etc/motd", "new").file("bin/.wh.sh", "").file("opt/a/.wh..wh..opq", "").finish();
    let media = "application/vnd.oci.image.layer.v1.tar";
    let layout = OciLayout::new().image(&[(media, &base), (media, &above)], &[]);
    let docker = DockerArchive::new().layer(&base).layer(&above);
    for tar in [layout.tar(), docker.finish()] {
        let rootfs = rootfs(tar);
        assert_eq!(content(&rootfs, "/etc/motd").as_deref(), Some("new"));
        assert_eq!(content(&rootfs, "/bin/sh"), None);
        assert_eq!(content(&rootfs, "/opt/a/b"), None);
    }
}

#[test]
fn one_of_several_images_is_not_guessed() {
    let layer = Tar::new().file("a", "1").finish();
    let media = "application/vnd.oci.image.layer.v1.tar";
    let layout = OciLayout::new().image(&[(media, &layer)], &[]).image(&[(media, &layer)], &[("a", "b")]);
    let error = RootFilesystem::from_source(Arc::new(layout.tar()), "two.tar").unwrap_err();
    assert!(error.to_string().contains("two.tar: 2 images"), "{error}");
}

/// A tree that looks like a checkpoint in a directory of its own is a file system all the same.
#[test]
fn a_file_system_begins_at_its_top() {
    let tar = Tar::new().file("dumps/inventory.img", "x").file("dumps/pstree.img", "x").file("etc/os", "y");
    let rootfs = rootfs(tar.finish());
    assert_eq!(content(&rootfs, "/etc/os").as_deref(), Some("y"));
    assert_eq!(content(&rootfs, "/dumps/pstree.img").as_deref(), Some("x"));
}

#[test]
fn a_directory_is_never_left() {
    let machine = tempfile::tempdir().unwrap();
    fs::write(machine.path().join("secret"), "of the machine").unwrap();
    let top = machine.path().join("rootfs");
    fs::create_dir_all(top.join("etc")).unwrap();
    fs::write(top.join("etc/passwd"), "of the container").unwrap();
    symlink("../secret", top.join("climbs")).unwrap();
    symlink(machine.path().join("secret"), top.join("absolute")).unwrap();
    symlink("/etc", top.join("conf")).unwrap();
    let deep = (0..40).fold(top.clone(), |path, _| path.join("d"));
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("file"), "deep").unwrap();
    let rootfs = RootFilesystem::open(&top, &Options::default()).unwrap();
    assert_eq!(content(&rootfs, "/conf/passwd").as_deref(), Some("of the container"));
    assert_eq!(content(&rootfs, "/climbs"), None);
    assert_eq!(content(&rootfs, "/absolute"), None);
    assert_eq!(content(&rootfs, &format!("{}file", "/d".repeat(40) + "/")).as_deref(), Some("deep"));
    assert_eq!(rootfs.diagnostics().count(), 0);
}
