//! Why a journal could not do what it was asked.

use std::borrow::Cow;
use std::fmt;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// A journal that cannot be opened, read or written, or that was asked for what cannot be.
///
/// Says the way out, and nothing of any call.
#[derive(Debug)]
pub struct JournalError {
    argument: Option<&'static str>,
    problem: Cow<'static, str>,
    source: Option<Source>,
    pub(crate) is_lost: bool,
}

impl JournalError {
    /// In words that follow "the journal".
    pub(crate) fn unusable(problem: impl Into<Cow<'static, str>>) -> Self {
        Self { argument: None, problem: problem.into(), source: None, is_lost: false }
    }

    /// An argument that is refused; `problem` goes on after its name.
    pub fn invalid(argument: &'static str, problem: impl Into<Cow<'static, str>>) -> Self {
        Self { argument: Some(argument), ..Self::unusable(problem) }
    }

    pub(crate) fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The connection is gone: what was asked may be asked again on another.
    #[cfg(feature = "postgres")]
    pub(crate) fn lost(mut self) -> Self {
        self.is_lost = true;
        self
    }

    /// The argument that was refused; `None` where the journal itself is at fault.
    pub fn argument(&self) -> Option<&'static str> {
        self.argument
    }

    /// What is wrong, in words that follow "the journal", or the argument's name.
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// The problem, and what caused it.
    pub(crate) fn into_parts(self) -> (Cow<'static, str>, Option<Source>) {
        (self.problem, self.source)
    }
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.argument {
            Some(argument) => write!(f, "`{argument}` {}", self.problem),
            None => write!(f, "the journal {}", self.problem),
        }
    }
}

impl std::error::Error for JournalError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}
