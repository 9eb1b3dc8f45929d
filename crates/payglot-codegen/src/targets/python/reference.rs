//! What the reference says of Python.

use crate::model::{Operation, Paging, Provider, ResponseForm, Type};
use crate::targets::{Direction, Reference, Signature};

pub fn reference(provider: &Provider) -> Reference {
    let module = &provider.config.module;
    Reference {
        title: "Python",
        page_type: "int",
        read_delivery: format!(
            "payglot.webhooks.{module}.construct_event(body, headers, secret, scheme)"
        ),
        is_compiled: false,
    }
}

pub fn type_name(ty: &Type, direction: Direction) -> String {
    let is_request = direction == Direction::Request;
    match ty {
        Type::Uuid if is_request => "str | UUID".into(),
        Type::Text | Type::Date | Type::Uuid => "str".into(),
        Type::DateTime => "datetime | str".into(),
        Type::Boolean => "bool".into(),
        Type::Integer { .. } => "int".into(),
        Type::Number => "int | float".into(),
        Type::Money { .. } if is_request => "Decimal | int | str".into(),
        Type::Money { .. } => "Decimal".into(),
        Type::Enum { name } => format!("str ({name})"),
        Type::Object { name } | Type::Union { name } => name.clone(),
        Type::List { item } => format!("list[{}]", type_name(item, direction)),
        Type::Map { value } => format!("dict[str, {}]", type_name(value, direction)),
        Type::File { .. } => "FileInput".into(),
        Type::Any => "JSON".into(),
    }
}

pub fn signature(provider: &Provider, operation: &Operation) -> Signature {
    let mut arguments: Vec<String> =
        operation.path_params.iter().map(|field| field.snake.clone()).collect();
    let mut named: Vec<_> = operation.params.iter().collect();
    named.sort_by_key(|field| !field.required);
    let pages = provider.page_fields(operation).into_iter().flatten();
    let named: Vec<String> = named
        .iter()
        .map(
            |field| {
                if field.required { field.snake.clone() } else { format!("{}=…", field.snake) }
            },
        )
        .chain(pages.map(|field| format!("{}=…", field.snake)))
        .collect();
    if !named.is_empty() {
        arguments.push("*".into());
    }
    arguments.extend(named);
    let record = type_name(&operation.response, Direction::Response);
    Signature {
        call: format!(
            "client.{}.{}({})",
            operation.resource,
            operation.snake,
            arguments.join(", ")
        ),
        returns: match operation.paging {
            _ if operation.returns.form == ResponseForm::Text => "str".into(),
            _ if operation.returns.form == ResponseForm::Bytes => {
                format!("bytes; or a file, by `{}_to_file`", operation.snake)
            }
            _ if operation.returns.form == ResponseForm::Events => format!("EventStream[{record}]"),
            _ if operation.returns.several => {
                let types = operation.returns.types();
                let types = types.map(|ty| type_name(ty, Direction::Response));
                types.chain(["None".to_owned()]).collect::<Vec<_>>().join(" | ")
            }
            Paging::Paged | Paging::Followed => format!("Page[{record}], iterable over all pages"),
            Paging::List => format!("list[{record}]"),
            Paging::None if operation.certain => record,
            Paging::None => format!("{record} | None"),
        },
    }
}
