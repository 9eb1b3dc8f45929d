//! How a program finds out what became of a call, `x-payglot-lookup`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How to look up whether an operation that is sent once was carried out.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// The operation that lists or reads what was made.
    pub operation: String,
    /// Arguments of that operation, and the fields of the call that they are taken from; names on the wire.
    #[serde(default)]
    pub arguments: BTreeMap<String, String>,
    /// Arguments of that operation that no field of the call holds, and what each is, in words: whoever looks up gives them.
    #[serde(default)]
    pub ask: BTreeMap<String, String>,
    /// Fields of a record, and the fields of the call that they must equal; names on the wire.
    #[serde(rename = "match")]
    pub matched: BTreeMap<String, String>,
    /// Fields of a record, and the values that they must have.
    #[serde(default, rename = "where")]
    pub required: BTreeMap<String, serde_json::Value>,
    /// The field of a record that says at which moment it was made, where there is one.
    pub created_at: Option<String>,
    /// The field of a record that says on which day it was made, where it says no more.
    pub created_on: Option<String>,
    /// The field of the call's response that identifies what was made, where a record has it too.
    pub id: Option<String>,
    /// Fields of the call's response, and the fields of a record that hold the same; those of the same name and type need
    /// not be said.
    #[serde(default)]
    pub record: BTreeMap<String, String>,
    /// Seconds that the vendor needs until a look-up counts.
    pub settles_after: u32,
    /// What a record that matches says: that the call was carried out, or nothing, where it may be there for another reason.
    pub presence: Says,
    /// What finding nothing says: that the call was not carried out, or nothing.
    pub absence: Says,
}

/// How to read what there is to pay an operation from, `x-payglot-balance`. All names are those on the wire.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Balance {
    /// The operation that reads it.
    pub operation: String,
    /// Arguments of that operation, and the fields of the call that they are taken from.
    #[serde(default)]
    pub arguments: BTreeMap<String, String>,
    /// The field of its response that says how much there is.
    pub available: String,
    /// Fields of the call, and the text that they must have; with another, it is paid from elsewhere.
    #[serde(default, rename = "where")]
    pub required: BTreeMap<String, String>,
}

/// What a look-up says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// It proves what became of the call.
    Proves,
    /// Nothing.
    TellsNothing,
}

/// Who can tell what became of a call whose outcome is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// A program: that it was done, and that it was not.
    ByProgram,
    /// A program where it was done; a person where it was not.
    WhenFound,
    /// A person; a program shows the records that may be it.
    FromCandidates,
    /// A person.
    ByPerson,
}

impl Told {
    /// For an operation with or without a look-up.
    pub fn of(lookup: Option<&Lookup>) -> Self {
        match lookup {
            None => Self::ByPerson,
            Some(Lookup { presence: Says::TellsNothing, .. }) => Self::FromCandidates,
            Some(Lookup { absence: Says::Proves, .. }) => Self::ByProgram,
            Some(Lookup { absence: Says::TellsNothing, .. }) => Self::WhenFound,
        }
    }

    /// As a sentence about an operation.
    pub fn sentence(self, lookup: Option<&Lookup>) -> String {
        let list = lookup.map_or("", |lookup| lookup.operation.as_str());
        let mut sentence = match self {
            Self::ByProgram => format!(
                "After an unknown outcome a program can tell what became of it: `{list}` shows that it was done, or that it \
                 was not."
            ),
            Self::WhenFound => format!(
                "After an unknown outcome a program can tell from `{list}` that it was done, and only a person that it was \
                 not."
            ),
            Self::FromCandidates => format!(
                "After an unknown outcome only a person can tell what became of it, from the records of `{list}` that may \
                 be it."
            ),
            Self::ByPerson => {
                "After an unknown outcome only a person can tell what became of it.".to_owned()
            }
        };
        for (name, what) in lookup.into_iter().flat_map(|lookup| &lookup.ask) {
            sentence += &format!(" The look-up is given `{name}`: {what}.");
        }
        sentence
    }
}
