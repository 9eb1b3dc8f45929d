//! What the hand-written pages name is there: relative links, and paths in the tables of `tests/README.md`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

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
fn every_file_in_the_table_of_tests_is_there() {
    let root = root();
    let text = std::fs::read_to_string(root.join("tests/README.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with('|'));
    let paths: Vec<&str> = rows
        .flat_map(|row| row.split('`').skip(1).step_by(2))
        .filter(|path| !path.contains(' '))
        .collect();
    assert!(paths.len() > 40, "only {} paths were read", paths.len());
    let missing: Vec<_> = paths
        .into_iter()
        .filter(|path| !root.join(path).exists() && !root.join("tests").join(path).exists())
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
