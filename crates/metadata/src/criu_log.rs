//! `dump.log`: what CRIU wrote while it dumped. Text that anybody can write: a hint, never evidence by
//! itself.
//!
//! A line is `(SS.uuuuuu) message`, the stamp counting seconds since CRIU started; there is no wall clock in
//! it.

use serde::Serialize;

use crate::finding::{Brief, Code, Findings};

/// What the log says about the dump.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CriuLog {
    /// Version of CRIU, as `4.2`.
    pub version: Option<String>,
    /// What git calls the version, `0` for builds outside of git.
    pub git_id: Option<String>,
    /// Name of the machine: a fact of the host.
    pub node: Option<String>,
    /// Release of the machine's kernel, as `6.18.44`.
    pub kernel: Option<String>,
    /// The machine's architecture, as `x86_64`.
    pub machine: Option<String>,
    /// Run id that also stands in `inventory.img` (`dump_criu_run_id`): the last one, because the first
    /// belongs to a question that the runtime asks before the dump.
    pub run_id: Option<String>,
    /// How the log ends.
    pub outcome: Outcome,
    /// Number of lines.
    pub lines: u64,
    /// The last stamp, as it stands in the log: seconds since CRIU started.
    pub last_stamp: Option<String>,
    /// The first line with an error. Successful dumps have some as well.
    pub first_error: Option<LogError>,
}

/// How a log ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The last message says neither: the log is cut, or CRIU was killed.
    #[default]
    Unknown,
    /// `Dumping finished successfully`, or the same of a pre-dump.
    Finished,
    /// `Dumping FAILED.`, or the same of a pre-dump.
    Failed,
}

/// A line of the log that reports an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogError {
    /// Number of the line, from 1.
    pub line: u64,
    /// Where the line begins, in bytes.
    pub offset: u64,
    /// The line without its stamp. Bytes that are not UTF-8 are U+FFFD.
    pub text: String,
}

impl CriuLog {
    /// Reads a log. Contradictions in it become findings.
    pub(crate) fn read(bytes: &[u8], findings: &mut Findings) -> Self {
        let (mut log, mut offset) = (CriuLog::default(), 0_usize);
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            log.lines = log.lines.saturating_add(1);
            if let Some((stamp, message)) = stamped(line.trim_ascii_end()) {
                log.take(offset, stamp, message);
            }
            offset = offset.saturating_add(line.len());
        }
        log.judge(findings);
        log
    }

    fn take(&mut self, offset: usize, stamp: &[u8], message: &[u8]) {
        if let Some(id) = message.strip_prefix(b"CRIU run id = ") {
            self.run_id = Some(text(id));
        } else if let Some(rest) = message.strip_prefix(b"Version: ") {
            self.take_version(&text(rest));
        } else if let Some(rest) = message.strip_prefix(b"Running on ") {
            self.take_machine(&text(rest));
        }
        let error = message.starts_with(b"Error (");
        if error && self.first_error.is_none() {
            let offset = u64::try_from(offset).unwrap_or(u64::MAX);
            self.first_error = Some(LogError { line: self.lines, offset, text: text(message) });
        }
        self.outcome = if is_success(message) {
            Outcome::Finished
        } else if error && message.ends_with(b"FAILED.") {
            Outcome::Failed
        } else {
            Outcome::Unknown
        };
        self.last_stamp = Some(text(stamp));
    }

    /// `4.2 (gitid v4.2)`; the first one counts.
    fn take_version(&mut self, rest: &str) {
        if self.version.is_none() {
            let (version, git_id) = rest.split_once(" (gitid ").unwrap_or((rest, ""));
            self.version = Some(version.to_owned());
            self.git_id = git_id.strip_suffix(')').map(str::to_owned);
        }
    }

    /// `HOST Linux RELEASE VERSION… MACHINE`; the first one counts.
    fn take_machine(&mut self, rest: &str) {
        if self.node.is_none() {
            let mut words = rest.split(' ');
            self.node = words.next().map(str::to_owned);
            self.kernel = words.nth(1).map(str::to_owned);
            self.machine = words.next_back().map(str::to_owned);
        }
    }

    fn judge(&self, findings: &mut Findings) {
        if let (Some(version), Some(git_id)) = (&self.version, &self.git_id)
            && git_id.strip_prefix('v').is_some_and(|tag| !tag.starts_with(version.as_str()))
        {
            let (version, git_id) = (Brief(version), Brief(git_id));
            let text = format_args!("the log names version {version} and, beside it, git's {git_id}");
            findings.add(Code::LogContradiction, text);
        }
        match self.outcome {
            Outcome::Finished => {}
            Outcome::Failed => findings.add(
                Code::LogUnfinished,
                format_args!("the last message says that the dump failed; compare that with the images"),
            ),
            Outcome::Unknown => findings.add(
                Code::LogUnfinished,
                format_args!("the last message is not that the dump finished; the log may be cut"),
            ),
        }
    }
}

/// A line's stamp and message.
fn stamped(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = line.strip_prefix(b"(")?;
    let end = rest.iter().take(32).position(|&byte| byte == b')')?;
    let (stamp, rest) = rest.split_at_checked(end)?;
    let digits = stamp.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.');
    let message = rest.strip_prefix(b")")?.trim_ascii_start();
    (digits && !stamp.is_empty()).then_some((stamp, message))
}

fn is_success(message: &[u8]) -> bool {
    message == b"Dumping finished successfully" || message == b"Pre-dumping finished successfully"
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests;
