//! From images to files: `files.img`, or before CRIU 3.4 an image for each kind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use icecore_images::messages::{
    EventfdFileEntry, EventpollFileEntry, EventpollTfdEntry, ExtFileEntry, FanotifyFileEntry,
    FanotifyMarkEntry, FdTypes, FifoEntry, FileEntry, FownEntry, InetSkEntry, InotifyFileEntry,
    InotifyWdEntry, MemfdInodeEntry, NetlinkSkEntry, NsFileEntry, PacketSockEntry, PipeEntry, RegFileEntry,
    SignalfdEntry, TimerfdEntry, TtyFileEntry, TunfileEntry, UnixSkEntry,
};
use icecore_images::{ByteOrder, Message};

use super::{
    File, FileKind, Memfd, NamespaceFile, OpenFlags, PathKind, PipeEnd, Remap, SignalOwner, Terminal,
};
use super::{remaps, terminals};
use crate::diagnostic::FILE_DANGLING;
use crate::images::Images;
use crate::place::Placed;
use crate::sockets::{self, Socket};
use crate::{Checkpoint, Diagnostic, FileId, MountId};

/// Reads all records, by rising id.
pub(crate) fn read(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) -> Vec<File> {
    let images = checkpoint.images();
    let mut entries: Vec<Placed<FileEntry>> = images.placed("files.img", diagnostics).unwrap_or_default();
    entries.extend(old::entries(images, diagnostics));
    let context = Context {
        arch: checkpoint.machine().arch,
        order: byte_order(images),
        paths: shared_paths(&entries),
        remaps: remaps::read(images, diagnostics),
        memfds: memfds(images, diagnostics),
        terminals: terminals::read(images, diagnostics)
            .into_iter()
            .map(|(id, it)| (id, Arc::new(it)))
            .collect(),
    };
    let mut files: Vec<File> = entries.into_iter().map(|entry| context.placed(entry)).collect();
    files.sort_by_key(|file| (file.id, file.fd_type));
    let count = files.len();
    files.dedup_by_key(|file| (file.id, file.fd_type));
    if let Some(twice) = count.checked_sub(files.len()).filter(|&twice| twice > 0) {
        let text = format!("{twice} of {count} records repeat an id; the first of each counts");
        diagnostics.push(Diagnostic::new(FILE_DANGLING, text).of(images.full_name("files.img")));
    }
    sockets::join(images, &mut files, diagnostics);
    files
}

/// The offset that CRIU writes for `/dev/kmsg` opened for writing, so that a restore does not seek. Such a file has none.
const NO_SEEK: u64 = u64::MAX;

/// The byte order of the machine, which addresses of sockets depend on.
fn byte_order(images: &Images) -> ByteOrder {
    let names = ["files.img", "inetsk.img", "inventory.img"];
    let order = names.iter().find_map(|name| images.with_image(name, &mut Vec::new(), |it| it.byte_order()));
    order.unwrap_or(ByteOrder::Little)
}

/// A memory file and its size and mode, which belong to its [`File`]s.
type Inode = (Arc<Memfd>, u64, Option<u32>);

fn memfds(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> BTreeMap<u64, Inode> {
    let records: Vec<MemfdInodeEntry> = images.records("memfd.img", diagnostics).unwrap_or_default();
    let inode = |record: MemfdInodeEntry| {
        let memfd = Memfd {
            name: record.name,
            owner: (record.uid, record.gid),
            seals: record.seals,
            shmid: record.shmid,
            inode_id: u32::try_from(record.inode_id).unwrap_or(u32::MAX),
            hugetlb: record.hugetlb_flag,
        };
        (record.inode_id, (Arc::new(memfd), record.size, record.mode))
    };
    records.into_iter().map(inode).collect()
}

/// The records with the paths of others.
fn shared_paths(entries: &[Placed<FileEntry>]) -> BTreeMap<u32, RegFileEntry> {
    let entries = || entries.iter().map(|entry| &entry.message);
    let wanted: BTreeSet<u32> = entries().filter_map(named_by).collect();
    let regular = entries().filter_map(|entry| Some((entry.id, entry.reg.as_deref()?)));
    regular.filter(|(id, _)| wanted.contains(id)).map(|(id, reg)| (id, reg.clone())).collect()
}

/// The record that has the path of a FIFO, terminal or tun device.
fn named_by(entry: &FileEntry) -> Option<u32> {
    let named_by = match (&entry.fifo, &entry.tty, &entry.tunf) {
        (Some(it), ..) => it.regf_id,
        (_, Some(it), _) => it.regf_id,
        (.., Some(_)) => None,
        _ => return None,
    };
    // Before the path had an id of its own it had that of the file; tun devices never got one.
    Some(named_by.unwrap_or(entry.id))
}

/// What records refer to.
struct Context {
    arch: Option<&'static str>,
    order: ByteOrder,
    /// Paths that belong to records of other kinds.
    paths: BTreeMap<u32, RegFileEntry>,
    remaps: BTreeMap<FileId, Remap>,
    memfds: BTreeMap<u64, Inode>,
    terminals: BTreeMap<u32, Arc<Terminal>>,
}

impl Context {
    /// The file of a record. The message that is set says what it is; where none is, the type that it claims.
    fn placed(&self, Placed { message: mut entry, place }: Placed<FileEntry>) -> File {
        let file = match entry.reg.take() {
            Some(reg) => self.regular(&entry, *reg),
            None => self.without_path(&entry),
        };
        File { place: Some(place), ..file }
    }

    fn without_path(&self, entry: &FileEntry) -> File {
        let file = self.named(entry).or_else(|| self.socket(entry)).or_else(|| self.event(entry));
        file.or_else(|| self.other(entry)).unwrap_or_else(|| {
            let kind =
                if entry.ext.is_some() { FileKind::External } else { FileKind::Unknown(entry.r#type.0) };
            let owner = entry.ext.as_ref().map(|it| &it.fown);
            self.make(entry, kind, None, owner)
        })
    }

    fn make(&self, entry: &FileEntry, kind: FileKind, flags: Option<u32>, owner: Option<&FownEntry>) -> File {
        File {
            id: FileId(entry.id),
            kind,
            flags: flags.map(|flags| OpenFlags::new(flags, self.arch)),
            pos: None,
            mnt_id: None,
            ino: None,
            size: None,
            mode: None,
            path: None,
            external: None,
            remap: None,
            build_id: None,
            owner: owner.and_then(SignalOwner::of),
            named_by: None,
            place: None,
            fd_type: entry.r#type,
        }
    }

    /// Files whose path another record has.
    fn named(&self, entry: &FileEntry) -> Option<File> {
        let (kind, flags, owner, ino) = match (&entry.fifo, &entry.tty, &entry.tunf) {
            (Some(it), ..) => (FileKind::Fifo(PipeEnd::Unknown), None, None, Some(it.pipe_id.into())),
            (_, Some(it), _) => {
                let terminal = self.terminals.get(&it.tty_info_id).cloned();
                (FileKind::Terminal(terminal), Some(it.flags), Some(&it.fown), None)
            }
            (.., Some(it)) => (FileKind::Tun(it.netdev.clone()), None, None, None),
            _ => return None,
        };
        let named_by = named_by(entry)?;
        let path = self.paths.get(&named_by);
        let flags = flags.or(path.map(|path| path.flags));
        let mut file = self.make(entry, kind, flags, owner.or(path.map(|path| &path.fown)));
        file.named_by = path.map(|_| FileId(named_by));
        file.pos = path.map(|path| path.pos);
        file.mnt_id = path.and_then(|path| mount(path.mnt_id));
        file.mode = path.and_then(|path| path.mode);
        file.remap = file.named_by.and_then(|id| self.remaps.get(&id)).copied();
        file.ino = ino;
        if let FileKind::Fifo(end) = &mut file.kind {
            *end = PipeEnd::of(file.flags);
        }
        Some(file)
    }

    fn regular(&self, entry: &FileEntry, reg: RegFileEntry) -> File {
        let kind = FileKind::Path(PathKind::of(reg.mode, reg.size));
        let mut file = self.make(entry, kind, Some(reg.flags), Some(&reg.fown));
        let name = Some(reg.name);
        (file.path, file.external) = if reg.ext == Some(true) { (None, name) } else { (name, None) };
        file.pos = Some(if reg.pos == NO_SEEK { 0 } else { reg.pos });
        file.mnt_id = mount(reg.mnt_id);
        file.size = reg.size;
        file.mode = reg.mode;
        file.remap = self.remaps.get(&file.id).copied();
        file.build_id = build_id(&reg.build_id, self.order);
        file
    }

    fn socket(&self, entry: &FileEntry) -> Option<File> {
        let (socket, flags, owner) = match (&entry.isk, &entry.usk, &entry.nlsk, &entry.psk) {
            (Some(it), ..) => (Socket::inet(it, self.order), it.flags, &it.fown),
            (_, Some(it), ..) => (Socket::unix(it), it.flags, &it.fown),
            (.., Some(it), _) => (Socket::netlink(it), it.flags, &it.fown),
            (.., Some(it)) => (Socket::packet(it, self.order), it.flags, &it.fown),
            _ => return None,
        };
        let socket = socket.written_on(self.arch);
        let ino = socket.ino;
        // Every socket is open for reading and writing; CRIU 3.17 stored nothing for netlink.
        let flags = (flags != 0).then_some(flags);
        let mut file = self.make(entry, FileKind::Socket(Box::new(socket)), flags, Some(owner));
        file.ino = ino.map(u64::from);
        file.mnt_id = entry.usk.as_ref().and_then(|it| mount(it.mnt_id));
        Some(file)
    }

    /// Files that wait for something.
    fn event(&self, entry: &FileEntry) -> Option<File> {
        let file = |kind, flags, owner| Some(self.make(entry, kind, Some(flags), Some(owner)));
        if let Some(it) = &entry.efd {
            return file(FileKind::Eventfd(it.counter), it.flags, &it.fown);
        }
        if let Some(it) = &entry.epfd {
            return file(FileKind::Epoll(it.tfd.iter().map(Into::into).collect()), it.flags, &it.fown);
        }
        if let Some(it) = &entry.sgfd {
            return file(FileKind::Signalfd(it.sigmask), it.flags, &it.fown);
        }
        if let Some(it) = &entry.tfd {
            return file(FileKind::Timerfd((&**it).into()), it.flags, &it.fown);
        }
        if let Some(it) = &entry.ify {
            return file(FileKind::Inotify(it.wd.iter().map(Into::into).collect()), it.flags, &it.fown);
        }
        let it = entry.ffy.as_ref()?;
        file(FileKind::Fanotify((&**it).into()), it.flags, &it.fown)
    }

    /// Pipes, memory, processes, namespaces, BPF maps.
    fn other(&self, entry: &FileEntry) -> Option<File> {
        /// pidfd_open(2) opens for reading and writing, which the image leaves out.
        const RDWR: u32 = 2;
        if let Some(it) = &entry.pipe {
            let end = PipeEnd::of(Some(OpenFlags::new(it.flags, self.arch)));
            let mut file = self.make(entry, FileKind::Pipe(end), Some(it.flags), Some(&it.fown));
            file.ino = Some(it.pipe_id.into());
            return Some(file);
        }
        if let Some(it) = &entry.memfd {
            let inode = self.memfds.get(&it.inode_id.into());
            let kind = FileKind::Memfd(inode.map(|(memfd, ..)| memfd.clone()));
            let mut file = self.make(entry, kind, Some(it.flags), Some(&it.fown));
            file.pos = Some(it.pos);
            file.ino = inode.map(|(memfd, ..)| memfd.shmid.into());
            file.size = inode.map(|&(_, size, _)| size);
            file.mode = inode.and_then(|&(.., mode)| mode);
            return Some(file);
        }
        if let Some(it) = &entry.pidfd {
            let kind = FileKind::Pidfd((&**it).into());
            let mut file = self.make(entry, kind, Some(it.flags | RDWR), Some(&it.fown));
            file.ino = Some(it.ino.into());
            return Some(file);
        }
        if let Some(it) = &entry.nsf {
            let kind = FileKind::Namespace(NamespaceFile::new(it.ns_id, it.ns_cflag));
            return Some(self.make(entry, kind, Some(it.flags), None));
        }
        let it = entry.bpf.as_ref()?;
        let kind = FileKind::Bpfmap(Box::new((&**it).into()));
        let mut file = self.make(entry, kind, Some(it.flags), Some(&it.fown));
        file.pos = Some(it.pos);
        file.mnt_id = mount(it.mnt_id);
        Some(file)
    }
}

/// A mount, or none: -1 before the field was optional.
fn mount(id: Option<i32>) -> Option<MountId> {
    id.and_then(|id| u32::try_from(id).ok()).map(MountId)
}

/// A build id from words in memory order, which pad it with zeros to a multiple of four bytes.
fn build_id(words: &[u32], order: ByteOrder) -> Option<Vec<u8>> {
    let bytes = |word: &u32| match order {
        ByteOrder::Little => word.to_le_bytes(),
        ByteOrder::Big => word.to_be_bytes(),
    };
    (!words.is_empty()).then(|| words.iter().flat_map(bytes).collect())
}

/// Images before CRIU 3.4: one for each kind, and before 1.4 one more for what epoll, inotify and fanotify files watch.
mod old {
    use super::*;

    /// For each kind: its image, its message, and where that goes in a [`FileEntry`].
    macro_rules! images {
        ($($image:literal $message:ident $field:ident $kind:ident;)+) => {
            /// All records, as if they stood in `files.img`.
            pub(super) fn entries(images: &Images, diagnostics: &mut Vec<Diagnostic>) -> Vec<Placed<FileEntry>> {
                let mut entries = Vec::new();
                $(
                    let records = images.placed::<$message>($image, diagnostics).unwrap_or_default();
                    entries.extend(records.into_iter().map(|record| record.map(|record| {
                        let mut entry = FileEntry::default();
                        (entry.id, entry.r#type) = (record.id, FdTypes::$kind);
                        entry.$field = Some(Box::new(record));
                        entry
                    })));
                )+
                watched(images, &mut entries, diagnostics);
                entries
            }
        };
    }

    images! {
        "reg-files.img" RegFileEntry reg REG;
        "pipes.img" PipeEntry pipe PIPE;
        "fifo.img" FifoEntry fifo FIFO;
        "inetsk.img" InetSkEntry isk INETSK;
        "unixsk.img" UnixSkEntry usk UNIXSK;
        "eventfd.img" EventfdFileEntry efd EVENTFD;
        "eventpoll.img" EventpollFileEntry epfd EVENTPOLL;
        "inotify.img" InotifyFileEntry ify INOTIFY;
        "signalfd.img" SignalfdEntry sgfd SIGNALFD;
        "packetsk.img" PacketSockEntry psk PACKETSK;
        "tty.img" TtyFileEntry tty TTY;
        "fanotify.img" FanotifyFileEntry ffy FANOTIFY;
        "netlinksk.img" NetlinkSkEntry nlsk NETLINKSK;
        "ns-files.img" NsFileEntry nsf NS;
        "tunfile.img" TunfileEntry tunf TUNF;
        "ext-files.img" ExtFileEntry ext EXT;
        "timerfd.img" TimerfdEntry tfd TIMERFD;
    }

    /// Gives epoll, inotify and fanotify files what they watch, from the images of before CRIU 1.4.
    fn watched(images: &Images, entries: &mut [Placed<FileEntry>], diagnostics: &mut Vec<Diagnostic>) {
        let mut targets = grouped(images, "eventpoll-tfd.img", |it: &EventpollTfdEntry| it.id, diagnostics);
        let mut watches = grouped(images, "inotify-wd.img", |it: &InotifyWdEntry| it.id, diagnostics);
        let mut marks = grouped(images, "fanotify-mark.img", |it: &FanotifyMarkEntry| it.id, diagnostics);
        for Placed { message: entry, .. } in entries {
            if let Some(file) = &mut entry.epfd {
                file.tfd.extend(targets.remove(&entry.id).unwrap_or_default());
            }
            if let Some(file) = &mut entry.ify {
                file.wd.extend(watches.remove(&entry.id).unwrap_or_default());
            }
            if let Some(file) = &mut entry.ffy {
                file.mark.extend(marks.remove(&entry.id).unwrap_or_default());
            }
        }
    }

    /// The records of an image by the file that they belong to.
    fn grouped<M: Message>(
        images: &Images,
        name: &str,
        id: impl Fn(&M) -> u32,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> BTreeMap<u32, Vec<M>> {
        let mut groups: BTreeMap<u32, Vec<M>> = BTreeMap::new();
        for record in images.records::<M>(name, diagnostics).unwrap_or_default() {
            groups.entry(id(&record)).or_default().push(record);
        }
        groups
    }
}
