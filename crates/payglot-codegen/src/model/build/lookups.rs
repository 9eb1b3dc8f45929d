//! Reads `x-payglot-lookup`, and checks it against the operations that it names.

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::model::{
    Field, Lookup, Operation, Paging, ProviderConfig, Replay, Says, Schema, Told, Type,
};

/// Gives each operation its look-up and says, where people read, who can tell what became of a call; what is wrong is
/// told.
pub fn attach(
    document: &Value,
    config: &ProviderConfig,
    schemas: &[Schema],
    operations: &mut [Operation],
) -> Vec<Diagnostic> {
    let known = Known { config, schemas, operations };
    let (read, found) = of_each(document, &known, "x-payglot-lookup", check);
    for (operation, lookup) in operations.iter_mut().zip(read) {
        if operation.replay.is_sent_once() {
            let note = Told::of(lookup.as_ref()).sentence(lookup.as_ref());
            if !operation.description.is_empty() {
                operation.description.push(' ');
            }
            operation.description += &note;
        }
        operation.lookup = lookup;
    }
    found
}

/// What a mark says of each operation that has it, and what is wrong with those that cannot be taken.
pub(super) fn of_each<T>(
    document: &Value,
    known: &Known<'_>,
    mark: &str,
    check: impl Fn(&Value, &Operation, &Known<'_>) -> Result<T, Vec<String>>,
) -> (Vec<Option<T>>, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let read = known.operations.iter().map(|operation| {
        let value = extension(document, operation, mark)?;
        check(value, operation, known)
            .map_err(|problems| {
                found.extend(problems.into_iter().map(|problem| {
                    let fix = "Correct it in overlay.yaml, or take it out.";
                    Diagnostic::edit(&operation.location(), format!("{mark}: {problem}"), fix)
                }));
            })
            .ok()
    });
    let read = read.collect();
    (read, found)
}

/// What look-ups and the objects of events are checked against.
pub(super) struct Known<'m> {
    pub config: &'m ProviderConfig,
    pub schemas: &'m [Schema],
    pub operations: &'m [Operation],
}

impl<'m> Known<'m> {
    /// The fields of an object; none where nothing is known of it.
    pub fn fields(&self, ty: &Type) -> Option<&'m [Field]> {
        let Type::Object { name } = ty else { return None };
        let schema = self.schemas.iter().find(|schema| schema.pascal == *name)?;
        Some(&schema.fields)
    }
}

/// A key of an operation in the document.
pub(super) fn extension<'d>(
    document: &'d Value,
    operation: &Operation,
    key: &str,
) -> Option<&'d Value> {
    let item = document.get("paths")?.get(&operation.path)?;
    item.get(operation.http_method.key())?.get(key)
}

/// The look-up with the fields of its record filled in; or all that is wrong with it.
fn check(given: &Value, call: &Operation, known: &Known<'_>) -> Result<Lookup, Vec<String>> {
    let mut lookup: Lookup =
        serde_json::from_value(given.clone()).map_err(|error| vec![error.to_string()])?;
    if !call.replay.is_sent_once() {
        return Err(vec!["only for create and money".to_owned()]);
    }
    let named = known.operations.iter().find(|operation| operation.name == lookup.operation);
    let list = match named {
        None => return Err(vec![format!("there is no operation `{}`", lookup.operation)]),
        Some(list) if list.replay != Replay::Read => {
            return Err(vec![format!("`{}` is no read", list.name)]);
        }
        Some(list) => list,
    };
    let Some(record) = known.fields(&list.response) else {
        return Err(vec![format!("what `{}` returns has no fields", list.name)]);
    };
    let mut problems = Vec::new();
    check_arguments(&lookup, call, list, known.config, &mut problems);
    check_record(&lookup, call, list, record, &mut problems);
    // What a payload of several records holds is not what a call made.
    let response = known.fields(&call.response).filter(|_| call.paging == Paging::None);
    fill(&mut lookup, response.unwrap_or_default(), record, &mut problems);
    if problems.is_empty() { Ok(lookup) } else { Err(problems) }
}

fn check_arguments(
    lookup: &Lookup,
    call: &Operation,
    list: &Operation,
    config: &ProviderConfig,
    problems: &mut Vec<String>,
) {
    let name = &list.name;
    let is_page = |field: &Field| {
        let paging = config.page_fields().filter(|_| list.paging == Paging::Paged);
        paging.is_some_and(|paging| [&paging.page, &paging.size].contains(&&field.wire))
    };
    let taken = || arguments(list).filter(|field| !is_page(field));
    for field in list.path_params.iter().chain(taken().filter(|field| field.required)) {
        if !lookup.arguments.contains_key(&field.wire) && !lookup.ask.contains_key(&field.wire) {
            problems.push(format!("`{name}` needs the argument `{}`", field.wire));
        }
    }
    let argument_of =
        |wire: &str| list.path_params.iter().chain(taken()).find(|field| field.wire == wire);
    let none = |wire: &str| format!("`{name}` takes no argument `{wire}`");
    for argument in lookup.ask.keys() {
        match argument_of(argument) {
            None => problems.push(none(argument)),
            Some(_) if lookup.arguments.contains_key(argument) => {
                problems.push(format!("`{argument}` is taken from the call and asked for"));
            }
            Some(field) if kind(&field.ty) != Some(Type::Text) || field.sensitive => {
                problems
                    .push(format!("`{argument}` cannot be asked for: only text that may be seen"));
            }
            Some(_) => {}
        }
    }
    for (argument, from) in &lookup.arguments {
        match argument_of(argument) {
            None => problems.push(none(argument)),
            Some(argument) => compare(call, from, argument, problems),
        }
    }
}

fn check_record(
    lookup: &Lookup,
    call: &Operation,
    list: &Operation,
    record: &[Field],
    problems: &mut Vec<String>,
) {
    let field = |name: &str| record.iter().find(|field| field.wire == name);
    let missing = |name: &str| format!("a record of `{}` has no field `{name}`", list.name);
    if lookup.matched.is_empty() {
        problems.push("without a field to match, any record would do".to_owned());
    }
    for (name, from) in &lookup.matched {
        match field(name) {
            None => problems.push(missing(name)),
            Some(matched) => compare(call, from, matched, problems),
        }
    }
    for (name, value) in &lookup.required {
        match field(name).map(|field| &field.ty) {
            None => problems.push(missing(name)),
            Some(Type::Boolean) if value.is_boolean() => {}
            Some(Type::Text | Type::Enum { .. }) if value.is_string() => {}
            Some(_) => problems.push(format!("`{name}` can never be {value}")),
        }
    }
    for name in lookup.created_at.iter().chain(&lookup.created_on) {
        match field(name).map(|field| &field.ty) {
            None => problems.push(missing(name)),
            Some(Type::Text | Type::DateTime | Type::Date) => {}
            Some(_) => problems.push(format!("`{name}` is no time")),
        }
    }
    if lookup.presence == Says::Proves && lookup.created_at.is_none() {
        problems.push("a record without `created_at` may be older than the call".to_owned());
    }
    if lookup.presence == Says::TellsNothing && lookup.absence == Says::Proves {
        problems.push("where presence tells nothing, absence proves nothing".to_owned());
    }
}

/// Whether a field of the call can be compared with a field of a record, or given for an argument.
fn compare(call: &Operation, from: &str, other: &Field, problems: &mut Vec<String>) {
    let mut fields =
        call.path_params.iter().chain(arguments(call)).filter(|field| field.wire == from);
    let (Some(field), another) = (fields.next(), fields.next()) else {
        return problems.push(format!("`{}` has no field `{from}`", call.name));
    };
    if another.is_some() {
        problems.push(format!("`{from}` is more than one field of `{}`", call.name));
    }
    let wire = &other.wire;
    if field.sensitive || other.sensitive {
        problems.push(format!("`{from}` and `{wire}` must not be remembered: sensitive"));
    }
    let is_alike = match (kind(&field.ty), kind(&other.ty)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    };
    if !is_alike {
        problems.push(format!("`{from}` and `{wire}` cannot be compared: they are of other types"));
    }
}

/// Query and body.
fn arguments(operation: &Operation) -> impl Iterator<Item = &Field> {
    operation.query.iter().chain(&operation.body_fields)
}

/// What can be compared with what: values of the same kind.
fn kind(ty: &Type) -> Option<Type> {
    match ty {
        Type::Text | Type::Uuid | Type::Enum { .. } => Some(Type::Text),
        Type::Integer { .. } | Type::Number => Some(Type::Number),
        Type::Boolean | Type::Money { .. } => Some(ty.clone()),
        Type::DateTime
        | Type::Date
        | Type::Object { .. }
        | Type::List { .. }
        | Type::Map { .. }
        | Type::Union { .. }
        | Type::File { .. }
        | Type::Any => None,
    }
}

/// Which field of a record stands for which of the call's response: the ones that the overlay says, and those of the
/// same name and type.
fn fill(lookup: &mut Lookup, response: &[Field], record: &[Field], problems: &mut Vec<String>) {
    for (name, from) in &lookup.record {
        let of = |fields: &[Field], name: &str| {
            fields.iter().find(|field| field.wire == name && !field.sensitive).cloned()
        };
        match (of(response, name), of(record, from)) {
            (Some(a), Some(b))
                if a.ty == b.ty || kind(&a.ty).is_some_and(|a| kind(&b.ty) == Some(a)) => {}
            (Some(_), Some(_)) => {
                problems.push(format!("`{name}` and `{from}` are of other types"));
            }
            (None, _) => problems.push(format!("the response has no field `{name}` to remember")),
            (_, None) => problems.push(format!("a record has no field `{from}` to remember")),
        }
    }
    for field in response.iter().filter(|field| !field.sensitive) {
        let twin = record
            .iter()
            .find(|twin| twin.wire == field.wire && twin.ty == field.ty && !twin.sensitive);
        if let Some(twin) = twin
            && !lookup.record.contains_key(&field.wire)
            // A field of a record stands for one field: what the overlay takes it for.
            && !lookup.record.values().any(|taken| *taken == twin.wire)
        {
            lookup.record.insert(field.wire.clone(), twin.wire.clone());
        }
    }
    if let Some(id) = &lookup.id
        && !lookup.record.contains_key(id)
    {
        problems.push(format!("`{id}` is not in the response and in a record alike"));
    }
}
