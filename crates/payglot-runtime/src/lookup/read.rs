//! One record, read by its identifier, and all that an operation lists.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::client::{CallOptions, Core};
use crate::error::Error;
use crate::json::{FloatMoney, RawJson, Value};
use crate::paging::{Walk, fetch};
use crate::request::prepare;
use crate::response::Response;
use crate::schema::{Balance, Operation, Paging, Replay, Type, Unit};

impl Core {
    /// Reads a record by its identifier alone, under no intent: the operation is one that an event's object names.
    ///
    /// # Errors
    ///
    /// Those of the call, and an operation that does not read by an identifier.
    pub async fn read_record(
        &self,
        operation: &'static Operation,
        id: &str,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        if operation.replay != Replay::Read || operation.path_params.len() != 1 {
            let problem = "must be one that reads a record by its identifier";
            return Err(Error::invalid_request("operation", problem));
        }
        let options = options.for_reading();
        let path = [Cow::Owned(id.to_owned())];
        let request = prepare(operation, &path, &[], FloatMoney::Refuse)?;
        self.call(operation, &request, &options).await
    }

    /// Reads what there is to pay from, in US dollars; `None` where the response does not say. The arguments are those of
    /// [`paid_from`](crate::request::paid_from).
    ///
    /// # Errors
    ///
    /// Those of the call.
    pub async fn read_balance(
        &self,
        balance: &'static Balance,
        arguments: &[(&'static str, String)],
        options: &CallOptions,
    ) -> Result<Option<Decimal>, Error> {
        let Balance { operation, available, .. } = balance;
        let is_in_path = |name: &str| operation.path_params.iter().any(|field| field.wire == name);
        let value_of = |wire: &str| arguments.iter().find(|(name, _)| *name == wire);
        let path = operation.path_params.iter().filter_map(|field| value_of(field.wire));
        let path: Vec<Cow<'_, str>> = path.map(|(_, value)| value.as_str().into()).collect();
        let others = arguments.iter().filter(|(name, _)| !is_in_path(name));
        let others: Vec<_> = others
            .map(|(name, value)| (Cow::Borrowed(*name), Value::Text(value.as_str().into())))
            .collect();
        let request = prepare(operation, &path, &others, FloatMoney::Refuse)?;
        let response = self.call(operation, &request, &options.for_reading()).await?;
        let found = response.payload().and_then(|payload| payload.get(available)?.as_decimal());
        let Type::Object(schema) = operation.response else { return Ok(found) };
        let field = schema.fields.iter().find(|field| field.wire == *available);
        Ok(match field.map(|field| field.ty) {
            Some(Type::Money(Unit::Cents)) => {
                found.and_then(|cents| cents.checked_mul(Decimal::new(1, 2)))
            }
            _ => found,
        })
    }

    /// Reads every record of an operation that lists without being told more, page by page.
    ///
    /// # Errors
    ///
    /// Those of the calls.
    pub async fn each_record(
        &self,
        operation: &'static Operation,
        options: &CallOptions,
        mut see: impl FnMut(RawJson<'_>) + Send,
    ) -> Result<(), Error> {
        let options = options.for_reading();
        let paging = self.provider().paging.as_ref();
        let Some(paging) = paging.filter(|_| operation.paging == Paging::Paged) else {
            let request = prepare(operation, &[], &[], FloatMoney::Refuse)?;
            let response = self.call(operation, &request, &options).await?;
            response.payload().into_iter().flat_map(RawJson::items).for_each(see);
            return Ok(());
        };
        let mut walk = Some(Walk::new(1, paging.default_size.into()));
        while let Some(page) = walk {
            let params = [(paging.page, page.number), (paging.size, page.size)];
            let params = params.map(|(name, number)| {
                (Cow::Borrowed(name), Value::Integer(number.to_string().into()))
            });
            let request = prepare(operation, &[], &params, FloatMoney::Refuse)?;
            let (response, turn) = fetch(self, operation, &request, &options, &page).await?;
            let items = response.payload().into_iter().flat_map(RawJson::items);
            items.skip(turn.skip).for_each(&mut see);
            walk = turn.next;
        }
        Ok(())
    }
}

impl Response {
    /// What may be written down of a record that was read, as the response of another call; `None` where they are of other models,
    /// or where the record says that it failed.
    pub fn recorded_for(
        &self,
        read: &Operation,
        call: &Operation,
    ) -> Option<super::RecordedResponse> {
        let is_alike = match (read.response, call.response) {
            (Type::Object(a), Type::Object(b)) => std::ptr::eq(a, b),
            _ => false,
        };
        (is_alike && !self.has_failed(read)).then(|| self.recorded(Some(read)))
    }
}
