//! Types of values: objects with fields, enums, scalars.

use serde::{Deserialize, Serialize};

/// An object model.
#[derive(Debug, Clone, Serialize)]
pub struct Schema {
    /// Position in [`Provider::schemas`].
    pub index: usize,
    /// Name in the document.
    pub document_name: String,
    /// `PlatformCardRead`: the name in every language.
    pub pascal: String,
    /// `PLATFORM_CARD_READ`
    pub upper: String,
    /// What it is; may be empty.
    pub description: String,
    /// Fields in the order of the document.
    pub fields: Vec<Field>,
    /// Whether requests may have other fields.
    pub open: bool,
    /// Whether a request uses it.
    pub in_requests: bool,
    /// Whether a response or an event uses it.
    pub in_responses: bool,
    /// Whether events use it and operations do not.
    pub only_in_events: bool,
    /// Values computed from its fields.
    pub helpers: Vec<Helper>,
    /// What its status says, where the overlay tells.
    pub outcome: Option<Outcome>,
    /// Whether upstream's name for the model is a guess or its fields are not confirmed; may be empty.
    pub unconfirmed: String,
}

impl Schema {
    /// The fields that a request can have.
    pub fn sent(&self) -> impl Iterator<Item = &Field> + Clone {
        self.fields.iter().filter(|field| !field.read_only)
    }

    /// The fields that a response can have, with their positions.
    pub fn received(&self) -> impl Iterator<Item = (usize, &Field)> + Clone {
        self.fields.iter().enumerate().filter(|(_, field)| !field.write_only)
    }
}

/// A field or a parameter.
#[derive(Debug, Clone, Serialize)]
pub struct Field {
    /// Name on the wire.
    pub wire: String,
    /// `card_id`: the name in Rust and Python, never a word that a language reserves.
    pub snake: String,
    /// Other spellings that are read.
    pub aliases: Vec<String>,
    /// What it holds.
    pub ty: Type,
    /// Whether a request must have it.
    pub required: bool,
    /// Whether null is allowed.
    pub nullable: bool,
    /// Whether its value must never be shown.
    pub sensitive: bool,
    /// Whether the vendor alone sets it, so that no request has it.
    pub read_only: bool,
    /// Whether the caller alone sets it, so that no response is documented to have it.
    pub write_only: bool,
    /// Limits checked before sending.
    pub limits: Limits,
    /// Where a parameter goes, and how it is written.
    pub style: ParameterStyle,
    /// What it means, one paragraph with unit and limits; never empty for generated docs.
    pub description: String,
    /// Values seen upstream for a text that is not an enum.
    pub known_values: Vec<String>,
    /// Whether upstream does not confirm the field's name.
    pub unconfirmed: bool,
    /// The document's default, as JSON text; what the vendor assumes when the field is left out.
    pub default: Option<String>,
    /// A valid value as JSON text: the document's example, or one made from type and limits.
    pub example: String,
}

/// Where a parameter beside the path goes, and how it is written where it has several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub enum ParameterStyle {
    /// `ids=a&ids=b`
    #[default]
    Repeated,
    /// `ids=a,b`
    Comma,
    /// `ids=a%20b`
    Space,
    /// `ids=a%7Cb`
    Pipe,
    /// `filter[name]=a&filter[kind]=b`
    DeepObject,
    /// A header, `a,b`.
    Header,
    /// A cookie.
    Cookie,
}

impl ParameterStyle {
    /// Whether it is a part of the query.
    pub fn is_query(self) -> bool {
        !matches!(self, Self::Header | Self::Cookie)
    }
}

/// Limits of a value.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Limits {
    /// Fewest characters.
    pub min_length: Option<u64>,
    /// Most characters.
    pub max_length: Option<u64>,
    /// Smallest number, as its digits.
    pub minimum: Option<String>,
    /// Largest number, as its digits.
    pub maximum: Option<String>,
    /// What a number must be above, as its digits.
    pub more_than: Option<String>,
    /// Most digits after the decimal point.
    pub digits: Option<u8>,
    /// The field that names the currency of an amount, on the wire.
    pub currency: Option<String>,
    /// Most items.
    pub max_items: Option<u64>,
    /// The only integers that are accepted.
    pub one_of: Vec<i64>,
}

/// What a value is. Templates see `{kind: "object", name: "PlatformCardRead"}` and the like.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Type {
    /// Text.
    Text,
    /// A UUID.
    Uuid,
    /// A date and time.
    DateTime,
    /// A date.
    Date,
    /// A boolean.
    Boolean,
    /// A whole number.
    Integer {
        /// Whether it may be beyond what a JavaScript number holds exactly.
        wide: bool,
    },
    /// A number that is not money.
    Number,
    /// An amount.
    Money {
        /// What it counts.
        unit: Unit,
    },
    /// An enum by its name.
    Enum {
        /// `CardUsageType`
        name: String,
    },
    /// An object model by its name.
    Object {
        /// `PlatformCardRead`
        name: String,
    },
    /// A list.
    List {
        /// Type of its items.
        item: Box<Type>,
    },
    /// An object with any names and values of one type.
    Map {
        /// Type of its values.
        value: Box<Type>,
    },
    /// A file, in a request.
    File {
        /// Whether a text can be given for its bytes.
        is_text: bool,
    },
    /// Any JSON.
    Any,
}

impl Type {
    /// Whether a value is a file, or several.
    pub fn is_file(&self) -> bool {
        match self {
            Self::List { item } => matches!(**item, Self::File { .. }),
            other => matches!(other, Self::File { .. }),
        }
    }

    /// The object model that a value, its items or the values of its names have.
    pub fn object_name(&self) -> Option<&str> {
        match self {
            Self::Object { name } => Some(name),
            Self::List { item } => item.object_name(),
            Self::Map { value } => value.object_name(),
            _ => None,
        }
    }
}

/// What an amount counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// US dollars.
    Dollars,
    /// US cents.
    Cents,
    /// The currency that is named beside it.
    Currency,
}

/// An open set of known texts.
#[derive(Debug, Clone, Serialize)]
pub struct Enum {
    /// `CardUsageType`
    pub pascal: String,
    /// `CARD_USAGE_TYPE`
    pub upper: String,
    /// What it is; may be empty.
    pub description: String,
    /// The known texts.
    pub values: Vec<EnumValue>,
}

/// A known text of an enum.
#[derive(Debug, Clone, Serialize)]
pub struct EnumValue {
    /// The text on the wire, `USPS_FIRST_CLASS`.
    pub wire: String,
    /// `UspsFirstClass`
    pub pascal: String,
    /// `USPS_FIRST_CLASS`
    pub upper: String,
}

/// A value computed from the fields of a model.
#[derive(Debug, Clone, Serialize)]
pub struct Helper {
    /// `needs_update`
    pub snake: String,
    /// `needsUpdate`
    pub camel: String,
    /// What it says.
    pub description: String,
    /// How it is computed.
    #[serde(flatten)]
    pub rule: HelperRule,
}

/// How a helper is computed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HelperRule {
    /// True when any of these boolean fields (snake names) is true.
    AnyOf(Vec<String>),
    /// The time this many minutes after the response was received.
    MinutesAfterReceived(u64),
    /// Whether the text of a field is one of these.
    TextIn {
        /// Its snake name.
        field: String,
        /// The texts on the wire.
        values: Vec<String>,
    },
}

/// What the status of a model says about what was asked for, `x-payglot-outcome`.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The field with the status, on the wire.
    pub field: String,
    /// Texts after which the status does not change any more.
    pub is_final: Vec<String>,
    /// Those of them that say that it was not done.
    pub failed: Vec<String>,
}
