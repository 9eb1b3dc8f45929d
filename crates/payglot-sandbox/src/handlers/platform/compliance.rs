//! Identity checks of users, and checks of their businesses.

use std::collections::BTreeMap;

use jiff::civil::Date;
use uuid::Uuid;

use super::user;
use crate::basics::{JsonObject, object};
use crate::flow::{links, rates, rules};
use crate::model::{Decision, Kyb, Purpose, Task};
use crate::operation::{ApiError, Call, Payload};
use crate::state::Transaction;

const KYC_FIELDS: [&str; 14] = [
    "first_name",
    "last_name",
    "dob",
    "phone_no",
    "ssn",
    "address",
    "city",
    "state",
    "zip",
    "country",
    "id_type",
    "selfie",
    "id_front_img",
    "id_back_img",
];
const KYB_FIELDS: [&str; 20] = [
    "business_name",
    "dba",
    "business_phone",
    "business_email",
    "address",
    "city",
    "state",
    "zip",
    "country",
    "business_description",
    "business_id_type",
    "website",
    "mcc",
    "formation_date",
    "entity_type",
    "document_1",
    "document_2",
    "document_3",
    "document_4",
    "document_5",
];

pub(super) fn get_kyc(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    let kyc = tx.store.kyc.get(user_id).ok_or_else(|| ApiError::not_found("KYC record"))?;
    let read = with_fields(user_id, &KYC_FIELDS, &kyc.fields).with("kyc_status", &kyc.status);
    Ok(Payload::one(&read))
}

pub(super) fn get_inquiry(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    let approved = tx.store.kyc.get(user_id).is_some_and(|kyc| kyc.status == Decision::Approved);
    let url = (!approved).then(|| links::reuse(tx, Purpose::Identity { user_id }));
    Ok(Payload::one(&object! { "inquiry_url": url, "is_kyc_pending": !approved }))
}

pub(super) fn submit_kyb(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    let current = tx.store.kyb.get(user_id).map(|kyb| kyb.status);
    if matches!(current, Some(Decision::Pending | Decision::Approved)) {
        return Err(ApiError::conflict("The business was submitted already"));
    }
    for number in 1..=5 {
        rules::https(call, &format!("document_{number}"))?;
    }
    if !is_date(&call.text("formation_date")?) {
        let msg = "Input should be a date, MM-DD-YYYY or YYYY-MM-DD";
        return Err(ApiError::field("formation_date", "date_parsing", msg));
    }
    let fields = KYB_FIELDS
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), call.optional_string(name)?)));
    let mut fields: BTreeMap<_, _> = fields.collect();
    fields.insert("business_id_type".to_owned(), "EIN".to_owned());
    tx.store.kyb.put(user_id, Kyb { status: Decision::Pending, fields });
    tx.schedule(rates::BUSINESS_CHECK, Task::ApproveBusiness(user_id));
    read_kyb(tx, user_id)
}

pub(super) fn get_kyb(tx: &mut Transaction<'_>, call: &Call) -> Result<Payload, ApiError> {
    let user_id = user(tx, call)?;
    read_kyb(tx, user_id)
}

fn read_kyb(tx: &Transaction<'_>, user_id: Uuid) -> Result<Payload, ApiError> {
    let kyb = tx.store.kyb.get(user_id).ok_or_else(|| ApiError::not_found("KYB record"))?;
    let read = with_fields(user_id, &KYB_FIELDS, &kyb.fields).with("status", &kyb.status);
    Ok(Payload::one(&read))
}

fn with_fields(
    user_id: Uuid,
    names: &[&'static str],
    fields: &BTreeMap<String, String>,
) -> JsonObject {
    let mut read = object! { "user_id": user_id };
    for name in names {
        read.set(name, &fields.get(*name));
    }
    read
}

/// Upstream's pages ask for both.
fn is_date(text: &str) -> bool {
    let reads = |format| Date::strptime(format, text).is_ok();
    text.len() == "MM-DD-YYYY".len() && (reads("%m-%d-%Y") || reads("%Y-%m-%d"))
}
