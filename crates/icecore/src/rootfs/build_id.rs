//! The build id of an ELF file: a note of GNU's linkers that tells one build of a program from every other.

use icecore_archive::{Source, read_full_at};

/// Program headers that are looked at; a program has about a dozen.
const HEADERS: usize = 256;
/// Bytes of notes that are looked at from the beginning of a segment of them on; programs have a few hundred. The end of
/// the segment does not count, as it does not for CRIU: Go's linker puts the build id behind it.
const NOTES: usize = 64 << 10;

/// `PT_NOTE`.
const NOTE_SEGMENT: u32 = 4;
/// `NT_GNU_BUILD_ID`.
const BUILD_ID: u32 = 3;

/// The first build id among the notes of a file. `None`: it has none, or is no ELF file.
pub(crate) fn build_id(file: &dyn Source) -> Option<Vec<u8>> {
    let elf = Elf::read(file)?;
    let table = bytes(file, elf.table, elf.entry.checked_mul(elf.count.min(HEADERS))?)?;
    let segments = table.chunks_exact(elf.entry.max(1)).filter_map(|header| elf.note_segment(header));
    segments.filter_map(|offset| bytes(file, offset, NOTES)).find_map(|notes| elf.find(&notes))
}

/// How the numbers of a file are to be read, and where its program headers are.
struct Elf {
    wide: bool,
    big: bool,
    table: u64,
    entry: usize,
    count: usize,
}

impl Elf {
    fn read(file: &dyn Source) -> Option<Self> {
        let header = bytes(file, 0, 64)?;
        let [0x7f, b'E', b'L', b'F', class @ (1 | 2), order @ (1 | 2), ..] = header[..] else { return None };
        let mut elf = Self { wide: class == 2, big: order == 2, table: 0, entry: 0, count: 0 };
        let (table, sizes) = if elf.wide { (32, 54) } else { (28, 42) };
        elf.table = elf.word(&header, table)?;
        elf.entry = elf.number(&header, sizes, 2)?.try_into().ok()?;
        elf.count = elf.number(&header, sizes.checked_add(2)?, 2)?.try_into().ok()?;
        Some(elf)
    }

    /// Where a segment begins in the file, if it has notes.
    fn note_segment(&self, header: &[u8]) -> Option<u64> {
        let is_note = self.number(header, 0, 4)? == u64::from(NOTE_SEGMENT);
        is_note.then(|| self.word(header, if self.wide { 8 } else { 4 })).flatten()
    }

    /// The build id among notes: each a length of its name, one of its content, a type, and both padded to words.
    fn find(&self, notes: &[u8]) -> Option<Vec<u8>> {
        let mut rest = notes;
        while rest.len() >= 12 {
            let length = |at| usize::try_from(self.number(rest, at, 4)?).ok();
            let (name_length, length) = (length(0)?, length(4)?);
            let kind = self.number(rest, 8, 4)?;
            let content = 12_usize.checked_add(name_length.checked_next_multiple_of(4)?)?;
            let end = content.checked_add(length)?;
            let name = rest.get(12..12_usize.checked_add(name_length)?)?;
            if kind == u64::from(BUILD_ID) && name == b"GNU\0" {
                return rest.get(content..end).map(<[u8]>::to_vec);
            }
            rest = rest.get(end.checked_next_multiple_of(4)?..)?;
        }
        None
    }

    /// A number as wide as an address of the file.
    fn word(&self, bytes: &[u8], at: usize) -> Option<u64> {
        self.number(bytes, at, if self.wide { 8 } else { 4 })
    }

    fn number(&self, bytes: &[u8], at: usize, width: usize) -> Option<u64> {
        let number = bytes.get(at..at.checked_add(width)?)?.iter();
        let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        Some(if self.big { number.fold(0, add) } else { number.rev().fold(0, add) })
    }
}

/// So many bytes at an offset, fewer at the end of the file.
fn bytes(file: &dyn Source, offset: u64, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    let read = read_full_at(file, offset, &mut bytes).ok()?;
    bytes.truncate(read);
    Some(bytes)
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "sizes of a file made by hand")]
mod tests {
    use super::*;

    /// An ELF file by hand: a header, program headers, and notes at the end.
    fn elf(wide: bool, big: bool, notes: &[u8]) -> Vec<u8> {
        let number = |value: u64, width: usize| match big {
            true => value.to_be_bytes()[8 - width..].to_vec(),
            false => value.to_le_bytes()[..width].to_vec(),
        };
        let word = if wide { 8 } else { 4 };
        let (header, entry) = if wide { (64, 56) } else { (52, 32) };
        let mut file = vec![0x7f, b'E', b'L', b'F', if wide { 2 } else { 1 }, if big { 2 } else { 1 }, 1];
        file.resize(16, 0);
        file.extend([number(3, 2), number(62, 2), number(1, 4), number(0, word)].concat());
        file.extend([number(header, word), number(0, word), number(0, 4)].concat());
        file.extend([number(header, 2), number(entry, 2), number(2, 2), vec![0; 6]].concat());
        assert_eq!(file.len() as u64, header);
        let behind = header + 2 * entry;
        // The segment of notes ends behind the first bytes of them.
        for (kind, offset) in [(1, 0), (4, behind)] {
            let mut segment = number(kind, 4);
            if wide {
                segment.extend(number(4, 4));
            }
            segment.extend([number(offset, word), vec![0; 2 * word], number(4, word)].concat());
            segment.resize(usize::try_from(entry).unwrap(), 0);
            file.extend(segment);
        }
        file.extend(notes);
        file
    }

    fn note(big: bool, name: &[u8], kind: u32, content: &[u8]) -> Vec<u8> {
        let number = |value: usize| {
            let value = u32::try_from(value).unwrap();
            if big { value.to_be_bytes() } else { value.to_le_bytes() }
        };
        let mut note = [number(name.len()), number(content.len()), number(kind as usize)].concat();
        note.extend(name);
        note.resize(note.len().next_multiple_of(4), 0);
        note.extend(content);
        note.resize(note.len().next_multiple_of(4), 0);
        note
    }

    #[test]
    fn files_of_every_class_and_order() {
        for (wide, big) in [(true, false), (true, true), (false, false), (false, true)] {
            let notes = [note(big, b"GNU\0", 1, &[1; 16]), note(big, b"GNU\0", 3, b"abcde")].concat();
            assert_eq!(build_id(&elf(wide, big, &notes)).as_deref(), Some(&b"abcde"[..]), "{wide} {big}");
        }
    }

    #[test]
    fn other_notes_are_no_build_ids() {
        let notes =
            [note(false, b"Go\0\0", 3, b"go"), note(false, b"GNU\0", 5, b"x"), note(false, b"", 3, b"")];
        assert_eq!(build_id(&elf(true, false, &notes.concat())), None);
        assert_eq!(build_id(&elf(true, false, b"")), None);
    }

    #[test]
    fn what_is_no_elf_file_has_none() {
        for file in [&b""[..], b"\x7fELF", b"#!/bin/sh\n", &[0; 100]] {
            assert_eq!(build_id(&file.to_vec()), None);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_damage_ends(at in 0_usize..220, byte: u8, cut in 0_usize..220) {
            let mut file = elf(true, false, &note(false, b"GNU\0", 3, &[7; 20]));
            if let Some(place) = file.get_mut(at) {
                *place = byte;
            }
            file.truncate(file.len().min(cut.max(60)));
            if let Some(id) = build_id(&file) {
                assert!(id.len() <= file.len());
            }
        }
    }
}
