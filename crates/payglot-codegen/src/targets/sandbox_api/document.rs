//! Reads the document of the interface for tests: the part of OpenAPI that it uses. Anything else in it is an error.

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value};

/// What a schema may say.
const SCHEMA: [&str; 13] = [
    "$ref",
    "type",
    "format",
    "enum",
    "description",
    "default",
    "minimum",
    "maximum",
    "items",
    "required",
    "properties",
    "additionalProperties",
    "x-payglot-sensitive",
];

/// The interface: its operations and the types of its bodies.
pub(super) struct Interface {
    pub operations: Vec<Operation>,
    pub types: Vec<Named>,
}

/// An operation.
pub(super) struct Operation {
    /// `add_fault`
    pub id: String,
    pub summary: String,
    /// `POST`
    pub method: String,
    /// `/_sandbox/api/faults/{id}`
    pub path: String,
    pub path_params: Vec<Property>,
    pub body: Body,
    pub returns: Returns,
    /// Languages that have a hand-written method instead.
    pub not_in: Vec<String>,
    /// Its name on the command line, where the document gives one.
    pub command: Option<String>,
    /// What a table shows of each record, where that is not all.
    pub columns: Vec<String>,
}

/// What an operation sends.
pub(super) enum Body {
    None,
    /// One argument per property.
    Properties(Vec<Property>),
    /// One argument for all.
    Whole(String, Type),
}

/// What a helper returns.
pub(super) enum Returns {
    Nothing,
    Whole(Type),
    /// One field of the response.
    Field(String, Type),
}

/// A named type.
pub(super) struct Named {
    pub name: String,
    pub description: String,
    pub shape: Shape,
}

/// What a named type is.
pub(super) enum Shape {
    Enum(Vec<String>),
    Object(Vec<Property>),
}

/// A property of an object, or a parameter.
pub(super) struct Property {
    pub name: String,
    pub description: String,
    pub ty: Type,
    pub required: bool,
    pub default: Option<Value>,
    /// Whether it may be a secret.
    pub sensitive: bool,
}

/// A type.
pub(super) struct Type {
    pub kind: Kind,
    pub nullable: bool,
}

/// A type that is not null.
pub(super) enum Kind {
    Text,
    Id,
    Decimal,
    Duration,
    Integer,
    Boolean,
    Any,
    List(Box<Type>),
    /// A named type, and whether it is an enum.
    Named(String, bool),
}

impl Interface {
    pub fn read(document: &Value) -> Result<Self> {
        let document = Document(document);
        let mut operations = Vec::new();
        for (path, methods) in object(at(document.0, "/paths"), "paths")? {
            for (method, operation) in object(methods, path)? {
                let read = document.operation(method, path, operation);
                operations.push(read.with_context(|| format!("{method} {path}"))?);
            }
        }
        let mut types = Vec::new();
        for (name, schema) in object(at(document.0, "/components/schemas"), "schemas")? {
            types.push(document.named(name, schema).with_context(|| name.clone())?);
        }
        Ok(Self { operations, types })
    }
}

struct Document<'d>(&'d Value);

impl<'d> Document<'d> {
    fn operation(&self, method: &str, path: &str, operation: &'d Value) -> Result<Operation> {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let path_params = parameters
            .map(|parameter| {
                let parameter = self.resolved(parameter)?;
                ensure!(parameter["in"] == "path", "only path parameters are known");
                Ok(Property {
                    name: text(parameter, "name")?,
                    description: text(parameter, "description")?,
                    ty: self.ty(&parameter["schema"])?,
                    required: true,
                    default: None,
                    sensitive: false,
                })
            })
            .collect::<Result<_>>()?;
        let body = match content(&operation["requestBody"]) {
            None => Body::None,
            Some(schema) => match operation["x-payglot-body"].as_str() {
                Some(name) => Body::Whole(name.to_owned(), self.ty(schema)?),
                None => Body::Properties(self.properties(schema)?),
            },
        };
        let response = self.resolved(at(operation, "/responses/200"))?;
        let schema = content(response).context("the response has no schema")?;
        let returns = match operation["x-payglot-unwrap"].as_str() {
            None => Returns::Whole(self.ty(schema)?),
            Some("nothing") => Returns::Nothing,
            Some(field) => Returns::Field(
                field.to_owned(),
                self.ty(at(schema, &format!("/properties/{field}")))
                    .with_context(|| field.to_owned())?,
            ),
        };
        let names = |key: &str| {
            let names = operation[key].as_array().into_iter().flatten();
            names.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        Ok(Operation {
            id: text(operation, "operationId")?,
            summary: text(operation, "summary")?,
            method: method.to_uppercase(),
            path: path.to_owned(),
            path_params,
            body,
            returns,
            not_in: names("x-payglot-not-in"),
            command: operation["x-payglot-command"].as_str().map(str::to_owned),
            columns: names("x-payglot-columns"),
        })
    }

    fn named(&self, name: &str, schema: &'d Value) -> Result<Named> {
        let shape = match schema["enum"].as_array() {
            Some(values) => {
                let values = values.iter().map(|value| value.as_str().map(str::to_owned));
                Shape::Enum(values.collect::<Option<_>>().context("an enum of other than text")?)
            }
            None => Shape::Object(self.properties(schema)?),
        };
        Ok(Named { name: name.to_owned(), description: text(schema, "description")?, shape })
    }

    fn properties(&self, schema: &'d Value) -> Result<Vec<Property>> {
        ensure!(schema["type"] == "object", "a schema without a name must be an object");
        let required: Vec<_> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut properties = Vec::new();
        for (name, schema) in object(&schema["properties"], "properties")? {
            let described =
                if schema["description"].is_string() { schema } else { self.resolved(schema)? };
            let description = text(described, "description").with_context(|| name.clone())?;
            properties.push(Property {
                name: name.clone(),
                description,
                ty: self.ty(schema).with_context(|| name.clone())?,
                required: required.contains(&name.as_str()),
                default: schema.get("default").cloned(),
                sensitive: schema["x-payglot-sensitive"] == true,
            });
        }
        Ok(properties)
    }

    fn ty(&self, schema: &'d Value) -> Result<Type> {
        let unknown = schema.as_object().into_iter().flat_map(Map::keys);
        if let Some(name) = unknown.into_iter().find(|name| !SCHEMA.contains(&name.as_str())) {
            bail!("{name} is not known in a schema");
        }
        if let Some(name) = schema["$ref"].as_str() {
            let is_enum = self.resolved(schema)?["enum"].is_array();
            let name = name.rsplit('/').next().unwrap_or_default().to_owned();
            return Ok(Type { kind: Kind::Named(name, is_enum), nullable: false });
        }
        let names: Vec<_> = match &schema["type"] {
            Value::String(name) => vec![name.as_str()],
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let nullable = names.contains(&"null");
        let name = names.iter().find(|name| **name != "null").copied();
        let kind = match (name, schema["format"].as_str()) {
            (None, _) => Kind::Any,
            (Some("string"), Some("uuid")) => Kind::Id,
            (Some("string"), Some("decimal")) => Kind::Decimal,
            (Some("string"), None) => Kind::Text,
            (Some("integer"), Some("duration")) => Kind::Duration,
            (Some("integer"), None) => Kind::Integer,
            (Some("boolean"), _) => Kind::Boolean,
            (Some("array"), _) => Kind::List(Box::new(self.ty(&schema["items"])?)),
            (Some(name), format) => bail!("type {name} with format {format:?} is not known"),
        };
        Ok(Type { kind, nullable })
    }

    /// What a `$ref` stands for, or the value itself.
    fn resolved(&self, value: &'d Value) -> Result<&'d Value> {
        let Some(reference) = value["$ref"].as_str() else { return Ok(value) };
        let pointer = reference.strip_prefix('#').unwrap_or_default();
        self.0.pointer(pointer).with_context(|| format!("{reference} leads nowhere"))
    }
}

/// The value at a JSON pointer; null where there is none.
fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

/// The schema of a JSON body.
fn content(holder: &Value) -> Option<&Value> {
    holder.get("content")?.get("application/json")?.get("schema")
}

fn object<'v>(value: &'v Value, name: &str) -> Result<&'v Map<String, Value>> {
    value.as_object().with_context(|| format!("{name} is not an object"))
}

fn text(value: &Value, name: &str) -> Result<String> {
    value[name].as_str().map(str::to_owned).with_context(|| format!("{name} is missing"))
}
