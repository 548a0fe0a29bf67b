//! Parts of processes that had images of their own in older versions.

use icecore_images::Kind;

use crate::{COMMON, Case, case};

pub(crate) const CASES: &[Case] = &[
    case(
        Kind::Creds,
        "creds-7.img",
        &[COMMON, 0x5402_3547],
        &[
            b"\x08\xe8\x07\x10\xe8\x07\x18\xca\x01 \xe7\x01(\x84\x020\xa1\x028\x12@/HLHsPiP\x90\
              \x01h\xc0\x01",
            b"\x08\xe8\x07\x10\xe8\x07\x18\xfc\x01 \x99\x02(\x0a0'8D@ah\xf2\x01",
        ],
        r#"[{"uid": 1000, "gid": 1000, "euid": 202, "egid": 231, "suid": 260, "sgid": 289,
            "fsuid": 18, "fsgid": 47, "cap_inh": [76, 115], "cap_prm": [105, 144], "secbits": 192},
            {"uid": 1000, "gid": 1000, "euid": 252, "egid": 281, "suid": 10, "sgid": 39,
            "fsuid": 68, "fsgid": 97, "secbits": 242}]"#,
    ),
    case(
        Kind::Vmas,
        "vmas-7.img",
        &[0x5412_3737],
        &[
            b"\x08\x80 \x10\x80`\x18\xd7\x01 \xf4\x01(\x91\x020\x028\x1f@yHYPv",
            b"\x08\x80 \x10\x80`\x18\x89\x02 \xa6\x02(\x17048Q@\xdd\x01",
        ],
        r#"[{"start": 4096, "end": 12288, "pgoff": 215, "shmid": 244, "prot": 273, "flags": 2,
            "status": 31, "fd": -61, "madv": 89, "fdflags": 118}, {"start": 4096, "end": 12288,
            "pgoff": 265, "shmid": 294, "prot": 23, "flags": 52, "status": 81, "fd": -111}]"#,
    ),
    case(
        Kind::Sigact,
        "sigacts-7.img",
        &[COMMON, 0x5534_4201],
        &[
            b"\x08\xaa\x01\x10\xc7\x01\x18\xe4\x01 \x81\x02(\x010\x0f",
            b"\x08\xdc\x01\x10\xf9\x01\x18\x96\x02 \x07",
        ],
        r#"[{"sigaction": 170, "flags": 199, "restorer": 228, "mask": 257,
            "compat_sigaction": true, "mask_extended": 15}, {"sigaction": 220, "flags": 249,
            "restorer": 278, "mask": 7}]"#,
    ),
    case(
        Kind::Itimers,
        "itimers-7.img",
        &[0x5746_4056],
        &[b"\x08\xb7\x01\x10\xd4\x01\x18\xf1\x01 \x8e\x02", b"\x08\xe9\x01\x10\x86\x02\x18\xa3\x02 \x14"],
        r#"[{"isec": 183, "iusec": 212, "vsec": 241, "vusec": 270}, {"isec": 233, "iusec": 262,
            "vsec": 291, "vusec": 20}]"#,
    ),
    case(
        Kind::PosixTimers,
        "posix-timers-7.img",
        &[0x5260_3957],
        &[
            b"\x08\xc4\x01\x10\xe1\x01\x18\xfe\x01 \x9b\x02(\x0c0)8F@cH\x80\x01P\x9d\x01X\xc5\xfe\
              \xff\xff\xff\xff\xff\xff\xff\x01",
            b"\x08\xf6\x01\x10\x93\x02\x18\x04 !(>0[8x@\x95\x01H\xb2\x01P\xcf\x01",
        ],
        r#"[{"it_id": 196, "clock_id": 225, "si_signo": 254, "it_sigev_notify": 283,
            "sival_ptr": 12, "overrun": 41, "isec": 70, "insec": 99, "vsec": 128, "vnsec": 157,
            "notify_thread_id": -187}, {"it_id": 246, "clock_id": 275, "si_signo": 4,
            "it_sigev_notify": 33, "sival_ptr": 62, "overrun": 91, "isec": 120, "insec": 149,
            "vsec": 178, "vnsec": 207}]"#,
    ),
    case(
        Kind::Rlimit,
        "rlimit-7.img",
        &[0x5711_3925],
        &[b"\x08\xd1\x01\x10\xee\x01", b"\x08\x83\x02\x10\xa0\x02"],
        r#"[{"cur": 209, "max": 238}, {"cur": 259, "max": 288}]"#,
    ),
    case(
        Kind::Signal,
        "signal-s-7.img",
        &[0x5925_5647],
        &[b"\x0a\x03\x01\x00\xff", b"\x0a\x03\x01\x00\xff"],
        r#"[{"siginfo": "AQD/\n"}, {"siginfo": "AQD/\n"}]"#,
    ),
    case(
        Kind::Signal,
        "signal-p-7.img",
        &[0x5925_5647],
        &[b"\x0a\x03\x01\x00\xff", b"\x0a\x03\x01\x00\xff"],
        r#"[{"siginfo": "AQD/\n"}, {"siginfo": "AQD/\n"}]"#,
    ),
    case(
        Kind::EventpollTfd,
        "eventpoll-tfd.img",
        &[0x4443_3746],
        &[b"\x08\xf8\x01\x10\x95\x02\x18\x06 #(@0]", b"\x08\xaa\x02\x10\x1b\x188 U"],
        r#"[{"id": 248, "tfd": 277, "events": 6, "data": 35, "dev": 64, "inode": 93}, {"id": 298,
            "tfd": 27, "events": 56, "data": 85}]"#,
    ),
    case(
        Kind::InotifyWd,
        "inotify-wd.img",
        &[0x5456_2009],
        &[
            b"\x08\x85\x02\x10\xa2\x02\x18\x13 0(M0j:\x04\x084\x10Q",
            b"\x08\x0b\x10(\x18E b(\x7f0\x9c\x01:\x05\x08f\x10\x83\x01",
        ],
        r#"[{"id": 261, "i_ino": 290, "mask": 19, "ignored_mask": 48, "s_dev": 77, "wd": 106,
            "f_handle": {"bytes": 52, "type": 81}}, {"id": 11, "i_ino": 40, "mask": 69,
            "ignored_mask": 98, "s_dev": 127, "wd": 156, "f_handle": {"bytes": 102, "type": 131}}]"#,
    ),
    case(
        Kind::FanotifyMark,
        "fanotify-mark.img",
        &[0x5650_6035],
        &[
            b"\x08\x92\x02\x10\x02\x18  =(Z0w:\x0a\x08A\x12\x06\x08\x9c\x01\x10\xb9\x01",
            b"\x08\x18\x10\x02\x18R o(\x8c\x010\xa9\x01",
        ],
        r#"[{"id": 274, "type": "MOUNT", "mflags": 32, "mask": 61, "ignored_mask": 90,
            "s_dev": 119, "ie": {"i_ino": 65, "f_handle": {"bytes": 156, "type": 185}}}, {"id": 24,
            "type": "MOUNT", "mflags": 82, "mask": 111, "ignored_mask": 140, "s_dev": 169}]"#,
    ),
];
