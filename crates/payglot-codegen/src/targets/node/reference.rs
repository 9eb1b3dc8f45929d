//! What the reference says of Node.

use super::names::{positional, property};
use crate::model::names::camel;
use crate::model::{Operation, Paging, Provider, ResponseForm, Type};
use crate::targets::{Direction, Reference, Signature};

pub fn reference(provider: &Provider) -> Reference {
    let name = camel(&provider.config.module);
    Reference {
        title: "Node",
        page_type: "number",
        read_delivery: format!("webhooks.{name}.constructEvent(body, headers, secret, scheme)"),
        is_compiled: false,
    }
}

pub fn type_name(ty: &Type, direction: Direction) -> String {
    let is_request = direction == Direction::Request;
    match ty {
        Type::DateTime if is_request => "Date | string".into(),
        Type::Money { .. } if is_request => "string | number".into(),
        Type::Text | Type::Date | Type::Uuid | Type::DateTime | Type::Money { .. } => {
            "string".into()
        }
        Type::Boolean => "boolean".into(),
        Type::Integer { wide: true } if !is_request => "number | string".into(),
        Type::Integer { .. } | Type::Number => "number".into(),
        Type::Enum { name } | Type::Object { name } | Type::Union { name } => name.clone(),
        Type::List { item } => format!("{}[]", type_name(item, direction)),
        Type::Map { value } => format!("Record<string, {}>", type_name(value, direction)),
        Type::File { .. } => "FileInput".into(),
        Type::Any => "JSON".into(),
    }
}

pub fn signature(provider: &Provider, operation: &Operation) -> Signature {
    let mut arguments: Vec<String> = operation.path_params.iter().map(positional).collect();
    let names = operation
        .params
        .iter()
        .map(|field| format!("{}{}", property(field), if field.required { "" } else { "?" }));
    let pages = provider.page_fields(operation).into_iter().flatten();
    let names: Vec<_> = names.chain(pages.map(|field| format!("{}?", property(field)))).collect();
    if !names.is_empty() {
        arguments.push(format!("{{ {} }}", names.join(", ")));
    }
    let record = type_name(&operation.response, Direction::Response);
    Signature {
        call: format!(
            "client.{}.{}({})",
            camel(&operation.resource),
            operation.camel,
            arguments.join(", ")
        ),
        returns: match operation.paging {
            _ if operation.returns.form == ResponseForm::Text => "string".into(),
            _ if operation.returns.form == ResponseForm::Bytes => {
                format!("Uint8Array; or a file, by `{}ToFile`", operation.camel)
            }
            _ if operation.returns.form == ResponseForm::Events => format!("EventStream<{record}>"),
            _ if operation.returns.several => {
                let types = operation.returns.types();
                let types = types.map(|ty| type_name(ty, Direction::Response));
                types.chain(["null".to_owned()]).collect::<Vec<_>>().join(" | ")
            }
            Paging::Paged | Paging::Followed => {
                format!("Page<{record}>, async-iterable over all pages")
            }
            Paging::List => format!("{record}[]"),
            Paging::None if operation.certain => record,
            Paging::None => format!("{record} | null"),
        },
    }
}
