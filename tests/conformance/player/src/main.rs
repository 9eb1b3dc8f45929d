//! Plays a plan with payglot for Rust, through the core that all languages stand on. Prints how many calls were made
//! and went well. What comes back is judged on the way.

use std::borrow::Cow;
use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use payglot::runtime::client::{CallOptions, Config, Core};
use payglot::runtime::json::{self, FloatMoney};
use payglot::runtime::request::prepare;
use payglot::schema::Paging;
use serde::Deserialize;
use serde_json::{Map, Value};

/// One call by the names on the wire.
#[derive(Deserialize)]
struct Call {
    name: String,
    provider: String,
    operation: String,
    path: Vec<String>,
    params: Map<String, Value>,
    languages: Option<Vec<String>>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let file = std::env::args().nth(1).context("usage: payglot-conformance PLAN.JSON")?;
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {file}"))?;
    let plan: Vec<Call> = serde_json::from_str(&text).context("not a plan")?;
    let mut cores = BTreeMap::new();
    let (mut calls, mut succeeded) = (0, 0);
    for call in &plan {
        if call.languages.as_ref().is_some_and(|all| !all.iter().any(|name| name == "rust")) {
            continue;
        }
        if !cores.contains_key(&call.provider) {
            cores.insert(call.provider.clone(), core(&call.provider)?);
        }
        let core = cores.get(&call.provider).context("no core")?;
        calls += 1;
        match play(core, call).await? {
            Ok(()) => succeeded += 1,
            Err(error) => eprintln!("{}: {}", call.name, error.kind().name()),
        }
    }
    println!("{calls} {succeeded}");
    Ok(())
}

/// A client with the credentials of the environment.
fn core(provider: &str) -> Result<Core> {
    let tables = payglot::providers::find(provider).context("no such provider")?;
    let mut config = Config::new(tables);
    config.base_url(std::env::var(tables.base_url_env)?);
    for credential in tables.credentials {
        config.credential(credential.name, std::env::var(credential.env)?);
    }
    Ok(Core::new(config)?)
}

async fn play(core: &Core, call: &Call) -> Result<Result<(), payglot::Error>> {
    let tables = payglot::providers::find(&call.provider).context("no such provider")?;
    let mut operations = tables.operations.iter();
    let operation =
        operations.find(|known| known.name == call.operation).context("no such operation")?;
    let path: Vec<Cow<'_, str>> = call.path.iter().map(Into::into).collect();
    let mut params = call.params.clone();
    if let (Some(paging), Paging::Paged) = (&tables.paging, operation.paging) {
        for (name, default) in [(paging.size, 100), (paging.page, 1)] {
            params.entry(name).or_insert(default.into());
        }
    }
    let text = Value::Object(params).to_string();
    let Some(json::Value::Object(fields)) = json::Value::from_json(&text) else {
        anyhow::bail!("the parameters are no object");
    };
    Ok(match prepare(operation, &path, &fields, FloatMoney::Refuse) {
        Ok(args) => core.call(operation, &args, &CallOptions::default()).await.map(drop),
        Err(error) => Err(error),
    })
}
