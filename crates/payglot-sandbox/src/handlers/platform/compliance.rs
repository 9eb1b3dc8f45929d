//! Who users are, and what their businesses are.

use std::collections::BTreeMap;

use jiff::civil::Date;
use uuid::Uuid;

use super::user;
use crate::answer::{Payload, Refusal};
use crate::app::Scene;
use crate::call::Call;
use crate::due::{self, Task};
use crate::flow::{links, rates, rules};
use crate::model::{Decision, Kyb, Purpose};
use crate::record::{Record, record};

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

pub(super) fn get_kyc(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let user_id = user(scene, call)?;
    let kyc = scene.store.kyc.get(user_id).ok_or_else(|| Refusal::not_found("KYC record"))?;
    let read = with_fields(user_id, &KYC_FIELDS, &kyc.fields).with("kyc_status", &kyc.status);
    Ok(Payload::one(&read))
}

pub(super) fn get_inquiry(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let user_id = user(scene, call)?;
    let approved = scene.store.kyc.get(user_id).is_some_and(|kyc| kyc.status == Decision::Approved);
    let url = (!approved).then(|| links::reuse(scene, Purpose::Identity { user_id }));
    Ok(Payload::one(&record! { "inquiry_url": url, "is_kyc_pending": !approved }))
}

pub(super) fn submit_kyb(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let user_id = user(scene, call)?;
    let current = scene.store.kyb.get(user_id).map(|kyb| kyb.status);
    if matches!(current, Some(Decision::Pending | Decision::Approved)) {
        return Err(Refusal::conflict("The business was submitted already"));
    }
    for number in 1..=5 {
        rules::https(call, &format!("document_{number}"))?;
    }
    if !is_date(&call.text("formation_date")?) {
        let msg = "Input should be a date, MM-DD-YYYY or YYYY-MM-DD";
        return Err(Refusal::field("formation_date", "date_parsing", msg));
    }
    let fields = KYB_FIELDS.iter().filter_map(|name| Some(((*name).to_owned(), call.kept(name)?)));
    let mut fields: BTreeMap<_, _> = fields.collect();
    fields.insert("business_id_type".to_owned(), "EIN".to_owned());
    scene.store.kyb.put(user_id, Kyb { status: Decision::Pending, fields });
    due::schedule(scene, rates::BUSINESS_CHECK, Task::ApproveBusiness(user_id));
    read_kyb(scene, user_id)
}

pub(super) fn get_kyb(scene: &mut Scene<'_>, call: &Call) -> Result<Payload, Refusal> {
    let user_id = user(scene, call)?;
    read_kyb(scene, user_id)
}

fn read_kyb(scene: &Scene<'_>, user_id: Uuid) -> Result<Payload, Refusal> {
    let kyb = scene.store.kyb.get(user_id).ok_or_else(|| Refusal::not_found("KYB record"))?;
    let read = with_fields(user_id, &KYB_FIELDS, &kyb.fields).with("status", &kyb.status);
    Ok(Payload::one(&read))
}

fn with_fields(user_id: Uuid, names: &[&'static str], fields: &BTreeMap<String, String>) -> Record {
    let mut read = record! { "user_id": user_id };
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
