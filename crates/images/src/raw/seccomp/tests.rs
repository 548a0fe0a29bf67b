use std::string::ToString;

use proptest::prelude::*;

use super::*;

/// The filter that seccomp(2) shows as its example, a little shortened.
const PROGRAM: [(u16, u8, u8, u32); 8] = [
    (0x20, 0, 0, 4),
    (0x15, 0, 4, 0xc000_003e),
    (0x20, 0, 0, 0),
    (0x15, 1, 0, 59),
    (0x06, 0, 0, 0x7fff_0000),
    (0x06, 0, 0, 0x0005_0001),
    (0x06, 0, 0, 0x8000_0000),
    (0x20, 0, 0, 20),
];

fn lines(order: ByteOrder) -> Vec<String> {
    let bytes: Vec<u8> = PROGRAM
        .iter()
        .flat_map(|&(code, jt, jf, k)| match order {
            ByteOrder::Little => [&code.to_le_bytes()[..], &[jt, jf], &k.to_le_bytes()].concat(),
            ByteOrder::Big => [&code.to_be_bytes()[..], &[jt, jf], &k.to_be_bytes()].concat(),
        })
        .collect();
    disassemble(&bytes, order, None).iter().map(ToString::to_string).collect()
}

#[test]
fn a_filter_is_read() {
    let expected = [
        "0000: ld [4] ; architecture",
        "0001: jeq #0xc000003e, +0, +4 ; x86_64",
        "0002: ld [0] ; system call",
        "0003: jeq #0x3b, +1, +0 ; execve",
        "0004: ret #0x7fff0000 ; allow",
        "0005: ret #0x50001 ; fail with error 1",
        "0006: ret #0x80000000 ; kill the process",
        "0007: ld [20] ; unreachable",
    ];
    assert_eq!(lines(ByteOrder::Little), expected);
    assert_eq!(lines(ByteOrder::Big), expected);
}

#[test]
fn both_encodings_are_one() {
    let word = 0x0015_0104_c000_003e;
    let of_socket = Instruction::of_so_filter(word);
    assert_eq!(of_socket, Instruction { code: 0x15, jump_true: 1, jump_false: 4, k: 0xc000_003e });
}

proptest! {
    #[test]
    fn arbitrary_filters_are_read(filter: Vec<u8>, big: bool) {
        let order = if big { ByteOrder::Big } else { ByteOrder::Little };
        let lines = disassemble(&filter, order, Some(Architecture::X86_64));
        prop_assert_eq!(lines.len(), filter.len().div_euclid(8));
        lines.iter().for_each(|line| assert!(!line.to_string().is_empty()));
    }
}

type Code = (u16, u8, u8, u32);

/// The meanings of a program of a little-endian machine.
fn meanings(program: &[Code], architecture: Option<Architecture>) -> Vec<String> {
    let bytes: Vec<u8> = program
        .iter()
        .flat_map(|&(code, jt, jf, k)| [&code.to_le_bytes()[..], &[jt, jf], &k.to_le_bytes()].concat())
        .collect();
    disassemble(&bytes, ByteOrder::Little, architecture).into_iter().map(|line| line.meaning).collect()
}

const LOAD: u16 = 0x20;
const EQUAL: u16 = 0x15;
const RETURN: u16 = 0x06;
const ALLOW: u32 = 0x7fff_0000;

/// Values of include/uapi/linux/seccomp.h.
#[test]
fn actions_are_those_of_the_kernel() {
    let cases = [
        (0x8000_0000, "kill the process"),
        (0x0000_0000, "kill the thread"),
        (0x0003_0007, "send SIGSYS, data 7"),
        (0x0005_0026, "fail with error 38"),
        (0x7fc0_0000, "ask the listener"),
        (0x7ff0_0001, "ask the tracer, data 1"),
        (0x7ffc_0000, "log and allow"),
        (0x7fff_0000, "allow"),
        (0x1234_0000, "kill the process: unknown action"),
    ];
    for (value, text) in cases {
        assert_eq!(action(value), text, "{value:#x}");
    }
}

/// `struct seccomp_data`: number, architecture, instruction pointer, six arguments.
#[test]
fn loads_say_what_they_load() {
    let cases = [
        (0, "system call"),
        (4, "architecture"),
        (8, "instruction pointer, low half"),
        (12, "instruction pointer, high half"),
        (16, "argument 0, low half"),
        (20, "argument 0, high half"),
        (56, "argument 5, low half"),
        (60, "argument 5, high half"),
        (64, ""),
        (18, ""),
    ];
    for (offset, meaning) in cases {
        assert_eq!(meanings(&[(LOAD, 0, 0, offset)], None), [meaning], "{offset}");
    }
    let big = disassemble(&[0, 0x20, 0, 0, 0, 0, 0, 16], ByteOrder::Big, None);
    assert_eq!(big[0].meaning, "argument 0, high half");
}

#[test]
fn calls_are_named_by_the_architecture_of_the_task() {
    let program = [(LOAD, 0, 0, 0), (EQUAL, 0, 0, 221), (RETURN, 0, 0, ALLOW)];
    assert_eq!(meanings(&program, Some(Architecture::Aarch64)), ["system call", "execve", "allow"]);
    assert_eq!(meanings(&program, Some(Architecture::X86_64)), ["system call", "fadvise64", "allow"]);
    assert_eq!(meanings(&program, None), ["system call", "", "allow"]);
}

/// A filter that first asks for the architecture names calls by its answer, behind that jump only.
#[test]
fn calls_are_named_by_what_the_filter_asked_for() {
    let program = [
        (LOAD, 0, 0, 4),
        (EQUAL, 0, 2, 0x4000_0003),
        (LOAD, 0, 0, 0),
        (EQUAL, 2, 2, 11),
        (LOAD, 0, 0, 0),
        (EQUAL, 0, 0, 11),
        (RETURN, 0, 0, ALLOW),
    ];
    let expected = ["architecture", "i386", "system call", "execve", "system call", "munmap", "allow"];
    assert_eq!(meanings(&program, Some(Architecture::X86_64)), expected);
}

/// Two ways that meet know only what both know.
#[test]
fn where_ways_meet_less_is_known() {
    let program =
        [(LOAD, 0, 0, 4), (EQUAL, 0, 1, 0x4000_0003), (LOAD, 0, 0, 0), (EQUAL, 0, 0, 59), (RETURN, 0, 0, 0)];
    // The comparison is reached with the architecture and with the number.
    assert_eq!(meanings(&program, Some(Architecture::X86_64))[3], "");
    // What was loaded is changed, or put aside and fetched again: then it is no number any more.
    for change in [0x54, 0x60, 0x87, 0x00] {
        let program = [(LOAD, 0, 0, 0), (change, 0, 0, 0), (EQUAL, 0, 0, 59)];
        assert_eq!(meanings(&program, Some(Architecture::X86_64))[2], "", "{change:#x}");
    }
    // A store changes nothing.
    for change in [0x02, 0x03, 0x07] {
        let program = [(LOAD, 0, 0, 0), (change, 0, 0, 0), (EQUAL, 0, 0, 59)];
        assert_eq!(meanings(&program, Some(Architecture::X86_64))[2], "execve", "{change:#x}");
    }
}

#[test]
fn jumps_that_lead_nowhere_are_followed_nowhere() {
    let program = [(0x05, 0, 0, 1), (RETURN, 0, 0, ALLOW), (EQUAL, 255, 0, 1), (RETURN, 0, 0, 0)];
    assert_eq!(meanings(&program, None), ["", "unreachable", "", "kill the thread"]);
    assert_eq!(meanings(&[(0x05, 0, 0, u32::MAX), (RETURN, 0, 0, 0)], None), ["", "unreachable"]);
}

#[test]
fn a_program_longer_than_the_kernel_takes_is_cut() {
    let filter = [0u8; 8].repeat(MAX_INSTRUCTIONS + 5);
    assert_eq!(disassemble(&filter, ByteOrder::Little, None).len(), MAX_INSTRUCTIONS);
}
