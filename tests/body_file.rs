//! A strict reader of body files, as The Sleuth Kit 3 defines them; whatever is not so panics.

/// A line of a body file.
pub(crate) struct Line {
    /// The second field, as it stands.
    pub(crate) name: String,
    /// Owner, group, size; read, modified, changed, made.
    pub(crate) numbers: [i64; 7],
}

/// Reads a body file.
pub(crate) fn read(bytes: &[u8]) -> Vec<Line> {
    let text = std::str::from_utf8(bytes).expect("a body file is UTF-8");
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(line).collect()
}

fn line(line: &str) -> Line {
    assert!(!line.chars().any(char::is_control), "{line:?}");
    let fields: Vec<&str> = line.split('|').collect();
    assert_eq!(fields.len(), 11, "{line}");
    assert_eq!((fields[0], fields[2]), ("0", "0"), "neither hash nor inode is known");
    let numbers: Vec<i64> = fields[4..].iter().map(|number| number.parse().unwrap()).collect();
    assert!(numbers[..3].iter().all(|number| *number >= 0), "owner, group, size: {line}");
    assert!(
        numbers[3..].iter().any(|time| *time != 0) || line.contains("1970"),
        "a line without a time: {line}"
    );
    let name = fields[1].to_owned();
    unescaped(&name);
    let is_of_container = name.starts_with("[container-");
    assert_eq!(fields[3] == "0", is_of_container, "only times of the container are of no file: {line}");
    check_mode(fields[3]);
    Line { name, numbers: numbers.try_into().unwrap() }
}

/// `0`, or the type twice around a slash, and three classes of permissions.
fn check_mode(mode: &str) {
    let letters: Vec<char> = mode.chars().collect();
    if mode == "0" {
        return;
    }
    assert_eq!((letters.len(), letters[1]), (12, '/'), "{mode}");
    assert_eq!(letters[0], letters[2], "{mode}");
    assert!("rdlcbph-".contains(letters[0]), "{mode}");
    for class in letters[3..].chunks(3) {
        let is_sound = "r-".contains(class[0]) && "w-".contains(class[1]) && "xsStT-".contains(class[2]);
        assert!(is_sound, "{mode}");
    }
}

/// The bytes that a name stands for: every backslash begins `\xNN`.
pub(crate) fn unescaped(name: &str) -> Vec<u8> {
    let mut parts = name.split('\\');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        let digits =
            part.strip_prefix('x').and_then(|rest| rest.get(..2)).unwrap_or_else(|| panic!("{name}"));
        bytes.push(u8::from_str_radix(digits, 16).unwrap());
        bytes.extend(&part.as_bytes()[3..]);
    }
    bytes
}
