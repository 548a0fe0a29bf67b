//! From a list of mounts, each with the one that it is on, to the tree in order.

use std::collections::BTreeMap;

use super::Mount;

/// Sorts mounts so that each stands behind the one that it is on, siblings by id, and says how deep it is. Also says how
/// many were not reached from a root: those follow by id, without depth.
///
/// A root is a mount whose parent is not in the list, or itself. Ids that occur twice are all kept.
pub(super) fn ordered(mut mounts: Vec<Mount>) -> (Vec<Mount>, usize) {
    mounts.sort_by_key(|mount| mount.id);
    let mut children: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, mount) in mounts.iter().enumerate() {
        if mount.parent != mount.id {
            children.entry(mount.parent).or_default().push(index);
        }
    }
    let has = |id| mounts.binary_search_by_key(&id, |mount: &Mount| mount.id).is_ok();
    let is_root = |mount: &Mount| mount.parent == mount.id || !has(mount.parent);
    // Taken from the end: the first root is to come first.
    let roots = mounts.iter().enumerate().filter(|(_, mount)| is_root(mount));
    let mut todo: Vec<(usize, u32)> = roots.map(|(index, _)| (index, 0)).rev().collect();
    let mut order = Vec::with_capacity(mounts.len());
    while let Some((index, depth)) = todo.pop() {
        order.push((index, depth));
        // Each list of children is taken once, so that a loop ends.
        let below = mounts.get(index).and_then(|mount| children.remove(&mount.id)).unwrap_or_default();
        let below = below.into_iter().filter(|&child| mounts.get(child).is_some_and(|mount| !is_root(mount)));
        todo.extend(below.rev().map(|child| (child, depth.saturating_add(1))));
    }
    let mut places: Vec<Option<Mount>> = mounts.into_iter().map(Some).collect();
    let mut sorted = Vec::with_capacity(places.len());
    for (index, depth) in order {
        if let Some(mut mount) = places.get_mut(index).and_then(Option::take) {
            mount.depth = depth;
            sorted.push(mount);
        }
    }
    let before = sorted.len();
    sorted.extend(places.into_iter().flatten());
    let astray = sorted.len().saturating_sub(before);
    (sorted, astray)
}

#[cfg(test)]
mod tests {
    use icecore_images::messages::MntEntry;

    use super::*;

    /// Pairs of an id and the parent's, and how they are listed: ids with depths, and how many are astray.
    fn check(pairs: &[(u32, u32)], expected: &[(u32, u32)], astray: usize) {
        let mount = |&(id, parent): &(u32, u32)| {
            let mut entry = MntEntry::default();
            (entry.mnt_id, entry.parent_mnt_id) = (id, parent);
            Mount::from(entry)
        };
        let (sorted, found) = ordered(pairs.iter().map(mount).collect());
        let sorted: Vec<_> = sorted.iter().map(|mount| (mount.id.0, mount.depth)).collect();
        assert_eq!((sorted.as_slice(), found), (expected, astray));
    }

    #[test]
    fn children_stand_behind_their_parents() {
        check(&[(9, 5), (7, 5), (5, 1), (8, 7)], &[(5, 0), (7, 1), (8, 2), (9, 1)], 0);
    }

    #[test]
    fn loops_and_twins_end() {
        check(&[(2, 3), (3, 2), (5, 1)], &[(5, 0), (2, 0), (3, 0)], 2);
        check(&[(2, 2), (3, 2)], &[(2, 0), (3, 1)], 0);
        check(&[(2, 1), (2, 1), (3, 2)], &[(2, 0), (3, 1), (2, 0)], 0);
    }
}
