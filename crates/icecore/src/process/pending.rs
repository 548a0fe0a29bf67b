//! Signals that were sent and not yet delivered.

use icecore_images::ByteOrder;
use icecore_images::messages::SignalQueueEntry;
use serde::Serialize;

use super::signals::is_mips;
use super::{Arch, SignalNumber};
use crate::{Pid, Vaddr};

/// A signal that was sent and not yet delivered. Source: `siginfo_entry.siginfo`, the kernel's `siginfo_t`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PendingSignal {
    /// The signal.
    pub signal: SignalNumber,
    /// Why it was sent: 0 kill(2), -1 sigqueue(3), -2 a timer, -6 tgkill(2); above zero the kernel's own reasons.
    pub code: i32,
    /// `errno` that goes with it, mostly 0.
    pub errno: i32,
    /// Who sent it, as its receiver numbers processes; of SIGCHLD the child. `None`: nobody did.
    pub pid: Option<Pid>,
    /// The real user id of the sender. `None`: nobody sent it.
    pub uid: Option<u32>,
    /// What the sender or timer gave with it, as a pointer, which on a 32-bit machine has 32 bits. On big-endian machines a
    /// value that was given as an `int` lies in the upper half, and is shown as that `int`. `None`: nothing was given.
    pub value: Option<u64>,
    /// The address of a fault, or other bytes of the kernel's own reasons, by signal. `None`: not of that kind.
    pub address: Option<Vaddr>,
}

/// The pending signals of a queue, in its order. A `siginfo_t` that is cut is left out and counted.
pub(super) fn read(queue: Option<&SignalQueueEntry>, arch: Option<Arch>) -> (Vec<PendingSignal>, usize) {
    let entries = queue.map(|queue| queue.signals.as_slice()).unwrap_or_default();
    let signals: Vec<_> =
        entries.iter().filter_map(|entry| PendingSignal::of(&entry.siginfo, arch)).collect();
    let cut = entries.len().saturating_sub(signals.len());
    (signals, cut)
}

impl PendingSignal {
    fn of(siginfo: &[u8], arch: Option<Arch>) -> Option<Self> {
        const SI_QUEUE: i32 = -1;
        const SI_TIMER: i32 = -2;
        const SI_MESGQ: i32 = -3;
        let info = Siginfo { bytes: siginfo, order: arch.map_or(ByteOrder::Little, Arch::byte_order) };
        // 32-bit x86 tasks have the layout of the kernel.
        let is_narrow = arch == Some(Arch::Arm);
        let (second, third) = (info.word(4)?.cast_signed(), info.word(8)?.cast_signed());
        let (errno, code) = if is_mips(arch) { (third, second) } else { (second, third) };
        let fields = if is_narrow { 12 } else { 16_usize };
        let (first, second) = (info.word(fields)?, info.word(fields.saturating_add(4))?);
        let value = info.value(fields.saturating_add(8), is_narrow)?;
        let signal = SignalNumber(info.word(0)?);
        let is_child = signal.0 == if is_mips(arch) { 18 } else { 17 };
        let is_sent = code <= 0 && code != SI_TIMER || is_child;
        // kill and tgkill leave what is behind the sender unset.
        let has_value = [SI_QUEUE, SI_TIMER, SI_MESGQ].contains(&code);
        let address = || if is_narrow { Some(first.into()) } else { info.value(fields, false) };
        Some(Self {
            signal,
            code,
            errno,
            pid: is_sent.then_some(Pid(first)),
            uid: is_sent.then_some(second),
            value: has_value.then_some(value),
            address: if code > 0 && !is_child { address().map(Vaddr) } else { None },
        })
    }
}

/// A `siginfo_t` in the byte order of its machine.
struct Siginfo<'a> {
    bytes: &'a [u8],
    order: ByteOrder,
}

impl Siginfo<'_> {
    fn word(&self, offset: usize) -> Option<u32> {
        let bytes = *self.bytes.get(offset..)?.first_chunk::<4>()?;
        Some(match self.order {
            ByteOrder::Little => u32::from_le_bytes(bytes),
            ByteOrder::Big => u32::from_be_bytes(bytes),
        })
    }

    /// A `sigval`.
    fn value(&self, offset: usize, is_narrow: bool) -> Option<u64> {
        let (first, second) = (self.word(offset)?, self.word(offset.saturating_add(4))?);
        Some(match self.order {
            _ if is_narrow => first.into(),
            ByteOrder::Little => u64::from(second) << 32 | u64::from(first),
            ByteOrder::Big if second == 0 => first.into(),
            ByteOrder::Big => u64::from(first) << 32 | u64::from(second),
        })
    }
}

#[cfg(test)]
mod tests {
    use icecore_images::messages::SiginfoEntry;
    use proptest::prelude::*;

    use super::*;

    fn siginfo(words: &[u32], order: ByteOrder) -> Vec<u8> {
        let bytes = |word: &u32| match order {
            ByteOrder::Little => word.to_le_bytes(),
            ByteOrder::Big => word.to_be_bytes(),
        };
        let mut siginfo: Vec<u8> = words.iter().flat_map(bytes).collect();
        siginfo.resize(128, 0);
        siginfo
    }

    #[test]
    fn layouts_of_siginfo() {
        let queued = [37, 0, u32::MAX, 0, 7, 33, 16_409, 0];
        let wide = PendingSignal::of(&siginfo(&queued, ByteOrder::Little), Some(Arch::X86_64)).unwrap();
        assert_eq!((wide.signal.0, wide.code, wide.pid, wide.uid), (37, -1, Some(Pid(7)), Some(33)));
        assert_eq!(wide.value, Some(16_409));
        let big = PendingSignal::of(&siginfo(&queued, ByteOrder::Big), Some(Arch::S390x)).unwrap();
        assert_eq!((big.pid, big.value), (Some(Pid(7)), Some(16_409)));
        let narrow = siginfo(&[37, 0, u32::MAX, 7, 33, 16_409], ByteOrder::Little);
        let narrow = PendingSignal::of(&narrow, Some(Arch::Arm)).unwrap();
        assert_eq!((narrow.pid, narrow.uid, narrow.value), (Some(Pid(7)), Some(33), Some(16_409)));
        let fault = siginfo(&[11, 0, 1, 0, 0xdead_b000, 0x7f], ByteOrder::Little);
        let fault = PendingSignal::of(&fault, Some(Arch::X86_64)).unwrap();
        assert_eq!((fault.pid, fault.address), (None, Some(Vaddr(0x7f_dead_b000))));
        assert_eq!(PendingSignal::of(&[0; 20], None), None);
    }

    proptest! {
        #[test]
        fn any_siginfo_is_read_or_counted(bytes in proptest::collection::vec(any::<u8>(), 0..160)) {
            let mut entry = SiginfoEntry::default();
            entry.siginfo = bytes;
            let mut queue = SignalQueueEntry::default();
            queue.signals = vec![entry];
            let (signals, cut) = read(Some(&queue), Some(Arch::S390x));
            prop_assert_eq!((signals.len(), cut), if cut == 0 { (1, 0) } else { (0, 1) });
        }
    }
}
