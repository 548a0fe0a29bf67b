//! What is wrong or remarkable with an archive that opens all the same.

use serde::Serialize;

use crate::MemberName;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Unusual, nothing is lost.
    Note,
    /// Something contradicts, or is not as an engine writes it.
    Warning,
    /// Something is lost or cannot be trusted.
    Error,
}

/// One finding: what, where, and in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which kind of finding.
    pub code: Code,
    /// The member it is about; `None`: the archive as a whole.
    pub member: Option<MemberName>,
    /// Where, in bytes: in the archive for its structure, in the member for the member's content. For a
    /// compressed archive the decoded stream counts, but for [`Code`]s of the compression itself.
    pub offset: Option<u64>,
    /// What was found and what was expected.
    pub text: String,
}

impl Finding {
    /// A finding about the archive as a whole.
    pub fn new(code: Code, text: impl Into<String>) -> Self {
        Self { code, member: None, offset: None, text: text.into() }
    }

    /// Names the place in bytes.
    #[must_use]
    pub fn at(mut self, offset: u64) -> Self {
        self.offset = Some(offset);
        self
    }

    /// Names the member.
    #[must_use]
    pub fn of(mut self, member: &MemberName) -> Self {
        self.member = Some(member.clone());
        self
    }
}

/// Makes the list of codes from one line each: variant, name in JSON, severity, and what to do.
macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident $advice:literal;)+) => {
        /// The kinds of findings about archives.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $advice] $variant,)+
        }

        impl Code {
            /// All codes, in the order of this list.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stable name, as in JSON.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// How much it matters.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity),+ }
            }

            /// What it means for the reader and what to do, in a sentence.
            pub fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice),+ }
            }
        }
    };
}

codes! {
    ArchiveCut "archive-cut" Error "The archive ends early; the members in front of the cut are served.";
    NoEndMarker "no-end-marker" Warning "The tar has no end marker; it may have been cut at a border of members.";
    LoneZeroBlock "lone-zero-block" Warning "A single block of zeros stands between members; reading went on behind it.";
    TrailingData "trailing-data" Warning "Bytes follow the end of the archive and were not read; an engine that writes over a longer file leaves its tail.";
    BadHeader "bad-header" Error "A member's header is damaged; what follows was looked for behind it.";
    BadSize "bad-size" Error "A member's size cannot be true; the listing ends there.";
    BadPax "bad-pax" Warning "An extended header is damaged; the member keeps what its own header says.";
    PaxRepeated "pax-repeated" Warning "An extended header gives a key twice; the last value counts.";
    PaxGlobal "pax-global" Warning "A global extended header applies to all members behind it; no engine writes one.";
    HeaderAlone "header-alone" Warning "The tar ends behind a long name or extended header that is about a next member; that member is missing.";
    HeaderTooLarge "header-too-large" Warning "A name or extended header is above its limit and was passed over.";
    BadSparse "bad-sparse" Error "A sparse map is damaged; the member cannot be read.";
    NameClimbs "name-climbs" Warning "A name has `..` in it; it is a key here and is never followed.";
    NameAbsolute "name-absolute" Warning "A name is absolute; it is taken relative to the archive's root.";
    NameEmpty "name-empty" Note "A name is empty once normalised; the member can be listed only.";
    NameHasNul "name-has-nul" Warning "A name holds a byte 0; other readers cut it there.";
    Duplicate "duplicate-member" Warning "A name occurs more than once; the last one counts, as for whoever unpacks.";
    LinkUnresolved "link-unresolved" Warning "A link leads nowhere inside of the archive, or in a circle.";
    LinkWithBody "link-with-body" Warning "A hard link has a body of its own, which readers take differently.";
    StrangeType "strange-type" Note "A member has a type flag that no engine writes; it is listed and not interpreted.";
    NotATar "not-a-tar" Error "A member that should be a tar by its role is none.";
    StreamDamaged "stream-damaged" Error "Compressed data is damaged or cut; what was decoded in front of it is served and may be wrong.";
    ChecksumWrong "checksum-wrong" Error "The checksum of a compressed stream does not fit; members may be damaged.";
    SizeClaimWrong "size-claim-wrong" Warning "A compressed stream claims another size than it has.";
    CompressedTrailing "compressed-trailing" Warning "Bytes follow the compressed stream and were not read.";
    OutputLimit "output-limit" Error "The limit on decoded output was reached; the rest was not read.";
    SpoolLimit "spool-limit" Error "The limit on kept output was reached; some members cannot be read.";
    TooManyMembers "too-many-members" Error "The limit on members was reached; the rest is not listed.";
    TwoKinds "two-kinds" Warning "The archive can be read as two kinds; the first was taken, `--input-format` forces the other.";
    BadDigest "bad-digest" Error "A digest is no digest; no name was made from it.";
    DigestMismatch "digest-mismatch" Error "A blob does not have the digest or size that names it; its content is unverified.";
    BlobMissing "blob-missing" Error "A blob is not in this layout; nothing is ever fetched.";
    DescriptorLoop "descriptor-loop" Warning "An index leads back to itself or too deep; it was not followed.";
    TooManyDescriptors "too-many-descriptors" Error "The limit on descriptors was reached; the rest was not looked at.";
    BadDocument "bad-document" Error "A document of the image layout cannot be read.";
    Whiteout "whiteout" Note "A layer removes or hides a member of the layers below it.";
    StreamGap "stream-gap" Error "Markers of the image stream are missing; what lies in front of the gap is served.";
    StreamNoEnd "stream-no-end" Error "The image stream has no end marker: it was cut off, or is still being written.";
    StreamTwice "stream-twice" Warning "A marker of the image stream is there twice; it counts once.";
    StreamStray "stream-stray" Error "Data stands in front of any file name of the image stream; it belongs to no member.";
    ChangedMeanwhile "changed-meanwhile" Warning "The file was written to or replaced while it was read, so that what is shown may be of neither state; read it again when nobody writes to it.";
    Unreadable "unreadable" Error "A file could not be opened or read.";
}

/// Collects findings, and sums up what would repeat itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
    counts: std::collections::BTreeMap<Code, u64>,
}

/// Findings of one code that are kept one by one.
const EACH: u64 = 50;

impl Findings {
    pub(crate) fn add(&mut self, finding: Finding) {
        let count = self.counts.entry(finding.code).or_default();
        *count = count.saturating_add(1);
        if *count <= EACH {
            self.list.push(finding);
        }
    }

    pub(crate) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        findings.into_iter().for_each(|finding| self.add(finding));
    }

    /// The findings in the order they came, each code that was cut short followed by its count.
    pub(crate) fn into_vec(self) -> Vec<Finding> {
        let mut list = self.list;
        for (code, count) in self.counts.into_iter().filter(|(_, count)| *count > EACH) {
            let more = count.saturating_sub(EACH);
            list.push(Finding::new(code, format!("{more} more of this kind, {count} in all")));
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_codes_are_unique() {
        let names: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
    }

    #[test]
    fn a_flood_is_summed_up() {
        let mut findings = Findings::default();
        (0..1000).for_each(|_| findings.add(Finding::new(Code::Duplicate, "x")));
        let list = findings.into_vec();
        assert_eq!(list.len(), 51);
        assert_eq!(list[50].text, "950 more of this kind, 1000 in all");
    }

    #[test]
    fn codes_are_words_and_say_what_to_do() {
        for code in Code::ALL {
            let name = code.name();
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{name}");
            assert!(!name.starts_with('-') && !name.ends_with('-') && !name.contains("--"), "{name}");
            assert!(code.advice().ends_with('.') && code.advice().len() > 20, "{name}");
        }
    }

    #[test]
    fn severities_are_ordered_by_weight() {
        assert!(Severity::Note < Severity::Warning && Severity::Warning < Severity::Error);
        let written = serde_json::to_string(&[Severity::Note, Severity::Warning, Severity::Error]).unwrap();
        assert_eq!(written, r#"["note","warning","error"]"#);
    }

    #[test]
    fn the_place_is_added_step_by_step() {
        let name = MemberName::new(b"a");
        let finding = Finding::new(Code::BadSize, "text");
        assert_eq!((finding.member.clone(), finding.offset), (None, None));
        let placed = finding.clone().at(7).of(&name);
        assert_eq!((placed.member.as_ref(), placed.offset), (Some(&name), Some(7)));
        assert_eq!((placed.code, placed.text.as_str()), (finding.code, "text"));
    }

    #[test]
    fn the_order_is_kept_and_each_code_has_its_own_count() {
        let mut findings = Findings::default();
        let flood = (0..60_u64).map(|at| Finding::new(Code::Whiteout, "w").at(at));
        findings.extend(flood.chain([Finding::new(Code::BadPax, "p")]));
        findings.extend((0..50).map(|_| Finding::new(Code::Duplicate, "d")));
        let list = findings.into_vec();
        assert_eq!(list.len(), 50 + 1 + 50 + 1);
        assert!(list[..50].iter().map(|finding| finding.offset).eq((0..50).map(Some)));
        assert_eq!(list[50].code, Code::BadPax);
        let last = list.last().unwrap();
        assert_eq!((last.code, last.text.as_str()), (Code::Whiteout, "10 more of this kind, 60 in all"));
    }
}
