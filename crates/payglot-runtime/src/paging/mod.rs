//! Lists that come page by page.
//!
//! A [`PagedCall`] gives one page when awaited, or every record through [`PagedCall::records`], which asks for
//! the next page while the current one is read. [`Walk`] decides for every language what the next page is: a walk is
//! never silently short, and never loops.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::client::{CallOptions, Core, WithResponse, fields, other_shape};
use crate::error::Error;
use crate::json::{FloatMoney, RawJson, ResponseValue, Value};
use crate::request::{PathParam, PreparedRequest, ToValue, prepare};
use crate::response::Response;
use crate::schema::{Limits, Operation, Paging};

mod digest;
mod follow;
#[cfg(test)]
mod vendors;
mod walk;

pub use walk::{Turn, Walk};

/// One page of records.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The records of this page.
    pub records: Vec<T>,
    /// Number of records over all pages, where the vendor tells it.
    pub total: Option<u64>,
    /// Number of this page, from 1.
    pub number: u64,
    /// Records asked for per page; where nobody asked for a size, those of this page.
    pub size: u64,
    next: Option<Walk>,
}

impl<T> Page<T> {
    /// Whether another page may follow: not after the last that the total allows, and never after an empty one.
    pub fn has_next(&self) -> bool {
        self.next.is_some()
    }
}

/// Asks for a page and says what follows it. What cannot be right is logged as a warning.
pub async fn fetch(
    core: &Core,
    operation: &'static Operation,
    request: &PreparedRequest,
    options: &CallOptions,
    walk: &Walk,
) -> Result<(Response, Turn), Error> {
    if options.intent.is_some() {
        let problem = "is for a call that does something once, and a list is read page by page";
        return Err(Error::invalid_request("intent", problem).with_operation(operation.name));
    }
    let linked = walk.link().map(|link| core.linked(operation, request, link)).transpose()?;
    // The vendor's link is whole: what was asked for beside the document is in it already, or is not wanted. In a box, so that
    // other pages are no larger for it.
    let plain = linked
        .is_some()
        .then(|| Box::new(CallOptions { extra_query: Vec::new(), ..options.clone() }));
    let (request, options) =
        (linked.as_ref().unwrap_or(request), plain.as_deref().unwrap_or(options));
    let response = core.call(operation, request, options).await?;
    let records = match response.payload() {
        None => Vec::new(),
        Some(payload) => payload.as_items().ok_or_else(|| other_shape(operation, &response))?,
    };
    let turn = if let Paging::Followed(follow) = operation.paging {
        let whole = |link: &str| core.whole_link(operation, request, link);
        follow::turn(walk, follow, &response, &records, whole)
    } else {
        let sizes = core.provider().paging.as_ref().map(|paging| walk::sizes(operation, paging));
        walk.turn(&records, response.total(), sizes.unwrap_or(&Limits::NONE))
    };
    drop(records);
    if let Some(warning) = &turn.warning {
        tracing::warn!(target: "payglot", operation = operation.name, "{warning}");
    }
    Ok((response, turn))
}

/// A paged call that has been described but not sent.
#[must_use = "a call does nothing until it is awaited"]
pub struct PagedCall<T> {
    core: Core,
    operation: &'static Operation,
    path: Vec<String>,
    params: Result<PageParams, Error>,
    options: CallOptions,
    record: std::marker::PhantomData<fn() -> T>,
}

/// The caller's parameters as owned JSON text, with the page apart.
#[derive(Clone)]
struct PageParams {
    others: Vec<(String, String)>,
    number: u64,
    size: u64,
}

type Fetch<T> = Pin<Box<dyn Future<Output = Result<WithResponse<Page<T>>, Error>> + Send>>;

impl<T: ResponseValue + Send + 'static> PagedCall<T> {
    #[doc(hidden)]
    pub fn new(
        core: &Core,
        operation: &'static Operation,
        path: &[&dyn PathParam],
        params: &[&dyn ToValue],
    ) -> Self {
        let path = path.iter().map(|param| param.path_text().into_owned()).collect();
        let params = page_params(core, operation, params);
        let options = CallOptions::default();
        Self {
            core: core.clone(),
            operation,
            path,
            params,
            options,
            record: std::marker::PhantomData,
        }
    }

    /// Starts at this page, from 1. An operation whose own arguments choose the page refuses it.
    pub fn page(mut self, number: u64) -> Self {
        self.refuse_if_followed("page");
        if let Ok(params) = &mut self.params {
            params.number = number;
        }
        self
    }

    /// Records per page. The operation's description has the sizes that the vendor takes; another is refused before
    /// anything is sent.
    pub fn rows_per_page(mut self, size: u64) -> Self {
        self.refuse_if_followed("rows_per_page");
        if let Ok(params) = &mut self.params {
            params.size = size;
        }
        self
    }

    fn refuse_if_followed(&mut self, name: &'static str) {
        if matches!(self.operation.paging, Paging::Followed(_)) {
            let problem = "is no argument here: those of the operation choose the page";
            let error = Error::invalid_request(name, problem);
            self.params = Err(error.with_operation(self.operation.name));
        }
    }

    /// Time for each page with all its attempts.
    pub fn timeout(mut self, timeout: std::time::Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// How many times each page may be tried again.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.options.max_retries = Some(retries);
        self
    }

    /// Adds a header to the request of each page.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.headers.push((name.into(), value.into()));
        self
    }

    /// Asks for the first page and gives status, headers and raw text beside it.
    pub async fn with_response(mut self) -> Result<WithResponse<Page<T>>, Error> {
        self.first().await
    }

    /// Adds a query parameter that the document does not know, of each page that is not asked for by a vendor's link.
    pub fn extra_query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.extra_query.push((name.into(), value.into()));
        self
    }

    /// Every record of every page. The next page is on its way while the current one is read.
    pub fn records(self) -> Records<T> {
        Records { pages: self.pages(), current: VecDeque::new(), next: None, ended: false }
    }

    /// Page by page.
    pub fn pages(self) -> Pages<T> {
        Pages { call: self, fetching: None, ended: false }
    }

    /// Asks for the first page, or says what is wrong with the call.
    fn first(&mut self) -> Fetch<T> {
        match std::mem::replace(&mut self.params, Err(bad_params(self.operation))) {
            Ok(params) => {
                self.params = Ok(params);
                self.fetch(None)
            }
            Err(error) => Box::pin(async move { Err(error) }),
        }
    }

    /// Asks for a page; for the first one without a walk.
    fn fetch(&self, walk: Option<Walk>) -> Fetch<T> {
        let (core, operation, options) = (self.core.clone(), self.operation, self.options.clone());
        let path = self.path.clone();
        let params = match &self.params {
            Ok(params) => params.clone(),
            Err(_) => return Box::pin(async move { Err(bad_params(operation)) }),
        };
        Box::pin(async move {
            let paging = core.provider().paging.as_ref();
            let path: Vec<Cow<'_, str>> = path.iter().map(|text| text.as_str().into()).collect();
            let mut inputs: Vec<(Cow<'_, str>, Value<'_>)> = params
                .others
                .iter()
                .filter_map(|(name, json)| Some((name.as_str().into(), Value::from_json(json)?)))
                .collect();
            let is_followed = matches!(operation.paging, Paging::Followed(_));
            let walk = match walk {
                Some(walk) => walk,
                None if is_followed => Walk::of_fields(operation, None, &inputs)
                    .ok_or_else(|| bad_params(operation))?,
                None => Walk::new(params.number, params.size),
            };
            if is_followed {
                walk.ask(operation, &mut inputs);
            } else {
                let paging = paging.ok_or_else(|| bad_params(operation))?;
                inputs.push((paging.page.into(), Value::Integer(walk.number.to_string().into())));
                inputs.push((paging.size.into(), Value::Integer(walk.size.to_string().into())));
            }
            let request = prepare(operation, &path, &inputs, FloatMoney::Refuse)?;
            let (response, turn) = fetch(&core, operation, &request, &options, &walk).await?;
            let payload = response.payload();
            let items = payload.into_iter().flat_map(RawJson::items).skip(turn.skip);
            let records: Vec<T> = items.filter_map(T::from_response).collect();
            let Walk { number, size, .. } = walk;
            let size = if size == 0 { records.len() as u64 } else { size };
            let value = Page { records, total: response.total(), number, size, next: turn.next };
            Ok(WithResponse { value, response })
        })
    }
}

fn bad_params(operation: &'static Operation) -> Error {
    Error::invalid_request("arguments", "cannot be paged").with_operation(operation.name)
}

fn page_params(
    core: &Core,
    operation: &'static Operation,
    params: &[&dyn ToValue],
) -> Result<PageParams, Error> {
    let size = match (operation.paging, &core.provider().paging) {
        (Paging::Followed(_), _) => 0,
        (_, Some(paging)) => u64::from(paging.default_size),
        (_, None) => return Err(bad_params(operation)),
    };
    let mut page = PageParams { others: Vec::new(), number: 1, size };
    page.others = fields(params)
        .into_iter()
        .map(|(name, value)| (name.into_owned(), value.to_json()))
        .collect();
    Ok(page)
}

impl<T: ResponseValue + Send + 'static> IntoFuture for PagedCall<T> {
    type Output = Result<Page<T>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.with_response().await?.value) })
    }
}

/// Pages of a paged call, one after the other; ends after an error.
#[must_use = "a stream does nothing until it is polled"]
pub struct Pages<T> {
    call: PagedCall<T>,
    fetching: Option<Fetch<T>>,
    ended: bool,
}

impl<T: ResponseValue + Send + 'static> Pages<T> {
    /// The next one, for those who use no crate for streams; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<Page<T>, Error>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<T: ResponseValue + Send + 'static> Stream for Pages<T> {
    type Item = Result<Page<T>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.ended {
            return Poll::Ready(None);
        }
        let fetching = this.fetching.get_or_insert_with(|| this.call.first());
        let result = std::task::ready!(fetching.as_mut().poll(context)).map(|page| page.value);
        let next = result.as_ref().ok().and_then(|page| page.next.clone());
        this.ended = next.is_none();
        this.fetching = next.map(|walk| this.call.fetch(Some(walk)));
        Poll::Ready(Some(result))
    }
}

/// Records of a paged call, over all pages; ends after an error.
#[must_use = "a stream does nothing until it is polled"]
pub struct Records<T> {
    pages: Pages<T>,
    current: VecDeque<T>,
    next: Option<Result<Page<T>, Error>>,
    ended: bool,
}

impl<T> Unpin for Records<T> {}
impl<T> Unpin for Pages<T> {}

impl<T: ResponseValue + Send + 'static> Records<T> {
    /// The next one, for those who use no crate for streams; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<T: ResponseValue + Send + 'static> Stream for Records<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            // Keep the next page moving while this one is read.
            if this.next.is_none() && !this.ended {
                match Pin::new(&mut this.pages).poll_next(context) {
                    Poll::Ready(Some(page)) => this.next = Some(page),
                    Poll::Ready(None) => this.ended = true,
                    Poll::Pending => {}
                }
            }
            if let Some(record) = this.current.pop_front() {
                return Poll::Ready(Some(Ok(record)));
            }
            match this.next.take() {
                Some(Ok(page)) => this.current = page.records.into(),
                Some(Err(error)) => {
                    this.ended = true;
                    return Poll::Ready(Some(Err(error)));
                }
                None if this.ended => return Poll::Ready(None),
                None => return Poll::Pending,
            }
        }
    }
}
