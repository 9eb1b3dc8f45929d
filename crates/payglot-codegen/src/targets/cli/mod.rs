//! Writes down what the command line says of operations and their arguments: the tables of the core hold no prose.

use std::collections::BTreeSet;

use anyhow::Result;

use super::{Named, Signature, Target, Targets};
use crate::diagnostic::Diagnostic;
use crate::model::{Field, Model, Operation, Provider, ResponseForm};
use crate::output::{MARK, Output};

/// Options that every operation of `payglot call` has; an argument of such a name gets `field-` in front.
const RESERVED: [&str; 16] = [
    "all",
    "base-url",
    "environment",
    "help",
    "idempotency-key",
    "intent",
    "journal",
    "json",
    "max-retries",
    "output",
    "profile",
    "show-sensitive",
    "tag",
    "timeout",
    "verbose",
    "version",
];

/// The prose of the `payglot` command.
pub struct Cli;

impl Target for Cli {
    fn name(&self) -> &'static str {
        "cli"
    }

    fn identifier(&self, named: Named<'_>) -> String {
        match named {
            Named::PathArgument(field) => unreserved(&field.snake),
            Named::Argument(field)
            | Named::PageSize(field)
            | Named::PageNumber(field)
            | Named::Field(field) => flag(field),
            other => other.on_the_wire().to_owned(),
        }
    }

    fn signature(&self, provider: &Provider, operation: &Operation) -> Signature {
        let mut call = format!("payglot call {} {}", provider.config.name, operation.name);
        for field in &operation.path_params {
            call += &format!(" <{}>", unreserved(&field.snake));
        }
        for field in operation.params.iter().filter(|field| field.required) {
            call += &format!(" --{} …", flag(field));
        }
        let returns = match operation.returns.form {
            ResponseForm::Json => "JSON",
            ResponseForm::Text | ResponseForm::Events => "text",
            ResponseForm::Bytes => "bytes",
        };
        Signature { call, returns: returns.into() }
    }

    fn check(&self, provider: &Provider) -> Vec<Diagnostic> {
        provider.operations.iter().filter_map(flag_of_two).collect()
    }

    /// One table over all providers.
    fn files(&self, model: &Model, _targets: &Targets) -> Result<Vec<Output>> {
        let mut text = format!(
            "// {MARK}\n\n//! What operations and their arguments mean.\n\n\
             use crate::docs::{{ArgumentDoc, OperationDoc}};\n\n\
             /// Every provider's operations, in the order of its table.\n\
             pub static DOCS: &[(&str, &[OperationDoc])] = &[\n"
        );
        for provider in &model.providers {
            text += &format!("    ({:?}, &[\n", provider.config.name);
            for operation in &provider.operations {
                text += &self::operation(operation);
            }
            text += "    ]),\n";
        }
        text += "];\n";
        Ok(vec![Output::new("crates/payglot-cli/src/generated/mod.rs", text)])
    }
}

/// Two arguments of one flag.
fn flag_of_two(operation: &Operation) -> Option<Diagnostic> {
    let mut seen = BTreeSet::new();
    let mut flags = operation.query.iter().chain(&operation.body_fields).map(flag);
    let flag = flags.find(|flag| !seen.insert(flag.clone()))?;
    let problem = format!("two arguments are `--{flag}` on the command line");
    let fix = "Rename one by x-payglot-rename in overlay.yaml.";
    Some(Diagnostic::edit(&operation.location(), problem, fix))
}

fn operation(operation: &Operation) -> String {
    let named: Vec<&Field> = operation.query.iter().chain(&operation.body_fields).collect();
    let flags: Vec<String> = named.iter().map(|field| flag(field)).collect();
    let path = operation.path_params.iter().map(|field| argument(field, &unreserved(&field.snake)));
    let named = named.iter().zip(&flags).map(|(field, flag)| argument(field, flag));
    format!(
        "        OperationDoc {{\n            description: {:?},\n            path: &[\n{}            ],\n            \
         named: &[\n{}            ],\n        }},\n",
        operation.description,
        path.collect::<String>(),
        named.collect::<String>(),
    )
}

fn argument(field: &Field, flag: &str) -> String {
    format!(
        "                ArgumentDoc {{ flag: {flag:?}, text: {:?} }},\n",
        field.description.trim()
    )
}

fn flag(field: &Field) -> String {
    unreserved(&field.snake.trim_matches('_').replace('_', "-"))
}

fn unreserved(name: &str) -> String {
    if RESERVED.contains(&name) { format!("field-{name}") } else { name.to_owned() }
}
