//! A local server that stands in for the payment APIs payglot speaks, so that an integration can be built and
//! tested without an account.
//!
//! ```no_run
//! # async fn example() -> Result<(), payglot_sandbox::Error> {
//! let sandbox = payglot_sandbox::Sandbox::start().await?;
//! sandbox.fund(sandbox.user_id(), "25.00").await?;
//! let client = sandbox.paywint_platform().max_retries(0).build();
//! # let _ = client;
//! # Ok(())
//! # }
//! ```
//!
//! Routes, authentication and validation come from the tables in [`payglot::schema`]; only what an operation
//! does is written here, one function each. State is in memory, or in a file that survives a
//! crash of the process ([`Builder::state`]). Time is the machine's, moved by [`Clock::advance`].
//!
//! The project's page `docs/sandbox.md` has the rest: the page for a person, the JSON interface for tests, faults,
//! webhooks, test cards, and what upstream does not document and is therefore chosen here.

mod app;
mod auth;
mod basics;
pub mod crash_lab;
mod flow;
mod generated;
mod handlers;
mod http;
mod model;
mod operation;
mod sandbox;
mod state;
mod webhooks;

pub use app::steps::{AfterStep, Phase, Step, Watcher};
pub use auth::EmptyBody;
pub use basics::{Clock, Credentials, Error, Secret};
pub use model::{Registered, Webhook};
pub use sandbox::{Builder, Sandbox, generated as api};
