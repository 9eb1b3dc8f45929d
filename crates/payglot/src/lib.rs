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
//! A call is described first, and sent when it is awaited:
//!
//! ```no_run
//! # async fn example(client: payglot::linora::Client) -> Result<(), payglot::Error> {
//! use std::time::Duration;
//! let user = client.users().get("user-1").timeout(Duration::from_secs(5)).await?;
//! # Ok(()) }
//! ```
//!
//! # An HTTP client of your own
//!
//! `http_client` takes a `reqwest::Client` (feature `reqwest`, on), a stack of `reqwest_middleware` (feature of that name)
//! or any [`transport::SharedTransport`]. [`transport::ReqwestTransport::build`] knows more of what was sent than a finished
//! client can tell: then a payment that could not be connected is tried again instead of ending in an unknown outcome.
//!
//! ```no_run
//! # #[cfg(feature = "reqwest")]
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use payglot::transport::ReqwestTransport;
//!
//! let http_client = ReqwestTransport::build(reqwest::Client::builder().pool_max_idle_per_host(16))?;
//! let client = payglot::linora::Client::builder()
//!     .credentials("key")
//!     .base_url("https://linora.example.com")
//!     .http_client(http_client)
//!     .build()?;
//! # Ok(()) }
//! ```
//!
//! # Signing alone
//!
//! Each provider gives what authenticates its requests, for use with any HTTP client: by itself, as a `tower` layer
//! (`auth::AuthLayer`, feature `tower`), or as a middleware of `reqwest_middleware` (`auth::AuthMiddleware`, feature
//! `reqwest-middleware`), which belongs last in its stack:
//!
//! ```no_run
//! use payglot::auth::AuthMiddleware;
//!
//! # async fn example(http: reqwest::Client) -> Result<(), Box<dyn std::error::Error>> {
//! let authenticator = payglot::paywint_platform::authenticator("platform-id", "secret-key")?;
//! let http = reqwest_middleware::ClientBuilder::new(http)
//!     .with(AuthMiddleware::new(authenticator))
//!     .build();
//! let url = "https://api.sandbox.paywint.com/api/platform/card/get-card/1";
//! let response = http.get(url).send().await?;
//! # Ok(()) }
//! ```
//!
//! # What every call does
//!
//! - A call that may have reached the vendor is sent again only where its operation is safe to repeat. Calls
//!   that create something or move money end in [`ErrorKind::OutcomeUnknown`] instead, which says what to look
//!   up. A payment is never sent twice.
//! - Amounts are [`rust_decimal::Decimal`], exact both ways.
//! - A response is never lost to a strict reading: all fields of responses are optional, unknown ones are kept in
//!   `extra`, and enums keep values they do not know.
//! - Bad input is refused before anything is sent, with [`ErrorKind::InvalidRequest`].

// Formatted by the generator. Its docs are the documents' prose, which knows no backticks.
#[rustfmt::skip]
#[allow(clippy::doc_markdown)]
mod generated;

#[cfg(feature = "paywint-platform")]
pub use generated::paywint_platform::{canonical_string, sign};
pub use generated::*;
#[doc(hidden)]
pub use payglot_runtime as runtime;
pub use payglot_runtime::{
    Call, Decimal, EmptyBody, Error, ErrorKind, Extra, Json, Nullable, Page, PagedCall, Pages,
    PathParam, Problem, ReceivedAt, Records, Request, Response, Timestamp, WithResponse, auth,
    jiff, schema, transport, webhooks,
};
