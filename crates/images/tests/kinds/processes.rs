//! What is known of every checkpoint and its processes.

use icecore_images::Kind;

use crate::{COMMON, Case, SERVICE, case};

pub(crate) const CASES: &[Case] = &[
    case(
        Kind::Inventory,
        "inventory.img",
        &[0x5831_3116],
        &[b"\x08\x1d\x10\x01 \x01"],
        r#"[{"img_version": 29, "fdinfo_per_id": true, "ns_per_id": true}]"#,
    ),
    case(
        Kind::Pstree,
        "pstree.img",
        &[COMMON, 0x5027_3030],
        &[b"\x08\x07\x10\x01\x18\x07 \x01(\x9e\x01(\xc5\x01", b"\x08\x07\x10\x01\x18\x07 \x01"],
        r#"[{"pid": 7, "ppid": 1, "pgid": 7, "sid": 1, "threads": [158, 197]}, {"pid": 7,
            "ppid": 1, "pgid": 7, "sid": 1}]"#,
    ),
    case(
        Kind::Core,
        "core-7.img",
        &[COMMON, 0x5505_3847],
        &[b"\x08\x03\x12l\x08\x92\x01\x12Q\x08\xed\x01\x10\x8a\x02\x18\xa7\x02 \x18(50R8o@\x8c\
              \x01H\xa9\x01P\xc6\x01X\xe3\x01`\x80\x02h\x9d\x02p\x0ex+\x80\x01H\x88\x01e\x90\x01\
              \x82\x01\x98\x01\x9f\x01\xa0\x01\xbc\x01\xa8\x01\xd9\x01\xb0\x01\xf6\x01\xb8\x01\x93\
              \x02\xc0\x01\x04\xc8\x01!\xd0\x01>\xd8\x01[\x1a\x14\x08\xed\x01\x10\x8a\x02\x18\xa7\
              \x02 \x18(50R8o@\x8c\x01"],
        r#"[{"mtype": "AARCH64", "thread_info": {"clear_tid_addr": 146, "gpregs": {"r15": 237,
            "r14": 266, "r13": 295, "r12": 24, "bp": 53, "bx": 82, "r11": 111, "r10": 140,
            "r9": 169, "r8": 198, "ax": 227, "cx": 256, "dx": 285, "si": 14, "di": 43,
            "orig_ax": 72, "ip": 101, "cs": 130, "flags": 159, "sp": 188, "ss": 217, "fs_base": 246,
            "gs_base": 275, "ds": 4, "es": 33, "fs": 62, "gs": 91}, "fpregs": {"cwd": 237,
            "swd": 266, "twd": 295, "fop": 24, "rip": 53, "rdp": 82, "mxcsr": 111,
            "mxcsr_mask": 140}}}]"#,
    ),
    case(
        Kind::Ids,
        "ids-7.img",
        &[COMMON, 0x5443_2030],
        &[b"\x08D\x10a\x18~ \x9b\x01(\xb8\x010\xd5\x01"],
        r#"[{"vm_id": 68, "files_id": 97, "fs_id": 126, "sighand_id": 155, "pid_ns_id": 184,
            "net_ns_id": 213}]"#,
    ),
    case(
        Kind::Mm,
        "mm-7.img",
        &[COMMON, 0x5749_2820],
        &[b"\x08Q\x10n\x18\x8b\x01 \xa8\x01(\xc5\x010\xe2\x018\xff\x01@\x9c\x02H\x0dP*XG`dh\x81\
              \x01h\xa8\x01x\xc4\xfe\xff\xff\xff\xff\xff\xff\xff\x01"],
        r#"[{"mm_start_code": 81, "mm_end_code": 110, "mm_start_data": 139, "mm_end_data": 168,
            "mm_start_stack": 197, "mm_start_brk": 226, "mm_brk": 255, "mm_arg_start": 284,
            "mm_arg_end": 13, "mm_env_start": 42, "mm_env_end": 71, "exe_file_id": 100,
            "mm_saved_auxv": [129, 168], "dumpable": -188}]"#,
    ),
    case(
        Kind::Fs,
        "fs-7.img",
        &[COMMON, 0x5140_3912],
        &[b"\x08^\x10{\x18\x98\x01"],
        r#"[{"cwd_id": 94, "root_id": 123, "umask": 152}]"#,
    ),
    case(
        Kind::Fdinfo,
        "fdinfo-7.img",
        &[COMMON, 0x5621_3732],
        &[b"\x08k\x10\x88\x01\x18\x09 \xc2\x01*\x06xattr_", b"\x08\x9d\x01\x10\xba\x01\x18\x0d \xf4\x01"],
        r#"[{"id": 107, "flags": 136, "type": "SIGNALFD", "fd": 194,
            "xattr_security_selinux": "xattr_"}, {"id": 157, "flags": 186, "type": "NETLINKSK",
            "fd": 244}]"#,
    ),
    case(
        Kind::Pagemap,
        "pagemap-7.img",
        &[COMMON, 0x5608_4025],
        &[b"\x08x", b"\x08\x80\xe0\x87\x02\x10\xa2\x01\x18\x01 \xdc\x01"],
        r#"[{"pages_id": 120}, {"vaddr": 4321280, "compat_nr_pages": 162, "in_parent": true,
            "flags": 220}]"#,
    ),
    case(
        Kind::ShmemPagemap,
        "pagemap-shmem-7.img",
        &[COMMON, 0x5608_4025],
        &[b"\x08\x85\x01", b"\x08\x80\xe0\x87\x02\x10\xaf\x01\x18\x01 \xe9\x01"],
        r#"[{"pages_id": 133}, {"vaddr": 4321280, "compat_nr_pages": 175, "in_parent": true,
            "flags": 233}]"#,
    ),
    case(
        Kind::Cgroup,
        "cgroup.img",
        &[COMMON, 0x5938_3330],
        &[b"\x0a\x03\x08\xa1\x02\x0a\x02\x08\x1c"],
        r#"[{"sets": [{"id": 289}, {"id": 28}]}]"#,
    ),
    case(
        Kind::Seccomp,
        "seccomp.img",
        &[COMMON, 0x6441_3049],
        &[b"\x0a\x05\x0a\x03\x01\x00\xff\x0a\x05\x0a\x03\x01\x00\xff"],
        r#"[{"seccomp_filters": [{"filter": "AQD/\n"}, {"filter": "AQD/\n"}]}]"#,
    ),
    case(
        Kind::Apparmor,
        "apparmor.img",
        &[COMMON, 0x5942_3047],
        &[b"\x0a\x06\x0a\x04name\x0a\x06\x0a\x04name"],
        r#"[{"namespaces": [{"name": "name"}, {"name": "name"}]}]"#,
    ),
    case(
        Kind::Cpuinfo,
        "cpuinfo.img",
        &[COMMON, 0x6140_4013],
        &[b"\x0a\x0e\x08\x02\x10\xd4\x01\x18\xf1\x01 \x8e\x02(\xab\x02\x0a\x0c\x08\x02\x10\xfb\
              \x01\x18\x98\x02 \x09(&"],
        r#"[{"x86_entry": [{"vendor_id": "AMD", "cpu_family": 212, "model": 241, "stepping": 270,
            "capability_ver": 299}, {"vendor_id": "AMD", "cpu_family": 251, "model": 280,
            "stepping": 9, "capability_ver": 38}]}]"#,
    ),
    case(
        Kind::Stats,
        "stats-dump",
        &[SERVICE, 0x5709_3306],
        &[b"\x0a\x15\x08\xc4\x01\x10\xe1\x01\x18\xfe\x01 \x9b\x02(\x0c0)8FH\x80\x01"],
        r#"[{"dump": {"freezing_time": 196, "frozen_time": 225, "memdump_time": 254,
            "memwrite_time": 283, "pages_scanned": 12, "pages_skipped_parent": 41,
            "pages_written": 70, "pages_lazy": 128}}]"#,
    ),
    case(
        Kind::Stats,
        "stats-restore",
        &[SERVICE, 0x5709_3306],
        &[b"\x0a\x15\x08\xd1\x01\x10\xee\x01\x18\x8b\x02 \xa8\x02(\x19068SH\x8d\x01"],
        r#"[{"dump": {"freezing_time": 209, "frozen_time": 238, "memdump_time": 267,
            "memwrite_time": 296, "pages_scanned": 25, "pages_skipped_parent": 54,
            "pages_written": 83, "pages_lazy": 141}}]"#,
    ),
    case(
        Kind::IrmapCache,
        "irmap-cache",
        &[SERVICE, 0x5700_4059],
        &[b"\x08\x83\x01\x10\xa0\x01\x1a\x04path", b"\x08\xb5\x01\x10\xd2\x01\x1a\x04path"],
        r#"[{"dev": 131, "inode": 160, "path": "path"}, {"dev": 181, "inode": 210, "path": "path"}]"#,
    ),
];
