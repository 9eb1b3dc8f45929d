//! Writes the API reference of each language, `docs/reference/<language>/<provider>.md`.

use anyhow::Result;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};

use super::text::{environment, render, templates};
use super::{Direction, Named, Reference, Target, Targets};
use crate::model::{Event, Field, Model, Operation, Paging, Provider, Schema};
use crate::output::Output;

const TEMPLATES: &[(&str, &str)] = templates!["errors.md", "index.md", "provider.md"];
const FOLDER: &str = "docs/reference";

/// The reference of every provider in every language, the errors, and an index.
pub struct Docs;

impl Target for Docs {
    fn name(&self) -> &'static str {
        "docs"
    }

    fn files(&self, model: &Model, targets: &Targets) -> Result<Vec<Output>> {
        let environment = environment(TEMPLATES)?;
        let mut outputs = Vec::new();
        for provider in &model.providers {
            for (language, reference) in targets.languages(provider) {
                let page = Page { language, reference, provider };
                outputs.push(page.render(&environment)?);
            }
        }
        let providers: Vec<Value> =
            model.providers.iter().map(|provider| Value::from(Serde(&provider.config))).collect();
        let errors = Value::from(Serde(&model.errors));
        for (file, text) in [
            ("README.md", render(&environment, "index.md", context! { providers })?),
            ("errors.md", render(&environment, "errors.md", context! { errors })?),
        ] {
            outputs.push(Output::new(format!("{FOLDER}/{file}"), text));
        }
        Ok(outputs)
    }
}

/// The page of one provider in one language.
struct Page<'m> {
    language: &'m dyn Target,
    reference: Reference,
    provider: &'m Provider,
}

impl Page<'_> {
    fn render(&self, environment: &Environment<'_>) -> Result<Output> {
        let provider = self.provider;
        let resources: Vec<Value> = provider
            .resources
            .iter()
            .map(|resource| {
                let indexes = resource.operations.iter();
                let found = indexes.filter_map(|index| provider.operations.get(*index));
                context! {
                    name => self.language.identifier(Named::Resource(resource)),
                    operations => found.map(|operation| self.operation(operation)).collect::<Vec<_>>(),
                }
            })
            .collect();
        let context = context! {
            language => self.reference.title,
            fence => self.reference.fence,
            event_kind => self.reference.event_kind,
            read_delivery => self.reference.read_delivery.as_str(),
            p => Value::from(Serde(&provider.config)),
            resources,
            models => provider.schemas.iter().filter_map(|schema| self.model(schema)).collect::<Vec<_>>(),
            enums => Value::from(Serde(&provider.enums)),
            events => provider.events.iter().map(|event| self.event(event)).collect::<Vec<_>>(),
        };
        Ok(Output::new(
            format!("{FOLDER}/{}/{}.md", self.language.name(), provider.config.name),
            render(environment, "provider.md", context)?,
        ))
    }

    fn operation(&self, operation: &Operation) -> Value {
        let path = operation
            .path_params
            .iter()
            .map(|field| self.argument(Named::PathArgument(field), field, true));
        let others = operation
            .params
            .iter()
            .map(|field| self.argument(Named::Argument(field), field, field.required));
        let signature = self.language.signature(self.provider, operation);
        context! {
            name => self.language.identifier(Named::Operation(operation)),
            signature => signature.call,
            returns => signature.returns,
            arguments => path.chain(others).collect::<Vec<_>>(),
            is_paged => operation.paging == Paging::Paged,
            summary => operation.summary.as_str(),
            description => operation.description.as_str(),
            http => format!("{} {}", operation.http_method, operation.path),
            replay => operation.replay.as_str(),
            reconcile => operation.reconcile.as_str(),
            unconfirmed => operation.unconfirmed.as_str(),
            docs => operation.docs.as_str(),
        }
    }

    fn argument(&self, named: Named<'_>, field: &Field, required: bool) -> Value {
        context! {
            name => self.language.identifier(named),
            ty => self.language.type_name(&field.ty, Direction::Request),
            required,
            description => cell(&field.description),
        }
    }

    fn event(&self, event: &Event) -> Value {
        context! {
            name => event.name.as_str(),
            class => self.language.identifier(Named::Event(event)),
            data => self.language.type_name(&event.data, Direction::Response),
            summary => cell(&event.summary),
            description => cell(&event.description),
            unconfirmed => cell(&event.unconfirmed),
            docs => event.docs.as_str(),
        }
    }

    fn model(&self, schema: &Schema) -> Option<Value> {
        let (usage, direction) = match (schema.in_requests, schema.in_responses) {
            (true, true) => ("sent and received", Direction::Response),
            (true, false) => ("sent", Direction::Request),
            (false, true) => ("received", Direction::Response),
            (false, false) => return None,
        };
        let fields = schema.fields.iter().map(|field| {
            context! {
                name => self.language.identifier(Named::Field(field)),
                ty => self.language.type_name(&field.ty, direction),
                required => schema.in_requests && field.required,
                description => cell(&field.description),
            }
        });
        let helpers = schema.helpers.iter().map(|helper| {
            context! {
                name => self.language.identifier(Named::Helper(helper)),
                description => cell(&helper.description),
            }
        });
        Some(context! {
            name => schema.pascal.as_str(),
            description => schema.description.as_str(),
            unconfirmed => schema.unconfirmed.as_str(),
            usage,
            fields => fields.collect::<Vec<_>>(),
            helpers => helpers.collect::<Vec<_>>(),
        })
    }
}

/// Text fit for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "\\<")
}
