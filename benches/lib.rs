//! Measuring in ratios: a thing and its physical limit, in turn, in one run.
//!
//! Absolute times say more of the machine than of the program. So each bench runs the subject and its rival by turns, takes the
//! least time of each, and prints the quotient.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

/// The least time that each of several works takes over a number of rounds, run by turns so that all see the same machine.
pub fn least<const N: usize>(rounds: usize, mut works: [&mut dyn FnMut(); N]) -> [Duration; N] {
    let mut least = [Duration::MAX; N];
    for _ in 0..rounds {
        for (work, least) in works.iter_mut().zip(&mut least) {
            let start = Instant::now();
            work();
            *least = start.elapsed().min(*least);
        }
    }
    least
}

/// Processor time, user and system, that a command takes as a process of its own; the least of some rounds.
///
/// # Errors
/// If it cannot be run, or fails.
pub fn processor_time(rounds: usize, mut command: impl FnMut() -> Command) -> std::io::Result<Duration> {
    let mut least = Duration::MAX;
    for _ in 0..rounds {
        let before = children()?;
        let status = command().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        if !status.success() {
            return Err(std::io::Error::other(format!("the command ended with {status}")));
        }
        least = children()?.saturating_sub(before).min(least);
    }
    Ok(least)
}

/// Processor time of all processes that this one started and waited for.
fn children() -> std::io::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = usage.user_time().num_microseconds().saturating_add(usage.system_time().num_microseconds());
    Ok(Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
}

/// The most memory, in bytes, that any process which this one started and waited for has had at a time.
///
/// # Errors
/// If the system does not tell.
pub fn largest_child() -> std::io::Result<u64> {
    let kibibytes = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss();
    Ok(u64::try_from(kibibytes).unwrap_or(0).saturating_mul(1024))
}

/// The most anonymous memory, in bytes, that a process has while it runs: pages of mapped files, which the system may take
/// back at any time, are not counted. Returns when the process has ended; `wait` tells how.
///
/// # Errors
/// If it cannot be waited for.
pub fn most_anonymous(child: &mut Child) -> std::io::Result<u64> {
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0_u64;
    while child.try_wait()?.is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        most = most.max(kibibytes.unwrap_or(0));
        thread::sleep(Duration::from_millis(1));
    }
    Ok(most.saturating_mul(1024))
}

/// How many times as long `subject` takes as `rival`.
pub fn ratio(subject: Duration, rival: Duration) -> f64 {
    subject.as_secs_f64() / rival.as_secs_f64().max(1e-9)
}

/// Prints how long a subject and its limit took, and whether the quotient is at most what was aimed at.
#[expect(clippy::print_stdout, reason = "a bench reports to a person")]
pub fn report(subject: &str, took: Duration, limit: &str, least: Duration, aim: f64) {
    let quotient = ratio(took, least);
    println!(
        "{subject:>34}  {took:>10.2?}  {limit:>28}  {least:>10.2?}  {quotient:>7.3}  at most {aim:.2}: {}",
        verdict(quotient <= aim)
    );
}

/// The word for an aim that was kept or missed.
pub fn verdict(is_kept: bool) -> &'static str {
    if is_kept { "kept" } else { "MISSED" }
}

/// A program with its first words, a file, and what stands behind that.
pub fn command(program: &Path, words: &[&str], path: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(words).arg(path).args(more);
    command
}

/// The release binary beside this bench.
///
/// # Panics
/// If it was not built.
pub fn binary() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    let built = own.ancestors().nth(2).unwrap_or(&own).join("icecore");
    assert!(built.exists(), "{} is missing: cargo build --release first", built.display());
    built
}
