//! The structure of a tar: headers one after another, what stands in front of them, and how a listing ends.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::facts::{Facts, GLOBAL, Global};
use super::header::{self, BLOCK, Block, Header, Parsed};
use super::in_front::InFront;
use super::pax::Records;
use super::sparse::Announced;
use super::{KeepMember, described, padded};
use crate::Limits;
use crate::finding::{Code, Finding, Findings};
use crate::input::Input;
use crate::member::{Content, Member, MemberKind, Owners};

/// The state of a listing.
pub(super) struct Reader<'a> {
    pub(super) input: &'a mut dyn Input,
    pub(super) keep: KeepMember<'a>,
    pub(super) limits: &'a Limits,
    pub(super) findings: &'a mut Findings,
    /// A block that was read to see what it is, and is a header's turn now.
    pub(super) next: Option<Block>,
    members: Vec<Member>,
    global: Global,
    in_front: InFront,
    /// The owners of the last member that names any.
    owners: Arc<Owners>,
}

/// Whether the listing goes on.
type Step = io::Result<ControlFlow<()>>;

/// Goes on with the next header.
const ON: Step = Ok(ControlFlow::Continue(()));
/// Ends the listing.
const END: Step = Ok(ControlFlow::Break(()));

impl<'a> Reader<'a> {
    pub(super) fn new(
        input: &'a mut dyn Input,
        keep: KeepMember<'a>,
        limits: &'a Limits,
        findings: &'a mut Findings,
    ) -> Self {
        let (global, in_front, owners) = (Global::default(), InFront::default(), Arc::default());
        Self { input, keep, limits, findings, next: None, members: Vec::new(), global, in_front, owners }
    }

    /// Reads to the end and gives the members.
    pub(super) fn run(mut self) -> io::Result<Vec<Member>> {
        while self.header()?.is_continue() {}
        Ok(self.members)
    }

    /// One header, and the body behind it.
    fn header(&mut self) -> Step {
        let (block, at) = match self.block()? {
            Ok(found) => found,
            Err((count, at)) => {
                self.ended(count, at);
                return END;
            }
        };
        match header::parse(&block) {
            Parsed::Zeros => self.zeros(at),
            Parsed::Header(header) => self.take(&header, at),
            Parsed::Damaged(header) => self.damaged(&header, at),
        }
    }

    /// The next block and its offset, or how much of one there was.
    pub(super) fn block(&mut self) -> io::Result<Result<(Block, u64), (usize, u64)>> {
        if let Some(block) = self.next.take() {
            return Ok(Ok((block, self.input.position().saturating_sub(BLOCK as u64))));
        }
        let at = self.input.position();
        let mut block = [0; BLOCK];
        let count = self.input.read(&mut block)?;
        Ok(if count == BLOCK { Ok((block, at)) } else { Err((count, at)) })
    }

    fn tell(&mut self, code: Code, at: u64, text: impl Into<String>) {
        self.findings.add(Finding::new(code, text).at(at));
    }

    fn ended(&mut self, count: usize, at: u64) {
        // A member that was cut has been told already.
        if self.members.last().is_some_and(Member::is_cut) {
            return;
        }
        if count == 0 {
            self.tell_alone();
            self.tell(
                Code::NoEndMarker,
                at,
                "the archive ends here without the two blocks of zeros that should",
            );
        } else {
            self.tell(Code::ArchiveCut, at, format!("the archive ends {count} bytes into a header of 512"));
        }
    }

    /// One block of zeros: the end, if another follows.
    fn zeros(&mut self, at: u64) -> Step {
        match self.block()? {
            Ok((block, _)) if block.iter().all(|&byte| byte == 0) => self.end(),
            Ok((block, _)) if header::is_header_or_end(&block) => {
                self.tell(Code::LoneZeroBlock, at, "a single block of zeros; a member follows it");
                self.next = Some(block);
                ON
            }
            Ok((_, behind)) => {
                self.tell(Code::LoneZeroBlock, at, "a single block of zeros, and no header behind it");
                self.trailing(behind, 0)
            }
            Err((count, behind)) => {
                self.ended(count, behind);
                END
            }
        }
    }

    /// The end marker was read: what follows is padding, or told.
    fn end(&mut self) -> Step {
        self.tell_alone();
        let behind = self.input.position();
        self.trailing(behind, 0)
    }

    /// Tells of headers about a next member, where none is.
    fn tell_alone(&mut self) {
        if let InFront { at: Some(at), name, .. } = std::mem::take(&mut self.in_front) {
            let name = name.map(|name| format!(", `{}`,", name.escape_bytes())).unwrap_or_default();
            self.tell(
                Code::HeaderAlone,
                at,
                format!("a header about the next member{name} and no member behind it"),
            );
        }
    }

    /// Looks at what lies behind the end, as far as it is worth.
    fn trailing(&mut self, behind: u64, already: u64) -> Step {
        // GNU tar pads to 10 KiB, some tapes to more; what holds anything in its first 64 KiB is told.
        const LOOK: usize = 64 << 10;
        let mut look = vec![0; LOOK];
        let count = self.input.read(&mut look)?;
        look.truncate(count);
        let rest = self.input.skip(u64::MAX)?;
        let total = already.saturating_add(count as u64).saturating_add(rest);
        if look.iter().any(|&byte| byte != 0) {
            let headers = look.chunks_exact(BLOCK).filter_map(|block| block.first_chunk::<BLOCK>());
            let count = headers.filter(|block| matches!(header::parse(block), Parsed::Header(_))).count();
            let what = if count == 0 {
                String::from("no headers among them")
            } else {
                format!("{count} headers of members among them")
            };
            self.tell(
                Code::TrailingData,
                behind,
                format!("{total} bytes follow the end of the archive, {what}"),
            );
        }
        END
    }

    /// A header whose checksum is wrong: taken if its size leads to a sound header.
    fn damaged(&mut self, header: &Header<'_>, at: u64) -> Step {
        let what = "the checksum of the header does not fit";
        let plausible = header.has_magic && matches!(header.flag, b'0'..=b'7' | 0);
        let size = header.size.and_then(|size| u64::try_from(size).ok()).filter(|_| plausible);
        let Some(size) = size.filter(|size| *size < i64::MAX.cast_unsigned()) else {
            self.tell(
                Code::BadHeader,
                at,
                format!("{what}, nor does anything else of it: the listing ends here"),
            );
            return END;
        };
        let before = self.members.len();
        let mut told = Findings::default();
        std::mem::swap(&mut told, self.findings);
        let records = self.in_front.take_records();
        let step = self.member(header, records, size, at);
        std::mem::swap(&mut told, self.findings);
        let sound = match (&step, self.block()?) {
            (Ok(flow), Ok((block, _))) if flow.is_continue() && header::is_header_or_end(&block) => {
                self.next = Some(block);
                true
            }
            _ => false,
        };
        if !sound {
            self.members.truncate(before);
            self.tell(
                Code::BadHeader,
                at,
                format!("{what}, and its size leads to no other header: the listing ends here"),
            );
            return END;
        }
        self.findings.extend(told.into_vec());
        self.tell(Code::BadHeader, at, format!("{what}; its size leads to a sound header, so it was taken"));
        ON
    }

    /// A sound header: a member, or something about the next one.
    fn take(&mut self, header: &Header<'_>, at: u64) -> Step {
        let is_meta = matches!(header.flag, b'L' | b'K' | b'x' | b'X' | b'g');
        let records = if is_meta { Records::default() } else { self.in_front.take_records() };
        let told = Facts { global: &self.global, own: &records }.number("size").filter(|_| !is_meta);
        let size = told.map(i128::from).or(header.size);
        let Some(size) =
            size.and_then(|size| u64::try_from(size).ok()).filter(|size| *size < i64::MAX.cast_unsigned())
        else {
            let found = size.map_or_else(|| String::from("no number"), |size| size.to_string());
            self.tell(
                Code::BadSize,
                at,
                format!("the size of member `{}` is {found}: the listing ends here", header.name.as_bstr()),
            );
            return END;
        };
        if matches!(header.flag, b'L' | b'K' | b'x' | b'X') {
            self.in_front.at.get_or_insert(at);
        }
        match header.flag {
            b'L' => {
                self.in_front.name = self.text(size, self.limits.name, "long name", at)?;
                ON
            }
            b'K' => {
                self.in_front.link = self.text(size, self.limits.name, "long link name", at)?;
                ON
            }
            b'x' | b'X' => self.extended(size, at),
            b'g' => self.global(size, at),
            _ => self.member(header, records, size, at),
        }
    }

    /// The body of a header about the next member, if it is within its limit.
    fn meta(&mut self, size: u64, limit: u64, what: &str, at: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(length) = usize::try_from(size).ok().filter(|_| size <= limit) else {
            self.tell(
                Code::HeaderTooLarge,
                at,
                format!("a {what} of {size} bytes, above the limit of {limit}, was passed over"),
            );
            self.input.skip(padded(size))?;
            return Ok(None);
        };
        let mut bytes = vec![0; length];
        let count = self.input.read(&mut bytes)?;
        bytes.truncate(count);
        self.input.skip(padded(size).saturating_sub(size))?;
        Ok(Some(bytes))
    }

    fn text(&mut self, size: u64, limit: u64, what: &str, at: u64) -> io::Result<Option<BString>> {
        let text = self.meta(size, limit, what, at)?;
        Ok(text.map(|text| text.split(|&byte| byte == 0).next().unwrap_or_default().into()))
    }

    fn records(&mut self, size: u64, at: u64) -> io::Result<Records> {
        let Some(bytes) = self.meta(size, self.limits.pax_header, "PAX header", at)? else {
            return Ok(Records::default());
        };
        let (records, damage) = Records::parse(&bytes);
        if let Some(damage) = damage {
            let place = at.saturating_add(BLOCK as u64).saturating_add(damage.offset as u64);
            self.tell(
                Code::BadPax,
                place,
                format!("{}; the rest of this extended header is ignored", damage.what),
            );
        }
        let repeated = records.repeated();
        if !repeated.is_empty() {
            let keys: Vec<_> = repeated.iter().take(8).map(|key| key.to_string()).collect();
            self.tell(
                Code::PaxRepeated,
                at,
                format!("an extended header repeats {}; the last value counts", keys.join(", ")),
            );
        }
        Ok(records)
    }

    fn extended(&mut self, size: u64, at: u64) -> Step {
        let records = self.records(size, at)?;
        let (count, limit) = (records.len(), self.limits.pax_header);
        if !self.in_front.extend(records, limit) {
            let text = format!(
                "{count} bytes of records, with which those of one member are above the limit of {limit}, were passed over"
            );
            self.tell(Code::HeaderTooLarge, at, text);
        }
        ON
    }

    fn global(&mut self, size: u64, at: u64) -> Step {
        let records = self.records(size, at)?;
        self.tell(Code::PaxGlobal, at, "a global extended header; it applies to all members behind it");
        let count = records.len();
        if !self.global.extend(records) {
            let text = format!(
                "{count} bytes of global records, with which they are above {GLOBAL}, were passed over"
            );
            self.tell(Code::HeaderTooLarge, at, text);
        }
        ON
    }

    /// A member: its facts from header and records, its body passed.
    fn member(&mut self, header: &Header<'_>, records: Records, size: u64, at: u64) -> Step {
        if self.members.len() as u64 >= self.limits.members {
            let text = format!(
                "more than {} members (limit `members`): the rest is not listed",
                self.limits.members
            );
            self.tell(Code::TooManyMembers, at, text);
            return END;
        }
        let InFront { name, link, .. } = std::mem::take(&mut self.in_front);
        let facts = Facts { global: &self.global, own: &records };
        let name =
            Announced::name(facts).or_else(|| facts.get("path")).or(name.as_ref().map(|name| name.as_bstr()));
        let name = name.unwrap_or(header.name.as_bstr());
        let mut member = described::member(header, facts, name, link);
        member.offset = self.input.position();
        member.owners = described::owners(&mut self.owners, header, facts);
        let (announced, global) = (Announced::find(facts), self.global.shared());
        if !records.is_empty() || global.is_some() {
            let rare = member.rare_mut();
            (rare.pax, rare.global) = (records, global);
        }
        if let MemberKind::Other(flag) = member.kind {
            let text = format!("type flag {flag:#04x}; the member is listed and not interpreted");
            self.findings.add(Finding::new(Code::StrangeType, text).of(&member.name).at(at));
        }
        self.body(header, announced, size, &mut member)?;
        self.tell_cut(&member, at);
        self.members.push(member);
        ON
    }

    fn tell_cut(&mut self, member: &Member, at: u64) {
        if member.is_cut()
            && !matches!(member.content.as_deref(), None | Some(Content::Damaged(_)))
            && !member.is_sparse()
        {
            let text = format!(
                "the archive ends after {} of the {} bytes of this member",
                member.available(),
                member.size
            );
            self.findings.add(Finding::new(Code::ArchiveCut, text).of(&member.name).at(at));
        }
    }
}
