//! Recognizes lists that come page by page, by the usual names of arguments and of fields of responses.
//!
//! Only what a GET says: a guess must not make a call that does something into one that is made again for each page.

use serde_json::Value;

use super::schemas::{self, fields};
use crate::model::build::schemas::resolve;
use crate::model::{FollowConfig, FollowStyle};

const CURSORS: &[&str] = &[
    "cursor",
    "next_cursor",
    "page_cursor",
    "page_token",
    "next_page_token",
    "next_token",
    "after",
    "starting_after",
    "continuation_token",
    "pagination_token",
    "marker",
    "start_cursor",
];
const OFFSETS: &[&str] = &["offset", "skip", "start", "start_index"];
const PAGES: &[&str] = &["page", "page_number", "page_no", "current_page", "page[number]"];
const SIZES: &[&str] = &[
    "limit",
    "per_page",
    "page_size",
    "rows_per_page",
    "max_results",
    "results_per_page",
    "count",
    "size",
    "page[size]",
    "items_per_page",
];
const RECORDS: &[&str] =
    &["data", "items", "results", "records", "entries", "values", "list", "content", "objects"];
const NEXT_CURSORS: &[&str] = &[
    "next_cursor",
    "next_page_token",
    "next_token",
    "next_page_cursor",
    "end_cursor",
    "next_marker",
    "continuation_token",
    "pagination_token",
    "last_id",
    "after",
];
const NEXT_URLS: &[&str] =
    &["next_page_uri", "next_page_url", "next_url", "next_uri", "next_link", "next", "next_page"];
const HAS_MORE: &[&str] =
    &["has_more", "has_next", "has_next_page", "more", "has_more_results", "has_more_items"];
const TOTALS: &[&str] = &[
    "total",
    "total_count",
    "total_results",
    "total_items",
    "total_records",
    "total_entries",
    "num_results",
    "total_elements",
];
const PAGE_COUNTS: &[&str] = &["total_pages", "num_pages", "page_count", "last_page", "pages"];
/// Objects beside the records in which a response says what follows them.
const HOLDERS: &[&str] = &[
    "meta",
    "metadata",
    "_metadata",
    "pagination",
    "paging",
    "page_info",
    "list_info",
    "links",
    "_links",
    "next_page",
    "page",
    "pages",
    "response_metadata",
    "next",
    "cursors",
    "cursor",
    "pager",
];

/// How an operation's pages follow each other; none where nothing says so.
pub fn guess(document: &Value, item: &Value, operation: &Value) -> Option<FollowConfig> {
    let (response, content) = success(document, operation)?;
    let fields = fields(document, content, 0);
    let records = if is_list(document, content) {
        Vec::new()
    } else {
        vec![list_among(document, &fields)?.to_owned()]
    };
    let arguments = arguments(document, item, operation);
    let argument = |names: &[&str], is_right: &dyn Fn(&Value) -> bool| {
        let mut known = names.iter().filter_map(|name| {
            arguments.iter().find(|(given, schema)| plain(given) == *name && is_right(schema))
        });
        known.next().map(|(name, _)| (*name).to_owned())
    };
    let is_number = |schema: &Value| kind(document, schema) == "integer";
    let is_text = |schema: &Value| !is_number(schema);
    let found = |names: &[&str], is_right: &dyn Fn(&Value) -> bool| {
        within(document, &fields, names, is_right, 0)
    };
    let text = |schema: &Value| matches!(kind(document, schema), "string" | "");
    let number = |schema: &Value| matches!(kind(document, schema), "integer" | "number");
    let has_more = found(HAS_MORE, &|schema| kind(document, schema) == "boolean");
    let with = |style, argument| FollowConfig {
        style,
        argument,
        first: None,
        size: self::argument(&arguments, SIZES),
        records: (!records.is_empty()).then(|| records.join(".")),
        total: found(TOTALS, &number),
        pages: None,
        has_more: has_more.clone(),
        next: None,
        last: None,
    };
    // An offset that is a text is a cursor.
    let cursor = argument(CURSORS, &is_text).or_else(|| argument(OFFSETS, &is_text));
    if let Some(cursor) = cursor {
        let same = [plain(&cursor)];
        let same: Vec<&str> =
            same.iter().map(String::as_str).filter(|name| *name == "offset").collect();
        let next = found(NEXT_CURSORS, &text).or_else(|| found(&same, &text));
        if let Some(next) = next {
            return Some(FollowConfig {
                next: Some(next),
                ..with(FollowStyle::Cursor, Some(cursor))
            });
        }
        let is_last = matches!(plain(&cursor).as_str(), "starting_after" | "after");
        if let Some(last) = identifier(document, content, &records)
            && is_last
            && has_more.is_some()
        {
            let last = Some(last.to_owned());
            return Some(FollowConfig { last, ..with(FollowStyle::Cursor, Some(cursor)) });
        }
        // `{next_cursor: …}` under another name is no cursor that is known; a link may still be there.
    }
    if let Some(next) = found(NEXT_URLS, &|schema| text(schema) && is_url(document, schema)) {
        return Some(FollowConfig { next: Some(next), ..with(FollowStyle::Link, None) });
    }
    let has_link = |name: &String| name.eq_ignore_ascii_case("link");
    let headers = response.get("headers").and_then(Value::as_object);
    if headers.is_some_and(|headers| headers.keys().any(has_link)) {
        return Some(with(FollowStyle::Link, None));
    }
    if let Some(offset) = argument(OFFSETS, &is_number) {
        return Some(with(FollowStyle::Offset, Some(offset)));
    }
    let page = argument(PAGES, &is_number)?;
    let schema = arguments.iter().find(|(name, _)| *name == page).map(|(_, schema)| *schema)?;
    let starts_at_zero = ["default", "minimum"]
        .iter()
        .any(|key| schema.get(*key).and_then(Value::as_u64) == Some(0));
    Some(FollowConfig {
        first: starts_at_zero.then_some(0),
        pages: found(PAGE_COUNTS, &number),
        ..with(FollowStyle::Page, Some(page))
    })
}

/// A name as it is in the lists above: `nextPageToken` and `NextPageToken` are `next_page_token`.
fn plain(name: &str) -> String {
    if name.contains('[') { name.to_owned() } else { heck::ToSnakeCase::to_snake_case(name) }
}

fn argument(arguments: &[(&str, &Value)], names: &[&str]) -> Option<String> {
    let known = |name: &&str| arguments.iter().find(|(given, _)| plain(given) == **name);
    names.iter().find_map(known).map(|(name, _)| (*name).to_owned())
}

/// The success response of an operation, and the schema of its JSON.
fn success<'d>(document: &'d Value, operation: &'d Value) -> Option<(&'d Value, &'d Value)> {
    let responses = operation.get("responses")?.as_object()?;
    let (_, response) = responses.iter().find(|(status, _)| status.starts_with('2'))?;
    let response = resolve(document, response).ok()?;
    let content = response.get("content")?.get("application/json")?.get("schema")?;
    Some((response, resolve(document, content).ok()?))
}

/// Query parameters, by name.
fn arguments<'d>(
    document: &'d Value,
    item: &'d Value,
    operation: &'d Value,
) -> Vec<(&'d str, &'d Value)> {
    let lists =
        [operation, item].into_iter().filter_map(|holder| holder.get("parameters")?.as_array());
    let all = lists.flatten().filter_map(|parameter| resolve(document, parameter).ok());
    // Dots are the steps of a path in what is written.
    let is_query = |parameter: &&Value| {
        let text = |key: &str| parameter.get(key).and_then(Value::as_str);
        text("in") == Some("query") && text("name").is_some_and(|name| !name.contains('.'))
    };
    let queries = all.filter(is_query);
    queries
        .filter_map(|parameter| {
            let schema = parameter.get("schema").and_then(|schema| resolve(document, schema).ok());
            Some((parameter.get("name")?.as_str()?, schema.unwrap_or(&Value::Null)))
        })
        .collect()
}

/// The type of a schema; empty where it says none, or where it may be several beside null.
fn kind<'d>(document: &'d Value, schema: &'d Value) -> &'d str {
    let Ok(schema) = resolve(document, schema) else { return "" };
    let known = match schema.get("type") {
        Some(Value::String(kind)) => Some(kind.as_str()),
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null")
        }
        _ => None,
    };
    known.or_else(|| schema.get("properties").map(|_| "object")).unwrap_or_else(|| {
        let parts =
            ["allOf", "anyOf", "oneOf"].iter().filter_map(|key| schema.get(*key)?.as_array());
        let mut kinds = parts
            .flatten()
            .map(|part| kind(document, part))
            .filter(|kind| !matches!(*kind, "" | "null"));
        kinds.next().unwrap_or("")
    })
}

fn is_list(document: &Value, schema: &Value) -> bool {
    // One of several lists has records of no one type.
    let is_several = |parts: &Vec<Value>| {
        parts.iter().filter(|part| !matches!(kind(document, part), "" | "null")).count() > 1
    };
    let parts = resolve(document, schema).ok().into_iter().flat_map(|schema| {
        ["anyOf", "oneOf"].into_iter().filter_map(|key| schema.get(key)?.as_array())
    });
    kind(document, schema) == "array" && !parts.into_iter().any(is_several)
}

/// The property with the records: one of the usual names, else the only list.
fn list_among<'d>(document: &'d Value, fields: &[(&'d str, &'d Value)]) -> Option<&'d str> {
    let lists: Vec<&str> = fields
        .iter()
        .filter(|(_, schema)| is_list(document, schema))
        .map(|(name, _)| *name)
        .collect();
    let usual = RECORDS.iter().find_map(|name| lists.iter().find(|list| *list == name));
    usual.or(lists.first().filter(|_| lists.len() == 1)).copied()
}

/// The field that identifies a record.
fn identifier(document: &Value, content: &Value, records: &[String]) -> Option<&'static str> {
    let mut list = content;
    for step in records {
        let fields = fields(document, list, 0);
        list = fields.into_iter().find(|(name, _)| name == step).map(|(_, schema)| schema)?;
    }
    let item = resolve(document, list).ok()?.get("items")?;
    let fields = fields(document, item, 0);
    ["id", "token"].into_iter().find(|known| fields.iter().any(|(name, _)| name == known))
}

/// Whether a text is a URL, as far as its schema says something of it.
fn is_url(document: &Value, schema: &Value) -> bool {
    let Ok(schema) = resolve(document, schema) else { return false };
    let says =
        |key: &str| schema.get(key).and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let words = [says("format"), says("description"), says("example"), says("title")].join(" ");
    ["uri", "url", "http", "link"].iter().any(|word| words.contains(word))
}

/// Where one of these names is, in an object or in one that it holds for that.
fn within(
    document: &Value,
    fields: &[(&str, &Value)],
    names: &[&str],
    is_right: &dyn Fn(&Value) -> bool,
    depth: usize,
) -> Option<String> {
    for name in names {
        let found = fields.iter().find(|(given, schema)| plain(given) == *name && is_right(schema));
        if let Some((name, _)) = found {
            return Some((*name).to_owned()).filter(|name| !name.contains('.'));
        }
    }
    if depth == 2 {
        return None;
    }
    let mut holders = fields.iter().filter(|(name, schema)| {
        let name = name.to_lowercase();
        (HOLDERS.contains(&name.as_str()) || HOLDERS.contains(&plain(&name).as_str()))
            && !is_list(document, schema)
    });
    holders.find_map(|(holder, schema)| {
        let inside = schemas::fields(document, schema, 0);
        Some(format!("{holder}.{}", within(document, &inside, names, is_right, depth + 1)?))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn guessed(parameters: &[(&str, &str)], response: &Value) -> Option<Value> {
        let parameters: Vec<Value> = parameters
            .iter()
            .map(|(name, kind)| json!({"name": name, "in": "query", "schema": {"type": kind}}))
            .collect();
        let content = json!({"application/json": {"schema": response}});
        let operation =
            json!({"parameters": parameters, "responses": {"200": {"content": content}}});
        guess(&json!({}), &json!({}), &operation)
            .map(|config| serde_json::to_value(config).unwrap())
    }

    fn object(fields: &Value) -> Value {
        json!({"type": "object", "properties": fields})
    }

    #[test]
    fn the_usual_names_are_recognized() {
        let list = json!({"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}});
        let (text, number, flag) =
            (json!({"type": "string"}), json!({"type": "integer"}), json!({"type": "boolean"}));
        for (parameters, response, expected) in [
            (
                &[("starting_after", "string"), ("limit", "integer")][..],
                object(&json!({"data": list, "has_more": flag})),
                json!({"style": "cursor", "argument": "starting_after", "size": "limit", "records": "data", "has_more": "has_more", "last": "id"}),
            ),
            (
                &[("pageToken", "string")],
                object(&json!({"files": list, "nextPageToken": text})),
                json!({"style": "cursor", "argument": "pageToken", "records": "files", "next": "nextPageToken"}),
            ),
            (
                &[("offset", "string")],
                object(&json!({"data": list, "next_page": object(&json!({"offset": text}))})),
                json!({"style": "cursor", "argument": "offset", "records": "data", "next": "next_page.offset"}),
            ),
            (
                &[("offset", "integer"), ("limit", "integer")],
                object(&json!({"entries": list, "total_count": number})),
                json!({"style": "offset", "argument": "offset", "size": "limit", "records": "entries", "total": "total_count"}),
            ),
            (
                &[("Page", "integer"), ("PageSize", "integer")],
                object(
                    &json!({"calls": list, "next_page_uri": {"type": "string", "format": "uri"}}),
                ),
                json!({"style": "link", "size": "PageSize", "records": "calls", "next": "next_page_uri"}),
            ),
            (
                &[("page", "integer"), ("per_page", "integer")],
                object(&json!({"items": list, "meta": object(&json!({"total_pages": number}))})),
                json!({"style": "page", "argument": "page", "size": "per_page", "records": "items", "pages": "meta.total_pages"}),
            ),
        ] {
            assert_eq!(guessed(parameters, &response), Some(expected));
        }
    }

    #[test]
    fn a_list_without_a_word_of_pages_is_no_page() {
        let list = json!({"type": "array", "items": {"type": "string"}});
        assert_eq!(guessed(&[("q", "string")], &object(&json!({"data": list}))), None);
        assert_eq!(
            guessed(&[("page", "integer")], &object(&json!({"name": {"type": "string"}}))),
            None
        );
        // Two lists, and nothing says which of them is paged.
        assert_eq!(
            guessed(
                &[("cursor", "string")],
                &object(&json!({"added": list, "gone": list, "next_cursor": {"type": "string"}}))
            ),
            None
        );
        // A list of one kind of records or of another.
        let other = json!({"type": "array", "items": {"type": "integer"}});
        assert_eq!(
            guessed(&[("page", "integer")], &json!({"anyOf": [list, other, {"type": "null"}]})),
            None
        );
    }
}
