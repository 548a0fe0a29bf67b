//! How a name stands in an archive, told by what writers put around its normal form.

use std::borrow::Cow;

use bstr::{BStr, BString, ByteSlice};

use crate::MemberName;

/// What stands in front of a name, and behind it.
const AROUND: [(&[u8], &[u8]); 6] =
    [(b"", b""), (b"", b"/"), (b"./", b""), (b"./", b"/"), (b"/", b""), (b"/", b"/")];

/// One of the ways to write a name, so that it need not be kept a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Spelling(u8);

impl Spelling {
    /// How `raw` writes its normal form. `None`: in a way of its own.
    pub(super) fn of(raw: &[u8], name: &MemberName) -> Option<Self> {
        let inner = |(front, behind): &(&[u8], &[u8])| raw.strip_prefix(*front)?.strip_suffix(*behind);
        let row = AROUND.iter().position(|around| inner(around) == Some(name.as_bytes()))?;
        u8::try_from(row).ok().map(Self)
    }

    /// The name as it is written.
    pub(super) fn apply(self, name: &MemberName) -> Cow<'_, BStr> {
        match AROUND.get(usize::from(self.0)) {
            None | Some((b"", b"")) => Cow::Borrowed(name.as_bytes().as_bstr()),
            Some((front, behind)) => Cow::Owned(BString::from([front, name.as_bytes(), behind].concat())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(raw: &[u8]) -> Option<BString> {
        let name = MemberName::new(raw);
        Spelling::of(raw, &name).map(|spelling| spelling.apply(&name).into_owned())
    }

    #[test]
    fn what_writers_put_around_a_name_is_told() {
        for raw in ["a/b", "a/b/", "./a/b", "./a/b/", "/a/b", "/a/b/", "", "/", "./", "..", "./..", ".a/"] {
            assert_eq!(spelled(raw.as_bytes()).unwrap(), raw);
        }
    }

    #[test]
    fn what_nobody_writes_is_not() {
        for raw in ["a//b", "a/./b", ".", "//a", "././a", "a//", "a/."] {
            assert_eq!(spelled(raw.as_bytes()), None, "{raw}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_spelling_gives_the_same_bytes_or_none(raw in "[a./]{0,8}") {
            let spelled = spelled(raw.as_bytes());
            proptest::prop_assert!(spelled.is_none_or(|spelled| spelled == raw.as_bytes()));
        }
    }
}
