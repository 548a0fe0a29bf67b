//! The bytes at the place of a value are the message that it was read from.

use std::collections::BTreeMap;

use icecore::archive::Options;
use icecore::images_format::messages::{CoreEntry, FdinfoEntry, FileEntry, MntEntry, PstreeEntry, VmaEntry};
use icecore::images_format::{Image, Message};
use icecore::{Checkpoint, Place};
use icecore_tests::cases;

/// The images of a checkpoint by their names in the archive, and how many places of each kind were looked at.
struct Checked<'a> {
    name: String,
    bytes: BTreeMap<&'a [u8], Vec<u8>>,
    counts: BTreeMap<&'static str, usize>,
}

impl<'a> Checked<'a> {
    fn of(name: String, checkpoint: &'a Checkpoint) -> Self {
        let images = checkpoint
            .images()
            .iter()
            .filter(|(name, member)| name.ends_with(b".img") && member.size < 8 << 20);
        let bytes = images.filter_map(|(_, member)| {
            Some((member.name.as_bytes(), member.bytes(("image", 8 << 20)).ok()?.into_owned()))
        });
        Self { name, bytes: bytes.collect(), counts: BTreeMap::new() }
    }

    /// What stands at a place, decoded by itself.
    fn message<M: Message>(&mut self, kind: &'static str, place: Option<&Place>) -> M {
        let place = place.unwrap_or_else(|| panic!("{}: a {kind} without a place", self.name));
        *self.counts.entry(kind).or_default() += 1;
        let image = &self.bytes[place.member.as_slice()];
        let start = usize::try_from(place.offset).unwrap();
        let bytes = &image[start..start + usize::try_from(place.length).unwrap()];
        M::decode(bytes).unwrap_or_else(|_| panic!("{}: {place} is no {kind}", self.name))
    }

    /// The record of this number in the image of a place begins there: nobody counted differently.
    fn check_entry(&self, place: &Place) {
        let bytes = &self.bytes[place.member.as_slice()];
        let image = Image::parse(place.member.as_slice(), bytes).unwrap();
        let entry = image.entries().nth(place.entry).unwrap().unwrap();
        let start = image.offset_of(entry.bytes);
        let end = start + entry.bytes.len() as u64;
        assert!(start <= place.offset && place.offset + place.length <= end, "{}: {place}", self.name);
    }
}

#[test]
fn every_place_leads_to_its_record() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases() {
        for archive in case.archives() {
            for checkpoint in Checkpoint::open_all(&archive.path, &Options::default()).unwrap() {
                let mut checked = Checked::of(format!("{}/{}", case.name, archive.file), &checkpoint);
                processes(&checkpoint, &mut checked);
                files(&checkpoint, &mut checked);
                mounts(&checkpoint, &mut checked);
                areas(&checkpoint, &mut checked);
                checked
                    .counts
                    .into_iter()
                    .for_each(|(kind, count)| *counts.entry(kind).or_default() += count);
            }
        }
    }
    eprintln!("{counts:?}");
    for kind in ["process", "thread", "descriptor", "file", "mount", "area"] {
        assert!(counts[kind] > 30, "{kind}: {counts:?}");
    }
}

fn processes(checkpoint: &Checkpoint, checked: &mut Checked<'_>) {
    for process in checkpoint.processes() {
        let record: PstreeEntry = checked.message("process", process.place.as_ref());
        assert_eq!((record.pid, record.ppid), (process.pid.0, process.ppid.0));
        assert_eq!((record.pgid, record.sid), (process.pgid.0, process.sid.0));
        checked.check_entry(process.place.as_ref().unwrap());
        for thread in &process.threads {
            let record: CoreEntry = checked.message("thread", thread.place.as_ref());
            let place = thread.place.as_ref().unwrap();
            assert!(place.member.ends_with(format!("core-{}.img", thread.tid).as_bytes()), "{place}");
            let nice = record.thread_core.as_ref().and_then(|core| core.sched_nice);
            assert_eq!(nice, thread.scheduling.nice, "{place}");
            checked.check_entry(place);
        }
    }
}

fn files(checkpoint: &Checkpoint, checked: &mut Checked<'_>) {
    for table in &checkpoint.files().tables {
        for descriptor in &table.descriptors {
            let record: FdinfoEntry = checked.message("descriptor", Some(&descriptor.place));
            assert_eq!((record.fd, record.id), (descriptor.fd.0, descriptor.file.0));
            checked.check_entry(&descriptor.place);
        }
    }
    for file in checkpoint.files().files.iter() {
        let place = file.place.as_ref().unwrap();
        if place.member.ends_with(b"files.img") && !place.member.ends_with(b"-files.img") {
            let record: FileEntry = checked.message("file", Some(place));
            assert_eq!(record.id, file.id.0, "{place}");
            assert_eq!(
                record.reg.as_ref().map(|it| &it.name),
                file.path.as_ref().or(file.external.as_ref()),
                "{place}"
            );
        }
        checked.check_entry(place);
    }
}

fn mounts(checkpoint: &Checkpoint, checked: &mut Checked<'_>) {
    for mount in checkpoint.mounts().namespaces.iter().flat_map(|namespace| &namespace.mounts) {
        let record: MntEntry = checked.message("mount", mount.place.as_ref());
        assert_eq!((record.mnt_id, record.parent_mnt_id), (mount.id.0, mount.parent.0));
        assert_eq!((&record.mountpoint, record.root_dev), (&mount.mountpoint, mount.dev));
        checked.check_entry(mount.place.as_ref().unwrap());
    }
}

fn areas(checkpoint: &Checkpoint, checked: &mut Checked<'_>) {
    for pid in checkpoint.pids_with_memory() {
        let Ok(memory) = checkpoint.memory(pid) else { continue };
        for area in memory.areas() {
            let record: VmaEntry = checked.message("area", area.place.as_ref());
            assert_eq!((record.start, record.end), (area.start.0, area.end.0));
            assert_eq!((record.prot, record.flags, record.status), (area.prot, area.flags, area.status));
            checked.check_entry(area.place.as_ref().unwrap());
        }
    }
}
