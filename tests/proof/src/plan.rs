//! Where a call is struck: one fault for each attempt that it makes.

use payglot::schema::Replay;

/// What befalls one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// None: the vendor acts and answers.
    None,
    /// The host has no address.
    Resolve,
    /// Nobody listens.
    Refuse,
    /// The TLS handshake breaks off after this many bytes of the client's.
    TlsCut(usize),
    /// The host shows a certificate that nobody signed.
    TlsCertificate,
    /// The connection breaks after this many bytes of the request.
    RequestCut(usize),
    /// The vendor acts, and the connection breaks after this many bytes of the answer.
    AnswerCut(usize),
    /// The vendor acts or does not, and answers with this status.
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
}

impl Fault {
    /// Whether it strikes before the request is on its way: the client's whole host is then like that.
    pub fn is_of_the_host(self) -> bool {
        matches!(self, Self::Resolve | Self::Refuse | Self::TlsCut(_) | Self::TlsCertificate)
    }
}

/// Longest request and answer whose every boundary is struck, in bytes.
pub const REQUEST: usize = 620;
/// See [`REQUEST`].
pub const ANSWER: usize = 150;
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
}

/// Every class of operations.
pub const CLASSES: [Replay; 5] =
    [Replay::Read, Replay::Idempotent, Replay::Keyed, Replay::Create, Replay::Money];

const RETRIES: [u32; 4] = [0, 1, 2, 5];

const STATUSES: [u16; 16] =
    [302, 400, 401, 403, 404, 408, 409, 418, 422, 425, 429, 500, 501, 502, 503, 504];

/// Every single fault for every class and retry setting; later attempts go through.
pub fn every_single_fault() -> Vec<Plan> {
    let mut faults = vec![Fault::None, Fault::Resolve, Fault::Refuse, Fault::TlsCertificate];
    faults.extend((0..HANDSHAKE).map(Fault::TlsCut));
    faults.extend((0..REQUEST).map(Fault::RequestCut));
    faults.extend((0..ANSWER).map(Fault::AnswerCut));
    faults.extend([true, false].map(|acts| Fault::Silence { acts }));
    faults.extend(STATUSES.iter().map(|&status| Fault::Status { status, acts: acts_with(status) }));
    faults.extend([408, 500, 502, 503, 504].map(|status| Fault::Status { status, acts: true }));
    let mut plans = Vec::new();
    for replay in CLASSES {
        for max_retries in RETRIES {
            plans.extend(faults.iter().map(|&fault| Plan {
                replay,
                max_retries,
                faults: vec![fault],
            }));
        }
    }
    plans
}

/// A vendor that answers with a 4xx has not acted; only for 408 and 5xx nobody knows.
fn acts_with(status: u16) -> bool {
    status == 501
}

/// A call that is struck several times.
pub fn random(random: &mut fastrand::Rng) -> Plan {
    let pick = |random: &mut fastrand::Rng| match random.u8(0..20) {
        0..=3 => Fault::RequestCut(random.usize(0..REQUEST)),
        4..=8 => Fault::AnswerCut(random.usize(0..ANSWER)),
        9..=12 => Fault::Status { status: 429, acts: false },
        13..=16 => {
            Fault::Status { status: one_of(random, [408, 500, 502, 503, 504]), acts: random.bool() }
        }
        17 => Fault::Status { status: one_of(random, [400, 404, 409, 422]), acts: false },
        _ => Fault::None,
    };
    let faults = (0..random.usize(1..7)).map(|_| pick(random)).collect();
    Plan {
        replay: CLASSES.get(random.usize(0..CLASSES.len())).copied().unwrap_or(Replay::Money),
        max_retries: one_of(random, RETRIES),
        faults,
    }
}

/// One of a few values; the first stands in for none.
fn one_of<T: Copy + Default, const N: usize>(random: &mut fastrand::Rng, values: [T; N]) -> T {
    values.get(random.usize(0..N)).copied().unwrap_or_default()
}
