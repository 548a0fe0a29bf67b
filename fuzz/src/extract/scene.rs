//! A folder with something to lose around the directory that is extracted into.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::Path;

use tempfile::TempDir;

/// The folder; it is gone with this value.
#[derive(Debug)]
pub(super) struct Scene {
    folder: TempDir,
    out: String,
}

/// Everything below a folder by its name there.
pub(super) type Walk = BTreeMap<String, Seen>;

/// What stands under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// Type and permission bits, as of lstat(2).
    pub(super) mode: u32,
    /// Names of it, its bytes, and when it was changed; of a directory nothing, what is made in it changes them.
    facts: Option<(u64, u64, i64, i64)>,
    /// The content of a file that is not large, the target of a link.
    pub(super) bytes: Option<Vec<u8>>,
}

/// Files above this are not read back, in bytes: their holes would take time.
const LARGEST: u64 = 4 << 20;

impl Scene {
    /// Makes it, in memory where the system has a place for that.
    pub(super) fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let folder = folder.expect("a folder to work in");
        let out = folder.path().join("nest/out").into_os_string().into_string().expect("a path of letters");
        let scene = Self { folder, out };
        scene.furnish().expect("room for a few small files");
        scene
    }

    /// Files that nobody may touch, and links on the way to them.
    fn furnish(&self) -> std::io::Result<()> {
        let top = self.folder.path();
        for folder in ["victim/etc", "nest"] {
            fs::create_dir_all(top.join(folder))?;
        }
        for file in ["passwd", "victim/etc/passwd", "nest/passwd", "manifest.json", "nest/manifest.json"] {
            fs::write(top.join(file), "untouched")?;
        }
        symlink("victim", top.join("trap"))?;
        symlink("../victim", top.join("nest/trap"))
    }

    /// The directory to extract into, which is not there yet.
    pub(super) fn out(&self) -> &str {
        &self.out
    }

    /// What stands beside that directory.
    pub(super) fn around(&self) -> Walk {
        let mut seen = Walk::new();
        walk(self.folder.path(), "", &|path| path != Path::new(&self.out), &mut seen);
        seen
    }

    /// What stands in that directory.
    pub(super) fn inside(&self) -> Walk {
        let mut seen = Walk::new();
        walk(Path::new(&self.out), "", &|_| true, &mut seen);
        seen
    }
}

/// Goes through a folder and follows no link.
fn walk(folder: &Path, above: &str, wanted: &dyn Fn(&Path) -> bool, seen: &mut Walk) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("a folder that can be read").path();
        if !wanted(&path) {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_str().expect("names of letters");
        let name = if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") };
        let one = Seen::of(&path);
        let is_directory = one.is_directory();
        seen.insert(name.clone(), one);
        if is_directory {
            walk(&path, &name, wanted, seen);
        }
    }
}

impl Seen {
    fn of(path: &Path) -> Self {
        let metadata = fs::symlink_metadata(path).expect("what is listed is there");
        let kind = metadata.file_type();
        let facts = |it: &Metadata| (it.nlink(), it.len(), it.mtime(), it.mtime_nsec());
        let read = || fs::read(path).expect("a file that can be read");
        let target = || fs::read_link(path).expect("a link that can be read").into_os_string().into_vec();
        let is_small = kind.is_file() && metadata.len() <= LARGEST;
        Self {
            mode: metadata.mode(),
            facts: (!kind.is_dir()).then(|| facts(&metadata)),
            bytes: if kind.is_symlink() { Some(target()) } else { is_small.then(read) },
        }
    }

    fn is_directory(&self) -> bool {
        self.kind() == "dir"
    }

    /// The word of the manifest for its type.
    pub(super) fn kind(&self) -> &'static str {
        icecore::filesystem::FileType::of_mode(self.mode).name()
    }
}
