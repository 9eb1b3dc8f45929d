//! Writes down what the sandbox serves: a document per provider, and where the sandbox finds them.

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::{Target, Targets};
use crate::model::Model;
use crate::output::{MARK, Output};

mod document;

const FOLDER: &str = "crates/payglot-sandbox/src/generated";

/// The documents and their list.
pub struct Sandbox;

impl Target for Sandbox {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn files(&self, model: &Model, _targets: &Targets) -> Result<Vec<Output>> {
        let mut outputs = Vec::new();
        let mut list = String::new();
        for provider in &model.providers {
            let name = &provider.config.name;
            list += &format!("    (\"{name}\", include_str!(\"{name}.json\")),\n");
            let mut document = document::document(
                provider.document.clone(),
                provider.sandbox.as_ref(),
                &provider.config,
            )
            .with_context(|| name.clone())?;
            mark_first(&mut document);
            let text = format!("{}\n", serde_json::to_string_pretty(&document)?);
            outputs.push(Output::new(format!("{FOLDER}/{name}.json"), text));
        }
        let text = format!(
            "// {MARK}\n\n/// The document of every provider as the sandbox serves it, by name.\n\
         pub(crate) static DOCUMENTS: &[(&str, &str)] = &[\n{list}];\n"
        );
        outputs.push(Output::new(format!("{FOLDER}/mod.rs"), text));
        Ok(outputs)
    }
}

/// The generator's mark stands in the first lines, where orphans are looked for.
fn mark_first(document: &mut Value) {
    if let Some(root) = document.as_object_mut()
        && let Some(mark) = root.shift_remove("x-generated")
    {
        root.shift_insert(0, "x-generated".to_owned(), mark);
    }
}
