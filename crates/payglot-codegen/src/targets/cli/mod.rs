//! Writes down what the command line says of operations and their arguments: the tables of the core hold no prose.

use anyhow::{Result, ensure};

use super::{MARK, Output};
use crate::model::{Field, Model, Operation};

/// Options that every operation of `payglot call` has; an argument of such a name gets `field-` in front.
const RESERVED: [&str; 12] = [
    "all",
    "base-url",
    "environment",
    "help",
    "idempotency-key",
    "json",
    "max-retries",
    "output",
    "show-sensitive",
    "timeout",
    "verbose",
    "version",
];

/// One table over all providers.
pub fn emit(model: &Model) -> Result<Vec<Output>> {
    let mut text = format!(
        "// {MARK}\n\n//! What operations and their arguments mean.\n\n\
         use crate::docs::{{ArgumentDoc, OperationDoc}};\n\n\
         /// Every provider's operations, in the order of its table.\n\
         pub static DOCS: &[(&str, &[OperationDoc])] = &[\n"
    );
    for provider in &model.providers {
        text += &format!("    ({:?}, &[\n", provider.config.name);
        for operation in &provider.operations {
            text += &self::operation(operation)?;
        }
        text += "    ]),\n";
    }
    text += "];\n";
    Ok(vec![Output::new("crates/payglot-cli/src/generated/mod.rs", text)])
}

fn operation(operation: &Operation) -> Result<String> {
    let named: Vec<&Field> = operation.query.iter().chain(&operation.body_fields).collect();
    let flags: Vec<String> = named.iter().map(|field| flag(field)).collect();
    for (position, flag) in flags.iter().enumerate() {
        let twice = flags.iter().skip(position + 1).any(|other| other == flag);
        ensure!(!twice, "{}: two arguments are `--{flag}` on the command line", operation.name);
    }
    let path = operation.path_params.iter().map(|field| argument(field, &unreserved(&field.snake)));
    let named = named.iter().zip(&flags).map(|(field, flag)| argument(field, flag));
    Ok(format!(
        "        OperationDoc {{\n            description: {:?},\n            path: &[\n{}            ],\n            \
         named: &[\n{}            ],\n        }},\n",
        operation.description,
        path.collect::<String>(),
        named.collect::<String>(),
    ))
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
