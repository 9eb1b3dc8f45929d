//! Reading a delivery: the event around its data, and the data by the type that the document gives it.

use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::verify::{Headers, Scheme, Secrets, verify};
use crate::error::{Error, ErrorKind};
use crate::json::Document;
use crate::json::Kind;
use crate::json::RawJson;
use crate::schema::{WebhookEvent, Webhooks};

/// An event that a vendor delivered. `D` is the provider's `webhooks::Data`.
#[derive(Clone)]
#[non_exhaustive]
pub struct Event<D> {
    /// Name of the event, for example `payment.success`; unknown names are kept.
    pub event: String,
    /// Identifier of the event: the same for every delivery of it.
    pub id: String,
    /// When the event arose.
    pub generated_at: Option<UnixTime>,
    /// What the event is about.
    pub data: D,
    document: Arc<Document>,
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

/// Reads a delivery without checking it; see [`construct_event`].
pub fn parse<D: EventData>(body: &[u8]) -> Result<Event<D>, Error> {
    let Parts { event, id, time, known, document } = Parts::read(body, D::WEBHOOKS)?;
    let data = D::read(known, data(&document, D::WEBHOOKS));
    Ok(Event { event, id, generated_at: time.map(UnixTime), data, document })
}

/// Checks a delivery like [`verify`], and reads it.
pub fn construct_event<D: EventData>(
    body: &[u8],
    headers: impl Headers,
    secret: &(impl Secrets + ?Sized),
    scheme: &Scheme,
) -> Result<Event<D>, Error> {
    verify(body, headers, secret, scheme)?;
    parse(body)
}

/// A delivery taken apart, its data not read yet.
#[doc(hidden)]
pub struct Parts {
    pub event: String,
    pub id: String,
    /// Unix seconds as the vendor wrote them.
    pub time: Option<String>,
    pub known: Option<&'static WebhookEvent>,
    pub document: Arc<Document>,
}

impl Parts {
    /// Takes a delivery apart.
    pub fn read(body: &[u8], webhooks: &'static Webhooks) -> Result<Self, Error> {
        let text = std::str::from_utf8(body).map_err(|_| not_understood("it is not UTF-8 text"))?;
        let document = Arc::new(Document::new(text));
        let root = RawJson::root(&document).ok_or_else(|| not_understood("it is not JSON"))?;
        if root.kind() != Kind::Object {
            return Err(not_understood("it is not an object"));
        }
        let of = |field: &str| Some(root.get(field)?.as_text()?.into_owned());
        let event = of(webhooks.event).ok_or_else(|| not_understood("it has no event name"))?;
        let id = of(webhooks.id).ok_or_else(|| not_understood("it has no event id"))?;
        let time = webhooks.time.and_then(of);
        // One whose data is something else altogether is read as one that is not known, which keeps the data as it came.
        let known = webhooks.events.iter().find(|known| known.name == event);
        let known = known
            .filter(|known| data(&document, webhooks).is_none_or(|data| data.fits(known.data)));
        Ok(Self { event, id, time, known, document })
    }

    /// What the event is about, not interpreted.
    pub fn data(&self, webhooks: &Webhooks) -> Option<RawJson<'_>> {
        data(&self.document, webhooks)
    }
}

fn data<'d>(document: &'d Arc<Document>, webhooks: &Webhooks) -> Option<RawJson<'d>> {
    RawJson::root(document)?.get(webhooks.data).filter(|data| !data.is_null())
}

fn not_understood(problem: &str) -> Error {
    let message = format!(
        "the delivery was not understood: {problem}; check that the body is the raw bytes received"
    );
    Error::new(ErrorKind::ResponseFormat, message)
}

/// A time in Unix seconds as the vendor wrote it, with or without a fraction; parsed when asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnixTime(String);

impl UnixTime {
    #[doc(hidden)]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The vendor's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The instant; `None` where the text is not a time.
    pub fn parsed(&self) -> Option<jiff::Timestamp> {
        let Some(seconds) = crate::json::decimal(&self.0) else { return self.0.parse().ok() };
        let whole = seconds.floor();
        let nanoseconds = ((seconds - whole) * Decimal::from(1_000_000_000)).trunc();
        jiff::Timestamp::new(whole.to_i64()?, nanoseconds.to_i32()?).ok()
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
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
            let body = $crate::webhooks::sample(webhooks, event, data.map($crate::Json::get), None)?;
            Ok($crate::webhooks::Delivery::signed(body, secret, scheme))
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_keeps_its_text_and_every_digit() {
        for (text, expected) in [
            ("1718006400", "2024-06-10T08:00:00Z"),
            ("1756450000.125", "2025-08-29T06:46:40.125Z"),
            ("-0.5", "1969-12-31T23:59:59.5Z"),
            ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00Z"),
        ] {
            let time = UnixTime::new(text);
            assert_eq!(time.as_str(), text);
            assert_eq!(time.parsed(), Some(expected.parse().unwrap()), "{text}");
        }
        assert_eq!(UnixTime::new("soon").parsed(), None);
        assert_eq!(UnixTime::new("99999999999999999999").parsed(), None);
    }
}
