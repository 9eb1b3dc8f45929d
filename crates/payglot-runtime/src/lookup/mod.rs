//! What became of a call whose outcome is unknown, looked up where the vendor lists what the call would have made.
//!
//! May use the layers above. Sends nothing but reads, and nothing under an intent. What cannot be told for sure is never
//! told: a record is taken for the call's own only where no other could be it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::client::{CallOptions, Core};
use crate::error::{Error, ErrorKind};
use crate::json::{Document, FloatMoney, RawJson, Value};
use crate::paging::{Walk, fetch};
use crate::request::{PreparedRequest, prepare};
use crate::response::{RecordedResponse, is_list};
use crate::schema::{Lookup, Operation, Paging, Type};

mod judge;
mod read;

use judge::{Judge, Judgement};

/// Most candidates that are shown.
const CANDIDATES: usize = 20;

/// A call of which nobody knows what became.
#[derive(Clone, Copy)]
pub struct Sought<'a> {
    /// What was remembered of it: the JSON of [`IntentCall::lookup`](crate::journal::IntentCall::lookup).
    pub remembered: &'a str,
    /// When it was first sent, at the latest.
    pub began: jiff::Timestamp,
    /// How long ago it ended, at least.
    pub ended_ago: Duration,
    /// Identifiers of records that belong to other calls, as [`record_id`] gives them.
    pub taken: &'a [String],
    /// The intent's [`reference`](crate::journal::reference): no other call carries it.
    pub reference: &'a str,
    /// What the look-up asks for, by the names of [`Lookup::asked`]: the call does not have it.
    pub given: &'a [(&'a str, &'a str)],
}

impl<'a> Sought<'a> {
    fn given_value(&self, name: &str) -> Option<&'a str> {
        self.given.iter().find(|(given, _)| *given == name).map(|(_, value)| *value)
    }
}

/// What a look-up tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookedUp {
    /// The call was carried out, and this is the record of it.
    Found(RecordedResponse),
    /// No record can be the call's.
    NotFound {
        /// Whether that proves that the call was not carried out.
        proves_absence: bool,
    },
    /// The vendor needs this much longer until a look-up counts. Nothing was sent.
    TooEarly(Duration),
    /// These records may be the call's, as JSON less what is sensitive; at most twenty of them.
    Ambiguous(Vec<String>),
    /// The document gives no way, or the look-up was not given all that it asks for.
    NotPublished,
}

impl Core {
    /// Looks up what became of a call of an operation. An operation that lists is read to its last page.
    ///
    /// # Errors
    ///
    /// Those of the calls that read.
    pub async fn look_up(
        &self,
        operation: &'static Operation,
        sought: Sought<'_>,
        options: &CallOptions,
    ) -> Result<LookedUp, Error> {
        let document = Arc::new(Document::new(sought.remembered));
        let (Some(lookup), Some(remembered)) = (operation.lookup, RawJson::root(&document)) else {
            return Ok(LookedUp::NotPublished);
        };
        let is_asked = |name: &str| lookup.asked.iter().any(|(asked, _)| *asked == name);
        if let Some((name, _)) = sought.given.iter().find(|(name, _)| !is_asked(name)) {
            let problem = "is not what the look-up of this operation asks for";
            return Err(Error::invalid_request(*name, problem).with_operation(operation.name));
        }
        if lookup.asked.iter().any(|(asked, _)| sought.given_value(asked).is_none()) {
            return Ok(LookedUp::NotPublished);
        }
        let settled = Duration::from_secs(lookup.settles_after.into());
        if let Some(left) = settled.checked_sub(sought.ended_ago).filter(|left| !left.is_zero()) {
            return Ok(LookedUp::TooEarly(left));
        }
        let options = options.for_reading();
        let is_tagged = operation.tag.is_some_and(|tag| {
            let carried = remembered.get(tag).and_then(RawJson::as_text);
            carried.is_some_and(|text| text == sought.reference)
                && lookup.matched.iter().any(|(_, from)| *from == tag)
        });
        let mut search = Search::new(Judge { lookup, remembered, sought }, is_tagged);
        match search.run(self, lookup, &options).await {
            Ok(()) => Ok(search.result()),
            // Nothing of which the call would be a part is there, or is shown.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Ok(LookedUp::NotFound { proves_absence: false })
            }
            Err(error) => Err(error),
        }
    }

    /// Hands over every record that a look-up's operation lists for a call, by what was remembered of it, and says whether they
    /// are all, as far as the vendor's own count tells.
    ///
    /// # Errors
    ///
    /// Those of the calls that read.
    pub async fn each_looked_up(
        &self,
        lookup: &'static Lookup,
        remembered: &str,
        given: &[(&str, &str)],
        options: &CallOptions,
        see: impl FnMut(RawJson<'_>) + Send,
    ) -> Result<bool, Error> {
        let document = Arc::new(Document::new(remembered));
        let Some(remembered) = RawJson::root(&document) else { return Ok(false) };
        list(self, lookup, remembered, given, &options.for_reading(), see).await
    }
}

/// What identifies the record of a call's response, by its payload as JSON: a look-up takes it for no other call's.
pub fn record_id(operation: &Operation, payload: &str) -> Option<String> {
    let id = operation.lookup?.id?;
    let document = Arc::new(Document::new(payload));
    Some(RawJson::root(&document)?.get(id)?.as_text()?.into_owned())
}

/// Hands over all that a look-up's operation lists, and says whether it is all, as far as the vendor's own count tells.
async fn list(
    core: &Core,
    lookup: &'static Lookup,
    remembered: RawJson<'_>,
    given: &[(&str, &str)],
    options: &CallOptions,
    mut see: impl FnMut(RawJson<'_>) + Send,
) -> Result<bool, Error> {
    let operation = lookup.operation;
    let paging = core.provider().paging.as_ref();
    let start = match (operation.paging, paging) {
        (Paging::Paged, Some(paging)) => Some(Walk::new(1, paging.default_size.into())),
        (Paging::Followed(_), _) => Walk::of_fields(operation, None, &[]),
        _ => None,
    };
    let Some(start) = start else {
        let request = request(lookup, remembered, given, &[], None)?;
        let response = core.call(operation, &request, options).await?;
        match response.payload() {
            Some(payload) if is_list(operation) => {
                payload.items().for_each(see);
            }
            Some(payload) => see(payload),
            None => {}
        }
        return Ok(true);
    };
    let mut walk = Some(start);
    let (mut seen, mut total, mut is_whole) = (0, None, true);
    while let Some(page) = walk {
        let numbers = match (operation.paging, paging) {
            (Paging::Paged, Some(paging)) => {
                &[(paging.page, page.number), (paging.size, page.size)][..]
            }
            _ => &[],
        };
        let request = request(lookup, remembered, given, numbers, Some(&page))?;
        let (response, turn) = fetch(core, operation, &request, options, &page).await?;
        let items = response.payload().into_iter().flat_map(RawJson::items).skip(turn.skip);
        for item in items {
            seen += 1;
            see(item);
        }
        // What is added or taken away meanwhile moves the pages.
        let is_steady = total.is_none() || total == response.total();
        is_whole &= is_steady && turn.warning.is_none();
        total = total.or(response.total());
        walk = turn.next;
    }
    Ok(is_whole && total.is_none_or(|total| total == seen))
}

fn request(
    lookup: &Lookup,
    remembered: RawJson<'_>,
    given: &[(&str, &str)],
    page: &[(&'static str, u64)],
    walk: Option<&Walk>,
) -> Result<PreparedRequest, Error> {
    let operation = lookup.operation;
    let mut values: Vec<(&str, Value<'_>)> = Vec::new();
    for (argument, from) in lookup.arguments {
        if let Some(value) = remembered.get(from) {
            let value = Value::from_json(value.json()).unwrap_or(Value::Null).exact();
            values.push((argument, value));
        }
    }
    values.extend(given.iter().map(|(name, value)| (*name, Value::Text((*value).into()))));
    let value_of = |wire: &str| values.iter().find(|(name, _)| *name == wire);
    let path_values = operation.path_params.iter();
    let path_values = path_values.filter_map(|field| value_of(field.wire)?.1.plain_text());
    let path: Vec<Cow<'_, str>> = path_values.map(Cow::Owned).collect();
    let is_in_path = |name: &str| operation.path_params.iter().any(|field| field.wire == name);
    let others = values.iter().filter(|(name, _)| !is_in_path(name));
    let mut params: Vec<_> =
        others.map(|(name, value)| (Cow::Borrowed(*name), value.clone())).collect();
    let page = page
        .iter()
        .map(|(name, number)| (Cow::Borrowed(*name), Value::Integer(number.to_string().into())));
    params.extend(page);
    if let Some(walk) = walk {
        walk.ask(operation, &mut params);
    }
    prepare(operation, &path, &params, FloatMoney::Refuse)
}

struct Search<'a> {
    judge: Judge<'a>,
    found: Vec<RecordedResponse>,
    candidates: BTreeSet<String>,
    is_near: bool,
    /// Whether what matches has a reference that no other call carries.
    is_tagged: bool,
    /// Whether every record was seen, as far as the vendor's own count tells.
    is_whole: bool,
}

impl<'a> Search<'a> {
    fn new(judge: Judge<'a>, is_tagged: bool) -> Self {
        let (found, candidates) = (Vec::new(), BTreeSet::new());
        Self { judge, found, candidates, is_near: false, is_tagged, is_whole: true }
    }

    async fn run(
        &mut self,
        core: &Core,
        lookup: &'static Lookup,
        options: &CallOptions,
    ) -> Result<(), Error> {
        let Judge { remembered, sought, .. } = self.judge;
        self.is_whole =
            list(core, lookup, remembered, sought.given, options, |item| self.look_at(item))
                .await?;
        Ok(())
    }

    fn look_at(&mut self, item: RawJson<'_>) {
        let Type::Object(schema) = self.judge.lookup.operation.response else { return };
        let Some(record) = item.as_record(schema) else { return };
        match self.judge.verdict(&record) {
            Judgement::Not => {}
            Judgement::Near => self.is_near = true,
            verdict => {
                let shown = RecordedResponse::json_of(item, Type::Object(schema));
                // The same record may be on two pages.
                if self.candidates.insert(shown.unwrap_or_default()) && verdict == Judgement::Match
                {
                    self.found.push(self.judge.recorded(&record));
                }
            }
        }
    }

    fn result(mut self) -> LookedUp {
        let lookup = self.judge.lookup;
        if self.candidates.is_empty() {
            let proves_absence = lookup.absence_proves && self.is_whole && !self.is_near;
            return LookedUp::NotFound { proves_absence };
        }
        match self.found.pop() {
            Some(found)
                if self.candidates.len() == 1 && (lookup.presence_proves || self.is_tagged) =>
            {
                LookedUp::Found(found)
            }
            _ => LookedUp::Ambiguous(self.candidates.into_iter().take(CANDIDATES).collect()),
        }
    }
}
