//! What there is to say about one image, whatever it is about.

use bstr::BStr;
use icecore_images::{Image, MAX_LISTED, Remarks, json};
use serde::Serialize;

use crate::diagnostic::{IMAGE_DAMAGED, IMAGE_ODD, IMAGE_UNKNOWN_FIELD};
use crate::{Code, Diagnostic};

/// An image looked over from its first record to its last.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Survey {
    /// Records that the frame leads to, the head of a pagemap and records that cannot be decoded included.
    pub entries: u64,
    /// Fields in them that the schema does not have, or not with this wire type, at any depth.
    pub unknown_fields: u64,
    /// What is damaged, then what is odd, then which fields are unknown; of each at most [`MAX_LISTED`], and then
    /// how many more.
    pub diagnostics: Vec<Diagnostic>,
}

impl Survey {
    /// Looks an image over. `member` is its name for diagnostics.
    pub fn of(member: &BStr, image: &Image<'_>) -> Self {
        let mut entries = 0_u64;
        let mut damaged = Series::new(IMAGE_DAMAGED, "records cannot be decoded");
        let mut odd = Series::new(IMAGE_ODD, "fields are absent though required, or not as the schema says");
        let mut unknown = Series::new(IMAGE_UNKNOWN_FIELD, "fields are unknown");
        for entry in image.entries() {
            let checked = entry.and_then(|entry| {
                entries = entries.saturating_add(1);
                json::check(&entry).map(|()| entry)
            });
            let entry = match checked {
                Ok(entry) => entry,
                Err(error) => {
                    damaged.push(|| Diagnostic::of_image(member, &error));
                    continue;
                }
            };
            let Remarks { listed, omitted, unknown: all_unknown, .. } = entry.remarks();
            let total = all_unknown.saturating_add(unknown.count);
            for remark in listed {
                let series = if remark.what.is_unknown() { &mut unknown } else { &mut odd };
                let text = || format!("entry {}: {}", entry.index, remark.text());
                let (code, offset) = (series.code, Some(remark.offset));
                series.push(|| Diagnostic { offset, ..Diagnostic::new(code, text()) }.of(member));
            }
            // A record keeps few remarks, but counts them all.
            let unlisted = total.saturating_sub(unknown.count);
            unknown.count = total;
            odd.count = odd.count.saturating_add(omitted.saturating_sub(unlisted));
        }
        let unknown_fields = unknown.count;
        let misnamed = image.named().and_then(|named| Diagnostic::of_misnamed(member, named.kind, image));
        let series = [damaged, odd, unknown].into_iter().flat_map(|series| series.into_diagnostics(member));
        Self { entries, unknown_fields, diagnostics: misnamed.into_iter().chain(series).collect() }
    }
}

/// Diagnostics of a kind: the first of them, and how many there are. A hostile image has one for each byte.
struct Series {
    code: Code,
    rest: &'static str,
    listed: Vec<Diagnostic>,
    count: u64,
}

impl Series {
    fn new(code: Code, rest: &'static str) -> Self {
        Self { code, rest, listed: Vec::new(), count: 0 }
    }

    fn push(&mut self, make: impl FnOnce() -> Diagnostic) {
        self.count = self.count.saturating_add(1);
        if self.listed.len() < MAX_LISTED {
            self.listed.push(make());
        }
    }

    fn into_diagnostics(self, member: &BStr) -> impl Iterator<Item = Diagnostic> {
        let more = self.count.saturating_sub(self.listed.len() as u64);
        let text = format!("{more} more {}", self.rest);
        let rest = (more > 0).then(|| Diagnostic::new(self.code, text).of(member));
        self.listed.into_iter().chain(rest)
    }
}

#[cfg(test)]
mod tests {
    use bstr::ByteSlice as _;

    use super::*;

    const PSTREE: [u8; 8] = *b"\x19CVT\x30\x30\x27\x50";
    /// pid 7, ppid 1, pgid 7, sid 7, thread 7.
    const SEVEN: &[u8] = b"\x08\x07\x10\x01\x18\x07\x20\x07\x28\x07";

    fn survey(name: &str, records: &[&[u8]]) -> Survey {
        let mut bytes = PSTREE.to_vec();
        for record in records {
            bytes.extend(u32::try_from(record.len()).unwrap().to_le_bytes());
            bytes.extend(*record);
        }
        Survey::of(b"a/b".as_bstr(), &Image::parse(name, &bytes).unwrap())
    }

    fn told(survey: &Survey) -> Vec<String> {
        survey.diagnostics.iter().map(|told| format!("{} {told}", told.code)).collect()
    }

    #[test]
    fn a_sound_image_is_counted_and_nothing_is_told() {
        let survey = survey("pstree.img", &[SEVEN, SEVEN]);
        assert_eq!((survey.entries, survey.unknown_fields, told(&survey)), (2, 0, vec![]));
    }

    #[test]
    fn damage_and_oddities_come_with_their_place() {
        let unknown = [SEVEN, b"\xa0\x06\x01"].concat();
        let survey = survey("fs-7.img", &[b"\x08", &unknown, b"\x08\x07"]);
        assert_eq!((survey.entries, survey.unknown_fields), (3, 1));
        let told = told(&survey);
        assert_eq!(told.len(), 6, "{told:?}");
        assert!(told[0].starts_with("image-misnamed a/b: the name says FS, the magic PSTREE"), "{told:?}");
        assert_eq!(told[1], "image-damaged a/b, offset 0xd: entry 0: the bytes end inside a varint");
        assert_eq!(told[2], "image-odd a/b, offset 0x22: entry 2: required field `ppid` is absent");
        assert_eq!(
            told[5],
            "image-unknown-field a/b, offset 0x1b: entry 1: unknown field `100` of wire type 0"
        );
    }

    #[test]
    fn a_flood_is_counted() {
        let broken: Vec<&[u8]> = vec![b"\x08"; 100];
        let records = survey("pstree.img", &broken);
        assert_eq!((records.entries, records.diagnostics.len()), (100, MAX_LISTED + 1));
        assert!(told(&records)[MAX_LISTED].ends_with("36 more records cannot be decoded"));

        let fields = survey("pstree.img", &[&b"\xa0\x06\x01".repeat(1000)]);
        assert_eq!((fields.entries, fields.unknown_fields), (1, 1000));
        let told = told(&fields);
        assert_eq!(told.len(), MAX_LISTED + 2);
        assert!(told[0].ends_with("4 more fields are absent though required, or not as the schema says"));
        assert!(told[MAX_LISTED + 1].ends_with("936 more fields are unknown"));
    }
}
