//! Runs every seed of every fuzz target once, or of those that are named, without a fuzzer; `--export FOLDER` writes them
//! out for one.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;
use std::{env, fs, io, panic};

use icecore_fuzz::{TARGETS, Target};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--export", folder] => match TARGETS.iter().try_for_each(|target| export(target, folder.as_ref())) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{folder}: {error}");
                ExitCode::FAILURE
            }
        },
        ref names if names.iter().all(|name| TARGETS.iter().any(|target| target.name == *name)) => TARGETS
            .iter()
            .filter(|target| names.is_empty() || names.contains(&target.name))
            .map(replay)
            .fold(ExitCode::SUCCESS, |all, one| if one { all } else { ExitCode::FAILURE }),
        _ => {
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            eprintln!("usage: replay [--export FOLDER | TARGET...], where TARGET is {}", names.join(", "));
            ExitCode::from(2)
        }
    }
}

/// Runs the seeds of a target; says whether all went well.
fn replay(target: &Target) -> bool {
    let seeds = (target.seeds)();
    let started = Instant::now();
    let mut slowest = (0.0, "");
    let mut failed = 0;
    for (name, bytes) in &seeds {
        let begun = Instant::now();
        if panic::catch_unwind(|| (target.run)(bytes)).is_err() {
            eprintln!("{}: fails on {name}", target.name);
            failed += 1;
        }
        let seconds = begun.elapsed().as_secs_f64();
        if seconds > slowest.0 {
            slowest = (seconds, name);
        }
    }
    let (count, seconds) = (seeds.len(), started.elapsed().as_secs_f64());
    println!(
        "{}: {count} seeds in {seconds:.1} s, {failed} failed; slowest {:.1} s: {}",
        target.name, slowest.0, slowest.1
    );
    failed == 0 && count > 0
}

/// Writes the seeds of a target below a folder.
fn export(target: &Target, folder: &Path) -> io::Result<()> {
    let folder = folder.join(target.name);
    fs::create_dir_all(&folder)?;
    let seeds = (target.seeds)();
    seeds
        .iter()
        .zip(1..)
        .try_for_each(|((_, bytes), number)| fs::write(folder.join(format!("seed-{number:04}")), bytes))
}
