//! The sandbox over real sockets, as its users meet it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops the moment something is not as it should be"
)]

mod admin;
mod auth;
mod cards;
mod hosted;
mod requests;
mod support;
