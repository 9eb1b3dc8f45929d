//! Mailed checks: where they come from, what is printed on them, and the mailing itself.

use super::{user, views};
use crate::basics::object;
use crate::flow::{payees, payments, rates, rules, wallets};
use crate::model::{Account, Api, CheckAddress, Kind};
use crate::operation::{ApiError, Call, Payload};
use crate::state::Transaction;

pub(super) fn add_address(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    if tx.store.check_addresses.has(user_id) {
        return Err(ApiError::conflict("The user has a check address: update it"));
    }
    let address = CheckAddress {
        id: tx.random.uuid(),
        name: call.optional_string("name"),
        line_1: call.text("address_line_1")?,
        line_2: call.optional_string("address_line_2"),
        city: call.text("city")?,
        state: call.text("state")?,
        zipcode: call.text("zipcode")?,
        country: call.text("country")?,
        created_at: tx.now,
        updated_at: None,
    };
    tx.store.check_addresses.put(user_id, address.clone());
    Ok(Payload::one(&views::check_address(&address)))
}

pub(super) fn update_address(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    let now = tx.now;
    let address = tx.store.check_addresses.get_mut(user_id);
    let address = address.ok_or_else(|| ApiError::not_found("Check address"))?;
    let changes = [
        ("address_line_1", &mut address.line_1),
        ("city", &mut address.city),
        ("state", &mut address.state),
        ("zipcode", &mut address.zipcode),
        ("country", &mut address.country),
    ];
    for (name, value) in changes {
        if let Some(text) = call.optional_string(name) {
            *value = text;
        }
    }
    for (name, value) in [("name", &mut address.name), ("address_line_2", &mut address.line_2)] {
        if call.body.contains_key(name) {
            *value = call.optional_string(name);
        }
    }
    address.updated_at = Some(now);
    Ok(Payload::one(&views::check_address(address)))
}

pub(super) fn update_config(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    let (logo, signature) = (rules::https(call, "logo_url")?, rules::https(call, "signature_url")?);
    let mut settings = tx.store.check_settings.get(user_id).cloned().unwrap_or_default();
    if call.flag("set_default_logo") {
        settings.logo = None;
    } else if logo.is_some() {
        settings.logo = logo;
    }
    if signature.is_some() {
        settings.signature = signature;
    }
    let read = object! { "logo": settings.logo, "signature": settings.signature };
    tx.store.check_settings.put(user_id, settings);
    Ok(Payload::one(&read))
}

/// Amount and postage leave the wallet at once; the check is on its way as long as its mail type says.
pub(super) fn mail(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    let amount = call.money("amount")?;
    let payee = payees::named(tx, user_id, call)?;
    payees::named_address(tx, &payee, call, "payee_address_id")?;
    let attachment_url = rules::https(call, "attachment_url")?;
    if !tx.store.check_addresses.has(user_id) {
        return Err(ApiError::bad_request("The user has no check address"));
    }
    let wallet = wallets::of(tx, user_id);
    let legs = (wallet.available(), Account::OUTSIDE);
    let mut payment = payments::new(tx, Api::Platform, Kind::Check, amount, legs);
    let (postage, duration) = rates::mail(call.optional("mail_type").unwrap_or_default());
    payment.payer = Some(user_id);
    payment.payer_name = tx.store.users.get(user_id).map(|user| user.name.clone());
    payment.payee_id = Some(payee.id);
    payment.payee_name = Some(payee.name);
    payment.delivery_fee = postage;
    payment.invoice_no = call.optional_string("invoice_no");
    payment.description = call.optional_string("description");
    payment.payment_method = Some("WALLET".to_owned());
    payment.receiving_method = Some("CHECK_MAIL".to_owned());
    payment.attachment_url = attachment_url;
    let payment = payments::begin(tx, payment, duration, None);
    Ok(Payload::one(&views::payment(&payment)))
}
