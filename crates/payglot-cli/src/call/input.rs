//! Turns the options of a command line into the arguments of a call.

use std::borrow::Cow;
use std::io::Read as _;

use clap::ArgMatches;
use payglot::runtime::json::{File, Value};
use payglot::schema::{Field, Operation, Provider, Type};

use super::arguments::{is_sensitive, source_flag};
use crate::docs;
use crate::private::{self, STDIN};

/// What is wrong with the input, without the value.
pub struct BadInput(pub String);

impl From<anyhow::Error> for BadInput {
    fn from(error: anyhow::Error) -> Self {
        Self(format!("{error:#}"))
    }
}

/// Query parameters and fields of a body, by name.
pub type Fields<'a> = Vec<(Cow<'a, str>, Value<'a>)>;

/// The arguments of a call.
pub struct Arguments<'a> {
    pub path: Vec<Cow<'a, str>>,
    pub fields: Fields<'a>,
}

impl<'a> Arguments<'a> {
    pub fn read(
        provider: &'static Provider,
        operation: &'static Operation,
        matches: &'a ArgMatches,
    ) -> Result<Self, BadInput> {
        let documented = docs::of(provider, operation);
        let (path, named) = documented.map_or((&[][..], &[][..]), |doc| (doc.path, doc.named));
        let mut is_stdin_read = text_of(matches, "json") == Some(STDIN);
        let text = |flag: &str| text_of(matches, flag);
        let mut fields: Fields<'a> = Vec::new();
        for (field, doc) in docs::named(operation).zip(named) {
            if let Some(text) = text(doc.flag) {
                fields.push((field.name.into(), value(field, &option(doc.flag), text)?));
            } else if is_sensitive(field)
                && let Some(source) = text(&source_flag(doc.flag))
            {
                let flag = source_flag(doc.flag);
                let text = read(source, &flag, &mut is_stdin_read)?;
                let value = value(field, &option(&flag), &text)?;
                fields.push((field.name.into(), value.into_owned()));
            }
        }
        let mut json = text("json").map(object).transpose()?.unwrap_or_default();
        let mut steps = Vec::new();
        for (doc, field) in path.iter().zip(operation.path_params) {
            let given = text(doc.flag).map(Cow::from);
            steps.push(given.map_or_else(|| step(&mut json, field), Ok)?);
        }
        for (name, value) in json {
            let name = docs::name_of(operation, &name).to_owned();
            // An option overrides the object.
            if !fields.iter().any(|(known, _)| *known == name) {
                fields.push((name.into(), value));
            }
        }
        Ok(Self { path: steps, fields })
    }

    /// A whole number among the fields.
    pub fn number(&self, name: &str) -> Option<u64> {
        let (_, value) = self.fields.iter().find(|(known, _)| known == name)?;
        if let Value::Integer(digits) = value { digits.parse().ok() } else { None }
    }

    /// All fields except these.
    pub fn without(&self, names: &[&str]) -> Fields<'a> {
        let others = self.fields.iter().filter(|(name, _)| !names.contains(&name.as_ref()));
        others.cloned().collect()
    }
}

fn option(flag: &str) -> String {
    format!("--{flag}")
}

fn text_of<'a>(matches: &'a ArgMatches, flag: &str) -> Option<&'a str> {
    matches.get_one::<String>(flag).map(String::as_str)
}

/// The text that an option says the location of.
fn read(source: &str, flag: &str, is_stdin_read: &mut bool) -> Result<String, BadInput> {
    if source == STDIN && std::mem::replace(is_stdin_read, true) {
        let problem = format!("--{flag}: standard input holds another argument already");
        return Err(BadInput(problem));
    }
    private::read(source).map_err(|error| BadInput(format!("--{flag}: {error:#}")))
}

/// A text as the value of an argument; `name` is what the text was given as.
pub fn value<'a>(field: &Field, name: &str, text: &'a str) -> Result<Value<'a>, BadInput> {
    let invalid = |what: &str| BadInput(format!("{name} must be {what}"));
    Ok(match field.ty {
        // An amount stays text, so that it is exact.
        Type::Text | Type::Uuid | Type::DateTime | Type::Date | Type::Enum(_) | Type::Money(_) => {
            Value::Text(text.into())
        }
        Type::Boolean => Value::Boolean(text.parse().map_err(|_| invalid("true or false"))?),
        Type::Integer => {
            let number: i64 = text.parse().map_err(|_| invalid("a whole number"))?;
            Value::Integer(number.to_string().into())
        }
        Type::Number => match Value::from_json(text) {
            Some(number @ (Value::Integer(_) | Value::Float(_))) => number,
            _ => return Err(invalid("a number")),
        },
        // Text that is no JSON is text.
        Type::Union(_) => Value::from_json(text).map_or(Value::Text(text.into()), Value::exact),
        Type::File => Value::File(Box::new(File::path(text))),
        Type::List(Type::File) => Value::List(vec![Value::File(Box::new(File::path(text)))]),
        Type::Object(_) | Type::List(_) | Type::Map(_) | Type::Any => {
            Value::from_json(text).ok_or_else(|| invalid("JSON"))?.exact()
        }
    })
}

/// Takes an argument of the path out of the fields of `--json`.
fn step(
    json: &mut Vec<(String, Value<'static>)>,
    field: &Field,
) -> Result<Cow<'static, str>, BadInput> {
    let at = json.iter().position(|(name, _)| name == field.name || name == field.wire);
    match at.map(|at| json.remove(at).1) {
        Some(Value::Text(text) | Value::Integer(text)) => Ok(text),
        Some(_) => Err(BadInput(format!("{} of --json must be text", field.name))),
        None => Err(BadInput(format!(
            "{} is missing: give it before the options, or in --json",
            field.name
        ))),
    }
}

/// The fields of `--json`.
fn object(text: &str) -> Result<Vec<(String, Value<'static>)>, BadInput> {
    let invalid = || BadInput("--json must be a JSON object".to_owned());
    let mut read = String::new();
    let text = if text == "-" {
        std::io::stdin()
            .read_to_string(&mut read)
            .map_err(|error| BadInput(format!("cannot read standard input: {error}")))?;
        private::without_mark(&mut read);
        read.as_str()
    } else {
        text
    };
    match Value::from_json(text).ok_or_else(invalid)? {
        Value::Object(fields) => Ok(fields
            .into_iter()
            .map(|(name, value)| (name.into_owned(), value.exact().into_owned()))
            .collect()),
        _ => Err(invalid()),
    }
}
