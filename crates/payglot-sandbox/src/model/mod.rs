//! What the sandbox stores: one data model for all providers.
//!
//! May use [`crate::basics`]. Must not know how rows are stored, nor requests.

mod account;
mod banks;
mod card;
mod endpoint;
mod issued;
mod jobs;
mod links;
mod linora;
mod payees;
mod payments;
mod people;
mod webhooks;

pub(crate) use account::{Account, Entry};
pub(crate) use banks::{BankAccount, BankTransaction, RETURNED, Verification, is_returning};
pub(crate) use card::{Card, CardDetails, Flag};
pub(crate) use endpoint::Endpoint;
pub use endpoint::{Registered, Webhook};
pub(crate) use issued::{CheckoutToken, IssuedCard, Replayed};
pub(crate) use jobs::{Job, Task};
pub(crate) use links::{HOSTED_PREFIX, LINK_MINUTES, Link, Purpose};
pub(crate) use linora::{CardActivity, LinoraCard, LinoraUser, Otp};
pub(crate) use payees::{Address, CheckAddress, CheckSettings, Payee, PayeeBank, PayeeCard};
pub(crate) use payments::{Kind, Payment, Status};
pub(crate) use people::{Api, Contact, Decision, Kyb, Kyc, User, Wallet};
pub(crate) use webhooks::{Attempt, Delivery, DeliveryState, Event, Outgoing, WEBHOOK_AGENT};
