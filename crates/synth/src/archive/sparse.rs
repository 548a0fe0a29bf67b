//! Sparse members in the dialects that GNU tar has had.

use super::{BLOCK, Header, Tar, pax_records};

/// Where a part of a sparse file's content lies in it, and its bytes.
pub type Chunk<'a> = (u64, &'a [u8]);

/// A way to write the map of a sparse member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Old GNU: type `S`, four chunks in the header, 21 in each block behind it.
    Gnu,
    /// PAX 0.0: records `GNU.sparse.offset` and `GNU.sparse.numbytes` for each chunk.
    Pax00,
    /// PAX 0.1: one record `GNU.sparse.map`.
    Pax01,
    /// PAX 1.0: the map in front of the content, in decimal lines.
    Pax10,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Gnu, Self::Pax00, Self::Pax01, Self::Pax10];

    pub(super) fn write(self, tar: Tar, name: &str, real_size: u64, chunks: &[Chunk<'_>]) -> Tar {
        let stored = chunks.iter().map(|(_, bytes)| *bytes).collect::<Vec<_>>().concat();
        match self {
            Self::Gnu => gnu(tar, name, real_size, chunks, &stored),
            Self::Pax00 => pax00(tar, name, real_size, chunks, &stored),
            Self::Pax01 => pax01(tar, name, real_size, chunks, &stored),
            Self::Pax10 => pax10(tar, name, real_size, chunks, &stored),
        }
    }
}

fn gnu(tar: Tar, name: &str, real_size: u64, chunks: &[Chunk<'_>], stored: &[u8]) -> Tar {
    let (first, rest) = chunks.split_at(chunks.len().min(4));
    let header = Header::new(b'S', name)
        .gnu()
        .size(stored.len() as u64)
        .at(386, &gnu_map(first))
        .at(482, &[u8::from(!rest.is_empty())])
        .at(483, format!("{real_size:011o}\0").as_bytes());
    let mut tar = tar.member(header, "");
    let mut blocks = rest.chunks(21).peekable();
    while let Some(block) = blocks.next() {
        let mut bytes = gnu_map(block);
        bytes.resize(504, 0);
        bytes.push(u8::from(blocks.peek().is_some()));
        tar = tar.padded(&bytes);
    }
    tar.padded(stored)
}

/// Offset and length of each chunk in octal.
fn gnu_map(chunks: &[Chunk<'_>]) -> Vec<u8> {
    let pairs = chunks.iter().map(|(offset, bytes)| format!("{offset:011o}\0{:011o}\0", bytes.len()));
    pairs.collect::<String>().into_bytes()
}

fn pax00(tar: Tar, name: &str, real_size: u64, chunks: &[Chunk<'_>], stored: &[u8]) -> Tar {
    let mut records = pax_records(&[
        ("GNU.sparse.size", decimal(real_size).as_bytes()),
        ("GNU.sparse.numblocks", decimal(chunks.len() as u64).as_bytes()),
    ]);
    for (offset, bytes) in chunks {
        records.extend(pax_records(&[
            ("GNU.sparse.offset", decimal(*offset).as_bytes()),
            ("GNU.sparse.numbytes", decimal(bytes.len() as u64).as_bytes()),
        ]));
    }
    tar.member(Header::new(b'x', "PaxHeaders/x"), records).file(name, stored)
}

fn pax01(tar: Tar, name: &str, real_size: u64, chunks: &[Chunk<'_>], stored: &[u8]) -> Tar {
    let map: Vec<_> = chunks.iter().map(|(offset, bytes)| format!("{offset},{}", bytes.len())).collect();
    tar.pax(&[
        ("GNU.sparse.size", decimal(real_size).as_bytes()),
        ("GNU.sparse.numblocks", decimal(chunks.len() as u64).as_bytes()),
        ("GNU.sparse.name", name.as_bytes()),
        ("GNU.sparse.map", map.join(",").as_bytes()),
    ])
    .file(format!("GNUSparseFile.0/{name}"), stored)
}

fn pax10(tar: Tar, name: &str, real_size: u64, chunks: &[Chunk<'_>], stored: &[u8]) -> Tar {
    let mut body = format!("{}\n", chunks.len()).into_bytes();
    for (offset, bytes) in chunks {
        body.extend_from_slice(format!("{offset}\n{}\n", bytes.len()).as_bytes());
    }
    body.resize(body.len().next_multiple_of(BLOCK), 0);
    body.extend_from_slice(stored);
    tar.pax(&[
        ("GNU.sparse.major", b"1"),
        ("GNU.sparse.minor", b"0"),
        ("GNU.sparse.name", name.as_bytes()),
        ("GNU.sparse.realsize", decimal(real_size).as_bytes()),
    ])
    .file(format!("GNUSparseFile.0/{name}"), body)
}

fn decimal(number: u64) -> String {
    number.to_string()
}
