//! Kinds of files that had images of their own before CRIU 3.4.

use icecore_images::Kind;

use crate::{COMMON, Case, case};

pub(crate) const CASES: &[Case] = &[
    case(
        Kind::RegFiles,
        "reg-files.img",
        &[COMMON, 0x5036_3636],
        &[
            b"\x08\x9f\x02\x10\x10\x18-*\x0d\x08\xe8\x07\x10k\x18\x88\x01 \xa5\x01(\x072\x04name8\
              \xc3\x02@\xbe\x01",
            b"\x08%\x10B\x18_*\x0e\x08\xe8\x07\x10\x9d\x01\x18\xba\x01 \xd7\x01(\x072\x04name",
        ],
        r#"[{"id": 287, "flags": 16, "pos": 45, "fown": {"uid": 1000, "euid": 107, "signum": 136,
            "pid_type": 165, "pid": 7}, "name": "name", "mnt_id": -162, "size": 190}, {"id": 37,
            "flags": 66, "pos": 95, "fown": {"uid": 1000, "euid": 157, "signum": 186,
            "pid_type": 215, "pid": 7}, "name": "name"}]"#,
    ),
    case(
        Kind::Pipes,
        "pipes.img",
        &[COMMON, 0x5651_3555],
        &[
            b"\x08\x00\x10\x1d\x18:\"\x0d\x08\xe8\x07\x10x\x18\x95\x01 \xb2\x01(\x07(\xe8\x070\xe8\
              \x07",
            b"\x082\x10O\x18l\"\x0e\x08\xe8\x07\x10\xaa\x01\x18\xc7\x01 \xe4\x01(\x07",
        ],
        r#"[{"id": 0, "pipe_id": 29, "flags": 58, "fown": {"uid": 1000, "euid": 120, "signum": 149,
            "pid_type": 178, "pid": 7}, "uid": 1000, "gid": 1000}, {"id": 50, "pipe_id": 79,
            "flags": 108, "fown": {"uid": 1000, "euid": 170, "signum": 199, "pid_type": 228,
            "pid": 7}}]"#,
    ),
    case(
        Kind::Fifo,
        "fifo.img",
        &[COMMON, 0x5836_4939],
        &[b"\x08\x0d\x10*\x18G", b"\x08?\x10\\"],
        r#"[{"id": 13, "pipe_id": 42, "regf_id": 71}, {"id": 63, "pipe_id": 92}]"#,
    ),
    case(
        Kind::Unixsk,
        "unixsk.img",
        &[COMMON, 0x5437_3943],
        &[
            b"\x08\x1a\x107\x18T q(\x8e\x010\xab\x018\xc8\x01@\xe5\x01J\x0e\x08\xe8\x07\x10\x92\
              \x01\x18\xaf\x01 \xcc\x01(\x07R\x11\x08u\x10\x92\x01\x18\xaf\x01 \xcc\x01(\xe9\x010\
              \x86\x02Z\x03\x00a=`\x01r\x06name_d",
            b"\x08L\x10i\x18\x86\x01 \xa3\x01(\xc0\x010\xdd\x018\xfa\x01@\x97\x02J\x0e\x08\xe8\x07\
              \x10\xc4\x01\x18\xe1\x01 \xfe\x01(\x07R\x11\x08\xa7\x01\x10\xc4\x01\x18\xe1\x01 \xfe\
              \x01(\x9b\x020\x0cZ\x03\x00a=",
        ],
        r#"[{"id": 26, "ino": 55, "type": 84, "state": 113, "flags": 142, "uflags": 171,
            "backlog": 200, "peer": 229, "fown": {"uid": 1000, "euid": 146, "signum": 175,
            "pid_type": 204, "pid": 7}, "opts": {"so_sndbuf": 117, "so_rcvbuf": 146,
            "so_snd_tmo_sec": 175, "so_snd_tmo_usec": 204, "so_rcv_tmo_sec": 233,
            "so_rcv_tmo_usec": 262}, "name": "=00a=3D", "shutdown": "READ", "name_dir": "name_d"},
            {"id": 76, "ino": 105, "type": 134, "state": 163, "flags": 192, "uflags": 221,
            "backlog": 250, "peer": 279, "fown": {"uid": 1000, "euid": 196, "signum": 225,
            "pid_type": 254, "pid": 7}, "opts": {"so_sndbuf": 167, "so_rcvbuf": 196,
            "so_snd_tmo_sec": 225, "so_snd_tmo_usec": 254, "so_rcv_tmo_sec": 283,
            "so_rcv_tmo_usec": 12}, "name": "=00a=3D"}]"#,
    ),
    case(
        Kind::Inetsk,
        "inetsk.img",
        &[COMMON, 0x5644_3851],
        &[
            b"\x08'\x10D\x18a ~(\x9b\x010\xb8\x018\xd5\x01@\xf2\x01H\x8f\x02P\x00X\x1dXD`:`aj\x0e\
              \x08\xe8\x07\x10\x9f\x01\x18\xbc\x01 \xd9\x01(\x07r\x12\x08\x82\x01\x10\x9f\x01\x18\
              \xbc\x01 \xd9\x01(\xf6\x010\x93\x02",
            b"\x08Y\x10v\x18\x93\x01 \xb0\x01(\xcd\x010\xea\x018\x87\x02@\xa4\x02H\x15P2j\x0e\x08\
              \xe8\x07\x10\xd1\x01\x18\xee\x01 \x8b\x02(\x07r\x11\x08\xb4\x01\x10\xd1\x01\x18\xee\
              \x01 \x8b\x02(\xa8\x020\x19",
        ],
        r#"[{"id": 39, "ino": 68, "family": 97, "type": 126, "proto": 155, "state": 184,
            "src_port": 213, "dst_port": 242, "flags": 271, "backlog": 0, "src_addr": [29, 68],
            "dst_addr": [58, 97], "fown": {"uid": 1000, "euid": 159, "signum": 188, "pid_type": 217,
            "pid": 7}, "opts": {"so_sndbuf": 130, "so_rcvbuf": 159, "so_snd_tmo_sec": 188,
            "so_snd_tmo_usec": 217, "so_rcv_tmo_sec": 246, "so_rcv_tmo_usec": 275}}, {"id": 89,
            "ino": 118, "family": 147, "type": 176, "proto": 205, "state": 234, "src_port": 263,
            "dst_port": 292, "flags": 21, "backlog": 50, "fown": {"uid": 1000, "euid": 209,
            "signum": 238, "pid_type": 267, "pid": 7}, "opts": {"so_sndbuf": 180, "so_rcvbuf": 209,
            "so_snd_tmo_sec": 238, "so_snd_tmo_usec": 267, "so_rcv_tmo_sec": 296,
            "so_rcv_tmo_usec": 25}}]"#,
    ),
    case(
        Kind::Packetsk,
        "packetsk.img",
        &[COMMON, 0x6045_4618],
        &[
            b"\x084\x10Q\x18n \x8b\x01(\xa8\x012\x0e\x08\xe8\x07\x10\xac\x01\x18\xc9\x01 \xe6\x01(\
              \x07:\x12\x08\x8f\x01\x10\xac\x01\x18\xc9\x01 \xe6\x01(\x83\x020\xa0\x02@\xff\x01H\
              \x9c\x02P\x01X\x01`\x01h\x01p\x81\x01x\x9e\x01\x82\x01\x0b\x08\x8f\x01\x10\xac\x01\
              \x1a\x03\x03\x00\xff\x82\x01\x0b\x08\xb6\x01\x10\xd3\x01\x1a\x03\x03\x00\xff\x88\x01\
              \xd8\x01",
            b"\x08f\x10\x83\x01\x18\xa0\x01 \xbd\x01(\xda\x012\x0e\x08\xe8\x07\x10\xde\x01\x18\xfb\
              \x01 \x98\x02(\x07:\x10\x08\xc1\x01\x10\xde\x01\x18\xfb\x01 \x98\x02(\x090&@\x05H\"P\
              \x01X\x01`\x01h\x01p\xb3\x01x\xd0\x01",
        ],
        r#"[{"id": 52, "type": 81, "protocol": 110, "flags": 139, "ifindex": 168,
            "fown": {"uid": 1000, "euid": 172, "signum": 201, "pid_type": 230, "pid": 7},
            "opts": {"so_sndbuf": 143, "so_rcvbuf": 172, "so_snd_tmo_sec": 201,
            "so_snd_tmo_usec": 230, "so_rcv_tmo_sec": 259, "so_rcv_tmo_usec": 288}, "version": 255,
            "reserve": 284, "aux_data": true, "orig_dev": true, "vnet_hdr": true, "loss": true,
            "timestamp": 129, "copy_thresh": 158, "mclist": [{"index": 143, "type": 172,
            "addr": "AwD/\n"}, {"index": 182, "type": 211, "addr": "AwD/\n"}], "fanout": 216},
            {"id": 102, "type": 131, "protocol": 160, "flags": 189, "ifindex": 218,
            "fown": {"uid": 1000, "euid": 222, "signum": 251, "pid_type": 280, "pid": 7},
            "opts": {"so_sndbuf": 193, "so_rcvbuf": 222, "so_snd_tmo_sec": 251,
            "so_snd_tmo_usec": 280, "so_rcv_tmo_sec": 9, "so_rcv_tmo_usec": 38}, "version": 5,
            "reserve": 34, "aux_data": true, "orig_dev": true, "vnet_hdr": true, "loss": true,
            "timestamp": 179, "copy_thresh": 208}]"#,
    ),
    case(
        Kind::NetlinkSk,
        "netlinksk.img",
        &[COMMON, 0x5800_5614],
        &[
            b"\x08A\x10^\x18{ \x98\x010\xd2\x018\xef\x01@\x8c\x02@\x07H\xa9\x02P\x1aZ\x0e\x08\xe8\
              \x07\x10\xb9\x01\x18\xd6\x01 \xf3\x01(\x07b\x11\x08\x9c\x01\x10\xb9\x01\x18\xd6\x01 \
              \xf3\x01(\x90\x020\x01hq",
            b"\x08s\x10\x90\x01\x18\xad\x01 \xca\x010\x84\x028\xa1\x02H/PLZ\x0e\x08\xe8\x07\x10\
              \xeb\x01\x18\x88\x02 \xa5\x02(\x07b\x10\x08\xce\x01\x10\xeb\x01\x18\x88\x02 \xa5\x02\
              (\x1603",
        ],
        r#"[{"id": 65, "ino": 94, "protocol": 123, "state": 152, "flags": 210, "portid": 239,
            "groups": [268, 7], "dst_portid": 297, "dst_group": 26, "fown": {"uid": 1000,
            "euid": 185, "signum": 214, "pid_type": 243, "pid": 7}, "opts": {"so_sndbuf": 156,
            "so_rcvbuf": 185, "so_snd_tmo_sec": 214, "so_snd_tmo_usec": 243, "so_rcv_tmo_sec": 272,
            "so_rcv_tmo_usec": 1}, "ns_id": 113}, {"id": 115, "ino": 144, "protocol": 173,
            "state": 202, "flags": 260, "portid": 289, "dst_portid": 47, "dst_group": 76,
            "fown": {"uid": 1000, "euid": 235, "signum": 264, "pid_type": 293, "pid": 7},
            "opts": {"so_sndbuf": 206, "so_rcvbuf": 235, "so_snd_tmo_sec": 264,
            "so_snd_tmo_usec": 293, "so_rcv_tmo_sec": 22, "so_rcv_tmo_usec": 51}}]"#,
    ),
    case(
        Kind::EventfdFile,
        "eventfd.img",
        &[COMMON, 0x4452_3722],
        &[
            b"\x08N\x10k\x1a\x0e\x08\xe8\x07\x10\xc6\x01\x18\xe3\x01 \x80\x02(\x07 \xa5\x01",
            b"\x08\x80\x01\x10\x9d\x01\x1a\x0d\x08\xe8\x07\x10\xf8\x01\x18\x95\x02 \x06(\x07 \xd7\
              \x01",
        ],
        r#"[{"id": 78, "flags": 107, "fown": {"uid": 1000, "euid": 198, "signum": 227,
            "pid_type": 256, "pid": 7}, "counter": 165}, {"id": 128, "flags": 157,
            "fown": {"uid": 1000, "euid": 248, "signum": 277, "pid_type": 6, "pid": 7},
            "counter": 215}]"#,
    ),
    case(
        Kind::EventpollFile,
        "eventpoll.img",
        &[COMMON, 0x4502_3858],
        &[
            b"\x08[\x10x\x1a\x0e\x08\xe8\x07\x10\xd3\x01\x18\xf0\x01 \x8d\x02(\x07\"\x0c\x08\xb6\
              \x01\x10\xd3\x01\x18\xf0\x01 \x8d\x02\"\x0b\x08\xdd\x01\x10\xfa\x01\x18\x97\x02 \x08",
            b"\x08\x8d\x01\x10\xaa\x01\x1a\x0d\x08\xe8\x07\x10\x85\x02\x18\xa2\x02 \x13(\x07",
        ],
        r#"[{"id": 91, "flags": 120, "fown": {"uid": 1000, "euid": 211, "signum": 240,
            "pid_type": 269, "pid": 7}, "tfd": [{"id": 182, "tfd": 211, "events": 240, "data": 269},
            {"id": 221, "tfd": 250, "events": 279, "data": 8}]}, {"id": 141, "flags": 170,
            "fown": {"uid": 1000, "euid": 261, "signum": 290, "pid_type": 19, "pid": 7}}]"#,
    ),
    case(
        Kind::Signalfd,
        "signalfd.img",
        &[COMMON, 0x5732_3820],
        &[
            b"\x08h\x10\x85\x01\x1a\x0e\x08\xe8\x07\x10\xe0\x01\x18\xfd\x01 \x9a\x02(\x07 \xbf\x01",
            b"\x08\x9a\x01\x10\xb7\x01\x1a\x0c\x08\xe8\x07\x10\x92\x02\x18\x03  (\x07 \xf1\x01",
        ],
        r#"[{"id": 104, "flags": 133, "fown": {"uid": 1000, "euid": 224, "signum": 253,
            "pid_type": 282, "pid": 7}, "sigmask": 191}, {"id": 154, "flags": 183,
            "fown": {"uid": 1000, "euid": 274, "signum": 3, "pid_type": 32, "pid": 7},
            "sigmask": 241}]"#,
    ),
    case(
        Kind::InotifyFile,
        "inotify.img",
        &[COMMON, 0x4842_4431],
        &[
            b"\x08u\x10\x92\x01\"\x0e\x08\xe8\x07\x10\xed\x01\x18\x8a\x02 \xa7\x02(\x07*\x17\x08\
              \xd0\x01\x10\xed\x01\x18\x8a\x02 \xa7\x02(\x1805:\x05\x08\xab\x02\x10\x1c*\x14\x08\
              \xf7\x01\x10\x94\x02\x18\x05 \"(?0\\:\x04\x08&\x10C",
            b"\x08\xa7\x01\x10\xc4\x01\"\x0c\x08\xe8\x07\x10\x9f\x02\x18\x10 -(\x07",
        ],
        r#"[{"id": 117, "flags": 146, "fown": {"uid": 1000, "euid": 237, "signum": 266,
            "pid_type": 295, "pid": 7}, "wd": [{"id": 208, "i_ino": 237, "mask": 266,
            "ignored_mask": 295, "s_dev": 24, "wd": 53, "f_handle": {"bytes": 299, "type": 28}},
            {"id": 247, "i_ino": 276, "mask": 5, "ignored_mask": 34, "s_dev": 63, "wd": 92,
            "f_handle": {"bytes": 38, "type": 67}}]}, {"id": 167, "flags": 196,
            "fown": {"uid": 1000, "euid": 287, "signum": 16, "pid_type": 45, "pid": 7}}]"#,
    ),
    case(
        Kind::FanotifyFile,
        "fanotify.img",
        &[COMMON, 0x5509_6122],
        &[
            b"\x08\x82\x01\x10\x9f\x01\x1a\x0d\x08\xe8\x07\x10\xfa\x01\x18\x97\x02 \x08(\x07 \xd9\
              \x01(\xf6\x012\x0e\x08\xdd\x01\x10\x01\x18\x97\x02 \x08(%0B2\x0d\x08\x84\x02\x10\x02\
              \x18\x12 /(L0i",
            b"\x08\xb4\x01\x10\xd1\x01\x1a\x0b\x08\xe8\x07\x10\x00\x18\x1d :(\x07 \x8b\x02(\xa8\
              \x02",
        ],
        r#"[{"id": 130, "flags": 159, "fown": {"uid": 1000, "euid": 250, "signum": 279,
            "pid_type": 8, "pid": 7}, "faflags": 217, "evflags": 246, "mark": [{"id": 221,
            "type": "INODE", "mflags": 279, "mask": 8, "ignored_mask": 37, "s_dev": 66}, {"id": 260,
            "type": "MOUNT", "mflags": 18, "mask": 47, "ignored_mask": 76, "s_dev": 105}]},
            {"id": 180, "flags": 209, "fown": {"uid": 1000, "euid": 0, "signum": 29, "pid_type": 58,
            "pid": 7}, "faflags": 267, "evflags": 296}]"#,
    ),
    case(
        Kind::TtyFiles,
        "tty.img",
        &[COMMON, 0x5943_3025],
        &[
            b"\x08\x8f\x01\x10\xac\x01\x18\xc9\x01\"\x0d\x08\xe8\x07\x10\x87\x02\x18\xa4\x02 \x15(\
              \x070\xa0\x02",
            b"\x08\xc1\x01\x10\xde\x01\x18\xfb\x01\"\x0b\x08\xe8\x07\x10\x0d\x18* G(\x07",
        ],
        r#"[{"id": 143, "tty_info_id": 172, "flags": 201, "fown": {"uid": 1000, "euid": 263,
            "signum": 292, "pid_type": 21, "pid": 7}, "regf_id": 288}, {"id": 193,
            "tty_info_id": 222, "flags": 251, "fown": {"uid": 1000, "euid": 13, "signum": 42,
            "pid_type": 71, "pid": 7}}]"#,
    ),
    case(
        Kind::NsFiles,
        "ns-files.img",
        &[COMMON, 0x6139_4011],
        &[b"\x08\x9c\x01\x10\xb9\x01\x18\xd6\x01 \xf3\x01", b"\x08\xce\x01\x10\xeb\x01\x18\x88\x02 \xa5\x02"],
        r#"[{"id": 156, "ns_id": 185, "ns_cflag": 214, "flags": 243}, {"id": 206, "ns_id": 235,
            "ns_cflag": 264, "flags": 293}]"#,
    ),
    case(
        Kind::Tunfile,
        "tunfile.img",
        &[COMMON, 0x5714_3751],
        &[b"\x08\xa9\x01\x12\x06netdev\x18\x01", b"\x08\xdb\x01"],
        r#"[{"id": 169, "netdev": "netdev", "detached": true}, {"id": 219}]"#,
    ),
    case(
        Kind::ExtFiles,
        "ext-files.img",
        &[COMMON, 0x5925_5641],
        &[
            b"\x08\xb6\x01*\x0b\x08\xe8\x07\x10\x02\x18\x1f <(\x07",
            b"\x08\xe8\x01*\x0b\x08\xe8\x07\x104\x18Q n(\x07",
        ],
        r#"[{"id": 182, "fown": {"uid": 1000, "euid": 2, "signum": 31, "pid_type": 60, "pid": 7}},
            {"id": 232, "fown": {"uid": 1000, "euid": 52, "signum": 81, "pid_type": 110, "pid": 7}}]"#,
    ),
    case(
        Kind::Timerfd,
        "timerfd.img",
        &[COMMON, 0x5049_3712],
        &[
            b"\x08\xc3\x01\x10\xe0\x01\x1a\x0b\x08\xe8\x07\x10\x0f\x18, I(\x07 \x9a\x02(\x0b0(8E@b\
              H\x7fP\x9c\x01",
            b"\x08\xf5\x01\x10\x92\x02\x1a\x0b\x08\xe8\x07\x10A\x18^ {(\x07  (=0Z8w@\x94\x01H\xb1\
              \x01P\xce\x01",
        ],
        r#"[{"id": 195, "flags": 224, "fown": {"uid": 1000, "euid": 15, "signum": 44,
            "pid_type": 73, "pid": 7}, "clockid": 282, "ticks": 11, "settime_flags": 40, "vsec": 69,
            "vnsec": 98, "isec": 127, "insec": 156}, {"id": 245, "flags": 274, "fown": {"uid": 1000,
            "euid": 65, "signum": 94, "pid_type": 123, "pid": 7}, "clockid": 32, "ticks": 61,
            "settime_flags": 90, "vsec": 119, "vnsec": 148, "isec": 177, "insec": 206}]"#,
    ),
];
