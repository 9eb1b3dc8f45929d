//! Which field of a record tells it from the others, so that one that comes again is known.

use clap::ArgMatches;
use payglot::runtime::json::RawJson;
use payglot::schema::{Operation, Type};

/// The field that identifies a record, on the wire; none where there is no such field.
pub struct Identity(Option<String>);

impl Identity {
    /// The field that the caller names, or that the model has: `id`, or the name of what is listed with `_id`.
    pub fn of(operation: &'static Operation, matches: &ArgMatches) -> Result<Self, String> {
        if matches.get_flag("no-key") {
            return Ok(Self(None));
        }
        if let Some(given) = matches.get_one::<String>("key") {
            return Ok(Self(Some(given.clone())));
        }
        if let Some(known) = known(operation) {
            return Ok(Self(Some(known.to_owned())));
        }
        // A list that comes at once cannot move.
        if !operation.paging.is_paged() {
            return Ok(Self(None));
        }
        Err(format!(
            "{}: the document names no field that tells one record from another; name one with --key, or say --no-key",
            operation.name
        ))
    }

    /// Its name on the wire.
    pub fn name(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// What identifies a record.
    pub fn of_record(&self, record: RawJson<'_>) -> Option<String> {
        let value = record.get(self.name()?).filter(|value| !value.is_null())?;
        Some(value.as_text()?.into_owned())
    }
}

fn known(operation: &'static Operation) -> Option<&'static str> {
    let Type::Object(schema) = operation.response else { return None };
    let (resource, method) = operation.name.rsplit_once('.')?;
    let listed = method.strip_prefix("list_").unwrap_or_default();
    let names = ["id".to_owned(), of_one(listed), of_one(resource)];
    let found =
        names.iter().find_map(|name| schema.fields.iter().find(|field| field.name == name))?;
    // What the path asks for is the same in all records.
    let is_asked_for = operation.path_params.iter().any(|param| param.name == found.name);
    (!is_asked_for).then_some(found.wire)
}

/// The name of the identifier of one of these: `payments` have a `payment_id`.
fn of_one(plural: &str) -> String {
    let one = plural.strip_suffix("ies").map_or_else(
        || plural.strip_suffix('s').unwrap_or(plural).to_owned(),
        |stem| format!("{stem}y"),
    );
    format!("{one}_id")
}
