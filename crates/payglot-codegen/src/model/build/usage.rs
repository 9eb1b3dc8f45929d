//! What the operations use: groups of operations, and which models are sent and received.

use crate::model::names::{self, NameAllocator, Naming};
use crate::model::{Event, Operation, Outcome, Paging, Replay, Resource, Schema, Type};
use std::collections::{HashMap, HashSet};

/// The groups of operations, in the order of the document, of the client of this class.
pub fn resources(operations: &[Operation], class: &str, naming: &Naming) -> Vec<Resource> {
    let mut resources: Vec<Resource> = Vec::new();
    let mut positions: HashMap<&str, usize> = HashMap::new();
    // Python has an `Async…` class for each.
    let twins = |name: &str| ["", "Async"].map(|prefix| format!("{prefix}{name}")).to_vec();
    let mut pascals = NameAllocator::default();
    pascals.allocate_all(class, twins);
    for operation in operations {
        let position = *positions.entry(&operation.resource).or_insert_with(|| {
            resources.push(Resource {
                snake: operation.resource.clone(),
                pascal: pascals.allocate_all(&naming.resource(&operation.resource), twins),
                camel: names::camel(&operation.resource),
                operations: Vec::new(),
            });
            resources.len() - 1
        });
        if let Some(resource) = resources.get_mut(position) {
            resource.operations.push(operation.index);
        }
    }
    resources
}

/// Marks which models are written in requests and which are read in responses and events.
pub fn mark(schemas: &mut [Schema], operations: &[Operation], events: &[Event]) {
    // The body of a paged call is not a model of its own: the page is chosen by arguments.
    let (paged, others): (Vec<_>, Vec<_>) =
        operations.iter().partition(|operation| operation.paging == Paging::Paged);
    let bodies = others.iter().filter_map(|operation| operation.body.as_deref());
    let nested = paged
        .iter()
        .flat_map(|operation| &operation.params)
        .filter_map(|field| field.ty.object_name());
    let responses = operations
        .iter()
        .flat_map(|operation| std::iter::once(&operation.response).chain(operation.returns.types()))
        .filter_map(Type::object_name);
    // A query can have an object too.
    let queries = operations.iter().flat_map(|operation| &operation.query);
    let queries = queries.filter_map(|field| field.ty.object_name());
    let requests = reach(schemas, bodies.chain(nested).chain(queries));
    let responses = reach(schemas, responses);
    let events = reach(schemas, events.iter().filter_map(|event| event.data.object_name()));
    for (schema, ((in_requests, in_responses), in_events)) in
        schemas.iter_mut().zip(requests.into_iter().zip(responses).zip(events))
    {
        schema.in_requests = in_requests;
        schema.in_responses = in_responses || in_events;
        schema.only_in_events = in_events && !in_responses && !in_requests;
    }
}

/// Marks which operations return a record whose status may say that what was asked for was not done, and says so where
/// people read.
pub fn mark_outcomes(schemas: &[Schema], operations: &mut [Operation]) {
    for operation in operations.iter_mut().filter(|operation| operation.replay != Replay::Read) {
        let model = operation.response.object_name().filter(|_| operation.paging == Paging::None);
        let schema = schemas.iter().find(|schema| Some(schema.pascal.as_str()) == model);
        let Some(Outcome { field, failed, .. }) = schema.and_then(|schema| schema.outcome.as_ref())
        else {
            continue;
        };
        let Some(first) = failed.first() else { continue };
        operation.can_fail = true;
        let note = format!(
            "What the API refuses to carry out, insufficient funds say, is a record with a `{field}` such as `{first}`, and \
             no error, unless the client or the call is told to raise it."
        );
        if !operation.description.is_empty() {
            operation.description.push(' ');
        }
        operation.description += &note;
    }
}

/// Which models are within the named ones, by position.
fn reach<'a>(schemas: &'a [Schema], roots: impl Iterator<Item = &'a str>) -> Vec<bool> {
    let by_name: HashMap<&str, &Schema> =
        schemas.iter().map(|schema| (schema.pascal.as_str(), schema)).collect();
    let mut reached: HashSet<&str> = HashSet::new();
    let mut queue: Vec<&str> = roots.collect();
    while let Some(name) = queue.pop() {
        if let Some(schema) = by_name.get(name)
            && reached.insert(name)
        {
            queue.extend(schema.fields.iter().filter_map(|field| field.ty.object_name()));
        }
    }
    schemas.iter().map(|schema| reached.contains(schema.pascal.as_str())).collect()
}
