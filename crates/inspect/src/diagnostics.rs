//! What the model has to tell, on its way to the output.

use icecore::Checkpoint;
use icecore::archive::{Archive, Severity};

use crate::output;

/// What was told about a checkpoint so far.
pub(crate) fn of_checkpoint(checkpoint: &Checkpoint) -> Vec<output::Diagnostic> {
    checkpoint.diagnostics().iter().map(convert).collect()
}

/// What was told about an archive.
pub(crate) fn of_archive(archive: &Archive) -> Vec<output::Diagnostic> {
    archive.findings().iter().map(|finding| convert(&finding.into())).collect()
}

fn convert(diagnostic: &icecore::Diagnostic) -> output::Diagnostic {
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
