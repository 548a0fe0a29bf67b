//! Events as bytes of the temporary file, which nobody reads but who wrote it.
//!
//! ```text
//! seconds i64 · nanoseconds u32 · kind u8 · number u64 · subject · whether there is a path u8 · path · member · detail
//! ```
//!
//! Numbers are little-endian; a text is its length, u64, and its bytes. Kinds are numbered as in [`EventKind::ALL`].

use std::io::{self, BufRead, Read as _};

use icecore::archive::Timestamp;

use super::sorter::{Place, Placed};
use super::{Event, EventKind};

/// Adds an event.
pub(super) fn write(placed: &Placed, out: &mut Vec<u8>) {
    let Placed { place: Place { time, kind, number }, event } = placed;
    out.extend(time.seconds.to_le_bytes());
    out.extend(time.nanoseconds.to_le_bytes());
    out.push(*kind as u8);
    out.extend(number.to_le_bytes());
    text(event.subject.as_bytes(), out);
    out.push(event.path.is_some().into());
    text(event.path.as_ref().map_or(&b""[..], |path| path), out);
    text(&event.member, out);
    text(&event.detail, out);
}

fn text(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend((bytes.len() as u64).to_le_bytes());
    out.extend(bytes);
}

/// Reads the next event; `None` at the end.
///
/// # Errors
/// What the reader says, and if the bytes are none that [`write`] writes.
pub(super) fn read(input: &mut impl BufRead) -> io::Result<Option<Placed>> {
    if input.fill_buf()?.is_empty() {
        return Ok(None);
    }
    let seconds = i64::from_le_bytes(array(input)?);
    let time = Timestamp { seconds, nanoseconds: u32::from_le_bytes(array(input)?) };
    let [kind] = array(input)?;
    let kind = *EventKind::ALL.get(usize::from(kind)).ok_or(io::ErrorKind::InvalidData)?;
    let number = u64::from_le_bytes(array(input)?);
    let subject = String::from_utf8(bytes(input)?).map_err(|_| io::ErrorKind::InvalidData)?;
    let [has_path] = array(input)?;
    let path = Some(bytes(input)?).filter(|_| has_path != 0);
    let (member, detail) = (bytes(input)?.into(), bytes(input)?.into());
    let event = Event { time, kind, subject, path: path.map(Into::into), member, detail };
    Ok(Some(Placed { place: Place { time, kind, number }, event }))
}

fn array<const N: usize>(input: &mut impl BufRead) -> io::Result<[u8; N]> {
    let mut array = [0; N];
    input.read_exact(&mut array)?;
    Ok(array)
}

fn bytes(input: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let length = u64::from_le_bytes(array(input)?);
    let mut bytes = Vec::new();
    let count = input.take(length).read_to_end(&mut bytes)?;
    if count as u64 == length { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn kinds_are_numbered_as_they_are_listed() {
        for (number, kind) in (0_u8..).zip(EventKind::ALL) {
            assert_eq!(kind as u8, number);
        }
    }

    #[test]
    fn other_bytes_are_errors() {
        let mut sound = Vec::new();
        let time = Timestamp { seconds: -1, nanoseconds: 5 };
        let event = Event {
            time,
            kind: EventKind::Log,
            subject: "é".to_owned(),
            path: None,
            member: "".into(),
            detail: "".into(),
        };
        write(&Placed { place: Place { time, kind: EventKind::Log, number: 1 }, event }, &mut sound);
        for end in 1..sound.len() {
            assert!(read(&mut &sound[..end]).is_err(), "cut at {end}");
        }
        for (at, byte) in [(12, 0xff), (30, 0xff)] {
            let mut other = sound.clone();
            other[at] = byte;
            assert!(read(&mut &other[..]).is_err(), "{byte:#x} at {at}");
        }
        assert!(read(&mut &b""[..]).unwrap().is_none());
    }

    proptest! {
        #[test]
        fn any_event_comes_back(
            (seconds, nanoseconds, number) in any::<(i64, u32, u64)>(),
            kind in prop::sample::select(&EventKind::ALL[..]),
            (subject, path) in any::<(String, Option<Vec<u8>>)>(),
            (member, detail) in any::<(Vec<u8>, Vec<u8>)>(),
        ) {
            let time = Timestamp { seconds, nanoseconds };
            let (path, member, detail) = (path.map(Into::into), member.into(), detail.into());
            let event = Event { time, kind, subject, path, member, detail };
            let placed = Placed { place: Place { time, kind, number }, event };
            let mut bytes = Vec::new();
            write(&placed, &mut bytes);
            let mut input = &bytes[..];
            let read = read(&mut input).unwrap().unwrap();
            prop_assert_eq!(read.place, placed.place);
            prop_assert_eq!(read.event, placed.event);
            prop_assert!(input.is_empty());
        }
    }
}
