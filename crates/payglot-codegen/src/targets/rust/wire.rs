//! Runs progenitor over what remains of a document on the wire: methods, paths, parameters.
//!
//! Bodies and answers are opaque to it: its own types make floats of money, close enums and lose unknown
//! fields. Bodies arrive checked and written, answers leave as streams; models are ours. Of what progenitor writes,
//! the part that makes a request is kept; sending it, with one attempt's signature, is the core's. Each rewrite must
//! find its target.

use std::collections::{HashMap, HashSet};

use anyhow::{Context as _, Result, ensure};
use progenitor_impl::{GenerationSettings, Generator};
use serde_json::{Value, json};
use syn::visit_mut::{self, VisitMut};

use crate::model::build::placeholders;
use crate::model::{Field, Operation, Provider, Type};

/// The client of a provider as Rust source.
pub fn client(provider: &Provider) -> Result<String> {
    let mut stand_ins = StandIns::default();
    let document = serde_json::from_value(document(provider, &mut stand_ins))
        .context("the projected document is not OpenAPI 3.0")?;
    let mut settings = GenerationSettings::default();
    settings.with_replacement("JsonBody", "payglot::runtime::Body", std::iter::empty());
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

/// Keeps of progenitor's output what says how a request is made: one method for each operation. The connection, the
/// sending and the reading of answers are the core's.
fn rewrite(file: &mut syn::File, operations: usize, stand_ins: StandIns) -> Result<()> {
    file.items.retain(|item| matches!(item, syn::Item::Impl(block) if is_client(block)));
    let mut rewriter = Rewriter { stand_ins, ..Rewriter::default() };
    rewriter.visit_file_mut(file);
    ensure!(file.items.len() == 1, "progenitor's output has changed: `impl Client` is not there");
    ensure!(
        rewriter.requests == operations && rewriter.paths == operations,
        "progenitor's output has changed: a request is not made where it was"
    );
    Ok(())
}

#[derive(Default)]
struct Rewriter {
    stand_ins: StandIns,
    requests: usize,
    paths: usize,
}

impl VisitMut for Rewriter {
    /// The name of a query parameter, where progenitor was given another.
    fn visit_lit_str_mut(&mut self, text: &mut syn::LitStr) {
        if let Some(wire) = self.stand_ins.get(&text.value()) {
            *text = syn::LitStr::new(wire, text.span());
        }
    }

    /// Constructors go: the template declares the client.
    fn visit_item_impl_mut(&mut self, item: &mut syn::ItemImpl) {
        item.self_ty = syn::parse_quote!(Client<'_>);
        item.items.retain(
            |item| matches!(item, syn::ImplItem::Fn(function) if function.sig.asyncness.is_some()),
        );
        visit_mut::visit_item_impl_mut(self, item);
    }

    /// `let url = …; let mut request = ….build()?; …` becomes `let url = …; ….send().await`.
    fn visit_impl_item_fn_mut(&mut self, function: &mut syn::ImplItemFn) {
        function.sig.output = syn::parse_quote!(-> WireResult);
        let mut statements = Vec::new();
        for statement in std::mem::take(&mut function.block.stmts) {
            let syn::Stmt::Local(local) = &statement else { continue };
            let value = local.init.as_ref().map(|init| &init.expr);
            if is_binding(&local.pat, "url") {
                statements.push(statement);
            } else if is_binding(&local.pat, "request")
                && let Some(draft) = value.and_then(|value| built(value))
            {
                let draft = draft.clone();
                statements.push(syn::Stmt::Expr(syn::parse_quote!(#draft.send().await), None));
                self.requests += 1;
            }
        }
        function.block.stmts = statements;
        visit_mut::visit_impl_item_fn_mut(self, function);
    }

    /// `format!("{}/path/{}", self.baseurl, encode_path(&id.to_string()))`: the core knows the host, and parameters
    /// are text.
    fn visit_macro_mut(&mut self, call: &mut syn::Macro) {
        let parser = syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
        let Ok(arguments) = call.parse_body_with(parser) else { return };
        let mut arguments = arguments.into_iter();
        let (Some(format), Some(_base)) = (arguments.next(), arguments.next()) else { return };
        let Some(format) = text(&format) else { return };
        let whole = format.value();
        let Some(path) = whole.strip_prefix("{}") else { return };
        let path = syn::LitStr::new(path, format.span());
        let values = arguments.map(|value| match without_to_string(&value) {
            Some(parameter) => syn::parse_quote!(encode_path(#parameter)),
            None => value,
        });
        call.tokens = quote::quote!(#path #(, #values)*);
        self.paths += 1;
    }

    fn visit_expr_mut(&mut self, expression: &mut syn::Expr) {
        visit_mut::visit_expr_mut(self, expression);
        if let syn::Expr::Macro(call) = expression
            && let Some(path) = path(&call.mac)
        {
            *expression = path;
        }
        let syn::Expr::MethodCall(call) = expression else { return };
        match call.method.to_string().as_str() {
            // progenitor's own version of the document, and what it accepts.
            "headers" | "header" => *expression = (*call.receiver).clone(),
            "query" => {
                if let Some((name, value)) = call.args.first().and_then(query_parameter) {
                    call.args = syn::parse_quote!(#name, #value);
                }
            }
            "json" => {
                // `&body` of what is a reference already.
                if let Some(syn::Expr::Reference(body)) = call.args.first() {
                    let body = (*body.expr).clone();
                    call.args = syn::parse_quote!(#body);
                }
            }
            method if is_field(&call.receiver, "client") => {
                let method = quote::format_ident!("{}", method.to_uppercase());
                let url = call.args.last().and_then(binding);
                *expression = syn::parse_quote!(self.wire.request(Method::#method, #url));
            }
            _ => {}
        }
    }
}

/// `["/path/", &encode_path(id)].concat()` for `format!("/path/{}", encode_path(id))`, which guesses its length too
/// short; the text alone where there are no parameters.
fn path(call: &syn::Macro) -> Option<syn::Expr> {
    let parser = syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
    let mut arguments = call.parse_body_with(parser).ok()?.into_iter();
    let format = arguments.next()?;
    let whole = text(&format)?.value();
    let mut values = arguments.map(|value| syn::parse_quote!(&#value)).peekable();
    if values.peek().is_none() {
        return Some(format);
    }
    let mut parts: Vec<syn::Expr> = Vec::new();
    for (position, piece) in whole.split("{}").enumerate() {
        if position > 0 {
            parts.push(values.next()?);
        }
        if !piece.is_empty() {
            parts.push(syn::parse_quote!(#piece));
        }
    }
    Some(syn::parse_quote!([#(#parts),*].concat()))
}

/// The `impl Client` with a method for each operation.
fn is_client(block: &syn::ItemImpl) -> bool {
    let syn::Type::Path(ty) = &*block.self_ty else { return false };
    let has_operations = block.items.iter().any(
        |item| matches!(item, syn::ImplItem::Fn(function) if function.sig.asyncness.is_some()),
    );
    block.trait_.is_none() && ty.path.is_ident("Client") && has_operations
}

/// `….build()?` without its end.
fn built(value: &syn::Expr) -> Option<&syn::Expr> {
    let syn::Expr::Try(tried) = value else { return None };
    let syn::Expr::MethodCall(call) = &*tried.expr else { return None };
    (call.method == "build").then_some(&*call.receiver)
}

/// `"name"` and `value` of `&progenitor_client::QueryParam::new("name", &value)`.
fn query_parameter(argument: &syn::Expr) -> Option<(syn::Expr, syn::Expr)> {
    let syn::Expr::Reference(argument) = argument else { return None };
    let syn::Expr::Call(call) = &*argument.expr else { return None };
    let syn::Expr::Reference(value) = call.args.get(1)? else { return None };
    Some((call.args.first()?.clone(), (*value.expr).clone()))
}

/// `id` of `encode_path(&id.to_string())`.
fn without_to_string(value: &syn::Expr) -> Option<syn::Expr> {
    let syn::Expr::Call(call) = value else { return None };
    let syn::Expr::Reference(argument) = call.args.first()? else { return None };
    let syn::Expr::MethodCall(call) = &*argument.expr else { return None };
    (call.method == "to_string").then(|| (*call.receiver).clone())
}

fn text(expression: &syn::Expr) -> Option<&syn::LitStr> {
    match expression {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text),
        _ => None,
    }
}

/// `self.<name>`
fn is_field(expression: &syn::Expr, name: &str) -> bool {
    matches!(expression, syn::Expr::Field(field) if matches!(&field.member, syn::Member::Named(member) if member == name))
}

/// A variable that is used.
fn binding(expression: &syn::Expr) -> Option<&syn::Ident> {
    let syn::Expr::Path(path) = expression else { return None };
    path.path.get_ident()
}

/// Whether a pattern binds this name; progenitor puts `_` before it where a parameter has it.
fn is_binding(pattern: &syn::Pat, name: &str) -> bool {
    matches!(pattern, syn::Pat::Ident(pattern) if pattern.ident.to_string().trim_start_matches('_') == name)
}
