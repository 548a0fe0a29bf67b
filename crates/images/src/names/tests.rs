use std::collections::HashSet;

use super::*;

/// Names of single bits.
const FLAGS: [Names; 6] = [MMAP_PROT, MMAP_FLAGS, MMAP_STATUS, RFILE_FLAGS, PAGEMAP_FLAGS, SEALS];
/// Names of values.
const VALUES: [Names; 5] = [TASK_STATE, SOCKET_FAMILY, SOCKET_TYPE, SOCKET_STATE, SOCKET_PROTOCOL];

#[test]
fn flags_are_single_bits_and_rise() {
    for names in FLAGS {
        assert!(names.iter().all(|(_, bit)| bit.cast_unsigned().is_power_of_two()), "{names:?}");
        assert!(names.is_sorted_by_key(|(_, bit)| *bit), "{names:?}: crit shows the lowest first");
    }
}

#[test]
fn no_name_and_no_value_occurs_twice() {
    for names in FLAGS.into_iter().chain(VALUES) {
        let distinct: HashSet<_> = names.iter().map(|(name, _)| name).collect();
        let values: HashSet<_> = names.iter().map(|(_, value)| value).collect();
        assert_eq!((distinct.len(), values.len()), (names.len(), names.len()), "{names:?}");
    }
}

/// Values of Linux on x86, which crit shows whatever the machine is.
#[test]
fn values_are_those_of_linux() {
    let value = |names: Names, name| names.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    assert_eq!(value(RFILE_FLAGS, "O_CLOEXEC"), Some(0x8_0000));
    assert_eq!(value(RFILE_FLAGS, "O_LARGEFILE"), Some(0x8000));
    assert_eq!(value(MMAP_FLAGS, "MAP_GROWSDOWN"), Some(0x100));
    assert_eq!(value(SOCKET_STATE, "LISTEN"), Some(10));
    assert_eq!(value(SOCKET_FAMILY, "PACKET"), Some(17));
    assert_eq!(value(RFILE_FLAGS, "O_RDONLY"), None, "it is no bit");
}
