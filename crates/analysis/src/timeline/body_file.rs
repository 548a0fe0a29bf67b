//! The body file of The Sleuth Kit, which `mactime` and plaso read.
//!
//! ```text
//! MD5|name|inode|mode_as_string|UID|GID|size|atime|mtime|ctime|crtime
//! ```
//!
//! Times are whole seconds since 1970. What a checkpoint does not have is 0: hashes, inodes, most times but `mtime`. Names are
//! escaped: `|`, backslashes, control characters and whatever is no UTF-8 stand as `\xNN`, so that a line is always one file, and the
//! name can be had back. Behind the name stand ` -> ` and the target of a link, and ` (deleted)` where the name was gone. Members of
//! the archive and times of the container are lines too, behind `[member]` and the kind of event. Messages of logs are none.

use std::fmt::Write as _;
use std::io::{self, Write};

use bstr::ByteSlice;
use icecore::Checkpoint;
use icecore::archive::{Member, Timestamp};
use icecore::filesystem::{Entry, FileType};

use super::{Event, EventKind, sources};

/// Writes a line for each file, each member and each time of the container. They are not sorted: who reads them sorts.
///
/// # Errors
/// What `out` says.
pub fn write(checkpoint: &Checkpoint, out: &mut dyn Write) -> io::Result<()> {
    for entry in checkpoint.filesystem().entries() {
        line(&of_file(&entry), out)?;
    }
    for member in sources::members(checkpoint) {
        line(&of_member(member), out)?;
    }
    sources::of_container(checkpoint).iter().try_for_each(|event| line(&of_container(event), out))
}

/// What a line says.
#[derive(Default)]
struct Line {
    name: String,
    mode: String,
    uid: u64,
    gid: u64,
    size: u64,
    /// When it was modified, accessed, changed and created, as events are ordered.
    times: [Option<Timestamp>; 4],
}

fn of_file(entry: &Entry<'_>) -> Line {
    let mut name = String::new();
    escape(&entry.path, &mut name);
    if let Some(target) = &entry.link {
        name.push_str(" -> ");
        escape(target, &mut name);
    }
    if entry.deleted && !entry.path.ends_with(b" (deleted)") {
        name.push_str(" (deleted)");
    }
    Line {
        name,
        mode: mode(entry.file_type, entry.mode.unwrap_or_default()),
        uid: entry.uid.unwrap_or_default(),
        gid: entry.gid.unwrap_or_default(),
        size: entry.size.unwrap_or(0),
        times: sources::times_of_file(entry),
    }
}

fn of_member(member: &Member) -> Line {
    let mut name = String::from("[member] ");
    escape(&member.raw_name(), &mut name);
    Line {
        name,
        mode: mode(FileType::of_member(member.kind), member.mode),
        uid: member.uid,
        gid: member.gid,
        size: member.size,
        times: sources::times_of_member(member),
    }
}

fn of_container(event: &Event) -> Line {
    let mut name = format!("[{}] ", event.kind.name());
    escape(event.subject.as_bytes(), &mut name);
    let time = Some(event.time);
    let is_creation = event.kind == EventKind::Created;
    let times = if is_creation { [None, None, None, time] } else { [time, None, None, None] };
    Line { name, times, ..Line::default() }
}

/// Writes a line, unless no time is known: it would be about nothing.
fn line(line: &Line, out: &mut dyn Write) -> io::Result<()> {
    if line.times.iter().all(Option::is_none) {
        return Ok(());
    }
    let Line { name, mode, uid, gid, size, times } = line;
    let mode = if mode.is_empty() { "0" } else { mode };
    let [modified, accessed, changed, created] =
        times.map(|time| time.map_or(0, |time: Timestamp| time.seconds));
    writeln!(out, "0|{name}|0|{mode}|{uid}|{gid}|{size}|{accessed}|{modified}|{changed}|{created}")
}

/// The letters of a type as The Sleuth Kit has them, for the name and for the file, then those of `ls -l`.
fn mode(file_type: FileType, bits: u32) -> String {
    let letter = match file_type {
        FileType::File => 'r',
        FileType::Directory => 'd',
        FileType::Symlink => 'l',
        FileType::CharDevice => 'c',
        FileType::BlockDevice => 'b',
        FileType::Fifo => 'p',
        FileType::Socket => 'h',
        _ => '-',
    };
    let mut text = format!("{letter}/{letter}");
    for (shift, special, execute_and, alone) in
        [(6, 0o4000, 's', 'S'), (3, 0o2000, 's', 'S'), (0, 0o1000, 't', 'T')]
    {
        let of_class = bits.wrapping_shr(shift);
        text.push(if of_class & 4 != 0 { 'r' } else { '-' });
        text.push(if of_class & 2 != 0 { 'w' } else { '-' });
        text.push(match (of_class & 1 != 0, bits & special != 0) {
            (true, true) => execute_and,
            (false, true) => alone,
            (true, false) => 'x',
            (false, false) => '-',
        });
    }
    text
}

/// A name in a field: one line, no separator, valid UTF-8, and to be had back.
fn escape(name: &[u8], out: &mut String) {
    for (start, end, letter) in name.char_indices() {
        let bytes = name.get(start..end).unwrap_or_default();
        let is_invalid = letter == char::REPLACEMENT_CHARACTER && bytes != "\u{fffd}".as_bytes();
        if is_invalid || letter.is_control() || matches!(letter, '|' | '\\') {
            for byte in bytes {
                // Writing to a string does not fail.
                let _ = write!(out, "\\x{byte:02x}");
            }
        } else {
            out.push(letter);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn escaped(name: &[u8]) -> String {
        let mut text = String::new();
        escape(name, &mut text);
        text
    }

    /// What stands for a name, back to the name.
    fn unescaped(text: &str) -> Vec<u8> {
        let mut parts = text.split("\\x");
        let mut bytes = parts.next().unwrap().as_bytes().to_vec();
        for part in parts {
            let (digits, rest) = part.split_at(2);
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            bytes.extend(rest.as_bytes());
        }
        bytes
    }

    #[test]
    fn modes_are_those_of_ls_behind_the_type() {
        for (file_type, bits, text) in [
            (FileType::File, 0o644, "r/rrw-r--r--"),
            (FileType::File, 0o4755, "r/rrwsr-xr-x"),
            (FileType::File, 0o6600, "r/rrwS--S---"),
            (FileType::Directory, 0o1777, "d/drwxrwxrwt"),
            (FileType::Directory, 0o1000, "d/d--------T"),
            (FileType::Symlink, 0o777, "l/lrwxrwxrwx"),
            (FileType::Fifo, 0, "p/p---------"),
        ] {
            assert_eq!(mode(file_type, bits), text);
        }
    }

    #[test]
    fn odd_names_stay_on_their_line_and_in_their_field() {
        for (name, text) in [
            (&b"/etc/plain"[..], "/etc/plain"),
            ("/größe".as_bytes(), "/größe"),
            (b"a|b\nc\\x41", r"a\x7cb\x0ac\x5cx41"),
            (b"\xff\x1b[2J", r"\xff\x1b[2J"),
            ("\u{fffd}\u{85}".as_bytes(), "\u{fffd}\\xc2\\x85"),
        ] {
            assert_eq!(escaped(name), text);
            assert_eq!(unescaped(text), name);
        }
    }

    proptest! {
        #[test]
        fn any_name_comes_back(name: Vec<u8>) {
            let text = escaped(&name);
            prop_assert!(!text.contains(['|', '\n', '\r', '\0']));
            prop_assert_eq!(unescaped(&text), name);
        }
    }
}
