//! What the integration tests share.

#![allow(dead_code, unused_imports)] // each test binary uses a part of it

pub mod http2;
mod judged;
mod recorder;
mod server;
pub mod wire;

pub use judged::{compare, verdict};
pub use recorder::Recorder;
pub use server::{ReceivedRequest, Server, Step};
