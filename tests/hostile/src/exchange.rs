//! An exchange: what a vendor does to a request, and what may come of it for a caller.

use std::time::Duration;

/// Stands for the identifier that a request asks for, which an honest response repeats. As long as any other.
pub const TOKEN: &str = "70cee000-70ce-4000-8000-70ce00000000";
/// An identifier that nobody asks for: a caller who gets it has another's response.
pub const FOREIGN: &str = "f04e1900-f04e-4190-8000-f04e19000000";

/// One thing that a vendor does on a connection.
#[derive(Debug, Clone)]
pub enum Act {
    /// Sends bytes; [`TOKEN`] in them becomes what was asked for.
    Send(Vec<u8>),
    /// Sends a head, and a text compressed so many times; of the bytes only a part, where `keep` is below 1.
    Gzip { head: String, text: String, times: usize, keep: f64 },
    /// Sends bytes again and again, for as long as anybody reads them or so many times.
    Repeat { bytes: Vec<u8>, times: usize, pause: Duration },
    /// Does nothing for a time.
    Wait(Duration),
}

/// What becomes of the connection afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It is closed.
    Close,
    /// It is reset.
    Reset,
    /// It stays open and silent. Who asks again by it gets a response with [`FOREIGN`].
    Hold,
    /// It stays open, and further requests are responded to as they should be.
    Serve,
}

/// Protocol of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1 without TLS.
    Http1,
    /// HTTP/2 by TLS.
    Http2,
}

/// What may come of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcomes {
    /// For a call that changes nothing.
    pub read: &'static [&'static str],
    /// For a call that moves money.
    pub money: &'static [&'static str],
}

const UNKNOWN: &[&str] = &["OutcomeUnknownError"];

/// The response that was asked for.
pub const OWN: Outcomes = Outcomes { read: &["own"], money: &["own"] };
/// A response without the record that every success has.
pub const NOTHING: Outcomes = ODD;
/// The connection broke, or what came is no HTTP.
pub const BROKEN: Outcomes = Outcomes { read: &["APIConnectionError"], money: UNKNOWN };
/// Nothing came in time.
pub const LATE: Outcomes = Outcomes { read: &["APITimeoutError"], money: UNKNOWN };
/// A response came that cannot be understood.
pub const ODD: Outcomes = Outcomes { read: &["ResponseFormatError"], money: UNKNOWN };
/// The vendor refused, with this error.
pub const fn refused(class: &'static [&'static str]) -> Outcomes {
    Outcomes { read: class, money: class }
}

/// The vendor failed, with this error.
pub const fn failed(class: &'static [&'static str]) -> Outcomes {
    Outcomes { read: class, money: UNKNOWN }
}

/// What a vendor does, and what may come of it.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Name for messages.
    pub name: String,
    /// Protocol that it is spoken in.
    pub protocol: Protocol,
    /// What is done as soon as there is a connection; in HTTP/2 instead of the settings.
    pub greeting: Vec<Act>,
    /// What is done when a request has come.
    pub acts: Vec<Act>,
    /// How the connection ends.
    pub end: End,
    /// What may come of it.
    pub outcomes: Outcomes,
    /// Time for the call.
    pub timeout: Duration,
    /// Time until the next call, so that what is still on its way has come: who asks before cannot know better.
    pub pause: Duration,
}

/// Time for a call that is not expected to need it.
const AMPLE: Duration = Duration::from_secs(10);
/// Time for a call that may run out of it.
const MIDDLE: Duration = Duration::from_secs(2);
/// Time for a call that will.
const SHORT: Duration = Duration::from_millis(300);

/// Time for bytes to come.
const PAUSE: Duration = Duration::from_millis(80);

impl Scenario {
    /// An exchange whose acts are these.
    pub fn new(
        protocol: Protocol,
        name: impl Into<String>,
        acts: Vec<Act>,
        end: End,
        outcomes: Outcomes,
    ) -> Self {
        let timeout = match outcomes.read {
            ["APITimeoutError"] => SHORT,
            read if read.contains(&"APITimeoutError") => MIDDLE,
            _ => AMPLE,
        };
        let pause = if end == End::Serve { Duration::ZERO } else { PAUSE };
        Self {
            name: name.into(),
            protocol,
            greeting: Vec::new(),
            acts,
            end,
            outcomes,
            timeout,
            pause,
        }
    }

    /// With something that is done before anybody asks.
    #[must_use]
    pub fn greeting(mut self, greeting: Vec<Act>) -> Self {
        self.greeting = greeting;
        self
    }
}

/// Sends bytes.
pub fn send(bytes: impl Into<Vec<u8>>) -> Act {
    Act::Send(bytes.into())
}

/// Sends bytes for as long as anybody reads them, many at once.
pub fn endless(bytes: impl Into<Vec<u8>>) -> Act {
    let bytes: Vec<u8> = bytes.into();
    let bytes = bytes.repeat((8 * 1024 / bytes.len().max(1)).max(1));
    Act::Repeat { bytes, times: usize::MAX, pause: Duration::ZERO }
}

/// Sends bytes again and again, slowly.
pub fn drip(bytes: impl Into<Vec<u8>>) -> Act {
    Act::Repeat { bytes: bytes.into(), times: usize::MAX, pause: Duration::from_millis(20) }
}

/// Sends bytes so many times, slowly.
pub fn drip_for(times: usize, bytes: impl Into<Vec<u8>>) -> Act {
    Act::Repeat { bytes: bytes.into(), times, pause: Duration::from_millis(20) }
}

/// Sends bytes so many times.
pub fn times(times: usize, bytes: impl Into<Vec<u8>>) -> Act {
    Act::Repeat { bytes: bytes.into(), times, pause: Duration::ZERO }
}

/// Does nothing for so many milliseconds.
pub fn wait(milliseconds: u64) -> Act {
    Act::Wait(Duration::from_millis(milliseconds))
}

/// The body of an honest response, for every operation that is played.
pub fn honest(token: &str) -> String {
    format!(
        r#"{{"success":true,"message":"Success","data":{{"user_id":"{token}","payment":{{"payment_id":"{token}"}}}}}}"#
    )
}
