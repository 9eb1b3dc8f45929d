//! What `lib/batch.cjs` asks: JSON both ways. Its questions and replies are those of `bindings/common`.

use napi::bindgen_prelude::{Either, Object};
use napi::{Env, Error, Result};
use napi_derive::napi;
use payglot::runtime::json::{FloatMoney, Value};
use payglot_bindings::{BatchFields, BatchHandle, ErrorFields};
use payglot_journal::ResolveError;

use crate::client::Client;
use crate::journal::promise;
use crate::runtime;

/// A batch of a client.
#[napi]
pub struct BatchCore(BatchHandle);

/// A batch, or an error as JSON. Each row is JSON: its fields, or as text what is wrong with it.
#[napi]
#[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
pub fn batch_of(client: &Client, rows: Vec<String>, settings: String) -> Either<BatchCore, String> {
    let rows = rows.iter().map(|row| read(row)).collect();
    match BatchHandle::new(client.core(), &settings, rows, FloatMoney::TwoDigits) {
        Ok(batch) => Either::A(BatchCore(batch)),
        Err(error) => Either::B(ErrorFields::from(&error).to_json()),
    }
}

fn read(row: &str) -> std::result::Result<BatchFields, String> {
    match Value::from_json(row).map(Value::into_owned) {
        Some(Value::Object(fields)) => Ok(fields),
        Some(Value::Text(problem)) => Err(problem.into_owned()),
        _ => Err("it must be an object".to_owned()),
    }
}

#[napi]
impl BatchCore {
    /// Resolves with what a run would do, as `JournalCore.ask` does.
    #[napi]
    pub fn check<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let batch = self.0.clone();
        promise(env, async move { batch.check().await.map_err(told) })
    }

    /// Resolves with what has become of each row so far.
    #[napi]
    pub fn status<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let batch = self.0.clone();
        promise(env, async move { batch.status().await.map_err(told) })
    }

    /// Starts a run.
    #[napi]
    pub fn start(&self) -> Result<()> {
        let background = runtime::background().map_err(|error| {
            Error::from_reason(format!("the runtime could not be started: {error}"))
        })?;
        self.0.start(background);
        Ok(())
    }

    /// Resolves with how far the run is, or with its report when it has ended.
    #[napi]
    pub fn look<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let batch = self.0.clone();
        promise(env, async move { batch.look().await.map_err(told) })
    }

    /// Ends the run when the calls that are being made have ended.
    #[napi]
    pub fn stop(&self) {
        self.0.stop();
    }
}

#[allow(clippy::needless_pass_by_value)] // as results give it
fn told(error: ResolveError) -> String {
    ErrorFields::from(&error).to_json()
}
