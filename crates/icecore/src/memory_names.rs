//! What the kernel calls memory that is kept in files which nobody can find by a path.

use bstr::BString;

/// The files in which the kernel keeps shared memory that was mapped without one: of ordinary pages, and of huge ones.
const ANONYMOUS: [&[u8]; 2] = [b"/dev/zero", HUGE];

const HUGE: &[u8] = b"/anon_hugepage";

/// What `/proc/PID/maps` shows for private anonymous memory of huge pages.
pub(crate) const HUGE_SHOWN: &str = "/anon_hugepage (deleted)";

/// What it shows for shared anonymous memory of ordinary pages.
pub(crate) const SHARED_SHOWN: &str = "/dev/zero (deleted)";

/// Whether a record of `memfd.img` of this name is shared anonymous memory: CRIU keeps it there since 3.14, though
/// nobody made it with memfd_create(2).
pub(crate) fn is_anonymous(name: &[u8]) -> bool {
    ANONYMOUS.contains(&name)
}

/// What `/proc/PID/maps` and `/proc/PID/fd` show for a record of `memfd.img` of this name.
pub(crate) fn shown(name: &[u8]) -> BString {
    let prefix: &[u8] = if is_anonymous(name) { b"" } else { b"/memfd:" };
    [prefix, name, b" (deleted)"].concat().into()
}
