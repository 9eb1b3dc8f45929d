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
    /// Whether every response has it, `x-payglot-certain`.
    pub certain: bool,
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
    /// The fields of an object under their own names: `name=a&kind=b`.
    Fields,
    /// `filter={"name":"a"}`, encoded.
    Json,
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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

impl Limits {
    /// Limits within which every value is that is within these or those.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let least = |a: Option<u64>, b: Option<u64>| a.zip(b).map(|(a, b)| a.min(b));
        let most = |a: Option<u64>, b: Option<u64>| a.zip(b).map(|(a, b)| a.max(b));
        let bound = |a: Option<String>, b: Option<String>, is_first: fn(f64, f64) -> bool| {
            let (a, b) = a.zip(b)?;
            let (first, second): (f64, f64) = (a.parse().ok()?, b.parse().ok()?);
            Some(if is_first(first, second) { a } else { b })
        };
        let is_any = self.one_of.is_empty() || other.one_of.is_empty();
        let one_of = self.one_of.into_iter().chain(other.one_of);
        Self {
            min_length: least(self.min_length, other.min_length),
            max_length: most(self.max_length, other.max_length),
            minimum: bound(self.minimum, other.minimum, |a, b| a <= b),
            maximum: bound(self.maximum, other.maximum, |a, b| a >= b),
            more_than: bound(self.more_than, other.more_than, |a, b| a <= b),
            digits: self.digits.zip(other.digits).map(|(a, b)| a.max(b)),
            currency: self.currency.filter(|name| Some(name) == other.currency.as_ref()),
            max_items: most(self.max_items, other.max_items),
            one_of: if is_any { Vec::new() } else { one_of.collect() },
        }
    }
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
    /// A union by its name.
    Union {
        /// `PaymentSource`
        name: String,
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

    /// The object model that a value, its items or the values of its names have; none where they can have several.
    pub fn object_name(&self) -> Option<&str> {
        match self.inner() {
            Self::Object { name } => Some(name),
            _ => None,
        }
    }

    /// The type of the items or of the values of names, however many lists and maps are around it.
    pub fn inner(&self) -> &Self {
        match self {
            Self::List { item } => item.inner(),
            Self::Map { value } => value.inner(),
            other => other,
        }
    }

    /// The names of all unions and of all models that a value can have, without those within the models.
    pub fn names<'t>(&'t self, unions: &'t [Union]) -> Vec<&'t str> {
        let mut found: Vec<&str> = Vec::new();
        let mut queue = vec![self];
        while let Some(ty) = queue.pop() {
            let (Self::Object { name } | Self::Union { name }) = ty.inner() else { continue };
            if found.contains(&name.as_str()) {
                continue;
            }
            found.push(name);
            if matches!(ty.inner(), Self::Union { .. })
                && let Some(union) = unions.iter().find(|known| known.pascal == *name)
            {
                queue.extend(union.members.iter().rev().map(|member| &member.ty));
            }
        }
        found
    }
}

/// Several types, of which a value is one.
#[derive(Debug, Clone, Serialize)]
pub struct Union {
    /// `PaymentSource`
    pub pascal: String,
    /// `PAYMENT_SOURCE`
    pub upper: String,
    /// What it is; may be empty.
    pub description: String,
    /// The types; where a value fits several alike, it is the first of them.
    pub members: Vec<Member>,
    /// Whether one of them has limits.
    pub is_limited: bool,
    /// The field of objects that says of which type they are.
    pub discriminator: Option<Discriminator>,
    /// Whether a request uses it.
    pub in_requests: bool,
    /// Whether a response or an event uses it.
    pub in_responses: bool,
}

impl Union {
    /// Whether each of its types is text, a number or a boolean.
    pub fn is_plain(&self) -> bool {
        self.members.iter().all(|member| {
            !matches!(
                member.ty,
                Type::Object { .. }
                    | Type::List { .. }
                    | Type::Map { .. }
                    | Type::Union { .. }
                    | Type::Any
            )
        })
    }

    /// The texts of the discriminator that mean a member.
    pub fn texts(&self, position: usize) -> impl Iterator<Item = &str> {
        let values = self.discriminator.iter().flat_map(|discriminator| &discriminator.values);
        values.filter(move |(_, known)| *known == position).map(|(text, _)| text.as_str())
    }

    /// The field that says of which type an object is, with the text for a member, where there is one.
    pub fn told(&self, position: usize) -> Option<(&str, &str)> {
        let field = self.discriminator.as_ref()?.field.as_str();
        Some((field, self.texts(position).next()?))
    }
}

/// A type of a union.
#[derive(Debug, Clone, Serialize)]
pub struct Member {
    /// The type.
    pub ty: Type,
    /// `Card`: the name among the members.
    pub variant: String,
    /// What its values may be.
    pub limits: Limits,
}

/// The field of an object that says of which type the object is.
#[derive(Debug, Clone, Serialize)]
pub struct Discriminator {
    /// Its name on the wire.
    pub field: String,
    /// Its texts, and the positions of the members that they mean.
    pub values: Vec<(String, usize)>,
    /// The position for other texts: what all of the members have in common.
    pub other: Option<usize>,
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
