//! File names with numbers in them, read as strictly as CRIU writes them.

/// The numbers in a name that has the form of a pattern; `None` if it has not.
pub(crate) fn numbers(pattern: &str, name: &[u8]) -> Option<[Option<u64>; 3]> {
    let mut found = [None; 3];
    let mut slots = found.iter_mut();
    let mut parts = pattern.split(['{', '}']);
    let mut rest = name;
    // What stands outside of braces alternates with what stands inside.
    while let Some(literal) = parts.next() {
        rest = rest.strip_prefix(literal.as_bytes())?;
        if let Some(form) = parts.next() {
            let number;
            (number, rest) = split_number(form, rest)?;
            *slots.next()? = Some(number);
        }
    }
    rest.is_empty().then_some(found)
}

/// A number without sign, space, prefix or needless zeros.
fn split_number<'a>(form: &str, name: &'a [u8]) -> Option<(u64, &'a [u8])> {
    let (radix, width, max) = match form {
        "u" => (10, 1, u64::from(u32::MAX)),
        "lu" => (10, 1, u64::MAX),
        "x" => (16, 1, u64::from(u32::MAX)),
        "04x" => (16, 4, u64::from(u32::MAX)),
        _ => return None,
    };
    let is_digit = |byte: &&u8| byte.is_ascii_digit() || radix == 16 && matches!(byte, b'a'..=b'f');
    let (digits, rest) = name.split_at_checked(name.iter().take_while(is_digit).count())?;
    let needless_zero = digits.len() > width && digits.starts_with(b"0");
    if digits.len() < width || needless_zero {
        return None;
    }
    let number = u64::from_str_radix(core::str::from_utf8(digits).ok()?, radix).ok()?;
    (number <= max).then_some((number, rest))
}

#[cfg(test)]
mod tests;
