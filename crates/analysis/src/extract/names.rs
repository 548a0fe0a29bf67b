//! Names that are safe on any file system, each from the bytes that the container had, and no two the same.
//!
//! ```text
//! diff/etc/motd            /etc/motd
//! diff/tmp/a%0Ab           a newline in the name
//! diff/tmp/%2E%2E/x        `..` in a name, which leads nowhere
//! diff/tmp/Readme%~2       beside `README`: some file systems take these for one
//! ```
//!
//! `%` and two digits are a byte that is not written as it is, so a name can be read back; `%~` stands in front of what
//! was added. The manifest has the true bytes.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use bstr::{ByteSlice, ByteVec as _};

use crate::hashes::Sha256;

/// Bytes of a component that are kept; file systems take 255, less what is added.
const LONGEST: usize = 200;
/// Components and bytes of a path that are made as they are; what is deeper is named by the sum of its path.
const DEEPEST: usize = 100;
const LONGEST_PATH: usize = 2000;
/// What a file without a name is called.
const UNNAMED: &str = "%~unnamed";
/// The folder for what lies deeper.
const DEEP: &str = "%~deep";

/// Places that were given away.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Which of several alike a directory is, by its true path.
    directories: HashMap<u64, u32>,
    /// How many have a name, by the name in lower case.
    taken: HashMap<u64, u32>,
    /// The directory of the last place: files of one come behind one another.
    last: Option<Above>,
}

/// A directory that places are in.
#[derive(Debug)]
struct Above {
    folder: String,
    /// Its true path.
    path: Vec<u8>,
    place: String,
    hash: u64,
    /// Components of its path, and their bytes as they are written.
    depth: usize,
    length: usize,
}

impl Above {
    /// Whether one more component makes no path that is too deep.
    fn takes(&self, name: &str) -> bool {
        self.depth < DEEPEST && self.length.saturating_add(name.len()) < LONGEST_PATH
    }
}

impl Names {
    /// The place of a file below a folder that nobody else has. `None` for a directory that lies too deep.
    pub(super) fn place(&mut self, folder: &str, path: &[u8], is_directory: bool) -> Option<String> {
        let trimmed = path.trim_end_with(|c| c == '/');
        let (above, own) = trimmed.rsplit_once_str(b"/").unwrap_or((b"", trimmed));
        if own.is_empty() {
            // The top; a file can be there in an archive that was made by hand.
            return Some(if is_directory { folder.to_owned() } else { self.file(folder, UNNAMED) });
        }
        let name = component(own);
        let last = self.last.take().filter(|last| last.folder == folder && last.path == above);
        let above = last.or_else(|| self.above(folder, above)).filter(|above| above.takes(&name));
        let Some(above) = above else {
            let sum = Sha256::of(path).to_string();
            return (!is_directory).then(|| self.file(&format!("{folder}/{DEEP}"), &sum));
        };
        let place = if is_directory {
            self.directory(&above.place, &name, hash_of(&(above.hash, own)))
        } else {
            self.file(&above.place, &name)
        };
        self.last = Some(above);
        Some(place)
    }

    /// The directory at a path, unless it lies too deep.
    fn above(&mut self, folder: &str, path: &[u8]) -> Option<Above> {
        let parts = path.split(|&byte| byte == b'/').filter(|part| !part.is_empty());
        let parts: Vec<(&[u8], String)> = parts.map(|part| (part, component(part))).collect();
        let length =
            parts.iter().fold(0_usize, |sum, (_, name)| sum.saturating_add(name.len()).saturating_add(1));
        if parts.len() > DEEPEST || length > LONGEST_PATH {
            return None;
        }
        let (mut place, mut hash) = (folder.to_owned(), hash_of(folder));
        for (part, name) in &parts {
            hash = hash_of(&(hash, part));
            place = self.directory(&place, name, hash);
        }
        Some(Above {
            folder: folder.to_owned(),
            path: path.to_vec(),
            place,
            hash,
            depth: parts.len(),
            length,
        })
    }

    fn file(&mut self, folder: &str, name: &str) -> String {
        let number = self.take(folder, name);
        join(folder, name, number)
    }

    /// The directory with this true path, which stays the same.
    fn directory(&mut self, folder: &str, name: &str, path: u64) -> String {
        let number = match self.directories.get(&path) {
            Some(number) => *number,
            None => {
                let number = self.take(folder, name);
                self.directories.insert(path, number);
                number
            }
        };
        join(folder, name, number)
    }

    /// How many had this name before, also in other case.
    fn take(&mut self, folder: &str, name: &str) -> u32 {
        let before = self.taken.entry(hash_of(&(folder, name.to_lowercase()))).or_default();
        let number = *before;
        *before = before.saturating_add(1);
        number
    }
}

fn join(folder: &str, name: &str, before: u32) -> String {
    match before {
        0 => format!("{folder}/{name}"),
        _ => format!("{folder}/{name}%~{}", before.saturating_add(1)),
    }
}

fn hash_of(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// One component as it can be written anywhere.
fn component(bytes: &[u8]) -> String {
    let mut safe = String::new();
    let is_dots = bytes.iter().all(|&byte| byte == b'.');
    let last = bytes.len().saturating_sub(1);
    for (start, end, c) in bytes.char_indices() {
        let raw = bytes.get(start..end).unwrap_or_default();
        // Windows drops dots and blanks at the end.
        let is_end = start == last && (c == '.' || c == ' ');
        if is_dots || is_end || !is_plain(c, raw) {
            raw.iter().for_each(|byte| safe.push_str(&format!("%{byte:02X}")));
        } else {
            safe.push(c);
        }
    }
    if is_reserved(&safe) {
        safe.insert(0, '%');
        safe.insert(1, '~');
    }
    if safe.len() > LONGEST {
        let kept = safe.char_indices().map(|(at, _)| at).take_while(|at| *at <= LONGEST).last().unwrap_or(0);
        safe.truncate(kept);
        // Not in the middle of an escape.
        let cut = safe.len().saturating_sub(2);
        if let Some(at) = safe.get(cut..).and_then(|end| end.find('%')) {
            safe.truncate(cut.saturating_add(at));
        }
        let sum = Sha256::of(bytes).to_string();
        safe.push_str("%~");
        safe.push_str(sum.get(..16).unwrap_or_default());
    }
    safe
}

/// Whether a character can stand in a name on every file system and terminal.
fn is_plain(c: char, raw: &[u8]) -> bool {
    let is_invalid = c == char::REPLACEMENT_CHARACTER && raw != "\u{fffd}".as_bytes();
    let is_hidden =
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    !is_invalid
        && !is_hidden
        && !c.is_control()
        && !matches!(c, '%' | '<' | '>' | ':' | '"' | '\\' | '|' | '?' | '*' | '/')
}

/// Names that are devices on Windows, whatever their suffix.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered =
        |prefix: &str| stem.strip_prefix(prefix).is_some_and(|rest| matches!(rest.as_bytes(), [b'1'..=b'9']));
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

/// The bytes that an escaped component was made of, where nothing was added or cut.
pub fn unescape(name: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.push_str(before);
        bytes.push(u8::from_str_radix(after.get(..2)?, 16).ok()?);
        rest = after.get(2..)?;
    }
    bytes.push_str(rest);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_written_so_that_they_can_be_read_back() {
        let cases: [(&[u8], &str); 16] = [
            (b"motd", "motd"),
            ("größe".as_bytes(), "größe"),
            (b"a b", "a b"),
            (b"a\nb\tc\x1b", "a%0Ab%09c%1B"),
            (b"\xff\xfe", "%FF%FE"),
            (b"100%", "100%25"),
            (b"a:b\\c", "a%3Ab%5Cc"),
            (b".", "%2E"),
            (b"..", "%2E%2E"),
            (b"...", "%2E%2E%2E"),
            (b"..x", "..x"),
            (b"end.", "end%2E"),
            (b"end ", "end%20"),
            ("a\u{202e}b".as_bytes(), "a%E2%80%AEb"),
            ("\u{fffd}".as_bytes(), "\u{fffd}"),
            (b"-rf", "-rf"),
        ];
        for (bytes, safe) in cases {
            assert_eq!(component(bytes), safe);
            assert_eq!(unescape(safe).unwrap(), bytes, "{safe}");
        }
        for reserved in ["con", "NUL.txt", "Com1", "lpt9.x"] {
            assert_eq!(component(reserved.as_bytes()), format!("%~{reserved}"));
        }
        for free in ["console", "com0", "com10", "xnul"] {
            assert_eq!(component(free.as_bytes()), free);
        }
    }

    #[test]
    fn a_long_name_is_cut_and_told_from_others() {
        for unit in ["x", "é", "\n", "%"] {
            let (one, other) =
                (component(unit.repeat(300).as_bytes()), component(unit.repeat(301).as_bytes()));
            assert!(one.len() < 230 && one != other && one.contains("%~"), "{one}");
            assert!(unescape(one.split("%~").next().unwrap()).is_some(), "{one}");
        }
    }

    fn places(paths: &[(&str, bool)]) -> Vec<String> {
        let mut names = Names::default();
        paths
            .iter()
            .map(|(path, is_directory)| names.place("diff", path.as_bytes(), *is_directory).unwrap())
            .collect()
    }

    #[test]
    fn no_two_files_have_one_place() {
        let given = places(&[
            ("/README", false),
            ("/Readme", false),
            ("/readme", false),
            ("/a", false),
            ("/a/b", false),
            ("/A/b", false),
            ("/a/c", false),
            ("/a/C", false),
            ("/a", true),
            ("/a", true),
        ]);
        let expected = [
            "diff/README",
            "diff/Readme%~2",
            "diff/readme%~3",
            "diff/a",
            "diff/a%~2/b",
            "diff/A%~3/b",
            "diff/a%~2/c",
            "diff/a%~2/C%~2",
            "diff/a%~2",
            "diff/a%~2",
        ];
        assert_eq!(given, expected);
    }

    #[test]
    fn nothing_climbs_and_nothing_is_too_deep() {
        assert_eq!(places(&[("/../../etc/passwd", false)]), ["diff/%2E%2E/%2E%2E/etc/passwd"]);
        assert_eq!(places(&[("//x//./y", false)]), ["diff/x/%2E/y"]);
        let deep = "/d".repeat(10_000);
        let given = places(&[(&deep, false)]);
        assert!(given[0].starts_with("diff/%~deep/") && given[0].len() == 12 + 64, "{given:?}");
        assert_eq!(Names::default().place("diff", deep.as_bytes(), true), None);
        let long = format!("/{}", "é\n".repeat(90)).repeat(20);
        assert!(places(&[(&long, false)])[0].starts_with("diff/%~deep/"));
    }

    #[test]
    fn a_path_is_too_deep_by_its_components_or_its_bytes_and_so_is_all_in_it() {
        let component = "x".repeat(LONGEST - 1);
        let longest = format!("/{component}").repeat(LONGEST_PATH / LONGEST);
        for path in ["/d".repeat(DEEPEST), longest] {
            let mut names = Names::default();
            let beside = |name: &str| format!("{}/{name}", path.rsplit_once('/').unwrap().0);
            for near in [beside("n"), path.clone(), beside("m")] {
                assert_eq!(names.place("diff", near.as_bytes(), false).unwrap(), format!("diff{near}"));
            }
            for deeper in [format!("{path}/n"), format!("{path}/n/n")] {
                assert_eq!(names.place("diff", deeper.as_bytes(), true), None);
                let place = names.place("diff", deeper.as_bytes(), false).unwrap();
                assert_eq!(place, format!("diff/{DEEP}/{}", Sha256::of(deeper.as_bytes())));
            }
        }
    }

    proptest::proptest! {
        /// Any bytes give a name of one component that every file system takes, and files never meet.
        #[test]
        fn any_names_are_safe_and_apart(paths in proptest::collection::vec(proptest::collection::vec(0_u8..=255, 0..40), 1..20)) {
            let mut names = Names::default();
            let mut seen = std::collections::HashSet::new();
            for path in &paths {
                let place = names.place("diff", path, false).unwrap();
                proptest::prop_assert!(seen.insert(place.to_lowercase()), "{}", place);
                for part in place.split('/').skip(1) {
                    proptest::prop_assert!(part != "." && part != ".." && part.len() <= 255);
                    proptest::prop_assert!(!part.chars().any(|c| c.is_control() || c == '\\' || c == ':'));
                }
            }
        }
    }
}
