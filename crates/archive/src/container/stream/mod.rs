//! Streams of criu-image-streamer: markers with numbers, data between them, in one shard or several.
//!
//! A stream has no magic and no index. Every marker has a number; those of all shards, in the order of their numbers,
//! say which file comes, how many bytes of it follow, where it ends, and where the whole ends. So a file is a list of
//! pieces of shards, and opening reads the markers and none of the data.

mod marker;
mod merge;
mod shard;

#[cfg(test)]
mod tests;

use std::io::{BufReader, Read};
use std::sync::Arc;

use self::marker::{Body, LENGTH, Marker};
use self::shard::{Markers, Shard};
use super::Kind;
use crate::archive::{Contents, Opener};
use crate::decode::{Compression, Decoder};
use crate::finding::{Code, Finding, Findings};
use crate::input::HEAD;
use crate::source::{Reader, SharedSource, Spool, read_full_at};
use crate::{Error, Limits, Member, Members};

/// Whether a shard of a stream begins with these bytes.
///
/// As there is no magic, markers must be as they should: each parses with nothing left over and says something, up to
/// data or a marker that reaches beyond these bytes. Behind two good ones a bad one is damage.
pub(crate) fn is_stream(head: &[u8]) -> bool {
    let mut rest = head;
    let mut seen = 0_usize;
    loop {
        match next(rest) {
            Next::Marker(body, behind) => {
                seen = seen.saturating_add(1);
                let passed = if let Body::Data(length) = body { length } else { 0 };
                rest =
                    usize::try_from(passed).ok().and_then(|passed| behind.get(passed..)).unwrap_or_default();
            }
            Next::OutOfSight => return seen > 0,
            Next::Other => return seen >= 2,
        }
    }
}

/// What bytes begin with.
enum Next<'a> {
    /// A marker that says something, and the bytes behind it.
    Marker(Body<'a>, &'a [u8]),
    /// Less than a whole marker.
    OutOfSight,
    /// Something else.
    Other,
}

fn next(bytes: &[u8]) -> Next<'_> {
    let Some((length, rest)) = bytes.split_first_chunk::<LENGTH>() else { return Next::OutOfSight };
    let Some(length) = marker::length(*length) else { return Next::Other };
    let Some((marker, behind)) = rest.split_at_checked(length) else { return Next::OutOfSight };
    match marker::parse(marker) {
        Some(Marker { body: Some(body), .. }) => Next::Marker(body, behind),
        _ => Next::Other,
    }
}

/// The members of a stream that is one shard.
///
/// # Errors
/// If the source cannot be read.
pub(crate) fn contents(
    source: SharedSource,
    compression: Compression,
    opener: &Opener<'_>,
    findings: &mut Findings,
) -> Result<Contents, Error> {
    let shard = Shard { name: String::from("the stream"), source };
    merged(vec![shard], compression, &opener.options.limits, findings)
}

/// The members of a stream whose shards are the files of a directory; `None` if they are not.
///
/// # Errors
/// If a shard cannot be read.
pub(crate) fn shards(
    list: &[Member],
    opener: &Opener<'_>,
    findings: &mut Findings,
) -> Result<Option<Contents>, Error> {
    let limits = &opener.options.limits;
    if !are_shards(list, limits) {
        return Ok(None);
    }
    let mut spool = Spool::new(limits.memory, limits.spool);
    let mut compression = Compression::None;
    let mut shards = Vec::new();
    for member in list {
        let name = format!("shard `{}`", member.name);
        let source = member.source()?;
        let how = compression_of(&source, &name)?;
        let source = if how == Compression::None {
            source
        } else {
            compression = how;
            decoded(source, &name, &mut spool, limits, findings)?
        };
        shards.push(Shard { name, source });
    }
    merged(shards, compression, limits, findings).map(Some)
}

/// Whether a directory holds shards and nothing else, and one of them begins with a file name. Empty shards are
/// those that no marker was written to.
fn are_shards(list: &[Member], limits: &Limits) -> bool {
    if !list.iter().all(Member::is_file) {
        return false;
    }
    let mut named = false;
    for member in list {
        let head = match decoded_head(member, limits) {
            Ok(head) => head,
            // A shard that is too damaged to decode is for the others to judge.
            Err(Error::Malformed { .. } | Error::Limit { .. }) => continue,
            Err(_) => return false,
        };
        if !head.is_empty() && !is_stream(&head) {
            return false;
        }
        named |= matches!(next(&head), Next::Marker(Body::Name(_), _));
    }
    named
}

/// The first bytes of a file, behind its compression.
fn decoded_head(member: &Member, limits: &Limits) -> Result<Vec<u8>, Error> {
    let mut decoder = Decoder::new(buffered(member.source()?), limits)?;
    let head = decoder.peek(HEAD)?;
    Ok(head.get(..HEAD).unwrap_or(head).to_vec())
}

fn compression_of(source: &SharedSource, name: &str) -> Result<Compression, Error> {
    let mut head = vec![0; HEAD];
    let count = read_full_at(source.as_ref(), 0, &mut head).map_err(Error::io(name))?;
    Ok(Compression::of(head.get(..count).unwrap_or_default()))
}

/// Decodes a whole shard.
fn decoded(
    source: SharedSource,
    name: &str,
    spool: &mut Spool,
    limits: &Limits,
    findings: &mut Findings,
) -> Result<SharedSource, Error> {
    let mut decoder = match Decoder::new(buffered(source), limits) {
        Ok(decoder) => decoder,
        Err(error @ Error::Io { .. }) => return Err(error),
        Err(error) => {
            findings.add(Finding::new(Code::Unreadable, format!("{name}: {error}")));
            return Ok(Arc::new(Vec::new()));
        }
    };
    let mut buffer = vec![0; 128 << 10];
    let mut fits = true;
    loop {
        let count = decoder.read(&mut buffer).map_err(Error::io(name))?;
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty() && fits) else { break };
        fits = spool.write(bytes).map_err(Error::io(name))?;
    }
    if !fits {
        let text = format!("{name}: more than {} bytes to keep (limit `spool`)", limits.spool);
        findings.add(Finding::new(Code::SpoolLimit, text));
    }
    findings.extend(decoder.finish().into_iter().map(|mut finding| {
        finding.text = format!("{name}: {}", finding.text);
        finding
    }));
    spool.finish_run().map_err(Error::io(name))
}

fn buffered(source: SharedSource) -> Box<BufReader<Reader>> {
    Box::new(BufReader::with_capacity(64 << 10, Reader::new(source)))
}

fn merged(
    shards: Vec<Shard>,
    compression: Compression,
    limits: &Limits,
    findings: &mut Findings,
) -> Result<Contents, Error> {
    let mut markers = Markers::new(limits.markers);
    for (index, shard) in shards.iter().enumerate() {
        markers.read(index, shard, findings).map_err(Error::io(&*shard.name))?;
    }
    let list = merge::members(markers, &shards, limits, findings);
    Ok(Contents { members: Members::new(list, findings), kind: Some(Kind::Stream), compression })
}
