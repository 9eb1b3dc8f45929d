//! Generates payglot's clients from OpenAPI documents.
//!
//! Each step is a folder, and imports only those before it:
//!
//! 1. [`source`] reads documents, overlays and configuration as they are.
//! 2. [`overlay`] applies a provider's additions to its document.
//! 3. [`lower`] brings every document to one form, and says what it cannot bring there.
//! 4. [`model`] describes everything that is generated, once and typed.
//! 5. [`targets`] write every artefact from that description.
//! 6. [`skeleton`] makes a workspace of its own around them, for providers outside this repository.
//!
//! [`generator`] runs them one after the other. [`new_provider`] makes a first overlay for a document.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

pub mod diagnostic;
pub mod generator;
pub mod lower;
pub mod model;
pub mod new_provider;
pub mod output;
pub mod overlay;
pub mod skeleton;
pub mod source;
pub mod targets;

pub use generator::Generator;

/// What to generate from, and where to.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Compare with what is there, write nothing, and fail where it differs.
    #[arg(long)]
    pub check: bool,
    /// Folder with the provider folders and `errors.toml`.
    #[arg(long, value_name = "DIR")]
    pub openapi: Option<PathBuf>,
    /// Folder to write to: a workspace of its own with these providers, that builds there.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// What the crate, the wheel and the npm package of `--out` are called; otherwise as its provider, where it is one.
    #[arg(long, requires = "out")]
    pub name: Option<String>,
}

/// Generates everything.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    let openapi = options.openapi.clone().unwrap_or_else(|| root.join("openapi"));
    let out = options.out.clone().unwrap_or_else(|| root.to_owned());
    let generator = match options.out {
        Some(_) => Generator::new(skeleton::targets()),
        None => Generator::default(),
    };
    let model = generator.load(&openapi, &root.join("openapi/errors.toml"))?;
    let mut outputs = generator.files(&model)?;
    if options.openapi.is_none() && options.out.is_none() {
        let errors = openapi.join("errors.toml");
        let others = generator.load(&root.join("tests/providers"), &errors)?;
        outputs.extend(targets::rust::witness(&model, &others)?);
    }
    if options.out.is_some() {
        let names: Vec<&str> =
            model.providers.iter().map(|provider| provider.config.name.as_str()).collect();
        let product = skeleton::named(options.name.as_deref(), &names)?;
        outputs = skeleton::files(&product, outputs);
        if !options.check {
            skeleton::write(root, &out, &product, &model)?;
        }
    }
    if options.check { output::check(&out, &outputs) } else { output::write(&out, &outputs) }
}

/// The cargo feature of every provider of the repository, each of which the core must have and have on.
pub fn features(root: &Path) -> Result<Vec<String>> {
    let manifest = root.join("crates/payglot/Cargo.toml");
    let text = std::fs::read_to_string(&manifest)
        .with_context(|| format!("cannot read {}", manifest.display()))?;
    let manifest: toml::Table = toml::from_str(&text).context("crates/payglot/Cargo.toml")?;
    let features =
        manifest.get("features").and_then(toml::Value::as_table).context("no [features]")?;
    let listed: Vec<_> =
        features.get("providers").and_then(toml::Value::as_array).into_iter().flatten().collect();
    let mut found = Vec::new();
    for vendored in source::providers(&root.join("openapi"))? {
        let feature = vendored.config.module.replace('_', "-");
        let is_on = features.contains_key(&feature)
            && listed.iter().any(|name| name.as_str() == Some(&feature));
        anyhow::ensure!(
            is_on,
            "crates/payglot/Cargo.toml: add the feature `{feature} = []`, and to `providers`"
        );
        found.push(feature);
    }
    Ok(found)
}
