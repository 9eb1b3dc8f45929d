//! progenitor's client of a provider, complete, with our models and our signature.
//!
//! The document that progenitor is given is in [`document`]; its output is formatted and otherwise left as it is.

use anyhow::{Context as _, Result};
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use progenitor_impl::{GenerationSettings, Generator, HooksMode};

use self::document::is_possible;
use super::source;
use crate::model::{Provider, Schema};
use crate::output::Output;
use crate::targets::text::render;

mod document;
mod witness;

pub use witness::file as witness;

/// The file of a provider in a folder of generated modules.
pub fn file(environment: &Environment<'_>, provider: &Provider, folder: &str) -> Result<Output> {
    let client = client(provider)?;
    let names: Vec<&str> = provider.operations.iter().filter_map(document::paged_body).collect();
    let bodies: Vec<&Schema> =
        provider.schemas.iter().filter(|schema| names.contains(&schema.pascal.as_str())).collect();
    let impossible = provider.operations.iter().filter(|operation| !is_possible(operation));
    let left_out: Vec<String> = impossible.map(|operation| operation.name.clone()).collect();
    let (p, bodies) = (Value::from(Serde(provider)), Value::from(Serde(bodies)));
    let context = context! { p, bodies, left_out, client };
    let text = render(environment, "provider/progenitor.rs", context)?;
    source::file(&format!("{folder}/{}/progenitor.rs", provider.config.module), &text)
}

/// progenitor's output.
fn client(provider: &Provider) -> Result<String> {
    let projected = document::project(provider)?;
    let document = serde_json::from_value(projected.document)
        .context("the document for progenitor is not OpenAPI 3.0")?;
    let mut settings = GenerationSettings::default();
    let inner = "payglot_runtime::client::progenitor::Hooks".parse();
    settings
        .with_hooks(HooksMode::Expected)
        .with_inner_type(inner.map_err(|_| anyhow::anyhow!("the type of the hooks is not Rust"))?);
    for (name, rust) in projected.replacements {
        settings.with_replacement(name, rust, std::iter::empty());
    }
    let tokens = Generator::new(&settings).generate_tokens(&document).context("progenitor")?;
    Ok(tokens.to_string())
}
