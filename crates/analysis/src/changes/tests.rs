//! Flags of files made by hand: each row a file and what is remarkable about it.

use std::sync::Arc;

use icecore::archive::Options;
use icecore_synth::{Header, Message, Tar, image};

use super::*;

const CRIO: &str = r#"{"ociVersion":"1.0.0","annotations":{"io.container.manager":"cri-o"}}"#;
const CONTAINERD: &str =
    r#"{"ociVersion":"1.0.0","annotations":{"io.kubernetes.cri.container-type":"container"}}"#;
/// What CRI-O says of the time of the checkpoint: 2026-11-25 20:30:46.
const CONFIG: &str = r#"{"checkpointedTime":"2026-11-25T20:30:46Z"}"#;
const FROZEN: u64 = 1_795_638_646;

fn checkpoint(spec: &str, diff: Tar, more: &[(&str, Vec<u8>)]) -> Checkpoint {
    let mut tar = Tar::new().file("spec.dump", spec).file("config.dump", CONFIG);
    for (name, bytes) in image::checkpoint(&[image::Task::new(1, 0, "init")]) {
        tar = tar.file(format!("checkpoint/{name}"), bytes);
    }
    tar = tar.file("rootfs-diff.tar", diff.finish());
    for (name, bytes) in more {
        tar = tar.file(*name, bytes);
    }
    Checkpoint::from_source(Arc::new(tar.finish()), &Options::default()).unwrap()
}

/// The flags of one file with this content and header.
fn check_header(header: Header, content: &str, expected: &[&str]) {
    let checkpoint = checkpoint(CRIO, Tar::new().member(header, content), &[]);
    let review = Review::of(&checkpoint);
    let seen: Vec<_> = review.changes().collect();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].flags, expected, "{}", seen[0].change.entry.path);
}

/// The flags of a path of an ordinary file.
fn check(path: &str, expected: &[&str]) {
    check_header(Header::file(path).mtime(FROZEN), "x", expected);
}

#[test]
fn paths_tell_what_a_file_is_for() {
    check("srv/app/data.csv", &[]);
    check("usr/bin/ls", &["system-binary"]);
    check("usr/bin-x/ls", &[]);
    check("lib/x86_64-linux-gnu/libc.so.6", &["system-library"]);
    check("etc/crontab", &["cron"]);
    check("etc/cron.d/job", &["cron"]);
    check("var/spool/cron/crontabs/root", &["cron"]);
    check("etc/systemd/system/x.service", &["startup"]);
    check("etc/ssh/sshd_config", &["ssh-keys"]);
    check("root/.ssh/authorized_keys", &["ssh-keys", "hidden-name"]);
    check("etc/profile.d/x.sh", &["shell-profile"]);
    check("home/me/.bashrc", &["shell-profile", "hidden-name"]);
    check("etc/ld.so.preload", &["ld-preload"]);
    check("etc/shadow", &["accounts"]);
    check("etc/shadow.bak", &[]);
    check("etc/sudoers.d/me", &["accounts"]);
    check("var/www/html/shell.php", &["web-root"]);
    check("tmp/.x/file", &["hidden-name"]);
    check("tmp/..x", &["hidden-name"]);
    check("tmp/.wh.x", &["hidden-name", "whiteout-name"]);
    check("../etc/motd", &["climbing-name"]);
}

#[test]
fn names_that_a_terminal_would_not_show_are_told() {
    for odd in ["a\nb", "a\tb", "a\x1b[2J", "a\u{202e}b", "trailing ", "a\u{200b}"] {
        check(odd, &["odd-name"]);
    }
    for plain in ["größe-価格.txt", "with blank.txt", "a\"b\\c"] {
        check(plain, &[]);
    }
}

#[test]
fn modes_tell_what_a_file_can_do() {
    let file = |mode| Header::file("opt/tool").mode(mode).mtime(FROZEN);
    check_header(file(0o755), "x", &["new-executable"]);
    check_header(file(0o4755), "x", &["set-uid", "new-executable"]);
    check_header(file(0o2750), "x", &["set-gid", "new-executable"]);
    check_header(file(0o6777), "x", &["set-uid", "set-gid", "new-executable", "world-writable"]);
    check_header(file(0o755), "", &[]);
    check_header(file(0o4644), "x", &[]);
    check_header(Header::new(b'5', "opt/dir").mode(0o1777), "", &[]);
    check_header(Header::new(b'3', "opt/disk"), "", &["device"]);
    check_header(Header::new(b'2', "opt/link").link("x").mode(0o777), "", &[]);
}

#[test]
fn times_that_cannot_be_are_told() {
    let file = |time| Header::file("opt/x").mtime(time);
    check_header(file(FROZEN + 3600), "x", &[]);
    check_header(file(FROZEN + 3601), "x", &["future-time"]);
    check_header(file(946_684_800), "x", &[]);
    check_header(file(946_684_799), "x", &["old-time"]);
    check_header(Header::new(b'5', "opt/x").mtime(0), "", &[]);
}

#[test]
fn capabilities_are_attributes() {
    let diff = Tar::new()
        .pax(&[("SCHILY.xattr.security.capability", b"\x01\0\0\x02"), ("SCHILY.xattr.user.x", b"1")])
        .member(Header::file("opt/ping").mtime(FROZEN), "x")
        .pax(&[("SCHILY.xattr.user.x", b"1")])
        .member(Header::file("opt/plain").mtime(FROZEN), "x");
    let checkpoint = checkpoint(CRIO, diff, &[]);
    let flags: Vec<_> = Review::of(&checkpoint).changes().map(|seen| seen.flags).collect();
    assert_eq!(flags, [vec!["file-capabilities"], vec![]]);
}

/// containerd stores what runtimes make under mounts: empty files with the mode of a program.
#[test]
fn a_stub_under_a_mount_is_nothing_else() {
    const MNTS: u32 = 0x5556_3928;
    let mount = |id: u64, parent: u64, at: &str| {
        let mount = Message::new().varint(1, 0).varint(2, id).varint(3, id).varint(4, parent).varint(5, 0);
        mount.bytes(6, "/").bytes(7, at).bytes(8, "x").bytes(9, "")
    };
    let mounts = image::Image::of(MNTS).record(&mount(1, 0, "/")).record(&mount(2, 1, "/etc/hosts"));
    let mounts = mounts.record(&mount(3, 1, "/data"));
    let diff = Tar::new().member(Header::file("etc/hosts").mode(0o4755), "x").file("etc/.wh.motd", "");
    let diff = ["data-x", "data/a/b"]
        .iter()
        .fold(diff, |diff, name| diff.member(Header::file(name).mode(0o2755).mtime(FROZEN), "x"));
    let checkpoint = checkpoint(CONTAINERD, diff, &[("checkpoint/mountpoints-2.img", mounts.bytes())]);
    let flags: Vec<_> = Review::of(&checkpoint).changes().map(|seen| seen.flags).collect();
    let program = ["set-gid", "new-executable"];
    let under = [&["under-mount"][..], &program].concat();
    assert_eq!(flags, [program.to_vec(), under, vec!["mount-point"], vec![]]);
}

#[test]
fn a_file_that_is_written_to_and_not_stored_is_unrecorded() {
    const FILES: u32 = 0x5630_3138;
    let file = |id: u64, flags: u64, name: &str| {
        let regular = Message::new().varint(1, id).varint(2, flags).varint(3, 0);
        let regular = regular.message(5, &Message::new()).bytes(6, name).varint(10, 0o10_0644);
        Message::new().varint(1, 1).varint(2, id).message(3, &regular)
    };
    let files = image::Image::of(FILES)
        .record(&file(1, 1, "/srv/lost.log"))
        .record(&file(2, 0, "/srv/read.txt"))
        .record(&file(3, 2, "/srv/kept.log"))
        .record(&file(4, 2, "/dev/null"));
    const IDS: u32 = 0x5443_2030;
    const FDINFO: u32 = 0x5621_3732;
    let ids =
        image::Image::of(IDS).record(&Message::new().varint(1, 1).varint(2, 7).varint(3, 1).varint(4, 1));
    let table = (1..=4).fold(image::Image::of(FDINFO), |image, id| {
        image.record(&Message::new().varint(1, id).varint(2, 0).varint(3, 1).varint(4, id + 10))
    });
    let more = [
        ("checkpoint/files.img", files.bytes()),
        ("checkpoint/ids-1.img", ids.bytes()),
        ("checkpoint/fdinfo-7.img", table.bytes()),
    ];
    let checkpoint = checkpoint(CRIO, Tar::new().file("srv/kept.log", "x"), &more);
    let review = Review::of(&checkpoint);
    let lost: Vec<String> =
        review.unrecorded().iter().map(|it| format!("{} {} {}", it.path, it.pid, it.fd)).collect();
    assert_eq!(lost, ["/srv/lost.log 1 11"]);
    let kept: Vec<_> = review.changes().flat_map(|seen| seen.users).collect();
    assert_eq!(kept, [(Pid(1), Use::Writes(Fd(13)))]);
}

#[test]
fn names_of_flags_are_unique_and_explained() {
    let names: BTreeSet<_> = FLAGS.iter().map(|flag| flag.name).collect();
    assert_eq!(names.len(), FLAGS.len());
    assert!(FLAGS.iter().all(|flag| flag.about.ends_with('.')));
}
