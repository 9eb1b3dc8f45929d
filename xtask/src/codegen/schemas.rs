//! Turns lowered schemas into the model's types: objects with fields, enums, scalars.

use std::borrow::Cow;
use std::collections::HashMap;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::model::{Enum, EnumValue, Field, Schema, Type};
use super::names::{self, Taken};
use super::overlay::{lack, step};

mod facts;
mod references;

pub use facts::{describe, sentence, text};
use facts::{documented, helpers, limits, strings};
pub use references::resolve;

/// Units of money.
const UNITS: [&str; 3] = ["dollars", "cents", "currency"];
/// What a target says of itself and not of the field that refers to it.
const OWN: [&str; 5] = ["description", "title", "x-payglot-rename", "default", "example"];

/// Models found so far, in the order in which operations need them.
pub struct Schemas<'d> {
    document: &'d Value,
    schemas: Vec<Schema>,
    enums: Vec<Enum>,
    /// Names of models and enums by the place of their schema in memory: two schemas never share a model.
    named: HashMap<*const Value, String>,
    positions: HashMap<String, usize>,
    taken: Taken,
    /// Lists that are being read, to see one that holds itself.
    lists: Vec<*const Value>,
    /// Numbers that nobody marked, with the model that has them: in requests a guess could change an amount.
    unmarked: Vec<(Option<String>, String)>,
    /// The model that is being read.
    owner: Option<String>,
}

impl<'d> Schemas<'d> {
    pub fn new(document: &'d Value, taken: Taken) -> Self {
        Self {
            document,
            schemas: Vec::new(),
            enums: Vec::new(),
            named: HashMap::new(),
            positions: HashMap::new(),
            taken,
            lists: Vec::new(),
            unmarked: Vec::new(),
            owner: None,
        }
    }

    /// The models, the enums, and the numbers that nobody marked.
    pub fn finish(self) -> (Vec<Schema>, Vec<Enum>, Vec<(Option<String>, String)>) {
        (self.schemas, self.enums, self.unmarked)
    }

    pub fn find(&self, pascal: &str) -> Option<&Schema> {
        self.schemas.get(*self.positions.get(pascal)?)
    }

    /// The model of a request body.
    pub fn body(&mut self, schema: &'d Value, at: &str, hint: &str) -> Result<String> {
        match self.object_or(schema, at, hint, true)? {
            Type::Object { name } => Ok(name),
            _ => bail!("a request body that is not an object is not known here"),
        }
    }

    /// The type of a value; `hint` names a model that has no name of its own.
    pub fn ty(&mut self, schema: &'d Value, at: &str, hint: &str) -> Result<Type> {
        self.object_or(schema, at, hint, false)
    }

    /// A path or query parameter.
    pub fn parameter(&mut self, parameter: &'d Value, at: &str, owner: &str) -> Result<Field> {
        let name = parameter.get("name").map(text).unwrap_or_default();
        let schema = parameter.get("schema").unwrap_or(&Value::Null);
        let required = parameter.get("required") == Some(&Value::Bool(true));
        let before = self.unmarked.len();
        let mut field = self.field(&name, schema, &format!("{at}.schema"), owner, required)?;
        if let Some((_, at)) = self.unmarked.get(before) {
            bail!("{}", unmarked(at));
        }
        if let Some(example) = parameter.get("example") {
            field.example = super::examples::field(&field, Some(example));
        }
        if let Some(description) = parameter.get("description") {
            field.description = documented(&describe(&text(description)), &field);
        }
        field.nullable = false;
        Ok(field)
    }

    /// The schema of a property of an object schema, references followed.
    pub fn property(&self, schema: &'d Value, name: &str) -> Result<Option<&'d Value>> {
        let merged = self.merged(schema, "")?;
        Ok(merged
            .properties
            .into_iter()
            .find(|(known, ..)| known == name)
            .map(|(_, schema, _)| schema))
    }

    /// `is_body`: an object without properties is still a model, not just any JSON.
    fn object_or(
        &mut self,
        schema: &'d Value,
        at: &str,
        hint: &str,
        is_body: bool,
    ) -> Result<Type> {
        if let Some((name, target)) = self.target(schema)? {
            // Fails where references go round in circles.
            self.facts(schema)?;
            return self.object_or(target, &component(&name), &name, is_body);
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array)
            && !values.is_empty()
            && values.iter().all(Value::is_string)
        {
            return Ok(self.enumeration(values, schema, hint));
        }
        let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
        Ok(match schema.get("type").and_then(Value::as_str) {
            Some("string") => match format {
                "uuid" | "uuid1" | "uuid3" | "uuid4" | "uuid5" => Type::Uuid,
                "date-time" => Type::DateTime,
                "date" => Type::Date,
                _ => Type::Text,
            },
            Some("boolean") => Type::Boolean,
            Some("integer") => money(schema)?.unwrap_or(Type::Integer),
            Some("number") => self.number(schema, at)?,
            Some("array") => self.list(schema, at, hint)?,
            _ => return self.object(schema, at, hint, is_body),
        })
    }

    fn list(&mut self, schema: &'d Value, at: &str, hint: &str) -> Result<Type> {
        let place = std::ptr::from_ref(schema);
        let item = match schema.get("items") {
            // A list within itself has no end that a type could name.
            Some(items) if !self.lists.contains(&place) => {
                self.lists.push(place);
                let item = self.ty(items, &format!("{at}.items"), &format!("{hint}Item"));
                self.lists.pop();
                item?
            }
            _ => Type::Any,
        };
        Ok(Type::List { item: Box::new(item) })
    }

    fn number(&mut self, schema: &Value, at: &str) -> Result<Type> {
        if let Some(money) = money(schema)? {
            return Ok(money);
        }
        if schema.get("x-payglot-money").is_none() {
            self.unmarked.push((self.owner.clone(), at.to_owned()));
        }
        Ok(Type::Number)
    }

    fn object(&mut self, schema: &'d Value, at: &str, hint: &str, is_body: bool) -> Result<Type> {
        // Alternatives cannot be told apart safely: the JSON is kept as it is, and a body takes any fields.
        let alternatives = ["anyOf", "oneOf"].iter().find_map(|name| schema.get(name)?.as_array());
        if let Some(alternatives) = alternatives.filter(|_| schema.get("properties").is_none()) {
            return Ok(match self.common_kind(alternatives, 0)? {
                "object" | "" if is_body => self.model(schema, hint, true)?.0,
                "string" => Type::Text,
                _ => Type::Any,
            });
        }
        let merged = self.merged(schema, at)?;
        if merged.properties.is_empty() && !is_body {
            return Ok(Type::Any);
        }
        // An object of which nothing is said may have any fields.
        let open = merged.open
            || merged.properties.is_empty() && schema.get("additionalProperties").is_none();
        let (ty, index) = self.model(schema, hint, open)?;
        let (Some(index), Type::Object { name: pascal }) = (index, &ty) else { return Ok(ty) };
        let outer = self.owner.replace(pascal.clone());
        let mut fields = Vec::new();
        for (name, property, at) in merged.properties {
            let required = merged.required.contains(&name);
            fields.push(
                self.field(&name, property, &at, pascal, required)
                    .with_context(|| format!("property {name}"))?,
            );
        }
        self.owner = outer;
        name_fields(&mut fields);
        if let Some(schema) = self.schemas.get_mut(index) {
            schema.fields = fields;
        }
        Ok(ty)
    }

    /// The JSON type that a schema says or implies, references followed; empty where it says none.
    fn kind(&self, schema: &'d Value, depth: u32) -> Result<&'d str> {
        let schema = resolve(self.document, schema)?;
        let alternatives = ["anyOf", "oneOf"].iter().find_map(|name| schema.get(name)?.as_array());
        Ok(match (schema.get("type").and_then(Value::as_str), alternatives) {
            (Some(kind), _) => kind,
            (None, Some(alternatives)) => self.common_kind(alternatives, depth + 1)?,
            (None, None) if schema.get("properties").is_some() || schema.get("allOf").is_some() => {
                "object"
            }
            (None, None) => "",
        })
    }

    /// The one JSON type of all alternatives.
    fn common_kind(&self, alternatives: &'d [Value], depth: u32) -> Result<&'d str> {
        let mut common = None;
        for alternative in alternatives.iter().filter(|_| depth < 8) {
            let kind = self.kind(alternative, depth)?;
            if *common.get_or_insert(kind) != kind {
                return Ok("mixed");
            }
        }
        Ok(common.unwrap_or("mixed"))
    }

    /// The model of a schema, with its position where it is new and has no fields yet.
    fn model(
        &mut self,
        schema: &'d Value,
        hint: &str,
        open: bool,
    ) -> Result<(Type, Option<usize>)> {
        let place = std::ptr::from_ref(schema);
        if let Some(name) = self.named.get(&place) {
            return Ok((Type::Object { name: name.clone() }, None));
        }
        let pascal = self.name(&names::pascal(hint), "Input");
        self.named.insert(place, pascal.clone());
        let index = self.schemas.len();
        self.positions.insert(pascal.clone(), index);
        self.schemas.push(Schema {
            index,
            document_name: hint.to_owned(),
            upper: names::upper(&pascal),
            pascal: pascal.clone(),
            description: describe(&schema.get("description").map(text).unwrap_or_default()),
            fields: Vec::new(),
            open,
            in_requests: false,
            in_answers: false,
            helpers: helpers(schema)?,
            unconfirmed: schema.get("x-payglot-unconfirmed").map(text).unwrap_or_default(),
        });
        Ok((Type::Object { name: pascal }, Some(index)))
    }

    /// A free name for a model or an enum: free with the ending of its twin, and in every style.
    fn name(&mut self, wanted: &str, twin: &str) -> String {
        self.taken.give_all(wanted, |name| {
            vec![name.to_owned(), format!("{name}{twin}"), format!("static {}", names::upper(name))]
        })
    }

    fn field(
        &mut self,
        wire: &str,
        schema: &'d Value,
        at: &str,
        owner: &str,
        required: bool,
    ) -> Result<Field> {
        let facts = self.facts(schema)?;
        let fact = |name: &str| {
            let own = facts.first().and_then(|own| own.get(name));
            own.or_else(|| {
                facts.iter().filter(|_| !OWN.contains(&name)).find_map(|facts| facts.get(name))
            })
        };
        let mark = fact("x-payglot-money").and_then(Value::as_str);
        let ty = match mark {
            // A mark beside a `$ref` or on the outside counts for the number within.
            Some(unit) if fact("type").and_then(Value::as_str) == Some("number") => {
                unit_of(unit)?.unwrap_or(Type::Number)
            }
            _ => self.ty(schema, at, &format!("{owner}{}", names::pascal(wire)))?,
        };
        let renamed = fact("x-payglot-rename").map(text);
        let snake = names::field(renamed.as_deref().unwrap_or(wire));
        let mut field = Field {
            wire: wire.to_owned(),
            rust: names::rust(&snake),
            snake,
            aliases: strings(fact("x-payglot-alias")),
            ty,
            required,
            nullable: fact("nullable") == Some(&Value::Bool(true)),
            sensitive: fact("x-payglot-sensitive") == Some(&Value::Bool(true)),
            limits: limits(fact),
            description: String::new(),
            known_values: strings(fact("x-known-values")),
            unconfirmed: fact("x-payglot-unconfirmed")
                .is_some_and(|value| *value != Value::Bool(false)),
            default: fact("default").filter(|value| !value.is_null()).map(Value::to_string),
            example: String::new(),
        };
        field.example = super::examples::field(&field, fact("example"));
        let base = fact("description").or_else(|| fact("title"));
        let base = base.map_or_else(|| wire.replace('_', " "), text);
        field.description = documented(&describe(&base), &field);
        Ok(field)
    }

    fn enumeration(&mut self, values: &[Value], schema: &'d Value, hint: &str) -> Type {
        let place = std::ptr::from_ref(schema);
        if let Some(name) = self.named.get(&place) {
            return Type::Enum { name: name.clone() };
        }
        let pascal = self.name(&names::pascal(hint), "Value");
        self.named.insert(place, pascal.clone());
        let (mut pascals, mut uppers) = (Taken::default(), Taken::default());
        // The variant for texts that are not known.
        pascals.reserve("Other");
        let mut wires: Vec<String> = Vec::new();
        for wire in values.iter().map(text) {
            if !wires.contains(&wire) {
                wires.push(wire);
            }
        }
        let values = wires.into_iter().map(|wire| EnumValue {
            pascal: pascals.give(&variant(&wire)),
            upper: uppers.give(&names::upper(&wire)),
            wire,
        });
        self.enums.push(Enum {
            upper: names::upper(&pascal),
            pascal: pascal.clone(),
            description: describe(&schema.get("description").map(text).unwrap_or_default()),
            values: values.collect(),
        });
        Type::Enum { name: pascal }
    }

    /// Properties of an object, those of `allOf` before its own.
    fn merged(&self, schema: &'d Value, at: &str) -> Result<Merged<'d>> {
        let mut merged = Merged::default();
        self.merge_into(&mut merged, schema, at, 0)?;
        Ok(merged)
    }

    fn merge_into(
        &self,
        merged: &mut Merged<'d>,
        schema: &'d Value,
        at: &str,
        depth: u32,
    ) -> Result<()> {
        ensure!(depth < 32, "allOf goes round in circles");
        if let Some((name, target)) = self.target(schema)? {
            return self.merge_into(merged, target, &component(&name), depth + 1);
        }
        for (position, part) in
            schema.get("allOf").and_then(Value::as_array).into_iter().flatten().enumerate()
        {
            self.merge_into(merged, part, &format!("{at}.allOf[{position}]"), depth + 1)?;
        }
        for (name, property) in
            schema.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            let at = format!("{at}.properties{}", step(name));
            match merged.positions.get(name) {
                Some(position) => {
                    if let Some(slot) = merged.properties.get_mut(*position) {
                        *slot = (name.clone(), property, at);
                    }
                }
                None => {
                    merged.positions.insert(name.clone(), merged.properties.len());
                    merged.properties.push((name.clone(), property, at));
                }
            }
        }
        merged.required.extend(strings(schema.get("required")));
        merged.open |=
            schema.get("additionalProperties").is_some_and(|value| *value != Value::Bool(false));
        // Alternatives within `allOf` have fields that are not known here.
        merged.open |= schema.get("anyOf").is_some() || schema.get("oneOf").is_some();
        Ok(())
    }

    /// A field's own schema, then those it refers to.
    fn facts(&self, schema: &'d Value) -> Result<Vec<&'d Value>> {
        let mut facts = vec![schema];
        let mut last = schema;
        while let Some((_, target)) = self.target(last)? {
            ensure!(facts.len() < 32, "references go round in circles");
            facts.push(target);
            last = target;
        }
        Ok(facts)
    }

    /// Name and schema behind a schema that is a reference and nothing else, as `$ref` or as `allOf` of one.
    fn target(&self, schema: &'d Value) -> Result<Option<(Cow<'d, str>, &'d Value)>> {
        reference(schema).map(|reference| references::target(self.document, reference)).transpose()
    }
}

/// The place of a named schema.
fn component(name: &str) -> String {
    format!("$.components.schemas{}", step(name))
}

/// A message for a number that is neither marked money nor marked plain.
pub fn unmarked(at: &str) -> String {
    let what = "a number in a request is money or not (dollars, cents, currency or plain), and nothing says so";
    lack(at, what, at, "{x-payglot-money: plain}")
}

/// The mark of a schema as a type; none where it is not money.
fn money(schema: &Value) -> Result<Option<Type>> {
    schema.get("x-payglot-money").and_then(Value::as_str).map_or(Ok(None), unit_of)
}

fn unit_of(unit: &str) -> Result<Option<Type>> {
    match unit {
        "plain" => Ok(None),
        unit if UNITS.contains(&unit) => Ok(Some(Type::Money { unit: unit.into() })),
        other => bail!("x-payglot-money: `{other}` is not dollars, cents, currency or plain"),
    }
}

/// A text as a variant; signs alone have no name.
fn variant(wire: &str) -> String {
    if wire.chars().any(char::is_alphanumeric) { names::pascal(wire) } else { "Sign".into() }
}

/// Gives every field a name of its own. A field that is called so on the wire keeps its name.
pub fn name_fields(fields: &mut [Field]) {
    let mut taken = Taken::default();
    for field in fields.iter() {
        taken.reserve(field.wire.clone());
    }
    for field in fields.iter_mut().filter(|field| field.snake != field.wire) {
        field.snake = taken.give(&field.snake);
        field.rust = names::rust(&field.snake);
    }
}

#[derive(Default)]
struct Merged<'d> {
    /// Name, schema, and place.
    properties: Vec<(String, &'d Value, String)>,
    positions: HashMap<String, usize>,
    required: Vec<String>,
    open: bool,
}

/// The target of a schema that is a reference and nothing else, as `$ref` or as `allOf` of one.
fn reference(schema: &Value) -> Option<&str> {
    let direct = schema.get("$ref").and_then(Value::as_str);
    if direct.is_some() || schema.get("properties").is_some() {
        return direct;
    }
    match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) => only.get("$ref").and_then(Value::as_str),
        _ => None,
    }
}
