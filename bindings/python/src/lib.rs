//! The native half of the `payglot` Python package.
//!
//! Python values become requests, responses become Python values when they are read, and calls run on the tokio runtimes
//! of the process. Nothing here knows a provider; the classes and methods that users see are generated Python over this
//! module.

mod auth;
mod batch;
mod classes;
mod client;
mod credentials;
mod errors;
mod files;
mod gate;
mod hidden;
mod inbox;
mod input;
mod journal;
mod jsonable;
mod log;
mod made;
mod model;
mod once_cell;
mod options;
mod output;
mod process;
mod queue;
mod request;
mod response;
mod running;
mod runtime;
mod settings;
mod sign;
mod streams;
mod time;
mod value_cache;
mod wake;
mod wake_socket;
mod webhooks;
mod work;

use pyo3::prelude::*;

/// The default of a parameter: the field is not sent.
///
/// `None` means null, which some fields of an update take.
#[pyclass(frozen, module = "payglot")]
pub struct NotGiven;

#[allow(clippy::unused_self)] // methods, because Python calls them as such
#[pymethods]
impl NotGiven {
    fn __repr__(&self) -> &'static str {
        "NOT_GIVEN"
    }

    fn __bool__(&self) -> bool {
        false
    }

    /// The same object again after a copy or a pickle.
    fn __reduce__(&self) -> &'static str {
        "NOT_GIVEN"
    }
}

/// The native half of payglot; import `payglot` instead. The leading underscore is the promise that names here
/// may change.
#[pymodule]
mod _payglot {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::NotGiven;
    #[pymodule_export]
    use super::auth::Authenticator;
    #[pymodule_export]
    use super::batch::BatchCore;
    #[pymodule_export]
    use super::client::{Core, operations};
    #[pymodule_export]
    use super::credentials::{CredentialFunction, CredentialReply};
    #[pymodule_export]
    use super::hidden::Hidden;
    #[pymodule_export]
    use super::inbox::{ClaimedEvent, InboxCore};
    #[pymodule_export]
    use super::journal::JournalCore;
    #[pymodule_export]
    use super::model::{Field, Model, field, restore};
    #[pymodule_export]
    use super::queue::Queue;
    #[pymodule_export]
    use super::request::closest;
    #[pymodule_export]
    use super::response::{Pending, Response, Walk};
    #[pymodule_export]
    use super::running::Running;
    #[pymodule_export]
    use super::sign::sign;
    #[pymodule_export]
    use super::streams::{Events, download, download_async};
    #[pymodule_export]
    use super::webhooks::{
        Handling, ReplayGuard, webhook_headers, webhook_kept, webhook_parse, webhook_raw,
        webhook_restore, webhook_sample, webhook_sign, webhook_time, webhook_verify,
    };

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::process::watch(module.py())?;
        super::gate::watch(module.py())?;
        module.add("NOT_GIVEN", Py::new(module.py(), NotGiven)?)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
