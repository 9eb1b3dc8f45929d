//! `cargo xtask new-provider`: a first overlay and `provider.toml` for a document, to be read and corrected.
//!
//! Names come from paths and methods, then from tags, then from operation ids. What may be repeated is guessed from the method, and
//! `money` stands for what cannot be told: a guess must never send a payment twice.
//!
//! It may use the whole generator. It must not know a target's folder: what a name must not be, it asks the generator.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::diagnostic::step;
use crate::model::build::schemas::describe;
use crate::model::build::{IDEMPOTENCY_KEY, first_server, has_header, origin};
use crate::model::names::{self, Naming};
use crate::model::{HttpMethod, Replay};
use crate::{Generator, lower, source};

mod bundle;
mod fixes;
mod naming;
mod numbers;
mod paging;
mod schemas;
mod security;
mod sensitive;
mod slots;
mod webhooks;
mod words;

/// What to make, and from what.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Name of the provider's folder, for example `acme-payments`.
    pub name: String,
    /// The OpenAPI document, YAML or JSON.
    #[arg(long, value_name = "FILE")]
    pub from: PathBuf,
    /// Folder that holds the provider folders; the repository's `openapi/` unless given.
    #[arg(long, value_name = "DIR")]
    pub openapi: Option<PathBuf>,
}

/// Writes the folder.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    let name = &options.name;
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    ensure!(is_name, "`{name}`: a name has lower-case letters, digits and dashes, a letter first");
    let folder = options.openapi.clone().unwrap_or_else(|| root.join("openapi")).join(name);
    ensure!(!folder.exists(), "{} exists already", folder.display());
    let generator = Generator::default();
    ensure!(
        generator.naming().is_module(&name.replace('-', "_")),
        "`{name}`: clients have this name for something else; take another, such as `{name}-api`"
    );
    let from = options.from.display().to_string();
    let original = source::yaml(&options.from)?;
    lower::version(&original).with_context(|| from.clone())?;
    let bundled =
        bundle::document(original.clone(), &options.from).with_context(|| from.clone())?;
    let mut document = bundled.clone();
    lower::paths::normalize(&mut document);
    let is_json = options.from.extension().is_some_and(|ending| ending == "json");
    let file = if is_json { "openapi.json" } else { "openapi.yaml" };
    let config = provider_toml(&document, name, generator.naming());
    let overlay = overlay(&document, name, file, generator.naming())?;
    // Nothing is written before it is known that the document can be used.
    let completed = complete(&generator, overlay, &folder, (file, &bundled, &config));
    let completed = completed.with_context(|| from.clone())?;
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    let target = folder.join(file);
    if bundled == original {
        std::fs::copy(&options.from, &target).map(drop)
    } else if is_json {
        std::fs::write(&target, serde_json::to_string_pretty(&bundled)?)
    } else {
        std::fs::write(&target, serde_yaml_ng::to_string(&bundled)?)
    }
    .with_context(|| format!("cannot write {}", target.display()))?;
    for (file, text) in [("overlay.yaml", &completed.overlay), ("provider.toml", &config)] {
        std::fs::write(folder.join(file), text).with_context(|| format!("cannot write {file}"))?;
    }
    println!("wrote {}", folder.display());
    println!(
        "read overlay.yaml: names and replay classes are guesses, and `money` stands for what cannot be told"
    );
    if !completed.left_out.is_empty() {
        println!("{} things are left out; overlay.yaml ends with them:", completed.left_out.len());
        for diagnostic in &completed.left_out {
            println!("{}: {}", diagnostic.location, diagnostic.problem);
        }
    }
    println!("`cargo xtask codegen` can take it");
    Ok(())
}

/// Completes the overlay of a folder that is not written yet.
fn complete(
    generator: &Generator,
    overlay: String,
    folder: &Path,
    (file, document, config): (&str, &Value, &str),
) -> Result<fixes::Completed> {
    let config: source::config::ProviderConfig = toml::from_str(config).context("provider.toml")?;
    let with_overlay = |overlay| source::ProviderSource {
        folder: folder.to_owned(),
        file: file.to_owned(),
        document: document.clone(),
        overlay,
        sandbox: None,
        config: config.clone(),
    };
    fixes::complete(generator, overlay, with_overlay)
}

fn overlay(document: &Value, name: &str, file: &str, naming: &Naming) -> Result<String> {
    let mut text = format!(
        "# What payglot adds to the document of {name}. Names and replay classes are guesses: read them.\n\
         overlay: 1.0.0\ninfo:\n  title: payglot's additions to {name}\n  version: 1.0.0\nextends: {file}\nactions:\n"
    );
    let mut operations = 0;
    let paths =
        document.get("paths").and_then(Value::as_object).context("the document has no paths")?;
    let mut names = naming::Names::new(paths, naming);
    for (path, item) in paths {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let Some(http_method) = HttpMethod::from_key(method) else { continue };
            let has_key = has_header((document, item, operation), IDEMPOTENCY_KEY);
            let public = names.name(path, method, operation);
            write!(
                text,
                "\n- target: {}\n  update:\n    x-payglot-name: {public}\n    x-payglot-replay: {}\n",
                Value::from(format!("$.paths{}.{method}", step(path))),
                replay(http_method, has_key).as_str()
            )?;
            if http_method == HttpMethod::Get
                && let Some(pages) = paging::guess(document, item, operation)
            {
                let pages = serde_json::to_string(&pages)?;
                writeln!(text, "    x-payglot-paging: {pages}")?;
            }
            operations += 1;
        }
    }
    ensure!(operations > 0, "the document has no operations");
    for (target, unit) in numbers::unmarked(document) {
        let target = Value::from(target);
        write!(text, "\n- target: {target}\n  update:\n    x-payglot-money: {unit}\n")?;
    }
    for target in sensitive::unmarked(document) {
        let target = Value::from(target);
        write!(text, "\n- target: {target}\n  update:\n    x-payglot-sensitive: true\n")?;
    }
    // Last: what is removed moves the parameters behind it, and numbers are named by their position.
    text.push_str(&security::Security::of(document).actions(document));
    Ok(text)
}

/// What HTTP promises for a method; for POST and PATCH it promises nothing. A key for repetitions is the vendor's promise.
fn replay(method: HttpMethod, has_key: bool) -> Replay {
    match method {
        HttpMethod::Get | HttpMethod::Head | HttpMethod::Options => Replay::Read,
        _ if has_key => Replay::Keyed,
        HttpMethod::Put | HttpMethod::Delete => Replay::Idempotent,
        HttpMethod::Post | HttpMethod::Patch => Replay::Money,
    }
}

fn provider_toml(document: &Value, name: &str, naming: &Naming) -> String {
    let info = |field: &str| document.pointer(&format!("/info/{field}")).and_then(Value::as_str);
    let title = info("title").unwrap_or(name);
    let summary = info("summary")
        .or_else(|| info("description")?.lines().find(|line| !line.trim().is_empty()));
    let prefix = names::upper(name);
    let first = first_server(document).filter(|url| !url.contains('{')).unwrap_or_default();
    let first = first.trim_end_matches('/');
    let server = Some(first).filter(|url| url.starts_with("https://"));
    // A relative server is the path of whatever host the document comes from.
    let path = if origin(first).is_none() && !first.is_empty() {
        format!("path = {:?}\n", format!("/{}", first.trim_start_matches('/')))
    } else {
        String::new()
    };
    let environment =
        server.map_or(String::new(), |url| format!("\n[environments.production]\nurl = {url:?}\n"));
    let default = if server.is_some() { "default_environment = \"production\"\n" } else { "" };
    let homepage = document
        .pointer("/externalDocs/url")
        .and_then(Value::as_str)
        .or(server)
        .unwrap_or("https://example.com");
    let quoted = |text: &str| toml::Value::from(describe(text)).to_string();
    let webhooks = webhooks::toml(document);
    format!(
        "# {name}: what the document cannot say about the API as a whole.\n\
         name = {name:?}\ntitle = {}\nclass = {:?}\nmodule = {:?}\nhomepage = {}\nsummary = {}\n\n\
         [base_url]\nenv = \"{prefix}_BASE_URL\"\n{path}{default}{environment}{}{webhooks}",
        quoted(title),
        // A module that is free has a class that is free, whatever models are called.
        heck::ToPascalCase::to_pascal_case(name),
        name.replace('-', "_"),
        quoted(homepage),
        quoted(summary.unwrap_or(title)),
        security::Security::of(document).toml(&prefix, naming),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_relative_server_is_the_path_of_whatever_host_is_given() {
        let base_url = |server: &str| -> toml::Value {
            let document = json!({"servers": [{"url": server}], "paths": {"/a": {"get": {}}}});
            let naming = crate::model::names::Naming::default();
            let config = super::provider_toml(&document, "acme", &naming);
            let config: toml::Table = toml::from_str(&config).unwrap();
            config["base_url"].clone()
        };
        for (server, path) in [("/v1", "/v1"), ("api/v2/", "/api/v2"), ("./v3", "/./v3")] {
            let base_url = base_url(server);
            assert_eq!(base_url["path"].as_str(), Some(path), "{server}");
            assert_eq!(base_url.get("default_environment"), None);
        }
        let base_url = base_url("https://api.acme.example/v1");
        assert_eq!(base_url.get("path"), None);
        assert_eq!(base_url["default_environment"].as_str(), Some("production"));
    }

    #[test]
    fn marks_still_match_after_credentials_are_removed() {
        let key = json!({"type": "apiKey", "in": "cookie", "name": "access_token"});
        let document = json!({"security": [{"Key": []}], "components": {"securitySchemes": {"Key": key}},
        "paths": {"/a": {"get": {"parameters": [
        {"name": "access_token", "in": "cookie", "schema": {"type": "string"}},
        {"name": "least", "in": "query", "schema": {"type": "number"}},
        ]}}}});
        let naming = crate::model::names::Naming::default();
        let text = super::overlay(&document, "acme", "openapi.yaml", &naming).unwrap();
        let overlay = serde_yaml_ng::from_str(&text).unwrap();
        let mut with_overlay = document;
        crate::overlay::apply(&mut with_overlay, &overlay).unwrap();
        let parameters = &with_overlay["paths"]["/a"]["get"]["parameters"];
        assert_eq!(parameters.as_array().map(Vec::len), Some(1));
        assert_eq!(parameters[0]["schema"]["x-payglot-money"], "plain");
    }
}
