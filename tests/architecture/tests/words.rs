//! Hand-written code uses the words of `STYLE.md`: none of the table's left column, but for the exceptions listed there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use payglot_architecture::{files, root};

const FOLDERS: [&str; 9] =
    ["crates", "bindings", "xtask", "tests", "examples", "benches", "fuzz", "openapi", "tools"];
const ENDINGS: [&str; 12] =
    [".rs", ".py", ".pyi", ".cjs", ".mjs", ".cts", ".mts", ".j2", ".js", ".html", ".css", ".toml"];

/// An exception: a word, and the beginnings of the paths where it stays.
struct Exception {
    word: String,
    folders: Vec<String>,
}

struct Style {
    words: BTreeSet<String>,
    exceptions: Vec<Exception>,
}

impl Style {
    fn read() -> Self {
        let text = std::fs::read_to_string(root().join("STYLE.md")).unwrap();
        let (table, exceptions) = text
            .split_once("## Words")
            .and_then(|(_, rest)| rest.split_once("### Where a word"))
            .expect("STYLE.md has the two tables");
        Self {
            words: rows(table).flat_map(|cells| code(&cells[0])).collect(),
            exceptions: rows(exceptions)
                .map(|cells| Exception {
                    word: code(&cells[0]).remove(0),
                    folders: code(&cells[1]),
                })
                .collect(),
        }
    }

    fn is_allowed(&self, word: &str, path: &str) -> bool {
        let mut exceptions = self.exceptions.iter().filter(|exception| exception.word == word);
        exceptions.any(|exception| {
            exception.folders.iter().any(|folder| path.starts_with(folder.as_str()))
        })
    }
}

/// The cells of a table's rows, without its head.
fn rows(text: &str) -> impl Iterator<Item = Vec<String>> {
    let lines = text.lines().filter(|line| line.starts_with('|')).skip(2);
    lines.map(|line| {
        line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()
    })
}

/// What stands in backticks.
fn code(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The words of a line: runs of letters, digits and underscores.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// A line without its comment and its texts, for names of types: sentences begin with capital letters too.
fn names_only(line: &str) -> String {
    let trimmed = line.trim_start();
    if ["//", "#", "*", "/*", "\"\"\"", "{#"].iter().any(|start| trimmed.starts_with(start)) {
        return String::new();
    }
    let line = line.split(" // ").next().unwrap_or(line).split("  # ").next().unwrap_or(line);
    line.split('"').step_by(2).collect::<Vec<_>>().join(" ")
}

fn found(style: &Style) -> Vec<(PathBuf, usize, String)> {
    let root = root();
    let mut found = Vec::new();
    for folder in FOLDERS {
        for file in files(&root.join(folder), &ENDINGS) {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            let path = file.strip_prefix(&root).unwrap().to_owned();
            let is_code = !["html", "css"]
                .iter()
                .any(|ending| file.extension().is_some_and(|known| known == *ending));
            let mut is_prose = false;
            for (number, line) in text.lines().enumerate() {
                // A docstring's lines are prose, and so is the line that ends it.
                let was_prose = is_prose;
                if is_python(&file) && line.matches("\"\"\"").count() % 2 == 1 {
                    is_prose = !is_prose;
                }
                let names = if was_prose || is_prose { String::new() } else { names_only(line) };
                for word in &style.words {
                    let is_type = word.starts_with(char::is_uppercase);
                    let line = if is_type { names.as_str() } else { line };
                    if (is_code || !is_type) && words(line).any(|known| known == word) {
                        found.push((path.clone(), number + 1, word.clone()));
                    }
                }
            }
        }
    }
    found
}

fn is_python(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "py" || ending == "pyi")
}

#[test]
fn hand_written_code_uses_the_words_of_the_style() {
    let style = Style::read();
    assert!(style.words.len() > 50, "{:?}", style.words);
    let wrong: Vec<String> = found(&style)
        .into_iter()
        .filter(|(path, _, word)| !style.is_allowed(word, &path.display().to_string()))
        .map(|(path, line, word)| format!("{}:{line}: {word}", path.display()))
        .collect();
    assert!(wrong.is_empty(), "{} words of the left column:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_exception_is_needed() {
    let style = Style::read();
    let found = found(&style);
    for exception in &style.exceptions {
        assert!(style.words.contains(&exception.word), "`{}` is not in the table", exception.word);
        for folder in &exception.folders {
            let is_met = found.iter().any(|(path, _, word)| {
                *word == exception.word && path.display().to_string().starts_with(folder.as_str())
            });
            assert!(is_met, "`{}` is nowhere below `{folder}`", exception.word);
        }
    }
}
