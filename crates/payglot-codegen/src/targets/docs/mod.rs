//! Writes the API reference, `docs/reference/<provider>.md`: everything once, with what it is in each language.

use anyhow::Result;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};

use super::text::{environment, one_line, render, templates};
use super::{Direction, Named, Reference, Target, Targets};
use crate::model::{Event, Field, Model, Operation, Provider, Schema, Told, Type};
use crate::output::Output;

const TEMPLATES: &[(&str, &str)] = templates!["errors.md", "index.md", "lookups.md", "provider.md"];
const FOLDER: &str = "docs/reference";

/// The reference of every provider, the errors, and an index.
pub struct Docs;

impl Target for Docs {
    fn name(&self) -> &'static str {
        "docs"
    }

    fn files(&self, model: &Model, targets: &Targets) -> Result<Vec<Output>> {
        let environment = environment(TEMPLATES)?;
        let mut outputs = Vec::new();
        for provider in &model.providers {
            let page = Page { languages: targets.languages(provider), provider };
            outputs.push(page.render(&environment)?);
        }
        let providers: Vec<Value> =
            model.providers.iter().map(|provider| Value::from(Serde(&provider.config))).collect();
        let errors = Value::from(Serde(&model.errors));
        let failures: Vec<Value> = model.providers.iter().map(failures).collect();
        for (file, text) in [
            ("README.md", render(&environment, "index.md", context! { providers })?),
            ("errors.md", render(&environment, "errors.md", context! { errors, failures })?),
            ("lookups.md", render(&environment, "lookups.md", lookups(model))?),
        ] {
            outputs.push(Output::new(format!("{FOLDER}/{file}"), text));
        }
        Ok(outputs)
    }
}

/// Who can tell what became of a call, for every operation that is sent once.
fn lookups(model: &Model) -> Value {
    let row = |operation: &Operation| {
        context! {
            name => operation.name.as_str(),
            replay => operation.replay.as_str(),
            told => Value::from(Serde(Told::of(operation.lookup.as_ref()))),
            lookup => Value::from(Serde(&operation.lookup)),
            tag => operation.tag.as_deref(),
        }
    };
    let providers = model.providers.iter().map(|provider| {
        let sent_once = provider.operations.iter().filter(|one| one.replay.is_sent_once());
        context! {
            name => provider.config.name.as_str(),
            title => provider.config.title.as_str(),
            operations => sent_once.map(row).collect::<Vec<_>>(),
        }
    });
    context! { providers => providers.collect::<Vec<_>>() }
}

/// The page of one provider.
struct Page<'m> {
    languages: Vec<(&'m dyn Target, Reference)>,
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
                    name => resource.snake.as_str(),
                    operations => found.map(|operation| self.operation(operation)).collect::<Vec<_>>(),
                }
            })
            .collect();
        let titles = self.languages.iter().map(|(_, reference)| reference.title);
        let deliveries = self.languages.iter().map(|(_, reference)| {
            context! { language => reference.title, call => reference.read_delivery.as_str() }
        });
        let context = context! {
            languages => titles.collect::<Vec<_>>(),
            deliveries => deliveries.collect::<Vec<_>>(),
            p => Value::from(Serde(&provider.config)),
            resources,
            models => provider.schemas.iter().filter_map(|schema| self.model(schema)).collect::<Vec<_>>(),
            enums => Value::from(Serde(&provider.enums)),
            events => provider.events.iter().map(|event| self.event(event)).collect::<Vec<_>>(),
        };
        Ok(Output::new(
            format!("{FOLDER}/{}.md", provider.config.name),
            render(environment, "provider.md", context)?
                .lines()
                .map(|line| one_line(line) + "\n")
                .collect(),
        ))
    }

    /// One text for each language.
    fn each(&self, text: impl Fn(&dyn Target) -> String) -> Vec<String> {
        self.languages.iter().map(|(language, _)| text(*language)).collect()
    }

    /// A name, with the languages that have another one.
    fn name(&self, named: Named<'_>) -> String {
        self.once(&self.each(|language| language.identifier(named)))
    }

    fn once(&self, names: &[String]) -> String {
        let Some(first) = names.first() else { return String::new() };
        let mut others: Vec<(&str, Vec<&str>)> = Vec::new();
        for ((_, reference), name) in self.languages.iter().zip(names) {
            match others.iter_mut().find(|(known, _)| known == name) {
                Some((_, languages)) => languages.push(reference.title),
                None if name != first => others.push((name, vec![reference.title])),
                None => {}
            }
        }
        let mut text = format!("`{first}`");
        for (name, languages) in others {
            text.push_str(&format!(" ({}: `{name}`)", languages.join(", ")));
        }
        text
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
        let pages = self.provider.page_fields(operation).into_iter().flat_map(|[size, number]| {
            [self.page(Named::PageSize(size), size), self.page(Named::PageNumber(number), number)]
        });
        let signatures = self.languages.iter().map(|(language, reference)| {
            let signature = language.signature(self.provider, operation);
            context! {
                language => reference.title,
                call => signature.call,
                returns => signature.returns,
            }
        });
        context! {
            name => operation.name.as_str(),
            signatures => signatures.collect::<Vec<_>>(),
            arguments => path.chain(others).chain(pages).collect::<Vec<_>>(),
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
            name => self.name(named),
            types => self.each(|language| language.type_name(&field.ty, Direction::Request)),
            required,
            description => cell(&field.description),
        }
    }

    /// What chooses a page, which no call must say.
    fn page(&self, named: Named<'_>, field: &Field) -> Value {
        let types = self.languages.iter().map(|(_, reference)| reference.page_type);
        context! {
            name => self.name(named),
            types => types.collect::<Vec<_>>(),
            required => false,
            description => cell(&field.description),
        }
    }

    fn event(&self, event: &Event) -> Value {
        context! {
            name => event.name.as_str(),
            classes => self.name(Named::Event(event)),
            data => self.once(
                &self.each(|language| language.type_name(&event.data, Direction::Response)),
            ),
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
                name => self.name(Named::Field(field)),
                types => self.each(|language| language.type_name(&field.ty, direction)),
                required => schema.in_requests && field.required,
                certain => schema.in_responses && field.certain,
                description => cell(&field.description),
            }
        });
        let helpers = schema.helpers.iter().map(|helper| {
            context! {
                name => self.name(Named::Helper(helper)),
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

/// The records of a provider that come with a success and may say that nothing was done, and where they come from.
fn failures(provider: &Provider) -> Value {
    let records = provider.schemas.iter().filter_map(|schema| {
        let outcome = schema.outcome.as_ref()?;
        let is_this = |ty: &Type| matches!(ty, Type::Object { name } if *name == schema.pascal);
        let (raising, reading): (Vec<&Operation>, Vec<_>) = provider
            .operations
            .iter()
            .filter(|operation| is_this(&operation.response))
            .partition(|operation| operation.can_fail);
        let names = |operations: Vec<&Operation>| {
            operations.iter().map(|operation| operation.name.clone()).collect::<Vec<_>>()
        };
        let events = provider.events.iter().filter(|event| is_this(&event.data));
        Some(context! {
            record => schema.pascal.as_str(),
            field => outcome.field.as_str(),
            failed => outcome.failed.clone(),
            others => outcome.is_final.iter().filter(|text| !outcome.failed.contains(text)).cloned().collect::<Vec<_>>(),
            raising => names(raising),
            reading => names(reading),
            events => events.map(|event| event.name.clone()).collect::<Vec<_>>(),
        })
    });
    context! { title => provider.config.title.as_str(), records => records.collect::<Vec<_>>() }
}

/// Text fit for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "\\<")
}
