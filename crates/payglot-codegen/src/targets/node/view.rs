//! A provider as the templates see it.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToLowerCamelCase as _;
use serde_json::{Value, json};

use super::readers::needing_readers;
use super::source::{js, paragraphs};
use crate::model::names;
use crate::model::{Enum, Provider, Schema, Union};

/// One provider, whose names of types depend on where a model is used.
pub struct View<'m> {
    pub provider: &'m Provider,
    pub class: &'m str,
    schemas: BTreeMap<&'m str, &'m Schema>,
    enums: BTreeMap<&'m str, &'m Enum>,
    unions: BTreeMap<&'m str, &'m Union>,
    /// Models that [`View::readers`] has readers for.
    pub with_readers: BTreeSet<&'m str>,
}

impl<'m> View<'m> {
    pub fn new(provider: &'m Provider) -> Self {
        Self {
            provider,
            class: &provider.config.class,
            schemas: provider.schemas.iter().map(|known| (known.pascal.as_str(), known)).collect(),
            enums: provider.enums.iter().map(|known| (known.pascal.as_str(), known)).collect(),
            unions: provider.unions.iter().map(|known| (known.pascal.as_str(), known)).collect(),
            with_readers: needing_readers(provider),
        }
    }

    pub fn schema(&self, name: &str) -> Option<&'m Schema> {
        self.schemas.get(name).copied()
    }

    pub fn known_enum(&self, name: &str) -> Option<&'m Enum> {
        self.enums.get(name).copied()
    }

    pub fn union(&self, name: &str) -> Option<&'m Union> {
        self.unions.get(name).copied()
    }

    /// The request form of a model; one that is also received has a name of its own for it.
    pub fn request_name(&self, name: &str) -> String {
        let is_both = self.schema(name).is_some_and(|schema| schema.in_responses);
        format!("{name}{}", if is_both { "Input" } else { "" })
    }

    pub fn provider(&self) -> Value {
        let provider = self.provider;
        let config = &provider.config;
        let environments: Vec<String> = config.environments.keys().map(|name| js(name)).collect();
        let credentials: Vec<Value> = config
            .credentials
            .iter()
            .map(|credential| {
                json!({
                    "snake": credential.name,
                    "camel": credential.name.to_lower_camel_case(),
                    "doc": paragraphs([
                        credential.description.clone(),
                        format!(
                            "Read from `{env}`, or the file that `{env}_FILE` names, where it is not given.",
                            env = credential.env
                        ),
                    ]),
                })
            })
            .collect();
        let resources: Vec<Value> = provider
            .resources
            .iter()
            .map(|resource| {
                json!({
                    "camel": resource.camel,
                    "class": format!("{}Resource", resource.pascal),
                    "words": resource.snake.replace('_', " "),
                    "operations": resource.operations.iter()
                        .filter_map(|index| provider.operations.get(*index))
                        .map(|operation| self.operation(operation))
                        .collect::<Vec<_>>(),
                })
            })
            .collect();
        json!({
            "class": config.class,
            "name": config.name,
            "file": config.name,
            "doc": self.class_doc(),
            "constructor_doc": "@param options - Credentials, host and limits.\n\n\
                @throws {@link ConfigurationError} when something is missing or wrong; nothing is sent.",
            "credentials": credentials,
            "environments": environments.join(" | "),
            "environment_doc": self.environment_doc(),
            "resources": resources,
            "operations": provider.operations.iter().map(|operation| self.operation(operation)).collect::<Vec<_>>(),
            "enums": provider.enums.iter().map(enum_view).collect::<Vec<_>>(),
            "models": self.models(),
            "unions": self.unions(),
            "readers": self.readers(),
            "title": config.title,
            "camel": names::camel(&config.module),
            "events": self.events(),
            "delivery": config.webhooks.as_ref().map(|delivery| self.delivery(delivery)),
            "any_event": self.free_name("Event"),
            "unknown_event": self.free_name("UnknownEvent"),
        })
    }

    fn class_doc(&self) -> String {
        let config = &self.provider.config;
        let host = match config.base_url.default_environment.as_deref() {
            Some(name) => format!(
                "Calls the `{name}` environment unless `environment` or `baseUrl` says otherwise; \
                 `{env}`, or the file that `{env}_FILE` names, may name another host.",
                env = config.base_url.env
            ),
            None => format!(
                "There is no public host: give `baseUrl`, or set `{}`.",
                config.base_url.env
            ),
        };
        let batch = config.batch.as_ref().map(|batch| {
            format!("`batch` pays its rows by `{}` where it is told nothing else.", batch.operation)
        });
        paragraphs([
            format!("Client of the {}. {}", config.title, config.summary),
            host,
            batch.unwrap_or_default(),
            format!("@see {}", config.homepage),
        ])
    }

    fn environment_doc(&self) -> String {
        let config = &self.provider.config;
        let hosts = config.environments.iter().map(|(name, environment)| {
            let note = environment.note.as_ref().map(|note| format!(" {note}"));
            format!("`{name}` is {}.{}", environment.url, note.unwrap_or_default())
        });
        let hosts: Vec<String> = hosts.collect();
        let default = config.base_url.default_environment.as_ref();
        paragraphs([
            format!("Host to call: {}", hosts.join(" ")),
            default.map(|name| format!("@defaultValue `'{name}'`")).unwrap_or_default(),
        ])
    }
}

fn enum_view(known: &Enum) -> Value {
    let values: Vec<String> = known.values.iter().map(|value| js(&value.wire)).collect();
    let doc = if known.description.is_empty() {
        format!("{}, the values known so far.", known.pascal)
    } else {
        format!("{} Responses may hold values that are not known yet.", known.description)
    };
    json!({ "name": known.pascal, "doc": doc, "values": values.join(" | ") })
}
