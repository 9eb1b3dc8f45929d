//! Runs progenitor over what remains of a document on the wire: methods, paths, parameters.
//!
//! Bodies and answers are opaque to it: its own types make floats of money, close enums and lose unknown
//! fields. Bodies arrive checked and written, answers leave as streams; models are ours. What progenitor writes
//! beyond that is taken out of its syntax tree, and each rewrite must find its target.

use std::collections::{HashMap, HashSet};

use anyhow::{Context as _, Result, ensure};
use progenitor_impl::{GenerationSettings, Generator, HooksMode};
use serde_json::{Value, json};
use syn::visit_mut::{self, VisitMut};

use super::build::placeholders;
use super::model::{Field, Operation, Provider, Type};

/// The client of a provider as Rust source.
pub fn client(provider: &Provider) -> Result<String> {
    let mut stand_ins = StandIns::default();
    let document = serde_json::from_value(document(provider, &mut stand_ins))
        .context("the projected document is not OpenAPI 3.0")?;
    let mut settings = GenerationSettings::default();
    settings
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote::quote!(payglot::runtime::Wire))
        .with_replacement("JsonBody", "payglot::runtime::Body", std::iter::empty());
    let tokens = Generator::new(&settings).generate_tokens(&document).context("progenitor")?;
    let mut file: syn::File = syn::parse2(tokens).context("progenitor's output is not Rust")?;
    rewrite(&mut file, provider.operations.len(), stand_ins)?;
    Ok(prettyplease::unparse(&file))
}

/// The name of an operation in progenitor's client, `cards_create_update_link`.
pub fn method_name(operation: &str) -> String {
    heck::ToSnakeCase::to_snake_case(operation.replace('.', "_").as_str())
}

/// Whether a query parameter can be sent several times.
pub fn is_repeated(ty: &Type) -> bool {
    matches!(ty, Type::List { .. } | Type::Any)
}

/// Names of query parameters by what progenitor is given in their place.
type StandIns = HashMap<String, String>;

fn document(provider: &Provider, stand_ins: &mut StandIns) -> Value {
    let mut paths = serde_json::Map::new();
    for operation in &provider.operations {
        let (path, parameters) = parameters(operation, stand_ins);
        let mut projected = json!({
            "operationId": method_name(&operation.name),
            "summary": operation.summary,
            "parameters": parameters,
            "responses": {"default": {"description": "", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}},
        });
        if operation.body.is_some()
            && let Some(projected) = projected.as_object_mut()
        {
            let body = json!({"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/JsonBody"}}}});
            projected.insert("requestBody".into(), body);
        }
        let item = paths.entry(path).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(operation.http_method.to_lowercase(), projected);
        }
    }
    json!({
        "openapi": "3.0.3",
        "info": {"title": provider.config.title, "version": "0"},
        "paths": paths,
        "components": {"schemas": {"JsonBody": {"type": "object"}}},
    })
}

/// An operation's path and parameters. Where names would not do as arguments of one function, all of its parameters
/// get others.
fn parameters(operation: &Operation, stand_ins: &mut StandIns) -> (String, Vec<Value>) {
    let wires: Vec<&str> = placeholders(&operation.path).collect();
    let query = operation.query.iter().map(|field| field.wire.as_str());
    let fits = are_arguments(wires.iter().copied().chain(query));
    let mut path = operation.path.clone();
    let mut parameters = Vec::new();
    for (position, wire) in wires.iter().enumerate() {
        let name = if fits { (*wire).to_owned() } else { format!("path{position}") };
        path = path.replacen(&format!("{{{wire}}}"), &format!("{{{name}}}"), 1);
        parameters.push(parameter(&name, "path", true, &Type::Text));
    }
    for (position, Field { wire, required, ty, .. }) in operation.query.iter().enumerate() {
        let name =
            if fits { wire.clone() } else { format!("query{}-{position:03}", operation.index) };
        if !fits {
            stand_ins.insert(name.clone(), wire.clone());
        }
        parameters.push(parameter(&name, "query", *required, ty));
    }
    (path, parameters)
}

/// Whether these can be the arguments of one function, under names that differ.
fn are_arguments<'a>(names: impl Iterator<Item = &'a str>) -> bool {
    // progenitor's own.
    let mut seen = HashSet::from([
        "body".to_owned(),
        "self".to_owned(),
        "client".to_owned(),
        "info".to_owned(),
    ]);
    let mut all = names;
    all.all(|name| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
            && seen.insert(heck::ToSnakeCase::to_snake_case(name))
    })
}

fn parameter(name: &str, place: &str, required: bool, ty: &Type) -> Value {
    let schema = if is_repeated(ty) {
        json!({"type": "array", "items": {"type": "string"}})
    } else {
        json!({"type": "string"})
    };
    json!({"name": name, "in": place, "required": required, "schema": schema})
}

/// Takes out what payglot does not want of progenitor's output.
fn rewrite(file: &mut syn::File, operations: usize, stand_ins: StandIns) -> Result<()> {
    // Modules that nobody uses, `types` (empty) and `prelude`; the template has its own imports.
    let before = file.items.len();
    file.items.retain(|item| match item {
        syn::Item::Mod(module) => module.ident != "types" && module.ident != "prelude",
        syn::Item::Use(_) => false,
        _ => true,
    });
    ensure!(
        before - file.items.len() == 4,
        "progenitor's output has changed: the modules to drop are not there"
    );
    let mut rewriter = Rewriter { stand_ins, ..Rewriter::default() };
    rewriter.visit_file_mut(file);
    for item in &mut file.items {
        if let syn::Item::Struct(client) = item {
            // Its place in the crate is private.
            client.vis = syn::parse_quote!(pub(super));
        }
    }
    ensure!(
        rewriter.constructors == 1,
        "progenitor's output has changed: `Client::new` is not there"
    );
    ensure!(
        rewriter.header_maps == operations
            && rewriter.header_appends == operations
            && rewriter.header_calls == operations,
        "progenitor's output has changed: the api-version header is not where it was"
    );
    ensure!(
        rewriter.urls == operations,
        "progenitor's output has changed: the request's URL is not where it was"
    );
    Ok(())
}

#[derive(Default)]
struct Rewriter {
    stand_ins: StandIns,
    constructors: usize,
    header_maps: usize,
    header_appends: usize,
    header_calls: usize,
    urls: usize,
}

impl VisitMut for Rewriter {
    /// The name of a query parameter, where progenitor was given another.
    fn visit_lit_str_mut(&mut self, text: &mut syn::LitStr) {
        if let Some(wire) = self.stand_ins.get(&text.value()) {
            *text = syn::LitStr::new(wire, text.span());
        }
    }

    /// `Client::new` makes a connection pool of its own, and can panic.
    fn visit_item_impl_mut(&mut self, item: &mut syn::ItemImpl) {
        let before = item.items.len();
        item.items.retain(
            |item| !matches!(item, syn::ImplItem::Fn(function) if function.sig.ident == "new"),
        );
        self.constructors += before - item.items.len();
        visit_mut::visit_item_impl_mut(self, item);
    }

    /// `let mut header_map = …; header_map.append("api-version", …);`
    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        block.stmts.retain(|statement| match statement {
            syn::Stmt::Local(local) if is_header_map(&local.pat) => {
                self.header_maps += 1;
                false
            }
            syn::Stmt::Expr(syn::Expr::MethodCall(call), _) if call.method == "append" => {
                self.header_appends += 1;
                false
            }
            _ => true,
        });
        visit_mut::visit_block_mut(self, block);
    }

    /// `.headers(header_map)`, and `.options(url)`, which reqwest does not have.
    fn visit_expr_mut(&mut self, expression: &mut syn::Expr) {
        visit_mut::visit_expr_mut(self, expression);
        let syn::Expr::MethodCall(call) = expression else { return };
        if call.method == "options" && call.args.len() == 1 {
            call.method = syn::parse_quote!(request);
            call.args.insert(0, syn::parse_quote!(reqwest::Method::OPTIONS));
        }
        if is_client(&call.receiver)
            && let Some(url) = call.args.last().and_then(url).cloned()
        {
            // The host is parsed once for a client, not for every request.
            call.args.pop();
            call.args.push(syn::parse_quote!(self.inner.url(&#url)));
            self.urls += 1;
        }
        if call.method == "headers" {
            self.header_calls += 1;
            *expression = (*call.receiver).clone();
        }
    }
}

/// `self.client`
fn is_client(expression: &syn::Expr) -> bool {
    matches!(expression, syn::Expr::Field(field) if matches!(&field.member, syn::Member::Named(name) if name == "client"))
}

/// `url`, or `_url` where a parameter has that name.
fn url(expression: &syn::Expr) -> Option<&syn::Ident> {
    let syn::Expr::Path(path) = expression else { return None };
    path.path.get_ident().filter(|name| name.to_string().trim_start_matches('_') == "url")
}

fn is_header_map(pattern: &syn::Pat) -> bool {
    matches!(pattern, syn::Pat::Ident(name) if name.ident == "header_map")
}
