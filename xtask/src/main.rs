//! Everything that is done to the project: `cargo xtask --help` lists it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use payglot_codegen::new_provider;

mod any_document;
mod apis;
mod bench;
mod browser;
mod bundlers;
mod by_name;
mod check;
mod compatibility;
mod conformance;
mod debian;
mod demo;
mod dist;
mod examples;
mod files;
mod fuzz;
mod install;
mod machines;
mod musl_python;
mod npm;
mod outside;
mod platforms;
mod postgres;
mod prove;
mod publish;
mod queues;
mod redis;
mod registries;
mod release;
mod runtimes;
mod rust_tests;
mod sbom;
mod server;
mod shell;
mod site;
mod snippets;
mod tabs;
mod tools;
mod webhooks;
mod workflows;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Codegen, demo, test, bench and dist of payglot")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Generate the clients of all languages from openapi/.
    Codegen(payglot_codegen::Options),
    /// Write a first overlay and provider.toml for an OpenAPI document.
    NewProvider(new_provider::Options),
    /// Try public documents end to end: generate, build, and call every operation in Python and in Node.
    AnyDocument(any_document::Options),
    /// Build everything, start the sandbox, and walk the flows from three languages.
    Demo,
    /// Run every check and every test.
    Test,
    /// Run the double-spend proof in full and write docs/replay-safety.md.
    Prove(prove::Options),
    /// Measure payglot beside its peers, and its budgets, and write docs/benchmarks.md.
    Bench(bench::Options),
    /// Have schemathesis, Prism and other generators' clients judge the sandbox and the SDKs, and write
    /// docs/conformance.md.
    Conformance(conformance::Options),
    /// Run the fuzz targets for a bounded time.
    Fuzz(fuzz::Options),
    /// Build the wheels and the npm packages into target/dist/.
    Dist(dist::Options),
    /// Install what is in target/dist/ as users do, and run the README's five lines with it.
    Try(install::Options),
    /// Check licences, sources and known faults of what payglot depends on.
    Audit,
    /// Compile the published crates with the oldest Rust that they promise, which rustup downloads.
    OldestRust,
    /// Compile the bindings and the command for Windows, without linking them; on Debian.
    CheckWindows,
    /// Compare what the libraries offer with the last release.
    Semver(compatibility::Semver),
    /// Set the version everywhere, and try what a release of this machine needs.
    Release(release::Options),
    /// Compare a tag with the version, the changelog and what crates need.
    CheckTag {
        /// The tag, such as v0.2.0.
        tag: String,
    },
    /// Add checksums and what belongs to a release beside packages to target/dist/.
    Collect(release::Collect),
    /// Hand a release to a registry.
    Publish(publish::Options),
    /// Take the pictures of README and the docs, with the Chromium of this machine.
    Pictures(browser::Pictures),
    /// Build the site of the docs into target/site/, and check its links.
    Docs(site::Options),
}

fn main() -> ExitCode {
    let root = root();
    let result = match Cli::parse().task {
        Task::Codegen(options) => payglot_codegen::run(&root, &options),
        Task::NewProvider(options) => new_provider::run(&root, &options),
        Task::AnyDocument(options) => any_document::run(&root, &options),
        Task::Demo => demo::run(&root),
        Task::Test => check::run(&root),
        Task::Prove(options) => prove::run(&root, &options),
        Task::Bench(options) => bench::run(&root, &options),
        Task::Conformance(options) => conformance::run(&root, &options),
        Task::Fuzz(options) => fuzz::run(&root, &options),
        Task::Dist(options) => dist::build(&root, &options),
        Task::Try(options) => install::attempt(&root, &options),
        Task::Audit => check::audit(&root),
        Task::OldestRust => compatibility::oldest_rust(&root),
        Task::CheckWindows => compatibility::windows(&root),
        Task::Semver(options) => compatibility::semver(&root, &options),
        Task::Release(options) => release::run(&root, &options),
        Task::CheckTag { tag } => release::check_tag(&root, &tag),
        Task::Collect(options) => release::collect(&root, &options),
        Task::Publish(options) => publish::run(&root, &options),
        Task::Pictures(options) => browser::pictures(&root, &options),
        Task::Docs(options) => site::run(&root, &options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}
