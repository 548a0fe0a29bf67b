//! Signals: their names, sets of them, and what a process does on each.

use std::fmt;

use icecore_images::messages::SaEntry;
use icecore_metadata::container::SIGNALS;
use serde::{Serialize, Serializer};

use super::Arch;
use crate::Vaddr;

/// The number of a signal, on the architecture of its process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct SignalNumber(pub u32);

/// Names of signals 1 to 31 on MIPS.
const MIPS_NAMES: [&str; 31] = [
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGILL",
    "SIGTRAP",
    "SIGABRT",
    "SIGEMT",
    "SIGFPE",
    "SIGKILL",
    "SIGBUS",
    "SIGSEGV",
    "SIGSYS",
    "SIGPIPE",
    "SIGALRM",
    "SIGTERM",
    "SIGUSR1",
    "SIGUSR2",
    "SIGCHLD",
    "SIGPWR",
    "SIGWINCH",
    "SIGURG",
    "SIGIO",
    "SIGSTOP",
    "SIGTSTP",
    "SIGCONT",
    "SIGTTIN",
    "SIGTTOU",
    "SIGVTALRM",
    "SIGPROF",
    "SIGXCPU",
    "SIGXFSZ",
];
/// The first real-time signal, as the kernel counts.
const RT_MIN: u32 = 32;

impl SignalNumber {
    /// Its name on an architecture. Real-time signals are counted from the kernel's first one, as `strace` does: `SIGRT_2`
    /// is 34, the first that the C library leaves to programs.
    pub fn name(self, arch: Option<Arch>) -> String {
        let names = if is_mips(arch) { &MIPS_NAMES } else { &SIGNALS };
        let index = self.0.checked_sub(1).and_then(|index| usize::try_from(index).ok());
        match (index.and_then(|index| names.get(index)), self.0.checked_sub(RT_MIN)) {
            (Some(name), _) => (*name).to_owned(),
            (None, Some(above)) => format!("SIGRT_{above}"),
            (None, None) => "0".to_owned(),
        }
    }
}

pub(super) fn is_mips(arch: Option<Arch>) -> bool {
    matches!(arch, Some(Arch::Mips64(_)))
}

impl fmt::Display for SignalNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A set of signals: bit n-1 is signal n. Signals 65 to 128 exist on MIPS only.
///
/// Shown as `/proc/PID/status` does: 16 hexadecimal digits, 32 on MIPS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SignalSet(pub u128);

impl SignalSet {
    pub(super) fn of(low: u64, high: Option<u64>) -> Self {
        Self(u128::from(high.unwrap_or(0)) << 64 | u128::from(low))
    }

    /// Whether a signal is in it.
    pub fn contains(self, signal: SignalNumber) -> bool {
        signal.0.checked_sub(1).and_then(|bit| self.0.checked_shr(bit)).is_some_and(|bits| bits & 1 == 1)
    }

    /// The signals in it by rising number.
    pub fn iter(self) -> impl Iterator<Item = SignalNumber> {
        (1..=128).map(SignalNumber).filter(move |signal| self.contains(*signal))
    }

    /// Whether none is in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Signals 1 to 64, all there are but on MIPS.
    pub fn low(self) -> u64 {
        u64::try_from(self.0 & u128::from(u64::MAX)).unwrap_or(0)
    }
}

impl FromIterator<SignalNumber> for SignalSet {
    fn from_iter<I: IntoIterator<Item = SignalNumber>>(signals: I) -> Self {
        let bit = |signal: SignalNumber| signal.0.checked_sub(1).and_then(|bit| 1_u128.checked_shl(bit));
        Self(signals.into_iter().filter_map(bit).fold(0, |set, bit| set | bit))
    }
}

impl fmt::Display for SignalSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

impl Serialize for SignalSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a process does on a signal. Source: `core-PID.img`, `task_core_entry.sigactions`; since CRIU 3.1, before in
/// `sigacts-PID.img`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Disposition {
    /// The signal.
    pub signal: SignalNumber,
    /// What happens.
    pub action: Action,
    /// `SA_*` bits; see [`Disposition::flag_names`].
    pub flags: u64,
    /// Signals that are blocked while the handler runs, besides the signal itself.
    pub mask: SignalSet,
    /// The code that returns from the handler; 0 if there is none.
    pub restorer: Vaddr,
}

/// What happens on a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// What the kernel does of itself, by signal: nothing, stop, go on, or end.
    Default,
    /// Nothing.
    Ignore,
    /// A function of the process is called.
    Handler(Vaddr),
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::Ignore => formatter.write_str("ignore"),
            Self::Handler(address) => address.fmt(formatter),
        }
    }
}

impl Serialize for Action {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// `SA_*` bits with their names, which are the same on all architectures but MIPS.
const FLAGS: [(u64, &str); 9] = [
    (0x1, "SA_NOCLDSTOP"),
    (0x2, "SA_NOCLDWAIT"),
    (0x4, "SA_SIGINFO"),
    (0x800, "SA_EXPOSE_TAGBITS"),
    (0x0400_0000, "SA_RESTORER"),
    (0x0800_0000, "SA_ONSTACK"),
    (0x1000_0000, "SA_RESTART"),
    (0x4000_0000, "SA_NODEFER"),
    (0x8000_0000, "SA_RESETHAND"),
];
/// Those of MIPS that are others.
const MIPS_FLAGS: [(u64, &str); 7] = [
    (0x1, "SA_NOCLDSTOP"),
    (0x8, "SA_SIGINFO"),
    (0x1_0000, "SA_NOCLDWAIT"),
    (0x0800_0000, "SA_ONSTACK"),
    (0x1000_0000, "SA_RESTART"),
    (0x4000_0000, "SA_NODEFER"),
    (0x8000_0000, "SA_RESETHAND"),
];

impl Disposition {
    /// The names of its flags on an architecture; bits without a name are left out.
    pub fn flag_names(&self, arch: Option<Arch>) -> Vec<&'static str> {
        let names = if is_mips(arch) { &MIPS_FLAGS[..] } else { &FLAGS[..] };
        names.iter().filter(|(bit, _)| self.flags & bit != 0).map(|(_, name)| *name).collect()
    }
}

/// The dispositions of all signals but SIGKILL and SIGSTOP, which images leave out.
pub(super) fn dispositions(entries: &[SaEntry], arch: Option<Arch>) -> Vec<Disposition> {
    const SIGKILL: u32 = 9;
    let (stop, last) = if is_mips(arch) { (23, 128) } else { (19, 64) };
    let signals = (1..=last).filter(|signal| *signal != SIGKILL && *signal != stop);
    let disposition = |(signal, entry): (u32, &SaEntry)| Disposition {
        signal: SignalNumber(signal),
        action: match entry.sigaction {
            0 => Action::Default,
            1 => Action::Ignore,
            address => Action::Handler(Vaddr(address)),
        },
        flags: entry.flags,
        mask: SignalSet::of(entry.mask, entry.mask_extended),
        restorer: Vaddr(entry.restorer),
    };
    signals.zip(entries).map(disposition).collect()
}

#[cfg(test)]
mod tests {
    use icecore_images::ByteOrder;

    use super::*;

    #[test]
    fn sigkill_and_sigstop_have_no_disposition() {
        let entry = |index| {
            let mut entry = SaEntry::default();
            entry.sigaction = index;
            entry
        };
        let entries: Vec<SaEntry> = (0..62).map(entry).collect();
        let all = dispositions(&entries, Some(Arch::X86_64));
        // The indexes of CRIU: SIGINT 1, SIGUSR1 8, SIGPIPE 11, SIGXFSZ 22, the last signal 61.
        for (signal, index) in [(2, 1), (10, 8), (13, 11), (25, 22), (64, 61)] {
            let found = all.iter().find(|disposition| disposition.signal.0 == signal).unwrap();
            let action = if index == 1 { Action::Ignore } else { Action::Handler(Vaddr(index)) };
            assert_eq!(found.action, action);
        }
        assert!(!all.iter().any(|disposition| [9, 19].contains(&disposition.signal.0)));
        assert_eq!(dispositions(&vec![SaEntry::default(); 1000], None).len(), 62);
    }

    #[test]
    fn sets_are_counted_from_one() {
        // Signals 10, 12 and 40.
        let set = SignalSet(549_755_816_448);
        assert_eq!(set.iter().map(|signal| signal.0).collect::<Vec<_>>(), [10, 12, 40]);
        assert_eq!(set.iter().collect::<SignalSet>(), set);
        assert_eq!(set.to_string(), "0000008000000a00");
        assert!(!set.contains(SignalNumber(0)) && !set.contains(SignalNumber(u32::MAX)));
    }

    #[test]
    fn names_are_those_of_the_architecture() {
        let mips = Some(Arch::Mips64(ByteOrder::Big));
        assert_eq!(SignalNumber(10).name(None), "SIGUSR1");
        assert_eq!(SignalNumber(10).name(mips), "SIGBUS");
        assert_eq!(SignalNumber(23).name(mips), "SIGSTOP");
        assert_eq!(SignalNumber(34).name(None), "SIGRT_2");
        assert_eq!(SignalNumber(0).name(None), "0");
    }
}
