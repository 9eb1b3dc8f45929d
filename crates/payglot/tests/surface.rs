//! Parity: everything that the documents have is there in Rust and in the reference of every language.

// A test stops the moment something is not as it should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[rustfmt::skip]
#[path = "generated/surface.rs"]
mod surface;

use std::path::Path;

use payglot::ErrorKind;
use serde_json::Value;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn enums_and_errors_have_their_names() {
    for (there, wanted) in surface::enum_values() {
        assert_eq!(there, wanted);
    }
    let names: Vec<_> = ErrorKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names, surface::ERRORS);
}

#[test]
fn a_sample_of_every_event_is_read_as_that_event() {
    let events = surface::events();
    assert!(events.len() > 10);
    for (there, wanted) in events {
        assert_eq!(there, wanted);
    }
}

#[test]
fn the_reference_has_every_name_in_every_language() {
    let surface: Value =
        serde_json::from_str(&read("tests/contract/generated_surface.json")).unwrap();
    let errors = read("docs/reference/errors.md");
    for class in surface["errors"].as_array().unwrap() {
        assert!(errors.contains(&format!("## {}\n", class["name"].as_str().unwrap())), "{class}");
        for field in class["fields"].as_array().unwrap() {
            assert!(
                errors.contains(&format!("| `{}` |", field["python"].as_str().unwrap())),
                "{field}"
            );
        }
    }
    for provider in surface["providers"].as_array().unwrap() {
        let name = provider["name"].as_str().unwrap();
        let text = read(&format!("docs/reference/{name}.md"));
        for operation in provider["operations"].as_array().unwrap() {
            let section = section(&text, operation["name"].as_str().unwrap());
            for own in ["python", "node"] {
                let [resource, method] =
                    [&operation[own][0], &operation[own][1]].map(|part| part.as_str().unwrap());
                let call = format!("client.{resource}.{method}(");
                assert!(section.contains(&call), "{name} {call}");
                for argument in operation["keywords"].as_array().unwrap() {
                    let argument = format!("`{}`", argument[own].as_str().unwrap());
                    assert!(section.contains(&argument), "{name} {call} {argument}");
                }
            }
            let [resource, method] =
                [0, 1].map(|part| operation["python"][part].as_str().unwrap().to_owned());
            let call = format!("client.{resource}().{method}(");
            assert!(section.contains(&call), "{name} {call}");
        }
        for model in provider["models"].as_array().unwrap() {
            let section = section(&text, model["name"].as_str().unwrap());
            for field in model["fields"].as_array().unwrap() {
                for own in ["python", "node"] {
                    let field = format!("`{}`", field[own].as_str().unwrap());
                    assert!(section.contains(&field), "{name} {field}");
                }
            }
        }
        for event in provider["events"].as_array().unwrap() {
            let row = format!("| `{}` |", event["name"].as_str().unwrap());
            assert!(text.contains(&row), "{name} {row}");
        }
        for known in provider["enums"].as_array().unwrap() {
            for value in known["values"].as_array().unwrap() {
                let value = format!("`{}`", value["wire"].as_str().unwrap());
                assert!(text.contains(&value), "{name} {known}");
            }
        }
    }
}

/// What is below a heading.
fn section<'t>(text: &'t str, heading: &str) -> &'t str {
    let heading = format!("\n### {heading}\n");
    let section = text.split_once(&heading).unwrap_or_else(|| panic!("{heading}")).1;
    section.split_once("\n### ").map_or(section, |(section, _)| section)
}
