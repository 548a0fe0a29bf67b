//! Namespaces.

use icecore_images::Kind;

use crate::{COMMON, Case, case};

pub(crate) const CASES: &[Case] = &[
    case(
        Kind::Timens,
        "timens-7.img",
        &[COMMON, 0x4311_4433],
        &[b"\x0a\x04\x086\x10S\x12\x04\x086\x10S"],
        r#"[{"monotonic": {"tv_sec": 54, "tv_nsec": 83}, "boottime": {"tv_sec": 54,
            "tv_nsec": 83}}]"#,
    ),
    case(
        Kind::Pidns,
        "pidns-7.img",
        &[COMMON, 0x6115_7326],
        &[b"\x0a\x06ext_ke"],
        r#"[{"ext_key": "ext_ke"}]"#,
    ),
    case(
        Kind::Userns,
        "userns-7.img",
        &[COMMON, 0x5547_4906],
        &[b"\x0a\x07\x08P\x10m\x18\x8a\x01\x0a\x08\x08w\x10\x94\x01\x18\xb1\x01"],
        r#"[{"uid_map": [{"first": 80, "lower_first": 109, "count": 138}, {"first": 119,
            "lower_first": 148, "count": 177}]}]"#,
    ),
    case(
        Kind::Utsns,
        "utsns-7.img",
        &[COMMON, 0x5447_3203],
        &[b"\x0a\x06nodena\x12\x06domain"],
        r#"[{"nodename": "nodena", "domainname": "domain"}]"#,
    ),
    case(
        Kind::Mnts,
        "mountpoints-7.img",
        &[COMMON, 0x5556_3928],
        &[
            b"\x08\x0f\x10,\x18I f(\x83\x012\x04root:\x06mountpB\x06sourceJ\x06optionP\x94\x02X\
              \x05",
            b"\x08A\x10^\x18{ \x98\x01(\xb5\x012\x04root:\x06mountpB\x06sourceJ\x06option",
        ],
        r#"[{"fstype": 15, "mnt_id": 44, "root_dev": 73, "parent_mnt_id": 102, "flags": 131,
            "root": "root", "mountpoint": "mountp", "source": "source", "options": "option",
            "shared_id": 276, "master_id": 5}, {"fstype": 65, "mnt_id": 94, "root_dev": 123,
            "parent_mnt_id": 152, "flags": 181, "root": "root", "mountpoint": "mountp",
            "source": "source", "options": "option"}]"#,
    ),
    case(
        Kind::IpcnsVar,
        "ipcns-var-7.img",
        &[COMMON, 0x5311_5007],
        &[b"\x08\x1c\x08C\x109\x18V s(\x90\x010\xad\x018\xca\x01@\xe7\x01H\x84\x02P\xa1\x02X\x12\
              `/hL"],
        r#"[{"sem_ctls": [28, 67], "msg_ctlmax": 57, "msg_ctlmnb": 86, "msg_ctlmni": 115,
            "auto_msgmni": 144, "shm_ctlmax": 173, "shm_ctlall": 202, "shm_ctlmni": 231,
            "shm_rmid_forced": 260, "mq_queues_max": 289, "mq_msg_max": 18, "mq_msgsize_max": 47,
            "mq_msg_default": 76}]"#,
    ),
    case(
        Kind::Netdev,
        "netdev-7.img",
        &[COMMON, 0x5737_3951],
        &[
            b"\x08\x05\x10m\x18\x8a\x01 \xa7\x01*\x04name2\x17\x08\xab\x01\x10\xc8\x01\x18\x9a\xfe\
              \xff\xff\xff\xff\xff\xff\xff\x01 \x82\x02(\x9f\x02:\x03\x07\x00\xff",
            b"\x08\x07\x10\x9f\x01\x18\xbc\x01 \xd9\x01*\x04name",
        ],
        r#"[{"type": "VENET", "ifindex": 109, "mtu": 138, "flags": 167, "name": "name",
            "tun": {"flags": 171, "owner": 200, "group": -230, "vnethdr": 258, "sndbuf": 287},
            "address": "BwD/\n"}, {"type": "MACVLAN", "ifindex": 159, "mtu": 188, "flags": 217,
            "name": "name"}]"#,
    ),
    case(
        Kind::Netns,
        "netns-7.img",
        &[COMMON, 0x5593_3752],
        &[b"\x08\xa2\xff\xff\xff\xff\xff\xff\xff\xff\x01\x08\xfb\xfe\xff\xff\xff\xff\xff\xff\xff\
              \x01\x10z\x10\xa1\x01"],
        r#"[{"def_conf": [-94, -133], "all_conf": [122, 161]}]"#,
    ),
];
