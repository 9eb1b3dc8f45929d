//! Reads the rows of a batch from a file. What is wrong with one row is for the check to say, with all others.

use std::borrow::Cow;
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use payglot::journal::BatchRow;
use payglot::runtime::json::Value;
use payglot::schema::{Field, Operation};

use crate::call::{BadInput, value};
use crate::docs;
use crate::private;

type Fields = Vec<(Cow<'static, str>, Value<'static>)>;

/// How the columns of a file are read.
pub struct Columns<'a> {
    pub operation: &'static Operation,
    /// The column with the key.
    pub key: &'a str,
    /// Arguments of every row that has no such column.
    pub given: Vec<(&'a str, &'a str)>,
    /// Columns that are no arguments.
    pub ignored: Vec<&'a str>,
}

/// What a column is for.
enum Column {
    Argument(&'static Field),
    /// The key, and nothing else.
    Key,
    Ignored,
}

impl Columns<'_> {
    /// All rows of a file, in their order.
    pub fn read(&self, path: &Path) -> anyhow::Result<Vec<BatchRow>> {
        let problem = || format!("cannot read {}", path.display());
        let mut text = std::fs::read_to_string(path).with_context(problem)?;
        private::without_mark(&mut text);
        let given = self.given()?;
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => self.csv(&text, &given).with_context(problem),
            Some("jsonl") => Ok(self.json_lines(&text, &given)),
            _ => bail!("the name of the file must end in .csv or .jsonl"),
        }
    }

    fn csv(&self, text: &str, given: &Fields) -> anyhow::Result<Vec<BatchRow>> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let head = reader.headers()?.clone();
        if !head.iter().any(|name| name.trim() == self.key) {
            bail!("it has no column {}: name the one that tells rows apart with --key", self.key);
        }
        let columns = head.iter().map(|name| self.column(name.trim()));
        let columns: Vec<Column> = columns.collect::<anyhow::Result<_>>()?;
        let mut names: Vec<_> = head.iter().map(str::trim).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair.first() == pair.last()) {
            bail!("it has two columns {}", twice.first().unwrap_or(&""));
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record?;
            let mut fields = given.clone();
            let mut problem = (record.len() != head.len())
                .then(|| "it has more or fewer cells than the head".to_owned());
            for ((cell, column), name) in record.iter().zip(&columns).zip(&head) {
                // An empty cell is one that was left out.
                let read = match column {
                    _ if cell.is_empty() => continue,
                    Column::Ignored => continue,
                    Column::Key => Ok((name.trim(), Value::Text(cell.into()))),
                    Column::Argument(field) => {
                        value(field, field.name, cell).map(|value| (field.name, value))
                    }
                };
                match read {
                    Ok((name, value)) => set(&mut fields, name.to_owned(), value.into_owned()),
                    Err(BadInput(bad)) => problem = Some(bad),
                }
            }
            rows.push(self.row(fields, problem));
        }
        Ok(rows)
    }

    fn json_lines(&self, text: &str, given: &Fields) -> Vec<BatchRow> {
        let mut rows = Vec::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let mut fields = given.clone();
            let Some(Value::Object(found)) = Value::from_json(line) else {
                rows.push(BatchRow::unreadable(None, "it is no JSON object".to_owned()));
                continue;
            };
            for (name, value) in found {
                if self.ignored.contains(&name.as_ref()) {
                    continue;
                }
                let name = match self.column(&name) {
                    Ok(Column::Argument(field)) => field.name.to_owned(),
                    // What is no argument the check refuses, by its name.
                    _ => name.into_owned(),
                };
                set(&mut fields, name, value.exact().into_owned());
            }
            rows.push(self.row(fields, None));
        }
        rows
    }

    fn row(&self, fields: Fields, problem: Option<String>) -> BatchRow {
        // The key column as the fields have it.
        let key = match self.column(self.key) {
            Ok(Column::Argument(field)) => field.name,
            _ => self.key,
        };
        let row = BatchRow::of_fields(self.operation, key, fields);
        match problem {
            None => row,
            Some(problem) => BatchRow::unreadable(row.key().map(str::to_owned), problem),
        }
    }

    fn column(&self, name: &str) -> anyhow::Result<Column> {
        if let Some(field) = self.field(name) {
            return Ok(Column::Argument(field));
        }
        if self.ignored.contains(&name) {
            return Ok(Column::Ignored);
        }
        if name == self.key {
            return Ok(Column::Key);
        }
        Err(anyhow!(
            "the column {name} is no argument of {}: correct its name, or leave it out with --ignore {name}",
            self.operation.name
        ))
    }

    /// The argument of a name.
    fn field(&self, name: &str) -> Option<&'static Field> {
        let name = docs::name_of(self.operation, name);
        let mut fields = self.operation.path_params.iter().chain(docs::named(self.operation));
        fields.find(|field| field.name == name || field.wire == name)
    }

    fn given(&self) -> anyhow::Result<Fields> {
        let read = self.given.iter().map(|&(name, text)| {
            let field = self.field(name);
            let field = field.with_context(|| format!("--given: {name} is no argument"))?;
            let value = value(field, name, text)
                .map_err(|BadInput(problem)| anyhow!("--given: {problem}"))?;
            Ok((field.name.into(), value.into_owned()))
        });
        read.collect()
    }
}

/// What a row has counts more than what all have.
fn set(fields: &mut Fields, name: String, value: Value<'static>) {
    fields.retain(|(known, _)| *known != name);
    fields.push((name.into(), value));
}
