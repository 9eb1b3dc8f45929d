//! `Core`: the native client behind every client class.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use payglot::runtime::client::{CallOptions, Core as Client};
use payglot::schema::Provider;
use payglot::{Credential, ErrorKind};
use payglot_bindings::{AttemptEvent, ErrorFields, with_hook};
use pyo3::PyTraverseError;
use pyo3::gc::PyVisit;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::classes::Classes;
use crate::credentials::{CredentialFunction, PyCredentials};
use crate::errors::{self, note_given_up};
use crate::gate;
use crate::hidden::{PyFields, reveal};
use crate::options::PyCallOptions;
use crate::process;
use crate::queue::Queue;
use crate::request::{self, PyRawRequest};
use crate::response::{Pending, ResultKind, Walk, finish};
use crate::running::Running;
use crate::runtime;
use crate::settings::{client_defaults, client_options, host};
use crate::work::Work;

/// A client of any provider. Calls are named by their position in the provider's table; `options` are timeout,
/// retries, headers and idempotency key.
#[pyclass(frozen, module = "payglot._payglot")]
pub struct Core {
    provider: &'static Provider,
    /// As it was chosen.
    host: String,
    classes: &'static Classes,
    /// Kept as long as calls can use it: it is closed for a fork while it is alive.
    _journal: Option<Py<PyAny>>,
    state: Mutex<State>,
    /// Those that give credentials.
    functions: Mutex<Vec<Py<CredentialFunction>>>,
    /// Python's hooks, and the attempts since they were notified last.
    hooks: Mutex<Option<Py<PyAny>>>,
    attempts: Arc<Mutex<Vec<AttemptEvent>>>,
}

/// An attempt for a hook: operation, method, number, and what it came to: status, seconds and request id.
type Attempt = (&'static str, String, u32, Option<(Option<u16>, f64, Option<String>)>);

/// The position of each operation in the provider's table, by its name.
#[pyfunction]
pub fn operations<'py>(py: Python<'py>, provider: &str) -> PyResult<Bound<'py, PyDict>> {
    let _inside = gate::enter(py);
    let positions = PyDict::new(py);
    for operation in find(py, provider)?.operations {
        positions.set_item(operation.name, operation.index)?;
    }
    Ok(positions)
}

pub(crate) fn find(py: Python<'_>, provider: &str) -> PyResult<&'static Provider> {
    payglot::providers::find(provider).ok_or_else(|| {
        configuration_error(py, &format!("this build of payglot has no provider `{provider}`"))
    })
}

pub(crate) fn configuration_error(py: Python<'_>, problem: &str) -> PyErr {
    errors::exception(py, &ErrorFields::new(ErrorKind::Configuration, "", problem))
}

/// The queue of the running event loop, a future of it, and whether the call is logged.
pub type Awaiting<'py> = (Bound<'py, Queue>, Bound<'py, PyAny>, bool);

enum State {
    /// The connection pools, and the process that they belong to.
    Open {
        process: u32,
        pools: Pools,
    },
    Closed,
}

/// A connection belongs to the runtime that made it: see `runtime`.
#[derive(Clone)]
struct Pools {
    /// For calls on the thread that waits for them.
    here: Client,
    /// For calls in the background.
    background: Client,
}

impl Pools {
    fn of(client: Client) -> (State, Self) {
        let pools = Self { here: client.with_own_connections(), background: client };
        (State::Open { process: process::current(), pools: pools.clone() }, pools)
    }
}

#[allow(clippy::needless_pass_by_value)] // arguments that pyo3 makes and gives away
#[pymethods]
impl Core {
    #[new]
    fn new(py: Python<'_>, provider: &str, given: PyFields<'_>) -> PyResult<Self> {
        let _inside = gate::enter(py);
        let table = find(py, provider)?;
        let (options, functions) = client_options(table, &given.0)
            .map_err(|invalid| configuration_error(py, &invalid.message()))?;
        let (base_url, environment) = (options.base_url.clone(), options.environment.clone());
        // Reading the system's certificates takes a moment.
        let client = gate::detach(py, || options.build(table, &no_function));
        let client = client.map_err(|error| errors::from_runtime(py, &error))?;
        let host = host(base_url.as_deref(), environment.as_deref(), &client);
        let classes = Classes::of(table);
        classes.load(py)?;
        let state = Mutex::new(Pools::of(client).0);
        let journal = given.0.get_item("journal")?.filter(|journal| !journal.is_none());
        let journal = journal.map(Bound::unbind);
        let (hooks, attempts) = <_>::default();
        let functions = Mutex::new(functions);
        let provider = table;
        Ok(Self { provider, host, classes, _journal: journal, state, functions, hooks, attempts })
    }

    /// The same client with other defaults; it shares the connections of this one.
    fn with_options(&self, py: Python<'_>, given: PyFields<'_>) -> PyResult<Self> {
        let _inside = gate::enter(py);
        let defaults = client_defaults(&given.0)
            .map_err(|invalid| configuration_error(py, &invalid.message()))?;
        self.derived(py, |Pools { here, background }| {
            let background = background.with_options(&defaults)?;
            Ok(Pools { here: here.with_options(&defaults)?, background })
        })
    }

    /// A client of another account; it shares the connections of this one.
    fn with_credentials(&self, py: Python<'_>, given: PyFields<'_>) -> PyResult<Self> {
        let _inside = gate::enter(py);
        let PyCredentials { values, functions } = PyCredentials::read(&given.0, true)?;
        let values = || values.iter().map(|(name, value)| (name.as_str(), value.clone()));
        let other = self.derived(py, |Pools { here, background }| {
            let here = here.with_credentials(values())?;
            // Both have the same keys, also when these are read again.
            Ok(Pools { background: background.with_credentials_of(&here), here })
        })?;
        *locked(&other.functions) = functions;
        Ok(other)
    }

    /// Read again the credentials that a file or a function gives, with those that are given in their slots.
    fn rotate(&self, py: Python<'_>, given: PyFields<'_>) -> PyResult<()> {
        let _inside = gate::enter(py);
        let PyCredentials { values, functions } = PyCredentials::read(&given.0, false)?;
        let client = self.pools(py, "")?.here;
        let values: Vec<_> = values.into_iter().collect();
        let rotated = runtime::run(py, async move {
            client
                .rotate_to(values.iter().map(|(name, value)| (name.as_str(), value.clone())))
                .await
        })?;
        let rotated = rotated.unwrap_or_else(|| Ok(()));
        rotated.map_err(|error| errors::from_runtime(py, &error))?;
        locked(&self.functions).extend(functions);
        Ok(())
    }

    /// The host as it was chosen, for the client's `repr`.
    #[getter]
    fn host(&self) -> &str {
        &self.host
    }

    /// Python's hooks, where there are any.
    #[getter]
    fn hooks(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        let hooks = self.hooks.lock().unwrap_or_else(PoisonError::into_inner);
        hooks.as_ref().map(|hooks| hooks.clone_ref(py))
    }

    /// Keep the events of attempts from now on, for these hooks. The threads of the runtime never wait for the interpreter: Python
    /// notifies the hooks when a call has ended (`_hooks.py`).
    fn watch(&self, py: Python<'_>, hooks: Py<PyAny>) -> PyResult<()> {
        let Pools { here, background } = self.pools(py, "")?;
        let kept = |client: &Client| {
            let attempts = self.attempts.clone();
            with_hook(client, move |event| {
                attempts.lock().unwrap_or_else(PoisonError::into_inner).push(event);
            })
        };
        let pools = Pools { here: kept(&here), background: kept(&background) };
        let open = State::Open { process: process::current(), pools };
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = open;
        *self.hooks.lock().unwrap_or_else(PoisonError::into_inner) = Some(hooks);
        Ok(())
    }

    /// Take the events that were kept.
    fn attempts(&self) -> Vec<Attempt> {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = std::mem::take(&mut *attempts).into_iter();
        let told = taken.map(|AttemptEvent { operation, method, attempt, ended }| {
            let ended = ended.map(|end| (end.status, end.duration.as_secs_f64(), end.request_id));
            (operation, method, attempt, ended)
        });
        told.collect()
    }

    // A hook may hold the client.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if let Ok(hooks) = self.hooks.try_lock() {
            visit.call(&*hooks)?;
        }
        if let Ok(functions) = self.functions.try_lock() {
            for function in &*functions {
                visit.call(function)?;
            }
        }
        Ok(())
    }

    fn __clear__(&self) {
        drop(self.hooks.lock().unwrap_or_else(PoisonError::into_inner).take());
        drop(std::mem::take(&mut *locked(&self.functions)));
    }

    /// Names of the fields with the page's number and size.
    #[getter]
    fn paging_fields(&self) -> Option<(&str, &str)> {
        self.provider.paging.as_ref().map(|paging| (paging.page, paging.size))
    }

    /// Make a call and wait for its payload.
    fn call<'py>(
        &self,
        py: Python<'py>,
        index: usize,
        path: &Bound<'py, PyTuple>,
        fields: PyFields<'py>,
        options: PyCallOptions<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _inside = gate::enter(py);
        let (work, options) = self.prepared(py, index, path, &fields, &options, None)?;
        self.run(py, work, options, ResultKind::Payload)
    }

    /// Start a call. With `is_logged`, it keeps its log records, here and below. `page` is the page that the fields ask for,
    /// where another came before it.
    #[pyo3(signature = (index, path, fields, options, is_logged, page = None))]
    #[allow(clippy::too_many_arguments)] // what a call of Python's has
    fn start<'py>(
        &self,
        py: Python<'py>,
        index: usize,
        path: &Bound<'py, PyTuple>,
        fields: PyFields<'py>,
        options: PyCallOptions<'py>,
        is_logged: bool,
        page: Option<&Walk>,
    ) -> PyResult<Pending> {
        let _inside = gate::enter(py);
        let (work, options) = self.prepared(py, index, path, &fields, &options, page)?;
        self.spawn(py, work, options, is_logged)
    }

    /// Start a call whose payload ends the future when the queue is taken.
    fn call_async<'py>(
        &self,
        py: Python<'py>,
        awaiting: Awaiting<'py>,
        index: usize,
        path: &Bound<'py, PyTuple>,
        fields: PyFields<'py>,
        options: PyCallOptions<'py>,
    ) -> PyResult<Running> {
        let _inside = gate::enter(py);
        let (work, options) = self.prepared(py, index, path, &fields, &options, None)?;
        self.spawn_async(py, awaiting, work, options, ResultKind::Payload)
    }

    /// Like `call_async`, with the whole response.
    #[pyo3(signature = (awaiting, index, path, fields, options, page = None))]
    #[allow(clippy::too_many_arguments)] // what a call of Python's has
    fn start_async<'py>(
        &self,
        py: Python<'py>,
        awaiting: Awaiting<'py>,
        index: usize,
        path: &Bound<'py, PyTuple>,
        fields: PyFields<'py>,
        options: PyCallOptions<'py>,
        page: Option<&Walk>,
    ) -> PyResult<Running> {
        let _inside = gate::enter(py);
        let (work, options) = self.prepared(py, index, path, &fields, &options, page)?;
        self.spawn_async(py, awaiting, work, options, ResultKind::Response)
    }

    /// Start a call outside the document: method, path, query, JSON and replay class.
    fn request<'py>(
        &self,
        py: Python<'py>,
        call: &Bound<'py, PyAny>,
        options: PyCallOptions<'py>,
        is_logged: bool,
    ) -> PyResult<Pending> {
        let _inside = gate::enter(py);
        let call: PyRawRequest<'_> = reveal(call).extract()?;
        let (work, options) = call.read(py, &options)?;
        self.spawn(py, work, options, is_logged)
    }

    /// Like `request`; the response ends the future when the queue is taken.
    fn request_async<'py>(
        &self,
        py: Python<'py>,
        awaiting: Awaiting<'py>,
        call: &Bound<'py, PyAny>,
        options: PyCallOptions<'py>,
    ) -> PyResult<Running> {
        let _inside = gate::enter(py);
        let call: PyRawRequest<'_> = reveal(call).extract()?;
        let (work, options) = call.read(py, &options)?;
        self.spawn_async(py, awaiting, work, options, ResultKind::Response)
    }

    /// Close the connection pool. Calls in flight end as they would.
    fn close(&self, py: Python<'_>) {
        let _inside = gate::enter(py);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        forget_parents(std::mem::replace(&mut *state, State::Closed));
        drop(state);
        runtime::settle(py);
    }
}

impl Core {
    /// The client of this process. The child of a fork has one with connections of its own: those of its parent
    /// belong to the parent's threads. What the environment holds by then alters nothing.
    fn pools(&self, py: Python<'_>, operation: &str) -> PyResult<Pools> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &*state {
            State::Closed => {
                let message = "the client is closed; nothing was sent";
                let fields = ErrorFields::new(ErrorKind::InvalidRequest, operation, message);
                Err(errors::exception(py, &fields))
            }
            State::Open { process, pools } if *process == process::current() => Ok(pools.clone()),
            State::Open { pools, .. } => {
                let (open, pools) = Pools::of(pools.background.reconnect_after_fork());
                forget_parents(std::mem::replace(&mut *state, open));
                Ok(pools)
            }
        }
    }

    /// The same with clients that are made of this one's.
    fn derived(
        &self,
        py: Python<'_>,
        derive: impl FnOnce(&Pools) -> Result<Pools, payglot::Error>,
    ) -> PyResult<Self> {
        let pools = derive(&self.pools(py, "")?);
        let pools = pools.map_err(|error| errors::from_runtime(py, &error))?;
        let Self { _journal: journal, .. } = self;
        let journal = journal.as_ref().map(|journal| journal.clone_ref(py));
        let functions = locked(&self.functions).iter().map(|known| known.clone_ref(py)).collect();
        Ok(Self {
            provider: self.provider,
            host: self.host.clone(),
            classes: self.classes,
            _journal: journal,
            state: Mutex::new(State::Open { process: process::current(), pools }),
            functions: Mutex::new(functions),
            hooks: Mutex::default(),
            attempts: Arc::default(),
        })
    }

    /// The client for calls on the thread that waits for them.
    pub fn client(&self, py: Python<'_>) -> PyResult<Client> {
        Ok(self.pools(py, "")?.here)
    }

    /// The client for what goes on in the background.
    pub fn background_client(&self, py: Python<'_>) -> PyResult<Client> {
        Ok(self.pools(py, "")?.background)
    }

    /// Does work on this thread.
    pub fn run<'py>(
        &self,
        py: Python<'py>,
        work: Work,
        options: CallOptions,
        kind: ResultKind,
    ) -> PyResult<Bound<'py, PyAny>> {
        let decoder = work.decoder(self.classes);
        let client = self.pools(py, decoder.context().operation)?.here;
        let fate = decoder.context().fate();
        let outcome = runtime::run(py, work.run(client, options, fate.as_ref()));
        let outcome = outcome.inspect_err(|raised| {
            note_given_up(py, raised.value(py), decoder.context(), fate.as_ref());
        })?;
        finish(py, outcome, decoder, kind)
    }

    pub fn prepared(
        &self,
        py: Python<'_>,
        index: usize,
        path: &Bound<'_, PyTuple>,
        fields: &PyFields<'_>,
        options: &PyCallOptions<'_>,
        page: Option<&Walk>,
    ) -> PyResult<(Work, CallOptions)> {
        let Some(operation) = self.provider.operations.get(index) else {
            let message = "there is no such operation: the native module is of another version";
            let fields = ErrorFields::new(ErrorKind::InvalidRequest, "", message);
            return Err(errors::exception(py, &fields));
        };
        let paging = self.provider.paging.as_ref();
        request::operation(py, (operation, paging), path, fields, options, page)
    }

    fn spawn(
        &self,
        py: Python<'_>,
        work: Work,
        options: CallOptions,
        is_logged: bool,
    ) -> PyResult<Pending> {
        let decoder = work.decoder(self.classes);
        let operation = decoder.context().operation;
        let client = self.pools(py, operation)?.background;
        let (sender, receiver) = mpsc::sync_channel(1);
        let fate = decoder.context().fate();
        let run = work.run(client, options, fate.as_ref());
        let running = Running::start(py, (decoder.context(), fate), is_logged, true, async move {
            // The receiver is gone when the call was cancelled.
            drop(sender.send(run.await));
        })?;
        Ok(Pending::new(receiver, running, decoder))
    }

    pub fn spawn_async(
        &self,
        py: Python<'_>,
        (queue, future, is_logged): Awaiting<'_>,
        work: Work,
        options: CallOptions,
        kind: ResultKind,
    ) -> PyResult<Running> {
        let decoder = work.decoder(self.classes);
        let operation = decoder.context().operation;
        let client = self.pools(py, operation)?.background;
        let queue = queue.get();
        let (call, guard) = queue.new_call();
        let fate = decoder.context().fate();
        let run = work.run(client, options, fate.as_ref());
        let of = (decoder.context(), fate);
        let running = Running::start(py, of, is_logged, queue.is_idle(), async move {
            guard.complete(run.await);
        })?;
        queue.expect(call, future.unbind(), running.stopping(), decoder, kind);
        Ok(running)
    }
}

/// Functions come as such from Python, not by number.
pub(crate) fn no_function(_: u32) -> Credential {
    Credential::from("")
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A client that is gone leaves no connection behind.
impl Drop for Core {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if matches!(state, State::Open { .. }) {
            forget_parents(std::mem::replace(state, State::Closed));
            Python::try_attach(|py| {
                let _inside = gate::enter(py);
                runtime::settle(py);
            });
        }
    }
}

/// Connections that a parent process made are its own: closing them here could wait for its threads.
fn forget_parents(state: State) {
    if matches!(&state, State::Open { process, .. } if *process != process::current()) {
        std::mem::forget(state);
    }
}
