use super::*;
use crate::message::Message;
use crate::messages::{InventoryEntry, PstreeEntry};

/// Decodes, changes, and writes back.
fn edited<M: Message>(record: &[u8], change: impl FnOnce(&mut M)) -> Vec<u8> {
    let mut message = M::decode(record).unwrap();
    let old = message.encode();
    change(&mut message);
    edit(record, &old, &message.encode(), M::descriptor()).unwrap()
}

// pid 7 as a varint of two bytes, an unknown field, ppid, threads packed and not, pgid.
const RECORD: &[u8] = b"\x08\x87\x00\xa0\x06\x05\x10\x01\x2a\x02\x01\x02\x28\x03\x18\x07";

#[test]
fn nothing_changes_by_itself() {
    assert_eq!(edited::<PstreeEntry>(RECORD, |_| {}), RECORD);
}

#[test]
fn one_field_changes_alone() {
    let ppid = edited::<PstreeEntry>(RECORD, |process| process.ppid = 9);
    assert_eq!(ppid, b"\x08\x87\x00\xa0\x06\x05\x10\x09\x2a\x02\x01\x02\x28\x03\x18\x07");
    let threads = edited::<PstreeEntry>(RECORD, |process| process.threads.push(4));
    assert_eq!(threads, b"\x08\x87\x00\xa0\x06\x05\x10\x01\x28\x01\x28\x02\x28\x03\x28\x04\x18\x07");
    let none = edited::<PstreeEntry>(RECORD, |process| process.threads.clear());
    assert_eq!(none, b"\x08\x87\x00\xa0\x06\x05\x10\x01\x18\x07");
}

#[test]
fn an_absent_field_comes_behind_the_last_lower_number() {
    // img_version, an unknown field 7, dump_criu_run_id.
    let record = b"\x08\x02\x38\x01\x6a\x01x";
    let added = edited::<InventoryEntry>(record, |inventory| inventory.root_cg_set = Some(1));
    assert_eq!(added, b"\x08\x02\x28\x01\x38\x01\x6a\x01x");
    let last = edited::<InventoryEntry>(record, |inventory| inventory.allow_uprobes = Some(true));
    assert_eq!(last, b"\x08\x02\x38\x01\x6a\x01x\x70\x01");
}

#[test]
fn a_message_in_two_parts_is_edited_as_one() {
    // root_ids: vm_id 1 and an unknown field, then files_id 2.
    let record = b"\x08\x02\x1a\x05\x08\x01\xa0\x06\x01\x1a\x02\x10\x02";
    let changed = edited::<InventoryEntry>(record, |inventory| {
        inventory.root_ids.as_mut().unwrap().files_id = 3;
    });
    // Two required fields are absent, and stay so.
    assert_eq!(changed, b"\x08\x02\x1a\x07\x08\x01\xa0\x06\x01\x10\x03");
}

mod properties {
    use proptest::prelude::*;

    use super::*;
    use crate::messages::{FsEntry, MmEntry, VmaEntry};

    /// An area of a process with values that were chosen.
    fn area(values: [u64; 3]) -> VmaEntry {
        let [start, end, pgoff] = values;
        VmaEntry { start, end, pgoff, ..VmaEntry::default() }
    }

    proptest! {
        /// What is edited decodes to what was wanted, and unknown fields are still there, in their order.
        #[test]
        fn edits_say_what_was_wanted(
            before in proptest::collection::vec(any::<[u64; 3]>(), 0..4),
            after in proptest::collection::vec(any::<[u64; 3]>(), 0..4),
            auxv: Vec<u64>,
            brk: u64,
        ) {
            let mm = MmEntry { vmas: before.into_iter().map(area).collect(), ..MmEntry::default() };
            let mut record = mm.encode();
            record.extend(b"\xa0\x3f\x01\xa2\x3f\x02hi");
            let edited = edited::<MmEntry>(&record, |mm| {
                mm.vmas = after.iter().copied().map(area).collect();
                mm.mm_saved_auxv = auxv.clone();
                mm.mm_brk = brk;
            });
            let read = MmEntry::decode(&edited).unwrap();
            prop_assert_eq!(read.vmas, after.into_iter().map(area).collect::<Vec<_>>());
            prop_assert_eq!((read.mm_saved_auxv, read.mm_brk), (auxv, brk));
            let unknown: Vec<u8> = fields(&edited).unwrap().iter().filter(|field| field.number > 1000)
                .flat_map(|field| field.bytes.to_vec()).collect();
            prop_assert_eq!(unknown, b"\xa0\x3f\x01\xa2\x3f\x02hi");
        }

        /// Whatever the record is, without a change it stays.
        #[test]
        fn no_change_changes_nothing(record: Vec<u8>) {
            if FsEntry::decode(&record).is_ok() {
                prop_assert_eq!(edited::<FsEntry>(&record, |_| {}), record);
            }
        }
    }
}

#[test]
fn texts_of_a_list_are_changed_one_by_one() {
    // Two namespaces; the second has an unknown field, which stays when its name changes.
    let record = b"\x0a\x03\x0a\x01a\x0a\x06\x0a\x01b\xa0\x06\x01";
    let changed = edited::<crate::messages::ApparmorEntry>(record, |entry| {
        entry.namespaces[1].name = "c".into();
    });
    assert_eq!(changed, b"\x0a\x03\x0a\x01a\x0a\x06\x0a\x01c\xa0\x06\x01");
    let fewer = edited::<crate::messages::ApparmorEntry>(record, |entry| entry.namespaces.truncate(1));
    assert_eq!(fewer, b"\x0a\x03\x0a\x01a");
    let more = edited::<crate::messages::ApparmorEntry>(record, |entry| {
        let mut last = entry.namespaces[0].clone();
        last.name = "d".into();
        entry.namespaces.push(last);
    });
    assert_eq!(more, b"\x0a\x03\x0a\x01a\x0a\x06\x0a\x01b\xa0\x06\x01\x0a\x03\x0a\x01d");
}

#[test]
fn what_is_no_protobuf_cannot_be_edited() {
    let message = PstreeEntry::descriptor();
    assert_eq!(edit(b"\x08", b"\x08\x01", b"\x08\x02", message), Err(Fault::Truncated("a varint")));
    assert_eq!(edit(b"\x08\x01", b"\x08", b"\x08\x02", message), Err(Fault::Truncated("a varint")));
}
