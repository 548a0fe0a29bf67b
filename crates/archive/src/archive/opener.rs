//! From bytes to members: what they are is told by the first of them.

use std::io::{BufRead, BufReader};
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::{Archive, Options, Root};
use crate::container::{self, Kind, stream};
use crate::decode::{Compression, Decoder};
use crate::finding::Findings;
use crate::input::{HEAD, Input, SourceInput, StreamInput};
use crate::source::{Reader, SharedSource, Spool, read_full_at};
use crate::watch::Watched;
use crate::{Error, Member, MemberName, Members, tar};

/// What was found behind the compression, before anybody asked what it means.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) members: Members,
    /// Known already for streams and lone images.
    pub(crate) kind: Option<Kind>,
    pub(crate) compression: Compression,
}

impl Contents {
    pub(super) fn into_archive(
        self,
        length: u64,
        directory: bool,
        opener: &Opener<'_>,
        mut findings: Findings,
    ) -> Result<Archive, Error> {
        let members = Arc::new(self.members);
        let (kind, roots) = match self.kind {
            Some(kind) => (kind, vec![Root::whole(&members, BString::default())]),
            None => container::recognise(&members, directory, opener, &mut findings),
        };
        let options = opener.options.clone();
        let findings = findings.into_vec();
        let (compression, file_name, depth) = (self.compression, None, 0);
        Ok(Archive {
            kind,
            compression,
            length,
            members,
            roots,
            findings,
            options,
            file_name,
            stamp: None,
            depth,
        })
    }
}

/// Opens archives in archives with the options of the outermost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opener<'a> {
    pub(crate) options: &'a Options,
}

impl Opener<'_> {
    /// The members of a tar that is itself a member.
    pub(crate) fn nested(&self, member: &Member, findings: &mut Findings) -> Result<Arc<Members>, Error> {
        let mut inner = Findings::default();
        let contents = self.contents(member.source()?, b"", &mut inner)?;
        // The place of what was found inside is the member.
        findings.extend(inner.into_vec().into_iter().map(|mut finding| {
            finding.text = match finding.member.take() {
                Some(name) => format!("`{name}` inside: {}", finding.text),
                None => finding.text,
            };
            finding.of(&member.name)
        }));
        Ok(Arc::new(contents.members))
    }

    /// Takes a source for what its first bytes say.
    pub(crate) fn contents(
        &self,
        source: SharedSource,
        name: &[u8],
        findings: &mut Findings,
    ) -> Result<Contents, Error> {
        let mut head = vec![0; HEAD];
        let count = read_full_at(source.as_ref(), 0, &mut head).map_err(Error::io("archive"))?;
        head.truncate(count);
        if Compression::of(&head) != Compression::None {
            let reader = BufReader::with_capacity(64 << 10, Reader::new(source));
            return self.decode(Box::new(reader), name, findings);
        }
        if tar::is_tar(&head) {
            let members = self.index(&mut SourceInput::new(source), findings)?;
            return Ok(Contents { members, kind: None, compression: Compression::None });
        }
        if stream::is_stream(&head) {
            return stream::contents(source, Compression::None, self, findings);
        }
        if is_image(&head) || name.ends_with(b".img") && !head.is_empty() {
            let member = Member::lone(source, if name.is_empty() { b"image" } else { name });
            let members = Members::new(vec![member], findings);
            return Ok(Contents { members, kind: Some(Kind::Image), compression: Compression::None });
        }
        Err(unknown(&head, source.len()))
    }

    /// Decodes a stream, compressed or not, once.
    pub(crate) fn decode(
        &self,
        stream: Box<dyn BufRead + Send>,
        name: &[u8],
        findings: &mut Findings,
    ) -> Result<Contents, Error> {
        let limits = &self.options.limits;
        let stream = match &self.options.watch {
            Some(watch) => Box::new(Watched::new(stream, watch.clone())),
            None => stream,
        };
        let mut decoder = Decoder::new(stream, limits)?;
        let compression = decoder.compression();
        let head = decoder.peek(HEAD)?.to_vec();
        if Compression::of(&head) != Compression::None {
            let (outer, inner) = (compression.name(), Compression::of(&head).name());
            return Err(Error::UnknownContainer {
                found: format!("{inner} inside {outer}"),
                expected: "one layer of compression around a tar; undo the outer one first",
            });
        }
        let mut input = StreamInput::new(decoder, Spool::new(limits.memory, limits.spool));
        if tar::is_tar(&head) {
            let members = self.index(&mut input, findings)?;
            findings.extend(input.into_stream().finish());
            return Ok(Contents { members, kind: None, compression });
        }
        // Anything else is not worth a pass of its own: decode it whole and look again.
        let taken = input.take(u64::MAX, true).map_err(Error::io("archive"))?;
        findings.extend(input.into_stream().finish());
        let source = taken.content.stored(0, taken.there).unwrap_or_else(|| Arc::new(Vec::new()));
        let contents = self.contents(source, name, findings)?;
        Ok(Contents { compression, ..contents })
    }

    fn index(&self, input: &mut dyn Input, findings: &mut Findings) -> Result<Members, Error> {
        let options = self.options;
        let keep = |name: &MemberName, size: u64| options.keep.wants(name, size, &options.limits);
        let list = tar::index(input, &keep, &options.limits, findings).map_err(|source| Error::Io {
            what: format!("archive, offset {:#x}", input.position()),
            source,
        })?;
        Ok(Members::new(list, findings))
    }
}

/// Whether the first bytes of a member ([`Member::head`]) are those of a tar, plain or compressed.
pub fn looks_like_tar(head: &[u8]) -> bool {
    tar::is_tar(head) || Compression::of(head) != Compression::None
}

/// Whether the first bytes are one of the magics that every image of CRIU begins with.
fn is_image(head: &[u8]) -> bool {
    const MAGICS: [u32; 3] = [0x5831_3116, 0x5456_4319, 0x5510_5940];
    let Some(first) = head.first_chunk::<4>() else { return false };
    MAGICS.contains(&u32::from_le_bytes(*first)) || MAGICS.contains(&u32::from_be_bytes(*first))
}

fn unknown(head: &[u8], length: u64) -> Error {
    let found = match head {
        [] => String::from("an empty file; an export that failed leaves one"),
        _ => {
            let start = head.get(..head.len().min(8)).unwrap_or_default();
            format!("{length} bytes that begin with {}", start.as_bstr().escape_bytes())
        }
    };
    Error::UnknownContainer {
        found,
        expected: "a tar (plain, gzip, zstd, xz, bzip2 or lz4), a CRIU image, an image stream or a directory of these",
    }
}
