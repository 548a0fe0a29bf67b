//! Images as CRIU wrote them before 3.4, one for each kind of file, and before 1.4 with what epoll and inotify files watch
//! in images of their own: made from real records, they must tell the same as `files.img`.

use std::sync::Arc;

use icecore::Checkpoint;
use icecore::archive::{Archive, Keep, Options};
use icecore::files::{FileKind, Files};
use icecore::images_format::messages::FileEntry;
use icecore::images_format::{ByteOrder, Framing, Image, Kind, Message, Writer};
use icecore_synth::Tar;

/// The images of the kinds that had one, made from `files.img`; what is newer stays there.
fn split(files: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let image = Image::parse("files.img", files).unwrap();
    let writer = |kind, framing| Writer::new(kind, framing, ByteOrder::Little);
    let mut newer = writer(Kind::Files, Framing::Common);
    let mut targets = writer(Kind::EventpollTfd, Framing::One);
    let mut watches = writer(Kind::InotifyWd, Framing::One);
    let mut marks = writer(Kind::FanotifyMark, Framing::One);
    let mut old: Vec<(&str, Writer)> = Vec::new();
    macro_rules! kinds {
        ($record:ident: $($field:ident $kind:ident $name:literal;)+) => {
            $(if let Some(message) = &$record.$field {
                let place = old.iter().position(|(name, _)| *name == $name).unwrap_or_else(|| {
                    old.push(($name, writer(Kind::$kind, Framing::Common)));
                    old.len() - 1
                });
                old[place].1.record(&message.encode(), &[]);
                continue;
            })+
        };
    }
    for record in image.records::<FileEntry>() {
        let mut record = record.unwrap().message;
        let id = record.id;
        if let Some(file) = &mut record.epfd {
            std::mem::take(&mut file.tfd).into_iter().for_each(|mut it| {
                it.id = id;
                targets.record(&it.encode(), &[]);
            });
        }
        if let Some(file) = &mut record.ify {
            std::mem::take(&mut file.wd).into_iter().for_each(|mut it| {
                it.id = id;
                watches.record(&it.encode(), &[]);
            });
        }
        if let Some(file) = &mut record.ffy {
            std::mem::take(&mut file.mark).into_iter().for_each(|mut it| {
                it.id = id;
                marks.record(&it.encode(), &[]);
            });
        }
        kinds! { record:
            reg RegFiles "reg-files.img";
            pipe Pipes "pipes.img";
            fifo Fifo "fifo.img";
            isk Inetsk "inetsk.img";
            usk Unixsk "unixsk.img";
            efd EventfdFile "eventfd.img";
            epfd EventpollFile "eventpoll.img";
            ify InotifyFile "inotify.img";
            sgfd Signalfd "signalfd.img";
            psk Packetsk "packetsk.img";
            tty TtyFiles "tty.img";
            ffy FanotifyFile "fanotify.img";
            nlsk NetlinkSk "netlinksk.img";
            nsf NsFiles "ns-files.img";
            tunf Tunfile "tunfile.img";
            tfd Timerfd "timerfd.img";
        }
        newer.record(&record.encode(), &[]);
    }
    let watched = [("eventpoll-tfd.img", targets), ("inotify-wd.img", watches), ("fanotify-mark.img", marks)];
    let all = old.into_iter().chain(watched).chain([("files.img", newer)]);
    all.map(|(name, writer)| (name, writer.finish())).collect()
}

#[test]
fn images_of_each_kind_tell_the_same_as_one_of_all() {
    let case =
        icecore_tests::find("kitchen-sink").unwrap_or_else(|| icecore_tests::case("crio-nginx-webserver"));
    let path = &case.archives()[0].path;
    let archive = Archive::open_path(path, &Options::default().keep(Keep::Everything)).unwrap();
    let mut tar = Tar::new();
    for member in archive.members().iter().filter(|member| member.is_file() && member.size < 4 << 20) {
        let bytes = member.bytes(("image", u64::MAX)).unwrap();
        match member.name.to_string().strip_suffix("files.img") {
            Some(folder) if folder.is_empty() || folder.ends_with('/') => {
                for (name, bytes) in split(&bytes) {
                    tar = tar.file(format!("{folder}{name}"), bytes);
                }
            }
            _ => tar = tar.file(member.name.as_bytes(), &bytes),
        }
    }
    let old = Checkpoint::from_source(Arc::new(tar.finish()), &Options::default()).unwrap();
    let new = Checkpoint::open(path).unwrap();
    assert!(old.images().member("reg-files.img").is_some());
    let (ours, theirs) = (facts(old.files()), facts(new.files()));
    assert_eq!(ours.len(), theirs.len());
    for (old, new) in ours.iter().zip(&theirs) {
        assert_eq!(old, new);
    }
    assert!(ours.len() > 30);
}

/// A line for each descriptor.
fn facts(files: &Files) -> Vec<String> {
    let line = |open: icecore::files::Open<'_>| {
        let file = open.file.unwrap();
        let watched = match &file.kind {
            FileKind::Epoll(targets) => targets.len(),
            FileKind::Inotify(watches) => watches.len(),
            FileKind::Fanotify(it) => it.marks.len(),
            _ => 0,
        };
        let flags = open.flags().map(|flags| flags.to_string());
        let (link, remap) = (files.link(file), file.remap);
        format!(
            "{} {} {} {link:?} {flags:?} {:?} {remap:?} {watched}",
            open.pid,
            open.slot,
            file.type_name(),
            file.pos
        )
    };
    files.open().map(line).collect()
}
