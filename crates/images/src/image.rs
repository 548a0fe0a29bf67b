//! One image: its magic, its byte order, its records.

use core::marker::PhantomData;

use bstr::BStr;
use nom::number::Endianness;
use nom::number::complete::{u32, u64};

use crate::descriptor::Descriptor;
use crate::encode::Writer;
use crate::error::{Error, Expected, Fault, Located, offset};
use crate::kinds::{Framing, Kind, Named, Payload};
use crate::message::{Decoder, Message};
use crate::record::{Record, Records};
use crate::wire::{self, Parsed};

/// First word of images with two magics, since CRIU 1.6.
pub const IMG_COMMON: u32 = 0x5456_4319;
/// First word of the images that CRIU writes beside a dump: `stats-dump`, `stats-restore`, `irmap-cache`.
pub const IMG_SERVICE: u32 = 0x5510_5940;
/// Longest record that is read. The longest real ones (`cgroup.img`, `seccomp.img`, an `mm` with a million
/// areas) stay well below.
pub const MAX_RECORD: u32 = 256 << 20;

/// The byte order of the machine that was dumped: of magics, record lengths, and payloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// Least significant byte first: x86, arm, aarch64, ppc64le, riscv64, loongarch64.
    Little,
    /// Most significant byte first: s390x.
    Big,
}

impl ByteOrder {
    pub(crate) fn endianness(self) -> Endianness {
        match self {
            Self::Little => Endianness::Little,
            Self::Big => Endianness::Big,
        }
    }
}

/// A window over the bytes of one image. Nothing but the magic is read before it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Image<'a> {
    name: &'a BStr,
    bytes: &'a [u8],
    body: &'a [u8],
    kind: Kind,
    framing: Framing,
    order: ByteOrder,
}

impl<'a> Image<'a> {
    /// Reads the magic of an image.
    ///
    /// The magic says what the image is. The name (of the file, with or without directories) decides only
    /// where the bytes cannot: for images without magic, which are taken as they are, and between kinds that
    /// share one (`pagemap-7.img` and `pagemap-shmem-7.img`). See [`named`](Self::named) for what it says.
    ///
    /// # Errors
    ///
    /// [`Error::Short`] if the bytes end inside the magic, [`Error::UnknownMagic`] if no kind has it.
    pub fn parse<N: AsRef<[u8]> + ?Sized>(name: &'a N, bytes: &'a [u8]) -> Result<Self, Error> {
        let name = BStr::new(name.as_ref());
        let named = Kind::of_name(base_name(name));
        if let Some(Named { kind, .. }) = named
            && kind.magic().is_none()
        {
            return Ok(Self::whole(name, bytes, kind));
        }
        let expected = named.map(|named| named.kind);
        let short = |expected| Error::Short { member: name.into(), length: bytes.len(), expected };
        let unknown = |at: &[u8], found| Error::UnknownMagic {
            member: name.into(),
            offset: offset(bytes, at),
            found,
            expected: Expected(expected),
        };

        for order in [ByteOrder::Little, ByteOrder::Big] {
            let (rest, head) = word(bytes, order).map_err(|_| short(4))?;
            let (framing, at) = match head {
                IMG_COMMON => (Framing::Common, rest),
                IMG_SERVICE => (Framing::Service, rest),
                _ => (Framing::One, bytes),
            };
            let (body, magic) = word(at, order).map_err(|_| short(8))?;
            match Kind::of_magic(magic, expected) {
                Some(kind) => return Ok(Self { name, bytes, body, kind, framing, order }),
                None if framing == Framing::One => {}
                None => return Err(unknown(at, magic)),
            }
        }
        let found = word(bytes, ByteOrder::Little).map_or(0, |(_, head)| head);
        Err(unknown(bytes, found))
    }

    /// An image without magic. Those of plugins show their byte order by a length that fits.
    fn whole(name: &'a BStr, bytes: &'a [u8], kind: Kind) -> Self {
        let framing = kind.row().framing;
        let fits = |order| framing == Framing::Plugin && plugin_record(bytes, order).is_ok();
        let order =
            if !fits(ByteOrder::Little) && fits(ByteOrder::Big) { ByteOrder::Big } else { ByteOrder::Little };
        Self { name, bytes, body: bytes, kind, framing, order }
    }

    /// The name that the image was given.
    #[must_use]
    pub fn name(&self) -> &'a BStr {
        self.name
    }

    /// What the image is, by its magic.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What the file name stands for, and its number. Where this is another kind than
    /// [`kind`](Self::kind), the image was renamed or swapped.
    #[must_use]
    pub fn named(&self) -> Option<Named> {
        Kind::of_name(base_name(self.name))
    }

    /// Which magics the image has.
    #[must_use]
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// The byte order of magic and lengths. Images without magic do not tell: little-endian is assumed.
    #[must_use]
    pub fn byte_order(&self) -> ByteOrder {
        self.order
    }

    /// All bytes, with the magic.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The bytes behind the magic; everything, if there is none.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The records with their payloads, undecoded. Empty for images that have no records.
    #[must_use]
    pub fn entries(&self) -> Entries<'a> {
        let (rest, unframed) = match self.kind.messages().next() {
            Some(_) => (self.body, &[][..]),
            None => (&[][..], self.body),
        };
        Entries { image: *self, rest, unframed, payload: self.kind.payload(), cut: None, next: 0 }
    }

    /// A writer that has begun an image with the same magics in the same byte order.
    #[must_use]
    pub fn writer(&self) -> Writer {
        Writer::new(self.kind, self.framing, self.order)
    }

    /// The records that are an `M`, decoded.
    ///
    /// Where a kind has two messages, those of the other are passed over: `records::<PagemapEntry>()` gives
    /// all but the head of a pagemap. Where it has no `M` at all, the only item is
    /// [`Error::WrongMessage`].
    #[must_use]
    pub fn records<M: Message>(&self) -> Records<'a, M> {
        let wanted = M::descriptor();
        let is_wanted =
            |index| self.kind.message_at(index).is_some_and(|message| core::ptr::eq(message, wanted));
        // All records behind the first one are of one message.
        let (first, others) = (is_wanted(0), is_wanted(1));
        let refusal = (!first && !others).then(|| Error::WrongMessage {
            member: self.name.into(),
            kind: self.kind,
            wanted: wanted.name,
        });
        Records { entries: self.entries(), first, others, refusal, message: PhantomData }
    }

    /// Where a part of this image begins, in bytes from its start: a record, a payload, or a piece of one that was borrowed
    /// from it. 0 for bytes of anything else.
    #[must_use]
    pub fn offset_of(&self, part: &[u8]) -> u64 {
        offset(self.bytes, part)
    }

    pub(crate) fn malformed(&self, entry: usize, located: &Located<'_>) -> Error {
        Error::Malformed {
            member: self.name.into(),
            entry,
            offset: offset(self.bytes, located.at),
            fault: located.fault,
        }
    }
}

/// The file's own name.
fn base_name(name: &BStr) -> &[u8] {
    name.rsplit(|&byte| byte == b'/').next().unwrap_or(name)
}

/// A 32-bit word of the image's byte order.
#[inline]
pub(crate) fn word(input: &[u8], order: ByteOrder) -> Parsed<'_, u32> {
    u32(order.endianness())(input)
}

/// One record and its payload, undecoded.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Number of the record, from 0.
    pub index: usize,
    /// Where the record's length stands, in bytes from the start of the image.
    pub offset: u64,
    /// The record: protobuf, without its length.
    pub bytes: &'a [u8],
    /// What follows the record and belongs to it; empty for most kinds.
    pub payload: &'a [u8],
    image: Image<'a>,
}

impl<'a> Entry<'a> {
    /// The message that the record is.
    #[must_use]
    pub fn message(&self) -> Option<&'static Descriptor> {
        self.image.kind.message_at(self.index)
    }

    /// The image that the record is in.
    #[must_use]
    pub fn image(&self) -> Image<'a> {
        self.image
    }

    /// The record with its payload alone behind it.
    pub(crate) fn framed(&self) -> Framed<'a> {
        Framed { index: self.index, record: self.bytes, rest: self.payload, order: self.image.order }
    }

    /// Decodes the record as an `M`, whatever its kind says.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if the bytes are no protobuf.
    #[inline]
    pub fn decode<M: Message>(&self) -> Result<Record<'a, M>, Error> {
        let mut message = M::default();
        let mut decoder = Decoder::new();
        match message.merge(self.bytes, &mut decoder) {
            Ok(()) => Ok(Record { message, entry: *self, remarkable: decoder.remarkable }),
            Err(located) => Err(self.image.malformed(self.index, &located)),
        }
    }
}

/// Iterator over the records of an image. It ends after the first error, because nothing leads on from there.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    image: Image<'a>,
    pub(crate) rest: &'a [u8],
    unframed: &'a [u8],
    payload: Option<Payload>,
    cut: Option<Entry<'a>>,
    next: usize,
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let index = self.next;
        self.next = index.saturating_add(1);
        match self.entry(index) {
            Ok((rest, entry)) => {
                self.rest = rest;
                Some(Ok(entry))
            }
            Err(error) => {
                self.unframed = core::mem::take(&mut self.rest);
                Some(Err(self.image.malformed(index, &wire::located(error))))
            }
        }
    }
}

impl<'a> Entries<'a> {
    /// The bytes that are in no record: from where an error ended the iteration, or all of an image without
    /// records.
    #[must_use]
    pub fn unframed(&self) -> &'a [u8] {
        self.unframed
    }

    /// The record whose payload ended the iteration, because it is longer than the image or not what it should be, with
    /// everything behind the record as its payload.
    #[must_use]
    pub fn cut(&self) -> Option<Entry<'a>> {
        self.cut
    }

    /// The next record, framed: its length, itself, its payload.
    #[inline]
    fn entry(&mut self, index: usize) -> Parsed<'a, Entry<'a>> {
        let image = self.image;
        let start = self.rest;
        let (rest, bytes) = match image.framing {
            Framing::Plugin => plugin_record(start, image.order)?,
            _ => record(start, image.order)?,
        };
        let length = match self.payload {
            Some(length) => length(&Framed { index, record: bytes, rest, order: image.order }),
            None => Ok(0),
        };
        let offset = offset(image.bytes, start);
        let entry = Entry { index, offset, bytes, payload: rest, image };
        let length = length.map_err(|located| {
            self.cut = Some(entry);
            nom::Err::Error(located)
        })?;
        let Some((payload, rest)) = rest.split_at_checked(length) else {
            self.cut = Some(entry);
            let claimed = u64::try_from(length).unwrap_or(u64::MAX);
            return wire::fault(rest, Fault::Length { what: "a payload", claimed, left: wire::len(rest) });
        };
        Ok((rest, Entry { payload, ..entry }))
    }
}

/// A record, framed: its length in the byte order of the image, then that many bytes.
#[inline]
pub(crate) fn record(start: &[u8], order: ByteOrder) -> Parsed<'_, &[u8]> {
    let Ok((rest, claimed)) = word(start, order) else {
        return wire::fault(start, Fault::Truncated("the length of a record"));
    };
    let left = wire::len(rest);
    let split = usize::try_from(claimed).ok().and_then(|length| rest.split_at_checked(length));
    match split {
        _ if claimed > MAX_RECORD && u64::from(claimed) <= left => {
            wire::fault(start, Fault::TooLong { claimed: claimed.into(), limit: MAX_RECORD.into() })
        }
        Some((record, rest)) => Ok((rest, record)),
        None => wire::fault(start, Fault::Length { what: "a record", claimed: claimed.into(), left }),
    }
}

/// The record of a plugin: its length in 64 bits, then that many bytes.
fn plugin_record(start: &[u8], order: ByteOrder) -> Parsed<'_, &[u8]> {
    let length: Parsed<'_, u64> = u64(order.endianness())(start);
    let Ok((rest, claimed)) = length else {
        return wire::fault(start, Fault::Truncated("the length of a record"));
    };
    match usize::try_from(claimed).ok().and_then(|length| rest.split_at_checked(length)) {
        Some((record, rest)) => Ok((rest, record)),
        None => wire::fault(start, Fault::Length { what: "a record", claimed, left: wire::len(rest) }),
    }
}

/// A record and what follows it, for finding out how much of that is its payload.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Framed<'a> {
    /// Number of the record, from 0.
    pub(crate) index: usize,
    /// The record.
    pub(crate) record: &'a [u8],
    /// Everything behind it.
    pub(crate) rest: &'a [u8],
    /// Byte order of the image.
    pub(crate) order: ByteOrder,
}

#[cfg(test)]
mod tests;
