//! What the second witness has to say of: payglot's providers, and those of `tests/providers`, whose documents have
//! every construct that the generator takes. The test is in `tests/second_witness.rs`.

// Formatted by the generator. Its docs are the documents' prose, which knows no backticks.
#[rustfmt::skip]
#[allow(clippy::doc_markdown)]
mod generated;

pub use generated::*;
pub use payglot::{linora, paywint_developer, paywint_platform};
