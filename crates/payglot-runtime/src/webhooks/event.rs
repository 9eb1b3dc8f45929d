//! Reading a delivery: the event around its data, and the data by the type that the document gives it.

use std::fmt;
use std::sync::Arc;

use super::parts::{NO_HEADERS, Parts};
use super::time::UnixTime;
use super::verify::{Headers, Scheme, Secrets, verify};
use crate::error::Error;
use crate::json::{Document, RawJson};
use crate::schema::{WebhookEvent, Webhooks};

/// An event that a vendor delivered. `D` is the provider's `webhooks::Data`.
#[derive(Clone)]
#[non_exhaustive]
pub struct Event<D> {
    /// Name of the event, for example `payment.success`; unknown names are kept.
    pub event: String,
    /// Identifier of the event: the same for every delivery of it. Where the vendor has none, `sha256:` and the SHA-256 of the
    /// body in hex, after the event's name where that is in a header.
    pub id: String,
    /// When the event arose.
    pub generated_at: Option<UnixTime>,
    /// What the event is about.
    pub data: D,
    pub(super) document: Arc<Document>,
}

impl<D> Event<D> {
    /// The whole delivery as JSON text. It may hold personal data: do not log it.
    pub fn text(&self) -> &str {
        self.document.text()
    }
}

/// Shows no payload.
impl<D> fmt::Debug for Event<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("event", &self.event)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The data of all events of a provider; generated code implements it.
pub trait EventData: Sized {
    /// The events as data.
    #[doc(hidden)]
    const WEBHOOKS: &'static Webhooks;

    /// Reads the data of a known event, or of one that is not known.
    #[doc(hidden)]
    fn read(known: Option<&WebhookEvent>, data: Option<RawJson<'_>>) -> Self;
}

/// Reads a delivery without checking it; see [`construct_event`]. Where a header has the event's name or identifier, it takes
/// [`parse_with_headers`].
pub fn parse<D: EventData>(body: &[u8]) -> Result<Event<D>, Error> {
    parse_with_headers(body, NO_HEADERS)
}

/// Like [`parse`], with the headers of the request.
pub fn parse_with_headers<D: EventData>(
    body: &[u8],
    headers: impl Headers,
) -> Result<Event<D>, Error> {
    Parts::read(body, headers, D::WEBHOOKS).map(Parts::event)
}

/// Reads the body of a [`KeptDelivery`](super::KeptDelivery).
#[doc(hidden)]
pub fn parse_kept<D: EventData>(body: &str) -> Result<Event<D>, Error> {
    Parts::kept(body, D::WEBHOOKS).map(Parts::event)
}

/// Checks a delivery like [`verify`], and reads it.
pub fn construct_event<D: EventData>(
    body: &[u8],
    headers: impl Headers,
    secret: &(impl Secrets + ?Sized),
    scheme: &Scheme,
) -> Result<Event<D>, Error> {
    verify(body, &headers, secret, scheme)?;
    parse_with_headers(body, headers)
}

/// Gives the enum of a provider's events its reading, and the functions over it.
#[doc(hidden)]
#[macro_export]
macro_rules! webhook_events {
    ($webhooks:expr, { $($index:literal $variant:ident),* $(,)? }) => {
        /// An event of this provider.
        pub type Event = $crate::webhooks::Event<Data>;

        impl $crate::webhooks::EventData for Data {
            const WEBHOOKS: &'static $crate::schema::Webhooks = &$webhooks;

            fn read(known: Option<&$crate::schema::WebhookEvent>, data: Option<$crate::json::RawJson<'_>>) -> Self {
                match known.map(|event| event.index) {
                    $( Some($index) => {
                        Self::$variant(data.and_then($crate::json::ResponseValue::from_response).unwrap_or_default())
                    } )*
                    _ => Self::Other(data.and_then($crate::json::ResponseValue::from_response).unwrap_or_default()),
                }
            }
        }

        /// Reads a delivery without checking it; see [`construct_event`].
        pub fn parse(body: &[u8]) -> Result<Event, $crate::Error> {
            $crate::webhooks::parse(body)
        }

        /// Like [`parse`], with the headers of the request, where one has the event's name or identifier.
        pub fn parse_with_headers(
            body: &[u8],
            headers: impl $crate::webhooks::Headers,
        ) -> Result<Event, $crate::Error> {
            $crate::webhooks::parse_with_headers(body, headers)
        }

        /// Checks a delivery and reads it; see [`payglot::webhooks::verify`] for the arguments.
        ///
        /// `body` is the raw bytes of the request: JSON that was read and written again has another signature.
        pub fn construct_event(
            body: &[u8],
            headers: impl $crate::webhooks::Headers,
            secret: &(impl $crate::webhooks::Secrets + ?Sized),
            scheme: &$crate::webhooks::Scheme,
        ) -> Result<Event, $crate::Error> {
            $crate::webhooks::construct_event(body, headers, secret, scheme)
        }

        /// A signed delivery of an event as the vendor could send it now, from the document's examples, for your
        /// own tests. Fields of `data`, a JSON object, replace the example's.
        pub fn sample_delivery(
            event: &str,
            data: Option<&$crate::Json>,
            secret: &[u8],
            scheme: &$crate::webhooks::Scheme,
        ) -> Result<$crate::webhooks::Delivery, $crate::Error> {
            let webhooks = <Data as $crate::webhooks::EventData>::WEBHOOKS;
            let sample = $crate::webhooks::sample(webhooks, event, data.map($crate::Json::get), None)?;
            Ok(sample.signed(secret, scheme))
        }
    };
}
