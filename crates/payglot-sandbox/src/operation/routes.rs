//! Finds the operation of a request by the tables' path templates.

use std::collections::BTreeMap;

use payglot::schema::{Operation, Provider};
use percent_encoding::percent_decode_str;

use super::{Handler, HandlersByProvider, PathValues};
use crate::basics::Error;

/// An operation and what serves it.
pub(crate) struct Route {
    pub provider: &'static Provider,
    pub operation: &'static Operation,
    /// `None` where the operation is not served yet.
    pub handler: Option<Handler>,
    /// Names of the path parameters, in the order of the template.
    params: Vec<&'static str>,
}

impl Route {
    fn new(
        provider: &'static Provider,
        operation: &'static Operation,
        handler: Option<Handler>,
    ) -> Self {
        Self {
            provider,
            operation,
            handler,
            params: operation.path.split('/').filter_map(placeholder).collect(),
        }
    }
}

/// The result of looking up a method and a path.
pub(crate) enum Found<'r> {
    Operation(&'r Route, PathValues),
    /// The path exists, with these methods.
    OtherMethods(String),
    Nothing,
}

/// Every operation of every provider.
pub(crate) struct Routes {
    by_path: matchit::Router<Vec<Route>>,
    handlers: HandlersByProvider,
}

impl Routes {
    pub fn new(
        providers: &[&'static Provider],
        handlers: HandlersByProvider,
    ) -> Result<Self, Error> {
        let mut groups = BTreeMap::<String, Vec<Route>>::new();
        for provider in providers {
            for operation in provider.operations {
                let group = groups.entry(by_position(operation.path)).or_default();
                if group.iter().any(|other| other.operation.method == operation.method) {
                    return Err(Error::Routes(format!(
                        "{} {} is there twice",
                        operation.method, operation.path
                    )));
                }
                let handler = handler(handlers, provider.name, operation.name);
                group.push(Route::new(provider, operation, handler));
            }
        }
        let mut by_path = matchit::Router::new();
        for (path, group) in groups {
            by_path
                .insert(path.as_str(), group)
                .map_err(|error| Error::Routes(format!("{path}: {error}")))?;
        }
        Ok(Self { by_path, handlers })
    }

    /// Whether an operation has a handler.
    pub fn is_served(&self, provider: &str, operation: &str) -> bool {
        handler(self.handlers, provider, operation).is_some()
    }

    pub fn find(&self, method: &str, path: &str) -> Found<'_> {
        let Ok(found) = self.by_path.at(path) else { return Found::Nothing };
        let Some(route) = found.value.iter().find(|route| route.operation.method == method) else {
            let methods: Vec<_> = found.value.iter().map(|route| route.operation.method).collect();
            return Found::OtherMethods(methods.join(", "));
        };
        let texts = found
            .params
            .iter()
            .map(|(_, text)| percent_decode_str(text).decode_utf8_lossy().into_owned());
        Found::Operation(route, route.params.iter().copied().zip(texts).collect())
    }
}

fn handler(handlers: HandlersByProvider, provider: &str, operation: &str) -> Option<Handler> {
    let (_, handlers) = handlers.iter().find(|(name, _)| *name == provider)?;
    handlers.iter().find(|(name, _)| *name == operation).map(|(_, handler)| *handler)
}

/// The name in a template's segment such as `{card_id}`.
fn placeholder(segment: &'static str) -> Option<&'static str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// The template with placeholders named by position, so that templates that differ only in names share a route.
fn by_position(template: &'static str) -> String {
    let segments =
        template.split('/').enumerate().map(|(position, segment)| match placeholder(segment) {
            Some(_) => format!("{{p{position}}}"),
            None => segment.to_owned(),
        });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::basics::PROVIDERS;

    #[test]
    fn every_operation_is_found_by_its_own_path() {
        let routes = Routes::new(&PROVIDERS, &[]).unwrap();
        for provider in PROVIDERS {
            for operation in provider.operations {
                let path = operation.path.replace(['{', '}'], "");
                let Found::Operation(route, values) = routes.find(operation.method, &path) else {
                    panic!("{} {path} leads nowhere", operation.method);
                };
                assert_eq!(
                    (route.provider.name, route.operation.name),
                    (provider.name, operation.name)
                );
                for field in operation.path_params {
                    assert_eq!(values.get(field.wire).map(String::as_str), Some(field.wire));
                }
            }
        }
    }

    #[test]
    fn other_methods_and_unknown_paths_are_told_apart() {
        let routes = Routes::new(&PROVIDERS, &[]).unwrap();
        let Found::OtherMethods(methods) = routes.find("PUT", "/api/platform/users/create") else {
            panic!()
        };
        assert_eq!(methods, "POST");
        assert!(matches!(routes.find("GET", "/api/platform/nothing"), Found::Nothing));
    }
}
