//! One call of a provider's operation: finding its route, validating it, and the shape of the response.
//!
//! May use [`crate::state`], [`crate::model`], [`crate::basics`] and the tables of [`payglot::schema`]. Must not
//! know what an operation does (its handler is handed in), nor who may call it.

mod call;
mod error;
mod handler;
pub(crate) mod idempotency;
mod problem;
mod response;
mod routes;
pub(crate) mod validate;

pub(crate) use call::{Call, Page, PathValues};
pub(crate) use error::{ApiError, Reason};
pub(crate) use handler::{Handler, Handlers, HandlersByProvider};
pub(crate) use problem::{Fault, Problem};
pub(crate) use response::{Payload, response_body};
pub(crate) use routes::{Found, Route, Routes};
