//! Image streams.
use crate::archive::{Contents, Opener};
use crate::decode::Compression;
use crate::finding::Findings;
use crate::source::SharedSource;
use crate::{Error, Member};

pub(crate) fn is_stream(_head: &[u8]) -> bool {
    false
}
pub(crate) fn contents(
    _s: SharedSource,
    _c: Compression,
    _o: &Opener<'_>,
    _f: &mut Findings,
) -> Result<Contents, Error> {
    Err(Error::NoMember(crate::MemberName::new(b"")))
}
pub(crate) fn shards(_l: &[Member], _o: &Opener<'_>, _f: &mut Findings) -> Result<Option<Contents>, Error> {
    Ok(None)
}
