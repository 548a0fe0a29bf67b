//! The bodies of members: passed, kept, or laid out by a sparse map.

use std::io;
use std::sync::Arc;

use super::header::{self, BLOCK, Block, Header, Parsed};
use super::padded;
use super::reader::Reader;
use super::sparse::{self, Announced, Map};
use crate::finding::{Code, Finding};
use crate::input::Taken;
use crate::member::{Content, Member, MemberKind};
use crate::source::{Piece, Pieces};

impl Reader<'_> {
    /// Passes a member's body and says where it is. `announced` is what the records say, if the member is sparse.
    pub(super) fn body(
        &mut self,
        header: &Header<'_>,
        announced: Option<Announced>,
        size: u64,
        member: &mut Member,
    ) -> io::Result<()> {
        match (member.kind, announced) {
            (MemberKind::File, _) if header.flag == b'S' => {
                let map = self.gnu_map(header, member)?;
                self.sparse(map, size, member)
            }
            (MemberKind::File, Some(announced)) => self.announced(announced, size, member),
            (MemberKind::File | MemberKind::Other(_), _) => self.plain(size, member),
            _ => self.bodiless(size, member),
        }
    }

    fn plain(&mut self, size: u64, member: &mut Member) -> io::Result<()> {
        let keep = (self.keep)(&member.name, size);
        let Taken { there, content, cut } = self.input.take(size, keep)?;
        if there == size {
            self.input.skip(padded(size).saturating_sub(size))?;
        }
        if let Some(kept) = cut {
            let text = format!("the limit `spool` was reached after {kept} bytes of this member");
            self.findings.add(Finding::new(Code::SpoolLimit, text).of(&member.name).at(member.offset));
        }
        member.size = size;
        member.set_available(cut.unwrap_or(there));
        member.content = Some(content);
        Ok(())
    }

    /// A link, directory or device with a size: readers differ on whether a body follows, so the next block decides.
    fn bodiless(&mut self, size: u64, member: &mut Member) -> io::Result<()> {
        if size == 0 {
            return Ok(());
        }
        let Ok((block, at)) = self.block()? else { return Ok(()) };
        let followed = !header::is_header_or_end(&block);
        if followed {
            self.input.skip(padded(size).saturating_sub(BLOCK as u64))?;
        } else {
            self.next = Some(block);
        }
        let code = if member.kind == MemberKind::Hardlink { Code::LinkWithBody } else { Code::StrangeType };
        let what = if followed { "and a body, which was passed over" } else { "but no body" };
        let text = format!("a {} with a size of {size} bytes, {what}", member.kind.name());
        self.findings.add(Finding::new(code, text).of(&member.name).at(at));
        Ok(())
    }

    /// The map of an old GNU sparse member, from its header and the blocks behind it.
    fn gnu_map(&mut self, header: &Header<'_>, member: &Member) -> io::Result<Result<Map, String>> {
        let Some((mut map, mut more)) = sparse::gnu_header(header) else {
            return Ok(Err(String::from("the sparse map in the header holds something that is no number")));
        };
        let mut blocks = 0_u64;
        while more {
            blocks = blocks.saturating_add(1);
            if blocks.saturating_mul(21) > self.limits.sparse_chunks {
                return Ok(Err(format!(
                    "more than {} chunks (limit `sparse_chunks`)",
                    self.limits.sparse_chunks
                )));
            }
            let (block, at) = match self.block()? {
                Ok(found) => found,
                Err(_) => return Ok(Err(String::from("the archive ends in a sparse map"))),
            };
            let extension = sparse::gnu_extension(&block, &mut map).filter(|_| !is_header(&block));
            let Some(next) = extension else {
                self.next = Some(block);
                let text = "the sparse map says that it goes on, but this block is no part of one";
                self.findings.add(Finding::new(Code::BadSparse, text).of(&member.name).at(at));
                break;
            };
            more = next;
        }
        Ok(Ok(map))
    }

    fn announced(&mut self, announced: Announced, size: u64, member: &mut Member) -> io::Result<()> {
        match announced {
            Announced::Map(map) => self.sparse(Ok(map), size, member),
            Announced::Damaged(why) => self.sparse(Err(why.into()), size, member),
            Announced::InBody(real_size) => {
                let limit = self.limits.sparse_chunks;
                let before = self.input.position();
                let input = &mut *self.input;
                let map = sparse::from_body(real_size, size, limit, || {
                    let mut block = [0; BLOCK];
                    Ok((input.read(&mut block)? == BLOCK).then_some(block))
                })?;
                let taken = self.input.position().saturating_sub(before);
                let map = map.map(|(map, _)| map).map_err(String::from);
                self.sparse(map, size.saturating_sub(taken), member)
            }
        }
    }

    /// Passes the stored bytes of a sparse member and lays them out by its map.
    fn sparse(&mut self, map: Result<Map, String>, stored: u64, member: &mut Member) -> io::Result<()> {
        member.rare_mut().sparse = true;
        // A map that ended early left a header in hand: no stored bytes lie between.
        let stored = if self.next.is_some() { 0 } else { stored };
        let at = self.input.position();
        self.plain(stored, member)?;
        let pieces = map.and_then(|map| Ok((map.pieces(stored)?, map.real_size)));
        match pieces {
            Ok((pieces, real_size)) => {
                let there = member.available();
                member.size = real_size;
                member.set_available(if there == stored { real_size } else { first_missing(&pieces, there) });
                if let Some(base) = member.content.as_ref().and_then(|content| content.stored(at, there)) {
                    let content = Content::Source(Arc::new(Pieces::new(vec![base], pieces, real_size)));
                    member.content = Some(Arc::new(content));
                }
            }
            Err(why) => {
                self.findings
                    .add(Finding::new(Code::BadSparse, why.clone()).of(&member.name).at(member.offset));
                member.content = Some(Arc::new(Content::Damaged(why.into())));
            }
        }
        Ok(())
    }
}

/// Where the first byte that is not there lies in a sparse member of which `there` stored bytes are.
fn first_missing(pieces: &[Piece], there: u64) -> u64 {
    let cut = pieces.iter().find(|piece| piece.offset.saturating_add(piece.length) > there);
    cut.map_or(0, |piece| piece.start.saturating_add(there.saturating_sub(piece.offset)))
}

fn is_header(block: &Block) -> bool {
    matches!(header::parse(block), Parsed::Header(_))
}
