//! Python's `tarfile`.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use icecore_archive::Member;

use super::{Rival, without_slashes};

pub(super) const NAME: &str = "python3";

/// One process for all tars: it is asked with a path, and answers with lines up to an empty one.
pub(super) struct Python {
    child: Child,
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Python {
    pub(super) fn start() -> Self {
        let mut command = Command::new(NAME);
        let pipes = command.args(["-uc", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = pipes.spawn().unwrap();
        let (questions, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, questions, answers: BufReader::new(answers).lines() }
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Rival for Python {
    fn name(&self) -> &'static str {
        NAME
    }

    fn line(&self, member: &Member) -> String {
        python_line(member)
    }

    fn list(&mut self, tar: &Path) -> Vec<String> {
        writeln!(self.questions, "{}", tar.display()).unwrap();
        let lines = self.answers.by_ref().map(|line| line.unwrap());
        lines.take_while(|line| !line.is_empty()).collect()
    }
}

/// Prints kind, mode, owner, time, size, name and link of each member, texts in hexadecimal.
const SCRIPT: &str = r#"
import math, sys, tarfile
kinds = {b'\0': 'file', b'0': 'file', b'7': 'file', b'S': 'file', b'1': 'hardlink', b'2': 'symlink', b'3': 'char',
         b'4': 'block', b'5': 'dir', b'6': 'fifo'}
text = lambda s: s.encode('utf-8', 'surrogateescape').hex()
for path in sys.stdin:
    with tarfile.open(path[:-1], 'r:', encoding='utf-8', errors='surrogateescape') as tar:
        for m in tar:
            link = m.linkname if m.issym() or m.islnk() else ''
            print(kinds.get(m.type, 'other'), oct(m.mode & 0o7777), m.uid, m.gid, math.floor(m.mtime), m.size,
                  text(m.name.rstrip('/')), text(link))
    print()
"#;

fn python_line(member: &Member) -> String {
    format!(
        "{} 0o{:o} {} {} {} {} {} {}",
        member.kind.name(),
        member.mode,
        member.uid,
        member.gid,
        member.mtime.seconds,
        member.size,
        hex(without_slashes(&member.raw_name())),
        hex(member.link().unwrap_or_default()),
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
