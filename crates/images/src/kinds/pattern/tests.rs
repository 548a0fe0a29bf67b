use super::*;

#[test]
fn forms() {
    assert_eq!(numbers("ghost-file-{x}.img", b"ghost-file-1f.img"), Some([Some(0x1f), None, None]));
    assert_eq!(numbers("ghost-file-{x}.img", b"ghost-file-1F.img"), None);
    assert_eq!(numbers("ghost-file-{x}.img", b"ghost-file-zz.img"), None);
    assert_eq!(numbers("p-{u}-{04x}.img", b"p-3-00a1.img"), Some([Some(3), Some(0xa1), None]));
    assert_eq!(numbers("p-{u}-{04x}.img", b"p-3-1a2b3.img"), Some([Some(3), Some(0x1a2b3), None]));
    assert_eq!(numbers("p-{u}-{04x}.img", b"p-3-0a1.img"), None);
    assert_eq!(numbers("p-{u}-{u}-{04x}.img", b"p-3-4-00a1.img"), Some([Some(3), Some(4), Some(0xa1)]));
    assert_eq!(numbers("parent", b"parent"), Some([None; 3]));
    assert_eq!(numbers("parent", b"parents"), None);
}

#[test]
fn numbers_have_their_width() {
    let largest = [Some(u64::from(u32::MAX)), None, None];
    assert_eq!(numbers("core-{u}.img", b"core-4294967295.img"), Some(largest));
    assert_eq!(numbers("core-{u}.img", b"core-4294967296.img"), None);
    assert_eq!(numbers("x-{lu}", b"x-18446744073709551615"), Some([Some(u64::MAX), None, None]));
    assert_eq!(numbers("x-{lu}", b"x-18446744073709551616"), None);
    assert_eq!(numbers("x-{x}", b"x-ffffffff"), Some(largest));
    assert_eq!(numbers("x-{x}", b"x-100000000"), None);
    // Needless zeros, but as many as the width asks for.
    assert_eq!(numbers("x-{u}", b"x-00"), None);
    assert_eq!(numbers("x-{u}", b"x-0"), Some([Some(0), None, None]));
    assert_eq!(numbers("x-{04x}", b"x-0000"), Some([Some(0), None, None]));
    assert_eq!(numbers("x-{04x}", b"x-00000"), None);
}

#[test]
fn forms_that_are_none_fit_nothing() {
    assert_eq!(numbers("x-{d}", b"x-1"), None);
    // More numbers than a name can have.
    assert_eq!(numbers("{u}-{u}-{u}-{u}", b"1-2-3-4"), None);
    assert_eq!(numbers("", b""), Some([None; 3]));
    assert_eq!(numbers("", b"x"), None);
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_number_that_is_printed_is_read(number: u32, long: u64) {
            let found = |pattern, name: alloc::string::String| numbers(pattern, name.as_bytes());
            let one = |number: u64| Some([Some(number), None, None]);
            prop_assert_eq!(found("a-{u}.img", alloc::format!("a-{number}.img")), one(number.into()));
            prop_assert_eq!(found("a-{x}.img", alloc::format!("a-{number:x}.img")), one(number.into()));
            prop_assert_eq!(found("a-{04x}.img", alloc::format!("a-{number:04x}.img")), one(number.into()));
            prop_assert_eq!(found("a-{lu}.img", alloc::format!("a-{long}.img")), one(long));
        }

        /// Whatever the name, there is one number in it or none is found.
        #[test]
        fn names_are_read_exactly(name in "[a0-9fx-]{0,12}") {
            if let Some([Some(number), None, None]) = numbers("a-{u}", name.as_bytes()) {
                prop_assert_eq!(name, alloc::format!("a-{number}"));
            }
        }
    }
}
