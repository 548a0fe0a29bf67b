//! Every sound tar of the corpus, decoded by the decoder crates alone: those of the cases, and the tars in them.

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::Arc;

use icecore_archive::{Archive, Keep, Options};

/// A tar and where it comes from.
pub(crate) struct Tar {
    pub(crate) origin: String,
    pub(crate) bytes: Vec<u8>,
}

impl Tar {
    /// Opened from its plain bytes.
    pub(crate) fn open(&self) -> Archive {
        let options = Options::default().keep(Keep::Everything);
        Archive::open(Arc::new(self.bytes.clone()), &options)
            .unwrap_or_else(|why| panic!("{}: {why}", self.origin))
    }
}

/// Calls `visit` with each tar of the sound cases, and each tar in it, two levels deep.
pub(crate) fn each(mut visit: impl FnMut(&Tar)) {
    for case in icecore_tests::cases().iter().filter(|case| case.name != "broken") {
        files(&case.dir, &mut |path| {
            nested(path.display().to_string(), fs::read(path).unwrap(), 2, &mut visit)
        });
    }
}

fn files(folder: &Path, visit: &mut impl FnMut(&Path)) {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        match fs::symlink_metadata(&path).unwrap() {
            kind if kind.is_dir() => files(&path, visit),
            kind if kind.is_file() => visit(&path),
            _ => {}
        }
    }
}

fn nested(origin: String, bytes: Vec<u8>, depth: u32, visit: &mut impl FnMut(&Tar)) {
    let Some(bytes) = plain(bytes).filter(|bytes| bytes.get(257..262) == Some(b"ustar")) else { return };
    let tar = Tar { origin, bytes };
    visit(&tar);
    for member in tar.open().members().iter().filter(|member| depth > 0 && member.is_file()) {
        let inner = member.bytes(("image", u64::MAX)).unwrap().into_owned();
        nested(format!("{} // {}", tar.origin, member.name), inner, depth - 1, visit);
    }
}

/// The bytes without compression; nothing if they are damaged.
pub(crate) fn plain(bytes: Vec<u8>) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let done = match bytes.get(..4)? {
        [0x1f, 0x8b, ..] => flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut plain),
        [0x28, 0xb5, 0x2f, 0xfd] => zstd(&bytes, &mut plain),
        [0xfd, b'7', b'z', b'X'] => lzma_rust2::XzReader::new(&bytes[..], true).read_to_end(&mut plain),
        [b'B', b'Z', b'h', _] => bzip2::read::MultiBzDecoder::new(&bytes[..]).read_to_end(&mut plain),
        [0x04, 0x22, 0x4d, 0x18] => lz4_flex::frame::FrameDecoder::new(&bytes[..]).read_to_end(&mut plain),
        _ => return Some(bytes),
    };
    done.ok().map(|_| plain)
}

/// All frames, which ruzstd decodes one by one.
fn zstd(bytes: &[u8], plain: &mut Vec<u8>) -> std::io::Result<usize> {
    let mut rest = Cursor::new(bytes);
    while rest.position() < bytes.len() as u64 {
        let mut frame = ruzstd::decoding::StreamingDecoder::new(&mut rest).map_err(std::io::Error::other)?;
        frame.read_to_end(plain)?;
    }
    Ok(plain.len())
}
