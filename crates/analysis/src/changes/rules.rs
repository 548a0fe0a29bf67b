//! What is remarkable about a changed file: one table, a row a flag.

use bstr::ByteSlice;
use icecore::filesystem::{Entry, FileType};

/// What a rule looks at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) entry: &'a Entry<'a>,
    /// Seconds since 1970 of the checkpoint, if that is known.
    pub(super) checkpointed: Option<i64>,
    /// Whether something is mounted over it, so that no process saw it.
    pub(super) is_mount_point: bool,
    /// Whether something is mounted over a directory above it.
    pub(super) is_under_mount: bool,
    /// Whether the form of the diff knows no whiteouts, so that a name like one is a name.
    pub(super) is_file_list: bool,
}

/// A flag: its name in JSON, what it says, and when it is set.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Flag {
    /// The stable name.
    pub name: &'static str,
    /// What it says, in a sentence.
    pub about: &'static str,
    holds: fn(&Facts<'_>) -> bool,
}

/// Makes the table of rows of a name, a sentence and a condition.
macro_rules! flags {
    ($($name:literal $about:literal $holds:expr;)+) => {
        /// All flags, in the order in which they are listed.
        pub const FLAGS: &[Flag] = &[$(Flag { name: $name, about: $about, holds: $holds }),+];
    };
}

flags! {
    "mount-point" "Something was mounted over it: a stub that the engine made, which no process saw." |it| it.is_mount_point;
    "under-mount" "Something was mounted over a directory above it: as the container was frozen, no process saw it." |it| it.is_under_mount;
    "set-uid" "It runs as its owner, whoever starts it." |it| it.is_program() && it.mode() & 0o4000 != 0;
    "set-gid" "It runs as its group, whoever starts it." |it| it.is_program() && it.mode() & 0o2000 != 0;
    "file-capabilities" "It runs with capabilities of its own." |it| it.entry.xattrs().any(|(name, _)| name == "security.capability");
    "new-executable" "It can be run, and the image does not have it like this." |it| it.is_program();
    "device" "It is a device node." |it| matches!(it.entry.file_type, FileType::CharDevice | FileType::BlockDevice);
    "system-binary" "It lies where programs of the system are." |it| it.is_file() && it.below(&["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/"]);
    "system-library" "It lies where libraries of the system are." |it| it.is_file() && it.below(&["/lib/", "/lib64/", "/lib32/", "/usr/lib/", "/usr/lib64/", "/usr/lib32/"]);
    "cron" "It makes something run at a time." |it| it.below(&["/etc/cron", "/var/spool/cron/", "/etc/anacrontab"]);
    "startup" "It makes something run at a start." |it| it.below(&["/etc/init.d/", "/etc/rc", "/etc/systemd/", "/usr/lib/systemd/", "/lib/systemd/", "/etc/inittab"]);
    "ssh-keys" "Keys and settings by which somebody gets in." |it| it.below(&["/etc/ssh/"]) || it.entry.path.contains_str("/.ssh/");
    "shell-profile" "Shells run it." |it| it.below(&["/etc/profile", "/etc/bash.bashrc", "/etc/bashrc", "/etc/zsh/", "/etc/environment"]) || it.is_called(PROFILES);
    "ld-preload" "It makes the loader take libraries into every program." |it| it.below(&["/etc/ld.so."]);
    "accounts" "It says who there is, and who may do what." |it| it.is(ACCOUNTS) || it.below(&["/etc/sudoers.d/", "/etc/pam.d/"]);
    "web-root" "It lies where web servers serve files from." |it| it.below(&["/var/www/", "/srv/www/", "/srv/http/", "/usr/share/nginx/html/", "/usr/local/apache2/htdocs/"]);
    "hidden-name" "Its name, or that of a directory above it, begins with a dot." |it| it.components().any(|part| part.starts_with(b".") && part != b"." && part != b"..");
    "odd-name" "Its name has bytes that a terminal does not show as they are." |it| is_odd(&it.entry.path);
    "climbing-name" "Its name has `..` in it: somebody put that there." |it| it.components().any(|part| part == b"..");
    "whiteout-name" "It is called as deletions are by other engines; here it is a file." |it| it.is_file_list && it.entry.name().starts_with(b".wh.");
    "world-writable" "Everybody may write to it." |it| it.is_file() && it.mode() & 0o2 != 0;
    "future-time" "It was last changed after the checkpoint: its time was set." |it| it.time().zip(it.checkpointed).is_some_and(|(time, now)| time > now.saturating_add(HOUR));
    "old-time" "It was last changed before 2000, long before there were containers: its time was set, or it was unpacked so." |it| it.time().is_some_and(|time| time < YEAR_2000);
}

/// Clocks of a machine and an engine may differ, and engines cut times to seconds.
const HOUR: i64 = 3600;
/// 2000-01-01 in seconds since 1970.
const YEAR_2000: i64 = 946_684_800;

/// Files of a user that shells run.
const PROFILES: &[&str] = &[
    ".profile",
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".bash_logout",
    ".bash_aliases",
    ".zshrc",
    ".zprofile",
    ".zshenv",
    ".zlogin",
    ".kshrc",
    ".cshrc",
    ".tcshrc",
];

/// Files that say who there is.
const ACCOUNTS: &[&str] = &[
    "/etc/passwd",
    "/etc/passwd-",
    "/etc/shadow",
    "/etc/shadow-",
    "/etc/group",
    "/etc/group-",
    "/etc/gshadow",
    "/etc/gshadow-",
    "/etc/sudoers",
    "/etc/doas.conf",
    "/etc/subuid",
    "/etc/subgid",
    "/etc/nsswitch.conf",
];

/// The flags that hold. A stub under a mount has that one alone: whatever else is odd about it, nobody saw it.
pub(super) fn flags_of(facts: &Facts<'_>) -> Vec<&'static str> {
    let holding = FLAGS.iter().filter(|flag| (flag.holds)(facts)).map(|flag| flag.name);
    if facts.is_mount_point { holding.take(1).collect() } else { holding.collect() }
}

impl Facts<'_> {
    fn is_file(&self) -> bool {
        self.entry.is_file()
    }

    fn is_program(&self) -> bool {
        self.is_file() && self.entry.size > Some(0) && self.mode() & 0o111 != 0
    }

    fn mode(&self) -> u32 {
        self.entry.mode.unwrap_or(0)
    }

    fn time(&self) -> Option<i64> {
        // Times of directories and links follow from what is done beside them.
        self.entry.mtime.filter(|_| self.is_file()).map(|time| time.seconds)
    }

    fn below(&self, prefixes: &[&str]) -> bool {
        prefixes.iter().any(|prefix| self.entry.path.starts_with_str(prefix))
    }

    fn is(&self, paths: &[&str]) -> bool {
        paths.iter().any(|path| self.entry.path == *path)
    }

    fn is_called(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.entry.name() == name)
    }

    fn components(&self) -> impl Iterator<Item = &[u8]> {
        self.entry.path.split_str("/")
    }
}

/// Whether a name has control characters, invalid UTF-8, characters that turn the direction of text, or blanks at an end
/// of a component.
fn is_odd(path: &[u8]) -> bool {
    let hides = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let blank_at_end = |part: &[u8]| part.first() == Some(&b' ') || part.last() == Some(&b' ');
    match path.to_str() {
        Ok(text) => text.chars().any(hides) || path.split_str("/").any(blank_at_end),
        Err(_) => true,
    }
}
