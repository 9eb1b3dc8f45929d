//! Generates the sandbox's interface for tests from its document: the routes, the helpers of Rust, Python and Node, and the
//! commands of `payglot sandbox`.
//!
//! The templates only lay out; names and types of each language are decided in [`languages`].

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::text::{environment, render, templates};
use super::{Target, Targets};
use crate::model::Model;
use crate::output::{MARK, Output};

mod commands;
mod document;
mod languages;

use document::Interface;

/// The document, which belongs to the sandbox.
const DOCUMENT: &str = include_str!("../../../../payglot-sandbox/api.yaml");
const TEMPLATES: &[(&str, &str)] = templates![
    "clients.rs",
    "commands.rs",
    "helpers.cjs",
    "helpers.d.cts",
    "helpers.py",
    "helpers.rs",
    "routes.rs",
];
/// Where each template's file goes.
const FILES: [(&str, &str); 7] = [
    ("routes.rs", "crates/payglot-sandbox/src/http/admin/generated.rs"),
    ("helpers.rs", "crates/payglot-sandbox/src/sandbox/generated.rs"),
    ("clients.rs", "crates/payglot-sandbox/src/sandbox/generated_clients.rs"),
    ("commands.rs", "crates/payglot-cli/src/sandbox/generated.rs"),
    ("helpers.py", "bindings/python/python/payglot/_generated_sandbox_api.py"),
    ("helpers.cjs", "bindings/node/generated/sandbox-api.cjs"),
    ("helpers.d.cts", "bindings/node/generated/sandbox-api.d.cts"),
];
const JSON: &str = "crates/payglot-sandbox/src/http/admin/generated.json";

/// The interface for tests, and the clients of a sandbox.
pub struct SandboxApi;

impl Target for SandboxApi {
    fn name(&self) -> &'static str {
        "sandbox_api"
    }

    fn files(&self, model: &Model, _targets: &Targets) -> Result<Vec<Output>> {
        let document: Value = serde_yaml_ng::from_str(DOCUMENT)
            .context("crates/payglot-sandbox/api.yaml is not YAML")?;
        let interface = Interface::read(&document).context("crates/payglot-sandbox/api.yaml")?;
        let context = json!({
            "interface": languages::view(&interface),
            "commands": commands::view(&interface)?,
            "providers": model.providers.iter().map(|provider| &provider.config).collect::<Vec<_>>(),
        });
        let environment = environment(TEMPLATES)?;
        let mut outputs = Vec::new();
        for (template, path) in FILES {
            outputs.push(Output::new(path, render(&environment, template, &context)?));
        }
        let mut marked = json!({ "x-generated": MARK });
        if let (Some(marked), Value::Object(document)) = (marked.as_object_mut(), document) {
            marked.extend(document);
        }
        outputs.push(Output::new(JSON, format!("{}\n", serde_json::to_string_pretty(&marked)?)));
        Ok(outputs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_helper_in_each_language() {
        let model = Model { providers: Vec::new(), errors: Vec::new() };
        let outputs = SandboxApi.files(&model, &Targets::standard()).unwrap();
        let text = |name: &str| {
            let output = outputs.iter().find(|output| output.path.ends_with(name)).unwrap();
            output.text.clone()
        };
        let (python, node) = (text("_generated_sandbox_api.py"), text("sandbox-api.cjs"));
        let commands = text("payglot-cli/src/sandbox/generated.rs");
        let document: Value = serde_yaml_ng::from_str(DOCUMENT).unwrap();
        let interface = Interface::read(&document).unwrap();
        assert!(interface.operations.len() > 20);
        for operation in &interface.operations {
            assert!(python.contains(&format!("def {}(", operation.id)), "{}", operation.id);
            let camel = heck::ToLowerCamelCase::to_lower_camel_case(operation.id.as_str());
            assert!(node.contains(&format!("  {camel}(")), "{}", operation.id);
            let command = operation.command.clone().unwrap_or(operation.id.replace('_', "-"));
            assert!(commands.contains(&format!("name: \"{command}\"")), "{}", operation.id);
        }
    }
}
