//! One pages file: the member, how its pages are stored, and how many there are.

use std::sync::{Arc, OnceLock};

use bstr::BString;
use icecore_archive::{Member, SharedSource, read_full_at};

use super::packed::Fault;
use super::packed::blocks::BlockPages;
use super::packed::frames::FramePages;
use super::packed::layout::Layout;
use super::pagemap::Pagemap;
use super::run::Reason;
use crate::Diagnostic;
use crate::diagnostic::{MEMBER_MISSING, PAGES_DAMAGED, PAGES_LENGTH};
use crate::filesystem::Origin;
use crate::images::Images;

/// A pages file of one checkpoint of the chain.
#[derive(Debug)]
pub(super) struct PagesFile {
    name: BString,
    /// How many checkpoints back in the chain; 0 is the one that was opened.
    depth: u32,
    member: Option<Member>,
    /// Where it was found, if it is a file that is mapped.
    origin: Option<Origin>,
    form: Form,
    /// Opened on first use: what only counts pages never needs them.
    source: OnceLock<Result<SharedSource, String>>,
}

/// How its pages are stored.
#[derive(Debug)]
enum Form {
    /// One behind the other.
    Plain,
    /// In blocks, or with gaps.
    Blocks(Arc<Layout>),
    /// In LZ4 frames. `None`: it was not kept when the archive was decoded.
    Frames(Option<Arc<FramePages>>),
    /// Two files claim to have them.
    Contradictory,
}

impl PagesFile {
    /// The pages file that a pagemap names, in one directory.
    pub(super) fn find(images: &Images, number: u32, depth: u32) -> Self {
        let (plain, framed) = (format!("pages-{number}.img"), format!("pages-{number}.comp.img"));
        let there = (images.member(&plain), images.member(&framed));
        let (name, member, form) = match there {
            (Some(member), Some(_)) => (plain, Some(member), Form::Contradictory),
            (None, Some(member)) => (framed, Some(member), Form::Frames(None)),
            (member, None) => (plain, member, Form::Plain),
        };
        let name = images.full_name(&name);
        Self { name, depth, member: member.cloned(), origin: None, form, source: OnceLock::new() }
    }

    /// An image that has bytes of memory itself.
    pub(super) fn of_image(images: &Images, name: &str) -> Self {
        let member = images.member(name).cloned();
        let name = images.full_name(name);
        Self { name, depth: 0, member, origin: None, form: Form::Plain, source: OnceLock::new() }
    }

    /// A file that is mapped.
    pub(super) fn of_file(name: BString, origin: Origin, content: SharedSource) -> Self {
        let source = OnceLock::from(Ok(content));
        Self { name, depth: 0, member: None, origin: Some(origin), form: Form::Plain, source }
    }

    /// Where it was found, if it is a file that is mapped.
    pub(super) fn origin(&self) -> Option<Origin> {
        self.origin
    }

    /// Learns how the pages are stored, and tells what is wrong with that.
    pub(super) fn look(
        &mut self,
        pagemap: &Pagemap,
        page_size: u64,
        images: &Images,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let mut tell = |offset: Option<u64>, text: String| {
            let mut diagnostic = Diagnostic::new(PAGES_DAMAGED, text).of(self.name.clone());
            diagnostic.offset = offset;
            diagnostics.push(diagnostic);
        };
        match &self.form {
            Form::Contradictory => tell(
                None,
                "`.img` and `.comp.img` are both there and only one can be right; pages are read from neither".to_owned(),
            ),
            Form::Frames(_) => {
                let mut faults = Vec::new();
                let source = self.member.as_ref().and_then(|member| member.source().ok());
                let frames = source.map(|source| Arc::new(FramePages::new(source, &mut faults)));
                self.form = Form::Frames(frames);
                for Fault { offset, what } in faults.into_iter().take(FAULTS) {
                    tell(Some(offset), what);
                }
            }
            Form::Plain if !pagemap.forms.is_empty() => {
                let image = images.full_name(&pagemap.name);
                let layout = Layout::new(&pagemap.forms, pagemap.present, page_size, |form, text| {
                    let mut diagnostic = Diagnostic::new(PAGES_DAMAGED, format!("entry {}: {text}", form.record));
                    diagnostic.offset = Some(form.record_offset);
                    diagnostics.push(diagnostic.of(image.clone()));
                });
                self.form = Form::Blocks(Arc::new(layout));
            }
            Form::Plain | Form::Blocks(_) => {}
        }
    }

    pub(super) fn member(&self) -> &BString {
        &self.name
    }

    pub(super) fn depth(&self) -> u32 {
        self.depth
    }

    /// Whether it is in the archive.
    pub(super) fn is_there(&self) -> bool {
        self.member.is_some()
    }

    /// Bytes of the member, if they are the pages as they are.
    pub(super) fn plain_length(&self) -> Option<u64> {
        let plain = matches!(self.form, Form::Plain);
        self.member.as_ref().filter(|_| plain).map(|member| member.available())
    }

    /// Bytes of pages that can be read, from the first on.
    pub(super) fn readable(&self) -> u64 {
        let available = match (&self.member, self.source.get()) {
            (Some(member), _) => member.available(),
            (None, Some(Ok(content))) => content.len(),
            (None, _) => 0,
        };
        match &self.form {
            Form::Plain => available,
            Form::Blocks(layout) => layout.readable(available),
            Form::Frames(Some(frames)) => icecore_archive::Source::len(frames.as_ref()),
            // Whether they are all there cannot be told; reading them will.
            Form::Frames(None) | Form::Contradictory => u64::MAX,
        }
    }

    /// Tells a file that is missing, too short or too long.
    pub(super) fn tell_length(
        &self,
        pagemap: &Pagemap,
        page_size: u64,
        images: &Images,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let Pagemap { name, present, .. } = pagemap;
        let Some(member) = &self.member else {
            if *present > 0 {
                let text = format!("{name} says that {present} pages are there");
                diagnostics.push(Diagnostic::new(MEMBER_MISSING, text).of(self.name.clone()));
            }
            return;
        };
        let plain = present.saturating_mul(page_size);
        let (wanted, found) = match &self.form {
            Form::Plain => (plain, member.available()),
            Form::Blocks(layout) => (layout.end, member.available()),
            Form::Frames(Some(frames)) => (plain, icecore_archive::Source::len(frames.as_ref())),
            Form::Frames(None) | Form::Contradictory => return,
        };
        if wanted == found {
            return;
        }
        let differ = if found < wanted {
            let missing = plain.saturating_sub(self.readable()).div_ceil(page_size.max(1));
            format!("{missing} pages cannot be read")
        } else {
            format!("{} bytes at its end belong to nothing", found.saturating_sub(wanted))
        };
        let image = images.full_name(name);
        let text = format!("{found} bytes, where {image} needs {wanted} for {present} pages: {differ}");
        let mut diagnostic = Diagnostic::new(PAGES_LENGTH, text).of(self.name.clone());
        diagnostic.offset = Some(found.min(wanted));
        diagnostics.push(diagnostic);
    }

    /// Where the bytes at `offset` among its pages lie in the member; for compressed ones, where their block begins.
    pub(super) fn position(&self, offset: u64) -> Option<u64> {
        match &self.form {
            Form::Plain => Some(offset),
            Form::Blocks(layout) => layout.position(offset),
            Form::Frames(Some(frames)) => frames.position(offset),
            Form::Frames(None) | Form::Contradictory => None,
        }
    }

    /// The first offset among its pages, behind `offset`, that can be sound where `offset` is not: the end of the page,
    /// or of the block that has it. Of a file that cannot be opened, none is.
    pub(super) fn unit_end(&self, offset: u64, page_size: u64) -> u64 {
        if self.source().is_err() {
            return u64::MAX;
        }
        let page = || offset.saturating_add(1).checked_next_multiple_of(page_size.max(1)).unwrap_or(u64::MAX);
        let block = match &self.form {
            Form::Blocks(layout) => layout.unit_end(offset),
            Form::Frames(Some(frames)) => frames.unit_end(offset),
            Form::Plain | Form::Frames(None) | Form::Contradictory => None,
        };
        block.unwrap_or_else(page)
    }

    /// All its pages, where they lie in memory as they are.
    pub(super) fn as_slice(&self) -> Option<&[u8]> {
        self.source().ok()?.as_slice()
    }

    /// Fills `buffer` with its pages from `offset` on.
    pub(super) fn read(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Reason> {
        let source = self.source().map_err(|why| Reason::Damaged(why.clone()))?;
        match read_full_at(source.as_ref(), offset, buffer) {
            Ok(count) if count == buffer.len() => Ok(()),
            Ok(_) => Err(Reason::PagesShort(self.name.clone())),
            Err(error) => Err(Reason::Damaged(format!("{}: {error}", self.name))),
        }
    }

    fn source(&self) -> Result<&SharedSource, &String> {
        let open = || {
            let Some(member) = &self.member else {
                return Err(format!("{} is not in the archive", self.name));
            };
            let file = member.source().map_err(|error| error.to_string())?;
            match &self.form {
                Form::Plain => Ok(file),
                Form::Blocks(layout) => Ok(Arc::new(BlockPages::new(file, layout.clone())) as SharedSource),
                Form::Frames(Some(frames)) => Ok(frames.clone() as SharedSource),
                Form::Frames(None) => Err(format!("{} was not kept", self.name)),
                Form::Contradictory => {
                    Err(format!("{} and its `.comp.img` contradict each other", self.name))
                }
            }
        };
        self.source.get_or_init(open).as_ref()
    }
}

/// Faults of one file that are told; more would say the same.
const FAULTS: usize = 16;
