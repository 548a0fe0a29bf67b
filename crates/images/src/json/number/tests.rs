use super::*;
use crate::names::{MMAP_FLAGS, MMAP_STATUS, RFILE_FLAGS, SOCKET_STATE};

fn field(show: Show) -> FieldDescriptor {
    let label = crate::descriptor::Label::Required;
    FieldDescriptor { number: 1, name: "x", label, kind: FieldType::Uint32, packed: false, show }
}

#[track_caller]
fn check(value: u64, show: Show, text: &str) {
    assert_eq!(pretty(Number::Unsigned(value), show, false).as_deref(), Some(text));
    assert_eq!(parse(text, &field(show)), Some(Number::Unsigned(value)));
}

#[test]
fn forms_are_those_of_crit() {
    check(0x41_f000, Show::Hex, "0x41f000");
    check(266_338_304, Show::Dev, "254:0");
    check(1282, Show::Odev, "5:2");
    check(34816, Show::Odev, "136:0");
    check(0xfff0_01ff, Show::Odev, "1:1048575");
    check(0o10_0002, Show::Flags(RFILE_FLAGS), "O_RDWR | O_LARGEFILE");
    check(0x4022, Show::Flags(MMAP_FLAGS), "MAP_PRIVATE | MAP_ANON | 0x4000");
    check(0, Show::Flags(MMAP_FLAGS), "");
    check(0x1_0000, Show::Flags(MMAP_STATUS), "0x10000");
    check(10, Show::Dict(SOCKET_STATE), "LISTEN");
    assert_eq!(pretty(Number::Unsigned(11), Show::Dict(SOCKET_STATE), false), None);
    assert_eq!(pretty(Number::Signed(-1), Show::Plain, true).as_deref(), Some("-0x1"));
}

#[test]
fn digits_are_taken_and_nothing_else() {
    assert_eq!(digits("18446744073709551615"), Some(Number::Unsigned(u64::MAX)));
    assert_eq!(digits("-0x1"), Some(Number::Signed(-1)));
    assert_eq!(digits("-9223372036854775808"), Some(Number::Signed(i64::MIN)));
    for bad in ["", "-", "0x", "+1", "1 ", "0x+1", "18446744073709551616", "1e3"] {
        assert_eq!(digits(bad), None, "{bad}");
    }
}

#[test]
fn numbers_must_fit() {
    assert_eq!(Number::Signed(-1).raw(FieldType::Uint32), None);
    assert_eq!(Number::Unsigned(1 << 32).raw(FieldType::Uint32), None);
    assert_eq!(Number::Unsigned(1 << 31).raw(FieldType::Int32), None);
    assert_eq!(Number::Signed(-1).raw(FieldType::Int32), Some(u64::MAX));
    assert_eq!(Number::Signed(-1).raw(FieldType::Sint32), Some(1));
}

#[test]
fn addresses_have_the_order_of_the_machine() {
    assert_eq!(address(&[16_777_343], ByteOrder::Little).as_deref(), Some("127.0.0.1"));
    assert_eq!(address(&[0x7f00_0001], ByteOrder::Big).as_deref(), Some("127.0.0.1"));
    assert_eq!(address(&[0, 0, 0, 16_777_216], ByteOrder::Little).as_deref(), Some("::1"));
    assert_eq!(
        address(&[0, 0, 0xffff_0000, 16_777_343], ByteOrder::Little).as_deref(),
        Some("::ffff:7f00:1")
    );
    assert_eq!(address(&[1, 2], ByteOrder::Little), None);
    assert_eq!(words("::1", ByteOrder::Little), Some([0, 0, 0, 16_777_216].into()));
    assert_eq!(words("127.0.0.1", ByteOrder::Big), Some([0x7f00_0001].into()));
}

#[test]
fn sizes() {
    let expected =
        [(0, "0B"), (20, "20B"), (1023, "1023B"), (1024, "1KB"), (5000, "4.9KB"), (1 << 20, "1MB")];
    for (bytes, text) in expected {
        assert_eq!(size(bytes), format!("... <{text}>"));
    }
}

mod properties {
    use proptest::prelude::*;

    use super::*;
    use crate::names;

    fn shows() -> impl Strategy<Value = Show> {
        proptest::sample::select(std::vec![
            Show::Plain,
            Show::Hex,
            Show::Dev,
            Show::Flags(names::MMAP_PROT),
            Show::Flags(MMAP_FLAGS),
            Show::Flags(MMAP_STATUS),
            Show::Flags(RFILE_FLAGS),
            Show::Flags(names::PAGEMAP_FLAGS),
            Show::Flags(names::SEALS),
            Show::Dict(names::TASK_STATE),
            Show::Dict(names::SOCKET_FAMILY),
            Show::Dict(names::SOCKET_TYPE),
            Show::Dict(SOCKET_STATE),
            Show::Dict(names::SOCKET_PROTOCOL),
        ])
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read(value: u32, small in 0u32..256, show in shows(), hex: bool) {
            for value in [value, small] {
                let number = Number::Unsigned(value.into());
                if let Some(text) = pretty(number, show, hex) {
                    prop_assert_eq!(parse(&text, &field(show)), Some(number), "{}", text);
                }
            }
        }

        /// The C library's numbers of devices have twelve bits for the major and twenty for the minor.
        #[test]
        fn devices_of_the_c_library_are_read(value: u32) {
            let number = Number::Unsigned(value.into());
            let text = pretty(number, Show::Odev, false).unwrap();
            prop_assert_eq!(parse(&text, &field(Show::Odev)), Some(number), "{}", text);
        }

        #[test]
        fn signed_numbers_are_read(value: i64) {
            let text = pretty(Number::Signed(value), Show::Hex, false).unwrap();
            let read = digits(&text).unwrap();
            prop_assert_eq!(read.raw(FieldType::Int64), Some(value.cast_unsigned()));
        }

        #[test]
        fn raw_values_go_both_ways(raw: u64) {
            for kind in [FieldType::Uint64, FieldType::Int64, FieldType::Sint64, FieldType::Fixed64] {
                prop_assert_eq!(Number::of(raw, kind).raw(kind), Some(raw), "{:?}", kind);
            }
            for kind in [FieldType::Uint32, FieldType::Int32, FieldType::Sint32, FieldType::Bool] {
                let cut = kind.cut(raw);
                prop_assert_eq!(Number::of(cut, kind).raw(kind), Some(cut), "{:?}", kind);
            }
        }

        #[test]
        fn arbitrary_text_is_a_number_or_none(text: String) {
            if let Some(Number::Unsigned(value)) = digits(&text) {
                prop_assert!(text == value.to_string() || text.starts_with("0x") || text.starts_with('0'));
            }
        }

        #[test]
        fn addresses_go_both_ways(octets: [u8; 16], v4: bool, big: bool) {
            let order = if big { ByteOrder::Big } else { ByteOrder::Little };
            let address = if v4 {
                IpAddr::from([octets[0], octets[1], octets[2], octets[3]])
            } else {
                IpAddr::from(octets)
            };
            let found = words(&address.to_string(), order).unwrap();
            let text = super::super::address(&found, order).unwrap();
            prop_assert_eq!(text.parse::<IpAddr>().unwrap(), address);
        }

        /// What a size is made of: at most four digits, a decimal above bytes, a unit.
        #[test]
        fn sizes_are_short(bytes: u64) {
            let text = size(bytes);
            prop_assert!(text.starts_with("... <") && text.ends_with("B>") && text.len() <= 14, "{}", text);
        }
    }
}
