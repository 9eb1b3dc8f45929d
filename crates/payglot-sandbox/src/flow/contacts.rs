//! Contacts: an e-mail address, or a phone number with its dialling code.

use crate::model::{Api, Contact, User};
use crate::operation::{ApiError, Call};
use crate::state::Transaction;

/// The contact in a body.
pub(crate) fn read(call: &Call) -> Result<Contact, ApiError> {
    let given = |name| call.optional_string(name).filter(|text| !text.trim().is_empty());
    let contact = Contact {
        email: call.optional_string("email"),
        phone_country_code: given("phone_country_code"),
        phone: given("phone"),
    };
    if contact.email.as_deref().is_some_and(|email| !is_email(email)) {
        let msg = "value is not a valid email address";
        return Err(ApiError::field("email", "value_error", msg));
    }
    let has_phone = contact.phone.is_some() && contact.phone_country_code.is_some();
    if contact.email.is_some() || has_phone {
        return Ok(contact);
    }
    let msg = "Give an email, or a phone with its phone_country_code";
    Err(ApiError::field("email", "value_error", msg))
}

/// Whether it can be an e-mail address: a name, one `@`, a host.
pub(crate) fn is_email(text: &str) -> bool {
    let mut parts = text.split('@');
    let (Some(name), Some(host), None) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    !name.is_empty() && !host.is_empty() && !text.chars().any(char::is_whitespace)
}

/// The platform's user with this contact.
pub(crate) fn user<'a>(tx: &'a Transaction<'_>, contact: &Contact) -> Option<&'a User> {
    let mut users = tx.store.users.values();
    users.find(|user| user.api == Api::Platform && user.contact.meets(contact))
}
