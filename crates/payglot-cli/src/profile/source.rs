//! Where a credential of a profile comes from: the file itself, another file, or a command such as `pass show …`.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use toml_edit::{Array, InlineTable, Item, Value};

use crate::private::without_mark;

/// What only a shell understands; there is none.
const OF_A_SHELL: [char; 13] = ['\'', '"', '`', '$', '|', '&', ';', '<', '>', '(', ')', '\\', '*'];
/// Names in an inline table.
const FILE: &str = "file";
const COMMAND: &str = "command";

/// Where a value comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// It stands in the profile.
    Value(String),
    /// The text of a file.
    File(PathBuf),
    /// What a program prints: the program and its arguments.
    Command(Vec<String>),
}

impl Source {
    /// Reads text, `{ file = "…" }` or `{ command = ["…"] }`.
    pub fn of(item: &Item) -> Result<Self, String> {
        if let Some(text) = item.as_str() {
            return Ok(Self::Value(text.to_owned()));
        }
        let form = || "must be text, { file = \"…\" } or { command = [\"…\"] }".to_owned();
        let table = item.as_table_like().filter(|table| table.len() == 1).ok_or_else(form)?;
        if let Some(path) = table.get(FILE).and_then(Item::as_str) {
            return Ok(Self::File(path.into()));
        }
        let command = table.get(COMMAND).ok_or_else(form)?;
        let words = match (command.as_str(), command.as_array()) {
            (Some(text), _) if text.contains(OF_A_SHELL) => {
                return Err(
                    "is run without a shell: write the command as a list of words".to_owned()
                );
            }
            (Some(text), _) => Some(text.split_whitespace().map(str::to_owned).collect()),
            (None, Some(list)) => {
                list.iter().map(|word| word.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
            }
            (None, None) => None,
        };
        words.filter(|words| !words.is_empty()).map(Self::Command).ok_or_else(form)
    }

    /// As it stands in the file.
    pub fn item(&self) -> Item {
        let table = |name: &str, value: Value| {
            let mut table = InlineTable::new();
            table.insert(name, value);
            Item::Value(table.into())
        };
        match self {
            Self::Value(text) => Item::Value(text.into()),
            Self::File(path) => table(FILE, path.display().to_string().into()),
            Self::Command(words) => table(COMMAND, words.iter().collect::<Array>().into()),
        }
    }

    /// The value. `folder` is that of the profiles, where relative paths begin. Neither a value nor what a command prints is
    /// in an error.
    pub fn read(&self, folder: &Path) -> anyhow::Result<String> {
        match self {
            Self::Value(text) => Ok(text.clone()),
            Self::File(path) => {
                let text = std::fs::read_to_string(whole_path(path, folder)?)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                one_line(text).with_context(|| format!("{} holds", path.display()))
            }
            Self::Command(words) => printed(words),
        }
    }
}

/// Says where a value comes from, not what it is. Arguments of a command are left out: some programs are given keys there.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(_) => f.write_str("value"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Command(words) => write!(f, "command {}", program(words)),
        }
    }
}

/// The path with the home folder for `~`, and from `folder` on where it is relative.
fn whole_path(path: &Path, folder: &Path) -> anyhow::Result<PathBuf> {
    let Ok(rest) = path.strip_prefix("~") else { return Ok(folder.join(path)) };
    let home = std::env::home_dir().context("there is no home folder for ~")?;
    Ok(home.join(rest))
}

fn program(words: &[String]) -> &str {
    words.first().map_or("", String::as_str)
}

/// What a program prints. It asks on the terminal where it has to: standard input may hold arguments of the call.
fn printed(words: &[String]) -> anyhow::Result<String> {
    let name = Path::new(program(words)).file_name().unwrap_or(OsStr::new("")).display();
    let mut command = Command::new(program(words));
    command.args(words.iter().skip(1)).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().with_context(|| format!("cannot start the command {name}"))?;
    if !output.status.success() {
        bail!("the command {name} failed: {}", output.status);
    }
    let text = String::from_utf8(output.stdout).ok();
    let text = text.with_context(|| format!("the command {name} printed what is not UTF-8"))?;
    one_line(text).with_context(|| format!("the command {name} printed"))
}

/// The text without white space around it.
fn one_line(mut text: String) -> anyhow::Result<String> {
    without_mark(&mut text);
    let text = text.trim();
    ensure!(!text.is_empty(), "nothing");
    let lines = text.lines().count();
    ensure!(lines == 1, "{lines} lines, where one was expected");
    Ok(text.to_owned())
}
