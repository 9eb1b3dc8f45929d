//! One call, from the JSON that asks for it to the JSON that answers.

use payglot::ErrorKind;
use payglot::runtime::client::Core;
use payglot::schema::Operation;

use crate::request::{self, Refused};
use crate::{answer, failure};

/// What to call.
pub enum Task {
    /// An operation by its place in the provider's table. `page` is the page to ask for, or 0.
    Operation {
        /// Place in the table.
        index: u32,
        /// Page to ask for, or 0.
        page: u32,
    },
    /// A path outside the document.
    Path,
}

/// A call that has not begun.
pub struct Work {
    /// The client that makes it.
    pub core: Core,
    /// What to call.
    pub task: Task,
    /// Whether to give everything about the answer instead of the payload alone.
    pub whole: bool,
    /// Arguments and options as JSON.
    pub request: String,
}

impl Work {
    /// Makes the call. Both results are JSON: the answer, or the error.
    pub async fn run(self) -> Result<String, String> {
        match self.task {
            Task::Path => self.path().await,
            Task::Operation { index, page } => {
                match self.core.provider().operations.get(index as usize) {
                    Some(operation) => self.operation(operation, page).await,
                    None => Err(failure::to_json_of(
                        ErrorKind::InvalidRequest,
                        "",
                        "there is no such operation",
                    )),
                }
            }
        }
    }

    async fn operation(&self, operation: &'static Operation, page: u32) -> Result<String, String> {
        let checked = request::check(&self.core, operation, &self.request, page)
            .map_err(|refused| refusal(refused, operation.name))?;
        let answer = self
            .core
            .call(operation, &checked.args, &checked.options)
            .await
            .map_err(|error| failure::to_json(&error))?;
        let mut out = String::with_capacity(answer.text().len() + 128);
        answer::value(&mut out, &answer, operation, checked.page).map_err(
            |answer::OtherShape| {
                failure::to_json_of_answer(operation.name, answer.status(), answer.text())
            },
        )?;
        Ok(if self.whole { answer::whole(&answer, &out) } else { out })
    }

    async fn path(&self) -> Result<String, String> {
        let other =
            request::check_other(&self.request).map_err(|refused| refusal(refused, "request"))?;
        let call = self.core.request(
            &other.method,
            &other.path,
            &other.query,
            other.body,
            other.replay,
            &other.options,
        );
        let answer = call.await.map_err(|error| failure::to_json(&error))?;
        let mut out = String::with_capacity(answer.text().len() + 128);
        answer::untyped(&mut out, &answer);
        Ok(if self.whole { answer::whole(&answer, &out) } else { out })
    }
}

fn refusal(refused: Refused, operation: &str) -> String {
    match refused {
        Refused::Core(error) => failure::to_json(&error),
        Refused::Text(kind, message) => failure::to_json_of(kind, operation, message),
    }
}
