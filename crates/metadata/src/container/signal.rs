//! The signal that shall stop a container: engines give a number, or a name in some spelling.

/// Linux's signals 1 to 31 in the order of their numbers, as on all machines but MIPS. Source: the kernel's
/// `asm-generic/signal.h`.
pub const SIGNALS: [&str; 31] = [
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGILL",
    "SIGTRAP",
    "SIGABRT",
    "SIGBUS",
    "SIGFPE",
    "SIGKILL",
    "SIGUSR1",
    "SIGSEGV",
    "SIGUSR2",
    "SIGPIPE",
    "SIGALRM",
    "SIGTERM",
    "SIGSTKFLT",
    "SIGCHLD",
    "SIGCONT",
    "SIGSTOP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGXCPU",
    "SIGXFSZ",
    "SIGVTALRM",
    "SIGPROF",
    "SIGWINCH",
    "SIGIO",
    "SIGPWR",
    "SIGSYS",
];

/// The first and the last real-time signal, as the C library counts.
const RTMIN: usize = 34;
const RTMAX: usize = 64;

/// A signal's name, from its number or from any spelling of its name.
pub(super) fn signal(text: &str) -> String {
    let upper = text.to_ascii_uppercase();
    match text.parse::<usize>() {
        Ok(RTMIN) => "SIGRTMIN".to_owned(),
        Ok(number @ RTMIN..=RTMAX) => format!("SIGRTMIN+{}", number.saturating_sub(RTMIN)),
        Ok(number) => {
            number.checked_sub(1).and_then(|at| SIGNALS.get(at)).map_or(upper, |name| (*name).to_owned())
        }
        Err(_) if upper.starts_with("SIG") => upper,
        Err(_) => format!("SIG{upper}"),
    }
}
