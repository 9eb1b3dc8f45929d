//! The inbox: webhooks that are not lost. A delivery is stored before it is acknowledged, and handled afterwards, at least
//! once, by whatever process.
//!
//! `steps` (what may follow what), `claimed` (an event that is being handled), `queue` (what a receiver and a worker ask,
//! without types), `handlers` (the same with typed events and handlers). May use the rest of the crate; nothing of it uses this.

mod catch_up;
mod claimed;
mod handlers;
mod queue;
mod refresh;
mod steps;

pub use catch_up::CaughtUp;
pub use claimed::Claimed;
pub use handlers::Inbox;
pub use queue::{EventQueue, QueueOptions, Receipt, ReceiveError};
