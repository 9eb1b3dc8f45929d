//! Documentation of operations, from the generator: the core's tables, which ship to every user, hold none.

use payglot::schema::{Field, Operation, Provider};

use crate::generated::DOCS;

/// The documentation of an operation.
pub struct OperationDoc {
    /// Further text; may be empty.
    pub description: &'static str,
    /// Of the path parameters, in their order.
    pub path: &'static [ArgumentDoc],
    /// Of query parameters and then of fields of the body, in their order.
    pub named: &'static [ArgumentDoc],
}

/// The documentation of an argument.
pub struct ArgumentDoc {
    /// Its name on the command line.
    pub flag: &'static str,
    /// One paragraph.
    pub text: &'static str,
}

/// The documentation of an operation; `None` if the tables are of another version.
pub fn of(provider: &Provider, operation: &Operation) -> Option<&'static OperationDoc> {
    let (_, operations) = DOCS.iter().find(|(name, _)| *name == provider.name)?;
    operations.get(operation.index)
}

/// The name of an argument, from its name or its wire name; a wire name that query and body share is the body's.
pub fn name_of<'a>(operation: &'static Operation, name: &'a str) -> &'a str {
    let body = operation.body.map_or(&[][..], |schema| schema.fields);
    let mut known = named(operation);
    let found = known
        .find(|field| field.name == name)
        .or_else(|| body.iter().chain(operation.query).find(|field| field.wire == name));
    found.map_or(name, |field| field.name)
}

/// Query parameters and fields of the body, in their order.
pub fn named(operation: &'static Operation) -> impl Iterator<Item = &'static Field> {
    let body = operation.body.map_or(&[][..], |schema| schema.fields);
    operation.query.iter().chain(body)
}
