//! Webhooks: checking that a delivery is genuine, reading it, and telling duplicates apart.
//!
//! Each provider that delivers events has a module `webhooks` with its events and with `construct_event`, which checks and
//! reads in one. No vendor covered here publishes a signature scheme, so the [`Scheme`] is a setting. The default is
//! the sandbox's own: HMAC-SHA256 in hex over `timestamp.body`. Where a vendor sends no signature, confirm an event
//! by reading the object it names.

mod event;
mod guard;
mod kept;
mod parts;
mod sample;
mod time;
mod tree;
mod verify;

#[doc(hidden)]
pub use event::parse_kept;
pub use event::{Event, EventData, construct_event, parse, parse_with_headers};
pub use guard::{Handling, ReplayGuard};
pub use kept::KeptDelivery;
#[doc(hidden)]
pub use parts::Parts;
pub use sample::Delivery;
#[doc(hidden)]
pub use sample::{Sample, sample};
pub use time::UnixTime;
pub use verify::{Headers, OwnedSecrets, Scheme, Secrets, sign, verify, verify_at};
