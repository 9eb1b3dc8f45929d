//! What an operation returns: the payload of its JSON, the forms beside it, and what each success has.
//!
//! An operation whose document has other forms beside JSON becomes several: the plain one asks for JSON, and each of its
//! siblings for one other form. Their names are made here, and nowhere else.

use std::collections::HashSet;

use anyhow::Result;
use serde_json::{Map, Value};

use super::operation::kinds;
use super::schemas::resolve;
use super::{Builder, media};
use crate::diagnostic::step;
use crate::model::names;
use crate::model::{
    Follow, Operation, Paging, ResponseForm, Returns, Success, SuccessBody, Type, Wrap,
};

/// What the responses of an operation come to.
pub(super) struct Declared {
    pub wrap: Wrap,
    /// The payload; the type of one record where there are several.
    pub ty: Type,
    pub is_list: bool,
    pub returns: Returns,
    /// The forms beside this one.
    pub others: Vec<OtherForm>,
}

/// Another form of the same operation.
pub(super) struct OtherForm {
    /// What its method's name ends with.
    word: String,
    ty: Type,
    returns: Returns,
}

/// A success as the document has it.
struct Response<'d> {
    status: &'d str,
    first: u16,
    last: u16,
    content: Option<&'d Map<String, Value>>,
}

/// A media type of a success.
#[derive(Clone, Copy)]
struct Media<'d> {
    kind: &'d str,
    /// As it is written.
    schema: &'d Value,
    form: ResponseForm,
}

/// Wrap, payload and whether it is a list.
type Payload = (Wrap, Type, bool);

impl<'d> Builder<'d> {
    /// Reads the responses of an operation.
    pub(super) fn responses(
        &mut self,
        operation: &'d Value,
        at: &str,
        pascal: &str,
        follow: Option<&Follow>,
    ) -> Result<Declared> {
        let responses = self.successes(operation)?;
        let mut forms: Vec<(String, &Response<'d>, Media<'d>)> = Vec::new();
        let mut json: Vec<(&Response<'d>, Media<'d>)> = Vec::new();
        for response in &responses {
            let all = self.media(response)?;
            let plain = json_of(&all);
            json.extend(plain.map(|media| (response, media)));
            for media in all
                .into_iter()
                .filter(|media| !matches!(media.form, ResponseForm::Json | ResponseForm::Events))
            {
                let is_same = plain.is_some_and(|plain| says_the_same(plain, media));
                if !is_same {
                    forms.push((media::word(media.kind), response, media));
                }
            }
        }
        let mut others = self.others(&responses, &forms, at, pascal)?;
        if json.is_empty() && !others.is_empty() {
            let OtherForm { ty, returns, .. } = others.remove(0);
            return Ok(Declared { wrap: Wrap::Bare, ty, is_list: false, returns, others });
        }
        let content = responses.iter().find_map(|response| response.content);
        if let Some(content) = content.filter(|_| json.is_empty()) {
            anyhow::bail!("a response of type {} is not known here", kinds(content))
        }
        if follow.is_some() {
            // What a page holds is said of the first.
            json.truncate(1);
        }
        self.json(&responses, &json, others, (at, pascal), follow)
    }

    /// The operation's JSON, which may be another one under each status.
    fn json(
        &mut self,
        responses: &[Response<'d>],
        json: &[(&Response<'d>, Media<'d>)],
        others: Vec<OtherForm>,
        (operation_at, pascal): (&str, &str),
        follow: Option<&Follow>,
    ) -> Result<Declared> {
        let mut payloads: Vec<(&Response<'d>, Payload)> = Vec::new();
        for (response, media) in json {
            let at = schema_at(operation_at, response.status, media.kind);
            let hint = match payloads.len() {
                0 => format!("{pascal}Response"),
                _ => format!("{pascal}Response{}", response.status),
            };
            let payload = match follow {
                Some(follow) => self.records(follow, media.schema, (operation_at, &at), &hint)?,
                None => self.payload(media.schema, &at, &hint)?,
            };
            payloads.push((response, payload));
        }
        let first = payloads.first().map(|(_, payload)| payload.clone());
        let (wrap, ty, is_list) = first.clone().unwrap_or((Wrap::Bare, Type::Any, false));
        // Records in an envelope are the payload of the first alone: what they are read as is the operation's.
        let is_several = payloads.iter().any(|(_, payload)| Some(payload) != first.as_ref())
            && payloads.iter().all(|(_, (wrap, ..))| *wrap == Wrap::Bare);
        let mut statuses = Vec::new();
        for response in responses {
            let own = payloads.iter().find(|(other, _)| other.first == response.first);
            let body = match own {
                Some((_, (_, ty, is_list))) if is_several => {
                    SuccessBody::Own(whole(ty.clone(), *is_list))
                }
                Some(_) => SuccessBody::Payload,
                None if response.content.is_none() => SuccessBody::Nothing,
                // It is of another form alone.
                None => continue,
            };
            statuses.push(Success { first: response.first, last: response.last, body });
        }
        // An envelope says by itself whether the call succeeded.
        if wrap != Wrap::Bare && statuses.iter().all(|one| one.body == SuccessBody::Payload) {
            statuses.clear();
        }
        let mut returns = Returns { statuses, several: is_several, ..Returns::json() };
        if let Some((_, media)) = json.first().filter(|(_, media)| media.kind.ends_with("+json")) {
            returns.accept = format!("{}, application/json", media.kind);
        }
        if is_several {
            let ty = whole(ty, is_list);
            return Ok(Declared { wrap, ty, is_list: false, returns, others });
        }
        Ok(Declared { wrap, ty, is_list, returns, others })
    }

    /// The other forms, each once.
    fn others(
        &mut self,
        responses: &[Response<'d>],
        forms: &[(String, &Response<'d>, Media<'d>)],
        at: &str,
        pascal: &str,
    ) -> Result<Vec<OtherForm>> {
        let mut others: Vec<OtherForm> = Vec::new();
        for (word, response, media) in forms {
            if others.iter().any(|other| other.word == *word) {
                continue;
            }
            let ty = match media.form {
                ResponseForm::Events => {
                    let at = schema_at(at, response.status, media.kind);
                    self.event_data(media.schema, &at, &format!("{pascal}Event"))?
                }
                ResponseForm::Text => Type::Text,
                ResponseForm::Json | ResponseForm::Bytes => Type::Any,
            };
            let has_form = |response: &Response<'d>| {
                forms.iter().any(|(other, of, _)| other == word && of.first == response.first)
            };
            let statuses = responses.iter().filter_map(|response| {
                let body = match response.content {
                    None => SuccessBody::Nothing,
                    Some(_) if has_form(response) => SuccessBody::Payload,
                    Some(_) => return None,
                };
                Some(Success { first: response.first, last: response.last, body })
            });
            let accept = match media::plain(media.kind) {
                // A file that is declared as JSON comes as what it is.
                kind if media::is_json(&kind) => "*/*".to_owned(),
                kind => kind,
            };
            let (form, statuses) = (media.form, statuses.collect());
            let returns = Returns { form, accept, statuses, several: false };
            others.push(OtherForm { word: word.clone(), ty, returns });
        }
        Ok(others)
    }

    /// The successes of an operation, in the document's order.
    fn successes(&self, operation: &'d Value) -> Result<Vec<Response<'d>>> {
        let mut found = Vec::new();
        let responses = operation.get("responses").and_then(Value::as_object);
        for (status, response) in responses.into_iter().flatten() {
            let (first, last) = match status.parse() {
                Ok(status) if (200..300).contains(&status) => (status, status),
                Err(_) if status.eq_ignore_ascii_case("2XX") => (200, 299),
                _ => continue,
            };
            let content =
                resolve(self.document, response)?.get("content").and_then(Value::as_object);
            let content = content.filter(|content| !content.is_empty());
            found.push(Response { status, first, last, content });
        }
        Ok(found)
    }

    /// The media types of a success.
    fn media(&self, response: &Response<'d>) -> Result<Vec<Media<'d>>> {
        let content = response.content.into_iter().flatten();
        let read = |(kind, media): (&'d String, &'d Value)| {
            // Of server-sent events, what each of them is.
            let schema = media.get("itemSchema").or_else(|| media.get("schema"));
            let schema = schema.unwrap_or(&Value::Null);
            let form = media::form(kind, resolve(self.document, schema)?);
            Ok(Media { kind, schema, form })
        };
        content.map(read).collect()
    }

    /// The payload of JSON, out of its envelope.
    fn payload(&mut self, schema: &'d Value, at: &str, hint: &str) -> Result<Payload> {
        if let Some(envelope) = &self.config.envelope {
            let records = self.schemas.property(schema, &envelope.records)?;
            let data = self.schemas.property(schema, &envelope.data)?;
            if self.schemas.property(schema, &envelope.success)?.is_some() {
                if let Some(records) = records {
                    return match self.schemas.ty(records, at, hint)? {
                        Type::List { item } => Ok((Wrap::Records, *item, true)),
                        _ => anyhow::bail!("`{}` of the response is not a list", envelope.records),
                    };
                }
                if let Some(data) = data {
                    return Ok(match self.schemas.ty(data, at, hint)? {
                        Type::List { item } => (Wrap::Data, *item, true),
                        other => (Wrap::Data, other, false),
                    });
                }
            }
        }
        Ok(match self.schemas.ty(schema, at, hint)? {
            Type::List { item } => (Wrap::Bare, *item, true),
            other => (Wrap::Bare, other, false),
        })
    }

    /// What the data of an event is: text where nobody says that it is JSON.
    fn event_data(&mut self, schema: &'d Value, at: &str, hint: &str) -> Result<Type> {
        let resolved = resolve(self.document, schema)?;
        // OpenAPI 3.2 describes the event, and within it the data.
        let data = ["/properties/data/contentSchema", "/properties/data"];
        let is_event = ["event", "id", "retry"]
            .iter()
            .any(|name| resolved.pointer(&format!("/properties/{name}")).is_some());
        let data = data.iter().find_map(|path| resolved.pointer(path)).filter(|_| is_event);
        let schema = data.unwrap_or(schema);
        let is_text = |schema: &Value| schema.get("type").and_then(Value::as_str) == Some("string");
        if schema.as_object().is_none_or(Map::is_empty) || is_text(resolve(self.document, schema)?)
        {
            return Ok(Type::Text);
        }
        self.schemas.ty(schema, at, hint)
    }
}

/// The operation for each other form.
pub(super) fn siblings(
    operation: &Operation,
    others: Vec<OtherForm>,
    taken: &HashSet<&str>,
    naming: &names::Naming,
) -> Vec<Operation> {
    let mut siblings: Vec<Operation> = Vec::new();
    for OtherForm { word, ty, returns } in others {
        let (resource, method) = operation.name.split_once('.').unwrap_or(("", &operation.name));
        let name = [format!("{method}_{word}"), format!("{method}_as_{word}")];
        let name = name.into_iter().find(|name| !taken.contains(&*format!("{resource}.{name}")));
        let snake = name.unwrap_or_else(|| format!("{method}_{word}"));
        let name = format!("{resource}.{snake}");
        let pascal = naming.pascal(&name.replace('.', "_"));
        let asks = format!("Asks for `{}`.", returns.accept);
        let description = [operation.description.trim(), &asks].join(" ").trim().to_owned();
        siblings.push(Operation {
            index: operation.index + siblings.len() + 1,
            camel: names::camel(&snake),
            snake: naming.snake(&snake),
            upper: names::upper(&pascal),
            pascal,
            name,
            paging: Paging::None,
            follow: None,
            wrap: Wrap::Bare,
            params: operation.params.clone(),
            response: ty,
            returns,
            description,
            ..operation.clone()
        });
    }
    siblings
}

/// The JSON among media types: as everybody calls it, or the first that is.
fn json_of<'d>(all: &[Media<'d>]) -> Option<Media<'d>> {
    let mut json = all.iter().filter(|media| media.form == ResponseForm::Json);
    let named = json.clone().find(|media| media.kind == "application/json");
    named.or_else(|| json.next()).copied()
}

/// Whether a text is only another way to write the same value, as of documents that offer each response as XML too.
fn says_the_same(json: Media<'_>, other: Media<'_>) -> bool {
    other.form == ResponseForm::Text
        && !["csv", "ndjson", "jsonl"].contains(&media::word(other.kind).as_str())
        && !json.schema.is_null()
        && json.schema == other.schema
        && json.schema.get("type").and_then(Value::as_str) != Some("string")
}

fn whole(ty: Type, is_list: bool) -> Type {
    if is_list { Type::List { item: Box::new(ty) } } else { ty }
}

fn schema_at(at: &str, status: &str, kind: &str) -> String {
    format!("{at}.responses{}.content{}.schema", step(status), step(kind))
}
