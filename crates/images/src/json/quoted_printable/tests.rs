use proptest::prelude::*;

use super::*;

#[test]
fn forms_are_those_of_crit() {
    for (bytes, text) in [
        (&b""[..], ""),
        (b"/tmp/wl1/lsock\0", "/tmp/wl1/lsock=00"),
        (b"\0abstract\0name", "=00abstract=00name"),
        (b"a=b", "a=3Db"),
        ("é".as_bytes(), "=C3=A9"),
        (b"two\nlines", "two\nlines"),
        (b"space \nend ", "space=20\nend=20"),
        (b".", "=2E"),
        (b"a.b", "a.b"),
    ] {
        assert_eq!(encode(bytes), text);
        assert_eq!(decode(text), bytes);
    }
    let long = "x".repeat(80);
    assert_eq!(encode(long.as_bytes()), alloc::format!("{}=\n{}", "x".repeat(75), "x".repeat(5)));
}

proptest! {
    #[test]
    fn what_is_written_is_read(bytes in proptest::collection::vec(any::<u8>().prop_filter("line ends", |b| *b != b'\r'), 0..200)) {
        prop_assert_eq!(decode(&encode(&bytes)), bytes);
    }
}

/// What `quopri.encodestring` of Python 3.11 gives.
#[test]
fn forms_are_those_of_python() {
    let cases = [
        (&b"="[..], "=3D"),
        (b"a b", "a b"),
        (b"a ", "a=20"),
        (b"a\t", "a=09"),
        (b" ", "=20"),
        (b"a \nb", "a=20\nb"),
        (b"a\t\n", "a=09\n"),
        (b".\n", "=2E\n"),
        (b"a\n.\nb", "a\n=2E\nb"),
        (b"..", ".."),
        (b".a", ".a"),
        (b"a.", "a."),
        (b"\x7f", "=7F"),
        (b"~", "~"),
        (b"\x1f\x01", "=1F=01"),
        (b"\n\n", "\n\n"),
        (b"a\rb", "a\rb"),
        (b"\r", "\r"),
        (b"_x _", "_x _"),
    ];
    for (bytes, text) in cases {
        assert_eq!(encode(bytes), text, "{bytes:?}");
    }
}

/// `count` letters.
fn letters(count: usize) -> String {
    "a".repeat(count)
}

/// Also of Python: where lines of more than 76 characters are broken, which is not where one would think.
#[test]
fn long_lines_are_broken_as_python_does() {
    let soft = |front: usize, back: usize| alloc::format!("{}=\n{}", letters(front), letters(back));
    let cases = [
        (letters(75), letters(75)),
        (letters(76), letters(76)),
        (letters(77), soft(75, 2)),
        (letters(151), soft(75, 76)),
        ("=".repeat(25), "=3D".repeat(25)),
        ("=".repeat(26), alloc::format!("{}=\n=3D", "=3D".repeat(25))),
        (alloc::format!("{}a", "=".repeat(25)), alloc::format!("{}a", "=3D".repeat(25))),
        (alloc::format!("{}=", letters(74)), alloc::format!("{}=\n=3D", letters(74))),
        (alloc::format!("{}\n", letters(75)), alloc::format!("{}\n", letters(75))),
        (alloc::format!("{}\nb", letters(76)), alloc::format!("{}\nb", letters(76))),
        (alloc::format!("{}  ", letters(73)), alloc::format!("{} =\n=20", letters(73))),
    ];
    for (bytes, text) in cases {
        assert_eq!(encode(bytes.as_bytes()), text, "{bytes}");
        assert_eq!(decode(&text), bytes.as_bytes());
    }
}

#[test]
fn what_is_no_quotation_stands_for_itself() {
    for (text, bytes) in [
        ("=", &b"="[..]),
        ("=4", b"=4"),
        ("=GG", b"=GG"),
        ("a=3db", b"a=b"),
        ("=3D=3d", b"=="),
        ("soft=\nbreak", b"softbreak"),
        ("=C3=A9", "é".as_bytes()),
    ] {
        assert_eq!(decode(text), bytes, "{text}");
    }
}
