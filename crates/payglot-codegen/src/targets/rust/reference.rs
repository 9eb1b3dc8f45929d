//! What the reference says of Rust.

use crate::model::{Operation, Paging, Provider, ResponseForm, Type};
use crate::targets::{Direction, Reference, Signature};

pub fn reference(provider: &Provider) -> Reference {
    let module = &provider.config.module;
    Reference {
        title: "Rust",
        page_type: "u64",
        read_delivery: format!(
            "payglot::{module}::webhooks::construct_event(body, headers, secret, &scheme)"
        ),
        is_compiled: true,
    }
}

pub fn type_name(ty: &Type, direction: Direction) -> String {
    match ty {
        Type::Text | Type::Date | Type::Uuid => "String".into(),
        Type::DateTime if direction == Direction::Request => "String".into(),
        Type::DateTime => "Timestamp".into(),
        Type::Boolean => "bool".into(),
        Type::Integer { .. } => "i64".into(),
        Type::Number => "f64".into(),
        Type::Money { .. } => "Decimal".into(),
        Type::Enum { name } | Type::Object { name } | Type::Union { name } => name.clone(),
        Type::List { item } => format!("Vec<{}>", type_name(item, direction)),
        Type::Map { value } => format!("HashMap<String, {}>", type_name(value, direction)),
        Type::File { .. } => "File".into(),
        Type::Any => "Json".into(),
    }
}

pub fn signature(provider: &Provider, operation: &Operation) -> Signature {
    let mut arguments: Vec<String> =
        operation.path_params.iter().map(|field| field.snake.clone()).collect();
    if !operation.query.is_empty() {
        arguments.push(format!("&types::{}Query::builder()….build()?", operation.pascal));
    }
    let is_paged = operation.paging == Paging::Paged;
    if is_paged && !operation.params.is_empty() {
        arguments.push(format!("&types::{}Params::builder()….build()?", operation.pascal));
    } else if !is_paged && let Some(body) = &operation.body {
        arguments.push(format!("&types::{body}::builder()….build()?"));
    }
    let record = type_name(&operation.response, Direction::Response);
    let pages = provider.page_fields(operation).map_or("", |_| ".rows_per_page(…).page(…)");
    Signature {
        call: format!(
            "client.{}().{}({}){pages}",
            operation.resource,
            operation.snake,
            arguments.join(", ")
        ),
        returns: match operation.paging {
            _ if operation.returns.form == ResponseForm::Text => "String".into(),
            _ if operation.returns.form == ResponseForm::Bytes => {
                "Bytes; or a file, by `download_to`".into()
            }
            _ if operation.returns.form == ResponseForm::Events => format!("EventStream<{record}>"),
            _ if operation.returns.several => format!("{}Success", operation.pascal),
            Paging::Paged | Paging::Followed => format!("Page<{record}>, or a stream of {record}"),
            Paging::List => format!("Vec<{record}>"),
            Paging::None if operation.certain => record,
            Paging::None => format!("Option<{record}>"),
        },
    }
}
