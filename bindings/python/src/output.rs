//! Values of responses as Python objects, made when they are read.
//!
//! Reading is lenient: what does not fit its documented type is found when it is read, and its text stays in `raw`.

use jiff::Timestamp;
use payglot::runtime::json::{Kind, RawJson, is_exact_float};
use payglot::schema::Type;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple, PyType};

use crate::classes::{self, Classes};
use crate::model;
use crate::once_cell::OnceCell;
use crate::time;

/// What a value needs to become a Python object, beside its text.
#[derive(Clone, Copy)]
pub struct Context<'py> {
    pub py: Python<'py>,
    pub classes: &'static Classes,
    /// When the response came.
    pub received: Timestamp,
    /// How many models lie around the value.
    pub depth: u8,
}

/// Depth of nested models beyond which a dict holds plain JSON: the stack is limited.
const MAX_DEPTH: u8 = 100;

impl<'py> Context<'py> {
    /// A value read as `ty`; `None` where it is null or something else.
    pub fn value(self, ty: Type, raw: RawJson<'_>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = self.py;
        Ok(match ty {
            Type::Text | Type::Uuid | Type::Date | Type::Enum(_) | Type::Money(_) | Type::File => {
                match raw.as_text() {
                    Some(text) => of_text(ty, &text, PyString::new(py, &text))?,
                    None => None,
                }
            }
            Type::Boolean => raw.as_bool().map(|flag| PyBool::new(py, flag).to_owned().into_any()),
            Type::Integer => integer(py, raw)?,
            Type::Number => match raw.as_text() {
                Some(digits) if is_whole(&digits) => integer(py, raw)?,
                Some(digits) if raw.kind() == Kind::Number && !is_exact_float(&digits) => {
                    Some(classes::decimal(py)?.call1((&*digits,))?)
                }
                _ => raw.as_number().map(|number| PyFloat::new(py, number).into_any()),
            },
            Type::DateTime => time::read(py, raw)?,
            Type::Object(schema) => match raw.as_record(schema) {
                Some(record) => Some(model::make(self, record)?),
                None => None,
            },
            Type::List(item) => match raw.as_items() {
                Some(items) => self.list(*item, &items)?.map(Bound::into_any),
                None => None,
            },
            Type::Map(item) => self.map(*item, raw, Self::value)?,
            Type::Union(_) if raw.is_null() || !raw.fits(ty) => None,
            Type::Union(_) => match self.value(raw.concrete(ty), raw)? {
                Some(value) => Some(value),
                None => Some(plain_json(py, raw.json())?),
            },
            Type::Any if raw.is_null() => None,
            Type::Any => Some(plain_json(py, raw.json())?),
        })
    }

    /// An object with any names as a dict; `read` reads its values, of which one that does not fit is there as it came.
    fn map(
        self,
        item: Type,
        raw: RawJson<'_>,
        read: impl Fn(Self, Type, RawJson<'_>) -> PyResult<Option<Bound<'py, PyAny>>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        if raw.kind() != Kind::Object {
            return Ok(None);
        }
        let dict = PyDict::new(self.py);
        for (name, value) in raw.entries() {
            let read = match read(self, item, value)? {
                Some(read) => Some(read),
                None => self.value(Type::Any, value)?,
            };
            dict.set_item(&*name, read)?;
        }
        Ok(Some(dict.into_any()))
    }

    /// A list without the items that are null, unless any JSON is one; `None` where one is something else, without which the
    /// list would be short in silence.
    pub fn list(self, item: Type, items: &[RawJson<'_>]) -> PyResult<Option<Bound<'py, PyList>>> {
        let list = PyList::empty(self.py);
        for raw in items.iter().filter(|raw| is_there(item, **raw)) {
            match self.value(item, *raw)? {
                Some(value) => list.append(value)?,
                None if raw.is_null() => list.append(self.py.None())?,
                None => return Ok(None),
            }
        }
        Ok(Some(list))
    }

    /// Like [`Context::value`], with models as dicts.
    pub fn plain(self, ty: Type, raw: RawJson<'_>) -> PyResult<Option<Bound<'py, PyAny>>> {
        match ty {
            Type::Object(schema) if self.depth < MAX_DEPTH => match raw.as_record(schema) {
                Some(record) => {
                    let within = Self { depth: self.depth + 1, ..self };
                    Ok(Some(model::to_dict(within, &record)?.into_any()))
                }
                None => Ok(None),
            },
            Type::Object(_) => self.value(Type::Any, raw),
            Type::List(item) => {
                let Some(items) = raw.as_items() else { return Ok(None) };
                let list = PyList::empty(self.py);
                for raw in items.into_iter().filter(|raw| is_there(*item, *raw)) {
                    match self.plain(*item, raw)? {
                        Some(value) => list.append(value)?,
                        None => list.append(plain_json(self.py, raw.json())?)?,
                    }
                }
                Ok(Some(list.into_any()))
            }
            Type::Union(_) if !raw.is_null() && raw.fits(ty) => self.plain(raw.concrete(ty), raw),
            Type::Map(item) => self.map(*item, raw, Self::plain),
            _ => self.value(ty, raw),
        }
    }
}

/// Whether an item of a list is one: null is nothing, unless any JSON is a value.
fn is_there(item: Type, raw: RawJson<'_>) -> bool {
    !raw.is_null() || matches!(item, Type::Any)
}

fn is_whole(digits: &str) -> bool {
    let digits = digits.strip_prefix('-').unwrap_or(digits);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn integer<'py>(py: Python<'py>, raw: RawJson<'_>) -> PyResult<Option<Bound<'py, PyAny>>> {
    if let Some(number) = raw.as_integer() {
        return Ok(Some(number.into_pyobject(py)?.into_any()));
    }
    match raw.as_text().filter(|digits| is_whole(digits)) {
        Some(digits) => whole(py, &digits).map(Some),
        None => Ok(None),
    }
}

/// A whole number of any length. Python refuses to read thousands of digits as an `int`: those are a `Decimal`.
#[pyfunction]
fn whole<'py>(py: Python<'py>, digits: &str) -> PyResult<Bound<'py, PyAny>> {
    let number = py.get_type::<PyInt>().call1((digits,));
    number.or_else(|_| classes::decimal(py)?.call1((digits,)))
}

/// Whether the value of a field of this type may be cached: amounts and states repeat, and are not personal data.
pub fn is_cacheable(ty: Type) -> bool {
    matches!(ty, Type::Enum(_) | Type::Money(_))
}

/// The value that a text stands for: itself, or the amount with exactly these digits.
pub fn of_text<'py>(
    ty: Type,
    text: &str,
    object: Bound<'py, PyString>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    if !matches!(ty, Type::Money(_)) {
        return Ok(Some(object.into_any()));
    }
    let is_digit =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
    if !text.bytes().all(is_digit) {
        return Ok(None);
    }
    Ok(classes::decimal(object.py())?.call1((object,)).ok())
}

/// JSON as dicts, lists and scalars, numbers with a fraction as `Decimal`.
pub fn plain_json<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyAny>> {
    static SCAN: OnceCell<Py<PyAny>> = OnceCell::new();
    scanned(py, json, &SCAN, classes::decimal(py)?)
}

/// JSON as what `json.dumps` takes: numbers with a fraction as text, which keeps their digits.
pub fn printable_json<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyAny>> {
    static SCAN: OnceCell<Py<PyAny>> = OnceCell::new();
    scanned(py, json, &SCAN, &py.get_type::<PyString>())
}

/// Reads with the scanner of `JSONDecoder`, which is native code. It takes text without white space around it, as the values
/// of a response are.
fn scanned<'py>(
    py: Python<'py>,
    json: &str,
    scan: &'static OnceCell<Py<PyAny>>,
    fraction: &Bound<'py, PyType>,
) -> PyResult<Bound<'py, PyAny>> {
    let scan = scan.get_or_try_init(|| scanner(py, fraction, false))?;
    let scanned = scan.bind(py).call1((json.trim(), 0)).or_else(|error| {
        // Most likely a whole number that is too long for Python; the document has been read once, and is JSON.
        if !error.is_instance_of::<PyValueError>(py) {
            return Err(error);
        }
        scanner(py, fraction, true)?.bind(py).call1((json.trim(), 0))
    })?;
    scanned.cast_into::<PyTuple>()?.get_item(0)
}

/// The native function of `JSONDecoder`; with `takes_any_length`, whole numbers are read by [`whole`], which is slower, and
/// those too long for Python become a `fraction` too.
fn scanner(
    py: Python<'_>,
    fraction: &Bound<'_, PyType>,
    takes_any_length: bool,
) -> PyResult<Py<PyAny>> {
    let options = PyDict::new(py);
    options.set_item("parse_float", fraction)?;
    if takes_any_length {
        if fraction.is(py.get_type::<PyString>()) {
            options.set_item("parse_int", fraction)?;
        } else {
            options.set_item("parse_int", wrap_pyfunction!(whole, py)?)?;
        }
    }
    let decoder = py.import("json")?.getattr("JSONDecoder")?.call((), Some(&options))?;
    Ok(decoder.getattr("scan_once")?.unbind())
}
