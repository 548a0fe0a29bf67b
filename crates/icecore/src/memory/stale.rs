//! Pages files that nothing refers to any more.

use std::collections::BTreeSet;

use icecore_archive::Member;
use icecore_images::Kind;
use icecore_images::messages::PagemapHead;

use crate::Checkpoint;

impl Checkpoint {
    /// Pages files among the images whose number no pagemap has, by name: of an earlier dump into the same directory, or of
    /// an object whose pagemap another one was written over. Whose memory it was, and when, cannot be told.
    pub fn stale_pages(&self) -> Vec<&Member> {
        let images = self.images();
        let known = || images.known().filter(|(_, _, member)| member.is_file());
        let pagemaps = known().filter(|(_, kind, _)| *kind == Kind::Pagemap);
        let head = |name: &bstr::BStr| {
            let first = |image: icecore_images::Image<'_>| {
                image.records::<PagemapHead>().next()?.ok().map(|head| head.message.pages_id)
            };
            images.with_image(&name.to_string(), &mut Vec::new(), first).flatten()
        };
        let named: BTreeSet<u32> = pagemaps.filter_map(|(name, ..)| head(name)).collect();
        let files = known().filter(|(_, kind, _)| *kind == Kind::Pages);
        let is_stale = |name: &bstr::BStr| {
            let number = Kind::of_name(name).and_then(|named| u32::try_from(named.number()?).ok());
            number.is_some_and(|number| !named.contains(&number))
        };
        files.filter(|(name, ..)| is_stale(name)).map(|(_, _, member)| member).collect()
    }
}
