//! What the sandbox keeps: one data model for all providers.

mod banks;
mod issued;
mod links;
mod linora;
mod payees;
mod payments;
mod people;

pub(crate) use banks::{BankAccount, BankTransaction, RETURNED, Verification, is_returning};
pub(crate) use issued::{CheckoutToken, IssuedCard, Replayed};
pub(crate) use links::{LINK_MINUTES, Link, Purpose};
pub(crate) use linora::{CardActivity, LinoraCard, LinoraUser, Otp};
pub(crate) use payees::{Address, CheckAddress, CheckSettings, Payee, PayeeBank, PayeeCard};
pub(crate) use payments::{Kind, Payment, Status};
pub(crate) use people::{Api, Contact, Decision, Kyb, Kyc, User, Wallet};
