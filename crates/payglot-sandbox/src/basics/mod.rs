//! What every layer uses: money, JSON objects, ids, random values, time, credentials and errors.
//!
//! May use the tables of [`payglot::schema`]. Must not know requests, stored objects or HTTP.

mod clock;
mod credentials;
mod error;
mod hash;
mod identity;
pub(crate) mod json;
pub(crate) mod money;
mod providers;
mod random;
mod redact;

pub use clock::Clock;
pub use credentials::{Credentials, Secret};
pub use error::Error;

pub(crate) use clock::later;
pub(crate) use hash::hashed;
pub(crate) use identity::Identity;
pub(crate) use json::{JsonObject, object, raw};
pub(crate) use money::Money;
pub(crate) use providers::PROVIDERS;
pub(crate) use random::{Random, Stream};
pub(crate) use redact::without_card_numbers;
