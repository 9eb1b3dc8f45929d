//! Walks a list into the state, and once more where something showed that records moved from page to page meanwhile.

use std::collections::HashMap;

use anyhow::anyhow;
use payglot::runtime::client::{CallOptions, Core};
use payglot::runtime::json::{Document, FloatMoney, RawJson};
use payglot::runtime::paging::{self, Walk};
use payglot::runtime::request::prepare;
use payglot::schema::{Operation, Provider, Type};

use super::identity::Identity;
use super::progress::Display;
use super::state::{Progress, Row, State};
use super::{ExportError, columns};
use crate::call::{Arguments, Fields, Form, List, Style, rows};

/// Walks that one run of the command makes before it gives up on a list that does not hold still.
const MOST_WALKS: u32 = 8;

/// What is exported.
pub struct Export<'a> {
    pub client: &'a Core,
    pub operation: &'static Operation,
    pub arguments: &'a Arguments<'a>,
    pub identity: &'a Identity,
    pub shows_sensitive: bool,
    /// Whether the list is walked twice at least.
    pub rechecks: bool,
}

/// The fields that ask for the first page.
pub fn first_fields<'a>(
    provider: &'static Provider,
    operation: &'static Operation,
    arguments: &'a Arguments<'a>,
) -> Fields<'a> {
    let Some(list) = List::of(provider, operation, arguments) else {
        return arguments.fields.clone();
    };
    let fields = list.fields(&list.first).into_iter();
    fields.map(|(name, value)| (name.into_owned().into(), value.into_owned())).collect()
}

impl Export<'_> {
    /// Reads the list to its end.
    pub fn walk(&self, provider: &'static Provider, state: &mut State) -> Result<(), ExportError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| ExportError::Other(error.into()))?;
        let list = List::of(provider, self.operation, self.arguments);
        let first = list.as_ref().map_or_else(|| Walk::new(1, 1), |list| list.first.clone());
        let mut display = Display::new(self.operation.name);
        if state.progress.pages > 0 {
            display.resumes(&state.progress);
        }
        let mut walks = 0;
        while !state.progress.is_complete {
            let mut progress = state.progress.clone();
            let walk = if let Some(walk) = progress.next.take() {
                walk
            } else {
                walks += 1;
                if walks > MOST_WALKS {
                    return Err(ExportError::Other(self.restless()));
                }
                progress = begin(progress, self.operation);
                first.clone()
            };
            let fields = list
                .as_ref()
                .map_or_else(|| self.arguments.fields.clone(), |list| list.fields(&walk));
            let request =
                prepare(self.operation, &self.arguments.path, &fields, FloatMoney::Refuse)?;
            let options = CallOptions::default();
            let (response, turn) = runtime.block_on(async {
                if list.is_some() {
                    paging::fetch(self.client, self.operation, &request, &options, &walk).await
                } else {
                    let response = self.client.call(self.operation, &request, &options).await?;
                    Ok((response, paging::Turn { skip: 0, next: None, warning: None }))
                }
            })?;
            if let Some(warning) = &turn.warning {
                display.warns(warning);
            }
            let ty = self.operation.response_under(response.status());
            let records = response.payload().into_iter().flat_map(RawJson::items).skip(turn.skip);
            let rows = self.rows(records, ty, &mut progress)?;
            progress.pages += 1;
            if progress.pages > 1 && response.total() != progress.total {
                progress.has_moved = true;
            }
            progress.total = response.total();
            progress.next = turn.next;
            state.keep(&rows, progress, |progress| {
                progress.is_complete =
                    progress.next.is_none() && self.is_complete(progress, first.number == 1);
            })?;
            display.shows(&state.progress);
        }
        display.ends();
        Ok(())
    }

    /// The records of a page as lines, without what is not shown.
    fn rows<'r>(
        &self,
        records: impl Iterator<Item = RawJson<'r>>,
        ty: Type,
        progress: &mut Progress,
    ) -> Result<Vec<Row>, ExportError> {
        let style = Style { form: Form::JsonLines, shows_sensitive: self.shows_sensitive };
        let mut on_page: HashMap<String, usize> = HashMap::new();
        let mut out: Vec<Row> = Vec::new();
        for record in records {
            let row =
                Row { key: self.identity.of_record(record), line: rows::line(record, &ty, style) };
            let document = Document::new(row.line.as_str()).into();
            if let Some(shown) = RawJson::root(&document) {
                columns::notice(&mut progress.columns, shown);
            }
            if let Some(key) = &row.key {
                let earlier = on_page.insert(key.clone(), out.len()).and_then(|at| out.get(at));
                if earlier.is_some_and(|earlier| earlier.line != row.line) {
                    return Err(ExportError::BadInput(format!(
                        "{}: two records of one page have the same {}: it does not distinguish records. Name the \
                         field that does with --key, or say --no-key",
                        self.operation.name,
                        self.identity.name().unwrap_or_default()
                    )));
                }
            }
            out.push(row);
        }
        Ok(out)
    }

    /// The list did not hold still.
    fn restless(&self) -> anyhow::Error {
        anyhow!(
            "{}: records moved during each of {MOST_WALKS} walks over the list, so that some may be missing; the state is \
             kept: run the command again when less happens",
            self.operation.name
        )
    }

    /// Whether a walk that has come to its end is the last.
    fn is_complete(&self, progress: &Progress, is_counted: bool) -> bool {
        if self.identity.name().is_none() || !self.operation.paging.is_paged() {
            return true;
        }
        let is_other_count =
            is_counted && progress.total.is_some_and(|total| total != progress.seen);
        // A vendor may count wrongly: two walks that agree count for more.
        let agrees = progress.new == 0 && progress.seen_before == Some(progress.seen);
        let holds_still = !progress.has_moved && (!is_other_count || agrees);
        holds_still && (!self.rechecks || progress.pass > 1)
    }
}

/// The beginning of another walk.
fn begin(before: Progress, operation: &Operation) -> Progress {
    let is_first = before.pass == 0;
    Progress {
        pass: before.pass + 1,
        seen_before: (!is_first).then_some(before.seen),
        columns: if is_first { columns::of_model(operation) } else { before.columns },
        ..Progress::default()
    }
}
