//! Turns an OpenAPI 3.1 document into 3.0.3 with the few schema keywords that the model knows.
//!
//! It may use diagnostics. It must not know the model or a language: it brings every document to one form. The rules
//! for schemas are in [`schema`]. What cannot be lowered is a [`Diagnostic`]: guessing would change what is sent.

use serde_json::{Map, Value};

use crate::diagnostic::{Diagnostic, Diagnostics, step};

mod anchors;
mod keywords;
pub mod paths;
pub mod references;
mod schema;

/// Fails where a document is none that can be lowered, whatever an overlay adds.
pub fn version(document: &Value) -> Result<(), Diagnostic> {
    let convert = "Convert the document, or take its vendor's current one.";
    if let Some(version) = document.get("swagger") {
        let problem =
            format!("Swagger {} is not read, only OpenAPI 3.0 and 3.1", described(version));
        return Err(Diagnostic::edit("$.swagger", problem, convert));
    }
    let Some(version) = document.get("openapi") else {
        let problem = "missing: this is no OpenAPI document";
        return Err(Diagnostic::edit("$.openapi", problem, "Take another document."));
    };
    let version = described(version);
    if !version.starts_with("3.1") && !version.starts_with("3.0") {
        let problem = format!("version 3.1.x or 3.0.x is needed, not `{version}`");
        return Err(Diagnostic::edit("$.openapi", problem, convert));
    }
    Ok(())
}

/// A version, which YAML may have as a number.
fn described(version: &Value) -> String {
    version.as_str().map_or_else(|| version.to_string(), str::to_owned)
}

/// Lowers a whole document where it stands, and gives what cannot be lowered. Fails where it is no document at all.
pub fn document(document: &mut Value) -> Result<Diagnostics, Diagnostic> {
    version(document)?;
    anchors::resolve(document);
    let dangling = references::dangling(document);
    let Some(root) = document.as_object_mut() else {
        return Err(Diagnostic::edit("$", "not an object", "Take another document."));
    };
    root.insert("openapi".into(), "3.0.3".into());
    // Only 3.1 has it, and calls do not need it.
    root.shift_remove("jsonSchemaDialect");
    if let Some(info) = root.get_mut("info").and_then(Value::as_object_mut) {
        info.shift_remove("summary");
    }
    let notes = root.shift_remove("x-payglot-notes");
    let mut lowering = Lowering { diagnostics: Diagnostics(dangling) };
    if let Some(components) = root.get_mut("components").and_then(Value::as_object_mut) {
        lowering.components(components);
    }
    if let Some(paths) = root.get_mut("paths").and_then(Value::as_object_mut) {
        for (path, item) in paths {
            lowering.path(item, &format!("$.paths{}", step(path)));
        }
    }
    if let Some(webhooks) = root.get_mut("webhooks").and_then(Value::as_object_mut) {
        for (name, item) in webhooks {
            lowering.path(item, &format!("$.webhooks{}", step(name)));
        }
    }
    for name in notes.iter().filter_map(Value::as_array).flatten().filter_map(Value::as_str) {
        lowering.diagnostics.0.retain(|diagnostic| !keywords::is_about(diagnostic, name));
    }
    Ok(lowering.diagnostics)
}

/// Goes through a document and collects what cannot be lowered.
struct Lowering {
    diagnostics: Diagnostics,
}

impl Lowering {
    fn components(&mut self, components: &mut Map<String, Value>) {
        for (kind, entries) in components {
            for (name, entry) in entries.as_object_mut().into_iter().flatten() {
                let at = format!("$.components.{kind}{}", step(name));
                match kind.as_str() {
                    "schemas" => self.schema(entry, &at),
                    "parameters" => self.parameter(entry, &at),
                    "responses" | "requestBodies" => self.content(entry, &at),
                    "pathItems" => self.path(entry, &at),
                    _ => {}
                }
            }
        }
    }

    fn path(&mut self, item: &mut Value, at: &str) {
        let Some(item) = item.as_object_mut() else {
            return self.diagnostics.0.push(Diagnostic::remove(at, "not an object", at));
        };
        for (method, operation) in item {
            let at = format!("{at}.{method}");
            if method == "parameters" {
                self.parameters(operation, &at);
                continue;
            }
            let Some(operation) = operation.as_object_mut() else { continue };
            // Callbacks are calls that the vendor makes, like webhooks.
            operation.shift_remove("callbacks");
            if let Some(parameters) = operation.get_mut("parameters") {
                self.parameters(parameters, &format!("{at}.parameters"));
            }
            if let Some(body) = operation.get_mut("requestBody") {
                self.content(body, &format!("{at}.requestBody"));
            }
            if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
                // The runtime reads the bodies of all errors alike, whatever their schema.
                responses
                    .retain(|status, _| !status.starts_with(['4', '5']) && status != "default");
                for (status, response) in responses {
                    self.content(response, &format!("{at}.responses{}", step(status)));
                }
            }
        }
    }

    fn content(&mut self, holder: &mut Value, at: &str) {
        let content = holder.get_mut("content").and_then(Value::as_object_mut);
        for (kind, media) in content.into_iter().flatten() {
            for name in ["schema", "itemSchema"] {
                if let Some(schema) = media.get_mut(name) {
                    self.schema(schema, &format!("{at}.content{}.{name}", step(kind)));
                }
            }
            if let Some(media) = media.as_object_mut() {
                media.shift_remove("examples");
            }
        }
    }

    fn parameters(&mut self, parameters: &mut Value, at: &str) {
        for (position, parameter) in parameters.as_array_mut().into_iter().flatten().enumerate() {
            self.parameter(parameter, &format!("{at}[{position}]"));
        }
    }

    fn parameter(&mut self, parameter: &mut Value, at: &str) {
        let Some(parameter) = parameter.as_object_mut() else {
            return self.diagnostics.0.push(Diagnostic::remove(at, "not an object", at));
        };
        parameter.shift_remove("examples");
        if let Some(schema) = parameter.get_mut("schema") {
            self.schema(schema, &format!("{at}.schema"));
            parameter_is_not_nullable(schema);
        }
        for (kind, media) in
            parameter.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten()
        {
            if let Some(schema) = media.get_mut("schema") {
                self.schema(schema, &format!("{at}.content{}.schema", step(kind)));
                parameter_is_not_nullable(schema);
            }
        }
    }

    fn schema(&mut self, schema: &mut Value, at: &str) {
        schema::lower(schema, at, &mut self.diagnostics.0);
    }
}

/// A parameter cannot be null on the wire: it is there or it is not.
fn parameter_is_not_nullable(schema: &mut Value) {
    if let Some(map) = schema.as_object_mut() {
        map.shift_remove("nullable");
        if let Some(Value::Array(all)) = map.get("allOf")
            && let [only] = all.as_slice()
            && map.len() == 1
        {
            *schema = only.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_document_loses_what_calls_do_not_need() {
        let mut document = json!({
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1", "summary": "S"},
            "jsonSchemaDialect": "x",
            "paths": {"/a": {
                "parameters": [{"name": "p", "in": "query", "schema": {"anyOf": [{"type": "string"}, {"type": "null"}]}}],
                "get": {"responses": {
                    "200": {"content": {"application/json": {"schema": {"type": ["string", "null"]}}}},
                    "422": {"content": {"application/json": {"schema": {"prefixItems": []}}}},
                    "default": {"description": "d"},
                }},
            }},
        });
        assert!(super::document(&mut document).unwrap().0.is_empty());
        let expected = json!({
            "openapi": "3.0.3",
            "info": {"title": "T", "version": "1"},
            "paths": {"/a": {
                // A parameter is there or it is not: never null.
                "parameters": [{"name": "p", "in": "query", "schema": {"type": "string"}}],
                "get": {"responses": {
                    "200": {"content": {"application/json": {"schema": {"type": "string", "nullable": true}}}},
                }},
            }},
        });
        assert_eq!(document, expected);
    }

    #[test]
    fn a_keyword_that_is_declared_a_note_is_dropped() {
        let mut document = json!({
            "openapi": "3.1.0", "paths": {}, "x-payglot-notes": ["widget"],
            "components": {"schemas": {"A": {"type": "string", "widget": 1}, "B": {"gadget": 1}}},
        });
        let error = super::document(&mut document).unwrap().to_string();
        assert!(error.contains("`gadget`") && !error.contains("widget"), "{error}");
    }

    #[test]
    fn another_version_is_rejected() {
        let error = super::document(&mut json!({"openapi": "2.0", "paths": {}})).unwrap_err();
        let problem = "$.openapi: version 3.1.x or 3.0.x is needed, not `2.0`. Convert";
        assert!(error.to_string().starts_with(problem), "{error}");
        let error = super::document(&mut json!({"swagger": "2.0", "paths": {}})).unwrap_err();
        let expected = "$.swagger: Swagger 2.0 is not read, only OpenAPI 3.0 and 3.1. Convert the document, or take its vendor's current one.";
        assert_eq!(error.to_string(), expected);
        let error = super::document(&mut json!({"paths": {}})).unwrap_err();
        assert!(error.to_string().starts_with("$.openapi: missing: this is no OpenAPI document"));
    }
}
