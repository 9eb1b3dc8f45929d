//! The functions that serve operations, by their type: the layer above has them and hands them to the routes.

use super::{ApiError, Call, Payload};
use crate::state::Transaction;

/// Serves one validated call.
pub(crate) type Handler = fn(&mut Transaction<'_>, &Call) -> Result<Payload, ApiError>;

/// One provider's handlers, by the operation's name.
pub(crate) type Handlers = &'static [(&'static str, Handler)];

/// Every provider's handlers, by the provider's name.
pub(crate) type HandlersByProvider = &'static [(&'static str, Handlers)];
