//! Operations as methods: signatures, docs, and what the runtime needs to know.

use heck::ToLowerCamelCase as _;
use serde_json::{Value, json};

use super::fields::FieldView;
use super::names::positional;
use super::readers::has_map;
use super::source::paragraphs;
use super::view::View;
use crate::model::{Field, Operation, Paging, ResponseForm, Type};
use crate::targets::text::replay_note;

/// What the method does that writes bytes to a file.
const TO_FILE: &str = "Writes the response to a file while it comes. The file has its name when it is complete, and not before.";

impl View<'_> {
    pub fn operation(&self, operation: &Operation) -> Value {
        let has_params = !operation.query.is_empty() || operation.body.is_some();
        // Query and body can have fields of the same name: take the names that the call gives them.
        let all = operation.query.iter().chain(&operation.body_fields);
        let all: Vec<&Field> = all
            .map(|field| {
                operation.params.iter().find(|other| other.snake == field.snake).unwrap_or(field)
            })
            .collect();
        let is_paged = operation.paging.is_paged();
        let is_numbered = operation.paging == Paging::Paged;
        let is_page = |field: &Field| {
            is_numbered && !operation.params.iter().any(|other| other.wire == field.wire)
        };
        let fields: Vec<FieldView> =
            all.iter().map(|field| self.request_field(field, is_page(field))).collect();
        let are_optional = fields.iter().all(|field| field.optional);
        let params = format!("{}Params", operation.pascal);
        let path: Vec<String> = operation.path_params.iter().map(positional).collect();
        let mut arguments = path.clone();
        let mut typed: Vec<String> = path.iter().map(|name| format!("{name}: string")).collect();
        if has_params {
            arguments.push("params".into());
            let optional = if are_optional { "?" } else { "" };
            typed.push(format!("params{optional}: {}.{params}", self.class));
        }
        arguments.push("options".into());
        typed.push("options?: base.CallOptions".into());
        let record = Self::response_type(&operation.response, &format!("{}.", self.class));
        let (returns, awaited) = match operation.paging {
            _ if operation.returns.form == ResponseForm::Events => {
                (format!("base.EventStream<{record}>"), String::new())
            }
            _ if !operation.returns.is_plain() => {
                let returned = self.returned(operation);
                (format!("Promise<{returned}>"), returned)
            }
            Paging::Paged | Paging::Followed => {
                (format!("base.PagePromise<{record}>"), format!("Page<{record}>"))
            }
            Paging::List => (format!("Promise<{record}[]>"), format!("{record}[]")),
            Paging::None if record == "unknown" => ("Promise<unknown>".into(), "unknown".into()),
            Paging::None if operation.certain => (format!("Promise<{record}>"), record),
            Paging::None => (format!("Promise<{record} | null>"), format!("{record} | null")),
        };
        let extends = (operation.query.is_empty() && !is_numbered)
            .then_some(operation.body.as_deref())
            .flatten()
            .map(|body| self.request_name(body));
        json!({
            "name": operation.name,
            "key": operation.pascal.to_lower_camel_case(),
            "resource": operation.resource.to_lower_camel_case(),
            "camel": operation.camel,
            "path": path,
            // The core names them so in errors.
            "names": operation.path_params.iter().map(|field| &field.snake).collect::<Vec<_>>(),
            "paged": is_paged,
            "list": operation.paging != Paging::None,
            "files": operation.body_fields.iter().any(|field| field.ty.is_file()),
            "read": self.reads(&operation.response).filter(|_| {
                operation.returns.is_plain() || operation.returns.form == ResponseForm::Events
            }),
            "events": operation.returns.form == ResponseForm::Events,
            "typed_file_arguments": with_file(&typed, path.len(), "file: string | URL"),
            "file_arguments": with_file(&arguments, path.len(), "file"),
            "file_doc": operation_doc(operation, &path, has_params, true),
            "bytes": operation.returns.form == ResponseForm::Bytes,
            "several": operation.returns.several,
            "reads": operation.returns.own().into_iter().filter_map(|(success, ty)| {
                let read = self.reads(ty)?;
                Some(json!({ "first": success.first, "last": success.last, "read": read }))
            }).collect::<Vec<_>>(),
            "has_params": has_params,
            "params": params,
            "extends": extends,
            "fields": fields,
            "open": operation.body_open,
            "arguments": arguments.join(", "),
            "typed_arguments": typed.join(", "),
            "returns": returns,
            "awaited": awaited,
            "doc": operation_doc(operation, &path, has_params, false),
            "usage": self.usage(operation, &all),
        })
    }
}

impl View<'_> {
    /// The model that reads values of a type, where they need one.
    fn reads<'t>(&self, ty: &'t Type) -> Option<&'t str> {
        self.reader_of(ty).filter(|_| !has_map(ty))
    }

    /// The type of what is no JSON of one model.
    fn returned(&self, operation: &Operation) -> String {
        match operation.returns.form {
            ResponseForm::Text | ResponseForm::Events => "string".into(),
            ResponseForm::Bytes => "Uint8Array".into(),
            ResponseForm::Json => {
                let mut types: Vec<String> = Vec::new();
                let prefix = format!("{}.", self.class);
                for ty in operation.returns.types().map(|ty| Self::response_type(ty, &prefix)) {
                    if !types.contains(&ty) {
                        types.push(ty);
                    }
                }
                types.push("null".into());
                types.join(" | ")
            }
        }
    }
}

/// Arguments with a file behind those of the path.
fn with_file(arguments: &[String], path: usize, file: &str) -> String {
    let mut arguments = arguments.to_vec();
    arguments.insert(path.min(arguments.len()), file.to_owned());
    arguments.join(", ")
}

fn operation_doc(
    operation: &Operation,
    path: &[String],
    has_params: bool,
    is_file: bool,
) -> String {
    let note = |words: &str, text: &str| {
        if text.is_empty() { String::new() } else { format!("{words}{text}") }
    };
    let mut tags: Vec<String> = operation
        .path_params
        .iter()
        .zip(path)
        .map(|(field, name)| format!("@param {name} - {}", field.description))
        .collect();
    if is_file {
        tags.push(
            "@param file - Path of the file, or its URL; what has the name is replaced.".into(),
        );
    }
    if has_params {
        tags.push("@param params - Query and body fields, by their names on the wire.".into());
    }
    tags.push("@param options - Time, retries, signal and headers of this call alone.".into());
    tags.push(format!(
        "@returns {}",
        match operation.paging {
            _ if is_file => "The number of bytes that were written.",
            _ if operation.returns.form == ResponseForm::Events => {
                "The events, one by one while they come; nothing is sent until the first is asked for."
            }
            _ if operation.returns.form == ResponseForm::Text => "The text of the response.",
            _ if operation.returns.form == ResponseForm::Bytes => "The bytes of the response.",
            _ if operation.returns.several =>
                "What the API returns under the status that it responds with; null where that is nothing.",
            Paging::Paged | Paging::Followed =>
                "The first page when awaited; iterated with `for await`, the records of all pages.",
            Paging::List => "All records.",
            Paging::None => "What the API returns; null where it returns no data.",
        }
    ));
    tags.push("@throws {@link InvalidRequestError} for an argument that is wrong, before anything is sent.".into());
    tags.push("@throws {@link APIError} when the API responds with an error.".into());
    if !operation.reconcile.is_empty() {
        tags.push(format!(
            "@throws {{@link OutcomeUnknownError}} when it may have been carried out and no response tells. {}",
            operation.reconcile
        ));
    }
    tags.push(note("@see ", &operation.docs));
    tags.retain(|tag| !tag.is_empty());
    let to_file = if is_file { TO_FILE } else { "" };
    paragraphs([
        operation.summary.clone(),
        operation.description.clone(),
        to_file.to_owned(),
        format!(
            "`{} {}`. {}",
            operation.http_method,
            operation.path,
            replay_note(operation.replay)
        ),
        note("Not confirmed upstream: ", &operation.unconfirmed),
        tags.join("\n"),
    ])
}
