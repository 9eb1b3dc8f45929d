//! The sandbox over real sockets, as its users meet it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::float_cmp,
    clippy::indexing_slicing,
    reason = "a test stops the moment something is not as it should be"
)]

mod access;
mod admin;
mod any_input;
mod auth;
mod banks;
mod cards;
mod checks_and_links;
mod clients;
mod compliance;
mod developer;
mod every_operation;
mod faults;
mod hosted;
mod interface;
mod limits;
mod linora;
mod many;
mod page;
mod payments;
mod random_operations;
mod requests;
mod secrets;
mod state;
mod strict;
mod support;
mod town;
mod webhooks;
