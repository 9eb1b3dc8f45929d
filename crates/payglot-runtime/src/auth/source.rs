//! Where the value of a credential comes from, and reading it.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::variables::{Variable, read_file};

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Value = Zeroizing<String>;
type Function = Arc<dyn Fn() -> Result<String, BoxError> + Send + Sync>;
type ReadFuture = Pin<Box<dyn Future<Output = Result<String, BoxError>> + Send>>;

/// A credential: its value, or a file or function that gives it.
///
/// Files and functions are read when the client is made, when the vendor responds with 401, and when the client is told to
/// [rotate](crate::client::Core::rotate).
#[derive(Clone)]
pub struct Credential(Source);

#[derive(Clone)]
enum Source {
    Value(Value),
    File(PathBuf),
    /// The file that a variable names.
    FileOf(String, PathBuf),
    Function(Function),
    Awaited(Arc<dyn Fn() -> ReadFuture + Send + Sync>, Option<Value>),
}

impl Credential {
    /// The text of a file, without the end of its last line. At most 64 KiB.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Source::File(path.into()))
    }

    /// What a variable says. Errors name the variable instead of the path: a secret may stand there by mistake.
    pub(super) fn of_variable(variable: Variable) -> Self {
        Self(match variable {
            Variable::Value(value) => Source::Value(value),
            Variable::File(name, path) => Source::FileOf(name, path),
        })
    }

    /// What a function returns. It may block: after a 401 it runs on a thread for such work.
    pub fn function<E: Into<BoxError>>(
        read: impl Fn() -> Result<String, E> + Send + Sync + 'static,
    ) -> Self {
        Self(Source::Function(Arc::new(move || read().map_err(Into::into))))
    }

    /// What the future of a function gives. It is awaited by the first call of the client, as building a client awaits
    /// nothing; so it can be no credential that is public, such as a platform's id.
    pub fn awaited<F, E>(read: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<String, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        let read = move || -> ReadFuture {
            let reading = read();
            Box::pin(async move { reading.await.map_err(Into::into) })
        };
        Self(Source::Awaited(Arc::new(read), None))
    }

    /// The same where the value is known until it is read again.
    #[must_use]
    pub fn known(self, value: impl Into<String>) -> Self {
        match self.0 {
            Source::Awaited(read, _) => {
                Self(Source::Awaited(read, Some(Zeroizing::new(value.into()))))
            }
            _ => self,
        }
    }

    /// Whether there is something to read again.
    pub(crate) fn is_read_again(&self) -> bool {
        !matches!(self.0, Source::Value(_))
    }

    /// The value; none where it has to be awaited.
    pub(super) fn read_now(&self) -> Option<Result<Value, NotRead>> {
        Some(match &self.0 {
            Source::Value(value) => Ok(value.clone()),
            Source::File(path) => {
                read_file(path).map_err(|problem| NotRead::new("its file", problem))
            }
            Source::FileOf(variable, path) => read_file(path).map_err(|problem| {
                NotRead::new(&format!("the file that {variable} names"), problem)
            }),
            Source::Function(read) => read().map(Zeroizing::new).map_err(NotRead::by_function),
            Source::Awaited(_, known) => Ok(known.clone()?),
        })
    }

    /// The value, read on a thread where that may block.
    pub(super) async fn read(&self) -> Result<Value, NotRead> {
        match &self.0 {
            Source::Value(value) => return Ok(value.clone()),
            Source::Awaited(read, _) => {
                return read().await.map(Zeroizing::new).map_err(NotRead::by_function);
            }
            Source::File(_) | Source::FileOf(..) | Source::Function(_) => {}
        }
        let this = self.clone();
        let read = tokio::task::spawn_blocking(move || this.read_now());
        // A function that panics gives nothing.
        read.await
            .ok()
            .flatten()
            .unwrap_or_else(|| Err(NotRead::new("its function", "it panicked")))
    }
}

impl<T: Into<String>> From<T> for Credential {
    fn from(value: T) -> Self {
        Self(Source::Value(Zeroizing::new(value.into())))
    }
}

/// Shows neither values nor paths.
impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Source::Value(_) => "Credential::from([redacted])",
            Source::File(_) | Source::FileOf(..) => "Credential::file([redacted])",
            Source::Function(_) => "Credential::function(..)",
            Source::Awaited(..) => "Credential::awaited(..)",
        })
    }
}

/// What a function of another language raised, by the name of its class: the text of an exception may hold what it was about.
#[derive(Debug)]
pub struct Raised(pub String);

impl std::fmt::Display for Raised {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Raised {}

/// Why there is no value; nothing of one.
pub(crate) struct NotRead {
    pub problem: String,
    pub source: Option<BoxError>,
}

impl NotRead {
    fn new(origin: &str, problem: impl std::fmt::Display) -> Self {
        Self { problem: format!("could not be read from {origin}: {problem}"), source: None }
    }

    fn by_function(error: BoxError) -> Self {
        match error.downcast::<Raised>() {
            Ok(raised) => Self::new("its function", raised),
            Err(error) => Self { source: Some(error), ..Self::new("its function", "it failed") },
        }
    }
}
