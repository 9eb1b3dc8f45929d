//! `Model`, the base of all response models, and the descriptor that reads one field.
//!
//! A model keeps the parsed record; a field becomes a Python value when it is read. The generated classes only name the
//! fields.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, OnceLock};

use jiff::{SignedDuration, Timestamp};
use payglot::ErrorKind;
use payglot::runtime::json::{Document, ObjectView, RawJson, Value};
use payglot::runtime::response::missing;
use payglot::schema::{Schema, Type};
use payglot_bindings::ErrorFields;
use pyo3::exceptions::{PyAttributeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};

use crate::classes::Classes;
use crate::errors;
use crate::gate;
use crate::jsonable::{self, Shows};
use crate::made;
use crate::output::{Context, is_cacheable, of_text, plain_json};
use crate::time::datetime;
use crate::value_cache::ValueCache;

/// The arguments of [`restore`].
type Restored<'py> = (Bound<'py, PyType>, String, i64);

thread_local! {
    /// The model that `Model.__new__` takes next: a Rust value cannot be passed as an argument of a Python class.
    static NEXT: RefCell<Option<Model>> = const { RefCell::new(None) };
}

/// Base of all response models: a frozen object with the fields of the response as attributes.
///
/// A field that the response does not have, or that is null, reads as `None`; one that the vendor always sends, whose type has
/// no `None`, raises `ResponseFormatError` then, and all else of the model is there. Fields that this version does not know are
/// in `extra`; the object as it came is in `raw`.
#[pyclass(frozen, subclass, weakref, module = "payglot._payglot")]
pub struct Model {
    record: ObjectView,
    classes: &'static Classes,
    received: Timestamp,
    /// Of the request that it is the whole result of.
    request_id: OnceLock<Box<str>>,
}

/// Makes an object of the record's class.
pub fn make(context: Context<'_>, record: ObjectView) -> PyResult<Bound<'_, PyAny>> {
    let class = context.classes.get(context.py, record.schema())?;
    make_of(context, record, &class)
}

fn make_of<'py>(
    context: Context<'py>,
    record: ObjectView,
    class: &Bound<'py, PyType>,
) -> PyResult<Bound<'py, PyAny>> {
    let Context { classes, received, .. } = context;
    let model = Model { record, classes, received, request_id: OnceLock::new() };
    NEXT.with_borrow_mut(|next| *next = Some(model));
    class.call0()
}

/// A record as a dict by the wire's names, fields converted as on attribute access.
pub fn to_dict<'py>(context: Context<'py>, record: &ObjectView) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(context.py);
    for (position, field) in record.schema().fields.iter().enumerate() {
        if let Some(raw) = record.field(position) {
            let value = match context.plain(field.ty, raw)? {
                None if !raw.is_null() => Some(plain_json(context.py, raw.json())?),
                value => value,
            };
            dict.set_item(field.wire, value)?;
        }
    }
    for (name, raw) in record.extra() {
        dict.set_item(name, plain_json(context.py, raw.json())?)?;
    }
    Ok(dict)
}

impl Model {
    fn context<'py>(&self, py: Python<'py>) -> Context<'py> {
        Context { py, classes: self.classes, received: self.received, depth: 0 }
    }

    /// Keeps the identifier of the request that it is the result of.
    pub fn set_request_id(&self, id: String) {
        self.request_id.get_or_init(|| id.into());
    }

    /// The object as it came.
    pub fn json(&self) -> &str {
        self.record.raw().json()
    }

    /// A model of this text.
    fn read(
        classes: &'static Classes,
        schema: &'static Schema,
        text: &str,
        received: Timestamp,
    ) -> PyResult<Self> {
        let document = Arc::new(Document::new(text));
        let record = RawJson::root(&document).and_then(|raw| raw.as_record(schema));
        let record =
            record.ok_or_else(|| PyValueError::new_err("the text is not a JSON object"))?;
        Ok(Self { record, classes, received, request_id: OnceLock::new() })
    }

    /// The record as a request's input: fields that are null are left out, digits stay as they are.
    pub fn to_input(&self) -> Option<Value<'static>> {
        let input = Value::from_json(self.record.raw().json())?;
        let Value::Object(fields) = input.exact().into_owned() else {
            return None;
        };
        Some(Value::Object(fields.into_iter().filter(|(_, value)| *value != Value::Null).collect()))
    }
}

#[pymethods]
impl Model {
    /// A model with these fields, for tests. What is not given is absent, as in a response without it.
    #[new]
    #[classmethod]
    #[pyo3(signature = (**fields))]
    fn new(class: &Bound<'_, PyType>, fields: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        if let Some(model) = NEXT.with_borrow_mut(Option::take) {
            return Ok(model);
        }
        let _inside = gate::enter(class.py());
        let (classes, schema) = made::described(class)?;
        let none = PyDict::new(class.py());
        let text = made::json_of_keywords(schema, None, fields.unwrap_or(&none))?;
        Self::read(classes, schema, &text, Timestamp::now())
    }

    /// Make a model from an object: JSON as text or bytes, or a dict by the wire's names.
    #[classmethod]
    fn from_json<'py>(
        class: &Bound<'py, PyType>,
        source: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _inside = gate::enter(class.py());
        let (_, schema) = made::described(class)?;
        let text = made::json_of_source(schema, source)?;
        restore(class, &text, Timestamp::now().as_microsecond())
    }

    /// A model of a mapping whose fields are of their documented types, for pydantic.
    #[classmethod]
    fn _checked<'py>(
        class: &Bound<'py, PyType>,
        source: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _inside = gate::enter(class.py());
        let (_, schema) = made::described(class)?;
        let text = made::json_of_checked(schema, source)?;
        restore(class, &text, Timestamp::now().as_microsecond())
    }

    /// The object as JSON text, with the digits and the fields that it came with; sensitive ones too.
    fn to_json(&self) -> &str {
        self.json()
    }

    /// The same model with other values for some fields.
    #[pyo3(signature = (**fields))]
    fn replace<'py>(
        slf: &Bound<'py, Self>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _inside = gate::enter(slf.py());
        let Self { record, classes, received, .. } = slf.get();
        let none = PyDict::new(slf.py());
        let text = made::json_of_keywords(record.schema(), Some(record), fields.unwrap_or(&none))?;
        let context = Context { py: slf.py(), classes, received: *received, depth: 0 };
        let model = Self::read(classes, record.schema(), &text, *received)?;
        make_of(context, model.record, &slf.get_type())
    }

    /// For `copy.replace`.
    #[pyo3(signature = (**fields))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        fields: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        Self::replace(slf, fields)
    }

    /// The fields in the order of the class, for `match` statements.
    #[classattr]
    fn __match_args__() -> MatchArgs {
        MatchArgs
    }

    /// How pydantic, and FastAPI through it, takes and gives models of this class.
    #[classmethod]
    fn __get_pydantic_core_schema__<'py>(
        class: &Bound<'py, PyType>,
        _source: &Bound<'py, PyAny>,
        _handler: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let module = class.py().import("payglot._pydantic")?;
        module.getattr("core_schema")?.call1((class,))
    }

    /// What pydantic says of models of this class in JSON Schema.
    #[classmethod]
    fn __get_pydantic_json_schema__<'py>(
        class: &Bound<'py, PyType>,
        _core_schema: &Bound<'py, PyAny>,
        _handler: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let module = class.py().import("payglot._pydantic")?;
        module.getattr("json_schema")?.call1((class,))
    }

    /// JSON Schema of the class; `nested` gives that of a class within.
    #[classmethod]
    fn _json_schema<'py>(
        class: &Bound<'py, PyType>,
        nested: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let (classes, schema) = made::described(class)?;
        jsonable::schema_of(class.py(), classes, schema, nested)
    }

    /// Identifier of the request, where the API sends one and this is the result of a call: not on what it contains, on records
    /// of lists and on copies. It is no part of equality, `to_dict` and `repr`.
    #[getter]
    fn request_id(&self) -> Option<&str> {
        self.request_id.get().map(|id| &**id)
    }

    /// The object exactly as it was received: plain JSON types, numbers with a fraction as `Decimal`.
    #[getter]
    fn raw<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let _inside = gate::enter(py);
        plain_json(py, self.record.raw().json())
    }

    /// Fields that this version does not know, by the wire's names.
    #[getter]
    fn extra<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let _inside = gate::enter(py);
        let dict = PyDict::new(py);
        for (name, raw) in self.record.extra() {
            dict.set_item(name, plain_json(py, raw.json())?)?;
        }
        Ok(dict)
    }

    /// The fields that the response has as a dict by the wire's names, converted as on attribute access; models
    /// within become dicts too. With `mode="json"` they are what `json.dumps` takes: times and amounts as text.
    #[pyo3(signature = (*, mode = "python"))]
    fn to_dict<'py>(&self, py: Python<'py>, mode: &str) -> PyResult<Bound<'py, PyDict>> {
        let _inside = gate::enter(py);
        match mode {
            "python" => to_dict(self.context(py), &self.record),
            "json" => jsonable::record(py, &self.record, Shows::All, 0),
            _ => Err(PyValueError::new_err("mode is \"python\" or \"json\"")),
        }
    }

    /// The fields that a `repr` shows, as JSON types; words in brackets for the others.
    fn _redacted<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let _inside = gate::enter(py);
        jsonable::record(py, &self.record, Shows::Printable, 0)
    }

    /// The time this many minutes after the response was received.
    fn _minutes_after_received<'py>(
        &self,
        py: Python<'py>,
        minutes: i64,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let _inside = gate::enter(py);
        match self.received.checked_add(SignedDuration::from_mins(minutes)) {
            Ok(instant) => datetime(py, instant),
            Err(_) => Ok(None),
        }
    }

    fn __eq__(slf: &Bound<'_, Self>, other: &Bound<'_, Self>) -> bool {
        slf.get_type().is(other.get_type()) && slf.get().record == other.get().record
    }

    /// Over the known fields: equal records have the same ones.
    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.record.schema().name.hash(&mut hasher);
        for position in 0..self.record.schema().fields.len() {
            self.record.field(position).map(RawJson::json).hash(&mut hasher);
        }
        hasher.finish()
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let _inside = gate::enter(slf.py());
        let name = slf.get_type().name()?.to_string();
        let mut text = String::new();
        slf.get().show(slf.py(), &name, &mut text)?;
        Ok(text)
    }

    fn __setattr__(slf: &Bound<'_, Self>, name: &str, _value: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(frozen(slf, name))
    }

    fn __delattr__(slf: &Bound<'_, Self>, name: &str) -> PyResult<()> {
        Err(frozen(slf, name))
    }

    /// Frozen, so that a copy is the object itself.
    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __deepcopy__<'py>(slf: Bound<'py, Self>, _memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Restored<'py>)> {
        let _inside = gate::enter(slf.py());
        let restore = slf
            .py()
            .import(intern!(slf.py(), "payglot._payglot"))?
            .getattr(intern!(slf.py(), "restore"))?;
        let model = slf.get();
        let text = model.record.raw().json().to_owned();
        Ok((restore, (slf.get_type(), text, model.received.as_microsecond())))
    }
}

impl Model {
    /// Fields with their values; those that are sensitive without.
    fn show(&self, py: Python<'_>, name: &str, out: &mut String) -> PyResult<()> {
        let mut separator = "";
        let mut label = |out: &mut String, name: &str| {
            let _ = write!(out, "{separator}{name}=");
            separator = ", ";
        };
        let _ = write!(out, "{name}(");
        for (position, field) in self.record.schema().fields.iter().enumerate() {
            let Some(raw) = self.record.field(position) else { continue };
            label(out, field.name);
            if raw.is_null() {
                out.push_str("None");
            } else if field.sensitive {
                out.push_str("[redacted]");
            } else {
                self.show_value(py, field.ty, raw, out)?;
            }
        }
        for (name, _) in self.record.extra() {
            label(out, name);
            // What it holds is not known, and so neither whether it may be shown.
            out.push_str("[unknown]");
        }
        out.push(')');
        Ok(())
    }

    fn show_value(
        &self,
        py: Python<'_>,
        ty: Type,
        raw: RawJson<'_>,
        out: &mut String,
    ) -> PyResult<()> {
        match (raw.concrete(ty), self.context(py).value(ty, raw)?) {
            (_, None) => out.push_str("[of another type]"),
            // Free-form JSON may hold anything.
            (Type::Any | Type::List(Type::Any), Some(_)) => out.push_str("[JSON]"),
            (Type::List(item), Some(_)) if holds_unions(*item) => {
                self.show_all(py, ('[', ']'), raw.items().map(|raw| (None, raw)), *item, out)?;
            }
            (Type::Map(item), Some(_)) => {
                let entries = raw.entries().map(|(name, raw)| (Some(name), raw));
                self.show_all(py, ('{', '}'), entries, *item, out)?;
            }
            (_, Some(value)) => out.push_str(value.repr()?.to_str()?),
        }
        Ok(())
    }

    /// Values one by one: what one of them is, its type says.
    fn show_all<'r>(
        &self,
        py: Python<'_>,
        (start, end): (char, char),
        values: impl Iterator<Item = (Option<Cow<'r, str>>, RawJson<'r>)>,
        item: Type,
        out: &mut String,
    ) -> PyResult<()> {
        out.push(start);
        for (position, (name, raw)) in values.enumerate() {
            if position > 0 {
                out.push_str(", ");
            }
            if let Some(name) = name {
                let _ = write!(out, "{}: ", PyString::new(py, &name).repr()?);
            }
            if raw.is_null() {
                out.push_str("None");
            } else {
                self.show_value(py, item, raw, out)?;
            }
        }
        out.push(end);
        Ok(())
    }
}

/// Whether items may be of several types, of which one that fits none is as it came.
fn holds_unions(item: Type) -> bool {
    match item {
        Type::List(item) => holds_unions(*item),
        other => matches!(other, Type::Union(_) | Type::Map(_)),
    }
}

/// `None`, or the error of reading a field whose value is of another type than the document's or that every response has. The
/// value is not in it.
fn nothing<'py>(py: Python<'py>, model: &Model, position: usize) -> PyResult<Bound<'py, PyAny>> {
    let schema = model.record.schema();
    let raw = model.record.field(position).filter(|raw| !raw.is_null());
    let message = match (schema.fields.get(position), raw) {
        (Some(field), Some(raw)) => {
            format!("{}; `raw` and `to_dict()` have it as it came", raw.misfit(schema, field))
        }
        (Some(field), None) if schema.is_certain(position) => missing(schema, field),
        _ => return Ok(py.None().into_bound(py)),
    };
    let fields = ErrorFields::new(ErrorKind::ResponseFormat, "", message);
    // The vendor has acted, whatever it wrote about it.
    Err(errors::exception(py, &ErrorFields { may_have_happened: true, ..fields }))
}

fn frozen(model: &Bound<'_, Model>, name: &str) -> PyErr {
    match model.get_type().name() {
        Ok(class) => {
            PyAttributeError::new_err(format!("{class} is frozen: {name} cannot be changed"))
        }
        Err(error) => error,
    }
}

/// Makes a model again from its class, its JSON text and when it was received; for pickles.
#[pyfunction]
pub fn restore<'py>(
    class: &Bound<'py, PyType>,
    text: &str,
    received: i64,
) -> PyResult<Bound<'py, PyAny>> {
    let _inside = gate::enter(class.py());
    let (classes, schema) = made::described(class)?;
    let received = Timestamp::from_microsecond(received)
        .map_err(|error| PyValueError::new_err(error.to_string()))?;
    let model = Model::read(classes, schema, text, received)?;
    make_of(model.context(class.py()), model.record, class)
}

/// Names of a class's fields.
#[pyclass(frozen, module = "payglot._payglot")]
pub struct MatchArgs;

#[allow(clippy::unused_self)] // Python asks for it so
#[pymethods]
impl MatchArgs {
    fn __get__<'py>(
        &self,
        _instance: &Bound<'py, PyAny>,
        owner: &Bound<'py, PyType>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        // The base has no fields.
        let schema = made::described(owner).ok();
        let fields = schema.map_or(&[][..], |(_, schema)| schema.fields);
        let names: Vec<&str> =
            fields.iter().filter(|field| !field.write_only).map(|field| field.name).collect();
        PyTuple::new(owner.py(), names)
    }
}

/// Reads one field of a model.
#[pyclass(frozen, module = "payglot._payglot")]
pub struct Field {
    position: usize,
    cache: ValueCache,
}

/// A descriptor for the field at this position of the model.
#[pyfunction]
pub fn field(position: usize) -> Field {
    Field { position, cache: ValueCache::default() }
}

#[pymethods]
impl Field {
    /// `Field[str]`, as annotations have it.
    #[classmethod]
    fn __class_getitem__<'py>(
        class: &Bound<'py, PyType>,
        item: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let alias = class.py().import("types")?.getattr("GenericAlias")?;
        alias.call1((class, item))
    }

    /// The value, or the descriptor itself where the class is asked.
    fn __get__<'py>(
        slf: &Bound<'py, Self>,
        instance: &Bound<'py, PyAny>,
        _owner: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _inside = gate::enter(slf.py());
        let py = slf.py();
        let Ok(model) = instance.cast::<Model>() else { return Ok(slf.clone().into_any()) };
        let (model, Self { position, cache }) = (model.get(), slf.get());
        let declared = model.record.schema().fields.get(*position);
        let value = match declared.zip(model.record.field(*position)) {
            Some((field, raw)) if is_cacheable(field.ty) && !field.sensitive => match raw.as_text()
            {
                Some(text) => {
                    cache.get_or_make(py, &text, |object| of_text(field.ty, &text, object))?
                }
                None => None,
            },
            Some((field, raw)) => model.context(py).value(field.ty, raw)?,
            None => None,
        };
        match value {
            Some(value) => Ok(value),
            None => nothing(py, model, *position),
        }
    }

    /// Always an error: models are frozen.
    #[allow(clippy::unused_self)] // Python asks for it so
    fn __set__(&self, instance: &Bound<'_, Model>, _value: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(frozen(instance, "a field"))
    }
}
