//! Runs documents through the pipeline: source, overlay, lower, model, targets.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::diagnostic::Diagnostics;
use crate::model::names::Naming;
use crate::model::{Model, Provider, build};
use crate::output::Output;
use crate::source::{self, ProviderSource};
use crate::targets::Targets;
use crate::{lower, overlay};

/// A pipeline that ends in some targets.
pub struct Generator {
    targets: Targets,
    naming: Naming,
}

impl Default for Generator {
    fn default() -> Self {
        Self::new(Targets::standard())
    }
}

impl Generator {
    /// A generator for these targets, each of which has a say in what names there are.
    pub fn new(targets: Targets) -> Self {
        let naming = targets.naming();
        Self { targets, naming }
    }

    /// Names that every target can use.
    pub fn naming(&self) -> &Naming {
        &self.naming
    }

    /// The model of every provider folder of `openapi`; the error table is its own, or else `errors`. Fails with what
    /// is wrong in any of the folders.
    pub fn load(&self, openapi: &Path, errors: &Path) -> Result<Model> {
        let own_errors = openapi.join("errors.toml");
        let errors = if own_errors.is_file() { &own_errors } else { errors };
        let errors = source::errors::read(errors)?;
        let mut providers = Vec::new();
        let mut failures = Vec::new();
        for source in source::providers(openapi)? {
            let folder = source.folder.display().to_string();
            match self.provider(source) {
                Ok(provider) => providers.push(provider),
                Err(error) => failures.push(format!("{folder}: {error:#}")),
            }
        }
        if !failures.is_empty() {
            bail!("{}", failures.join("\n"));
        }
        Ok(Model { providers, errors })
    }

    /// The model of one provider.
    pub fn provider(&self, source: ProviderSource) -> Result<Provider> {
        let file = source.file;
        let mut document = source.document;
        lower::version(&document).with_context(|| file.clone())?;
        lower::paths::normalize(&mut document);
        overlay::apply(&mut document, &source.overlay).context("overlay.yaml")?;
        let mut found = lower::paths::check(&mut document);
        let with_overlay = document.clone();
        if source.config.webhooks.is_none()
            && let Some(root) = document.as_object_mut()
        {
            // Deliveries of which nobody said how they are wrapped cannot be read.
            root.shift_remove("webhooks");
        }
        let lowered = lower::document(&mut document).with_context(|| file.clone())?;
        found.extend(lowered.0);
        let (provider, found) =
            build::provider(&document, source.config, &self.naming, Diagnostics(found));
        let found = found.0.into_iter();
        let found = found.chain(self.targets.iter().flat_map(|target| target.check(&provider)));
        Diagnostics(found.collect()).check().context(file)?;
        Ok(Provider { document: with_overlay, sandbox: source.sandbox, ..provider })
    }

    /// Every file of every target.
    pub fn files(&self, model: &Model) -> Result<Vec<Output>> {
        self.targets.files(model)
    }
}
