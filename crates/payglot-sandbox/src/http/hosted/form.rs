//! The card form: its fields, and how what a person typed becomes a card.

use jiff::Timestamp;
use serde::Serialize;

use super::card_values::{Expiry, brand, digits, is_country, is_cvv, passes_luhn, read_expiry};
use crate::model::CardDetails;

/// A field of the form, as the page shows it and the check reads it.
#[derive(Clone, Copy, Serialize)]
pub(super) struct FormField {
    pub name: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    /// What browsers fill in.
    pub autocomplete: &'static str,
    /// Which keyboard a phone shows.
    pub inputmode: &'static str,
    /// Test data.
    pub sample: &'static str,
    /// Takes half a row.
    pub half: bool,
    pub optional: bool,
    /// Never shown again once it was sent.
    pub confidential: bool,
}

pub(super) const FIELD: FormField = FormField {
    name: "",
    label: "",
    hint: "",
    autocomplete: "",
    inputmode: "text",
    sample: "",
    half: false,
    optional: false,
    confidential: false,
};

/// Where somebody lives: fields of more than one page.
pub(super) const ADDRESS: FormField = FormField {
    name: "address",
    label: "Address",
    autocomplete: "address-line1",
    sample: "1 Main St",
    ..FIELD
};
pub(super) const CITY: FormField = FormField {
    name: "city",
    label: "City",
    autocomplete: "address-level2",
    sample: "Austin",
    half: true,
    ..FIELD
};
pub(super) const STATE: FormField = FormField {
    name: "state",
    label: "State or region",
    autocomplete: "address-level1",
    sample: "TX",
    half: true,
    optional: true,
    ..FIELD
};
pub(super) const POSTAL_CODE: FormField = FormField {
    name: "postal_code",
    label: "Postal code",
    autocomplete: "postal-code",
    sample: "78701",
    half: true,
    ..FIELD
};
pub(super) const COUNTRY: FormField = FormField {
    name: "country",
    label: "Country",
    autocomplete: "country",
    sample: "US",
    half: true,
    ..FIELD
};

pub(super) static FIELDS: [FormField; 9] = [
    FormField {
        name: "cardholder_name",
        label: "Name on card",
        autocomplete: "cc-name",
        sample: "Ada Lovelace",
        ..FIELD
    },
    FormField {
        name: "card_number",
        label: "Card number",
        autocomplete: "cc-number",
        sample: "4242 4242 4242 4242",
        inputmode: "numeric",
        confidential: true,
        ..FIELD
    },
    FormField {
        name: "expiry",
        label: "Expiry date",
        hint: "MM/YY, for example 08/35",
        autocomplete: "cc-exp",
        sample: "12/39",
        inputmode: "numeric",
        half: true,
        ..FIELD
    },
    FormField {
        name: "cvv",
        label: "CVV",
        hint: "3 or 4 digits",
        autocomplete: "cc-csc",
        sample: "737",
        inputmode: "numeric",
        half: true,
        confidential: true,
        ..FIELD
    },
    ADDRESS,
    FormField { optional: true, ..CITY },
    STATE,
    POSTAL_CODE,
    FormField { hint: "Two letters, for example US", ..COUNTRY },
];

/// Longest text of any field.
const LONGEST: usize = 120;

/// What a person typed. It has no `Debug`: it holds a card number.
pub(super) struct Typed {
    fields: Vec<(String, String)>,
    /// Whether it is test data, all of which may be shown.
    pub is_sample: bool,
}

/// An error of one field: its name and the message.
pub(super) type FieldError = (&'static str, String);

/// A valid form.
pub(super) struct Entered {
    /// Digits only.
    pub number: String,
    pub details: CardDetails,
}

impl Typed {
    pub fn parse(body: &[u8]) -> Self {
        Self { fields: form_urlencoded::parse(body).into_owned().collect(), is_sample: false }
    }

    pub fn empty() -> Self {
        Self { fields: Vec::new(), is_sample: false }
    }

    /// Test data for these fields.
    pub fn sample(fields: &[FormField]) -> Self {
        let fields = fields.iter().map(|field| (field.name.to_owned(), field.sample.to_owned()));
        Self { fields: fields.collect(), is_sample: true }
    }

    /// The text of a field, without the space around it.
    pub fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, text)| text.trim())
    }

    /// The card, or the errors of all fields.
    pub fn check(&self, now: Timestamp) -> Result<Entered, Vec<FieldError>> {
        let number = digits(self.get("card_number"));
        let expiry = read_expiry(self.get("expiry"));
        let mut errors = Vec::new();
        for field in &FIELDS {
            let text = self.get(field.name);
            let error = match field.name {
                _ if text.is_empty() && field.optional => None,
                _ if text.is_empty() => Some(format!("{} is missing", field.label)),
                _ if text.chars().count() > LONGEST => Some(format!("{} is too long", field.label)),
                "card_number" => error_unless(
                    passes_luhn(&number),
                    "This is not a card number: check its digits",
                ),
                "expiry" => match expiry {
                    None => error_unless(false, "Enter the expiry date as MM/YY"),
                    Some(expiry) => error_unless(!expiry.is_past(now), "This card has expired"),
                },
                "cvv" => error_unless(is_cvv(text), "The CVV has 3 or 4 digits"),
                "country" => error_unless(
                    is_country(text),
                    "Enter the country as two letters, for example US",
                ),
                _ => None,
            };
            errors.extend(error.map(|error| (field.name, error)));
        }
        match expiry {
            Some(expiry) if errors.is_empty() => {
                Ok(Entered { details: self.details(&number, expiry), number })
            }
            _ => Err(errors),
        }
    }

    fn details(&self, number: &str, expiry: Expiry) -> CardDetails {
        let optional = |name| Some(self.get(name).to_owned()).filter(|text| !text.is_empty());
        let holder = self.get("cardholder_name");
        let (first_name, last_name) =
            holder.rsplit_once(char::is_whitespace).unwrap_or((holder, ""));
        let last_four = number.get(number.len().saturating_sub(4)..).unwrap_or_default();
        CardDetails {
            brand: brand(number).to_owned(),
            last_four: last_four.to_owned(),
            expiry: format!("{:02}/{}", expiry.month, expiry.year),
            first_name: first_name.trim_end().to_owned(),
            last_name: last_name.to_owned(),
            address: self.get("address").to_owned(),
            city: optional("city"),
            state: optional("state"),
            postal_code: self.get("postal_code").to_owned(),
            country: self.get("country").to_ascii_uppercase(),
        }
    }
}

fn error_unless(fine: bool, error: &str) -> Option<String> {
    (!fine).then(|| error.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_four_digits_reach_the_card() {
        let body =
            b"cardholder_name=+Ada+M+Lovelace+&card_number=4242+4242-42424242&expiry=0199&cvv=123\
            &address=1+Main+St&postal_code=94105&country=us&state=CA";
        let Ok(entered) = Typed::parse(body).check(Timestamp::UNIX_EPOCH) else { panic!() };
        assert_eq!(entered.number, "4242424242424242");
        let details = entered.details;
        assert_eq!((details.brand.as_str(), details.last_four.as_str()), ("Visa", "4242"));
        assert_eq!(details.expiry, "01/2099");
        assert_eq!(
            (details.first_name.as_str(), details.last_name.as_str()),
            ("Ada M", "Lovelace")
        );
        assert_eq!((details.city, details.state.as_deref()), (None, Some("CA")));
        assert_eq!(details.country, "US");
    }
}
