//! Makes public names, `resource.method`: from path and method first, tags second, operation ids last.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::words::{is_plural, is_verb, is_version, singular, snake};
use crate::model::names::Naming;

/// Steps of paths that say nothing about the operation.
const NOISE: [&str; 6] = ["api", "apis", "rest", "public", "internal", "json"];

/// Verbs of methods, which no path needs.
const OF_METHODS: [&str; 6] = ["create", "delete", "get", "list", "set", "update"];

/// Names the operations of one document.
pub struct Names<'d> {
    paths: &'d Map<String, Value>,
    naming: &'d Naming,
    /// Steps that every path begins with.
    common: usize,
    seen: BTreeSet<String>,
}

impl<'d> Names<'d> {
    /// Nothing named yet.
    pub fn new(paths: &'d Map<String, Value>, naming: &'d Naming) -> Self {
        Self { paths, naming, common: common(paths), seen: BTreeSet::new() }
    }

    /// A name for an operation that is not taken in any language.
    pub fn name(&mut self, path: &str, method: &str, operation: &Value) -> String {
        let (resource, by_path) = self.by_path(path, method, operation);
        let by_id = by_id(path, method, operation, &resource);
        let by_path = by_path.or_else(|| by_id.clone());
        let by_path = by_path.unwrap_or_else(|| verb(method, false, false).to_owned());
        // Another name for an operation whose path and method give one that is taken.
        let candidates = [Some(by_path.clone()), by_id].into_iter().flatten();
        let numbered = (2_u32..).map(|number| format!("{by_path}_{number}"));
        for candidate in candidates.chain(numbered) {
            let candidate = self.method(&candidate, method);
            let name = format!("{resource}.{candidate}");
            // `a.b_c` and `a_b.c` have the same types.
            if self.seen.insert(self.naming.pascal(&name.replace('.', "_"))) {
                return name;
            }
        }
        format!("{resource}.{by_path}")
    }

    /// A method's name that no language has for something else.
    fn method(&self, name: &str, method: &str) -> String {
        let name = self.naming.snake(name);
        let name = name.trim_end_matches('_');
        let is_free = self.naming.snake(name) == name && self.naming.is_operation(name);
        if is_free { name.to_owned() } else { format!("{}_{name}", verb(method, false, true)) }
    }

    fn by_path(&self, path: &str, method: &str, operation: &Value) -> (String, Option<String>) {
        let mut steps = steps(path);
        steps.drain(..self.common.min(steps.len()));
        let mut nouns: Vec<String> = steps.iter().filter_map(|step| step.noun.clone()).collect();
        let tag = operation.pointer("/tags/0").and_then(Value::as_str).map(snake);
        let tag = tag.filter(|tag| !tag.is_empty() && tag != "default");
        let Some(first) = nouns.first().cloned() else {
            return (self.resource(tag.as_deref().unwrap_or("api")), None);
        };
        // An action right at the root, such as `/login` or `/search`: the tag says of what.
        let root = match tag {
            Some(tag) if nouns.len() == 1 && is_verb(&first) && tag != first => tag,
            _ => nouns.remove(0),
        };
        let is_item = steps.last().is_some_and(|step| step.noun.is_none());
        let is_collection = !is_item && (self.has_items(path) || is_array(operation));
        let name = if nouns.is_empty() {
            let is_many = is_collection || !is_item && is_plural(&root);
            self.verb(path, method, is_item, is_many).to_owned()
        } else {
            self.of_part(&nouns, path, method, is_item, is_collection)
        };
        (self.resource(&root), Some(name))
    }

    /// `list_sources` of `/customers/{id}/sources`, `capture` of `/payments/{id}/capture`.
    fn of_part(
        &self,
        nouns: &[String],
        path: &str,
        method: &str,
        is_item: bool,
        is_collection: bool,
    ) -> String {
        let Some((last, before)) = nouns.split_last() else { return String::new() };
        let owners: Vec<String> = before.iter().map(|noun| singular(noun)).collect();
        let owners = owners.join("_");
        let joined = |verb: &str, noun: &str| {
            let words = [verb, &owners, noun].into_iter().filter(|word| !word.is_empty());
            words.collect::<Vec<_>>().join("_")
        };
        let is_many = !is_item && (is_collection || is_plural(last));
        let is_action = is_verb(last) || method == "post" && !is_item && !is_many;
        // What tells an operation apart from another of its path is its name, where it says what is done.
        let is_name =
            path.contains('#') && (is_verb(last) || OF_METHODS.contains(&first_word(last)));
        if is_name || is_action && !is_item {
            return joined(last, "");
        }
        let noun = if is_many && ["get", "delete"].contains(&method) {
            last.clone()
        } else {
            singular(last)
        };
        joined(self.verb(path, method, is_item, is_many).trim_end_matches("_all"), &noun)
    }

    fn verb(&self, path: &str, method: &str, is_item: bool, is_many: bool) -> &'static str {
        let has = |other: &str| self.paths.get(path).is_some_and(|item| item.get(other).is_some());
        match method {
            "post" if is_item && !has("put") && !has("patch") => "update",
            "put" if has("patch") => "replace",
            _ => verb(method, is_many, is_item),
        }
    }

    /// Whether the document has the path of one of those that this path lists.
    fn has_items(&self, path: &str) -> bool {
        let start = format!("{}/{{", path.trim_end_matches('/'));
        self.paths.keys().any(|other| {
            other.strip_prefix(&start).is_some_and(|rest| {
                rest.trim_end_matches('/').ends_with('}') && !rest.contains('/')
            })
        })
    }

    fn resource(&self, name: &str) -> String {
        let name = if name.starts_with(|c: char| c.is_ascii_lowercase()) {
            name.to_owned()
        } else {
            format!("api_{name}")
        };
        if self.naming.is_resource(&name) { name } else { format!("{name}_resource") }
    }
}

/// What a method does when nothing else says it.
fn verb(method: &str, is_many: bool, is_item: bool) -> &'static str {
    match (method, is_many) {
        ("get", true) => "list",
        ("get", false) => "get",
        ("head", _) => "check",
        ("options", _) => "options",
        ("post", _) => "create",
        ("put" | "patch", true) if !is_item => "update_all",
        ("put" | "patch", _) => "update",
        (_, true) if !is_item => "delete_all",
        _ => "delete",
    }
}

/// One step of a path: a noun, or a variable.
#[derive(PartialEq)]
struct Step {
    noun: Option<String>,
}

fn steps(path: &str) -> Vec<Step> {
    let path = with_name(path);
    // `/users/{id}:cancel` has a step of its own behind the colon, `/chat.postMessage` behind the point.
    let pieces = path.split('/').flat_map(|piece| {
        let piece =
            [".json", ".xml"].iter().find_map(|end| piece.strip_suffix(end)).unwrap_or(piece);
        let parts: Vec<&str> = piece.split(':').collect();
        parts.into_iter().flat_map(|part| {
            let halves = part.rsplit_once('.').filter(|_| !part.contains('{') && !is_version(part));
            halves.map_or_else(|| vec![part], |(before, after)| vec![before, after])
        })
    });
    pieces
        .filter_map(|piece| {
            if piece.contains('{') {
                return Some(Step { noun: None });
            }
            let noun = snake(piece);
            let is_noise = noun.is_empty() || is_version(piece) || NOISE.contains(&noun.as_str());
            (!is_noise).then_some(Step { noun: Some(noun) })
        })
        .collect()
}

/// A path with what a document tells it apart by as a step of its own: `/files/{id}#add_link`, `/token?refresh`. A query
/// with values, such as `?beta=true`, names nothing.
fn with_name(path: &str) -> String {
    match path.split_once(['#', '?']) {
        Some((before, name)) if !name.contains('=') => format!("{before}/{name}"),
        Some((before, _)) => before.to_owned(),
        None => path.to_owned(),
    }
}

/// How many steps every path begins with, such as a product's name; one noun is always left.
fn common(paths: &Map<String, Value>) -> usize {
    let all: Vec<Vec<Step>> = paths.keys().map(|path| steps(path)).collect();
    let Some(first) = all.first().filter(|_| all.len() > 1) else { return 0 };
    let is_shared = |at: usize| {
        first.get(at).is_some_and(|step| step.noun.is_some())
            && all.iter().all(|path| {
                path.get(at) == first.get(at)
                    && path.iter().skip(at + 1).any(|step| step.noun.is_some())
            })
    };
    (0..first.len()).take_while(|at| is_shared(*at)).count()
}

fn first_word(name: &str) -> &str {
    name.split('_').next().unwrap_or(name)
}

fn is_array(operation: &Value) -> bool {
    let responses = operation.get("responses").and_then(Value::as_object);
    responses.into_iter().flatten().any(|(status, response)| {
        let kind = response.pointer("/content/application~1json/schema/type");
        status.starts_with('2') && kind.and_then(Value::as_str) == Some("array")
    })
}

/// The function's name from the operation id, without the words of the path that frameworks put behind it, and without
/// those that the resource says already.
fn by_id(path: &str, method: &str, operation: &Value, resource: &str) -> Option<String> {
    let id = snake(operation.get("operationId").and_then(Value::as_str)?);
    let mut words: Vec<&str> = id.split('_').filter(|word| !word.is_empty()).collect();
    let route = snake(path);
    let mut route: Vec<&str> = route.split('_').filter(|word| !word.is_empty()).collect();
    if words.last() == Some(&method) {
        words.pop();
        while words.len() > 1 && route.last().is_some() && words.last() == route.last() {
            words.pop();
            route.pop();
        }
    }
    let nouns: BTreeSet<String> = resource.split('_').map(singular).collect();
    words.retain(|word| !nouns.contains(&singular(word)) && !NOISE.contains(word));
    (!words.is_empty()).then(|| words.join("_"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(operations: &[(&str, &str, &str, &str)]) -> Vec<String> {
        let mut paths = json!({});
        for (path, method, id, tag) in operations {
            paths[path][method] = json!({"operationId": id, "tags": [tag]});
        }
        let naming = crate::targets::Targets::standard().naming();
        let paths = paths.as_object().unwrap();
        let mut names = Names::new(paths, &naming);
        operations
            .iter()
            .map(|(path, method, ..)| names.name(path, method, &paths[*path][*method]))
            .collect()
    }

    #[test]
    fn names_come_from_path_and_method() {
        for (path, method, id, expected) in [
            ("/users/", "get", "read_users_users__get", "users.list"),
            ("/users/{user_id}", "get", "find_all", "users.get"),
            ("/users/", "post", "post_users", "users.create"),
            ("/users/{id}", "patch", "update_user_users__id__patch", "users.update"),
            ("/users/{id}", "post", "PostCustomersCustomer", "users.update"),
            ("/users/{id}", "delete", "", "users.delete"),
            ("/refunds/{id}", "get", "get_transaction", "refunds.get"),
            ("/api/v1/items/{id}/publish", "post", "", "items.publish"),
            ("/api/v1/login/access-token", "post", "", "login.access_token"),
            ("/cards/{cardId}", "get", "getCard", "cards.get"),
            ("/v2.1/companies", "get", "", "companies.list"),
            ("/customers/{id}/sources", "get", "", "customers.list_sources"),
            ("/customers/{id}/sources", "post", "", "customers.create_source"),
            ("/customers/{id}/sources/{source}", "delete", "", "customers.delete_source"),
            ("/customers/{id}/sources/{source}/verify", "post", "", "customers.verify_source"),
            ("/orders/{id}/cancel", "put", "", "orders.cancel"),
            ("/orders/{id}:cancel", "post", "", "orders.cancel"),
            ("/orders/{id}/status", "get", "", "orders.get_status"),
            ("/chat.postMessage", "post", "chat_postMessage", "chat.post_message"),
            ("/2010-04-01/Accounts/{Sid}/Messages.json", "get", "", "accounts.list_messages"),
            ("/health", "get", "", "health.get"),
            ("/request", "get", "", "request_resource.get"),
        ] {
            assert_eq!(named(&[(path, method, id, "default")]), [expected], "{method} {path}");
        }
    }

    #[test]
    fn tags_and_operation_ids_name_what_the_path_does_not() {
        assert_eq!(named(&[("/", "get", "root__get", "")]), ["api.root"]);
        assert_eq!(named(&[("/{org}/{repo}", "get", "get_repo", "repos")]), ["repos.get"]);
        assert_eq!(named(&[("/search", "get", "find", "Shops")]), ["shops.search"]);
    }

    #[test]
    fn a_name_that_is_taken_is_the_operation_ids_without_what_a_framework_adds_to_it() {
        // The path that the framework saw had another prefix.
        let names = named(&[
            ("/a/users/{id}", "get", "read_user_users__id__get", "x"),
            ("/a/users/{user}", "get", "read_profile_v1_users__user__get", "x"),
            ("/a/users/{name}", "get", "", "x"),
            ("/a/cards", "get", "", "x"),
        ]);
        let [first, second, third, fourth] = names.as_slice() else { panic!() };
        assert_eq!((first.as_str(), fourth.as_str()), ("users.get", "cards.list"));
        assert!(second.starts_with("users.read_profile") && !second.contains("get"), "{second}");
        assert_eq!(third, "users.get_2");
    }

    #[test]
    fn what_tells_paths_apart_is_a_name() {
        let names = named(&[
            ("/files/{id}", "put", "put_files_id", ""),
            ("/files/{id}#add_shared_link", "put", "put_files_id#add_shared_link", ""),
            ("/files/{id}#get_shared_link", "get", "get_files_id#get_shared_link", ""),
            ("/chats", "post", "start", ""),
            ("/chats#stream", "post", "start_stream", ""),
            ("/oauth/token", "post", "make", ""),
            ("/oauth/token?refresh", "post", "renew", ""),
            ("/chats?beta=true", "post", "beta_chats_start", ""),
        ]);
        let expected = [
            "files.update",
            "files.add_shared_link",
            "files.get_shared_link",
            "chats.create",
            "chats.stream",
            "oauth.token",
            "oauth.refresh_token",
            "chats.beta_start",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn what_every_path_begins_with_is_no_resource() {
        let names = named(&[("/acme/cards", "get", "", "x"), ("/acme/users", "get", "", "x")]);
        assert_eq!(names, ["cards.list", "users.list"]);
    }
}
