//! What containerd's CRI plugin writes besides config.dump: `status` and `status.dump`.
//!
//! `status` is containerd's own record (keys with capitals); `status.dump` is the CRI's ContainerStatus as
//! plain Go JSON: enumerations are numbers, times are nanoseconds, and what is 0, false or empty is left out.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::crio::CriMetadata;
use crate::document::documents;
use crate::json::Node;

/// Prefix of the annotations that containerd's CRI plugin writes into spec.dump.
pub const PREFIX: &str = "io.kubernetes.cri.";

/// Prefix of the media types in the index of a checkpoint made through containerd's client.
pub const MEDIA_TYPE_PREFIX: &str = "application/vnd.containerd.container.";

/// The CRI's signals: its numbers are places in this alphabetical list, not Linux's numbers. 0 is the
/// default.
const CRI_SIGNALS: [&str; 35] = [
    "",
    "SIGABRT",
    "SIGALRM",
    "SIGBUS",
    "SIGCHLD",
    "SIGCLD",
    "SIGCONT",
    "SIGFPE",
    "SIGHUP",
    "SIGILL",
    "SIGINT",
    "SIGIO",
    "SIGIOT",
    "SIGKILL",
    "SIGPIPE",
    "SIGPOLL",
    "SIGPROF",
    "SIGPWR",
    "SIGQUIT",
    "SIGSEGV",
    "SIGSTKFLT",
    "SIGSTOP",
    "SIGSYS",
    "SIGTERM",
    "SIGTRAP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGUSR1",
    "SIGUSR2",
    "SIGVTALRM",
    "SIGWINCH",
    "SIGXCPU",
    "SIGXFSZ",
];

documents! {
    /// `status`.
    Status {
        /// `v1`.
        version: String = "Version",
        /// Pid of the first process on the host.
        pid: u64 = "Pid",
        /// When the container was created: nanoseconds since 1970, 0 = not set.
        created_at: i64 = "CreatedAt",
        /// When it was started: nanoseconds since 1970, 0 = not set.
        started_at: i64 = "StartedAt",
        /// When it ended: nanoseconds since 1970, 0 = not set.
        finished_at: i64 = "FinishedAt",
        /// Its exit code.
        exit_code: i64 = "ExitCode",
        /// Why it ended, one word.
        reason: String = "Reason",
        /// Why it ended, a text.
        message: String = "Message",
        /// Its limits.
        resources: Node = "Resources",
        /// True if it was made from a checkpoint. Versions 2.1 to 2.3.
        restore: bool = "Restore",
    }

    /// `status.dump`.
    StatusDump {
        /// Id of the container.
        id: String = "id",
        /// Name in the pod and number of earlier starts.
        metadata: CriMetadata = "metadata",
        /// State: absent created, 1 running, 2 exited, 3 unknown.
        state: u64 = "state",
        /// When the container was created, in nanoseconds since 1970.
        created_at: i64 = "created_at",
        /// When it was started, in nanoseconds since 1970.
        started_at: i64 = "started_at",
        /// When it ended, in nanoseconds since 1970.
        finished_at: i64 = "finished_at",
        /// Its exit code.
        exit_code: i64 = "exit_code",
        /// The image.
        image: ImageSpec = "image",
        /// A digest reference of the image, or its id with `sha256:`.
        image_ref: String = "image_ref",
        /// Id of the image, with `sha256:`.
        image_id: String = "image_id",
        /// Why it is in its state, one word.
        reason: String = "reason",
        /// Why it is in its state, a text.
        message: String = "message",
        /// Labels of the container.
        labels: BTreeMap<String, String> = "labels",
        /// Annotations of the container.
        annotations: BTreeMap<String, String> = "annotations",
        /// Mounts asked for through the CRI.
        mounts: Vec<Node> = "mounts",
        /// Where the log lies on the host.
        log_path: String = "log_path",
        /// Its limits.
        resources: Node = "resources",
        /// As whom it runs.
        user: Node = "user",
        /// The signal that stops it: a number of the CRI, see [`cri_signal`].
        stop_signal: u64 = "stop_signal",
    }

    /// An image as the CRI names it.
    ImageSpec {
        /// Its name.
        image: String = "image",
        /// Its name as the user wrote it.
        user_specified_image: String = "user_specified_image",
        /// Runtime for which it was pulled.
        runtime_handler: String = "runtime_handler",
    }
}

/// The name of a signal of the CRI; `None` for the default, 0, and for numbers that the CRI does not have.
pub fn cri_signal(number: u64) -> Option<Cow<'static, str>> {
    /// Real-time signals stand behind the others: counted up from the first, then down to the last.
    const RTMIN: u64 = 35;
    const RTMAX: u64 = 65;
    if let Some(name) = CRI_SIGNALS.get(usize::try_from(number).ok()?) {
        return Some(Cow::from(*name)).filter(|name| !name.is_empty());
    }
    Some(match (number.checked_sub(RTMIN)?, RTMAX.checked_sub(number)?) {
        (0, _) => "SIGRTMIN".into(),
        (above @ 1..=15, _) => format!("SIGRTMIN+{above}").into(),
        (_, 0) => "SIGRTMAX".into(),
        (_, below) => format!("SIGRTMAX-{below}").into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_of_the_cri_are_alphabetical() {
        assert!(CRI_SIGNALS.is_sorted());
        // As archives.md gives them; 18 is what nginx's SIGQUIT is in a real status.dump.
        for (number, name) in
            [(1, "SIGABRT"), (10, "SIGINT"), (13, "SIGKILL"), (18, "SIGQUIT"), (23, "SIGTERM")]
        {
            assert_eq!(cri_signal(number).as_deref(), Some(name));
        }
        assert_eq!((cri_signal(0), cri_signal(66), cri_signal(u64::MAX)), (None, None, None));
    }

    /// systemd asks for SIGRTMIN+3. The order is that of `Signal` in the CRI's `api.proto`.
    #[test]
    fn real_time_signals_of_the_cri_are_counted_from_both_ends() {
        for (number, name) in [
            (34, "SIGXFSZ"),
            (35, "SIGRTMIN"),
            (38, "SIGRTMIN+3"),
            (50, "SIGRTMIN+15"),
            (51, "SIGRTMAX-14"),
            (64, "SIGRTMAX-1"),
            (65, "SIGRTMAX"),
        ] {
            assert_eq!(cri_signal(number).as_deref(), Some(name));
        }
    }
}
