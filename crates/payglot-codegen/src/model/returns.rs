//! What an operation returns: the form that its call asks for, and what each success has.

use serde::Serialize;

use super::Type;

/// What an operation returns, beside the type of its payload.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Returns {
    /// What a success is made of.
    pub form: ResponseForm,
    /// The media type that the call asks for.
    pub accept: String,
    /// The successes that the document declares; none where any is read as the payload.
    pub statuses: Vec<Success>,
    /// Whether successes have payloads of their own.
    pub several: bool,
}

impl Returns {
    /// JSON as everybody calls it, under any status.
    pub fn json() -> Self {
        let accept = "application/json".to_owned();
        Self { form: ResponseForm::Json, accept, statuses: Vec::new(), several: false }
    }

    /// Whether a call returns the JSON of one model, or a list of it.
    pub fn is_plain(&self) -> bool {
        self.form == ResponseForm::Json && !self.several
    }

    /// The successes that have payloads of their own; none where all have the same.
    pub fn own(&self) -> Vec<(&Success, &Type)> {
        let own = self.statuses.iter().filter_map(|success| match &success.body {
            SuccessBody::Own(ty) => Some((success, ty)),
            SuccessBody::Payload | SuccessBody::Nothing => None,
        });
        own.collect()
    }

    /// Types of the payloads that successes have of their own.
    pub fn types(&self) -> impl Iterator<Item = &Type> {
        self.own().into_iter().map(|(_, ty)| ty)
    }
}

/// What the body of a success is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ResponseForm {
    /// JSON.
    Json,
    /// Text, such as CSV.
    Text,
    /// Bytes, such as PDF.
    Bytes,
    /// Server-sent events, whose data is of the payload's type.
    Events,
}

/// A success that the document declares.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Success {
    /// The first of its statuses.
    pub first: u16,
    /// The last of them: another one for `2XX` alone.
    pub last: u16,
    /// What its body is.
    pub body: SuccessBody,
}

/// What the body of a success is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum SuccessBody {
    /// The operation's payload.
    Payload,
    /// Nothing.
    Nothing,
    /// A payload of its own: successes have several.
    Own(Type),
}
