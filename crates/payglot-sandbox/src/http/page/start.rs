//! The panel of the first page: the credentials to paste, and the first lines of each language.

use serde_json::{Value, json};

use crate::app::App;

/// The same lines as in the README.
const SAMPLES: [(&str, &str); 4] = [
    ("Python", include_str!("templates/first.py.txt")),
    ("Node", include_str!("templates/first.mjs.txt")),
    ("Rust", include_str!("templates/first.rs.txt")),
    (
        "Command line",
        "payglot call paywint-platform cards create-add-link \"$SANDBOX_USER_ID\" --card-purpose PAYMENT",
    ),
];

pub(super) fn panel(app: &App) -> Value {
    let variables = app.environment().into_iter();
    let user = [("SANDBOX_USER_ID", app.identity.user_id.to_string())];
    let exports = variables.chain(user).map(|(name, value)| format!("export {name}={value}"));
    let samples =
        SAMPLES.map(|(language, code)| json!({ "language": language, "code": code.trim_end() }));
    json!({ "exports": exports.collect::<Vec<_>>().join("\n"), "samples": samples })
}

#[cfg(test)]
mod tests {
    use super::SAMPLES;

    #[test]
    fn issue_15_11_the_first_lines_are_those_of_the_readme() {
        let readme = include_str!("../../../../../README.md");
        for (language, code) in &SAMPLES[..3] {
            assert!(readme.contains(code.trim_end()), "{language}");
        }
    }
}
