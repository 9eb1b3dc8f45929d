//! Builds one operation, and its siblings for other forms of its response.

use anyhow::{Result, bail};
use serde_json::Value;

use super::responses::{Declared, siblings};
use super::schemas::{describe, sentence, text};
use super::{Builder, docs, parameters, security, servers};
use crate::diagnostic::Diagnostic;
use crate::model::names;
use crate::model::{HttpMethod, Operation, Replay};

/// Headers that OpenAPI says are no parameters, whatever a document says, and those that the client sends by itself: what
/// frames a request, its name, and the key of a keyed operation.
const OWN_HEADERS: [&str; 10] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
    "user-agent",
    IDEMPOTENCY_KEY,
];

/// By this header a vendor recognizes repetitions.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// An operation's name and what it is made of.
struct Name {
    whole: String,
    resource: String,
    method: String,
}

impl<'d> Builder<'d> {
    /// A header that makes repetitions safe needs an operation that is repeated.
    fn check_key_header(
        &mut self,
        item: &'d Value,
        operation: &'d Value,
        replay: Replay,
        at: &str,
    ) {
        if !matches!(replay, Replay::Read | Replay::Keyed)
            && parameters::has_header((self.document, item, operation), IDEMPOTENCY_KEY)
        {
            let problem = format!(
                "there is a header Idempotency-Key, and x-payglot-replay is {}, so that none would be sent",
                replay.as_str()
            );
            self.diagnostics.push(Diagnostic::update(at, problem, "{x-payglot-replay: keyed}"));
        }
    }

    pub(super) fn operation(
        &mut self,
        (path, method, at): (&str, HttpMethod, &str),
        item: &'d Value,
        operation: &'d Value,
        index: usize,
    ) -> Result<Vec<Operation>> {
        let extension = |name: &str| extension(operation, name);
        let name = self.name(operation, at);
        if name.is_err()
            && let Err(missing) = replay(operation, at)
        {
            self.diagnostics.push(missing);
        }
        let (name, replay) = (name?, replay(operation, at)?);
        self.check_key_header(item, operation, replay, at);
        let pascal = self.naming.pascal(&name.whole.replace('.', "_"));
        let documents = (self.document, item, operation);
        let config = self.config;
        let is_own = |header: &str| {
            let is_same = |own: &str| own.eq_ignore_ascii_case(header);
            config.auth.headers().any(is_same) || OWN_HEADERS.iter().copied().any(is_same)
        };
        let parameters = parameters::read(
            &mut self.schemas,
            documents,
            (path, at, &pascal),
            is_own,
            &mut self.diagnostics,
        );
        // Whatever fails, what is wrong with the rest is told too.
        let parameters = self.told(at, parameters);
        let body = self.body(operation, at, &pascal);
        let body = self.told(at, body);
        let follow = self.follow(operation, at);
        let follow = self.told(at, follow)?;
        let response = self.responses(operation, at, &pascal, follow.as_ref());
        let security = security::of(self.config, self.document, Some(operation), at);
        let security = self.told(at, security);
        let server = self.told(at, servers::of(self.config, item, operation, at));
        let ((mut path_params, mut query), (body, content), response) =
            (parameters?, body?, response?);
        let body_schema = body.as_ref().and_then(|name| self.schemas.find(name));
        let body_fields =
            body_schema.map(|schema| (schema.sent().cloned().collect::<Vec<_>>(), schema.open));
        let (body_fields, body_open) = body_fields.unwrap_or_default();
        let Declared { wrap, ty: response, is_list, returns, others } = response;
        let pages = follow.as_ref().map(|follow| Self::followed(follow, at, &query, &body_fields));
        let (paging, page) =
            pages.unwrap_or_else(|| self.paging(operation, at, is_list, &body_fields))?;
        let is_page =
            |wire: &str| page.is_some_and(|paging| wire == paging.page || wire == paging.size);
        let mut params = parameters::arguments(&mut path_params, &mut query, &body_fields);
        let all_params = params.clone();
        params.retain(|field| !is_page(&field.wire));
        let summary = operation
            .get("summary")
            .map(text)
            .filter(|text| !text.trim().is_empty())
            .unwrap_or_else(|| name.whole.clone());
        let operation = Operation {
            index,
            resource: name.resource,
            camel: names::camel(&name.method),
            snake: name.method,
            upper: names::upper(&pascal),
            pascal,
            http_method: method,
            path: path.to_owned(),
            paging,
            follow,
            wrap,
            path_params,
            query,
            body,
            body_fields,
            params,
            content,
            server: server?,
            security: security?,
            body_open,
            response,
            returns,
            summary: sentence(&describe(&summary)),
            description: operation.get("description").map(text).unwrap_or_default(),
            docs: docs(operation),
            unconfirmed: extension("unconfirmed"),
            reconcile: reconcile(replay, extension("reconcile"), at)?,
            lookup: None,
            tag: None,
            amount: None,
            payee: None,
            certain: false,
            balance: None,
            can_fail: false,
            replay,
            name: name.whole,
        };
        let all = Operation { params: all_params, ..operation.clone() };
        let siblings = siblings(&all, others, &self.names, self.naming);
        Ok(std::iter::once(operation).chain(siblings).collect())
    }

    /// Notes what failed; a caller that fails with it is told of it once.
    fn told<T>(&mut self, at: &str, result: Result<T>) -> Result<T> {
        result.map_err(|error| {
            let diagnostic = Diagnostic::of(at, error);
            if !self.diagnostics.contains(&diagnostic) {
                self.diagnostics.push(diagnostic.clone());
            }
            diagnostic.into()
        })
    }

    fn name(&self, operation: &Value, at: &str) -> Result<Name> {
        let whole = extension(operation, "name");
        let wrong =
            |problem: &str| Diagnostic::update(at, problem, "{x-payglot-name: resource.method}");
        let (resource, method) = whole
            .split_once('.')
            .filter(|(resource, method)| is_snake(resource) && is_snake(method))
            .ok_or_else(|| wrong("x-payglot-name is missing or not `resource.method`"))?;
        let (resource, method) = (self.naming.snake(resource), self.naming.snake(method));
        if !self.naming.is_resource(&resource) || !self.naming.is_operation(&method) {
            bail!(wrong(&format!("`{whole}` is a name that a client has for something else")));
        }
        Ok(Name { whole, resource, method })
    }
}

/// The replay class of an operation.
fn replay(operation: &Value, at: &str) -> Result<Replay, Diagnostic> {
    Replay::from_name(&extension(operation, "replay")).ok_or_else(|| {
        let problem = "x-payglot-replay is missing or unknown; it is read, idempotent, keyed, create or money";
        Diagnostic::update(at, problem, "{x-payglot-replay: money}")
    })
}

pub(super) fn extension(operation: &Value, name: &str) -> String {
    operation.get(format!("x-payglot-{name}")).map(text).unwrap_or_default()
}

/// What to look up after an unknown outcome.
fn reconcile(replay: Replay, given: String, at: &str) -> Result<String> {
    match (replay.is_sent_once(), given.is_empty()) {
        (true, true) => {
            Ok("look in the provider's dashboard whether the call took effect.".to_owned())
        }
        (true, false) => Ok(describe(&given)),
        (false, true) => Ok(given),
        (false, false) => bail!(Diagnostic::edit(
            at,
            "x-payglot-reconcile: only for create and money",
            "Take it out of overlay.yaml, or correct the replay class.",
        )),
    }
}

fn is_snake(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
