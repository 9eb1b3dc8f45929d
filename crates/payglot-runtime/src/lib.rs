//! What every payglot client does and no document says: requests are checked and signed, sent at most once where money
//! moves, retried where that is safe, and read leniently.
//!
//! A generated provider module describes an API as data ([`schema`]) and calls into [`client`]. The folders are
//! layers, in this order; a layer uses those above it in the list and never those below:
//! [`schema`], [`json`], [`error`], [`request`], [`response`], [`auth`], [`transport`], [`retry`], [`journal`], [`client`], [`paging`],
//! [`lookup`], [`webhooks`]. Beside them stands [`variables`], the environment as any of them may see it. Nothing here knows a provider.

pub mod auth;
pub mod client;
pub mod error;
pub mod journal;
pub mod json;
pub mod lookup;
pub mod paging;
pub mod request;
pub mod response;
pub mod retry;
pub mod schema;
pub mod transport;
pub mod variables;
pub mod webhooks;

pub use auth::sign;
pub use bytes::Bytes;
pub use client::{
    Call, ClientDefaults, EventCall, EventStream, Request, RequestEvent, ResponseEvent,
    WithResponse,
};
pub use error::{Error, ErrorKind, Problem};
pub use jiff;
pub use json::{File, Json, Timestamp};
pub use paging::{Page, PagedCall, Pages, Records};
pub use request::{Nullable, PathParam};
pub use response::{Event, Extra, ReceivedAt, Response};
pub use rust_decimal::Decimal;
pub use schema::EmptyBody;
