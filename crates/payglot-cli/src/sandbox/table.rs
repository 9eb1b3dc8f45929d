//! What the generated table of a sandbox's interface for tests is made of, and its arguments as those of a command.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command};
use payglot::runtime::jiff::{SignedDuration, Span, SpanRelativeTo};
use serde_json::{Map, Value};

use crate::call::arguments::source_flag;
use crate::private;

/// How somebody types a duration.
const SECONDS: &str = "a number of seconds, or a time such as \"2h 30m\" or 3d";

/// Something that can be done to a sandbox.
pub struct Action {
    pub name: &'static str,
    pub summary: &'static str,
    pub method: &'static str,
    pub path: &'static str,
    pub arguments: &'static [Argument],
    /// The name of the body, where that is one value.
    pub whole: Option<&'static str>,
    /// The field of the response that is printed; otherwise all of it.
    pub field: Option<&'static str>,
    /// What a table shows of each record, where that is not all.
    pub columns: &'static [&'static str],
    pub has_body: bool,
    /// Whether the response says anything.
    pub prints: bool,
}

/// An argument of it.
pub struct Argument {
    pub name: &'static str,
    pub flag: &'static str,
    pub text: &'static str,
    pub kind: Kind,
    pub is_in_path: bool,
    pub is_required: bool,
    pub is_nullable: bool,
    /// Whether it may be a secret.
    pub is_sensitive: bool,
}

/// How a value is read.
#[derive(Clone, Copy)]
pub enum Kind {
    Text,
    Integer,
    /// Sent as whole seconds.
    Duration,
    OneOf(&'static [&'static str]),
}

impl Action {
    /// As a command: what is required by position, everything else by option.
    pub fn command(&'static self) -> Command {
        let whole = self.whole.map(|name| {
            let help = "JSON in a file, or - to read it from standard input";
            Arg::new(name).required(true).value_name("FILE").help(help)
        });
        let arguments = self.arguments.iter().flat_map(Argument::args);
        Command::new(self.name).about(self.summary).args(arguments).args(whole)
    }

    /// The path and the body of the request.
    pub fn request(&self, matches: &ArgMatches) -> anyhow::Result<(String, Option<Value>)> {
        let (mut path, mut fields) = (self.path.to_owned(), Map::new());
        for argument in self.arguments {
            let Some(value) = argument.value(matches)? else { continue };
            if argument.is_in_path {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                path = path.replace(&format!("{{{}}}", argument.name), &segment(&text));
            } else {
                fields.insert(argument.name.to_owned(), value);
            }
        }
        let body = match self.whole.and_then(|name| matches.get_one::<String>(name)) {
            Some(source) => Some(serde_json::from_str(&private::read(source)?)?),
            None => self.has_body.then_some(Value::Object(fields)),
        };
        Ok((path, body))
    }
}

impl Argument {
    fn args(&'static self) -> Vec<Arg> {
        let value_name = self.name.to_uppercase();
        let arg = Arg::new(self.flag).value_name(value_name).help(self.help());
        let mut arg = arg.allow_negative_numbers(true);
        if let Kind::OneOf(names) = self.kind {
            arg = arg.value_parser(PossibleValuesParser::new(names));
        }
        if !self.is_required {
            arg = arg.long(self.flag);
        }
        if !self.is_sensitive {
            return vec![arg.required(self.is_required)];
        }
        let source = source_flag(self.flag);
        let help = format!(
            "{} from a file, from standard input (-), or from an environment variable (env:NAME): other users do not see it \
             there",
            self.flag
        );
        if self.is_required {
            arg = arg.required_unless_present(source.clone());
        }
        let from = Arg::new(source.clone()).long(source).value_name("SOURCE");
        vec![arg, from.conflicts_with(self.flag).help(help)]
    }

    fn help(&self) -> String {
        match self.kind {
            Kind::Duration => format!("{} As {SECONDS}", self.text),
            _ => self.text.trim_end_matches('.').to_owned(),
        }
    }

    fn value(&self, matches: &ArgMatches) -> anyhow::Result<Option<Value>> {
        let source = matches.try_get_one::<String>(&source_flag(self.flag)).ok().flatten();
        let text = match (matches.get_one::<String>(self.flag), source) {
            (Some(text), _) => text.clone(),
            (None, Some(source)) => private::read(source)?,
            (None, None) => return Ok(None),
        };
        if self.is_nullable && text == "null" {
            return Ok(Some(Value::Null));
        }
        let value = match self.kind {
            Kind::Text | Kind::OneOf(_) => Some(Value::String(text)),
            Kind::Integer => text.parse::<i64>().ok().map(Value::from),
            Kind::Duration => seconds(&text).map(Value::from),
        };
        let wanted = if matches!(self.kind, Kind::Duration) { SECONDS } else { "a whole number" };
        value.map(Some).ok_or_else(|| anyhow::anyhow!("{} must be {wanted}", self.flag))
    }
}

/// Whole seconds of what somebody typed. A day has 24 hours.
fn seconds(text: &str) -> Option<i64> {
    let by_unit = || {
        let span: Span = text.parse().ok()?;
        let duration: SignedDuration =
            span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
        Some(duration.as_secs())
    };
    text.parse().ok().or_else(by_unit)
}

/// Text within a path.
fn segment(text: &str) -> String {
    let mut segment = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            segment.push(byte.into());
        } else {
            segment += &format!("%{byte:02X}");
        }
    }
    segment
}
