//! How a document says that calls are authenticated: `[auth]` of `provider.toml`, and what the overlay adds for it.

use std::fmt::Write as _;

use indexmap::{IndexMap, IndexSet};
use serde_json::{Map, Value};

use super::slots;
use crate::diagnostic::{pointer_step, step};
use crate::model::HttpMethod;
use crate::model::build::{TAKEN_BY_OPTIONS, first_server, origin};
use crate::model::names::{NameAllocator, Naming};

/// Headers that a document has without a scheme for them: a scheme of its own.
const IN_HEADERS: &str = "headers";

/// What authenticates the calls of a document.
#[derive(Debug)]
pub struct Security<'d> {
    /// The schemes that operations use, by name; the scheme of a name that nobody defines is null.
    schemes: IndexMap<&'d str, &'d Value>,
    /// Whether one scheme is every operation's, but for those that say `security: []` themselves.
    is_simple: bool,
    /// Names of header parameters that stand for a scheme.
    headers: IndexSet<&'d str>,
    /// What operations ask of each scheme's tokens.
    scopes: IndexMap<&'d str, IndexSet<&'d str>>,
    /// The path of the document's first server.
    base_path: String,
    /// Whether schemes are defined that `security` never names.
    is_unsaid: bool,
}

impl<'d> Security<'d> {
    /// Reads a document.
    pub fn of(document: &'d Value) -> Self {
        let defined = document.pointer("/components/securitySchemes").and_then(Value::as_object);
        let root = document.get("security").and_then(Value::as_array);
        let mut names: IndexSet<&str> = IndexSet::new();
        let mut scopes: IndexMap<&str, IndexSet<&str>> = IndexMap::new();
        let mut is_simple = true;
        for (_, _, operation) in operations(document) {
            let own = operation.get("security").and_then(Value::as_array);
            let said = own.or(root);
            for requirement in said.into_iter().flatten().filter_map(Value::as_object) {
                names.extend(requirement.keys().map(String::as_str));
                for (name, asked) in requirement {
                    let asked = asked.as_array().into_iter().flatten().filter_map(Value::as_str);
                    scopes.entry(name.as_str()).or_default().extend(asked);
                }
                is_simple &= requirement.len() == 1;
            }
            // An operation of which nothing is said is an open one, if other operations say something.
            is_simple &= match (own, said) {
                (Some(own), _) if own.is_empty() => true,
                (_, said) => said.is_some_and(|said| said.len() == 1),
            };
        }
        let is_unsaid = names.is_empty() && defined.is_some_and(|defined| !defined.is_empty());
        if is_unsaid {
            names.extend(defined.into_iter().flat_map(Map::keys).map(String::as_str));
        }
        let headers = if names.is_empty() { common_headers(document) } else { IndexSet::new() };
        let scheme = |name: &'d str| {
            let scheme = defined.and_then(|defined| defined.get(name)).unwrap_or(&Value::Null);
            (name, scheme)
        };
        let is_simple = is_simple && names.len() == 1 && !is_unsaid;
        let server = first_server(document).unwrap_or_default();
        let base_path = origin(&server).map_or(server.as_str(), |(_, path)| path);
        let base_path = base_path.trim_end_matches('/').to_owned();
        let schemes = names.into_iter().map(scheme).collect();
        Self { schemes, is_simple, headers, scopes, base_path, is_unsaid }
    }

    /// Overlay actions: what the document leaves out, and parameters that the runtime sends itself.
    pub fn actions(&self, document: &Value) -> String {
        let mut text = slots::actions(document);
        if self.is_unsaid {
            let mut alternatives: Vec<String> =
                self.schemes.keys().map(|name| format!("{{{}: []}}", Value::from(*name))).collect();
            alternatives.push("{}".into());
            let _ = write!(
                text,
                "\n# The document defines schemes and no operation names one: the first that a client has goes out.\n\
                 - target: $\n  update:\n    security: [{}]\n",
                alternatives.join(", ")
            );
        }
        for (path, method, operation) in operations(document) {
            let mut parameters = parameters(document, path, operation);
            if !self.headers.is_empty()
                && !parameters
                    .any(|(name, location)| location == "header" && self.headers.contains(name))
            {
                let target = format!("$.paths{}.{method}", step(path));
                let target = Value::from(target);
                let _ = write!(text, "\n- target: {target}\n  update:\n    security: []\n");
            }
        }
        for target in self.parameters(document) {
            let _ = write!(text, "\n- target: {}\n  remove: true\n", Value::from(target));
        }
        text
    }

    /// Header and cookie parameters that authenticate, as targets of an overlay.
    fn parameters(&self, document: &Value) -> Vec<String> {
        let mut found: IndexSet<String> = IndexSet::new();
        for (path, method, operation) in operations(document) {
            let holders = [
                (
                    document.pointer(&format!("/paths/{}", pointer_step(path))),
                    format!("$.paths{}", step(path)),
                ),
                (Some(operation), format!("$.paths{}.{method}", step(path))),
            ];
            for (holder, at) in holders {
                let declared = holder.and_then(|holder| holder.get("parameters")?.as_array());
                for parameter in declared.into_iter().flatten() {
                    let (name, location) = (text(parameter, "name"), text(parameter, "in"));
                    if self.is_own(name, location) {
                        let name = step(name);
                        let name = name.trim_start_matches('[').trim_end_matches(']');
                        found.insert(format!(
                            "{at}.parameters[?@.name=={name} && @.in=='{location}']"
                        ));
                    }
                }
            }
        }
        found.into_iter().collect()
    }

    /// Whether a parameter is what the schemes put on a request.
    fn is_own(&self, name: &str, location: &str) -> bool {
        let is_key = self.schemes.values().any(|scheme| match text(scheme, "type") {
            "apiKey" => {
                text(scheme, "in") == location && text(scheme, "name").eq_ignore_ascii_case(name)
            }
            _ => location == "header" && name.eq_ignore_ascii_case("authorization"),
        });
        is_key || location == "header" && self.headers.contains(name)
    }

    /// `[[credentials]]` and `[auth]` of `provider.toml`.
    pub fn toml(&self, prefix: &str, naming: &Naming) -> String {
        let mut credentials = Credentials::new(prefix, naming);
        if !self.headers.is_empty() {
            let mut table = format!("[auth]\nscheme = \"{IN_HEADERS}\"\n[auth.headers]\n");
            for header in &self.headers {
                let name = credentials.add(header, true, "What the header holds.");
                let _ = writeln!(table, "{header:?} = \"{{{name}}}\"");
            }
            return credentials.text + "\n" + &table;
        }
        let mut tables = String::new();
        for (name, scheme) in &self.schemes {
            let key = toml::Value::from(*name).to_string();
            let (at, hint) = if self.is_simple {
                ("auth".to_owned(), "api_key")
            } else {
                (format!("auth.schemes.{key}"), *name)
            };
            let written = self
                .client_credentials(name, scheme, &mut credentials)
                .unwrap_or_else(|| table(scheme, &at, hint, &mut credentials));
            let _ = write!(tables, "\n[{at}]\n{written}");
        }
        let head = match (self.schemes.is_empty(), self.is_simple) {
            (true, _) => "\n[auth]\nscheme = \"none\"\n",
            (_, true) => "",
            _ => "\n[auth]\nscheme = \"schemes\"\n",
        };
        credentials.text + head + &tables
    }

    /// The lines of an OAuth 2.0 scheme whose tokens a program gets for itself; none where it is another scheme, or where the
    /// URL that gives tokens is none that a secret may go to.
    fn client_credentials(
        &self,
        name: &str,
        scheme: &Value,
        credentials: &mut Credentials<'_>,
    ) -> Option<String> {
        let url = scheme.pointer("/flows/clientCredentials/tokenUrl")?.as_str()?;
        let url = match url.split_once("://") {
            Some(("https", _)) => url.to_owned(),
            None if url.starts_with('/') => url.to_owned(),
            None if !url.is_empty() => {
                format!("{}/{}", self.base_path, url.trim_start_matches("./"))
            }
            _ => return None,
        };
        let id = credentials.add("client_id", false, "The client's id.");
        let secret = credentials.add("client_secret", true, "The client's secret.");
        let scopes = self.scopes.get(name).into_iter().flatten().copied();
        let scopes = toml::Value::from(scopes.collect::<Vec<_>>().join(" "));
        let url = toml::Value::from(url);
        Some(format!(
            "# The client fetches its tokens and renews them. A vendor that wants id and secret in the form:\n\
             # client_authentication = \"body\"\n\
             scheme = \"client-credentials\"\ntoken_url = {url}\nclient_id = \"{id}\"\n\
             client_secret = \"{secret}\"\nscope = {scopes}\n"
        ))
    }
}

/// The lines of a scheme.
fn table(scheme: &Value, at: &str, hint: &str, credentials: &mut Credentials<'_>) -> String {
    let described = text(scheme, "description");
    let parameter = text(scheme, "name");
    let kind = text(scheme, "scheme").to_lowercase();
    match (text(scheme, "type"), text(scheme, "in"), kind.as_str()) {
        ("apiKey", "query", _) => {
            let token = credentials.add(hint, true, described);
            format!("scheme = \"query\"\nparameter = {parameter:?}\ntoken = \"{token}\"\n")
        }
        ("apiKey", location, _) => {
            let key = credentials.add(hint, true, described);
            let (header, value) = match location {
                "cookie" => ("Cookie", format!("{parameter}={{{key}}}")),
                _ => (parameter, format!("{{{key}}}")),
            };
            format!("scheme = \"headers\"\n[{at}.headers]\n{header:?} = {value:?}\n")
        }
        ("http", _, "basic") => {
            let user = credentials.add("user", false, "User name.");
            let password = credentials.add("password", true, "Password.");
            format!("scheme = \"basic\"\nuser = \"{user}\"\npassword = \"{password}\"\n")
        }
        ("http", _, other) if other != "bearer" => {
            let value = credentials.add("authorization", true, "The whole header `Authorization`.");
            format!("scheme = \"headers\"\n[{at}.headers]\nAuthorization = \"{{{value}}}\"\n")
        }
        // A client certificate is an option of the client.
        ("mutualTLS", ..) => "scheme = \"none\"\n".into(),
        _ => {
            let token = credentials.add(hint, true, described);
            format!("scheme = \"bearer\"\ntoken = \"{token}\"\n")
        }
    }
}

/// The credentials, each under a name of its own.
struct Credentials<'n> {
    prefix: &'n str,
    naming: &'n Naming,
    names: NameAllocator,
    text: String,
}

impl<'n> Credentials<'n> {
    fn new(prefix: &'n str, naming: &'n Naming) -> Self {
        let mut names = NameAllocator::default();
        for taken in TAKEN_BY_OPTIONS {
            names.reserve(taken);
        }
        Self { prefix, naming, names, text: String::new() }
    }

    fn add(&mut self, hint: &str, secret: bool, description: &str) -> String {
        let name = self.names.allocate(&self.naming.snake(hint));
        let env = format!("{}_{}", self.prefix, name.to_uppercase());
        let first = description.lines().map(str::trim).find(|line| !line.is_empty());
        let description = toml::Value::from(first.unwrap_or("API key.")).to_string();
        let _ = write!(
            self.text,
            "\n[[credentials]]\nname = \"{name}\"\nenv = \"{env}\"\nsecret = {secret}\ndescription = {description}\n"
        );
        name
    }
}

/// Header parameters that are credentials by their names, and that most operations have.
fn common_headers(document: &Value) -> IndexSet<&str> {
    let mut counts: IndexMap<&str, usize> = IndexMap::new();
    let mut all = 0;
    for (path, _, operation) in operations(document) {
        all += 1;
        for (name, location) in parameters(document, path, operation) {
            if location == "header" && is_credential(name) {
                *counts.entry(name).or_default() += 1;
            }
        }
    }
    counts.into_iter().filter(|(_, count)| count * 2 > all).map(|(name, _)| name).collect()
}

fn is_credential(name: &str) -> bool {
    let name = name.to_lowercase();
    ["authorization", "api-key", "apikey", "api_key", "token", "secret", "signature"]
        .iter()
        .any(|word| name.contains(word))
}

/// Path, method and operation of each.
pub(super) fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let items = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    items.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods
            .filter(|(method, _)| HttpMethod::from_key(method).is_some())
            .map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

/// Name and location of the parameters of an operation, and of its path, that are no references.
fn parameters<'d>(
    document: &'d Value,
    path: &str,
    operation: &'d Value,
) -> impl Iterator<Item = (&'d str, &'d str)> {
    let item = document.pointer(&format!("/paths/{}", pointer_step(path)));
    let holders = item.into_iter().chain([operation]);
    let declared = holders.filter_map(|holder| holder.get("parameters")?.as_array()).flatten();
    declared.map(|parameter| (text(parameter, "name"), text(parameter, "in")))
}

pub(super) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn toml(document: &Value) -> toml::Table {
        let text = Security::of(document).toml("ACME", &Naming::default());
        toml::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    fn names(config: &toml::Table) -> Vec<&str> {
        let all = config.get("credentials").and_then(toml::Value::as_array).into_iter().flatten();
        all.filter_map(|one| one.get("name")?.as_str()).collect()
    }

    fn document(operations: &[Value]) -> Value {
        let paths: Map<String, Value> = operations
            .iter()
            .enumerate()
            .map(|(number, operation)| (format!("/{number}"), json!({"get": operation})))
            .collect();
        json!({
            "paths": paths,
            "components": {"securitySchemes": {
                "Unused": {"type": "apiKey", "in": "header", "name": "X-Unused"},
                "Token": {"type": "http", "scheme": "Bearer"},
                "app-id": {"type": "apiKey", "in": "header", "name": "X-App"},
                "Login": {"type": "http", "scheme": "basic"},
            }},
        })
    }

    #[test]
    fn one_scheme_is_everybodys() {
        let config =
            toml(&document(&[json!({"security": [{"Token": []}]}), json!({"security": []})]));
        assert_eq!(config["auth"]["scheme"].as_str(), Some("bearer"));
        assert_eq!(names(&config), ["api_key"]);
    }

    #[test]
    fn schemes_that_operations_use_are_named() {
        let config = toml(&document(&[
            json!({"security": [{"Token": [], "app-id": []}, {"Login": []}]}),
            json!({}),
        ]));
        assert_eq!(config["auth"]["scheme"].as_str(), Some("schemes"));
        assert_eq!(names(&config), ["token", "app_id", "user", "password"]);
        let schemes = config["auth"]["schemes"].as_table().unwrap();
        assert_eq!(schemes["app-id"]["headers"]["X-App"].as_str(), Some("{app_id}"));
        assert!(!schemes.contains_key("Unused"));
    }

    #[test]
    fn schemes_that_nobody_names_are_optional() {
        let document = document(&[json!({})]);
        let actions = Security::of(&document).actions(&document);
        assert!(actions.contains("security: [{\"Unused\": []}, "), "{actions}");
        assert!(actions.contains("{}]"), "{actions}");
    }

    #[test]
    fn client_credentials_are_an_id_a_secret_and_what_operations_ask_for() {
        let document = |url: &str| {
            json!({
                "servers": [{"url": "https://api.example/v2"}],
                "paths": {
                    "/a": {"get": {"security": [{"OAuth": ["read", "list"]}]}},
                    "/b": {"get": {"security": [{"OAuth": ["write", "read"]}]}},
                },
                "components": {"securitySchemes": {
                    "OAuth": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": url}}},
                }},
            })
        };
        let config = toml(&document("https://login.example/token"));
        assert_eq!(config["auth"]["scheme"].as_str(), Some("client-credentials"));
        assert_eq!(config["auth"]["token_url"].as_str(), Some("https://login.example/token"));
        assert_eq!(config["auth"]["scope"].as_str(), Some("read list write"));
        assert_eq!(names(&config), ["client_id", "client_secret"]);
        // As of RFC 3986, from the document's server.
        assert_eq!(toml(&document("token"))["auth"]["token_url"].as_str(), Some("/v2/token"));
        assert_eq!(toml(&document("/token"))["auth"]["token_url"].as_str(), Some("/token"));
        assert_eq!(
            toml(&document("http://login.example/"))["auth"]["scheme"].as_str(),
            Some("bearer")
        );
    }

    #[test]
    fn no_scheme_and_no_header_is_no_key() {
        let config = toml(&json!({"paths": {"/a": {"get": {}}}}));
        assert_eq!(config["auth"]["scheme"].as_str(), Some("none"));
        assert!(names(&config).is_empty());
    }

    #[test]
    fn a_header_without_a_scheme_is_a_key() {
        let key = json!({"parameters": [{"name": "x-api-key", "in": "header"}]});
        let document = json!({"paths": {
            "/a": {"get": key, "post": key}, "/open": {"get": {}},
        }});
        let config = toml(&document);
        assert_eq!(config["auth"]["headers"]["x-api-key"].as_str(), Some("{x_api_key}"));
        let actions = Security::of(&document).actions(&document);
        assert!(
            actions.contains("$.paths['/open'].get\"\n  update:\n    security: []"),
            "{actions}"
        );
        assert!(
            actions
                .contains("$.paths['/a'].get.parameters[?@.name=='x-api-key' && @.in=='header']"),
            "{actions}"
        );
        assert_eq!(actions.matches("remove: true").count(), 2, "{actions}");
    }
}
