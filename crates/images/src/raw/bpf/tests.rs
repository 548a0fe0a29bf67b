use std::string::ToString;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(code: u16, text: &str) {
    let instruction = Instruction { code, jump_true: 1, jump_false: 2, k: 0x10 };
    assert_eq!(instruction.to_string(), text, "code {code:#04x}");
}

/// All codes that the kernel's assembler has a notation for: Documentation/networking/filter.rst.
#[test]
fn loads_are_by_size_and_mode() {
    check(0x00, "ld #0x10");
    check(0x20, "ld [16]");
    check(0x28, "ldh [16]");
    check(0x30, "ldb [16]");
    check(0x40, "ld [x + 16]");
    check(0x48, "ldh [x + 16]");
    check(0x50, "ldb [x + 16]");
    check(0x60, "ld M[16]");
    check(0x80, "ld #len");
    check(0x01, "ldx #0x10");
    check(0x61, "ldx M[16]");
    check(0x81, "ldx #len");
    check(0xb1, "ldxb 4*([16]&0xf)");
    check(0x02, "st M[16]");
    check(0x03, "stx M[16]");
}

#[test]
fn arithmetic_is_with_a_constant_or_the_index() {
    let names = ["add", "sub", "mul", "div", "or", "and", "lsh", "rsh", "neg", "mod", "xor"];
    for (operation, name) in (0u16..).zip(names) {
        let code = operation << 4 | 4;
        if name == "neg" {
            check(code, "neg");
            continue;
        }
        check(code, &std::format!("{name} #0x10"));
        check(code | 8, &std::format!("{name} x"));
    }
}

#[test]
fn jumps_are_relative_to_the_next_instruction() {
    check(0x05, "jmp +16");
    check(0x15, "jeq #0x10, +1, +2");
    check(0x1d, "jeq x, +1, +2");
    check(0x25, "jgt #0x10, +1, +2");
    check(0x2d, "jgt x, +1, +2");
    check(0x35, "jge #0x10, +1, +2");
    check(0x3d, "jge x, +1, +2");
    check(0x45, "jset #0x10, +1, +2");
    check(0x4d, "jset x, +1, +2");
}

#[test]
fn returns_and_moves() {
    check(0x06, "ret #0x10");
    check(0x0e, "ret x");
    check(0x16, "ret a");
    check(0x07, "tax");
    check(0x87, "txa");
}

#[test]
fn what_means_nothing_says_so() {
    // A size of three bits, modes that do not exist, operations above the last.
    for code in [0x18, 0xa0, 0xc0, 0xe0, 0xc1, 0xb4, 0xc4, 0xf4, 0x55, 0xf5] {
        check(code, &std::format!("unknown code {code:#06x}, jt 1, jf 2, k 0x10"));
        let instruction = Instruction { code, jump_true: 0, jump_false: 0, k: 0 };
        assert_eq!(instruction.operation(), None);
    }
}

#[test]
fn instructions_are_eight_bytes_in_the_order_of_the_machine() {
    let expected = Instruction { code: 0x0015, jump_true: 3, jump_false: 4, k: 0xc000_003e };
    let of = |bytes: &[u8], order| instructions(bytes, order).collect::<Vec<_>>();
    assert_eq!(of(b"\x15\0\x03\x04\x3e\0\0\xc0", ByteOrder::Little), [expected]);
    assert_eq!(of(b"\0\x15\x03\x04\xc0\0\0\x3e", ByteOrder::Big), [expected]);
    // Of half an instruction there is none.
    assert_eq!(of(b"\x15\0\x03\x04\x3e\0\0\xc0\x06\0\0", ByteOrder::Little), [expected]);
    assert_eq!(of(b"\x06\0\0", ByteOrder::Little), []);
    assert_eq!(of(b"", ByteOrder::Big), []);
}

#[test]
fn filters_of_sockets_have_an_instruction_in_a_word() {
    // code << 48 | jt << 40 | jf << 32 | k
    let word = 0x0030_0000_0000_0009;
    assert_eq!(Instruction::of_so_filter(word).to_string(), "ldb [9]");
    let word = 0x0015_0001_0000_0011;
    assert_eq!(Instruction::of_so_filter(word).to_string(), "jeq #0x11, +0, +1");
    let all = Instruction::of_so_filter(u64::MAX);
    assert_eq!((all.code, all.jump_true, all.jump_false, all.k), (0xffff, 0xff, 0xff, 0xffff_ffff));
}

proptest! {
    #[test]
    fn both_encodings_carry_the_same(code: u16, jump_true: u8, jump_false: u8, k: u32) {
        let instruction = Instruction { code, jump_true, jump_false, k };
        let word = u64::from(code) << 48 | u64::from(jump_true) << 40 | u64::from(jump_false) << 32 | u64::from(k);
        prop_assert_eq!(Instruction::of_so_filter(word), instruction);
        let bytes = [&code.to_be_bytes()[..], &[jump_true, jump_false], &k.to_be_bytes()].concat();
        prop_assert_eq!(instructions(&bytes, ByteOrder::Big).next(), Some(instruction));
    }

    /// The upper byte of a code means nothing, and every code has a text.
    #[test]
    fn every_code_has_a_text(code: u16, k: u32) {
        let instruction = Instruction { code, jump_true: 0, jump_false: 0, k };
        prop_assert!(!instruction.to_string().is_empty());
        prop_assert_eq!(instruction.operation().is_none(), instruction.to_string().starts_with("unknown"));
    }
}
