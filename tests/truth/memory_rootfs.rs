//! Pages of mapped files out of the root file system that the user names, against what the kernel read of them.
//!
//! CRIU touches one page of the first executable area of each process and puts the old bytes back. The kernel lists that
//! page as the process's own, so its digest was recorded, and it is the file's: the one page of a file about which there
//! is testimony.

use std::sync::Arc;

use icecore::archive::{Keep, Options};
use icecore::filesystem::Origin;
use icecore::memory::{AreaKind, PageSource, Run};
use icecore::{Checkpoint, Memory, Pid, RootFilesystem, Vaddr};
use icecore_tests::Case;
use sha2::{Digest as _, Sha256};

/// The checkpoints of cases that have the root file system of their processes beside them.
fn cases() -> impl Iterator<Item = (Case, Checkpoint, Arc<RootFilesystem>)> {
    icecore_tests::cases().into_iter().filter_map(|case| {
        let rootfs = case.dir.join("rootfs.tar.gz");
        let archive = case.archives().into_iter().find(|archive| archive.kind == "tar")?;
        let rootfs = rootfs.exists().then(|| RootFilesystem::open(&rootfs, &Options::default()).unwrap())?;
        let options = Options::default().keep(Keep::Everything);
        let checkpoint = Checkpoint::open_all(&archive.path, &options).unwrap().pop().unwrap();
        let rootfs = Arc::new(rootfs);
        Some((case, checkpoint.with_rootfs(rootfs.clone()), rootfs))
    })
}

/// What must have been compared where all cases are there; one of the fixtures has its root file system.
fn at_least(count: usize) -> usize {
    if icecore_tests::places().len() > 1 { count } else { 1 }
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn of_files(memory: &Memory) -> impl Iterator<Item = Run<'_>> {
    memory.runs().filter(|run| run.source == PageSource::File)
}

/// Every mapped file of these containers is found, and is the one that was mapped by its size and build id.
#[test]
fn every_mapped_file_is_found_in_the_root_file_system() {
    let mut found = 0;
    for (case, checkpoint, _) in cases() {
        for pid in checkpoint.pids_with_memory() {
            let memory = checkpoint.memory(pid).unwrap();
            for run in of_files(&memory) {
                let place = format!("{} {pid} {}: {:?}", case.name, run.start, run.reason);
                assert!(run.is_known(), "{place}");
                found += usize::from(run.origin() == Some(Origin::Rootfs));
            }
        }
    }
    assert!(found >= at_least(12), "{found} pieces of files");
}

/// The first page of the first executable area: the process's own in the images, and the file's.
#[test]
fn the_page_that_criu_touched_is_that_of_the_file() {
    let mut compared = 0;
    for (case, checkpoint, rootfs) in cases() {
        let archive = case.archives().into_iter().find(|archive| archive.kind == "tar").unwrap();
        let truth = case.truth(archive.truth.as_ref().unwrap());
        for process in truth["processes"].as_array().unwrap() {
            let pid = Pid(process["pid"].as_u64().unwrap().try_into().unwrap());
            let Ok(memory) = checkpoint.memory(pid) else { continue };
            let code =
                |area: &&icecore::memory::Area| area.prot & 4 != 0 && area.kind == AreaKind::FilePrivate;
            let Some(area) = memory.areas().iter().find(code) else { continue };
            let start = format!("{}", area.start);
            let areas = process["memory"].as_array().into_iter().flatten();
            let pages = areas.flat_map(|area| area["pages"].as_array().into_iter().flatten());
            let Some(page) = pages.into_iter().find(|page| page["addr"] == start.as_str()) else { continue };
            let file = rootfs.file(area.name.as_ref().unwrap()).unwrap().bytes(("image", 1 << 30)).unwrap();
            let offset = usize::try_from(area.offset).unwrap();
            let length = usize::try_from(memory.page_size()).unwrap();
            let mut bytes = file[offset..file.len().min(offset + length)].to_vec();
            bytes.resize(length, 0);
            assert_eq!(digest(&bytes), page["sha256"].as_str().unwrap(), "{} {pid} {start}", case.name);
            assert_eq!(memory.read(area.start..Vaddr(area.start.0 + length as u64), 1 << 20).unwrap(), bytes);
            compared += 1;
        }
    }
    assert!(compared >= at_least(3), "{compared} pages");
}
