//! Bytes as a script: which members an archive of files has, and where their names and links lead.

use icecore_synth::{Dialect, Dump, Field, Header, Record, Tar};

/// What a name is put together from: what climbs, what is there, what engines and this program give a meaning.
const PARTS: [&[u8]; 26] = [
    b"..",
    b".",
    b"",
    b"a",
    b"A",
    b"b",
    b"etc",
    b"passwd",
    b"victim",
    b"trap",
    b"nest",
    b"out",
    b"diff",
    b"manifest.json",
    b"%partial",
    b"%2E%2E",
    b"%~2",
    b"a%~2",
    b"%~deep",
    b".wh.a",
    b".wh..wh..opq",
    b".wh...",
    b"con",
    b"\xff\x1b\n",
    b"a\0b",
    "e\u{301}".as_bytes(),
];
/// Parts of one name, and members of one archive.
const DEEPEST: usize = 12;
const MEMBERS: usize = 60;
/// The last choices for a part are a long one, and bytes of the input.
const CHOICES: usize = PARTS.len() + 2;

/// The archives of files in a checkpoint.
const LAYERS: [&str; 4] =
    ["rootfs-diff.tar", "checkpoint/tmpfs-dev-42.tar.gz.img", "devshm-checkpoint.tar", "volumes/trap.tar"];

/// The bytes of an input that are left; behind its end are zeros.
#[derive(Debug)]
pub(super) struct Script<'a> {
    rest: &'a [u8],
}

/// What a checkpoint has of files.
#[derive(Debug, Default)]
struct Parts {
    layers: [Tar; LAYERS.len()],
    deleted: Vec<String>,
    volume: Option<Vec<u8>>,
    dump: Dump,
    ids: u32,
}

impl<'a> Script<'a> {
    pub(super) fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    /// Plays it, and gives the checkpoint that it made.
    pub(super) fn archive(mut self, spec: &str) -> Vec<u8> {
        let mut parts = Parts::default();
        for _ in 0..MEMBERS {
            if self.rest.is_empty() {
                break;
            }
            self.step(&mut parts);
        }
        parts.archive(spec)
    }

    fn step(&mut self, parts: &mut Parts) {
        match self.below(8) {
            0 => parts.deleted.push(String::from_utf8_lossy(&self.name()).into_owned()),
            1 => {
                let (ghost, mode) = (self.name(), self.mode());
                parts.ghost(&ghost, mode);
            }
            2 => {
                let (root, mountpoint) = (self.name(), self.name());
                parts.mount(&root, &mountpoint);
            }
            3 => parts.volume = Some(self.name()),
            _ => {
                let layer = self.below(LAYERS.len());
                let tar = std::mem::take(&mut parts.layers[layer]);
                parts.layers[layer] = self.member(tar);
            }
        }
    }

    /// One member of an archive of files, with its name and link in one of the forms that tars have.
    fn member(&mut self, tar: Tar) -> Tar {
        const FLAGS: &[u8; 12] = b"0001112253Z6";
        let flag = FLAGS[self.below(FLAGS.len())];
        let (name, link) = (self.name(), self.name());
        let (form, mode) = (self.below(6), self.mode());
        let body = [b"", &b"content"[..], &[b'x'; 600]][self.below(3)];
        let body = if flag == b'0' { body } else { b"" };
        let header = |name: &[u8], link: &[u8]| {
            let header = Header::new(flag, name).link(link).mode(mode).owner(12_345, 54_321).mtime(1 << 30);
            header.number(Field::Major, 1).number(Field::Minor, 3)
        };
        match form {
            0 => tar.pax(&[("path", &name), ("linkpath", &link)]).member(header(b"x", b"y"), body),
            1 => tar.long_name(&name).long_link(&link).member(header(b"x", b"y"), body),
            2 => {
                let cut = name.len().saturating_sub(100);
                tar.member(header(&name[cut..], &link).field(Field::Prefix, &name[..cut]), body)
            }
            3 if flag == b'0' => self.sparse(tar.pax(&[("path", &name)]), mode),
            4 => tar.pax_global(&[("path", &name)]).member(header(&name, &link), body),
            _ => tar.member(header(&name, &link), body),
        }
    }

    /// A file with holes; some of them are larger than any disk.
    fn sparse(&mut self, tar: Tar, mode: u32) -> Tar {
        const SIZES: [u64; 4] = [1 << 12, 1 << 20, 1 << 40, u64::MAX >> 1];
        let (dialect, size) = (Dialect::ALL[self.below(Dialect::ALL.len())], SIZES[self.below(SIZES.len())]);
        // Holes are hashed, which takes its time: those of a few hundred mebibytes say as much as larger ones.
        let at = u64::from(self.byte()) << self.below(21);
        tar.sparse(dialect, if mode & 1 == 0 { "../sparse" } else { "sparse" }, size, &[(at, b"data")])
    }

    fn mode(&mut self) -> u32 {
        u32::from(self.byte()) << 4 | u32::from(self.byte() & 0o17)
    }

    /// A name of many parts, absolute or not.
    fn name(&mut self) -> Vec<u8> {
        let shape = usize::from(self.byte());
        let mut name = if shape & 1 == 0 { Vec::new() } else { b"/".to_vec() };
        for index in 0..(shape >> 1) % DEEPEST {
            if index > 0 {
                name.push(b'/');
            }
            match self.below(CHOICES) {
                long if long == PARTS.len() => name.extend([b"n\xc3\xa9".as_slice(); 120].concat()),
                own if own > PARTS.len() => name.extend((0..self.below(8)).map(|_| self.byte())),
                part => name.extend(PARTS[part]),
            }
        }
        name
    }

    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *first
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit
    }
}

impl Parts {
    /// A file that was open without a name, by the name that it had.
    fn ghost(&mut self, path: &[u8], mode: u32) {
        self.ids += 1;
        let (id, file) = (self.ids, self.ids + 1000);
        let dump = std::mem::take(&mut self.dump);
        self.dump = dump
            .with_record(&format!("ghost-file-{id:x}.img"), "ghost_file_entry", |ghost| {
                ghost.set("mode", 0o10_0000 | mode)
            })
            .raw(&format!("ghost-file-{id:x}.img"), b"ghost")
            .with_file(file, "REG", |record| record.set("name", path.to_vec()))
            .with_record("remap-fpath.img", "remap_file_path_entry", |remap| {
                remap.set("orig_id", file).set("remap_id", id).set("remap_type", "GHOST")
            });
    }

    /// Where the temporary file system was.
    fn mount(&mut self, root: &[u8], mountpoint: &[u8]) {
        self.ids += 1;
        let id = self.ids;
        let mount = |record: Record| {
            let record = record.set("fstype", 5u32).set("mnt_id", id).set("root_dev", 42u32);
            record.set("root", root.to_vec()).set("mountpoint", mountpoint.to_vec())
        };
        self.dump = std::mem::take(&mut self.dump).with_record("mountpoints-2.img", "mnt_entry", mount);
    }

    fn archive(self, spec: &str) -> Vec<u8> {
        let mut tar = Tar::new().file("spec.dump", spec).file("config.dump", "{}");
        for name in self.dump.names() {
            tar = tar.file(format!("checkpoint/{name}"), self.dump.get(name).unwrap_or_default());
        }
        if !self.deleted.is_empty() {
            let list = serde_json::to_vec(&self.deleted).expect("a list of texts");
            tar = tar.file("deleted.files", list);
        }
        for (name, layer) in LAYERS.into_iter().zip(self.layers) {
            let volume = self.volume.as_ref().filter(|_| name.starts_with("volumes/"));
            let name = volume.map_or(name.into(), |name| [b"volumes/", name.as_slice(), b".tar"].concat());
            if layer.position() > 0 {
                tar = tar.pax(&[("path", &name)]).file("x", layer.finish());
            }
        }
        tar.finish()
    }
}
