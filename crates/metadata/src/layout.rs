//! What the metadata needs to know of an archive besides its documents. The caller, who knows archives, fills
//! it in.

use std::collections::BTreeMap;
use std::fmt;

/// Modification times of members in seconds since 1970, as tar headers have them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModificationTimes {
    /// Time of each member of [`ModificationTimes::MEMBERS`] that is there.
    pub members: BTreeMap<String, i64>,
    /// All members of the archive have one time. In a layer of an image that means that its builder chose it.
    pub all_equal: bool,
}

impl ModificationTimes {
    /// Members whose time says something about the moment of the checkpoint, the best first.
    pub const MEMBERS: &'static [&'static str] = &[
        "checkpoint/inventory.img",
        "inventory.img",
        "pre-checkpoint/inventory.img",
        "final/inventory.img",
        "stats-dump",
        "network.status",
        "devshm-checkpoint.tar",
        "config.dump",
    ];
}

/// Facts of the archive itself.
#[derive(Clone)]
pub struct Layout<'a> {
    /// Whether a member of this name is there. Names are normalised: no leading `./` or `/`, no `/` at the
    /// end. A single leading directory that a user added is taken away; `checkpoint/` never is.
    pub has: &'a dyn Fn(&str) -> bool,
    /// Kind of the container, as `tar`, `directory` or `ctr-export`.
    pub kind: &'a str,
    /// Compression of the archive as a whole, as `none`, `gzip` or `zstd`.
    pub compression: &'a str,
    /// `rootfs-diff.tar` begins with gzip's magic bytes.
    pub compressed_diff: bool,
    /// Permission bits of `descriptors.json`.
    pub descriptors_mode: Option<u32>,
    /// Mode fields of the tar hold bits of the file type as well.
    pub mode_has_type: Option<bool>,
    /// Tar headers hold names of users.
    pub user_names: Option<bool>,
    /// Times of members.
    pub times: ModificationTimes,
    /// Annotations on the manifest of a checkpoint image.
    pub manifest: BTreeMap<String, String>,
    /// Annotations of the index of a `ctr` checkpoint, and of the descriptor in `index.json` that names it.
    pub index: BTreeMap<String, String>,
    /// `created` of the configuration of a checkpoint image.
    pub image_created: Option<String>,
    /// Time of the last line of the container's log.
    pub log_end: Option<String>,
    /// Name of the archive's file without its directory. Anybody can name a file: the weakest of hints.
    pub file_name: Option<&'a str>,
}

impl<'a> Layout<'a> {
    /// A layout of which nothing is known but its members.
    pub fn new(has: &'a dyn Fn(&str) -> bool) -> Self {
        Layout {
            has,
            kind: "",
            compression: "",
            compressed_diff: false,
            descriptors_mode: None,
            mode_has_type: None,
            user_names: None,
            times: ModificationTimes::default(),
            manifest: BTreeMap::new(),
            index: BTreeMap::new(),
            image_created: None,
            log_end: None,
            file_name: None,
        }
    }

    /// True if any of these members is there.
    pub(crate) fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| (self.has)(name))
    }

    /// True for images of CRIU without anything that an engine puts beside them.
    ///
    /// A `checkpoint/` with only a log or statistics beside it is what is left of an engine's archive.
    pub fn is_bare(&self) -> bool {
        const BESIDE: &[&str] = &[
            "config.dump",
            "spec.dump",
            "bind.mounts",
            "rootfs-diff.tar",
            "deleted.files",
            "network.status",
            "status",
            "status.dump",
            "container.log",
            "ctr.log",
            "io.kubernetes.cri-o.LogPath",
            "stats-dump",
            "dump.log",
            "artifacts",
        ];
        let below = self.has_any(&["checkpoint", "checkpoint/inventory.img", "pre-checkpoint"]);
        self.kind != "ctr-export"
            && !(below && self.has_any(BESIDE))
            && !self.has_any(&["config.dump", "spec.dump"])
    }
}

impl fmt::Debug for Layout<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layout")
            .field("kind", &self.kind)
            .field("file_name", &self.file_name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_bare(members: &[&str], kind: &str) -> bool {
        let has = |name: &str| members.contains(&name);
        Layout { kind, ..Layout::new(&has) }.is_bare()
    }

    /// What runtimes and CRIU leave, and what engines put around it.
    #[test]
    fn images_alone_are_bare() {
        for members in [
            &["inventory.img", "descriptors.json"][..],
            &["checkpoint", "checkpoint/inventory.img"],
            &["dump.log", "stats-dump", "inventory.img"],
            &["final", "000", "dump.log"],
            &["status", "inventory.img"],
            &[],
        ] {
            assert!(is_bare(members, "directory"), "{members:?}");
        }
        for members in [
            &["config.dump"][..],
            &["spec.dump", "inventory.img"],
            &["checkpoint", "dump.log"],
            &["checkpoint", "bind.mounts"],
            &["checkpoint", "rootfs-diff.tar"],
            &["checkpoint", "ctr.log"],
            &["checkpoint", "artifacts"],
            &["checkpoint/inventory.img", "stats-dump"],
            &["pre-checkpoint", "network.status"],
        ] {
            assert!(!is_bare(members, "tar"), "{members:?}");
        }
        assert!(!is_bare(&["inventory.img"], "ctr-export"));
    }

    #[test]
    fn any_of_several_members_is_enough() {
        let has = |name: &str| name == "b";
        let layout = Layout::new(&has);
        assert!(layout.has_any(&["a", "b"]) && !layout.has_any(&["a", "B"]) && !layout.has_any(&[]));
    }

    #[test]
    fn a_layout_is_shown_without_its_function() {
        let has = |_: &str| true;
        let layout = Layout { kind: "tar", file_name: Some("a.tar"), ..Layout::new(&has) };
        assert_eq!(format!("{layout:?}"), r#"Layout { kind: "tar", file_name: Some("a.tar"), .. }"#);
    }
}
