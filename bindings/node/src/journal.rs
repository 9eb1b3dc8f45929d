//! What `lib/journal.cjs` asks: JSON both ways. Its questions and replies are those of `bindings/common`.

use std::collections::HashMap;

use napi::bindgen_prelude::{Either, Object};
use napi::{Env, Error, Result};
use napi_derive::napi;
use payglot_bindings::{ErrorFields, JournalRequest, ReconcileRequest, resolve_intent};
use payglot_journal::Journal;

use crate::client::Client;
use crate::runtime;

/// A journal.
#[napi]
pub struct JournalCore(pub(crate) Journal);

/// A journal at a location, or an error as JSON.
#[napi]
#[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
pub fn journal_at(location: String) -> Either<JournalCore, String> {
    match Journal::at(&location) {
        Ok(journal) => Either::A(JournalCore(journal)),
        Err(error) => Either::B(ErrorFields::from(&error).to_json()),
    }
}

#[napi]
impl JournalCore {
    /// Resolves with JSON: the `reply` to a question of `JournalRequest`, or the `error` that it is, as text.
    #[napi]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn ask<'env>(&self, env: &'env Env, question: String) -> Result<Object<'env>> {
        let request: JournalRequest = serde_json::from_str(&question)
            .map_err(|_| Error::from_reason("the question is not understood"))?;
        let journal = self.0.clone();
        promise(env, async move {
            request.run(&journal).await.map_err(|error| ErrorFields::from(&error).to_json())
        })
    }

    /// Resolves with what a look-up told of the unknown intent of a provider, account, operation and name, given what it
    /// asks for; as `ask` does.
    #[napi]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn resolve<'env>(
        &self,
        env: &'env Env,
        client: &Client,
        key: Vec<String>,
        given: HashMap<String, String>,
    ) -> Result<Object<'env>> {
        let key = <[String; 4]>::try_from(key)
            .map_err(|_| Error::from_reason("the question is not understood"))?;
        let (journal, core) = (self.0.clone(), client.core().clone());
        promise(env, async move {
            let told = resolve_intent(&journal, &core, key, given.into_iter().collect()).await;
            told.map_err(|error| ErrorFields::from(&error).to_json())
        })
    }

    /// A promise of what does not agree between the journal, the vendor's lists and the ledger of a `ReconcileRequest`, as JSON.
    #[napi(ts_return_type = "Promise<string>")]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn reconcile<'env>(
        &self,
        env: &'env Env,
        client: &Client,
        question: String,
    ) -> Result<Object<'env>> {
        let request: ReconcileRequest = serde_json::from_str(&question)
            .map_err(|_| Error::from_reason("the question is not understood"))?;
        let (journal, core) = (self.0.clone(), client.core().clone());
        promise(env, async move {
            let shown = request.run(&journal, &core).await;
            shown.map_err(|error| ErrorFields::from(&error).to_json())
        })
    }

    /// Writes what is left and closes the file or the connection; it is open again with the next call.
    #[napi]
    pub fn close(&self) {
        self.0.close();
    }
}

/// A promise of JSON: a `reply`, or the `error` that it is, as text.
pub(crate) fn promise(
    env: &Env,
    reply: impl Future<Output = std::result::Result<String, String>> + Send + 'static,
) -> Result<Object<'_>> {
    let background = runtime::background().map_err(|error| {
        Error::from_reason(format!("the runtime could not be started: {error}"))
    })?;
    let (deferred, promise) = env.create_deferred()?;
    drop(background.run(false, async move {
        let text = match reply.await {
            Ok(reply) => format!("{{\"reply\":{reply}}}"),
            Err(error) => serde_json::json!({ "error": error }).to_string(),
        };
        deferred.resolve(move |_| Ok(text));
    }));
    Ok(promise)
}
