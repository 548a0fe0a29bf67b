//! From arguments to checkpoints.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use bstr::{BString, ByteVec as _};
use icecore::archive::{self, Archive, Keep, Limits, Options};
use icecore::{Checkpoint, RootFilesystem};

use crate::arguments::{Input, ReadOptions};
use crate::error::Error;
use crate::io::Io;
use crate::output::Progress;

pub(crate) mod images;

/// The archive as the user named it.
pub(crate) fn name(input: &Input) -> BString {
    match input {
        Input::Stdin => "-".into(),
        Input::Path(path) => Vec::from_path_lossy(path).into_owned().into(),
    }
}

/// Opens an archive, showing progress where that takes long.
///
/// # Errors
/// [`Error::Input`] with what the library says.
pub(crate) fn archive(
    input: &Input,
    read: &ReadOptions,
    keep: Keep,
    io: &mut Io<'_>,
) -> Result<Archive, Error> {
    let options = watched(options(read, keep), input, io);
    let opened = match input {
        Input::Path(path) => Archive::open_path(path, &options),
        Input::Stdin => match io.input.take() {
            Some(stream) => Archive::open_stream(stream, &options),
            None => return Err(Error::Usage("there is no standard input to read".to_owned())),
        },
    };
    opened.map_err(|source| failed(input, source.into()))
}

/// Opens the checkpoints of an archive, or the one that `--container` names, on the root file system that `--rootfs` names.
///
/// # Errors
/// As [`containers`] and [`with_rootfs`].
pub(crate) fn checkpoints(
    input: &Input,
    read: &ReadOptions,
    keep: Keep,
    io: &mut Io<'_>,
) -> Result<Vec<Checkpoint>, Error> {
    let opened = containers(input, read, keep.clone(), io)?;
    with_rootfs(opened, read, &keep, io)
}

/// The same without the root file system: for those that have several archives, and those that need none.
///
/// # Errors
/// As [`archive`]; [`Error::Input`] if there is none, or none of that name.
pub(crate) fn containers(
    input: &Input,
    read: &ReadOptions,
    keep: Keep,
    io: &mut Io<'_>,
) -> Result<Vec<Checkpoint>, Error> {
    let opened = archive(input, read, keep.clone(), io)?;
    let checkpoints = Checkpoint::from_archive(opened).map_err(|source| failed(input, source))?;
    let checkpoints = with_parents(checkpoints, input, read, &keep, io)?;
    chosen(checkpoints, input, read)
}

/// Opens the root file system that `--rootfs` names, once for all, if what is kept of archives is more than images and
/// documents: what these alone tell never depends on it.
///
/// # Errors
/// [`Error::Input`] if it cannot be read.
pub(crate) fn with_rootfs(
    checkpoints: Vec<Checkpoint>,
    read: &ReadOptions,
    keep: &Keep,
    io: &Io<'_>,
) -> Result<Vec<Checkpoint>, Error> {
    let Some(path) = read.rootfs.as_ref().filter(|_| !matches!(keep, Keep::Metadata)) else {
        return Ok(checkpoints);
    };
    let rootfs = Arc::new(rootfs(path, read, io)?);
    Ok(checkpoints.into_iter().map(|checkpoint| checkpoint.with_rootfs(rootfs.clone())).collect())
}

/// Opens the one checkpoint of an archive, or the one that `--container` names.
///
/// # Errors
/// As [`checkpoints`]; [`Error::Usage`] if there are several.
pub(crate) fn checkpoint(
    input: &Input,
    read: &ReadOptions,
    keep: Keep,
    io: &mut Io<'_>,
) -> Result<Checkpoint, Error> {
    let mut opened = checkpoints(input, read, keep, io)?;
    match opened.pop() {
        Some(only) if opened.is_empty() => Ok(only),
        last => {
            let names: Vec<String> = opened.iter().chain(&last).map(title).collect();
            Err(Error::Usage(format!("several containers; pick one with -c: {}", names.join(", "))))
        }
    }
}

/// Opens the root file system that the user names.
fn rootfs(path: &Path, read: &ReadOptions, io: &Io<'_>) -> Result<RootFilesystem, Error> {
    let input = Input::Path(path.to_owned());
    let options =
        watched(options(&ReadOptions { input_format: None, ..read.clone() }, Keep::Everything), &input, io);
    RootFilesystem::open(path, &options).map_err(|source| failed(&input, source))
}

/// The checkpoints of an archive that is open, or the one that `--container` names; without their parents.
///
/// # Errors
/// As [`checkpoints`].
pub(crate) fn checkpoints_of(
    archive: Archive,
    input: &Input,
    read: &ReadOptions,
) -> Result<Vec<Checkpoint>, Error> {
    let checkpoints = Checkpoint::from_archive(archive).map_err(|source| failed(input, source))?;
    chosen(checkpoints, input, read)
}

/// Those of the checkpoints that are asked for, with the page size that is.
fn chosen(checkpoints: Vec<Checkpoint>, input: &Input, read: &ReadOptions) -> Result<Vec<Checkpoint>, Error> {
    let checkpoints = checkpoints.into_iter().map(|checkpoint| match read.page_size {
        Some(size) => checkpoint.with_page_size(size),
        None => checkpoint,
    });
    let Some(wanted) = &read.container else { return Ok(checkpoints.collect()) };
    let wanted = wanted.to_string_lossy();
    let (named, others): (Vec<_>, Vec<_>) = checkpoints.partition(|checkpoint| is_named(checkpoint, &wanted));
    if named.is_empty() {
        let there: Vec<String> = others.iter().map(title).collect();
        let text = format!("no container `{wanted}`; there is {}", there.join(", "));
        return Err(Error::Input { archive: name(input).to_string(), source: text.into() });
    }
    Ok(named)
}

/// Binds the earlier checkpoints: those that lie beside a directory, then those that `--parent` names.
fn with_parents(
    mut checkpoints: Vec<Checkpoint>,
    input: &Input,
    read: &ReadOptions,
    keep: &Keep,
    io: &mut Io<'_>,
) -> Result<Vec<Checkpoint>, Error> {
    if let Input::Path(path) = input {
        let options = options(read, keep.clone());
        checkpoints = checkpoints.into_iter().map(|one| one.with_siblings_of(path, &options)).collect();
    }
    if read.parents.is_empty() {
        return Ok(checkpoints);
    }
    let (Some(mut checkpoint), true) = (checkpoints.pop(), checkpoints.is_empty()) else {
        let text = "`--parent` is for an archive of one container, and there are several in this one";
        return Err(Error::Usage(text.to_owned()));
    };
    for parent in &read.parents {
        let parent = Input::Path(parent.clone());
        let opened = archive(&parent, read, keep.clone(), io)?;
        let mut opened = Checkpoint::from_archive(opened).map_err(|source| failed(&parent, source))?;
        let (Some(only), true) = (opened.pop(), opened.is_empty()) else {
            return Err(Error::Usage(format!(
                "{}: several containers, not the parent of one",
                name(&parent)
            )));
        };
        checkpoint = checkpoint.with_parent(only);
    }
    Ok(vec![checkpoint])
}

/// What a container is called: its name, else its label in the archive, else the beginning of its id.
pub(crate) fn title(checkpoint: &Checkpoint) -> String {
    let container = &checkpoint.facts().container;
    let label = Some(checkpoint.label().to_string()).filter(|label| !label.is_empty());
    let name = container.name.as_ref().map(|name| name.value.clone());
    let id = container.id.as_ref().map(|id| id.value.chars().take(12).collect());
    name.or(label).or(id).unwrap_or_else(|| "one without a name".to_owned())
}

/// The container's name for documents: its own, or its label among its siblings.
pub(crate) fn container(checkpoint: &Checkpoint) -> Option<BString> {
    let name = checkpoint.facts().container.name.as_ref().map(|name| name.value.as_str().into());
    name.or_else(|| checkpoint.root().label.clone())
}

fn is_named(checkpoint: &Checkpoint, wanted: &str) -> bool {
    let container = &checkpoint.facts().container;
    let is = |fact: Option<&str>| fact == Some(wanted);
    let id = container.id.as_ref().map(|id| id.value.as_str());
    is(container.name.as_ref().map(|name| name.value.as_str()))
        || checkpoint.root().label.as_ref().is_some_and(|label| label == wanted)
        || id.is_some_and(|id| wanted.len() >= 4 && id.starts_with(wanted))
}

fn failed(input: &Input, source: icecore::Error) -> Error {
    let archive = name(input).to_string();
    let source = match source {
        // The path stands in front of the line already.
        icecore::Error::Archive(archive::Error::Io { what, source }) if what == archive => source.into(),
        source => source.into(),
    };
    Error::Input { archive, source }
}

fn options(read: &ReadOptions, keep: Keep) -> Options {
    let mut limits = Limits::default();
    if let Some(output) = read.max_output {
        limits = limits.output(output).spool(output);
    }
    if read.allow_large_window {
        limits = limits.window(u64::MAX);
    }
    let options = Options::default().limits(limits).keep(keep).map(!read.no_mmap);
    match read.input_format {
        Some(kind) => options.kind(kind),
        None => options,
    }
}

/// Adds a bar for the time that decoding takes.
fn watched(options: Options, input: &Input, io: &Io<'_>) -> Options {
    let progress = Progress::new(io.terminal, || {
        let total = match input {
            Input::Path(path) => fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|file| file.len()),
            Input::Stdin => None,
        };
        (format!("reading {}", name(input)), total)
    });
    options.watch(move |bytes| progress.reached(bytes))
}

#[cfg(test)]
mod tests;
