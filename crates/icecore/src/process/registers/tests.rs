//! Tests of the registers of all architectures, on values set by hand.

use icecore_images::Message;
use proptest::prelude::*;

use super::*;

/// A core image whose registers are those of one architecture.
fn registers<T: Default>(change: impl FnOnce(&mut T), wrap: impl FnOnce(Box<T>) -> Registers) -> Registers {
    let mut info = T::default();
    change(&mut info);
    wrap(Box::new(info))
}

fn value(registers: &Registers, name: &str) -> String {
    registers.get(name).unwrap_or_else(|| panic!("no register {name}")).to_string()
}

#[test]
fn vector_registers_are_put_together() {
    let x86 = registers(
        |info: &mut ThreadInfoX86| {
            info.fpregs.xmm_space = (1..=64).collect();
            info.fpregs.st_space = vec![u32::MAX; 32];
            let xsave = info.fpregs.xsave.get_or_insert_default();
            xsave.ymmh_space = (101..=164).collect();
            xsave.zmm_upper = vec![0xaa; 64];
        },
        Registers::X86,
    );
    assert_eq!(value(&x86, "xmm0"), "0x4000000030000000200000001");
    assert_eq!(value(&x86, "ymm1"), "0x6c0000006b0000006a0000006900000008000000070000000600000005");
    assert_eq!(x86.get("zmm0").unwrap().words().len(), 8);
    assert_eq!(value(&x86, "st7"), "0xffffffffffffffffffff");

    let arm =
        registers(|info: &mut ThreadInfoAarch64| info.fpsimd.vregs = vec![1, 2, 3, 4], Registers::Aarch64);
    assert_eq!(value(&arm, "v1"), "0x40000000000000003");
    let s390 = registers(
        |info: &mut ThreadInfoS390| {
            info.fpregs.fprs = vec![0xf0; 16];
            info.vxrs_low.get_or_insert_default().regs = vec![0x0f; 16];
            info.vxrs_high.get_or_insert_default().regs = vec![1, 2, 3, 4];
        },
        Registers::S390x,
    );
    assert_eq!(value(&s390, "v15"), "0xf0000000000000000f");
    assert_eq!(value(&s390, "v17"), "0x30000000000000004");
}

#[test]
fn a_call_is_told_by_what_the_kernel_leaves() {
    let x86 = |orig_ax, mode| {
        let change = |info: &mut ThreadInfoX86| {
            let regs = &mut info.gpregs;
            (regs.orig_ax, regs.di, regs.bx, regs.mode) = (orig_ax, 3, 7, mode);
        };
        registers(change, Registers::X86).call().map(|call| (call.number, call.arguments[0], call.certain))
    };
    let compat = Some(icecore_images::messages::UserX86RegsMode::COMPAT);
    assert_eq!(x86(34, None), Some((34, Some(3), true)));
    assert_eq!(x86(u64::MAX, None), None);
    assert_eq!(x86(29, compat), Some((29, Some(7), true)));
    assert_eq!(x86(0xffff_ffff, compat), None);

    let arm = |x0: i64| {
        let mut regs = vec![0; 31];
        regs[0] = x0.cast_unsigned();
        regs[8] = 73;
        registers(|info: &mut ThreadInfoAarch64| info.gpregs.regs = regs, Registers::Aarch64).call().unwrap()
    };
    assert_eq!((arm(5).arguments[0], arm(5).certain), (Some(5), false));
    assert_eq!((arm(-4).arguments[0], arm(-4).certain), (None, false));
    assert_eq!((arm(-514).arguments[0], arm(-514).certain), (None, true));
}

#[test]
fn lists_that_are_too_short_or_too_long_are_taken_as_they_are() {
    let long = registers(|info: &mut ThreadInfoAarch64| info.gpregs.regs = vec![1; 1000], Registers::Aarch64);
    assert_eq!(long.list().iter().filter(|register| register.name.starts_with('x')).count(), 31);
    let short = registers(|_: &mut ThreadInfoAarch64| (), Registers::Aarch64);
    assert_eq!(short.call(), None);
    assert_eq!(short.get("x0"), None);
}

proptest! {
    #[test]
    fn any_core_image_has_distinct_names(bytes in proptest::collection::vec(any::<u8>(), 0..400), kind in 0_usize..8) {
        macro_rules! any_of {
            ($($variant:ident)+) => {
                [$((|bytes: &[u8]| Registers::$variant(Box::new(Message::decode(bytes).unwrap_or_default())))
                    as fn(&[u8]) -> Registers),+]
            };
        }
        let decode = any_of!(X86 Arm Aarch64 Ppc64 S390x Mips64 Loongarch64 Riscv64)[kind];
        let registers = decode(&bytes);
        let list = registers.list();
        let mut names: Vec<_> = list.iter().map(|register| register.name.clone()).collect();
        names.sort_unstable();
        names.dedup();
        prop_assert_eq!(names.len(), list.len());
        let _ = (registers.call(), registers.thread_pointer(), registers.stack_pointer());
    }
}
