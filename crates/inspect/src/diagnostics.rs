//! What the model has to tell, on its way to the output.

use icecore::Checkpoint;
use icecore::archive::{Archive, Severity};

use crate::arguments::OutputOptions;
use crate::exit::Exit;
use crate::io::Io;
use crate::output;
use crate::output::diagnostics::{Printing, print};

/// What was told about a checkpoint so far.
pub(crate) fn of_checkpoint(checkpoint: &Checkpoint) -> Vec<output::Diagnostic> {
    checkpoint.diagnostics().iter().map(convert).collect()
}

/// What was told about an archive.
pub(crate) fn of_archive(archive: &Archive) -> Vec<output::Diagnostic> {
    archive.findings().iter().map(|finding| convert(&finding.into())).collect()
}

/// One diagnostic of the library for the output.
pub(crate) fn convert(diagnostic: &icecore::Diagnostic) -> output::Diagnostic {
    output::Diagnostic {
        code: diagnostic.code.into(),
        severity: match diagnostic.severity {
            Severity::Note => output::Severity::Note,
            Severity::Warning => output::Severity::Warning,
            Severity::Error => output::Severity::Error,
        },
        member: diagnostic.member.clone(),
        offset: diagnostic.offset,
        text: diagnostic.text.clone(),
    }
}

/// Tells what there is to say beside raw output, as [`Writer::end`](output::Writer::end) does beside rows, and how
/// the command went.
pub(crate) fn tell(told: &[output::Diagnostic], options: &OutputOptions, io: &mut Io<'_>) -> Exit {
    let is_doubtful = |one: &output::Diagnostic| one.severity > output::Severity::Note;
    let wanted: Vec<_> = told.iter().filter(|one| options.notes || is_doubtful(one)).cloned().collect();
    let style = output::Style::new(options.color.applies(io.terminal, io.terminal.err_is_tty));
    let printing = Printing { style, is_terminal: io.terminal.err_is_tty, archive: None };
    // Nobody can be told that nobody can be told.
    let _ = print(io.err, &wanted, printing);
    if options.strict && told.iter().any(is_doubtful) { Exit::Trouble } else { Exit::Done }
}
