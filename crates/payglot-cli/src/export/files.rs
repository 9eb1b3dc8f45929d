//! Writes the file of an export from its state: beside its name first, so that it is there whole or not at all.

use std::io::Write;
use std::path::Path;

use anyhow::Context as _;
use payglot::runtime::json::{Document, Kind, RawJson};
use payglot::schema::Type;

use super::parquet;
use super::state::State;
use crate::call::{Form, Style, rows};
use crate::whole_file;

/// The style of what is in the state: what is not shown is redacted there.
pub const AS_IT_IS: Style = Style { form: Form::JsonLines, shows_sensitive: true };
/// The column of records that are no objects.
pub const VALUE: &str = "value";

/// What is written.
#[derive(Clone, Copy)]
pub enum FileForm {
    Csv,
    JsonLines,
    Parquet,
}

impl FileForm {
    /// As the name of the file says.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "csv" => Some(Self::Csv),
            "jsonl" => Some(Self::JsonLines),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

pub fn write(form: FileForm, path: &Path, state: &State) -> anyhow::Result<()> {
    let written = whole_file::write(path, |out| match form {
        FileForm::JsonLines => state.each(|line| Ok(writeln!(out, "{line}")?)),
        FileForm::Csv => csv(out, state),
        FileForm::Parquet => parquet::write(out, state),
    });
    written.with_context(|| {
        format!("--to: cannot write {}; the records are kept in the state", path.display())
    })
}

/// The names of the columns; one where records are no objects.
pub fn names(state: &State) -> Vec<&str> {
    let names: Vec<&str> =
        state.progress.columns.iter().map(|column| column.name.as_str()).collect();
    if names.is_empty() { vec![VALUE] } else { names }
}

/// The value of a column in a record, where it has one.
pub fn cell<'r>(record: RawJson<'r>, name: &str) -> Option<RawJson<'r>> {
    let value = if record.kind() == Kind::Object {
        record.get(name)
    } else {
        (name == VALUE).then_some(record)
    };
    value.filter(|value| !value.is_null())
}

/// CSV as RFC 4180 has it, in the encoding of all: each value has the vendor's digits.
fn csv(out: &mut impl Write, state: &State) -> anyhow::Result<()> {
    let names = names(state);
    let head: Vec<String> = names.iter().map(|name| rows::quoted(name)).collect();
    writeln!(out, "{}", head.join(","))?;
    state.each(|line| {
        let document = Document::new(line).into();
        let record = RawJson::root(&document).context("the state holds a line that is no JSON")?;
        for (position, name) in names.iter().enumerate() {
            if position > 0 {
                out.write_all(b",")?;
            }
            let value = cell(record, name).map(|value| rows::text(value, &Type::Any, AS_IT_IS));
            out.write_all(rows::quoted(&value.unwrap_or_default()).as_bytes())?;
        }
        Ok(out.write_all(b"\n")?)
    })
}
