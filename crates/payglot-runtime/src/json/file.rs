//! A file on its way into a request: its bytes or where they are, its name and its content type.

use std::path::{Path, PathBuf};

use bytes::Bytes;

/// A file that a call sends: its bytes, or the path of a file that is read when the call is made.
///
/// Its name is that of the path unless it is given; its content type is the one that the API's document gives, or the
/// usual one for the ending of its name.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct File {
    source: Source,
    name: Option<String>,
    content_type: Option<String>,
}

#[derive(Clone, PartialEq, Eq)]
enum Source {
    Bytes(Bytes),
    Path(PathBuf),
}

impl Default for Source {
    fn default() -> Self {
        Self::Bytes(Bytes::new())
    }
}

impl File {
    /// A file of these bytes.
    pub fn bytes(data: impl Into<Bytes>) -> Self {
        Self { source: Source::Bytes(data.into()), name: None, content_type: None }
    }

    /// The file at this path. It is read when the call is made, on the thread that makes it: at most
    /// [`MAX_BODY_BYTES`](crate::request::MAX_BODY_BYTES).
    pub fn path(path: impl Into<PathBuf>) -> Self {
        Self { source: Source::Path(path.into()), name: None, content_type: None }
    }

    /// Sends it under this name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sends it with this content type.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Its bytes, where they are here already.
    pub(crate) fn as_bytes(&self) -> Result<&Bytes, &Path> {
        match &self.source {
            Source::Bytes(bytes) => Ok(bytes),
            Source::Path(path) => Err(path),
        }
    }

    /// The name that was given, or that of the path.
    pub(crate) fn file_name(&self) -> Option<&str> {
        let of_path = || match &self.source {
            Source::Bytes(_) => None,
            Source::Path(path) => path.file_name()?.to_str(),
        };
        self.name.as_deref().or_else(of_path)
    }

    /// The content type that was given.
    pub(crate) fn given_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }
}

/// Shows neither contents nor names.
impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("File").finish_non_exhaustive()
    }
}

impl From<Bytes> for File {
    fn from(data: Bytes) -> Self {
        Self::bytes(data)
    }
}

impl From<Vec<u8>> for File {
    fn from(data: Vec<u8>) -> Self {
        Self::bytes(data)
    }
}

impl From<&'static [u8]> for File {
    fn from(data: &'static [u8]) -> Self {
        Self::bytes(data)
    }
}

/// Text as the file's contents, in UTF-8.
impl From<String> for File {
    fn from(text: String) -> Self {
        Self::bytes(text)
    }
}

/// Text as the file's contents, in UTF-8.
impl From<&'static str> for File {
    fn from(text: &'static str) -> Self {
        Self::bytes(text)
    }
}

impl From<PathBuf> for File {
    fn from(path: PathBuf) -> Self {
        Self::path(path)
    }
}

impl From<&Path> for File {
    fn from(path: &Path) -> Self {
        Self::path(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_contents() {
        let file = File::bytes("canary").name("canary.txt");
        assert!(!format!("{file:?} {:?}", File::path("canary")).contains("canary"));
    }
}
