use std::collections::BTreeMap;

use super::*;

/// Links and files by their absolute paths; whatever is not there is a directory.
#[derive(Default)]
struct Map {
    kinds: BTreeMap<String, Kind>,
    at: Vec<String>,
}

impl Map {
    fn link(mut self, path: &str, target: &str) -> Self {
        self.kinds.insert(path.to_owned(), Kind::Link(target.into()));
        self
    }

    fn file(mut self, path: &str) -> Self {
        self.kinds.insert(path.to_owned(), Kind::File);
        self
    }

    fn path(&self) -> String {
        format!("/{}", self.at.join("/"))
    }

    /// Where a walk ends.
    fn walked(&mut self, path: &str, follow_last: bool) -> Result<String, Stopped> {
        self.at.clear();
        walk(self, path.as_bytes(), follow_last).map(|()| self.path())
    }
}

impl Place for Map {
    fn enter(&mut self, name: &BStr) {
        self.at.push(name.to_string());
    }

    fn leave(&mut self) {
        self.at.pop();
    }

    fn leave_all(&mut self) {
        self.at.clear();
    }

    fn kind(&self) -> Kind {
        self.kinds.get(&self.path()).cloned().unwrap_or(Kind::Directory)
    }
}

#[test]
fn a_walk_ends_where_the_kernel_would_end_it() {
    let mut map = Map::default()
        .file("/usr/bin/sh")
        .link("/bin", "usr/bin")
        .link("/usr/lib/up", "../bin")
        .link("/etc/abs", "/usr/./lib//up/")
        .link("/out", "../../../../etc")
        .link("/empty", "");
    for (path, end) in [
        ("", "/"),
        ("/", "/"),
        ("///./", "/"),
        ("/../..", "/"),
        ("/bin/sh", "/usr/bin/sh"),
        ("bin//./sh", "/usr/bin/sh"),
        ("/bin/..", "/usr"),
        ("/usr/lib/up/sh", "/usr/bin/sh"),
        ("/etc/abs/sh", "/usr/bin/sh"),
        ("/etc/abs/../lib/x", "/usr/lib/x"),
        ("/out/passwd", "/etc/passwd"),
        ("/empty/x", "/x"),
    ] {
        assert_eq!(map.walked(path, true).as_deref(), Ok(end), "{path}");
    }
}

#[test]
fn the_last_link_is_followed_if_that_is_asked_for() {
    let mut map = Map::default().link("/a", "b").link("/b", "c");
    for (path, follow, end) in [
        ("/a", true, "/c"),
        ("/a", false, "/a"),
        ("/a/", false, "/c"),
        ("/a/.", false, "/c"),
        ("/a/x", false, "/c/x"),
    ] {
        assert_eq!(map.walked(path, follow).as_deref(), Ok(end), "{path} {follow}");
    }
}

#[test]
fn nothing_is_below_a_file() {
    let mut map = Map::default().file("/etc/motd").link("/motd", "etc/motd");
    for path in ["/etc/motd/x", "/etc/motd/..", "/motd/x"] {
        assert_eq!(map.walked(path, true), Err(Stopped::NoDirectory), "{path}");
    }
    assert_eq!(map.walked("/motd", true).as_deref(), Ok("/etc/motd"));
}

#[test]
fn forty_links_are_followed_and_no_more() {
    let chain = |links: u32| {
        (0..links).fold(Map::default(), |map, at| map.link(&format!("/l{at}"), &format!("l{}", at + 1)))
    };
    assert_eq!(chain(40).walked("/l0", true).as_deref(), Ok("/l40"));
    assert_eq!(chain(41).walked("/l0", true), Err(Stopped::Loop));
    assert_eq!(chain(41).walked("/l1", true).as_deref(), Ok("/l41"));
}

/// Each link is longer than what it stands for: the walk must end all the same, and soon.
#[test]
fn links_that_grow_end() {
    let long = "a/".repeat(90_000);
    let mut map = Map::default().link("/a", &long);
    assert_eq!(map.walked("/a", true), Err(Stopped::Loop));
}
