//! Kinds with bytes behind their records, each layout as the reference of the formats describes it.

use icecore_images::Kind;

use crate::{COMMON, Case, case};

/// `ipc_desc_entry` of key 0x11223344, uid 1000, gid 1000, made by root, mode 0600, id 2.
const DESC: &str =
    r#""desc": {"key": 287454020, "uid": 1000, "gid": 1000, "cuid": 0, "cgid": 0, "mode": 384, "id": 2}"#;

pub(crate) const CASES: &[Case] = &[
    // Two pipes of 64 KiB, the second without content, and one of a CRIU that did not tell the size.
    case(
        Kind::PipesData,
        "pipes-data.img",
        &[COMMON, 0x5645_3709],
        &[b"\x08\xac\x02\x10\x05\x18\x80\x80\x04", b"\x08\xad\x02\x10\x00\x18\x80\x80\x04", b"\x08\x07\x10\x01"],
        r#"[{"pipe_id": 300, "bytes": 5, "size": 65536, "extra": "aGVsbG8=\n"},
            {"pipe_id": 301, "bytes": 0, "size": 65536, "extra": ""},
            {"pipe_id": 7, "bytes": 1, "extra": "AA==\n"}]"#,
    )
    .with(&[b"hello", b"", b"\0"]),
    case(
        Kind::FifoData,
        "fifo-data.img",
        &[COMMON, 0x5933_3054],
        &[b"\x08\x09\x10\x02\x18\x80\x20"],
        r#"[{"pipe_id": 9, "bytes": 2, "size": 4096, "extra": "/wo=\n"}]"#,
    )
    .with(&[b"\xff\n"]),
    // A packet, one with the rights to files 12 and 300, and an empty one.
    case(
        Kind::SkQueues,
        "sk-queues.img",
        &[COMMON, 0x5626_4026],
        &[b"\x08\x05\x10\x03", b"\x08\x05\x10\x01\x22\x07\x08\x01\x10\x0c\x10\xac\x02", b"\x08\x06\x10\x00"],
        r#"[{"id_for": 5, "length": 3, "extra": "YWJj\n"},
            {"id_for": 5, "length": 1, "scm": [{"type": 1, "rights": [12, 300]}], "extra": "eA==\n"},
            {"id_for": 6, "length": 0, "extra": ""}]"#,
    )
    .with(&[b"abc", b"x", b""]),
    // First what was received, then what was not yet acknowledged.
    case(
        Kind::TcpStream,
        "tcp-stream-1f.img",
        &[COMMON, 0x5146_5506],
        &[b"\x08\x04\x10\xe8\x07\x18\x03\x20\xd0\x0f\x28\x0e\x30\x07\x38\xb4\x0b\x40\x07"],
        r#"[{"inq_len": 4, "inq_seq": 1000, "outq_len": 3, "outq_seq": 2000, "opt_mask": 14, "snd_wscale": 7,
            "mss_clamp": 1460, "rcv_wscale": 7, "extra": {"inq": "R0VUIA==\n", "outq": "MjAw\n"}}]"#,
    )
    .with(&[b"GET 200"]),
    // Plain: everything up to the end is content, also what looks like a record.
    case(
        Kind::GhostFile,
        "ghost-file-a.img",
        &[COMMON, 0x5258_3605],
        &[b"\x08\xe8\x07\x10\xe8\x07\x18\xa4\x83\x02\x20\xfe\x01\x28\x2a"],
        r#"[{"uid": 1000, "gid": 1000, "mode": 33188, "dev": 254, "ino": 42, "extra": "AgAAAAgC\n"}]"#,
    )
    .with(&[b"\x02\0\0\0\x08\x02"]),
    // Chunked: 12288 bytes, of which two at 4096 and one at the end are no hole.
    case(
        Kind::GhostFile,
        "ghost-file-b.img",
        &[COMMON, 0x5258_3605],
        &[
            b"\x08\x00\x10\x00\x18\x80\x83\x02\x3a\x05\x08\x80\x20\x10\x05\x48\x01\x50\x80\x60",
            b"\x08\x02\x10\x80\x20",
            b"\x08\x01\x10\xff\x5f",
        ],
        r#"[{"uid": 0, "gid": 0, "mode": 33152, "atim": {"tv_sec": 4096, "tv_usec": 5}, "chunks": true, "size": 12288},
            {"len": 2, "off": 4096, "extra": "AAE=\n"},
            {"len": 1, "off": 12287, "extra": "eg==\n"}]"#,
    )
    .with(&[b"", b"\0\x01", b"z"]),
    // A link has a target and no content.
    case(
        Kind::GhostFile,
        "ghost-file-c.img",
        &[COMMON, 0x5258_3605],
        &[b"\x08\x00\x10\x00\x18\xff\xc3\x02\x5a\x04/tmp"],
        r#"[{"uid": 0, "gid": 0, "mode": 41471, "symlnk_target": "/tmp", "extra": ""}]"#,
    ),
    // Three values of two bytes and padding to eight; four that need none.
    case(
        Kind::IpcnsSem,
        "ipcns-sem-7.img",
        &[COMMON, 0x5957_3019],
        &[
            b"\x0a\x15\x08\xc4\xe6\x88\x89\x01\x10\xe8\x07\x18\xe8\x07\x20\x00\x28\x00\x30\x80\x03\x38\x02\x10\x03",
            b"\x0a\x15\x08\xc4\xe6\x88\x89\x01\x10\xe8\x07\x18\xe8\x07\x20\x00\x28\x00\x30\x80\x03\x38\x02\x10\x04",
        ],
        r#"[{DESC, "nsems": 3, "extra": [1, 2, 65535]}, {DESC, "nsems": 4, "extra": [0, 1, 256, 2]}]"#,
    )
    .with(&[b"\x01\0\x02\0\xff\xff\0\0", b"\0\0\x01\0\0\x01\x02\0"]),
    // The same of a machine that has the other order; protobuf has none.
    case(
        Kind::IpcnsSem,
        "ipcns-sem-8.img",
        &[COMMON, 0x5957_3019],
        &[b"\x0a\x15\x08\xc4\xe6\x88\x89\x01\x10\xe8\x07\x18\xe8\x07\x20\x00\x28\x00\x30\x80\x03\x38\x02\x10\x03"],
        r#"[{DESC, "nsems": 3, "extra": [1, 2, 65535]}]"#,
    )
    .with(&[b"\0\x01\0\x02\xff\xff\0\0"])
    .big_endian(),
    // A queue of two messages: length, record, text, padding of the text to eight.
    case(
        Kind::IpcnsMsg,
        "ipcns-msg-7.img",
        &[COMMON, 0x5545_3737],
        &[
            b"\x0a\x15\x08\xc4\xe6\x88\x89\x01\x10\xe8\x07\x18\xe8\x07\x20\x00\x28\x00\x30\x80\x03\x38\x02\x10\x80\x80\x01\x18\x02",
            b"\x0a\x15\x08\xc4\xe6\x88\x89\x01\x10\xe8\x07\x18\xe8\x07\x20\x00\x28\x00\x30\x80\x03\x38\x02\x10\x80\x80\x01\x18\x00",
        ],
        r#"[{DESC, "qbytes": 16384, "qnum": 2, "extra": [{"mtype": 1, "msize": 3}, "b25l\n",
             {"mtype": 300, "msize": 8}, "ZWlnaHRieXQ=\n"]},
            {DESC, "qbytes": 16384, "qnum": 0, "extra": []}]"#,
    )
    .with(&[b"\x04\0\0\0\x08\x01\x10\x03one\0\0\0\0\0\x05\0\0\0\x08\xac\x02\x10\x08eightbyt", b""]),
    case(
        Kind::IpcnsMsg,
        "ipcns-msg-8.img",
        &[COMMON, 0x5545_3737],
        &[b"\x0a\x15\x08\xc4\xe6\x88\x89\x01\x10\xe8\x07\x18\xe8\x07\x20\x00\x28\x00\x30\x80\x03\x38\x02\x10\x80\x80\x01\x18\x01"],
        r#"[{DESC, "qbytes": 16384, "qnum": 1, "extra": [{"mtype": 1, "msize": 0}, ""]}]"#,
    )
    .with(&[b"\0\0\0\x04\x08\x01\x10\x00"])
    .big_endian(),
    // Up to CRIU 2.12 the content, padded to four; from 3.0 on nothing.
    case(
        Kind::IpcnsShm,
        "ipcns-shm-7.img",
        &[COMMON, 0x4628_3044],
        &[
            b"\x0a\x15\x08\xc4\xe6\x88\x89\x01\x10\xe8\x07\x18\xe8\x07\x20\x00\x28\x00\x30\x80\x03\x38\x02\x10\x06",
            b"\x0a\x15\x08\xc4\xe6\x88\x89\x01\x10\xe8\x07\x18\xe8\x07\x20\x00\x28\x00\x30\x80\x03\x38\x02\x10\x80\x40\x18\x01",
        ],
        r#"[{DESC, "size": 6, "extra": "c2hhcmVk\n"}, {DESC, "size": 8192, "in_pagemaps": true}]"#,
    )
    .with(&[b"shared\0\0", b""]),
    // All keys, then all values.
    case(
        Kind::BpfmapData,
        "bpfmap-data.img",
        &[COMMON, 0x6432_4033],
        &[b"\x08\x0b\x10\x04\x18\x02\x20\x02", b"\x08\x0c\x10\x00\x18\x00\x20\x00"],
        r#"[{"map_id": 11, "keys_bytes": 4, "values_bytes": 2, "count": 2, "extra": "AQACAEFC\n"},
            {"map_id": 12, "keys_bytes": 0, "values_bytes": 0, "count": 0, "extra": ""}]"#,
    )
    .with(&[b"\x01\0\x02\0AB", b""]),
];

impl Case {
    /// The entries, with what all descriptors of System V objects here say.
    pub(crate) fn expected(&self) -> String {
        self.entries.replace("DESC", DESC)
    }
}
