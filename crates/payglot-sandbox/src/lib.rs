//! A local server that stands in for the payment APIs payglot speaks, so that an integration can be built and
//! tested without an account.
//!
//! ```no_run
//! # async fn example() -> Result<(), payglot_sandbox::Error> {
//! let sandbox = payglot_sandbox::Sandbox::start().await?;
//! let base_url = sandbox.base_url();
//! let platform_id = &sandbox.credentials().platform_id;
//! let secret_key = sandbox.credentials().secret_key.expose();
//! # let _ = (base_url, platform_id, secret_key);
//! # Ok(())
//! # }
//! ```
//!
//! Routes, authentication and validation come from the tables in [`payglot::schema`]; only what an operation
//! does is written here, one function each. State is in memory, or in a file that survives whatever happens to
//! the process ([`Builder::state`]). Time is the machine's, moved by [`Clock::advance`].
//!
//! # The interface for tests
//!
//! JSON under `/_sandbox/api/`, without authentication:
//!
//! | call | what it does |
//! | --- | --- |
//! | `GET info` | addresses, ids that exist from the start, operations |
//! | `GET requests` | the last requests and why they were refused |
//! | `POST clock/advance` `{"seconds"}` | moves time; what is due happens |
//! | `POST wallets/{id}/fund` `{"amount"}` | fills a wallet at once: the id is a user of any API or a Paywint account |
//! | `POST payments/{id}/pay` `{"payer_name"?}` | pays a payment link as its page does |
//! | `POST kyc/{user_id}`, `POST kyb/{user_id}` `{"status"}` | `pending`, `approved` or `rejected` |
//! | `POST payees/{id}/cards` `{"last_four"?, "expiry"?, "nick_name"?}` | adds a payee's card |
//! | `POST linora/cards/{id}/spend` `{"amount"}` | pays a shop, or is declined |
//! | `GET ledger` | whether the books balance |
//! | `GET snapshot`, `POST restore` | the whole state as JSON, credentials not included, and back |
//! | `POST reset` | back to the start |
//! | `GET`, `POST`, `DELETE faults` | faults that are still to happen |
//!
//! A fault is `{"operation": "paywint-platform/payments.create", "kind": "status", "status": 429, "retry_after": 2,
//! "times": 1}`. The operation may be `provider/*` or `*`, times may be null for all calls. Kinds: `refuse` (the
//! connection ends), `reset_before`, `status` (nothing was done), `reset_after_commit`, `truncate` (everything was
//! done), `delay` (with `delay_ms`).
//!
//! # The sandbox's own choices
//!
//! `GET /_sandbox/openapi/{provider}.json` is the document of what is served: upstream's with its overlay, and
//! the choices below as far as a schema can say them.
//!
//! Upstream documents little besides requests and the answers to calls that go well. The rest is chosen here:
//!
//! - **Errors**: Paywint's 400, 401, 404, 405, 409, 500 and 501 are `{"detail": "…"}`; Linora's are
//!   `{"error": "…", "message": "…"}`, with 400 where Paywint has 422. Ids that nothing has are 404. What does
//!   not go together with what is there is 409: a user with the same email or phone, a Paywint account with the
//!   same nickname, a business submitted again, a verified bank account verified again, a second check
//!   address, a Paywint account deleted with money on it, an `Idempotency-Key` with another body (keys live 24
//!   hours). Unknown fields of a body are ignored.
//! - **Failed payments are data**: what money or instruments refuse (too little money, a card that must be
//!   completed or is limited, a payee without a Paywint account) is an answer with status `failed` and its
//!   reason; issuing and loading Paywint cards has no such field and answers 400. Using a bank account that is
//!   not verified is 400.
//! - **Time**: cards take 36 hours, bank transfers 84, micro-deposits 36, the check of a business 24, mailed
//!   checks one to five days by mail type, Paywint cards one minute; wallets, Paywint accounts, RTP and `FedNow`
//!   nothing. Account numbers that end in 9995 send transfers back when they should arrive.
//! - **Fees**: paying by card 2.9 %; delivery by ACH 0.50, to cards and by RTP or `FedNow` 1.00; checks 1.50 to
//!   25.00 by mail type. Fees come on top of the amount. Linora cards: 2 % at issue and 0.50 per load, balance
//!   5 to 500.
//! - **Statuses**: payments are `pending`, `opened`, `processing`, `success`, `failed` or `expired`;
//!   withdrawals say `pending` for `processing`; KYC and KYB are `pending`, `approved` or `rejected`; bank
//!   accounts `not_applied`, `applied` or `verified`.
//! - **Limits**: five addresses per payee (Platform API), five Paywint accounts per user, amounts to ten
//!   thousand million with at most two decimals.
//! - **Payees** who share an email or phone with a user of the platform are paid into that user's wallet or
//!   newest Paywint account; others are paid outside. Micro-deposits go out by themselves, and their
//!   verification finds the account and the amounts under any field names.
//! - **Lists** are newest first for payments, transactions and bank accounts, else in the order of adding.
//!   Payments received are those under way or done.
//! - The hosted pages, the test card numbers, 15 minutes for checkout tokens, 5 for one-time passwords, the
//!   gift card products and the prices of currencies; that an update link also clears
//!   `compliance_check_required`.

mod admin;
mod answer;
mod app;
mod auth;
mod call;
mod card;
mod clock;
mod connection;
mod credentials;
mod developer;
mod documents;
mod due;
mod error;
mod faults;
mod flow;
mod generated;
mod handlers;
mod hosted;
mod html;
mod idempotency;
mod identity;
mod ledger;
mod linora;
mod log;
mod model;
mod money;
mod page;
mod platform;
mod providers;
mod random;
mod record;
mod routes;
mod sandbox;
mod seed;
mod serve;
mod snapshot;
mod state;
mod store;
mod table;
mod validate;
mod webhooks;

pub use auth::EmptyBody;
pub use clock::Clock;
pub use credentials::{Credentials, Secret};
pub use error::Error;
pub use sandbox::{Builder, Sandbox};
pub use webhooks::{Registered, Webhook};
