//! Who owns a file, by the numbers inside of the container's user namespace and by those of the machine.

use serde::Serialize;

use super::{Content, IdRange, Namespaces};

/// User and group of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Owner {
    /// The user.
    pub uid: u64,
    /// The group.
    pub gid: u64,
}

/// The two sides of a user namespace, on which one owner has two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// As processes of the container see it.
    Inside,
    /// As the machine has it.
    Outside,
}

impl Namespaces {
    /// The number on one side of an owner that has this one on another, by the maps of the first user namespace that is not
    /// the machine's. The same where there is none; `None` where that does not map one of the two.
    pub fn owner(&self, owner: Owner, from: Side, to: Side) -> Option<Owner> {
        let maps = self.all.iter().filter(|namespace| !namespace.is_host).find_map(|it| match &it.content {
            Content::User { uid_map, gid_map } => Some((uid_map, gid_map)),
            _ => None,
        });
        match maps {
            Some((uids, gids)) if from != to => {
                Some(Owner { uid: translate(uids, owner.uid, to)?, gid: translate(gids, owner.gid, to)? })
            }
            _ => Some(owner),
        }
    }
}

/// The id on a side, of one on the other.
fn translate(map: &[IdRange], id: u64, to: Side) -> Option<u64> {
    map.iter().find_map(|range| {
        let (from, to) = match to {
            Side::Outside => (range.inside, range.outside),
            Side::Inside => (range.outside, range.inside),
        };
        let behind = id.checked_sub(from.into()).filter(|behind| *behind < u64::from(range.count))?;
        u64::from(to).checked_add(behind)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As user_namespaces(7) has it: root is one user, and 65,535 ids lie elsewhere.
    const MAP: [IdRange; 2] = [
        IdRange { inside: 0, outside: 1000, count: 1 },
        IdRange { inside: 1, outside: 100_000, count: 65_535 },
    ];

    #[test]
    fn ids_are_translated_both_ways() {
        for (inside, outside) in [(0, 1000), (1, 100_000), (33, 100_032), (65_535, 165_534)] {
            assert_eq!(translate(&MAP, inside, Side::Outside), Some(outside));
            assert_eq!(translate(&MAP, outside, Side::Inside), Some(inside));
        }
    }

    #[test]
    fn what_is_not_mapped_has_no_number() {
        for (id, to) in
            [(65_536, Side::Outside), (0, Side::Inside), (1001, Side::Inside), (u64::MAX, Side::Outside)]
        {
            assert_eq!(translate(&MAP, id, to), None, "{id} {to:?}");
        }
        assert_eq!(translate(&[], 0, Side::Inside), None);
    }
}
