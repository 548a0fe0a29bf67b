//! GNU tar.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use icecore_archive::{Member, MemberKind};

use super::{Rival, without_slashes};

pub(super) const NAME: &str = "tar";

/// `tar --list --verbose`, once for each tar.
pub(super) struct GnuTar;

impl Rival for GnuTar {
    fn name(&self) -> &'static str {
        NAME
    }

    fn line(&self, member: &Member) -> String {
        gnu_line(member)
    }

    fn list(&mut self, tar: &Path) -> Vec<String> {
        let options =
            ["--list", "--verbose", "--numeric-owner", "--full-time", "--quoting-style=escape", "--file"];
        let environment = [("LC_ALL", "C"), ("TZ", "UTC")];
        let listed = Command::new(NAME).args(options).arg(tar).envs(environment).output().unwrap();
        assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
        String::from_utf8(listed.stdout).unwrap().lines().map(squeezed).collect()
    }
}

/// A line of `tar -tv`: columns are padded there, so that one space stands for any number.
fn gnu_line(member: &Member) -> String {
    let size = match member.device() {
        Some((major, minor)) => format!("{major},{minor}"),
        None => member.size.to_string(),
    };
    let (arrow, target) = match (member.link(), member.kind) {
        (Some(target), MemberKind::Symlink) => (" -> ", escaped(target)),
        (Some(target), _) => (" link to ", escaped(target)),
        (None, _) => ("", String::new()),
    };
    let name = escaped(without_slashes(&member.raw_name()));
    let owner = format!("{}/{}", member.uid, member.gid);
    let line = format!("{} {owner} {size} {} {name}{arrow}{target}", permissions(member), date(member));
    line.trim_end_matches('/').to_string()
}

/// The columns in front of the name separated by single spaces, times without fractions.
fn squeezed(line: &str) -> String {
    let mut columns = Vec::new();
    let mut rest = line;
    for _ in 0..5 {
        let (column, behind) = rest.trim_start().split_once(' ').unwrap_or((rest, ""));
        columns.push(column);
        rest = behind;
    }
    let time = columns[4].split('.').next().unwrap_or_default();
    format!(
        "{} {} {} {} {time} {}",
        columns[0],
        columns[1],
        columns[2],
        columns[3],
        rest.trim_start().trim_end_matches('/')
    )
}

fn permissions(member: &Member) -> String {
    let kind = match member.kind {
        MemberKind::Directory => 'd',
        MemberKind::Symlink => 'l',
        MemberKind::Hardlink => 'h',
        MemberKind::CharacterDevice => 'c',
        MemberKind::BlockDevice => 'b',
        MemberKind::Fifo => 'p',
        _ => '-',
    };
    let special = [(0o4000, 's', 'S'), (0o2000, 's', 'S'), (0o1000, 't', 'T')];
    let mut text = String::from(kind);
    for (shift, (bit, with, without)) in [6, 3, 0].into_iter().zip(special) {
        let bits = member.mode >> shift;
        text.push(if bits & 4 == 0 { '-' } else { 'r' });
        text.push(if bits & 2 == 0 { '-' } else { 'w' });
        text.push(match (member.mode & bit != 0, bits & 1 != 0) {
            (true, true) => with,
            (true, false) => without,
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    text
}

/// Date and time of day in UTC, by the civil calendar.
fn date(member: &Member) -> String {
    let (day, second) = (member.mtime.seconds.div_euclid(86_400), member.mtime.seconds.rem_euclid(86_400));
    // Days since 1 March of the year 0, in eras of 400 years.
    let days = day + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = year_of_era + era * 400 + carry;
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("{year:04}-{month:02}-{of_month:02} {hour:02}:{minute:02}:{:02}", second % 60)
}

/// As GNU tar writes names with `--quoting-style=escape` in the C locale.
fn escaped(name: &[u8]) -> String {
    let mut text = String::new();
    for byte in name {
        match byte {
            7 => text.push_str("\\a"),
            8 => text.push_str("\\b"),
            b'\t' => text.push_str("\\t"),
            b'\n' => text.push_str("\\n"),
            11 => text.push_str("\\v"),
            12 => text.push_str("\\f"),
            b'\r' => text.push_str("\\r"),
            b'\\' => text.push_str("\\\\"),
            b' '..=b'~' => text.push(char::from(*byte)),
            other => write!(text, "\\{other:03o}").unwrap(),
        }
    }
    text
}
