//! Logs of the container's output: the members `io.kubernetes.cri-o.LogPath`, `container.log` and `ctr.log`.
//!
//! Two forms, told line by line. The CRI's and Podman's k8s-file: `TIME STREAM TAG TEXT`, where tag `P` means
//! that the message goes on in the next line of the stream and `F` that it ends. json-file:
//! `{"log":…,"stream":…,"time":…}`, where the message ends if its text ends in a newline.

use std::borrow::Cow;

use serde::Serialize;

use crate::finding::Findings;
use crate::json::{self, Node};

/// The most bytes of one message that are joined; a longer one comes in parts, all but the last marked as
/// partial.
pub const MESSAGE_LIMIT: usize = 1 << 24;

/// Which output a message went to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// The line has none of the forms; it is given as it stands.
    Unknown,
}

/// A message of a container, its fragments joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<'a> {
    /// When its first fragment was written, as the log has it; empty if the line has none of the forms.
    pub time: Cow<'a, str>,
    /// Which output it went to.
    pub stream: Stream,
    /// What was written, without the newline.
    pub text: Cow<'a, [u8]>,
    /// True if the end of the message is not in the log, or it was longer than [`MESSAGE_LIMIT`].
    pub partial: bool,
}

/// Iterates over the messages of a log, in the order in which they end.
#[derive(Debug, Clone)]
pub struct Messages<'a> {
    rest: &'a [u8],
    joiner: Joiner,
}

/// The messages of a log.
pub fn messages(log: &[u8]) -> Messages<'_> {
    Messages { rest: log, joiner: Joiner::default() }
}

impl<'a> Iterator for Messages<'a> {
    type Item = Message<'a>;

    fn next(&mut self) -> Option<Message<'a>> {
        while !self.rest.is_empty() {
            let end = self.rest.iter().position(|&byte| byte == b'\n').unwrap_or(self.rest.len());
            let (line, rest) = self.rest.split_at_checked(end)?;
            self.rest = rest.strip_prefix(b"\n").unwrap_or_default();
            if let Some(message) = self.joiner.line(line) {
                return Some(message);
            }
        }
        self.joiner.finish()
    }
}

/// Joins the lines of a log that comes piece by piece; of a log that is at hand, [`messages`] gives the same.
#[derive(Debug, Clone, Default)]
pub struct Joiner {
    /// Messages whose end was not seen yet, one a stream.
    pending: [Option<Message<'static>>; 2],
}

impl Joiner {
    /// Takes the next line, without its newline; gives the message if it ends in it, or is as long as may be.
    pub fn line<'a>(&mut self, line: &'a [u8]) -> Option<Message<'a>> {
        let fragment = fragment(line);
        let [stdout, stderr] = &mut self.pending;
        let slot = match fragment.stream {
            Stream::Stdout => stdout,
            Stream::Stderr => stderr,
            Stream::Unknown => return Some(fragment),
        };
        let message = match slot.take() {
            Some(mut begun) => {
                begun.text.to_mut().extend_from_slice(&fragment.text);
                Message { partial: fragment.partial, ..begun }
            }
            None => fragment,
        };
        if message.partial && message.text.len() < MESSAGE_LIMIT {
            *slot = Some(message.into_owned());
            return None;
        }
        Some(message)
    }

    /// Gives a message whose end never came, and the next time the other stream's, once there are no more lines.
    pub fn finish(&mut self) -> Option<Message<'static>> {
        self.pending.iter_mut().find_map(Option::take)
    }
}

impl Message<'_> {
    fn into_owned(self) -> Message<'static> {
        let Self { time, stream, text, partial } = self;
        Message { time: Cow::Owned(time.into_owned()), stream, text: Cow::Owned(text.into_owned()), partial }
    }
}

/// What a line says by itself.
fn fragment(line: &[u8]) -> Message<'_> {
    let unknown = || Message {
        time: Cow::Borrowed(""),
        stream: Stream::Unknown,
        text: Cow::Borrowed(line),
        partial: false,
    };
    cri_line(line).or_else(|| json_line(line)).unwrap_or_else(unknown)
}

/// `TIME STREAM TAG TEXT`. Tags after the first, behind colons, are reserved by the CRI.
fn cri_line(line: &[u8]) -> Option<Message<'_>> {
    let mut parts = line.splitn(4, |&byte| byte == b' ');
    let time = std::str::from_utf8(parts.next()?).ok()?;
    let stream = stream(parts.next()?)?;
    let tag = parts.next()?;
    let text = parts.next().unwrap_or_default();
    let partial = match tag.split(|&byte| byte == b':').next()? {
        b"F" => false,
        b"P" => true,
        _ => return None,
    };
    // Every time begins with a year: a line of a program that happens to have four words does not.
    let dated = time.len() >= 20 && time.starts_with(|c: char| c.is_ascii_digit()) && time.contains('T');
    dated.then_some(Message { time: Cow::Borrowed(time), stream, text: Cow::Borrowed(text), partial })
}

/// `{"log":"text\n","stream":"stdout","time":"…"}`.
fn json_line(line: &[u8]) -> Option<Message<'static>> {
    if line.first() != Some(&b'{') {
        return None;
    }
    let node = json::parse(line, &mut Findings::new(""))?;
    let field = |key| node.get(key).and_then(Node::as_str);
    let (log, time) = (field("log")?, field("time")?.to_owned());
    let stream = stream(field("stream")?.as_bytes())?;
    let text = log.strip_suffix('\n');
    let partial = text.is_none();
    let text = text.unwrap_or(log).as_bytes().to_vec();
    Some(Message { time: Cow::Owned(time), stream, text: Cow::Owned(text), partial })
}

fn stream(name: &[u8]) -> Option<Stream> {
    match name {
        b"stdout" => Some(Stream::Stdout),
        b"stderr" => Some(Stream::Stderr),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Each message as (stream, text, partial).
    fn check(log: &str, expected: &[(Stream, &str, bool)]) {
        let got: Vec<_> = messages(log.as_bytes())
            .map(|message| {
                (message.stream, String::from_utf8(message.text.into_owned()).unwrap(), message.partial)
            })
            .collect();
        let expected: Vec<_> =
            expected.iter().map(|&(stream, text, partial)| (stream, text.to_owned(), partial)).collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn fragments_are_joined_by_stream() {
        check(
            "2026-11-25T20:35:47.934826643+00:00 stdout P first \n\
             2026-11-25T20:35:47.934826644+00:00 stderr F between\n\
             2026-11-25T20:35:47.934826645+00:00 stdout F second\n\
             2026-11-25T20:35:47.934826646+00:00 stdout F\n\
             2026-11-25T20:35:47.934826647+00:00 stderr P cut",
            &[
                (Stream::Stderr, "between", false),
                (Stream::Stdout, "first second", false),
                (Stream::Stdout, "", false),
                (Stream::Stderr, "cut", true),
            ],
        );
    }

    #[test]
    fn json_lines_and_lines_of_no_form() {
        check(
            "{\"log\":\"a \\u003c b\",\"stream\":\"stdout\",\"time\":\"2026-11-25T20:35:47Z\"}\n\
             {\"log\":\" c\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-25T20:35:47Z\"}\n\
             plain text\n\nnow stdout F text",
            &[
                (Stream::Stdout, "a < b c", false),
                (Stream::Unknown, "plain text", false),
                (Stream::Unknown, "", false),
                (Stream::Unknown, "now stdout F text", false),
            ],
        );
    }

    proptest! {
        #[test]
        fn any_bytes_end(log in "([0-9T:-]{20} (stdout|stderr) [FP] .{0,9}\n|.{0,9}\n){0,9}") {
            let lines = log.split('\n').count();
            prop_assert!(messages(log.as_bytes()).count() <= lines);
        }
    }

    fn texts(log: &[u8]) -> Vec<(Stream, String, bool)> {
        let shown = |message: Message<'_>| {
            (message.stream, String::from_utf8_lossy(&message.text).into_owned(), message.partial)
        };
        messages(log).map(shown).collect()
    }

    #[test]
    fn lines_of_the_cri_have_four_parts() {
        const TIME: &str = "2026-11-25T20:30:46.123456789Z";
        for (rest, stream, text, partial) in [
            (" stdout F hello world", Stream::Stdout, "hello world", false),
            (" stderr F ", Stream::Stderr, "", false),
            (" stdout F", Stream::Stdout, "", false),
            (" stdout F:x:y text", Stream::Stdout, "text", false),
            (" stdout P half", Stream::Stdout, "half", true),
            (" stdout F  two spaces", Stream::Stdout, " two spaces", false),
        ] {
            assert_eq!(
                texts(format!("{TIME}{rest}").as_bytes()),
                [(stream, text.to_owned(), partial)],
                "{rest}"
            );
        }
        for line in [
            "stdout F x",
            "2026-11-25T20:30:46Z stdin F x",
            "2026-11-25T20:30:46Z stdout X x",
            "2026-11-25T20:30:46Z stdout",
            "2026-11-25 stdout F x",
            "not-a-time-but-long-enough stdout F x",
            "",
            " ",
        ] {
            let expected: Vec<_> =
                (!line.is_empty()).then(|| (Stream::Unknown, line.to_owned(), false)).into_iter().collect();
            assert_eq!(texts(line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn lines_of_json_have_three_keys() {
        let line = |text: &str| texts(text.as_bytes());
        let known = |stream, text: &str, partial| vec![(stream, text.to_owned(), partial)];
        assert_eq!(line(r#"{"log":"a\n","stream":"stderr","time":"t"}"#), known(Stream::Stderr, "a", false));
        assert_eq!(line(r#"{"log":"a","stream":"stdout","time":"t"}"#), known(Stream::Stdout, "a", true));
        assert_eq!(
            line(r#"{"log":"\n","stream":"stdout","time":"","x":[]}"#),
            known(Stream::Stdout, "", false)
        );
        for other in [
            r#"{"log":"a","stream":"stdout"}"#,
            r#"{"log":1,"stream":"stdout","time":"t"}"#,
            r#"{"log":"a","stream":"both","time":"t"}"#,
            r#"{"log":"a","#,
            "{}",
            "[]",
        ] {
            assert_eq!(line(other), known(Stream::Unknown, other, false));
        }
    }

    /// Fragments of two outputs in turn, and one that never ends.
    #[test]
    fn outputs_do_not_mix() {
        let log = b"2026-11-25T20:30:46Z stdout P a\n2026-11-25T20:30:47Z stderr P x\n2026-11-25T20:30:48Z stdout F b\n\
            raw\n2026-11-25T20:30:49Z stderr P y";
        let expected =
            [(Stream::Stdout, "ab", false), (Stream::Unknown, "raw", false), (Stream::Stderr, "xy", true)];
        assert_eq!(texts(log), expected.map(|(stream, text, partial)| (stream, text.to_owned(), partial)));
        let first = messages(log).next().unwrap();
        assert_eq!(first.time, "2026-11-25T20:30:46Z", "the time of its first fragment");
    }

    #[test]
    fn a_message_without_end_comes_in_parts() {
        let fragment = format!("2026-11-25T20:30:46Z stdout P {}\n", "x".repeat(1 << 20));
        let log = fragment.repeat(40);
        let lengths: Vec<_> =
            messages(log.as_bytes()).map(|message| (message.text.len(), message.partial)).collect();
        assert_eq!(lengths, [(1 << 24, true), (1 << 24, true), (8 << 20, true)]);
    }

    /// Whoever has only one line at a time gets what others get.
    #[test]
    fn lines_one_by_one_are_the_same_messages() {
        let log = b"2026-11-25T20:30:46Z stdout P a\nraw\n2026-11-25T20:30:47Z stderr P x\n\
            2026-11-25T20:30:48Z stdout F b\n2026-11-25T20:30:49Z stderr P y\n2026-11-25T20:30:49Z stdout P z";
        let (mut joiner, mut found) = (Joiner::default(), Vec::new());
        for line in log.split(|&byte| byte == b'\n') {
            found.extend(joiner.line(line));
        }
        found.extend(std::iter::from_fn(|| joiner.finish()));
        assert_eq!(found, messages(log).collect::<Vec<_>>());
        let texts: Vec<_> = found.iter().map(|message| message.text.as_ref()).collect();
        assert_eq!(texts, [&b"raw"[..], b"ab", b"z", b"xy"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_kept() {
        let line = b"2026-11-25T20:30:46Z stdout F \xff\0\x1b[31m";
        assert_eq!(messages(line).next().unwrap().text.as_ref(), b"\xff\0\x1b[31m");
        assert_eq!(messages(b"\xff\xfe\n").next().unwrap().text.as_ref(), b"\xff\xfe");
        assert_eq!(messages(b"").next(), None);
        assert_eq!(messages(b"\n\n").count(), 2);
    }
}
