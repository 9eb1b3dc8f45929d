//! `Authenticator`: what `payglot.auth` signs the requests of other HTTP clients with.

use payglot_bindings::{Authenticated, RequestAuthenticator};
use pyo3::prelude::*;

use crate::client::{configuration_error, find, no_function};
use crate::errors;
use crate::gate;
use crate::hidden::PyFields;
use crate::settings::client_options;

/// The keys of one provider, checked.
#[pyclass(frozen, module = "payglot._payglot")]
pub struct Authenticator(RequestAuthenticator);

#[pymethods]
impl Authenticator {
    /// `given` are credentials and `empty_body`, as a client takes them.
    #[new]
    #[allow(clippy::needless_pass_by_value)] // as Python gives it
    fn new(py: Python<'_>, provider: &str, given: PyFields<'_>) -> PyResult<Self> {
        let _inside = gate::enter(py);
        let table = find(py, provider)?;
        let (options, _) = client_options(table, &given.0)
            .map_err(|invalid| configuration_error(py, &invalid.message()))?;
        RequestAuthenticator::new(table, options, &no_function)
            .map(Self)
            .map_err(|error| errors::from_runtime(py, &error))
    }

    /// The target that a request must have, and its headers, each replaces all by that name. `origin` is scheme and host.
    fn authenticate(
        &self,
        py: Python<'_>,
        method: &str,
        origin: &str,
        target: &str,
        body: &[u8],
    ) -> PyResult<(String, Vec<(String, String)>)> {
        let _inside = gate::enter(py);
        let Authenticated { target, headers } = self
            .0
            .authenticate(method, (origin, target), body)
            .map_err(|error| errors::exception(py, &error.fields("")))?;
        Ok((target, headers))
    }
}
