//! Open files and what they refer to.

use icecore_images::Kind;

use crate::{COMMON, Case, case};

pub(crate) const CASES: &[Case] = &[
    case(
        Kind::Files,
        "files.img",
        &[COMMON, 0x5630_3138],
        &[
            b"\x08\x0b\x10\xbc\x01\x1a\x1c\x08\xfa\x01\x10\x97\x02\x18\x08*\x0c\x08\xe8\x07\x10F\
              \x18c \x80\x01(\x072\x04name",
            b"\x08\x0f\x10\xee\x01",
        ],
        r#"[{"type": "TTY", "id": 188, "reg": {"id": 250, "flags": 279, "pos": 8,
            "fown": {"uid": 1000, "euid": 70, "signum": 99, "pid_type": 128, "pid": 7},
            "name": "name"}}, {"type": "TUNF", "id": 238}]"#,
    ),
    case(
        Kind::RemapFpath,
        "remap-fpath.img",
        &[COMMON, 0x5913_3954],
        &[b"\x08\xac\x01\x10\xc9\x01\x18\x02", b"\x08\xde\x01\x10\xfb\x01"],
        r#"[{"orig_id": 172, "remap_id": 201, "remap_type": "PROCFS"}, {"orig_id": 222,
            "remap_id": 251}]"#,
    ),
    case(
        Kind::FileLocks,
        "filelocks.img",
        &[COMMON, 0x5432_3616],
        &[
            b"\x08\xed\x01\x10\x8a\x02\x18\xf8\xff\xff\xff\xff\xff\xff\xff\xff\x01 \x18(\xff\xdf\
              \xff\xff\xff\xff\xff\xff\xff\x010R",
            b"\x08\x9f\x02\x10\x10\x18\xf8\xff\xff\xff\xff\xff\xff\xff\xff\x01 J(\xff\xdf\xff\xff\
              \xff\xff\xff\xff\xff\x010\x84\x01",
        ],
        r#"[{"flag": 237, "type": 266, "pid": -8, "fd": 24, "start": -4097, "len": 82},
            {"flag": 287, "type": 16, "pid": -8, "fd": 74, "start": -4097, "len": 132}]"#,
    ),
    case(
        Kind::FileLocks,
        "filelocks-7.img",
        &[0x5432_3616],
        &[
            b"\x08\xfa\x01\x10\x97\x02\x18\xf8\xff\xff\xff\xff\xff\xff\xff\xff\x01 %(\xff\xdf\xff\
              \xff\xff\xff\xff\xff\xff\x010_",
            b"\x08\x00\x10\x1d\x18\xf8\xff\xff\xff\xff\xff\xff\xff\xff\x01 W(\xff\xdf\xff\xff\xff\
              \xff\xff\xff\xff\x010\x91\x01",
        ],
        r#"[{"flag": 250, "type": 279, "pid": -8, "fd": 37, "start": -4097, "len": 95}, {"flag": 0,
            "type": 29, "pid": -8, "fd": 87, "start": -4097, "len": 145}]"#,
    ),
    case(
        Kind::Autofs,
        "autofs-7.img",
        &[COMMON, 0x4935_3943],
        &[b"\x08\x86\xfe\xff\xff\xff\xff\xff\xff\xff\x01\x10\x96\x02\x18\xf8\xff\xff\xff\xff\xff\
              \xff\xff\xff\x01 $(\xbe\xff\xff\xff\xff\xff\xff\xff\xff\x010\xa4\x83\x028\x97\xf8\
              \xff\xff\xff\xff\xff\xff\xff\x01@\xe8\x07"],
        r#"[{"fd": -250, "pgrp": 278, "timeout": -8, "minproto": 36, "maxproto": -66,
            "mode": 33188, "uid": -1001, "gid": 1000}]"#,
    ),
    case(
        Kind::BinfmtMisc,
        "binfmt-misc.img",
        &[COMMON, 0x6734_3323],
        &[b"\x0a\x04name\x10\x01\x1a\x06interp\"\x05flags*\x06extens", b"\x0a\x04name\x10\x01\x1a\x06interp"],
        r#"[{"name": "name", "enabled": true, "interpreter": "interp", "flags": "flags",
            "extension": "extens"}, {"name": "name", "enabled": true, "interpreter": "interp"}]"#,
    ),
    case(
        Kind::BinfmtMisc,
        "binfmt-misc-7.img",
        &[COMMON, 0x6734_3323],
        &[b"\x0a\x04name\x10\x01\x1a\x06interp\"\x05flags*\x06extens", b"\x0a\x04name\x10\x01\x1a\x06interp"],
        r#"[{"name": "name", "enabled": true, "interpreter": "interp", "flags": "flags",
            "extension": "extens"}, {"name": "name", "enabled": true, "interpreter": "interp"}]"#,
    ),
    case(
        Kind::TtyInfo,
        "tty-info.img",
        &[COMMON, 0x5945_3036],
        &[
            b"\x08\xa0\x02\x10\x03\x18\x01 \x01(\x010\x018\xa2\x01@\xbf\x01J\x13\x08O\x10l\x18\x89\
              \x01 \xa6\x01(\xc3\x010\xe0\x018\xfd\x01h$",
            b"\x08&\x10\x04\x18\x01 \x01(\x010\x018\xd4\x01@\xf1\x01",
        ],
        r#"[{"id": 288, "type": "VT", "locked": true, "exclusive": true, "packet_mode": true,
            "sid": 1, "pgrp": 162, "rdev": 191, "termios": {"c_iflag": 79, "c_oflag": 108,
            "c_cflag": 137, "c_lflag": 166, "c_line": 195, "c_ispeed": 224, "c_ospeed": 253},
            "dev": 36}, {"id": 38, "type": "CTTY", "locked": true, "exclusive": true,
            "packet_mode": true, "sid": 1, "pgrp": 212, "rdev": 241}]"#,
    ),
    case(
        Kind::TtyData,
        "tty-data.img",
        &[COMMON, 0x5941_3026],
        &[b"\x08\x01\x12\x03\x02\x00\xff", b"\x083\x12\x03\x02\x00\xff"],
        r#"[{"tty_id": 1, "data": "AgD/\n"}, {"tty_id": 51, "data": "AgD/\n"}]"#,
    ),
    case(
        Kind::MemfdInode,
        "memfd.img",
        &[COMMON, 0x4845_3499],
        &[
            b"\x0a\x04name\x10\xe8\x07\x18\xe8\x07 \x99\x01(\xb6\x010\xd3\x018\xf0\x01@\x8d\x02H\
              \xa4\x83\x02",
            b"\x0a\x04name\x10\xe8\x07\x18\xe8\x07 \xcb\x01(\xe8\x010\x85\x028\xa2\x02",
        ],
        r#"[{"name": "name", "uid": 1000, "gid": 1000, "size": 153, "shmid": 182, "seals": 211,
            "inode_id": 240, "hugetlb_flag": 269, "mode": 33188}, {"name": "name", "uid": 1000,
            "gid": 1000, "size": 203, "shmid": 232, "seals": 261, "inode_id": 290}]"#,
    ),
    case(
        Kind::BpfmapFile,
        "bpfmap-file.img",
        &[COMMON, 0x5750_6142],
        &[
            b"\x08\xea\x01\x10\x87\x02\x18\xa4\x02\"\x0b\x08\xe8\x07\x106\x18S p(\x07(20O8l@\x89\
              \x01H\xa6\x01P\xc3\x01X\xe0\x01`\x01j\x06map_nap\x0bxQ\x80\x01E",
            b"\x08\x9c\x02\x10\x0d\x18*\"\x0d\x08\xe8\x07\x10h\x18\x85\x01 \xa2\x01(\x07(d0\x81\
              \x018\x9e\x01@\xbb\x01H\xd8\x01P\xf5\x01X\x92\x02`\x01j\x06map_nap=",
        ],
        r#"[{"id": 234, "flags": 263, "pos": 292, "fown": {"uid": 1000, "euid": 54, "signum": 83,
            "pid_type": 112, "pid": 7}, "map_type": 50, "key_size": 79, "value_size": 108,
            "map_id": 137, "max_entries": 166, "map_flags": 195, "memlock": 224, "frozen": true,
            "map_name": "map_na", "ifindex": 11, "mnt_id": -41, "map_extra": 69}, {"id": 284,
            "flags": 13, "pos": 42, "fown": {"uid": 1000, "euid": 104, "signum": 133,
            "pid_type": 162, "pid": 7}, "map_type": 100, "key_size": 129, "value_size": 158,
            "map_id": 187, "max_entries": 216, "map_flags": 245, "memlock": 274, "frozen": true,
            "map_name": "map_na", "ifindex": 61}]"#,
    ),
    case(
        Kind::Pidfd,
        "pidfd.img",
        &[COMMON, 0x5443_5556],
        &[
            b"\x08\xf7\x01\x10\x94\x02\x18\x05 \"*\x0b\x08\xe8\x07\x10C\x18` }(\x07",
            b"\x08\xa9\x02\x10\x1a\x187 T*\x0d\x08\xe8\x07\x10u\x18\x92\x01 \xaf\x01(\x07",
        ],
        r#"[{"id": 247, "ino": 276, "flags": 5, "nspid": 34, "fown": {"uid": 1000, "euid": 67,
            "signum": 96, "pid_type": 125, "pid": 7}}, {"id": 297, "ino": 26, "flags": 55,
            "nspid": 84, "fown": {"uid": 1000, "euid": 117, "signum": 146, "pid_type": 175,
            "pid": 7}}]"#,
    ),
];
