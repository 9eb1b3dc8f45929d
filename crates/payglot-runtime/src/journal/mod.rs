//! What remembers intents beyond one process, as a client sees it: asked before the first byte of a call leaves, and told
//! what became of it.
//!
//! May use the layers above; knows nothing of files, databases or clients. A client without a journal never comes here.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use http::{HeaderName, HeaderValue};
use rust_decimal::Decimal;

use crate::error::Error;
pub use crate::request::Spend;
pub use crate::response::RecordedResponse;
use crate::schema::Replay;

mod tag;

pub use tag::reference;
pub(crate) use tag::{hash, tagged};

/// Most characters of an intent's name.
pub const MAX_INTENT: usize = 255;

/// A call that is about to be sent under an intent.
///
/// The intent is told apart by provider, account, operation and name. `method`, `target`, `headers` and `body` are what the
/// caller means: a journal keeps a keyed hash of them and never the text, which may hold what nobody may see.
#[derive(Clone, Copy)]
pub struct IntentCall<'a> {
    /// The caller's name for it, checked: 1 to [`MAX_INTENT`] printable characters.
    pub name: &'a str,
    /// Name of the provider.
    pub provider: &'static str,
    /// The credentials that are no secrets, such as a platform's id; empty where all are secrets.
    pub account: &'a str,
    /// Name of the operation.
    pub operation: &'static str,
    /// Whether the call may be sent again once it may have arrived.
    pub replay: Replay,
    /// HTTP method.
    pub method: &'a str,
    /// Path and query.
    pub target: &'a str,
    /// Headers that are arguments of the call.
    pub headers: &'a [(HeaderName, HeaderValue)],
    /// The body, before the intent's reference is put into it: with a tag or without, it is the same intent.
    pub body: &'a [u8],
    /// What a look-up of what became of it needs, as JSON: values of the call that are not sensitive. `None` where the
    /// document gives no way.
    pub lookup: Option<&'a str>,
    /// How much money it moves, and to whom; `None` where it moves none, or its operation is not known.
    pub spend: Option<&'a Spend>,
    /// What it may spend together with others, beside what a guard says.
    pub budget: Option<&'a Budget>,
    /// Time for the call with all its attempts: also for waiting until another owner of the intent has ended.
    pub timeout: Duration,
}

/// An amount that several calls share: those of one provider and account whose intents' names begin alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// What the names begin with.
    pub prefix: String,
    /// Most US dollars for all of them; `None` only counts, so that a limit that is set later holds for what was spent before.
    pub at_most: Option<Decimal>,
}

/// Shows no target and no body.
impl fmt::Debug for IntentCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntentCall")
            .field("name", &self.name)
            .field("operation", &self.operation)
            .finish_non_exhaustive()
    }
}

/// What the journal says to a call.
pub enum Begin {
    /// It may be sent: that it is, is written where a crash cannot lose it.
    Send(Box<dyn Lease>),
    /// It was made before, and this is what came of it. Nothing is sent.
    Replay(RecordedResponse),
}

/// Why a call under an intent must not be sent.
#[derive(Debug)]
pub enum Obstacle {
    /// The intent was used with other arguments.
    Mismatch,
    /// Another owner has the intent, and did not end within the time for the call.
    InProgress,
    /// It was sent before, and nobody knows what became of it.
    Unknown,
    /// A guard does not allow it: the name of its rule, and what it says in words that follow "the guard".
    GuardRefused(&'static str, Cow<'static, str>),
    /// A guard wants another person to approve it first.
    ApprovalNeeded,
    /// The journal could not be read or written; in words that follow "the journal", with the way out.
    Unusable(Cow<'static, str>, Option<Box<dyn std::error::Error + Send + Sync>>),
}

/// How a call under an intent ended.
#[derive(Debug, Clone)]
pub enum Ended {
    /// With a response, less what must not be written.
    Succeeded(RecordedResponse),
    /// The vendor clearly refused it: it did not happen.
    Rejected {
        /// HTTP status.
        status: u16,
        /// Identifier of the request, where the vendor sends one.
        request_id: Option<String>,
    },
    /// It provably never reached the vendor.
    NotSent,
    /// Nobody knows.
    Unknown {
        /// HTTP status, where there was a response.
        status: Option<u16>,
        /// Identifier of the request, where the vendor sends one.
        request_id: Option<String>,
    },
}

/// The right to send a call once. One that is dropped before [`Lease::end`] leaves an intent whose outcome is unknown.
pub trait Lease: Send {
    /// Writes down how the call ended. What goes wrong then is logged and hides no response.
    fn end(self: Box<Self>, ended: Ended) -> BoxFuture<'static, ()>;
}

/// Remembers intents, in a file or a database.
pub trait Journal: Any + Send + Sync + 'static {
    /// Asks whether a call may be sent, and writes down that it is being sent. Waits, within the time for the call,
    /// for another owner of the intent.
    fn begin<'a>(&'a self, call: IntentCall<'a>) -> BoxFuture<'a, Result<Begin, Obstacle>>;

    /// Whether a call that moves money needs an intent, whatever its client says: a guard counts nothing else.
    fn requires_intent(&self) -> bool {
        false
    }
}

/// Any journal, shared by the clones of a client and by several clients.
#[derive(Clone)]
pub struct SharedJournal(Arc<dyn Journal>);

impl SharedJournal {
    /// Shares a journal.
    pub fn new(journal: impl Journal) -> Self {
        Self(Arc::new(journal))
    }

    /// The journal itself, where it is of this type: for what it can do beside remembering calls.
    pub fn get<J: Journal>(&self) -> Option<&J> {
        let any: &dyn Any = &*self.0;
        any.downcast_ref()
    }

    pub(crate) fn requires_intent(&self) -> bool {
        self.0.requires_intent()
    }

    pub(crate) async fn begin(&self, call: IntentCall<'_>) -> Result<Begin, Obstacle> {
        self.0.begin(call).await
    }
}

impl fmt::Debug for SharedJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedJournal").finish_non_exhaustive()
    }
}

/// Checks an intent's name.
pub fn check_name(name: &str) -> Result<(), Error> {
    let is_printable = |c: char| c == ' ' || !(c.is_control() || c.is_whitespace());
    let length = name.chars().count();
    if length == 0 || length > MAX_INTENT || !name.chars().all(is_printable) {
        let problem = format!("must be 1 to {MAX_INTENT} printable characters");
        return Err(Error::invalid_request("intent", problem));
    }
    Ok(())
}
