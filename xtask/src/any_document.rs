//! `cargo xtask any-document FILE...`: what becomes of documents that companies publish, without an edit by hand.
//!
//! All of them are generated into one workspace, which is built once. `tests/any_document` then calls every operation in
//! Python and in Node against a server that knows the document alone, and counts what is right.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use payglot_codegen::model::Model;
use payglot_codegen::{Generator, new_provider, overlay, source};
use serde_json::Value;

use crate::dist;
use crate::files;
use crate::platforms;
use crate::shell::{Run, python, step};

const PAGE: &str = "docs/any-document.md";
const BEGIN: &str = "<!-- cargo xtask any-document writes this -->";
const END: &str = "<!-- end -->";

/// Which documents, and what to do with the figures.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// OpenAPI documents; the name of a file is the name of its provider.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Write the table into the page of the docs.
    #[arg(long)]
    write: bool,
    /// Judge what was built before.
    #[arg(long)]
    built: bool,
}

/// What became of one document.
struct Tried {
    name: String,
    title: String,
    version: String,
    operations: usize,
    new_provider: Duration,
    codegen: Duration,
    judgement: Value,
}

/// Tries the documents, and prints the table.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    let folder = root.join("target/any-document");
    let openapi = folder.join("openapi");
    let out = folder.join("out");
    if !options.built && folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    let mut tried = Vec::new();
    let mut unusable = Vec::new();
    for file in &options.files {
        let name = name_of(file)?;
        match generate(root, &openapi, &name, file, options.built) {
            Ok(document) => tried.push(document),
            Err(error) => unusable.push(format!("{name}: {error:#}")),
        }
    }
    ensure!(!tried.is_empty(), "no document can be used\n{}", unusable.join("\n"));
    if !options.built {
        let codegen = payglot_codegen::Options {
            check: false,
            openapi: Some(openapi.clone()),
            out: Some(out.clone()),
            name: Some("payglot".to_owned()),
        };
        step("generate", || payglot_codegen::run(root, &codegen))?;
        step("build", || build(root, &out))?;
    }
    for document in &mut tried {
        step(&document.name, || {
            judge(root, &folder, &out, &document.name)?;
            let path = folder.join(format!("{}.judgement.json", document.name));
            document.judgement = serde_json::from_str(&read(&path)?)?;
            Ok(())
        })?;
    }
    let table = table(&tried)?;
    println!("\n{table}");
    for problem in &unusable {
        println!("cannot be used: {problem}");
    }
    if options.write { write(root, &table) } else { Ok(()) }
}

/// `twilio-api` of `twilio_api.json`.
fn name_of(file: &Path) -> Result<String> {
    let stem = file.file_stem().and_then(|stem| stem.to_str()).context("a file has no name")?;
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    Ok(stem.chars().map(plain).collect())
}

/// Makes the provider's folder, and measures what its generation takes.
fn generate(root: &Path, openapi: &Path, name: &str, file: &Path, is_there: bool) -> Result<Tried> {
    let started = Instant::now();
    if !is_there {
        new_provider::run(
            root,
            &new_provider::Options {
                name: name.to_owned(),
                from: file.to_owned(),
                openapi: Some(openapi.to_owned()),
            },
        )?;
    }
    // What was built before has its time beside it.
    let times = openapi.with_file_name(format!("{name}.seconds"));
    let new_provider = if is_there {
        Duration::from_secs_f64(read(&times)?.trim().parse().context("seconds")?)
    } else {
        started.elapsed()
    };
    fs::write(&times, new_provider.as_secs_f64().to_string())
        .with_context(|| times.display().to_string())?;
    let started = Instant::now();
    let source = source::provider(&openapi.join(name))?;
    let mut document = source.document.clone();
    let operations = operations(&document);
    let text = |pointer: &str| {
        document.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let (title, version) = (text("/info/title"), text("/openapi"));
    overlay::apply(&mut document, &source.overlay)?;
    let generator = Generator::default();
    let provider = generator.provider(source)?;
    let errors = source::errors::read(&root.join("openapi/errors.toml"))?;
    generator.files(&Model { providers: vec![provider], errors })?;
    let codegen = started.elapsed();
    // What the judge reads: the document with what the overlay says, and nothing of the generator's.
    let whole = openapi.with_file_name(format!("{name}.json"));
    fs::write(&whole, serde_json::to_string(&document)?)
        .with_context(|| whole.display().to_string())?;
    let judgement = Value::Null;
    Ok(Tried { name: name.into(), title, version, operations, new_provider, codegen, judgement })
}

fn operations(document: &Value) -> usize {
    let paths = document.get("paths").and_then(Value::as_object);
    let items = paths.into_iter().flat_map(serde_json::Map::values).filter_map(Value::as_object);
    let methods = ["get", "put", "post", "delete", "patch", "head", "options", "trace"];
    items.map(|item| methods.iter().filter(|method| item.contains_key(**method)).count()).sum()
}

/// Builds both modules, and puts them where their packages look for them.
fn build(root: &Path, out: &Path) -> Result<()> {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let words = ["build", "--quiet", "--package", "payglot-python", "--package", "payglot-node"];
    Run::cargo()
        .args(words)
        .args(["--features", "pyo3/extension-module"])
        .at(out)
        .env("CARGO_TARGET_DIR", &target)
        .run()?;
    let built = target.join("debug");
    let package = out.join("bindings/python/python/payglot/_payglot.abi3.so");
    files::copy(&built.join(dist::library_file("_payglot")), &package)?;
    let module = platforms::here()?.module_built_here();
    let module = out.join("bindings/node").join(module);
    files::copy(&built.join(dist::library_file("payglot_node")), &module)
}

fn judge(root: &Path, folder: &Path, out: &Path, name: &str) -> Result<()> {
    Run::new(python())
        .args([root.join("tests/any_document/judge.py"), folder.to_owned()])
        .args([name])
        .args([out.join("bindings/python/python"), out.join("bindings/node")])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .run()
}

/// The figures, and below them what is wrong, as Markdown.
fn table(tried: &[Tried]) -> Result<String> {
    let mut text = String::from(
        "| document | OpenAPI | operations | generated | edits by hand | `new-provider` | `codegen` | event streams | tokens fetched | right in Python | right in Node |\n\
         | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let mut wrong: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let mut sums = [0; 4];
    for document in tried {
        let count = |pointer: &str| {
            let count = document.judgement.pointer(pointer).and_then(Value::as_u64);
            usize::try_from(count.unwrap_or(0)).unwrap_or(0)
        };
        let figures = [
            document.operations,
            count("/operations"),
            count("/python/right"),
            count("/node/right"),
        ];
        for (sum, figure) in sums.iter_mut().zip(figures) {
            *sum += figure;
        }
        let [operations, generated, in_python, in_node] = figures;
        let [streams, tokens] = ["/streams", "/python/tokens"].map(count);
        writeln!(
            text,
            "| {} (`{}`) | {} | {operations} | {generated} | 0 | {:.1} s | {:.1} s | {streams} | {tokens} | {in_python} | {in_node} |",
            document.title,
            document.name,
            document.version,
            document.new_provider.as_secs_f64(),
            document.codegen.as_secs_f64(),
        )?;
        for language in ["python", "node"] {
            let problems = document.judgement.pointer(&format!("/{language}/wrong"));
            for problem in problems.and_then(Value::as_array).into_iter().flatten() {
                let said = problem.get("problem").and_then(Value::as_str).unwrap_or_default();
                let operation =
                    problem.get("operation").and_then(Value::as_str).unwrap_or_default();
                let example = format!("{} `{operation}`", document.name);
                let entry = wrong.entry(format!("{language}: {}", kind(said)));
                entry.or_insert((0, example)).0 += 1;
            }
        }
    }
    let [operations, generated, in_python, in_node] = sums;
    writeln!(text, "| all | | {operations} | {generated} | 0 | | | | | {in_python} | {in_node} |")?;
    if !wrong.is_empty() {
        text.push_str("\n| what is wrong | calls | for example |\n| --- | ---: | --- |\n");
        let mut wrong: Vec<_> = wrong.into_iter().collect();
        wrong.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
        for (kind, (count, example)) in wrong {
            writeln!(text, "| {kind} | {count} | {example} |")?;
        }
    }
    Ok(text)
}

/// A problem without what is in it: names and values differ from call to call.
fn kind(problem: &str) -> String {
    let start = problem.split(['{', '[', '"']).next().unwrap_or_default();
    let quoted =
        |(at, part): (usize, &str)| if at % 2 == 0 { part.to_owned() } else { "…".into() };
    let plain: String = start.split('`').enumerate().map(quoted).collect();
    let is_operation = |word: &&str| word.ends_with(':') && word.contains('.');
    let words: Vec<&str> = plain.split_whitespace().filter(|word| !is_operation(word)).collect();
    words.join(" ").replace('|', "/")
}

/// Puts the table into the page.
fn write(root: &Path, table: &str) -> Result<()> {
    let path = root.join(PAGE);
    let page = read(&path)?;
    let (before, rest) = page.split_once(BEGIN).with_context(|| format!("{PAGE}: no `{BEGIN}`"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("{PAGE}: no `{END}`"))?;
    fs::write(&path, format!("{before}{BEGIN}\n\n{table}\n{END}{after}"))
        .with_context(|| path.display().to_string())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
