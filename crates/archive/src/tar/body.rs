//! The bodies of members: passed, kept, or laid out by a sparse map.

use std::io;
use std::sync::Arc;

use super::header::{self, BLOCK, Block, Header, Parsed};
use super::padded;
use super::pax::Records;
use super::reader::Reader;
use super::sparse::{self, Announced, Map};
use crate::finding::{Code, Finding};
use crate::input::Body;
use crate::member::{Content, Member, MemberKind};
use crate::source::{Piece, Pieces};

impl Reader<'_> {
    /// Passes a member's body; says whether the member is sparse.
    pub(super) fn body(
        &mut self,
        header: &Header,
        facts: &Records,
        size: u64,
        member: &mut Member,
    ) -> io::Result<bool> {
        match member.kind {
            MemberKind::File if header.flag == b'S' => {
                let map = self.gnu_map(header, member)?;
                self.sparse(map, size, member)?;
                Ok(true)
            }
            MemberKind::File => match Announced::find(facts) {
                Some(announced) => {
                    self.announced(announced, size, member)?;
                    Ok(true)
                }
                None => {
                    self.plain(size, member)?;
                    Ok(false)
                }
            },
            MemberKind::Other(_) => {
                self.plain(size, member)?;
                Ok(false)
            }
            _ => {
                self.bodiless(size, member)?;
                Ok(false)
            }
        }
    }

    fn plain(&mut self, size: u64, member: &mut Member) -> io::Result<()> {
        let keep = (self.keep)(&member.name, size);
        let taken = self.input.take(size, keep)?;
        let padding = padded(size).saturating_sub(size);
        if taken.there == size {
            self.input.take(padding, false)?;
        }
        (member.size, member.available) = (size, taken.there);
        self.settle(taken.body, member);
        Ok(())
    }

    /// Takes over what is left of a body.
    fn settle(&mut self, body: Body, member: &mut Member) {
        if let Body::Cut(kept) = &body {
            let text = format!("the limit `spool` was reached after {} bytes of this member", kept.len());
            self.findings.add(Finding::new(Code::SpoolLimit, text).of(&member.name).at(member.offset));
            member.available = kept.len();
        }
        member.content = body.into();
    }

    /// A link, directory or device with a size: readers differ on whether a body follows, so the next block decides.
    fn bodiless(&mut self, size: u64, member: &mut Member) -> io::Result<()> {
        if size == 0 {
            return Ok(());
        }
        let Ok((block, at)) = self.block()? else { return Ok(()) };
        let followed = !header::is_header_or_end(&block);
        if followed {
            self.input.take(padded(size).saturating_sub(BLOCK as u64), false)?;
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
    fn gnu_map(&mut self, header: &Header, member: &Member) -> io::Result<Result<Map, String>> {
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
        // A map that ended early left a header in hand: no stored bytes lie between.
        let stored = if self.next.is_some() { 0 } else { stored };
        self.plain(stored, member)?;
        let pieces = map.and_then(|map| Ok((map.pieces(stored)?, map.real_size)));
        match pieces {
            Ok((pieces, real_size)) => {
                let complete = member.available == stored;
                member.size = real_size;
                member.available =
                    if complete { real_size } else { first_missing(&pieces, member.available) };
                if let Content::Source(source) = &member.content {
                    member.content =
                        Content::Source(Arc::new(Pieces::new(vec![source.clone()], pieces, real_size)));
                }
            }
            Err(why) => {
                self.findings
                    .add(Finding::new(Code::BadSparse, why.clone()).of(&member.name).at(member.offset));
                member.content = Content::Damaged(why.into());
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
