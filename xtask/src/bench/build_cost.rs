//! What it costs to generate and to build.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::bench::Effort;
use crate::bench::setup::Setup;
use crate::shell::Run;

/// A clean build of the core, and one after a change of a file.
pub struct Build {
    pub features: String,
    pub profile: &'static str,
    pub clean: f64,
    pub incremental: f64,
}

/// Seconds to generate: the repository's providers (operations 0), then synthetic documents by their size.
pub fn codegen(setup: &Setup, effort: Effort) -> Result<Vec<(usize, f64)>> {
    let xtask = std::env::current_exe().context("the xtask has no path")?;
    let own = setup.root.join("target/bench/codegen-own");
    let mut times = vec![(0, generate(&xtask, &setup.root.join("openapi"), &own)?)];
    let sizes: &[usize] = if effort.is_quick { &[100, 1_000] } else { &[100, 1_000, 5_000] };
    for size in sizes {
        let folder = setup.root.join(format!("target/bench/codegen-{size}"));
        if folder.exists() {
            std::fs::remove_dir_all(&folder).context("cannot empty target/bench")?;
        }
        std::fs::create_dir_all(folder.join("openapi")).context("cannot make target/bench")?;
        let document = folder.join("openapi.json");
        std::fs::write(&document, synthetic(*size).to_string()).context("openapi.json")?;
        let openapi = folder.join("openapi");
        Run::new(&xtask)
            .args(["new-provider", "synthetic", "--from"])
            .args([&document])
            .args(["--openapi"])
            .args([&openapi])
            .quiet()
            .run()?;
        times.push((*size, generate(&xtask, &openapi, &folder.join("out"))?));
    }
    Ok(times)
}

/// Seconds to generate everything into a folder that did not exist.
fn generate(xtask: &Path, openapi: &Path, out: &Path) -> Result<f64> {
    if out.exists() {
        std::fs::remove_dir_all(out).context("cannot empty target/bench")?;
    }
    let run = Run::new(xtask).args(["codegen", "--openapi"]).args([openapi]);
    seconds(run.args(["--out"]).args([out]))
}

/// A document like those that `FastAPI` writes.
fn synthetic(operations: usize) -> Value {
    let mut paths = serde_json::Map::new();
    let mut schemas = serde_json::Map::new();
    for number in 0..operations {
        let (create, read) = (format!("Thing{number}Create"), format!("Thing{number}Read"));
        let refer = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let operation = json!({
            "tags": [format!("things{}", number / 10)],
            "summary": format!("Make thing {number}."),
            "operationId": format!("make_thing_{number}"),
            "parameters": [{
                "name": "owner_id", "in": "path", "required": true,
                "schema": { "type": "string", "format": "uuid" },
            }],
            "requestBody": { "required": true, "content": { "application/json": { "schema": refer(&create) } } },
            "responses": {
                "200": { "description": "Made.", "content": { "application/json": { "schema": refer(&read) } } },
            },
        });
        paths.insert(format!("/api/things/{number}/{{owner_id}}"), json!({ "post": operation }));
        schemas.insert(
            create,
            json!({
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": { "type": "string", "maxLength": 40, "description": "What it is called." },
                    "count": { "type": "integer" },
                    "note": { "anyOf": [{ "type": "string" }, { "type": "null" }] },
                },
            }),
        );
        schemas.insert(
            read,
            json!({
                "type": "object",
                "properties": {
                    "id": { "type": "string", "format": "uuid", "description": "Identifier." },
                    "name": { "type": "string" },
                    "created_at": { "type": "string", "format": "date-time" },
                    "is_open": { "type": "boolean" },
                },
            }),
        );
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Synthetic API", "version": "1.0.0" },
        "servers": [{ "url": "https://synthetic.example" }],
        "paths": paths,
        "components": { "schemas": schemas },
    })
}

/// Builds of the core in a folder of its own, for each feature alone and for all.
pub fn builds(root: &Path) -> Result<Vec<Build>> {
    let mut sets = payglot_codegen::features(root)?;
    sets.push("default".to_owned());
    let mut builds = Vec::new();
    for features in &sets {
        builds.push(build(root, features, "dev")?);
    }
    builds.push(build(root, "default", "release")?);
    Ok(builds)
}

fn build(root: &Path, features: &str, profile: &'static str) -> Result<Build> {
    let target = root.join("target/bench/build");
    if target.exists() {
        std::fs::remove_dir_all(&target).context("cannot empty target/bench/build")?;
    }
    let words = ["build", "--quiet", "--package", "payglot", "--no-default-features"];
    let cargo = || {
        Run::cargo()
            .args(words)
            .args(["--features", features, "--profile", profile])
            .env("CARGO_TARGET_DIR", &target)
            .at(root)
    };
    let clean = seconds(cargo())?;
    // A file that is as it was, but newer, is a change to cargo.
    let source = std::fs::File::options().append(true).open(root.join("crates/payglot/src/lib.rs"));
    source.and_then(|file| file.set_modified(std::time::SystemTime::now())).context("lib.rs")?;
    Ok(Build { features: features.to_owned(), profile, clean, incremental: seconds(cargo())? })
}

fn seconds(run: Run) -> Result<f64> {
    let started = Instant::now();
    run.quiet().run()?;
    Ok(started.elapsed().as_secs_f64())
}
