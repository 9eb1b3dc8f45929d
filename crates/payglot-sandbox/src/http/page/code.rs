//! A request of the log as code that makes it again, in four languages. Credentials stay in the environment, and where the
//! request had a body stand its required fields: the log holds none.

use payglot::schema::{Auth, Field, Operation, Paging, Provider, Type};
use serde_json::{Value, json};

use crate::app::log::Entry;
use crate::basics::PROVIDERS;
use crate::model::HOSTED_PREFIX;

/// Each language's name and its code; none for hosted pages, whose token the log does not hold.
pub(super) fn samples(entry: &Entry) -> Vec<Value> {
    let sample = |language: &str, code: String| json!({ "language": language, "code": code });
    let provider = PROVIDERS.iter().find(|table| Some(table.name) == entry.provider);
    let found = provider.and_then(|provider| {
        let mut operations = provider.operations.iter();
        let operation = operations.find(|operation| Some(operation.name) == entry.operation)?;
        Some(Request { provider, operation, path: &entry.path })
    });
    match found {
        Some(request) => vec![
            sample("curl", request.curl()),
            sample("Python", request.python()),
            sample("Node", request.node()),
            sample("Rust", request.rust()),
        ],
        None if entry.path.starts_with(HOSTED_PREFIX) => Vec::new(),
        None => {
            let target = format!("\"$PAYWINT_BASE_URL\"{}", shell(&entry.path));
            vec![sample("curl", format!("curl -X {} {target}", shell(&entry.method)))]
        }
    }
}

struct Request<'a> {
    provider: &'a Provider,
    operation: &'a Operation,
    path: &'a str,
}

impl Request<'_> {
    /// A signed request needs the command `payglot`, which signs it by the same key.
    fn curl(&self) -> String {
        let method = self.operation.method;
        let target = format!("\"${}\"{}", self.provider.base_url_env, shell(self.path));
        let mut parts = vec![format!("curl -X {method} {target}")];
        let headers: Vec<(&str, &str)> = match self.provider.auth {
            Auth::Hmac(scheme) => scheme.headers.to_vec(),
            Auth::Headers(headers) => headers.to_vec(),
            Auth::Bearer(credential) => {
                parts.push(format!(
                    "-H \"Authorization: Bearer {}\"",
                    self.filled(&format!("{{{credential}}}"))
                ));
                Vec::new()
            }
            _ => Vec::new(),
        };
        parts.extend(
            headers.iter().map(|(name, value)| format!("-H \"{name}: {}\"", self.filled(value))),
        );
        let body = self.body();
        if body.is_some() {
            let media_type = self.operation.content.media_type;
            parts.push(format!("-H \"Content-Type: {media_type}\""));
            parts.push("--data-raw \"$BODY\"".to_owned());
        }
        let first = body.map(|body| format!("BODY={}\n", shell(&body))).unwrap_or_default();
        format!("{first}{}", parts.join(" \\\n  "))
    }

    /// A header's template with environment variables for credentials, and the command that signs.
    fn filled(&self, template: &str) -> String {
        let body = if self.body().is_some() { " --body \"$BODY\"" } else { "" };
        let sign = format!(
            "$(payglot sign --method {} --path {}{body})",
            self.operation.method,
            shell(self.path)
        );
        let credentials = self.provider.credentials.iter();
        credentials.fold(template.replace("{signature}", &sign), |text, credential| {
            text.replace(&format!("{{{}}}", credential.name), &format!("${}", credential.env))
        })
    }

    fn body(&self) -> Option<String> {
        let is_json = self.operation.content.media_type.contains("json");
        let schema = self.operation.body.filter(|_| is_json)?;
        let fields = required(schema.fields);
        let fields = fields.map(|field| format!("{}: {}", quoted(field.wire), value(&field.ty)));
        Some(format!("{{{}}}", fields.collect::<Vec<_>>().join(", ")))
    }

    fn python(&self) -> String {
        let client = pascal(self.provider.name);
        let fields = self.fields();
        let fields = fields.iter().map(|field| format!("{}={}", field.name, value(&field.ty)));
        let arguments: Vec<_> = self.path_arguments().chain(fields).collect();
        format!(
            "from payglot import {client}\n\nprint({client}().{}({}))",
            self.operation.name,
            arguments.join(", ")
        )
    }

    fn node(&self) -> String {
        let client = pascal(self.provider.name);
        let fields = self.fields();
        let fields = fields.iter().map(|field| format!("{}: {}", field.wire, value(&field.ty)));
        let fields = fields.collect::<Vec<_>>().join(", ");
        let object = (!fields.is_empty()).then(|| format!("{{ {fields} }}"));
        let arguments: Vec<_> = self.path_arguments().chain(object).collect();
        let (resource, method) = self.name();
        format!(
            "import {{ {client} }} from 'payglot'\n\nconsole.log(await new {client}().{}.{}({}))",
            camel(resource),
            camel(method),
            arguments.join(", ")
        )
    }

    fn rust(&self) -> String {
        let module = self.provider.name.replace('-', "_");
        let (resource, method) = self.name();
        let operation = format!("{}{}", pascal(resource), pascal(method));
        let mut models = String::new();
        let mut arguments: Vec<_> = self.path_arguments().collect();
        let mut argument = |variable: &str, model: &str, fields: &[&Field]| {
            models.push_str(&format!("let {variable} = types::{model}::builder()"));
            for field in fields.iter().filter(|field| field.required) {
                models.push_str(&format!("\n    .{}({})", field.name, rust_value(&field.ty)));
            }
            models.push_str("\n    .build()?;\n");
            arguments.push(format!("&{variable}"));
        };
        if !self.operation.query.is_empty() {
            let fields: Vec<_> = self.operation.query.iter().collect();
            argument("query", &format!("{operation}Query"), &fields);
        }
        if let Some(schema) = self.operation.body {
            // The pages of a list are asked for by the client.
            let paging =
                self.provider.paging.as_ref().filter(|_| self.operation.paging == Paging::Paged);
            let is_of_call = |field: &&Field| {
                paging.is_none_or(|paging| ![paging.page, paging.size].contains(&field.wire))
            };
            let fields: Vec<_> = schema.fields.iter().filter(is_of_call).collect();
            match paging {
                None => argument("body", schema.name, &fields),
                Some(_) if fields.is_empty() => {}
                Some(_) => argument("params", &format!("{operation}Params"), &fields),
            }
        }
        let types = if models.is_empty() { "" } else { ", types" };
        let dec = if models.contains("dec!(") { "use payglot::dec;\n" } else { "" };
        format!(
            "{dec}use payglot::{module}::{{Client{types}}};\n\n\
             let client = Client::from_env()?;\n{models}\
             let response = client.{resource}().{method}({}).await?;",
            arguments.join(", ")
        )
    }

    fn name(&self) -> (&str, &str) {
        self.operation.name.split_once('.').unwrap_or(("", self.operation.name))
    }

    /// What a call must have beside its path.
    fn fields(&self) -> Vec<&'static Field> {
        let body = self.operation.body.map(|schema| schema.fields).unwrap_or_default();
        required(self.operation.query).chain(required(body)).collect()
    }

    /// The values that stand in the path, as text of a program.
    fn path_arguments(&self) -> impl Iterator<Item = String> {
        let template = self.operation.path.split('/').rev();
        let pairs = template.zip(self.path.split('/').rev());
        let values: Vec<_> = pairs
            .filter(|(step, _)| step.starts_with('{'))
            .map(|(_, value)| quoted(value))
            .collect();
        values.into_iter().rev()
    }
}

fn required(fields: &'static [Field]) -> impl Iterator<Item = &'static Field> {
    fields.iter().filter(|field| field.required)
}

/// A value that fits the type, for a person to replace. JSON that Python and JavaScript read alike.
fn value(ty: &Type) -> String {
    match ty {
        Type::Enum(values) => quoted(values.values.first().copied().unwrap_or_default()),
        Type::Money(_) => quoted("10.00"),
        Type::Integer | Type::Number | Type::Boolean => "1".to_owned(),
        Type::Object(_) | Type::Map(_) => "{}".to_owned(),
        Type::List(_) => "[]".to_owned(),
        Type::Date => quoted("2030-01-31"),
        _ => quoted("…"),
    }
}

/// The same as an argument of a Rust builder.
fn rust_value(ty: &Type) -> String {
    match ty {
        Type::Money(_) => "dec!(10.00)".to_owned(),
        Type::Number => "1.0".to_owned(),
        Type::Boolean => "true".to_owned(),
        Type::Object(schema) => format!("types::{}::default()", schema.name),
        Type::List(_) => "vec![]".to_owned(),
        Type::Map(_) => "[]".to_owned(),
        other => value(other),
    }
}

/// A text of JSON, which is one of Python, JavaScript and Rust too.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// One word of a shell, whatever characters it holds.
fn shell(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn pascal(name: &str) -> String {
    name.split(['-', '_']).map(capitalized).collect()
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    words.next().into_iter().map(str::to_owned).chain(words.map(capitalized)).collect()
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::{Request, shell};
    use crate::basics::PROVIDERS;

    fn in_rust(provider: &str, operation: &str, path: &str) -> String {
        let provider = PROVIDERS.iter().find(|table| table.name == provider).expect("a provider");
        let mut operations = provider.operations.iter();
        let operation = operations.find(|table| table.name == operation).expect("an operation");
        Request { provider, operation, path }.rust()
    }

    #[test]
    fn a_request_in_rust_builds_its_models() {
        let expected = r#"use payglot::paywint_platform::{Client, types};

let client = Client::from_env()?;
let body = types::PlatformCardAddLinkCreate::builder()
    .card_purpose("PAYMENT")
    .build()?;
let response = client.cards().create_add_link("u-1", &body).await?;"#;
        let platform = |operation, path| in_rust("paywint-platform", operation, path);
        assert_eq!(platform("cards.create_add_link", "/secure-link/u-1"), expected);
        let expected = r#"use payglot::dec;
use payglot::linora::{Client, types};

let client = Client::from_env()?;
let query = types::ExchangeEstimateQuery::builder()
    .from_amount(dec!(10.00))
    .from_currency("…")
    .to_currency("…")
    .build()?;
let response = client.exchange().estimate(&query).await?;"#;
        assert_eq!(in_rust("linora", "exchange.estimate", "/api/exchange/estimate"), expected);
        // The client asks for pages by itself.
        let listed = platform("payments.list_received", "/list-received-payment/u-1");
        assert!(listed.contains("list_received(\"u-1\").await?"), "{listed}");
        assert!(!listed.contains("types"), "{listed}");
        let listed = platform("pw_bank_accounts.list_transactions", "/list-pw-transactions/u-1");
        assert!(listed.contains("let params = types::PwBankAccountsListTransactionsParams::"));
        assert!(listed.contains("list_transactions(\"u-1\", &params)"), "{listed}");
        assert!(!listed.contains(".page"), "{listed}");
    }

    #[test]
    fn issue_15_11_no_path_runs_as_a_command_when_it_is_pasted() {
        assert_eq!(shell("/api/users-1"), "/api/users-1");
        assert_eq!(shell("/$(rm -rf x)"), "'/$(rm -rf x)'");
        assert_eq!(shell("/a'b`c`"), r"'/a'\''b`c`'");
    }
}
