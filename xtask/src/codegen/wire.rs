//! Runs progenitor over what remains of a document on the wire: methods, paths, parameters.
//!
//! Bodies and answers are opaque to it: its own types make floats of money, close enums and lose unknown
//! fields. Bodies arrive checked and written, answers leave as streams; models are ours. What progenitor writes
//! beyond that is taken out of its syntax tree, and each rewrite must find its target.

use anyhow::{Context as _, Result, ensure};
use progenitor_impl::{GenerationSettings, Generator, HooksMode};
use serde_json::{Value, json};
use syn::visit_mut::{self, VisitMut};

use super::model::{Field, Operation, Provider};

/// The client of a provider as Rust source.
pub fn client(provider: &Provider) -> Result<String> {
    let document = serde_json::from_value(document(provider))
        .context("the projected document is not OpenAPI 3.0")?;
    let mut settings = GenerationSettings::default();
    settings
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote::quote!(payglot::runtime::Wire))
        .with_replacement("JsonBody", "payglot::runtime::Body", std::iter::empty());
    let tokens = Generator::new(&settings).generate_tokens(&document).context("progenitor")?;
    let mut file: syn::File = syn::parse2(tokens).context("progenitor's output is not Rust")?;
    rewrite(&mut file, provider.operations.len())?;
    Ok(prettyplease::unparse(&file))
}

/// The operation's name in progenitor's client, `cards_create_update_link`.
pub fn method_name(operation: &Operation) -> String {
    operation.name.replace('.', "_")
}

fn document(provider: &Provider) -> Value {
    let mut paths = serde_json::Map::new();
    for operation in &provider.operations {
        let parameters: Vec<Value> = operation
            .path_params
            .iter()
            .map(|field| parameter(field, "path"))
            .chain(operation.query.iter().map(|field| parameter(field, "query")))
            .collect();
        let mut projected = json!({
            "operationId": method_name(operation),
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
        let item = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
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

fn parameter(field: &Field, place: &str) -> Value {
    json!({"name": field.wire, "in": place, "required": place == "path" || field.required, "schema": {"type": "string"}})
}

/// Takes out what payglot does not want of progenitor's output.
fn rewrite(file: &mut syn::File, operations: usize) -> Result<()> {
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
    let mut rewriter = Rewriter::default();
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
    Ok(())
}

#[derive(Default)]
struct Rewriter {
    constructors: usize,
    header_maps: usize,
    header_appends: usize,
    header_calls: usize,
}

impl VisitMut for Rewriter {
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

    /// `.headers(header_map)`
    fn visit_expr_mut(&mut self, expression: &mut syn::Expr) {
        visit_mut::visit_expr_mut(self, expression);
        if let syn::Expr::MethodCall(call) = expression
            && call.method == "headers"
        {
            self.header_calls += 1;
            *expression = (*call.receiver).clone();
        }
    }
}

fn is_header_map(pattern: &syn::Pat) -> bool {
    matches!(pattern, syn::Pat::Ident(name) if name.ident == "header_map")
}
