use icecore_archive::Options;
use icecore_synth::address_space::{AddressSpace, Vma};
use icecore_synth::image::Image;
use icecore_synth::{Message, Tar};

use super::*;
use crate::memory::PageSource;
use crate::{Memory, Pid, RootFilesystem, Vaddr};

const PAGE: u64 = 4096;
const FILES: u32 = 0x5630_3138;
const REMAPS: u32 = 0x5913_3954;
const MOUNTS: u32 = 0x5556_3928;
const GHOST: u32 = 0x5258_3605;

/// A record of `files.img`: a regular file.
fn file(id: u64, path: &str, size: u64, mount: i64, build_id: &[u64]) -> Message {
    let owner = (1..=5).fold(Message::new(), |owner, field| owner.varint(field, 0));
    let reg = Message::new().varint(1, id).varint(2, 0).varint(3, 0).message(5, &owner).bytes(6, path);
    let reg = reg.signed(7, mount).varint(8, size).varint(10, 0o10_0644).repeated(11, build_id);
    Message::new().varint(1, 1).varint(2, id).message(3, &reg)
}

/// A process that maps a file of two pages and a bit, from its second page on, without a page of its own.
struct Frozen {
    files: Image,
    more: Vec<(String, Vec<u8>)>,
}

const START: u64 = 0x10_0000;
const SIZE: u64 = 2 * PAGE + 100;

impl Frozen {
    fn new(path: &str, mount: i64, build_id: &[u64]) -> Self {
        Self { files: Image::of(FILES).record(&file(1, path, SIZE, mount, build_id)), more: Vec::new() }
    }

    fn record(mut self, file: &Message) -> Self {
        self.files = self.files.record(file);
        self
    }

    fn with(mut self, name: &str, bytes: Vec<u8>) -> Self {
        self.more.push((name.into(), bytes));
        self
    }

    fn open(self, rootfs: Option<Vec<u8>>) -> Arc<Memory> {
        self.checkpoint(rootfs).memory(Pid(1)).unwrap()
    }

    fn checkpoint(self, rootfs: Option<Vec<u8>>) -> Checkpoint {
        let area = Vma {
            pgoff: PAGE,
            shmid: 1,
            prot: 5,
            flags: 2,
            status: 0x41,
            ..Vma::anon(START, START + 4 * PAGE)
        };
        let images = AddressSpace::new(1, PAGE).area(area).images().swap_remove(0);
        let tar = images
            .iter()
            .fold(Tar::new(), |tar, (name, bytes)| tar.file(format!("checkpoint/{name}"), bytes));
        let tar = tar.file("checkpoint/files.img", self.files.bytes());
        let tar = self.more.iter().fold(tar, |tar, (name, bytes)| tar.file(name, bytes));
        let mut checkpoint = Checkpoint::from_source(Arc::new(tar.finish()), &Options::default()).unwrap();
        if let Some(rootfs) = rootfs {
            let rootfs = RootFilesystem::from_source(Arc::new(rootfs), "base.tar").unwrap();
            checkpoint = checkpoint.with_rootfs(Arc::new(rootfs));
        }
        checkpoint
    }
}

fn content(byte: u8) -> Vec<u8> {
    vec![byte; usize::try_from(SIZE).unwrap()]
}

/// Where the file was found, and the byte at the start of the area.
fn found(memory: &Memory) -> Option<(Origin, u8)> {
    let mut byte = [0];
    memory.read_at(Vaddr(START), &mut byte).ok()?;
    let run = memory.run_at(Vaddr(START));
    assert_eq!(run.source, PageSource::File);
    Some((run.origin()?, byte[0]))
}

fn reason(memory: &Memory) -> String {
    memory.run_at(Vaddr(START)).reason.unwrap().to_string()
}

/// `mountpoints-2.img`: the root, and a temporary file system with an image.
fn mounts() -> Vec<u8> {
    let mount = |id, parent, device, point: &str, fstype: u64| {
        let mount = Message::new().varint(1, fstype).varint(2, id).varint(3, device).varint(4, parent);
        mount.varint(5, 0).bytes(6, "/").bytes(7, point).bytes(8, "none").bytes(9, "")
    };
    Image::of(MOUNTS).record(&mount(7, 1, 40, "/", 0)).record(&mount(8, 7, 41, "/run", 5)).bytes()
}

fn tmpfs(path: &str, byte: u8) -> Vec<u8> {
    Tar::new().file(path, content(byte)).finish()
}

/// Memory looks into the archives of files that everyone shares, and what is wrong with them is told.
#[test]
fn a_damaged_archive_of_files_is_told_when_memory_looks_into_it() {
    let damaged = Frozen::new("/usr/lib/x.so", -1, &[]).with("rootfs-diff.tar", vec![b'?'; 1024]);
    let checkpoint = damaged.checkpoint(None);
    let told = || {
        let all = checkpoint.diagnostics().into_iter();
        all.filter(|it| it.member.as_ref().is_some_and(|member| member == "rootfs-diff.tar")).count()
    };
    assert_eq!(told(), 0);
    assert_eq!(found(&checkpoint.memory(Pid(1)).unwrap()), None);
    assert_eq!(told(), 1);
    assert_eq!(checkpoint.filesystem().entries().count(), 0);
    assert_eq!(told(), 1);
}

#[test]
fn what_the_container_changed_counts_above_its_image() {
    let rootfs = || Some(Tar::new().file("usr/lib/x.so", content(b'r')).finish());
    let diff = || Tar::new().file("./usr/lib/x.so", content(b'd')).finish();
    let plain = || Frozen::new("/usr/lib/x.so", -1, &[]);
    assert_eq!(found(&plain().open(None)), None);
    assert_eq!(found(&plain().open(rootfs())), Some((Origin::Rootfs, b'r')));
    assert_eq!(found(&plain().with("rootfs-diff.tar", diff()).open(rootfs())), Some((Origin::Diff, b'd')));
}

#[test]
fn a_file_ends_with_its_page() {
    let rootfs = Tar::new().file("x", content(b'r')).finish();
    let memory = Frozen::new("/x", -1, &[]).open(Some(rootfs));
    let shape: Vec<_> = memory
        .runs()
        .map(|run| {
            ((run.start.0 - START, run.end.0 - START), run.source, run.is_known(), run.member().is_some())
        })
        .collect();
    let file = PageSource::File;
    let end = PAGE + 100;
    let wanted = [
        ((0, end), file, true, true),
        ((end, 2 * PAGE), file, true, false),
        ((2 * PAGE, 4 * PAGE), file, false, false),
    ];
    assert_eq!(shape, wanted);
    let counts = memory.pages_of(&memory.areas()[0]);
    assert_eq!((counts.file, counts.total()), (4, 4));
    let mut bytes = [1; 200];
    memory.read_at(Vaddr(START + PAGE), &mut bytes).unwrap();
    assert_eq!(bytes, [[b'r'; 100], [0; 100]].concat()[..]);
}

#[test]
fn another_file_under_the_same_path_is_not_taken() {
    let smaller = Tar::new().file("x", "small").finish();
    let memory = Frozen::new("/x", -1, &[]).open(Some(smaller));
    assert_eq!(found(&memory), None);
    assert!(
        reason(&memory).contains("base.tar//x has 5 bytes, the mapped file had 8292"),
        "{}",
        reason(&memory)
    );
    let same_size = Tar::new().file("x", content(b'r')).finish();
    let memory = Frozen::new("/x", -1, &[0x0403_0201, 0x0000_0605]).open(Some(same_size));
    assert_eq!(found(&memory), None);
    assert!(
        reason(&memory).contains("build id none, the mapped file had 0102030405060000"),
        "{}",
        reason(&memory)
    );
}

#[test]
fn on_a_mount_only_its_own_content_is_right() {
    let rootfs = || Some(Tar::new().file("run/x", content(b'r')).finish());
    let frozen = |mount| Frozen::new("/run/x", mount, &[]).with("checkpoint/mountpoints-2.img", mounts());
    let image = "checkpoint/tmpfs-dev-41.tar.gz.img";
    assert_eq!(found(&frozen(8).open(rootfs())), None);
    assert_eq!(found(&frozen(8).with(image, tmpfs("x", b't')).open(rootfs())), Some((Origin::Tmpfs, b't')));
    // Opened before the mount was made, it is the file of the root below.
    assert_eq!(found(&frozen(7).with(image, tmpfs("x", b't')).open(rootfs())), Some((Origin::Rootfs, b'r')));
}

fn remap(kind: u64) -> Vec<u8> {
    let record = Message::new().varint(1, 1).varint(2, 2).varint(3, kind);
    Image::of(REMAPS).record(&record).bytes()
}

#[test]
fn a_file_without_a_name_is_a_ghost_or_a_link() {
    let rootfs = || Some(Tar::new().file("x", content(b'r')).file("link_remap.2", content(b'l')).finish());
    let record = Message::new().varint(1, 0).varint(2, 0).varint(3, 0o10_0644);
    let ghost = Image::of(GHOST).record(&record).raw(content(b'g')).bytes();
    let ghosts = Frozen::new("/x", -1, &[]).with("checkpoint/remap-fpath.img", remap(1));
    let memory = ghosts.with("checkpoint/ghost-file-2.img", ghost).open(rootfs());
    assert_eq!(found(&memory), Some((Origin::Ghost, b'g')));
    assert_eq!(memory.areas()[0].name.as_ref().unwrap(), "/x (deleted)");
    // Without its image it is lost: what has its path now is another file.
    let lost = Frozen::new("/x", -1, &[]).with("checkpoint/remap-fpath.img", remap(1)).open(rootfs());
    assert_eq!(found(&lost), None);
    let linked = Frozen::new("/x", -1, &[]).record(&file(2, "/link_remap.2", 0, -1, &[]));
    let memory = linked.with("checkpoint/remap-fpath.img", remap(0)).open(rootfs());
    assert_eq!(found(&memory), Some((Origin::Rootfs, b'l')));
}

#[test]
fn a_build_id_may_be_padded_to_words() {
    assert!(same_build(&[1, 2, 3, 4, 5], &[1, 2, 3, 4, 5, 0, 0, 0]));
    assert!(same_build(&[1, 2, 3, 4], &[1, 2, 3, 4]));
    for (found, stored) in
        [(&[][..], &[0, 0, 0][..]), (&[1], &[1, 0, 0, 0, 0]), (&[1, 2], &[1, 2, 0, 9]), (&[1, 2], &[1])]
    {
        assert!(!same_build(found, stored), "{found:?} {stored:?}");
    }
}
