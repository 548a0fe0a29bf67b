//! Registers of x86, 64 and 32 bits.

use icecore_images::messages::{ThreadInfoX86, UserX86FpregsEntry, UserX86RegsMode, UserX86XsaveEntry};

use super::{List, RawCall, RegisterSet, words};

/// Words of 32 bits in an x87 or SSE register of FXSAVE, and in the upper half of an AVX register.
const FXSAVE_WORDS: usize = 4;

impl RegisterSet for ThreadInfoX86 {
    fn list(&self, list: &mut List) {
        let regs = &self.gpregs;
        if is_32bit(self) {
            words!(list, regs; ax bx cx dx si di bp sp ip flags orig_ax cs ss ds es fs gs);
        } else {
            words!(list, regs; ax bx cx dx si di bp sp r8 r9 r10 r11 r12 r13 r14 r15 ip flags orig_ax);
            words!(list, regs; cs ss ds es fs gs fs_base gs_base);
        }
        floating(&self.fpregs, list);
        if let Some(xsave) = &self.fpregs.xsave {
            extended(&self.fpregs, xsave, list);
        }
    }

    fn program_counter(&self) -> u64 {
        self.gpregs.ip
    }

    fn stack_pointer(&self) -> u64 {
        self.gpregs.sp
    }

    /// 64-bit code has it in `fs_base`; 32-bit code in the entry of the GDT that `gs` selects.
    fn thread_pointer(&self) -> Option<u64> {
        if !is_32bit(self) {
            return Some(self.gpregs.fs_base);
        }
        let selected = u32::try_from(self.gpregs.gs >> 3).ok()?;
        let entry = self.tls.iter().find(|entry| entry.entry_number == selected && !entry.seg_not_present)?;
        Some(entry.base_addr.into())
    }

    fn clear_tid_address(&self) -> u64 {
        self.clear_tid_addr
    }

    /// Outside of a call the kernel sets `orig_ax` to all ones, or to another number below zero.
    fn call(&self) -> Option<RawCall> {
        let regs = &self.gpregs;
        let (is_call, arguments) = if is_32bit(self) {
            let is_call = regs.orig_ax <= i32::MAX.unsigned_abs().into();
            (is_call, [regs.bx, regs.cx, regs.dx, regs.si, regs.di, regs.bp])
        } else {
            let is_call = regs.orig_ax <= i64::MAX.unsigned_abs();
            (is_call, [regs.di, regs.si, regs.dx, regs.r10, regs.r8, regs.r9])
        };
        let call = RawCall { number: regs.orig_ax, arguments: arguments.map(Some), certain: true };
        is_call.then_some(call)
    }
}

fn is_32bit(info: &ThreadInfoX86) -> bool {
    info.gpregs.mode == Some(UserX86RegsMode::COMPAT)
}

/// What FXSAVE stores.
fn floating(fp: &UserX86FpregsEntry, list: &mut List) {
    words!(list, fp; cwd swd twd fop rip rdp mxcsr mxcsr_mask);
    for (number, words) in fp.st_space.chunks_exact(FXSAVE_WORDS).take(8).enumerate() {
        // 80 bits; the rest is not used.
        let words = joined(words).into_iter().zip([u64::MAX, 0xffff]).map(|(word, used)| word & used);
        list.wide(format!("st{number}"), words.collect());
    }
    for (number, words) in fp.xmm_space.chunks_exact(FXSAVE_WORDS).take(16).enumerate() {
        list.wide(format!("xmm{number}"), joined(words));
    }
}

/// What XSAVE stores beyond. Of AVX registers the image has the upper halves, of AVX-512 ones the upper quarters, so that
/// whole ones are put together here.
fn extended(fp: &UserX86FpregsEntry, xsave: &UserX86XsaveEntry, list: &mut List) {
    words!(list, xsave; xstate_bv);
    let low = fp.xmm_space.chunks_exact(FXSAVE_WORDS).map(joined);
    let halves = xsave.ymmh_space.chunks_exact(FXSAVE_WORDS).map(joined);
    let ymm: Vec<Vec<u64>> = low.zip(halves).take(16).map(|(low, high)| [low, high].concat()).collect();
    for (number, words) in ymm.iter().enumerate() {
        list.wide(format!("ymm{number}"), words.clone());
    }
    for (number, (low, high)) in ymm.iter().zip(xsave.zmm_upper.chunks_exact(4)).enumerate() {
        list.wide(format!("zmm{number}"), [low, high].concat());
    }
    for (number, words) in (16..32).zip(xsave.hi16_zmm.chunks_exact(8)) {
        list.wide(format!("zmm{number}"), words.to_vec());
    }
    list.numbered("k", 8, &xsave.opmask_reg);
    list.numbered_pairs("bnd", 4, &xsave.bndreg_state);
    for (name, value) in ["bndcfgu", "bndstatus"].iter().zip(&xsave.bndcsr_state) {
        list.word(name, *value);
    }
    if let Some(keys) = xsave.pkru.first() {
        list.word("pkru", *keys);
    }
    if let Some(shadow) = &xsave.cet {
        words!(list, shadow; cet ssp);
    }
}

/// 32-bit words, the least significant first, as 64-bit ones.
fn joined(words: &[u32]) -> Vec<u64> {
    let pair = |pair: &[u32]| pair.iter().rev().fold(0, |sum, word| sum << 32 | u64::from(*word));
    words.chunks(2).map(pair).collect()
}
