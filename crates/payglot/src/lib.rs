//! Client SDK for payment and card APIs: the Paywint Platform API, the Paywint Developer API and the Linora API.
//!
//! Each provider has a module with a `Client`, and a cargo feature of the same name; all are on by default.
//!
//! ```no_run
//! use payglot::paywint_platform::{Client, Environment, types};
//!
//! # async fn example(user_id: &str, card_id: &str) -> Result<(), payglot::Error> {
//! let client = Client::builder()
//!     .credentials("platform-id", "secret-key")
//!     .environment(Environment::Sandbox)
//!     .build()?;
//! let body = types::PlatformCardUpdateLinkCreate {
//!     card_id: card_id.into(),
//!     card_purpose: types::CardUsageType::Payment,
//! };
//! if let Some(link) = client.cards().create_update_link(user_id, &body).await? {
//!     println!("{}", link.secure_link.unwrap_or_default());
//! }
//! # Ok(()) }
//! ```
//!
//! # What every call does
//!
//! - A call that may have reached the vendor is sent again only where its operation is safe to repeat. Calls
//!   that create something or move money end in [`ErrorKind::OutcomeUnknown`] instead, which says what to look
//!   up. A payment is never sent twice.
//! - Amounts are [`rust_decimal::Decimal`], exact both ways.
//! - An answer is never lost to a strict reading: all fields of answers are optional, unknown ones are kept in
//!   `extra`, and enums keep values they do not know.
//! - Bad input is refused before anything is sent, with [`ErrorKind::InvalidRequest`].

// Generated code says `payglot::…`, here as in a crate of its own.
extern crate self as payglot;

mod answer;
mod auth;
mod background;
mod call;
mod config;
mod connect;
mod core;
mod document;
mod encode;
mod error;
mod failure;
// Formatted by the generator. Its docs are the documents' prose, which knows no backticks.
#[rustfmt::skip]
#[allow(clippy::doc_markdown)]
mod generated;
mod input;
mod json;
mod log;
mod model;
mod page;
mod pool;
mod receive;
mod record;
mod request;
mod retry;
mod running;
pub mod schema;
mod sign;
mod tls;
mod transport;
pub mod webhooks;

pub use answer::Answer;
pub use call::{Call, WithResponse};
pub use error::{Error, ErrorKind, Problem};
pub use generated::*;
pub use input::{Nullable, OrNull, PathParam};
pub use jiff;
pub use json::Json;
pub use model::{Extra, Received};
pub use page::{Page, PagedCall, Pages, Records};
pub use record::Timestamp;
pub use request::Request;
pub use rust_decimal::Decimal;
pub use sign::{EmptyBody, canonical_string, sign};

/// What generated code and the language bindings build on. Not a public interface: it changes without notice.
#[doc(hidden)]
pub mod runtime {
    pub use crate::answer::decode;
    pub use crate::background::Background;
    pub use crate::call::{Payload, is_list};
    pub use crate::config::Config;
    pub use crate::core::{CallOptions, Core, Dispatch, header_pairs, no_provider};
    pub use crate::document::Document;
    pub use crate::encode::{Args, Body, encode_path, prepare};
    pub use crate::input::{FloatMoney, Input, ToInput};
    pub use crate::json::{Kind, write_text};
    pub use crate::log::{Line, listen};
    pub use crate::model::{deserialize_answer, serialize_answer, write_name};
    pub use crate::page::has_next;
    pub use crate::record::{AnswerValue, Raw, Record};
    pub use crate::running::Running;
    pub use crate::transport::{Wire, WireError, WireResult};
    pub use futures_core::future::BoxFuture;
    pub use http::Method;
}
