//! What Python cannot have: two arguments or two attributes of one name, a module that is not found.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, step};
use crate::model::{Operation, Paging, Provider, Schema};

pub fn provider(provider: &Provider) -> Vec<Diagnostic> {
    let config = &provider.config;
    let mut found = Vec::new();
    // The native half finds a provider's types by its name.
    if config.module != config.name.replace('-', "_") {
        let problem = format!("module: `{}` is not the name with underscores", config.module);
        found.push(Diagnostic::edit("provider.toml", problem, "Correct one of the two."));
    }
    for operation in &provider.operations {
        found.extend(arguments(operation, provider));
    }
    found.extend(provider.schemas.iter().filter(|schema| schema.in_responses).filter_map(fields));
    found
}

fn arguments(operation: &Operation, provider: &Provider) -> Option<Diagnostic> {
    let page = provider.config.page_fields().filter(|_| operation.paging == Paging::Paged);
    let page = page.into_iter().flat_map(|page| [&page.page, &page.size]);
    let page = page.filter_map(|wire| {
        operation.body_fields.iter().find(|field| field.wire == *wire).map(|field| &field.snake)
    });
    let all = operation.path_params.iter().chain(&operation.params).map(|field| &field.snake);
    let name = repeated(all.chain(page).map(String::as_str))?;
    let problem = format!("two arguments are named `{name}` in Python");
    let fix = "Rename one by x-payglot-rename in overlay.yaml.";
    Some(Diagnostic::edit(&operation.location(), problem, fix))
}

fn fields(schema: &Schema) -> Option<Diagnostic> {
    let fields = schema.fields.iter().map(|field| field.snake.as_str());
    let helpers = schema.helpers.iter().map(|helper| helper.snake.as_str());
    let name = repeated(fields.chain(helpers))?;
    let location = format!("$.components.schemas{}", step(&schema.document_name));
    let problem = format!("two attributes are named `{name}` in Python");
    let fix = "Rename one by x-payglot-rename in overlay.yaml.";
    Some(Diagnostic::edit(&location, problem, fix))
}

/// The first name that is there twice.
fn repeated<'a>(names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = BTreeSet::new();
    names.into_iter().find(|name| !seen.insert(*name))
}
