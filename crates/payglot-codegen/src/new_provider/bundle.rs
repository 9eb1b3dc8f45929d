//! Brings the files that a document refers to into it: a provider's folder holds one document.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value};

use super::words::snake;
use crate::source;

/// Parts of other files that one document may refer to.
const PARTS: usize = 20_000;

/// How many references in a row are followed where OpenAPI knows none.
const DEPTH: usize = 8;

/// What a path item has beside its own fields.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// What a reference leads to where OpenAPI knows none: an operation, or names with what they stand for.
const INLINE: &str = "";

/// The document with every part of a file beside it that it refers to, each under `components`, or where the reference is if no
/// component can be that: operations, names with their schemas, and texts. A reference to another host or to a file that is
/// missing stays, and is told later.
pub fn document(mut document: Value, path: &Path) -> Result<Value> {
    let root = path.canonicalize().with_context(|| format!("cannot read {}", path.display()))?;
    let folder = root.parent().map(Path::to_path_buf).unwrap_or_default();
    let names = ["schemas", "parameters", "responses", "requestBodies", "headers", "pathItems"];
    let names = names.iter().flat_map(|kind| {
        let known = document.pointer(&format!("/components/{kind}")).and_then(Value::as_object);
        known.into_iter().flat_map(Map::keys).map(|name| (*kind, name.clone()))
    });
    let mut bundle = Bundle {
        folder,
        root: root.clone(),
        taken: names.collect(),
        names: HashMap::new(),
        queue: Vec::new(),
        files: HashMap::new(),
        depth: 0,
    };
    bundle.rewrite(&mut document, &root, "schemas", false)?;
    while let Some((part, name)) = bundle.queue.pop() {
        let Some(mut content) = bundle.content(&part)?.cloned() else { continue };
        bundle.rewrite(&mut content, &part.file, part.kind, false)?;
        let mut holder = &mut document;
        for step in ["components", part.kind] {
            let fields = holder.as_object_mut().context("$.components: not an object")?;
            holder = fields.entry(step).or_insert_with(|| Value::Object(Map::new()));
        }
        if let Some(components) = holder.as_object_mut() {
            components.insert(name, content);
        }
    }
    Ok(document)
}

/// What a reference names: a part of a file, and which kind of component it is.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Part {
    kind: &'static str,
    file: PathBuf,
    pointer: String,
}

struct Bundle {
    /// The folder of the document: files outside it are not read.
    folder: PathBuf,
    root: PathBuf,
    taken: HashSet<(&'static str, String)>,
    names: HashMap<Part, String>,
    queue: Vec<(Part, String)>,
    files: HashMap<PathBuf, Value>,
    /// How many references in a row stand where OpenAPI knows none.
    depth: usize,
}

impl Bundle {
    fn content(&mut self, part: &Part) -> Result<Option<&Value>> {
        if !self.files.contains_key(&part.file) {
            self.files.insert(part.file.clone(), source::yaml(&part.file)?);
        }
        Ok(self.files.get(&part.file).and_then(|file| file.pointer(&part.pointer)))
    }

    /// Points every reference to another file at its component. `file` is where `value` was read, `kind` what it is.
    fn rewrite(
        &mut self,
        value: &mut Value,
        file: &Path,
        kind: &'static str,
        is_map: bool,
    ) -> Result<()> {
        if self.depth < DEPTH
            && let Some(Value::String(reference)) = value.get("$ref")
            && let Some(part) = self.part(reference, file, kind)?
            && let Some(content) = self.content(&part)?
            && (is_map || kind == INLINE || !(content.is_object() || content.is_boolean()))
        {
            let content = content.clone();
            return self.inline(value, content, &part.file, kind, is_map);
        }
        match value {
            Value::Object(map) => {
                if !is_map
                    && let Some(Value::String(reference)) = map.get_mut("$ref")
                    && let Some(moved) = self.moved(reference, file, kind)?
                {
                    *reference = moved;
                }
                for (name, child) in map.iter_mut() {
                    // What an extension holds is no part of the API.
                    if !is_map && name.starts_with("x-") && name != "x-webhooks" {
                        continue;
                    }
                    let (of_child, holds_names) = match name.as_str() {
                        _ if is_map => (kind, false),
                        name if kind == "pathItems" && METHODS.contains(&name) => (INLINE, false),
                        "paths" | "webhooks" | "x-webhooks" | "pathItems" => ("pathItems", true),
                        "parameters" => ("parameters", true),
                        "responses" => ("responses", true),
                        "requestBody" => ("requestBodies", false),
                        "requestBodies" => ("requestBodies", true),
                        "headers" => ("headers", true),
                        "properties" | "schemas" | "$defs" => ("schemas", true),
                        _ => ("schemas", false),
                    };
                    // Examples hold values, in which a `$ref` is text.
                    if is_map || !["example", "examples", "default"].contains(&name.as_str()) {
                        self.rewrite(child, file, of_child, holds_names)?;
                    }
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.rewrite(item, file, kind, false)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Puts what a reference leads to where it stands; its own fields win.
    fn inline(
        &mut self,
        value: &mut Value,
        mut content: Value,
        file: &Path,
        kind: &'static str,
        is_map: bool,
    ) -> Result<()> {
        self.depth += 1;
        self.rewrite(&mut content, file, kind, is_map)?;
        self.depth -= 1;
        if let (Value::Object(content), Value::Object(own)) = (&mut content, value.take()) {
            content.extend(own.into_iter().filter(|(name, _)| name != "$ref"));
        }
        *value = content;
        Ok(())
    }

    /// The part of another file that a reference names; nothing where there is none.
    fn part(&mut self, reference: &str, file: &Path, kind: &'static str) -> Result<Option<Part>> {
        let (target, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        if target.contains("://") {
            return Ok(None);
        }
        let path = if target.is_empty() {
            file.to_owned()
        } else {
            // A file that is missing is told with every other reference that leads nowhere.
            let path = file.parent().unwrap_or(&self.folder).join(target).canonicalize();
            let Ok(path) = path else { return Ok(None) };
            path
        };
        if path == self.root {
            return Ok(None);
        }
        if !path.starts_with(&self.folder) {
            bail!("reference {reference} leaves the folder of the document");
        }
        let part = Part { kind, file: path, pointer: pointer.to_owned() };
        Ok(self.content(&part)?.is_some().then_some(part))
    }

    /// Where a reference leads once the part that it names is a component.
    fn moved(
        &mut self,
        reference: &str,
        file: &Path,
        kind: &'static str,
    ) -> Result<Option<String>> {
        let Some(part) = self.part(reference, file, kind)? else {
            return Ok(self.of_root(reference, file));
        };
        if let Some(name) = self.names.get(&part) {
            return Ok(Some(format!("#/components/{kind}/{name}")));
        }
        let stem = part.file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let last = part.pointer.rsplit('/').next();
        let last = last.filter(|last| !snake(last).is_empty()).unwrap_or(stem);
        let wanted: String =
            last.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let mut name = wanted.clone();
        let mut number = 2;
        while !self.taken.insert((kind, name.clone())) {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        ensure!(
            self.names.len() < PARTS,
            "the document refers to more than {PARTS} parts of files"
        );
        self.names.insert(part.clone(), name.clone());
        self.queue.push((part, name.clone()));
        Ok(Some(format!("#/components/{kind}/{name}")))
    }

    /// A reference of another file to the document, as the document has it.
    fn of_root(&self, reference: &str, file: &Path) -> Option<String> {
        let (target, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let path = file.parent().unwrap_or(&self.folder).join(target).canonicalize();
        let is_root = !target.is_empty() && path.is_ok_and(|path| path == self.root);
        is_root.then(|| format!("#{pointer}"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn files_beside_the_document_come_into_it() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        std::fs::create_dir(folder.path().join("parts")).unwrap();
        let body = "requestBody: {$ref: 'parts/body.yaml'}";
        write(
            "openapi.yaml",
            &format!(
                "paths: {{/a: {{$ref: 'parts/a.yaml'}}, /b: {{$ref: 'gone.yaml'}}, /c: {{get: {{{body}}}}}}}\n\
             components: {{schemas: {{B: {{type: integer}}}}}}"
            ),
        );
        write(
            "parts/a.yaml",
            "get: {parameters: [{$ref: '#/x'}], y: {$ref: '../openapi.yaml#/paths'}}\nx: {name: p, in: query}",
        );
        write("parts/body.yaml", "content: {a/b: {schema: {$ref: '../b.json#/B'}}}");
        write("b.json", r##"{"B": {"items": {"$ref": "#/B"}, "example": {"$ref": "#/no"}}}"##);
        let path = folder.path().join("openapi.yaml");
        let bundled = document(source::yaml(&path).unwrap(), &path).unwrap();
        assert_eq!(bundled["paths"]["/a"]["$ref"], "#/components/pathItems/a");
        assert_eq!(bundled["paths"]["/b"]["$ref"], "gone.yaml");
        let components = &bundled["components"];
        let a = &components["pathItems"]["a"]["get"];
        assert_eq!(a["parameters"][0]["$ref"], "#/components/parameters/x");
        assert_eq!(a["y"]["$ref"], "#/paths");
        assert_eq!(components["parameters"], json!({"x": {"name": "p", "in": "query"}}));
        let body = &components["requestBodies"]["body"]["content"]["a/b"]["schema"];
        assert_eq!(body["$ref"], "#/components/schemas/B_2");
        let expected =
            json!({"items": {"$ref": "#/components/schemas/B_2"}, "example": {"$ref": "#/no"}});
        assert_eq!(components["schemas"], json!({"B": {"type": "integer"}, "B_2": expected}));
    }

    #[test]
    fn what_no_component_can_be_comes_where_it_is_referred_to() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(
            "openapi.yaml",
            "info: {description: {$ref: 'parts.yaml#/words'}}\n\
             paths: {/a: {get: {$ref: 'list.yaml'}, x-code: {$ref: 'list.yaml'}}}",
        );
        write(
            "list.yaml",
            "operationId: list\nparameters: [{$ref: 'parts.yaml#/limit'}]\nresponses: {$ref: 'parts.yaml#/all'}",
        );
        write(
            "parts.yaml",
            "words: Text.\nlimit: {name: limit, in: query}\n\
             all: {'200': {content: {a/b: {schema: {properties: {$ref: '#/fields'}}}}}}\n\
             fields: {id: {type: string}, $ref: {type: integer}, again: {properties: {$ref: '#/fields'}}}",
        );
        let path = folder.path().join("openapi.yaml");
        let bundled = document(source::yaml(&path).unwrap(), &path).unwrap();
        assert_eq!(bundled["info"]["description"], "Text.");
        let operation = &bundled["paths"]["/a"]["get"];
        assert_eq!(operation["operationId"], "list");
        assert_eq!(operation["parameters"][0]["$ref"], "#/components/parameters/limit");
        let fields = &operation["responses"]["200"]["content"]["a/b"]["schema"]["properties"];
        assert_eq!(fields["id"], json!({"type": "string"}));
        assert_eq!(fields["$ref"], json!({"type": "integer"}), "a field of that name");
        assert_eq!(fields["again"]["properties"]["id"], json!({"type": "string"}));
        let only = json!({"parameters": {"limit": {"name": "limit", "in": "query"}}});
        assert_eq!(bundled["components"], only);
    }

    #[test]
    fn a_file_elsewhere_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("api")).unwrap();
        std::fs::write(folder.path().join("secret.yaml"), "a: 1").unwrap();
        let path = folder.path().join("api/openapi.yaml");
        std::fs::write(&path, "paths: {/a: {$ref: '../secret.yaml'}}").unwrap();
        let error = document(source::yaml(&path).unwrap(), &path).unwrap_err().to_string();
        assert_eq!(error, "reference ../secret.yaml leaves the folder of the document");
    }
}
