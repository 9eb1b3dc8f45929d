//! Checks `x-payglot-object` of every event against the event's data and the operations that it names.

use std::collections::HashMap;

use super::lookups::Known;
use crate::diagnostic::Diagnostic;
use crate::model::{
    Event, EventObject, Field, Operation, Paging, ProviderConfig, Replay, Schema, Type,
};

/// All that is wrong with the objects of events.
pub fn check(
    config: &ProviderConfig,
    schemas: &[Schema],
    operations: &[Operation],
    events: &[Event],
) -> Vec<Diagnostic> {
    let known = Known { config, schemas, operations };
    let mut found = Vec::new();
    let mut ids: HashMap<&str, &EventObject> = HashMap::new();
    for event in events {
        let Some(object) = &event.object else { continue };
        let mut problems = known.problems(event, object);
        let first = ids.entry(&object.kind).or_insert(object);
        if (&first.read, &first.list) != (&object.read, &object.list) {
            problems.push(format!(
                "another event says that a {} is read or listed by other operations",
                object.kind
            ));
        }
        found.extend(problems.into_iter().map(|problem| {
            let fix = "Correct it in overlay.yaml, or take it out.";
            Diagnostic::edit(&event.location, format!("x-payglot-object: {problem}"), fix)
        }));
    }
    found
}

impl Known<'_> {
    fn problems(&self, event: &Event, object: &EventObject) -> Vec<String> {
        let mut problems = Vec::new();
        if object.kind.is_empty()
            || !object.kind.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        {
            problems.push("`kind` is lower-case letters and underscores".to_owned());
        }
        // Of data that the document says nothing about, any field may be delivered.
        if let Some(fields) = self.fields(&event.data) {
            let identifier =
                |ty: &Type| matches!(ty, Type::Text | Type::Uuid | Type::Integer { .. });
            let time = |ty: &Type| {
                matches!(ty, Type::Text | Type::DateTime | Type::Number | Type::Integer { .. })
            };
            problems.extend(fit(fields, &object.id, "the data", "no identifier", identifier));
            let of_time = object.time.iter();
            problems
                .extend(of_time.filter_map(|name| fit(fields, name, "the data", "no time", time)));
        }
        if !object.shown.is_empty() && object.read.is_none() && object.list.is_none() {
            problems.push("`where` is of a record, and no operation reads or lists one".to_owned());
        }
        for (name, is_list) in object
            .read
            .iter()
            .map(|name| (name, false))
            .chain(object.list.iter().map(|name| (name, true)))
        {
            match self.operations.iter().find(|operation| operation.name == *name) {
                None => problems.push(format!("there is no operation `{name}`")),
                Some(operation) if is_list => self.check_list(operation, object, &mut problems),
                Some(operation) => self.check_read(operation, object, &mut problems),
            }
        }
        problems
    }

    fn check_read(&self, read: &Operation, object: &EventObject, problems: &mut Vec<String>) {
        let needs_more = read.query.iter().chain(&read.body_fields).any(|field| field.required);
        if read.replay != Replay::Read
            || read.path_params.len() != 1
            || needs_more
            || read.paging != Paging::None
        {
            problems
                .push(format!("`{}` does not read one record by its identifier alone", read.name));
        }
        self.check_record(read, object, problems);
    }

    fn check_list(&self, list: &Operation, object: &EventObject, problems: &mut Vec<String>) {
        let is_page = |field: &&Field| {
            let paging = self.config.page_fields();
            paging.is_some_and(|paging| [&paging.page, &paging.size].contains(&&field.wire))
        };
        let mut given = list.query.iter().chain(&list.body_fields).filter(|field| !is_page(field));
        let needs_more = !list.path_params.is_empty() || given.any(|field| field.required);
        if list.replay != Replay::Read || list.paging == Paging::None || needs_more {
            problems.push(format!("`{}` does not list records without being told more", list.name));
        }
        let identifier = |ty: &Type| matches!(ty, Type::Text | Type::Uuid | Type::Integer { .. });
        if let Some(fields) = self.fields(&list.response) {
            problems.extend(fit(
                fields,
                &object.id,
                "a listed record",
                "no identifier",
                identifier,
            ));
        }
        self.check_record(list, object, problems);
    }

    fn check_record(
        &self,
        operation: &Operation,
        object: &EventObject,
        problems: &mut Vec<String>,
    ) {
        let Some(fields) = self.fields(&operation.response) else {
            return problems.push(format!("what `{}` returns has no fields", operation.name));
        };
        for (name, value) in &object.shown {
            let fits = |ty: &Type| match ty {
                Type::Boolean => value.is_boolean(),
                Type::Text | Type::Enum { .. } => value.is_string(),
                _ => false,
            };
            let said = format!("never {value}");
            problems.extend(fit(fields, name, "a record", &said, fits));
        }
    }
}

/// What is wrong with the name of a field; nothing where there is such a field that may be seen.
fn fit(
    fields: &[Field],
    name: &str,
    owner: &str,
    otherwise: &str,
    fits: impl Fn(&Type) -> bool,
) -> Option<String> {
    match fields.iter().find(|field| field.wire == *name) {
        None => Some(format!("{owner} has no field `{name}`")),
        Some(field) if field.sensitive => {
            Some(format!("`{name}` must not be stored: it is sensitive"))
        }
        Some(field) if !fits(&field.ty) => Some(format!("`{name}` of {owner} is {otherwise}")),
        Some(_) => None,
    }
}
