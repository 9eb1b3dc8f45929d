//! What the hand-written pages name is there: relative links, paths in the tables of `tests/README.md`, and the operations of
//! which `docs/journal.md` says who learns what became of them. The page on errors has every class.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use payglot_architecture::{files, root};

#[test]
fn every_relative_link_resolves() {
    let root = root();
    let mut seen = 0;
    let mut broken = Vec::new();
    for page in files(&root, &[".md"]) {
        let text = std::fs::read_to_string(&page).unwrap();
        for (start, _) in text.match_indices("](") {
            let target = text[start + 2..].split([')', ' ']).next().unwrap_or_default();
            let path = target.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") || path.starts_with("mailto:") {
                continue;
            }
            seen += 1;
            if !page.parent().unwrap().join(path).exists() {
                let page = page.strip_prefix(&root).unwrap().display();
                broken.push(format!("{page}: {target}"));
            }
        }
    }
    assert!(seen > 20, "only {seen} links were read");
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_page_on_errors_has_every_class_and_whether_it_may_have_happened() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let table = read("openapi/errors.toml");
    let classes: Vec<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
        .filter(|name| name.ends_with("Error"))
        .collect();
    assert!(classes.len() > 15, "{classes:?}");
    let page = read("docs/errors.md");
    let rows: Vec<Vec<&str>> =
        page.lines().map(|line| line.split('|').map(str::trim).collect()).collect();
    for class in classes {
        let of_class = rows.iter().find(|row| {
            row.len() == 5 && row[1].split(", ").any(|name| name == format!("`{class}`"))
        });
        let row = of_class.unwrap_or_else(|| panic!("{class} is missing"));
        assert!(!row[3].is_empty() || class == "PayglotError", "{class}");
    }
}

#[test]
fn every_file_and_test_in_the_tables_of_tests_is_there() {
    let root = root();
    let text = std::fs::read_to_string(root.join("tests/README.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with('|'));
    let names: Vec<&str> = rows
        .flat_map(|row| row.split('`').skip(1).step_by(2))
        .filter(|name| !name.contains(' '))
        .collect();
    assert!(names.len() > 40, "only {} names were read", names.len());
    let generator = root.join("crates/payglot-codegen");
    let mut code = String::new();
    for file in files(&generator, &[".rs"]) {
        code += &std::fs::read_to_string(file).unwrap();
    }
    let folders = [root.clone(), root.join("tests"), generator.join("src")];
    let is_there = |name: &str| folders.iter().any(|folder| folder.join(name).exists());
    let is_word = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let missing: Vec<_> = names
        .into_iter()
        .filter(|name| match name.matches('_').count() {
            // A sentence is the name of a test of the generator.
            3.. if is_word(name) => !code.contains(&format!("fn {name}()")),
            _ => name.contains('/') && !is_there(name),
        })
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn the_journals_page_says_who_can_tell_as_the_reference_does() {
    let read = |page: &str| std::fs::read_to_string(root().join("docs").join(page)).unwrap();
    let names = |cell: &str| -> Vec<String> {
        cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let mut told = BTreeSet::new();
    let mut api = String::new();
    for line in read("reference/lookups.md").lines() {
        if let Some(title) = line.strip_prefix("## ") {
            title.clone_into(&mut api);
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let [_, call, _, who, ..] = cells[..]
            && who != "a person"
        {
            told.extend(names(call).into_iter().map(|name| (who.to_owned(), api.clone(), name)));
        }
    }
    let mut said = BTreeSet::new();
    for line in read("journal.md").lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, who, operations, ""] = cells[..] else { continue };
        for of_one in operations.split("; ") {
            if let Some((api, list)) = of_one.split_once(": ")
                && api.ends_with(" API")
            {
                let all = names(list).into_iter();
                said.extend(all.map(|name| (who.to_owned(), api.to_owned(), name)));
            }
        }
    }
    assert!(told.len() > 5, "{told:?}");
    assert_eq!(said, told);
}
