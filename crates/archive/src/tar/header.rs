//! One header block of a tar: `tar::Header` for its layout, and what that crate is too lenient or too strict about.

use std::borrow::Cow;

/// Bytes of a block; headers are one, bodies are padded to whole ones.
pub(super) const BLOCK: usize = 512;

/// One block of a tar.
pub(super) type Block = [u8; BLOCK];

/// What a block is, where a header is expected.
#[derive(Debug)]
pub(super) enum Parsed<'a> {
    /// All zeros: half of an end marker.
    Zeros,
    /// A header whose checksum fits.
    Header(Header<'a>),
    /// Anything else; the header it would be.
    Damaged(Header<'a>),
}

/// The fields of a header, numbers as they stand there, texts up to their first NUL.
#[derive(Debug, Clone)]
pub(super) struct Header<'a> {
    pub(super) name: Cow<'a, [u8]>,
    pub(super) link: &'a [u8],
    pub(super) owner: &'a [u8],
    pub(super) group: &'a [u8],
    pub(super) flag: u8,
    /// `None`: no number.
    pub(super) size: Option<i128>,
    pub(super) mode: u32,
    pub(super) uid: u64,
    pub(super) gid: u64,
    pub(super) mtime: i64,
    /// When it was read and when its inode changed: GNU's header has fields for them, which only backups of GNU tar fill.
    pub(super) gnu_times: (Option<i64>, Option<i64>),
    pub(super) device: (u64, u64),
    /// One of the two magics that follow the fields of V7.
    pub(super) has_magic: bool,
    /// The raw bytes of the header.
    pub(super) block: &'a Block,
}

/// Takes a block for what it is.
pub(super) fn parse(block: &Block) -> Parsed<'_> {
    if block.iter().all(|&byte| byte == 0) {
        return Parsed::Zeros;
    }
    let header = fields(block);
    if checksum_fits(block) { Parsed::Header(header) } else { Parsed::Damaged(header) }
}

/// Whether a block can be a header: what follows a body must be one, or zeros.
pub(super) fn is_header_or_end(block: &Block) -> bool {
    block.iter().all(|&byte| byte == 0) || checksum_fits(block)
}

fn fields(block: &Block) -> Header<'_> {
    let view = tar::Header::from_byte_slice(block);
    let old = view.as_old();
    let (ustar, gnu) = (view.as_ustar(), view.as_gnu());
    let extended = ustar.is_some() || gnu.is_some();
    let name = match ustar {
        // A prefix of GNU's would be other fields; of POSIX, the name's front part.
        Some(ustar) if ustar.prefix.first() != Some(&0) => {
            Cow::Owned([text(&ustar.prefix), text(&ustar.name)].join(&b'/'))
        }
        _ => Cow::Borrowed(text(&old.name)),
    };
    // The ustar fields behind the magic are at the same places in GNU's header.
    let behind = |from: usize, length: usize| {
        block.get(from..from.saturating_add(length)).filter(|_| extended).unwrap_or_default()
    };
    Header {
        name,
        link: text(&old.linkname),
        owner: text(behind(265, 32)),
        group: text(behind(297, 32)),
        flag: old.linkflag.first().copied().unwrap_or_default(),
        size: number(&old.size),
        mode: small(&old.mode),
        uid: small(&old.uid),
        gid: small(&old.gid),
        mtime: small(&old.mtime),
        gnu_times: (gnu.and_then(|gnu| time(&gnu.atime)), gnu.and_then(|gnu| time(&gnu.ctime))),
        device: (small(behind(329, 8)), small(behind(337, 8))),
        has_magic: extended,
        block,
    }
}

/// A text field: up to its first NUL.
fn text(field: &[u8]) -> &[u8] {
    field.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// A number that does not matter for the structure: 0 where it is none or too large.
fn small<T: TryFrom<i128> + Default>(field: &[u8]) -> T {
    number(field).and_then(|number| T::try_from(number).ok()).unwrap_or_default()
}

/// A time that is not always there: who has none leaves zeros.
fn time(field: &[u8]) -> Option<i64> {
    number(field).and_then(|number| number.try_into().ok()).filter(|seconds| *seconds != 0)
}

/// A number: octal text, or base 256 where the first bit is set (GNU). `None`: neither.
pub(super) fn number(field: &[u8]) -> Option<i128> {
    let (&first, rest) = field.split_first()?;
    if first & 0x80 != 0 {
        // Two's complement over the whole field, the top bit of which is the mark; 0xff begins a negative number.
        let start = if first == 0xff { -1 } else { i128::from(first & 0x7f) };
        return rest
            .iter()
            .try_fold(start, |value, &byte| value.checked_mul(256)?.checked_add(i128::from(byte)));
    }
    let digits = field.trim_ascii_start();
    let end = digits.iter().position(|byte| matches!(byte, 0 | b' ')).unwrap_or(digits.len());
    let digits = digits.get(..end)?;
    digits.iter().try_fold(0_i128, |value, &byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 8)?;
        value.checked_mul(8)?.checked_add(i128::from(digit))
    })
}

/// Where a header has its checksum.
const CHECKSUM: std::ops::Range<usize> = 148..156;

/// Compares the checksum; old writers summed signed bytes.
fn checksum_fits(block: &Block) -> bool {
    let Some(wanted) = block.get(CHECKSUM).and_then(number) else { return false };
    let fits = |sum: i32| wanted == i128::from(sum);
    fits(sum(block, i32::from)) || fits(sum(block, |byte| byte.cast_signed().into()))
}

/// The sum of a header, which counts the checksum itself as spaces. Every member costs one: two plain loops over 32 bits are
/// done many bytes at a time, and 512 bytes cannot overflow them.
fn sum(block: &Block, value: impl Fn(u8) -> i32) -> i32 {
    const SPACES: i32 = 8 * b' ' as i32;
    let around = [block.get(..CHECKSUM.start), block.get(CHECKSUM.end..)];
    let sums = around.into_iter().flatten().map(|part| part.iter().map(|&byte| value(byte)).sum::<i32>());
    sums.sum::<i32>().saturating_add(SPACES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octal_numbers_end_at_space_or_nul() {
        assert_eq!(number(b"0000644\0"), Some(0o644));
        assert_eq!(number(b"   644 \0"), Some(0o644));
        assert_eq!(number(b"\0\0\0\0"), Some(0));
        assert_eq!(number(b"77777777777"), Some(0o77777777777));
        assert_eq!(number(b"12x4"), None);
        assert_eq!(number(b"89"), None);
    }

    #[test]
    fn base_256_is_twos_complement() {
        assert_eq!(number(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]), Some(256));
        assert_eq!(number(&[0xff; 12]), Some(-1));
        let mut huge = [0xff; 12];
        huge[0] = 0xbf;
        assert!(number(&huge).unwrap() > i128::from(u64::MAX));
    }

    #[test]
    fn a_checksum_is_of_unsigned_or_signed_bytes() {
        let mut header = tar::Header::new_ustar();
        header.set_path("gr\u{fc}n").unwrap();
        header.set_size(3);
        header.set_cksum();
        let block = *header.as_bytes();
        assert!(matches!(parse(&block), Parsed::Header(header) if header.size == Some(3)));
        // Two bytes above 127: the signed sum is 512 less.
        let sum = number(&block[148..156]).unwrap() - 512;
        let mut signed = block;
        signed[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        assert!(matches!(parse(&signed), Parsed::Header(_)));
        signed[0] ^= 1;
        assert!(matches!(parse(&signed), Parsed::Damaged(_)));
        assert!(matches!(parse(&[0; BLOCK]), Parsed::Zeros));
    }
}
