//! Where a call is struck: one fault for each attempt that it makes.

use std::time::Duration;

use payglot::schema::Replay;

use crate::transports::CONNECT_TIMEOUT;

/// What befalls one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// None: the vendor acts and responds.
    None,
    /// The host has no address.
    Resolve,
    /// Nobody listens.
    Refuse,
    /// The TLS handshake breaks off after this many bytes of the client's.
    TlsCut(usize),
    /// The host shows a certificate that nobody signed.
    TlsCertificate,
    /// The host does not react to a connection.
    NoConnection(Stop),
    /// The host accepts a connection and does not react to the TLS handshake.
    NoHandshake(Stop),
    /// The host accepts a connection and closes it at once. Whether a request has begun by then depends on the moment.
    HangUp,
    /// The connection breaks after this many bytes of the request.
    RequestCut(usize),
    /// The vendor acts, and the connection breaks after this many bytes of the response.
    ResponseCut(usize),
    /// The vendor acts or does not, and responds with this status.
    Status {
        /// The status.
        status: u16,
        /// Whether it acts.
        acts: bool,
    },
    /// The vendor acts or does not, and says nothing until time has run out.
    Silence {
        /// Whether it acts.
        acts: bool,
    },
    /// The vendor acts, and says no more after this many bytes of the response until time has run out.
    ResponseStall(usize),
    /// The vendor acts or does not, and responds with more than the client reads.
    Large {
        /// The status.
        status: u16,
        /// Whether it acts.
        acts: bool,
    },
    /// The vendor acts or does not, and responds with a 2xx that does not hold what a payment is promised.
    Odd {
        /// The status.
        status: u16,
        /// The body.
        body: &'static str,
        /// Whether it acts.
        acts: bool,
    },
    /// Over HTTP/2; the whole call goes by it where it is the first.
    Http2(Http2),
    /// The vendor points elsewhere: with 303 after it has acted, with 307 before.
    Redirect {
        /// The status.
        status: u16,
        /// Where to.
        location: &'static str,
    },
}

/// What befalls one request over HTTP/2.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Http2 {
    /// Nothing: the vendor acts and responds.
    #[default]
    None,
    /// The vendor refuses the stream unprocessed.
    Unprocessed,
    /// The vendor goes away and leaves the stream out.
    GoAwayBelow {
        /// Whether the connection ends with that.
        ends: bool,
    },
    /// The vendor goes away, does not leave the stream out, and ends the connection.
    GoAwayAbove {
        /// The last stream that it names; that of the request where there is none.
        last: Option<u32>,
        /// Whether it acts.
        acts: bool,
    },
    /// The stream is reset for another reason.
    Reset {
        /// The reason.
        code: u32,
        /// Whether the vendor acts.
        acts: bool,
    },
    /// The vendor acts, and the stream is reset after the head of the response.
    ResetInBody {
        /// The reason: `REFUSED_STREAM` proves nothing by now either.
        code: u32,
    },
    /// The connection ends without a word.
    Cut {
        /// Whether the vendor acts.
        acts: bool,
    },
    /// The vendor acts, and the connection ends after the head of the response.
    CutInBody,
    /// Nothing comes until time has run out.
    Silence {
        /// Whether the vendor acts.
        acts: bool,
    },
}

impl Http2 {
    /// Whether it proves that the request was not processed (RFC 9113, section 8.7).
    pub fn proves_nothing_happened(self) -> bool {
        matches!(self, Self::Unprocessed | Self::GoAwayBelow { .. })
    }

    /// Every one of them.
    pub fn every() -> Vec<Self> {
        let mut all = vec![Self::None, Self::Unprocessed, Self::CutInBody];
        all.extend([true, false].map(|ends| Self::GoAwayBelow { ends }));
        all.extend([0, 2, 7, 8].map(|code| Self::ResetInBody { code }));
        for acts in [true, false] {
            all.extend([Self::Cut { acts }, Self::Silence { acts }]);
            all.extend([0, 1, 2, 5, 8, 11].map(|code| Self::Reset { code, acts }));
            all.extend([None, Some(0x7fff_ffff)].map(|last| Self::GoAwayAbove { last, acts }));
        }
        all
    }
}

/// What ends an attempt that gets no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The time to connect.
    ConnectTimeout,
    /// The time for the whole call.
    Deadline,
}

impl Fault {
    /// Whether it strikes before the request is on its way: the client's whole host is then like that.
    pub fn is_of_the_host(self) -> bool {
        matches!(
            self,
            Self::Resolve
                | Self::Refuse
                | Self::TlsCut(_)
                | Self::TlsCertificate
                | Self::NoConnection(_)
                | Self::NoHandshake(_)
                | Self::HangUp
        )
    }

    /// Whether it is time that ends the attempt.
    pub fn takes_time(self) -> bool {
        self.deadline().is_some() || matches!(self, Self::NoConnection(_) | Self::NoHandshake(_))
    }

    /// The time for a call that only its deadline ends.
    pub fn deadline(self) -> Option<Duration> {
        match self {
            Self::NoConnection(Stop::Deadline) | Self::NoHandshake(Stop::Deadline) => {
                Some(CONNECT_TIMEOUT / 4)
            }
            Self::Silence { .. } | Self::Http2(Http2::Silence { .. }) => {
                Some(Duration::from_millis(150))
            }
            Self::ResponseStall(_) => Some(Duration::from_millis(400)),
            _ => None,
        }
    }
}

/// Longest request and response whose every boundary is struck, in bytes.
pub const REQUEST: usize = 620;
/// See [`REQUEST`].
pub const RESPONSE: usize = 240;
/// Bytes of a handshake whose every boundary is struck; the first message of the client is longer.
const HANDSHAKE: usize = 200;

/// One call: its class, its retries, and what befalls its attempts.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Class of the operation.
    pub replay: Replay,
    /// Retries allowed.
    pub max_retries: u32,
    /// One for each attempt; further attempts go through.
    pub faults: Vec<Fault>,
    /// When the caller gives up, from the beginning of the call.
    pub cancel: Option<Duration>,
}

/// Every class of operations.
pub const CLASSES: [Replay; 5] =
    [Replay::Read, Replay::Idempotent, Replay::Keyed, Replay::Create, Replay::Money];

const RETRIES: [u32; 4] = [0, 1, 2, 5];

const STATUSES: [u16; 16] =
    [302, 400, 401, 403, 404, 408, 409, 418, 422, 425, 429, 500, 501, 502, 503, 504];

/// What a 2xx may hold instead of a record: nothing, no JSON, no success, no data.
const ODD: [(u16, &str); 12] = [
    (204, ""),
    (200, ""),
    (202, " "),
    (200, "{}"),
    (200, "[]"),
    (200, "<html>Welcome</html>"),
    (200, r#"{"success":true}"#),
    (200, r#"{"success":true,"data":null}"#),
    (200, r#"{"success":true,"data":{"other":1}}"#),
    (200, r#"{"success":"maybe","data":{"payment_id":"1","payee_id":"1"}}"#),
    (200, r#"{"error":"no"}"#),
    (200, r#"{"success":true,"data":{"payment_id":"1""#),
];

/// When callers give up, in microseconds: before, while and after the request leaves.
const CANCELLATIONS: [u64; 8] = [0, 50, 150, 300, 600, 1_000, 3_000, 10_000];

/// Every single fault for every class and retry setting; later attempts go through. Of the faults that strike at a byte,
/// every `stride`-th.
pub fn every_single_fault(stride: usize) -> Vec<Plan> {
    let mut faults = vec![Fault::None, Fault::Resolve, Fault::Refuse, Fault::TlsCertificate];
    for stop in [Stop::ConnectTimeout, Stop::Deadline] {
        faults.extend([Fault::NoConnection(stop), Fault::NoHandshake(stop)]);
    }
    faults.extend((0..10).step_by(stride).map(|_| Fault::HangUp));
    faults.extend((0..HANDSHAKE).step_by(stride).map(Fault::TlsCut));
    faults.extend((0..REQUEST).step_by(stride).map(Fault::RequestCut));
    faults.extend((0..RESPONSE).step_by(stride).map(Fault::ResponseCut));
    faults.extend((0..RESPONSE).step_by(30).map(Fault::ResponseStall));
    faults.extend([true, false].map(|acts| Fault::Silence { acts }));
    faults.extend(STATUSES.iter().map(|&status| Fault::Status { status, acts: acts_with(status) }));
    faults.extend([408, 500, 502, 503, 504].map(|status| Fault::Status { status, acts: true }));
    faults.extend([(200, true), (404, false)].map(|(status, acts)| Fault::Large { status, acts }));
    faults.extend([true, false].map(|acts| Fault::Large { status: 500, acts }));
    for (status, body) in ODD {
        faults.extend([true, false].map(|acts| Fault::Odd { status, body, acts }));
    }
    for location in ["/elsewhere", "ftp://127.0.0.1/", "http://127.0.0.1:1/"] {
        faults.extend([303, 307].map(|status| Fault::Redirect { status, location }));
    }
    faults.extend(Http2::every().into_iter().map(Fault::Http2));
    let mut plans = Vec::new();
    for replay in CLASSES {
        for max_retries in RETRIES {
            plans.extend(faults.iter().map(|&fault| Plan {
                replay,
                max_retries,
                faults: vec![fault],
                cancel: None,
            }));
            let struck = [
                Fault::None,
                Fault::Silence { acts: true },
                Fault::Silence { acts: false },
                Fault::Status { status: 429, acts: false },
                Fault::Status { status: 503, acts: true },
            ];
            for after in CANCELLATIONS {
                plans.extend(struck.map(|fault| Plan {
                    replay,
                    max_retries,
                    faults: vec![fault],
                    cancel: Some(Duration::from_micros(after)),
                }));
            }
        }
    }
    plans
}

/// A vendor that responds with a 4xx has not acted; only for 408 and 5xx nobody knows.
fn acts_with(status: u16) -> bool {
    status == 501
}

/// A call that is struck several times.
pub fn random(random: &mut fastrand::Rng) -> Plan {
    let pick = |random: &mut fastrand::Rng| match random.u8(0..20) {
        0..=3 => Fault::RequestCut(random.usize(0..REQUEST)),
        4..=8 => Fault::ResponseCut(random.usize(0..RESPONSE)),
        9..=12 => Fault::Status { status: 429, acts: false },
        13..=16 => {
            Fault::Status { status: one_of(random, [408, 500, 502, 503, 504]), acts: random.bool() }
        }
        17 => Fault::Status { status: one_of(random, [400, 404, 409, 422]), acts: false },
        18 => {
            let (status, body) = one_of(random, ODD);
            Fault::Odd { status, body, acts: random.bool() }
        }
        _ => Fault::None,
    };
    let over_http2 = Http2::every();
    let pick_http2 = |random: &mut fastrand::Rng| {
        let likely = [Http2::Unprocessed, Http2::GoAwayBelow { ends: true }];
        let fault = match random.u8(0..3) {
            0 => over_http2.get(random.usize(0..over_http2.len())).copied(),
            _ => Some(one_of(random, likely)),
        };
        Fault::Http2(fault.unwrap_or(Http2::None))
    };
    let is_http2 = random.u8(0..4) == 0;
    let pick = |random: &mut fastrand::Rng| {
        if is_http2 { pick_http2(random) } else { pick(random) }
    };
    let faults = (0..random.usize(1..7)).map(|_| pick(random)).collect();
    Plan {
        replay: CLASSES.get(random.usize(0..CLASSES.len())).copied().unwrap_or(Replay::Money),
        max_retries: one_of(random, RETRIES),
        faults,
        cancel: (random.u8(0..20) == 0).then(|| Duration::from_micros(random.u64(0..4_000))),
    }
}

/// One of a few values; the first stands in for none.
fn one_of<T: Copy + Default, const N: usize>(random: &mut fastrand::Rng, values: [T; N]) -> T {
    values.get(random.usize(0..N)).copied().unwrap_or_default()
}
