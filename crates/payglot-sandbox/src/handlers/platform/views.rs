//! Objects as the Platform API shows them: every documented field, null where there is nothing.

use crate::basics::{JsonObject, object};
use crate::flow::payees;
use crate::model::{Address, BankAccount, BankTransaction, CheckAddress, Payment, Status, User};
use crate::state::Transaction;

pub(super) fn user(user: &User) -> JsonObject {
    object! {
        "user_id": user.id,
        "name": user.name,
        "email": user.contact.email,
        "phone_country_code": user.contact.phone_country_code,
        "phone": user.contact.phone,
        "created_at": user.created_at,
    }
}

pub(super) fn payment(payment: &Payment) -> JsonObject {
    object! {
        "payment_id": payment.id,
        "transaction_id": payment.number,
        "payer_id": payment.payer,
        "payee_id": payment.payee_id,
        "amount": payment.amount,
        "processing_fee": payment.processing_fee,
        "delivery_fee": payment.delivery_fee,
        "invoice_no": payment.invoice_no,
        "currency": "USD",
        "description": payment.description,
        "payment_method": payment.payment_method,
        "receiving_method": payment.receiving_method,
        "created_at": payment.created_at,
        "payment_date": payment.paid_at,
        "status": payment.status,
        "card_id": payment.card_id,
        "bank_id": payment.bank_id,
        "payee_card_id": payment.payee_card_id,
        "payee_bank_id": payment.payee_bank_id,
        "failure_reason": payment.failure_reason,
        "attachment_url": payment.attachment_url,
    }
}

/// How the pages on withdrawals name the status of what is under way.
pub(super) fn withdrawal_status(payment: &Payment) -> Status {
    if payment.status == Status::Processing { Status::Pending } else { payment.status }
}

pub(super) fn bank(tx: &Transaction<'_>, bank: &BankAccount) -> JsonObject {
    let balance = bank.is_paywint().then(|| tx.store.ledger.balance(bank.account()));
    object! {
        "id": bank.id,
        "bank_nick_name": bank.nick_name,
        "account_number": bank.last_four,
        "account_balance": balance,
        "routing_number": bank.routing_number,
        "account_type": bank.account_type,
        "bank_name": bank.bank_name,
        "account_holder_name": bank.holder,
        "verification_status": bank.verification,
        "verification_type": "MD",
        "is_verified": bank.is_verified(),
        "is_default": bank.is_default,
        "created_at": bank.created_at,
    }
}

pub(super) fn bank_transaction(transaction: &BankTransaction) -> JsonObject {
    object! {
        "id": transaction.id,
        "pw_bank_id": transaction.bank_id,
        "payment_id": transaction.payment_id,
        "description": transaction.description,
        "payer_payee": transaction.other_party,
        "is_internal_payment": transaction.is_internal,
        "is_credit": transaction.is_credit,
        "amount": transaction.amount,
        "transaction_date": transaction.date,
    }
}

pub(super) fn address(address: &Address) -> JsonObject {
    object! {
        "address_id": address.id,
        "name": payees::full_name(address),
        "address_line_1": address.line_1,
        "address_line_2": address.line_2,
        "company_name": address.company,
        "city": address.city,
        "state": address.state,
        "zipcode": address.zipcode,
        "country": address.country,
        "created_at": address.created_at,
        "updated_at": address.updated_at,
    }
}

pub(super) fn check_address(address: &CheckAddress) -> JsonObject {
    object! {
        "address_id": address.id,
        "address_line_1": address.line_1,
        "address_line_2": address.line_2,
        "name": address.name,
        "city": address.city,
        "state": address.state,
        "zipcode": address.zipcode,
        "country": address.country,
        "created_at": address.created_at,
        "updated_at": address.updated_at,
    }
}
