//! What images say of other images.

use std::collections::{BTreeMap, BTreeSet};

use bstr::ByteSlice;
use icecore_images::messages::{
    CoreEntry, FileEntry, Fstype, InventoryEntry, IpcShmEntry, MemfdInodeEntry, MntEntry, PagemapHead,
    RemapFilePathEntry, RemapType, TaskKobjIdsEntry,
};
use icecore_images::{Kind, Message};

use super::require;
use crate::diagnostic::MEMBER_MISSING;
use crate::process::list;
use crate::{Checkpoint, Diagnostic};

/// States of a TCP socket without a stream: closed and listening.
const WITHOUT_STREAM: [u32; 2] = [7, 10];
/// The protocol number of TCP.
const TCP: u32 = 6;

/// The expectations of one checkpoint: names of images, each with who speaks of it first.
struct References<'a> {
    checkpoint: &'a Checkpoint,
    wanted: BTreeMap<String, String>,
}

/// Follows what process list, ids, pagemaps, files and mounts refer to. Damage is told where the images are shown,
/// so it is not repeated here.
pub(super) fn check(checkpoint: &Checkpoint, diagnostics: &mut Vec<Diagnostic>) {
    let mut references = References { checkpoint, wanted: BTreeMap::new() };
    references.processes();
    references.pagemaps();
    references.files();
    references.mounts();
    references.segments();
    references.require(diagnostics);
}

/// Missing images of a kind that are told one by one; the rest is counted.
const TOLD: usize = 16;

impl References<'_> {
    fn want(&mut self, image: String, because: impl FnOnce() -> String) {
        self.wanted.entry(image).or_insert_with(because);
    }

    /// Tells what is missing: a process list that was made up may speak of any number of images.
    fn require(&self, diagnostics: &mut Vec<Diagnostic>) {
        let images = self.checkpoint.images();
        let mut missing: BTreeMap<&str, Vec<(&String, &String)>> = BTreeMap::new();
        for (image, because) in self.wanted.iter().filter(|(image, _)| images.member(image).is_none()) {
            let kind = image.split_once('-').map_or(image.as_str(), |(kind, _)| kind);
            missing.entry(kind).or_default().push((image, because));
        }
        for (kind, missing) in missing {
            for (image, because) in missing.iter().take(TOLD) {
                require(self.checkpoint, image, because, diagnostics);
            }
            if let Some(more @ 1..) = missing.len().checked_sub(TOLD) {
                let text = format!("{more} further `{kind}` images that other images speak of are not there");
                diagnostics.push(Diagnostic::new(MEMBER_MISSING, text));
            }
        }
    }

    fn read<M: Message>(&self, image: &str) -> Vec<M> {
        self.checkpoint.images().records(image, &mut Vec::new()).unwrap_or_default()
    }

    fn processes(&mut self) {
        let inventory: Option<InventoryEntry> = self.read("inventory.img").into_iter().next();
        let host = inventory.as_ref().and_then(|inventory| inventory.root_ids.clone()).unwrap_or_default();
        let records = list::records(self.checkpoint.images(), &mut Vec::new()).unwrap_or_default();
        for record in records {
            let pid = record.pid;
            let because = move || format!("pstree.img lists process {pid}");
            self.want(format!("core-{pid}.img"), because);
            if !list::is_live(self.checkpoint.images(), pid) {
                continue;
            }
            for image in ["ids", "mm", "fs", "pagemap"] {
                self.want(format!("{image}-{pid}.img"), because);
            }
            for thread in record.threads {
                self.want(format!("core-{thread}.img"), || {
                    format!("pstree.img lists thread {thread} of process {pid}")
                });
            }
            self.ids(pid, &host);
            self.cgroups(pid, inventory.as_ref());
        }
    }

    /// What a task shares is numbered; namespaces of the host have no images.
    fn ids(&mut self, pid: u32, host: &TaskKobjIdsEntry) {
        let Some(ids) = self.read::<TaskKobjIdsEntry>(&format!("ids-{pid}.img")).into_iter().next() else {
            return;
        };
        let image = format!("fdinfo-{}.img", ids.files_id);
        self.want(image, || format!("ids-{pid}.img names its descriptor table"));
        let namespaces = [
            ("utsns", ids.uts_ns_id, host.uts_ns_id),
            ("ipcns-var", ids.ipc_ns_id, host.ipc_ns_id),
            ("mountpoints", ids.mnt_ns_id, host.mnt_ns_id),
            ("userns", ids.user_ns_id, host.user_ns_id),
        ];
        for (image, own, host) in namespaces {
            if let Some(own) = own.filter(|&own| Some(own) != host && own != 0) {
                self.want(format!("{image}-{own}.img"), || format!("ids-{pid}.img names its namespace"));
            }
        }
    }

    fn cgroups(&mut self, pid: u32, inventory: Option<&InventoryEntry>) {
        let Some(core) = self.read::<CoreEntry>(&format!("core-{pid}.img")).into_iter().next() else {
            return;
        };
        let thread = core.thread_core.as_deref();
        let set = thread.and_then(|thread| thread.cg_set).or(core.tc.as_ref().and_then(|task| task.cg_set));
        let own = inventory.and_then(|inventory| inventory.root_cg_set);
        if set.is_some() && set != own {
            self.want("cgroup.img".into(), || format!("core-{pid}.img names a set of cgroups"));
        }
        if thread.and_then(|thread| thread.seccomp_filter).is_some() {
            self.want("seccomp.img".into(), || format!("core-{pid}.img names a seccomp filter"));
        }
    }

    fn pagemaps(&mut self) {
        let private = self.of_kind(Kind::Pagemap).into_iter();
        for name in private.chain(self.of_kind(Kind::ShmemPagemap)) {
            let Some((pages, stored)) = self.pages_of(&name) else { continue };
            let compressed = format!("pages-{pages}.comp.img");
            if stored && self.checkpoint.images().member(&compressed).is_none() {
                self.want(format!("pages-{pages}.img"), || format!("{name} says that its pages are there"));
            }
        }
    }

    /// The number of the pages file that a pagemap names, and whether the first run of it is stored there.
    fn pages_of(&self, name: &str) -> Option<(u32, bool)> {
        const IN_PARENT: u32 = 1;
        const PRESENT: u32 = 4;
        let member = self.checkpoint.images().member(name)?;
        // The head and the first run are all that is looked at, however long the pagemap is.
        let head = member.head();
        let image = icecore_images::Image::parse(name, &head).ok()?;
        let pages = image.records::<PagemapHead>().next()?.ok()?.message.pages_id;
        let stored =
            image.records::<icecore_images::messages::PagemapEntry>().take(16).flatten().any(|record| {
                let entry = record.message;
                let parent =
                    entry.in_parent == Some(true) || entry.flags.is_some_and(|flags| flags & IN_PARENT != 0);
                !parent && entry.flags.is_none_or(|flags| flags & PRESENT != 0)
            });
        Some((pages, stored))
    }

    fn files(&mut self) {
        let inventory: Option<InventoryEntry> = self.read("inventory.img").into_iter().next();
        let closed = inventory.is_some_and(|inventory| inventory.tcp_close == Some(true));
        let files: Vec<FileEntry> = self.read("files.img");
        for file in &files {
            let stream = file.isk.as_ref().filter(|socket| {
                socket.proto == TCP
                    && !WITHOUT_STREAM.contains(&socket.state)
                    && socket.dst_port != 0
                    && !closed
            });
            if let Some(socket) = stream {
                let id = file.id;
                self.want(format!("tcp-stream-{:x}.img", socket.ino), || {
                    format!("file {id} of files.img is a TCP connection")
                });
            }
            if file.memfd.is_some() {
                let id = file.id;
                self.want("memfd.img".into(), || format!("file {id} of files.img is a memory file"));
            }
        }
        self.ghosts();
        for memfd in self.read::<MemfdInodeEntry>("memfd.img").into_iter().filter(|memfd| memfd.size > 0) {
            let id = memfd.inode_id;
            self.want(format!("pagemap-shmem-{}.img", memfd.shmid), || {
                format!("inode {id} of memfd.img names it")
            });
        }
    }

    fn ghosts(&mut self) {
        let remaps: Vec<RemapFilePathEntry> = self.read("remap-fpath.img");
        let ghosts = remaps.iter().filter(|remap| remap.remap_type == Some(RemapType::GHOST));
        let named: BTreeSet<u32> = ghosts.map(|remap| remap.remap_id).collect();
        for id in &named {
            self.want(format!("ghost-file-{id:x}.img"), || String::from("remap-fpath.img names it"));
        }
        if let Some(ghost) = self.of_kind(Kind::GhostFile).first() {
            self.want("remap-fpath.img".into(), || {
                format!("{ghost} is there, and only this says whose content it is")
            });
        }
    }

    /// System V shared memory has its content in images of its own.
    fn segments(&mut self) {
        for name in self.of_kind(Kind::IpcnsShm) {
            let segments: Vec<IpcShmEntry> = self.read(&name);
            for segment in segments.iter().filter(|segment| segment.in_pagemaps == Some(true)) {
                let id = segment.desc.id;
                self.want(format!("pagemap-shmem-{id}.img"), || format!("{name} lists segment {id}"));
            }
        }
    }

    /// The names of the images of a kind.
    fn of_kind(&self, wanted: Kind) -> Vec<String> {
        let images = self.checkpoint.images().known().filter(|(_, kind, _)| *kind == wanted);
        images.map(|(name, _, _)| name.to_str_lossy().into_owned()).collect()
    }

    /// Temporary file systems of the container have their content in images.
    fn mounts(&mut self) {
        let images = self.checkpoint.images();
        for name in self.of_kind(Kind::Mnts) {
            let mounts: Vec<MntEntry> = self.read(&name);
            // Single files of a file system may be mounted from outside, as `/dev/null` over a masked path; whether its
            // content is in the dump hangs on the mount of the whole.
            let whole = mounts.iter().filter(|mount| mount.root == "/");
            let external: BTreeSet<u32> =
                whole.clone().filter(|mount| is_external(mount)).map(|mount| mount.root_dev).collect();
            let is_own = |mount: &&MntEntry| {
                i32::try_from(mount.fstype) == Ok(Fstype::TMPFS.0) && !external.contains(&mount.root_dev)
            };
            // Until CRIU 1.2 the image was called after the mount.
            let is_old =
                |mount: &&MntEntry| images.member(&format!("tmpfs-{}.tar.gz.img", mount.mnt_id)).is_some();
            for mount in whole.filter(is_own).filter(|mount| !is_old(mount)) {
                let at = mount.mountpoint.escape_bytes().to_string();
                let image = format!("tmpfs-dev-{}.tar.gz.img", mount.root_dev);
                self.want(image, || format!("{name} lists a temporary file system at `{at}`"));
            }
        }
    }
}

fn is_external(mount: &MntEntry) -> bool {
    mount.ext_key.is_some() || mount.ext_mount == Some(true) || mount.with_plugin == Some(true)
}
