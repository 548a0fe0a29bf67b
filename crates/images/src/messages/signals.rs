//! Signals.

use alloc::vec::Vec;

use crate::declare::messages;

messages! {
    /// What a process does on one signal.
    SaEntry("sa_entry") {
        /// Address of the handler; 0 default, 1 ignore.
        1 sigaction: u64 as hex,
        /// `SA_*` bits.
        2 flags: u64 as hex,
        /// Address of the code that returns from the handler.
        3 restorer: u64 as hex,
        /// Signals blocked in the handler; bit n-1 is signal n.
        4 mask: u64 as hex,
        /// Whether it was set by a 32-bit task on x86_64; since CRIU 3.0.
        5 compat_sigaction: Option<bool>,
        /// Signals 65 to 128 blocked in the handler (MIPS); since CRIU 3.15.
        6 mask_extended: Option<u64> as hex,
    }

    /// A queue of pending signals.
    SignalQueueEntry("signal_queue_entry") {
        /// The signals, first one first.
        1 signals: Vec<SiginfoEntry>,
    }

    /// One pending signal.
    SiginfoEntry("siginfo_entry") {
        /// `siginfo_t` as in the memory of the task: 128 bytes in its byte order.
        1 siginfo: Vec<u8>,
    }
}
