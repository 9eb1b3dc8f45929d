//! Python classes that the native code makes objects of: models, errors, and what the standard library has.
//!
//! All of them are imported when first needed, so that `import payglot` stays cheap.

use std::sync::{Mutex, PoisonError};

use payglot::schema::{Provider, Schema};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

use crate::model::Model;
use crate::once_cell::OnceCell;

/// The generated model classes of one provider.
pub struct Classes {
    provider: &'static Provider,
    by_index: OnceCell<Vec<Option<Py<PyType>>>>,
}

impl Classes {
    /// The classes of a provider; the same object each time.
    pub fn of(provider: &'static Provider) -> &'static Self {
        static KNOWN: Mutex<Vec<&'static Classes>> = Mutex::new(Vec::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(classes) =
            known.iter().copied().find(|classes| classes.provider.name == provider.name)
        {
            return classes;
        }
        // Once per provider and process: models point at it for as long as there are any.
        let classes: &'static Self =
            Box::leak(Box::new(Self { provider, by_index: OnceCell::new() }));
        known.push(classes);
        classes
    }

    /// The class of a model; the base class where none was generated.
    pub fn get<'py>(&self, py: Python<'py>, schema: &Schema) -> PyResult<Bound<'py, PyType>> {
        let class = self.loaded(py)?.get(schema.index).and_then(Option::as_ref);
        Ok(class.map_or_else(|| py.get_type::<Model>(), |class| class.bind(py).clone()))
    }

    /// The model of a class, where it is one of this provider.
    pub fn schema_of(&self, class: &Bound<'_, PyType>) -> PyResult<Option<&'static Schema>> {
        let by_index = self.loaded(class.py())?;
        let index =
            by_index.iter().position(|known| known.as_ref().is_some_and(|known| known.is(class)));
        Ok(index.and_then(|index| self.provider.schemas.get(index)).copied())
    }

    /// Name of the module that defines them.
    pub fn module(&self) -> String {
        format!("payglot.types.{}", self.provider.name.replace('-', "_"))
    }

    /// Loads them now. To load them runs Python code: a client that has them can be used right after a fork, whatever other
    /// threads were doing.
    pub fn load(&self, py: Python<'_>) -> PyResult<()> {
        self.loaded(py).map(drop)
    }

    fn loaded(&self, py: Python<'_>) -> PyResult<&Vec<Option<Py<PyType>>>> {
        self.by_index.get_or_try_init(|| {
            let module = py.import(self.module())?;
            let generated = module.getattr(intern!(py, "_MODELS"))?.cast_into::<PyDict>()?;
            let mut by_index = Vec::new();
            for index in 0..self.provider.schemas.len() {
                let class =
                    generated.get_item(index)?.map(Bound::cast_into::<PyType>).transpose()?;
                by_index.push(class.map(Bound::unbind));
            }
            Ok(by_index)
        })
    }
}

/// An error class by its name in the error table.
pub fn error<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    static MODULE: OnceCell<Py<PyModule>> = OnceCell::new();
    let module = MODULE
        .get_or_try_init(|| Ok::<_, PyErr>(py.import("payglot._generated_errors")?.unbind()))?;
    module.bind(py).getattr(name)
}

/// Declares a function that gives a class of the standard library.
macro_rules! standard {
    ($(#[$meta:meta])* $name:ident, $module:literal, $class:literal) => {
        $(#[$meta])*
        pub fn $name(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
            static CLASS: OnceCell<Py<PyType>> = OnceCell::new();
            let class = CLASS.get_or_try_init(|| {
                let class = py.import($module)?.getattr($class)?.cast_into::<PyType>()?;
                Ok::<_, PyErr>(class.unbind())
            })?;
            Ok(class.bind(py))
        }
    };
}

standard!(
    /// `decimal.Decimal`
    decimal, "decimal", "Decimal"
);
standard!(
    /// `datetime.datetime`
    datetime, "datetime", "datetime"
);
standard!(
    /// `datetime.date`
    date, "datetime", "date"
);
standard!(
    /// `payglot.File`
    file, "payglot._files", "File"
);
standard!(
    /// `uuid.UUID`
    uuid, "uuid", "UUID"
);
standard!(
    /// `enum.Enum`
    enumeration, "enum", "Enum"
);
standard!(
    /// `collections.abc.Mapping`
    mapping, "collections.abc", "Mapping"
);
standard!(
    /// `collections.abc.Iterable`
    iterable, "collections.abc", "Iterable"
);
