//! From arguments to images: a file that is one, or members of an archive.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::ffi::OsString;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use bstr::{BString, ByteVec as _};
use icecore::archive::{Archive, Keep, Member, MemberName};
use icecore::images_format::{Image, Kind};
use icecore::{Checkpoint, Images};

use crate::arguments::{Input, ReadOptions};
use crate::error::Error;
use crate::io::Io;
use crate::member_path::MemberPath;
use crate::output::Diagnostic;
use crate::{diagnostics, opening};

/// The largest image that is read whole, in bytes.
const LARGEST: u64 = 1 << 30;

/// Bytes in front of every image that tell its kind: two magics.
const MAGICS: u64 = 8;

/// What an argument turned out to be.
#[derive(Debug)]
pub(crate) enum Opened {
    /// An image by itself.
    Image(ImageFile),
    /// Anything else.
    Archive(Archive),
}

/// One image, which is read when its turn comes.
#[derive(Debug)]
pub(crate) struct ImageFile {
    /// What it is called: by its own name if it lies alone, else as `ls` shows it.
    pub(crate) name: BString,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Path(PathBuf),
    Bytes(Vec<u8>),
    Member(Member),
}

/// Images that were picked, each with the container it is of where there are several; and what is to be told about the
/// archive they are in.
#[derive(Debug, Default)]
pub(crate) struct Picked {
    pub(crate) images: Vec<(Option<BString>, ImageFile)>,
    pub(crate) told: Vec<Diagnostic>,
}

/// Opens an image or an archive; which of them it is, its first bytes tell, and `--input-format` says it is an archive.
///
/// A file that is neither is taken for an image if it has the name of one, so that its magic is complained about.
///
/// # Errors
/// As [`opening::archive`].
pub(crate) fn open(input: &Input, read: &ReadOptions, keep: Keep, io: &mut Io<'_>) -> Result<Opened, Error> {
    if read.input_format.is_some() {
        return opening::archive(input, read, keep, io).map(Opened::Archive);
    }
    let lone = match input {
        Input::Stdin => stdin_image(io),
        Input::Path(path) => file_image(path),
    };
    if let Some(image) = lone.map_err(|error| failed(input, error.into()))? {
        return Ok(Opened::Image(image));
    }
    let opened = opening::archive(input, read, keep, io);
    match (input, opened) {
        (_, Ok(archive)) if !archive.roots().is_empty() => Ok(Opened::Archive(archive)),
        (Input::Path(path), _) if path.is_file() && has_name_of_image(path) => {
            Ok(Opened::Image(ImageFile::of_path(path)))
        }
        (_, opened) => opened.map(Opened::Archive),
    }
}

impl Opened {
    /// The members that are named, in their order: by their way from the top of the archive, or by the name of an image
    /// in the image directory, which every container of the archive may have.
    ///
    /// # Errors
    /// [`Error::Input`] if there is no such member.
    pub(crate) fn named(
        self,
        input: &Input,
        members: &[OsString],
        read: &ReadOptions,
    ) -> Result<Picked, Error> {
        let archive = match self {
            Self::Archive(archive) => archive,
            Self::Image(image) => {
                let text = format!("`{}` is an image and has no members", image.name);
                return Err(Error::Usage(text));
            }
        };
        let told = diagnostics::of_archive(&archive);
        let found: Vec<_> =
            members.iter().map(|name| (name, MemberPath::new(name).member(&archive))).collect();
        let checkpoints = match archive.roots() {
            [] => Vec::new(),
            _ => opening::checkpoints_of(archive, input, read)?,
        };
        let mut images = Vec::new();
        for (name, member) in found {
            match member {
                Ok(member) => images.push((None, ImageFile::by_path(name, member))),
                Err(error) => {
                    let name = name.to_str().unwrap_or_default();
                    let of_containers =
                        of_each(&checkpoints, |images| images.member(name).into_iter().collect());
                    if of_containers.is_empty() {
                        return Err(failed(input, error));
                    }
                    images.extend(of_containers);
                }
            }
        }
        Ok(Picked { images, told })
    }

    /// Every image: that one, or all of the checkpoints in the archive.
    ///
    /// # Errors
    /// As [`opening::checkpoints`].
    pub(crate) fn all(self, input: &Input, read: &ReadOptions) -> Result<Picked, Error> {
        match self {
            Self::Image(image) => Ok(Picked { images: vec![(None, image)], told: Vec::new() }),
            Self::Archive(archive) => {
                let told = diagnostics::of_archive(&archive);
                let checkpoints = opening::checkpoints_of(archive, input, read)?;
                Ok(Picked { images: of_each(&checkpoints, |images| images.files().collect()), told })
            }
        }
    }
}

/// The members to keep so that images of these names can be read from a compressed archive.
pub(crate) fn keep(members: &[OsString]) -> Keep {
    let outermost = members.iter().map(|name| MemberPath::new(name).outermost());
    let among_images = |name: &MemberName| MemberName::new(&[b"checkpoint/", name.as_bytes()].concat());
    Keep::MetadataAnd(outermost.flat_map(|name| [among_images(&name), name]).collect())
}

impl ImageFile {
    /// A member by its own name.
    pub(crate) fn of_member(member: &Member) -> Self {
        Self { name: member.name.as_bytes().into(), content: Content::Member(member.clone()) }
    }

    /// A member by its way from the top of the archive.
    fn by_path(name: &OsString, member: Member) -> Self {
        Self { name: Vec::from_os_str_lossy(name).into_owned().into(), content: Content::Member(member) }
    }

    /// A file that lies alone.
    fn of_path(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default();
        Self { name: Vec::from_os_str_lossy(name).into_owned().into(), content: Content::Path(path.into()) }
    }

    /// Bytes from the start, enough to tell the kind; fewer if there are no more, or they cannot be read.
    pub(crate) fn head(&self) -> Vec<u8> {
        match &self.content {
            Content::Path(path) => head(path).unwrap_or_default(),
            Content::Bytes(bytes) => bytes.iter().copied().take(8).collect(),
            Content::Member(member) => member.head(),
        }
    }

    /// The whole image.
    ///
    /// # Errors
    /// If it cannot be read, was not kept, or is larger than an image may be.
    pub(crate) fn bytes(&self) -> Result<Cow<'_, [u8]>, Box<dyn StdError + Send + Sync>> {
        match &self.content {
            Content::Path(path) => Ok(Cow::Owned(read_whole(File::open(path)?)?)),
            Content::Bytes(bytes) => Ok(Cow::Borrowed(bytes)),
            Content::Member(member) => Ok(member.bytes(("image", LARGEST))?),
        }
    }

    /// How many bytes it has.
    pub(crate) fn size(&self) -> u64 {
        match &self.content {
            Content::Path(path) => std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
            Content::Bytes(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Content::Member(member) => member.size,
        }
    }
}

/// Images of each container. Where there are several containers, they are named.
fn of_each<'a>(
    checkpoints: &'a [Checkpoint],
    pick: impl Fn(&'a Images) -> Vec<&'a Member>,
) -> Vec<(Option<BString>, ImageFile)> {
    let several = checkpoints.len() > 1;
    let images = checkpoints.iter().flat_map(|checkpoint| {
        let container = several.then(|| opening::container(checkpoint)).flatten();
        pick(checkpoint.images())
            .into_iter()
            .map(move |member| (container.clone(), ImageFile::of_member(member)))
    });
    images.collect()
}

/// A regular file that begins as an image.
fn file_image(path: &Path) -> std::io::Result<Option<ImageFile>> {
    let is_image = path.is_file() && Image::parse("", &head(path)?).is_ok();
    Ok(is_image.then(|| ImageFile::of_path(path)))
}

/// Standard input, if it begins as an image; if not, all of it is left there.
fn stdin_image(io: &mut Io<'_>) -> std::io::Result<Option<ImageFile>> {
    let Some(mut stream) = io.input.take() else { return Ok(None) };
    let mut head = Vec::new();
    stream.by_ref().take(MAGICS).read_to_end(&mut head)?;
    let is_image = Image::parse("", &head).is_ok();
    let stream = Cursor::new(head).chain(stream);
    if is_image {
        return Ok(Some(ImageFile { name: "-".into(), content: Content::Bytes(read_whole(stream)?) }));
    }
    io.input = Some(Box::new(stream));
    Ok(None)
}

fn head(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(MAGICS).read_to_end(&mut head)?;
    Ok(head)
}

fn read_whole(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= LARGEST) {
        return Ok(bytes);
    }
    Err(std::io::Error::other(format!("more than {LARGEST} bytes, the most that an image may have")))
}

fn has_name_of_image(path: &Path) -> bool {
    let name = Vec::from_os_str_lossy(path.file_name().unwrap_or_default());
    Kind::of_name(&name).is_some() || name.ends_with(b".img")
}

fn failed(input: &Input, source: Box<dyn StdError + Send + Sync>) -> Error {
    Error::Input { archive: opening::name(input).to_string(), source }
}

#[cfg(test)]
mod tests;
