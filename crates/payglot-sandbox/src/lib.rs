//! A local server that stands in for the payment APIs payglot speaks, so that an integration can be built and
//! tested without an account.
//!
//! ```no_run
//! # async fn example() -> Result<(), payglot_sandbox::Error> {
//! let sandbox = payglot_sandbox::Sandbox::start().await?;
//! let base_url = sandbox.base_url();
//! let platform_id = &sandbox.credentials().platform_id;
//! let secret_key = sandbox.credentials().secret_key.expose();
//! # let _ = (base_url, platform_id, secret_key);
//! # Ok(())
//! # }
//! ```
//!
//! Routes, authentication and validation come from the tables in [`payglot::schema`]; only what an operation
//! does is written here, one function each. An operation without a function answers 501.
//!
//! What upstream does not document is the sandbox's own choice: the bodies of 401, 404, 405 and 501
//! (`{"detail": "…"}`), the wording of messages, that unknown fields of a body are ignored, the hosted pages,
//! the test card numbers, and that an update link also clears `compliance_check_required`. Time is the machine's, moved by [`Clock::advance`].

mod admin;
mod answer;
mod app;
mod auth;
mod call;
mod card;
mod clock;
mod credentials;
mod error;
mod handlers;
mod hosted;
mod log;
mod platform;
mod providers;
mod random;
mod routes;
mod sandbox;
mod serve;
mod store;
mod validate;

pub use auth::EmptyBody;
pub use clock::Clock;
pub use credentials::{Credentials, Secret};
pub use error::Error;
pub use sandbox::{Builder, Sandbox};
