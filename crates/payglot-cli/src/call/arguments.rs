//! The arguments of an operation as options of a command.

use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use payglot::schema::{Field, Operation, Paging, Provider, Type};

pub use super::output::FORMS;
use crate::docs::{self, ArgumentDoc, OperationDoc};

/// Path parameters by position, query and body by name.
pub fn of(
    provider: &'static Provider,
    operation: &'static Operation,
    documented: Option<&'static OperationDoc>,
) -> Vec<Arg> {
    let Some(documented) = documented else { return Vec::new() };
    let path = operation.path_params.iter().zip(documented.path).map(|(field, doc)| {
        Arg::new(doc.flag)
            .required_unless_present("json")
            .value_name(field.name)
            .help(help(field, doc.text))
    });
    let named = docs::named(operation).zip(documented.named).map(|(field, doc)| {
        let arg = Arg::new(doc.flag)
            .long(doc.flag)
            .value_name(kind(&field.ty))
            .allow_hyphen_values(true)
            .help_heading(if is_required(provider, operation, field) {
                "Required arguments"
            } else {
                "Arguments"
            })
            .help(help(field, doc.text));
        // Its name on the wire works too.
        if field.name == doc.flag { arg } else { arg.alias(field.name) }
    });
    let named = named.chain(docs::named(operation).zip(documented.named).filter_map(source));
    path.chain(named).collect()
}

/// Whether a call needs the argument. Page and size of a list have defaults.
fn is_required(provider: &Provider, operation: &Operation, field: &Field) -> bool {
    let is_of_page = provider.paging.as_ref().is_some_and(|paging| {
        operation.paging == Paging::Paged && [paging.page, paging.size].contains(&field.wire)
    });
    field.required && !is_of_page
}

/// The option that says where the value of a sensitive argument is, for those who do not want it on the command line.
fn source((field, doc): (&Field, &ArgumentDoc)) -> Option<Arg> {
    let flag = source_flag(doc.flag);
    is_sensitive(field).then(|| {
        Arg::new(flag.clone())
            .long(flag)
            .value_name("SOURCE")
            .conflicts_with(doc.flag)
            .help_heading("Instead of arguments that other users of this machine can see")
            .help(format!(
                "--{} from a file, from standard input (-), or from an environment variable (env:NAME)",
                doc.flag
            ))
    })
}

/// The option that says where the value of an argument is.
pub fn source_flag(flag: &str) -> String {
    format!("{flag}-from")
}

/// Whether an argument is or holds something that is never shown.
pub fn is_sensitive(field: &Field) -> bool {
    // Types may hold themselves.
    fn holds(field: &Field, depth: usize) -> bool {
        let fields = match &field.ty {
            Type::Object(schema) | Type::List(Type::Object(schema)) => schema.fields,
            _ => &[],
        };
        field.sensitive || (depth > 0 && fields.iter().any(|field| holds(field, depth - 1)))
    }
    holds(field, 8)
}

/// An option of a call that is no argument of it.
pub fn option(name: &'static str) -> Arg {
    Arg::new(name).long(name).help_heading("Options")
}

/// The options that say how an operation is called, whatever becomes of its response.
pub fn calling(provider: &'static Provider) -> Vec<Arg> {
    let mut options = vec![
        option("json").value_name("JSON").help(
            "All arguments as one JSON object, those of the path too, or - to read it from standard input, where nobody \
             else sees it. Options add to it",
        ),
        option("show-sensitive").action(ArgAction::SetTrue).help(
            "Print card numbers, links and the like instead of [redacted]",
        ),
        option("base-url").value_name("URL").help(format!(
            "Host and base path. Otherwise from {0} or the file that {0}_FILE names{1}",
            provider.base_url_env,
            if provider.default_environment.is_some() { ", else the vendor's sandbox" } else { "" },
        )),
        option("timeout")
            .value_name("SECONDS")
            .value_parser(seconds)
            .help("Time for the call with all its attempts. Otherwise 30"),
        option("max-retries")
            .value_name("N")
            .value_parser(value_parser!(u32))
            .help("How many times the call may be tried again where that is safe. Otherwise 2"),
    ];
    if !provider.environments.is_empty() {
        let names = provider.environments.iter().map(|environment| environment.name);
        options.push(
            option("environment")
                .value_name("NAME")
                .value_parser(PossibleValuesParser::new(names))
                .conflicts_with("base-url")
                .help("A published host"),
        );
    }
    options
}

/// The options of `payglot call`.
pub fn options(provider: &'static Provider, operation: &'static Operation) -> Vec<Arg> {
    let switch = |name| option(name).action(ArgAction::SetTrue);
    let mut options = calling(provider);
    options.extend([
        option("output").value_name("FORM").value_parser(FORMS).help(
            "How the response is printed: json, jsonl (a line for each record) and csv have every digit; table is for \
             people. Otherwise a table on a terminal, else JSON",
        ),
        option("idempotency-key").value_name("KEY").help("An Idempotency-Key to send"),
    ]);
    if !operation.paging.is_paged() {
        options.push(option("intent").value_name("NAME").requires("journal").help(
            "Name of what the call means to do: the journal sees to it that it is done at most once",
        ));
        options.push(journal());
    }
    if let Some(field) = operation.tag {
        let help = format!(
            "Put the intent's short reference into {field} where that is left out or empty, so that a look-up is exact"
        );
        options.push(switch("tag").requires("intent").help(help));
    }
    if operation.paging.is_paged() {
        options.push(switch("all").help("Print all pages"));
    }
    options
}

/// The option that says where the journal is.
pub fn journal() -> Arg {
    option("journal")
        .value_name("LOCATION")
        .env("PAYGLOT_JOURNAL")
        .hide_env_values(true)
        .help("Remembers the call: the path of a file, or postgresql://user@host/database")
}

/// Whether to print all pages.
pub fn is_all(operation: &Operation, matches: &ArgMatches) -> bool {
    operation.paging.is_paged() && matches.get_flag("all")
}

/// Seconds that somebody typed.
pub fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "must be a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|_| "must be a number of seconds".to_owned())
}

fn help(field: &Field, text: &str) -> String {
    let mut help = text.to_owned();
    if let Type::Enum(known) = field.ty {
        help += &format!(" [{}]", known.values.join(", "));
    }
    help
}

/// The type of a value, for the help text.
fn kind(ty: &Type) -> &'static str {
    match ty {
        Type::Text | Type::Enum(_) => "TEXT",
        Type::Uuid => "UUID",
        Type::DateTime => "TIME",
        Type::Date => "DATE",
        Type::Boolean => "true|false",
        Type::Integer => "INTEGER",
        Type::Number => "NUMBER",
        Type::Money(_) => "AMOUNT",
        Type::File => "PATH",
        Type::Object(_) | Type::List(_) | Type::Map(_) | Type::Union(_) | Type::Any => "JSON",
    }
}
