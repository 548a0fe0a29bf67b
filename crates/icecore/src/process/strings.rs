//! Arguments and environment, which only the memory of a process has.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;

use bstr::{BStr, ByteSlice};

use super::{MemoryLayout, Process};
use crate::diagnostic::{ARGUMENTS_ODD, STRINGS_UNREADABLE};
use crate::memory::Memory;
use crate::{Checkpoint, Diagnostic, Pid, Vaddr};

/// The longest area of strings that is read, in bytes: more than the kernel gives to a new program.
const LONGEST: u64 = 8 << 20;
/// The most strings of an area: each costs more than its bytes, and an area may hold nothing but NULs.
const MOST: usize = 1 << 16;

/// The strings of an area in the memory of a process. The process may have overwritten them since it was started.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Strings {
    /// The bytes of the area, without the NUL at its end.
    bytes: Vec<u8>,
    is_empty: bool,
    /// The process has put a title of its own there: one text, without structure. Of arguments only.
    pub rewritten: bool,
    /// The area is longer than is ever read (8 MiB), or has more strings (65536), and this is its beginning.
    pub cut: bool,
}

impl Strings {
    /// The strings in their order, empty ones too.
    pub fn iter(&self) -> impl Iterator<Item = &BStr> {
        let is_split = !self.rewritten;
        let mut rest = (!self.is_empty).then_some(self.bytes.as_slice());
        std::iter::from_fn(move || {
            let bytes = rest.take()?;
            match bytes.find_byte(0).filter(|_| is_split).and_then(|nul| bytes.split_at_checked(nul)) {
                Some((string, behind)) => {
                    rest = behind.get(1..);
                    Some(string.as_bstr())
                }
                None => Some(bytes.as_bstr()),
            }
        })
    }

    /// The value of an environment variable: of several with the name, the first, as getenv(3) takes it.
    pub fn value_of(&self, name: &[u8]) -> Option<&BStr> {
        self.iter().find_map(|string| string.strip_prefix(name)?.strip_prefix(b"=")).map(ByteSlice::as_bstr)
    }

    fn empty() -> Self {
        Self { bytes: Vec::new(), is_empty: true, rewritten: false, cut: false }
    }

    /// Of an area that NULs divide. The last string may lack its own.
    fn divided(mut bytes: Vec<u8>, cut: bool) -> Self {
        if bytes.is_empty() {
            return Self::empty();
        }
        if let Some(end) = bytes
            .find_iter(b"\0")
            .nth(MOST.saturating_sub(1))
            .filter(|end| end.saturating_add(1) < bytes.len())
        {
            bytes.truncate(end);
            return Self { bytes, is_empty: false, rewritten: false, cut: true };
        }
        if bytes.last() == Some(&0) && !cut {
            bytes.pop();
        }
        Self { bytes, is_empty: false, rewritten: false, cut }
    }

    /// Of an area with a title in it, which ends at the first NUL.
    fn title(mut bytes: Vec<u8>, cut: bool) -> Self {
        let end = bytes.find_byte(0);
        bytes.truncate(end.unwrap_or(bytes.len()));
        Self { bytes, is_empty: false, rewritten: true, cut: cut && end.is_none() }
    }
}

/// The arguments: NUL-ended strings, or the title that the process made of them, which may run on into the environment.
fn arguments(memory: &Memory, layout: &MemoryLayout) -> Result<Strings, Trouble> {
    let (start, end) = (layout.arg_start, layout.arg_end);
    if end < start {
        return Err(Trouble::Reversed(start, end));
    }
    let (area, cut) = capped(start..end);
    let bytes = memory.read(area, LONGEST)?;
    if cut || matches!(bytes.last(), None | Some(0)) {
        return Ok(Strings::divided(bytes, cut));
    }
    let runs_on = layout.env_start == end && layout.env_end >= end;
    let (area, cut) = capped(start..if runs_on { layout.env_end } else { end });
    // What the environment lacks is no reason to lose the title: it ends there then.
    let whole = memory.read(area, LONGEST).unwrap_or(bytes);
    Ok(Strings::title(whole, cut))
}

fn environment(memory: &Memory, layout: &MemoryLayout) -> Result<Strings, Trouble> {
    let (start, end) = (layout.env_start, layout.env_end);
    if end < start {
        return Err(Trouble::Reversed(start, end));
    }
    let (area, cut) = capped(start..end);
    Ok(Strings::divided(memory.read(area, LONGEST)?, cut))
}

/// The part of a range that is read, and whether that is not all.
fn capped(range: Range<Vaddr>) -> (Range<Vaddr>, bool) {
    let longest = Vaddr(range.start.0.saturating_add(LONGEST));
    if range.end > longest { (range.start..longest, true) } else { (range, false) }
}

/// Why there are no strings.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("their area ends at {1}, before it starts at {0}")]
    Reversed(Vaddr, Vaddr),
    #[error(transparent)]
    Unreadable(#[from] crate::memory::Unreadable),
    #[error(transparent)]
    NoMemory(#[from] crate::Error),
}

/// How strings are found in memory.
type Reader = fn(&Memory, &MemoryLayout) -> Result<Strings, Trouble>;

/// What there was to tell about strings that were asked for, by process.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<BTreeMap<(Pid, &'static str), Diagnostic>>);

impl Told {
    pub(crate) fn diagnostics(&self) -> Vec<Diagnostic> {
        self.0.lock().map(|told| told.values().cloned().collect()).unwrap_or_default()
    }
}

impl Checkpoint {
    /// The argument strings of a process, as its memory has them. Not kept: each call reads them.
    ///
    /// `None`: it is a zombie, or they cannot be read, which the [`diagnostics`](Self::diagnostics) tell.
    pub fn arguments(&self, pid: Pid) -> Option<Strings> {
        self.strings(pid, "arguments", arguments)
    }

    /// The environment of a process in its order, as [`arguments`](Self::arguments). Strings need not have a `=`, and a
    /// name may be there more than once.
    pub fn environment(&self, pid: Pid) -> Option<Strings> {
        self.strings(pid, "environment", environment)
    }

    fn strings(&self, pid: Pid, what: &'static str, read: Reader) -> Option<Strings> {
        // Of a process without any image it was told already that nothing is known of it.
        let process = self.process(pid).filter(|it| it.state.is_some() || it.layout.is_some())?;
        if process.is_zombie() {
            return None;
        }
        let found = self.strings_of(process, read);
        let odd = match &found {
            Ok(strings) if strings.cut => {
                Some((ARGUMENTS_ODD, "they are longer than is ever read, and cut".into()))
            }
            Ok(_) => None,
            Err(trouble @ Trouble::Reversed(..)) => Some((ARGUMENTS_ODD, trouble.to_string())),
            Err(trouble) => Some((STRINGS_UNREADABLE, trouble.to_string())),
        };
        if let (Some((code, text)), Ok(mut told)) = (odd, self.strings_told().0.lock()) {
            let image = self.images().full_name(&format!("mm-{pid}.img"));
            let diagnostic = Diagnostic::new(code, format!("{what} of process {pid}: {text}")).of(image);
            told.insert((pid, what), diagnostic);
        }
        found.ok()
    }

    fn strings_of(&self, process: &Process, read: Reader) -> Result<Strings, Trouble> {
        let memory = self.memory(process.pid)?;
        process.layout.as_ref().map_or_else(|| Ok(Strings::empty()), |layout| read(&memory, layout))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(strings: &Strings) -> Vec<&[u8]> {
        strings.iter().map(|string| string.as_bytes()).collect()
    }

    #[test]
    fn empty_strings_are_strings() {
        assert_eq!(list(&Strings::divided(b"a\0\0b\0".to_vec(), false)), [&b"a"[..], b"", b"b"]);
        assert_eq!(list(&Strings::divided(b"\0\0".to_vec(), false)), [&b""[..], b""]);
        assert_eq!(list(&Strings::divided(b"\0".to_vec(), false)), [&b""[..]]);
        assert_eq!(list(&Strings::divided(b"a\0b".to_vec(), false)), [&b"a"[..], b"b"]);
        assert_eq!(list(&Strings::divided(Vec::new(), false)), [&b""[..]; 0]);
    }

    #[test]
    fn a_title_is_one_text() {
        let title = Strings::title(b"shop: worker\0\0rest".to_vec(), false);
        assert_eq!(list(&title), [&b"shop: worker"[..]]);
        assert!(title.rewritten);
    }

    #[test]
    fn of_variables_with_one_name_the_first_counts() {
        let strings = Strings::divided(b"NOISE\0PATH=/bin\0PATH=/opt\0PATHS=x\0".to_vec(), false);
        assert_eq!(strings.value_of(b"PATH"), Some(b"/bin".as_bstr()));
        assert_eq!(strings.value_of(b"NOISE"), None);
    }

    #[test]
    fn an_area_of_nothing_but_nuls_has_a_bounded_number_of_strings() {
        let whole = Strings::divided(vec![0; MOST], false);
        assert_eq!((whole.iter().count(), whole.cut), (MOST, false));
        let cut = Strings::divided(vec![0; 8 << 20], false);
        assert_eq!((cut.iter().count(), cut.cut), (MOST, true));
    }

    #[test]
    fn no_more_than_a_limit_is_read() {
        assert_eq!(capped(Vaddr(0)..Vaddr(10)), (Vaddr(0)..Vaddr(10), false));
        let (range, cut) = capped(Vaddr(0)..Vaddr(u64::MAX));
        assert!(cut && range.end == Vaddr(8 << 20));
    }
}
