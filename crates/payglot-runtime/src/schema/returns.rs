//! What an operation returns beside the JSON of one model.

use super::Type;

/// What an operation returns.
#[derive(Debug, Clone, Copy)]
pub struct Returns {
    /// What a success is made of.
    pub form: ResponseForm,
    /// The media type that the call asks for, where that is not JSON as everybody calls it.
    pub accept: Option<&'static str>,
    /// The successes that the document declares; none where any is read as the payload.
    pub statuses: &'static [Success],
}

impl Returns {
    /// JSON, under any status.
    pub const JSON: Self = Self { form: ResponseForm::Json, accept: None, statuses: &[] };

    /// JSON, under these statuses.
    pub const fn under(statuses: &'static [Success]) -> Self {
        Self { form: ResponseForm::Json, accept: None, statuses }
    }

    /// What the body of a success is; none where the document does not declare its status.
    pub fn body(&self, status: u16) -> Option<SuccessBody> {
        if self.statuses.is_empty() {
            return Some(SuccessBody::Payload);
        }
        // A status by itself counts before `2XX`.
        let fits = |success: &&Success| success.first <= status && status <= success.last;
        let found = self.statuses.iter().filter(fits).min_by_key(|one| one.last - one.first)?;
        Some(found.body)
    }

    /// Whether successes have payloads of their own.
    pub fn is_several(&self) -> bool {
        self.statuses.iter().any(|success| matches!(success.body, SuccessBody::Own(_)))
    }
}

/// What the body of a success is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy)]
pub struct Success {
    /// The first of its statuses.
    pub first: u16,
    /// The last of them.
    pub last: u16,
    /// What its body is.
    pub body: SuccessBody,
}

impl Success {
    /// A success under one status, or under several.
    pub const fn new(first: u16, last: u16, body: SuccessBody) -> Self {
        Self { first, last, body }
    }
}

/// What the body of a success is.
#[derive(Debug, Clone, Copy)]
pub enum SuccessBody {
    /// The operation's payload.
    Payload,
    /// Nothing.
    Nothing,
    /// A payload of its own.
    Own(Type),
}
