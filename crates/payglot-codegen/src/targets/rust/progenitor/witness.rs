//! The second witness: each operation as a call of payglot's client and as one of progenitor's, with the same arguments.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use heck::ToSnakeCase as _;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};

use super::document::{self, is_possible, operation_id};
use crate::model::examples::{RecursionGuard, plain, scalar};
use crate::model::{Auth, Field, Operation, Paging, Provider, Type};
use crate::output::{MARK, Output};
use crate::targets::rust::calls::{Calls, OWNED};
use crate::targets::text::render;

/// The arguments of progenitor's methods, by method.
type Methods = HashMap<String, Vec<Argument>>;

/// An argument of one of progenitor's methods.
struct Argument {
    name: String,
    is_optional: bool,
}

/// The calls of these providers, which are all modules of the crate `payglot_witness`.
pub fn file(environment: &Environment<'_>, providers: &[&Provider], path: &str) -> Result<Output> {
    // progenitor's client fetches no tokens.
    let providers = providers.iter().filter(|provider| !takes_tokens(&provider.config.auth));
    let providers: Vec<&Provider> = providers.copied().collect();
    let mut calls = Vec::new();
    for &provider in &providers {
        let methods = methods(&super::client(provider)?)?;
        let samples = Calls::new(provider);
        for operation in provider.operations.iter().filter(|operation| is_possible(operation)) {
            let id = operation_id(operation);
            let arguments =
                methods.get(&id).with_context(|| format!("progenitor has no `{id}`"))?;
            let values: Vec<String> = arguments
                .iter()
                .enumerate()
                .map(|(position, argument)| match operation.path_params.get(position) {
                    Some(field) => format!("{:?}", plain(field)),
                    None => value(&samples, provider, operation, argument),
                })
                .collect();
            calls.push(context! {
                id,
                facade => samples.call(operation),
                progenitor => values.join(", "),
            });
        }
    }
    let providers = Value::from(Serde(&providers));
    let text = render(environment, "witness.rs", context! { providers, calls })?;
    let tree =
        syn::parse_file(&text).with_context(|| format!("the generated {path} is not Rust"))?;
    Ok(Output::new(path, format!("// {MARK}\n\n{}", prettyplease::unparse(&tree))))
}

fn takes_tokens(auth: &Auth) -> bool {
    match auth {
        Auth::ClientCredentials { .. } => true,
        Auth::Schemes { schemes } => schemes.values().any(takes_tokens),
        _ => false,
    }
}

/// Reads the methods of progenitor's client: the order of their arguments is its own.
fn methods(client: &str) -> Result<Methods> {
    let file = syn::parse_file(client).context("progenitor's output is not Rust")?;
    let mut methods = Methods::new();
    for item in &file.items {
        let syn::Item::Impl(block) = item else { continue };
        for item in &block.items {
            let syn::ImplItem::Fn(function) = item else { continue };
            let arguments = function.sig.inputs.iter().filter_map(argument).collect();
            methods.insert(function.sig.ident.to_string(), arguments);
        }
    }
    Ok(methods)
}

fn argument(input: &syn::FnArg) -> Option<Argument> {
    let syn::FnArg::Typed(typed) = input else { return None };
    let syn::Pat::Ident(name) = &*typed.pat else { return None };
    let is_optional = matches!(&*typed.ty, syn::Type::Path(path)
        if path.path.segments.last().is_some_and(|segment| segment.ident == "Option"));
    Some(Argument { name: name.ident.to_string(), is_optional })
}

/// The value of an argument beside the path: that which the call of payglot's client has.
fn value(
    samples: &Calls<'_>,
    provider: &Provider,
    operation: &Operation,
    argument: &Argument,
) -> String {
    if argument.name == "body" {
        let paged = paged_body(samples, provider, operation);
        return paged.or_else(|| samples.body(operation)).unwrap_or_default();
    }
    if argument.name == "query" && document::has_query_struct(operation) {
        return format!("&QueryParams({})", samples.query(operation));
    }
    let is_named = |field: &&Field| {
        let snake = field.wire.to_snake_case();
        // progenitor puts an underscore after a keyword.
        argument.name == snake || argument.name == format!("{snake}_")
    };
    match (operation.query.iter().find(is_named), argument.is_optional) {
        // A header is text here.
        (Some(field), true) if !field.style.is_query() => format!("Some({:?})", header(field)),
        (Some(field), false) if !field.style.is_query() => format!("{:?}", header(field)),
        (Some(field), true) => format!("Some({})", query_value(samples, field)),
        (Some(field), false) => query_value(samples, field),
        // A header that payglot's client sends by itself.
        (None, true) => "None".into(),
        (None, false) => "\"text\"".into(),
    }
}

/// The text of a header: of a list, its one value.
fn header(field: &Field) -> String {
    match &field.ty {
        Type::List { item } => {
            let text = scalar(item);
            serde_json::from_str(&text).unwrap_or(text)
        }
        _ => plain(field),
    }
}

fn query_value(samples: &Calls<'_>, field: &Field) -> String {
    let value = samples.value(&field.ty, &field.example, &mut RecursionGuard::default());
    match &field.ty {
        Type::Number | Type::Money { .. } => format!("&Number::from({value})"),
        Type::List { item } => match &**item {
            Type::Number | Type::Money { .. } => {
                let item = samples.value(item, &scalar(item), &mut RecursionGuard::default());
                format!("&vec![Number::from({item})]")
            }
            _ => format!("&{value}"),
        },
        Type::Enum { .. } => format!("&{value}"),
        // A text is borrowed here.
        _ => value.strip_suffix(OWNED).map_or(value.clone(), str::to_owned),
    }
}

/// The body of a paged call, for the page that a call of payglot's client begins with.
fn paged_body(samples: &Calls<'_>, provider: &Provider, operation: &Operation) -> Option<String> {
    let paging = provider.config.page_fields().filter(|_| operation.paging == Paging::Paged)?;
    let name = document::paged_body(operation)?;
    let mut fields = operation.body_fields.clone();
    for field in &mut fields {
        if field.wire == paging.page {
            field.example = "1".into();
        } else if field.wire == paging.size {
            field.example = paging.default_size.to_string();
        }
    }
    let model = format!("progenitor::bodies::{name}");
    Some(format!("&{}", samples.top(&model, &fields)))
}
