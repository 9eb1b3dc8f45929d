//! A call under an intent: the journal is asked before anything is sent, and told what became of the call.

use std::borrow::Cow;
use std::time::Instant;

use bytes::Bytes;

use super::{CallContext, CallOptions, Core};
use crate::error::{Error, ErrorKind};
use crate::journal::{
    Begin, Ended, IntentCall, Obstacle, SharedJournal, check_name, hash, reference, tagged,
};
use crate::request::{PreparedRequest, remember, spend};
use crate::response::Response;
use crate::schema::{Operation, Replay};

/// A call, and the intent that it is made under.
pub(super) struct Journalled<'a> {
    pub journal: &'a SharedJournal,
    pub name: &'a str,
}

impl Core {
    /// The intent of a call, where it has one; or why it must not be made.
    pub(super) fn journalled<'a>(
        &'a self,
        context: CallContext,
        options: &'a CallOptions,
    ) -> Result<Option<Journalled<'a>>, Error> {
        let invalid = |argument: &str, problem: &str| {
            Err(Error::invalid_request(argument, problem).with_operation(context.operation))
        };
        match (&self.0.settings.journal, &options.intent) {
            (None, Some(_)) => invalid(
                "intent",
                "needs a client that was built with a `journal`; without one nothing would remember it",
            ),
            (Some(journal), None)
                if context.replay == Replay::Money && journal.requires_intent() =>
            {
                invalid(
                    "intent",
                    "is missing: the guard of this client counts nothing that has none",
                )
            }
            (Some(_), None)
                if self.0.settings.require_intent && context.replay == Replay::Money =>
            {
                invalid(
                    "intent",
                    "is missing: a client with a journal sends nothing that moves money without one. Name what you mean to \
                 do, such as payout-2026-11-0042, or build the client with `require_intent` false",
                )
            }
            (_, None) => Ok(None),
            (Some(journal), Some(name)) => {
                check_name(name).map_err(|error| error.with_operation(context.operation))?;
                let is_key = |name: &str| name.eq_ignore_ascii_case("idempotency-key");
                if options.idempotency_key.is_some()
                    || options.headers.iter().any(|(name, _)| is_key(name))
                {
                    return invalid(
                        "idempotency_key",
                        "must not be given beside `intent`: the key is made from the intent, so that it is the same \
                         after a restart",
                    );
                }
                Ok(Some(Journalled { journal, name }))
            }
        }
    }

    /// Makes a call under its intent, or gives the response of the time when it was made.
    pub(super) async fn call_journalled(
        &self,
        Journalled { journal, name }: Journalled<'_>,
        context: CallContext,
        operation: Option<&'static Operation>,
        request: &PreparedRequest,
        options: &CallOptions,
    ) -> Result<Response, Error> {
        let timeout = options.timeout.unwrap_or(self.0.settings.timeout);
        let began = Instant::now();
        let sent = self.tagged(context, name, operation, request);
        let lookup = operation.and_then(|operation| remember(operation, &sent));
        // Nobody else counts.
        let is_counted = journal.requires_intent() || options.budget.is_some();
        let moved = operation
            .filter(|operation| operation.replay == Replay::Money && is_counted)
            .map(|operation| spend(operation, &sent));
        let call = IntentCall {
            name,
            provider: self.0.settings.provider.name,
            account: &self.0.settings.account,
            operation: context.operation,
            replay: context.replay,
            method: request.method.as_str(),
            target: request.target.as_str(),
            headers: &request.headers,
            body: request.body.as_deref().unwrap_or_default(),
            lookup: lookup.as_deref(),
            spend: moved.as_ref(),
            budget: options.budget.as_deref(),
            timeout,
        };
        let idempotency_key = (context.replay == Replay::Keyed).then(|| key(&call));
        let lease = match journal.begin(call).await {
            Ok(Begin::Send(lease)) => lease,
            Ok(Begin::Replay(recorded)) => return Ok(Response::replayed(recorded)),
            Err(obstacle) => return Err(error(context, name, obstacle)),
        };
        let timeout = timeout.saturating_sub(began.elapsed());
        let options = CallOptions { timeout: Some(timeout), idempotency_key, ..options.clone() };
        let result = self.call_once(context, operation, &sent, &options).await;
        lease.end(ended(&result, operation)).await;
        result
    }

    /// The request as it leaves: with the intent's reference, where that is asked for and the caller left room for it.
    fn tagged<'r>(
        &self,
        context: CallContext,
        name: &str,
        operation: Option<&'static Operation>,
        request: &'r PreparedRequest,
    ) -> Cow<'r, PreparedRequest> {
        let settings = &self.0.settings;
        let body = operation.filter(|_| settings.tag).and_then(|operation| {
            let provider = settings.provider.name;
            let reference = reference(provider, &settings.account, context.operation, name);
            tagged(operation, request.body.as_deref()?, &reference)
        });
        match body {
            None => Cow::Borrowed(request),
            Some(body) => {
                Cow::Owned(PreparedRequest { body: Some(Bytes::from(body)), ..request.clone() })
            }
        }
    }
}

pub(super) fn ended(
    result: &Result<Response, Error>,
    operation: Option<&'static Operation>,
) -> Ended {
    match result {
        // The vendor did nothing, and says so: it may be tried again, with more money in the wallet.
        Ok(response) if operation.is_some_and(|operation| response.has_failed(operation)) => {
            Ended::Rejected { status: response.status(), request_id: response.request_id() }
        }
        Ok(response) => Ended::Succeeded(response.recorded(operation)),
        Err(error) => {
            let (status, request_id) = (error.status(), error.request_id().map(str::to_owned));
            match status {
                _ if error.may_have_happened() => Ended::Unknown { status, request_id },
                Some(_) if error.nothing_was_sent() => Ended::NotSent,
                Some(status) => Ended::Rejected { status, request_id },
                None => Ended::NotSent,
            }
        }
    }
}

/// The `Idempotency-Key` of a keyed call: the same for an intent in every process and after every restart.
fn key(call: &IntentCall<'_>) -> String {
    let hash = hash(call.provider, call.account, call.operation, call.name);
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash).for_each(|(byte, hashed)| *byte = hashed);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

fn error(context: CallContext, name: &str, obstacle: Obstacle) -> Error {
    let error = match obstacle {
        Obstacle::Mismatch => Error::new(
            ErrorKind::IntentMismatch,
            format!(
                "the intent `{name}` was used with other arguments; nothing was sent. What is meant anew needs a name of \
                 its own"
            ),
        ),
        Obstacle::InProgress => Error::new(
            ErrorKind::IntentInProgress,
            format!(
                "the intent `{name}` is being sent by another call, which did not end within the time for this one; \
                 nothing was sent by this one. Call again to get its response"
            ),
        )
        .with_may_have_happened(true),
        Obstacle::Unknown => Error::new(
            ErrorKind::OutcomeUnknown,
            format!(
                "the intent `{name}` was sent before and may have taken effect; it was not sent again. Resolve it in the \
                 journal. Before that: {}",
                context.reconcile
            ),
        )
        .with_reconcile(context.reconcile),
        Obstacle::GuardRefused(rule, problem) => Error::new(
            ErrorKind::GuardRefused,
            format!("the guard {problem}; nothing was sent for the intent `{name}`"),
        )
        .with_rule(rule),
        Obstacle::ApprovalNeeded => Error::new(
            ErrorKind::ApprovalNeeded,
            format!(
                "the intent `{name}` is above what may be sent without another person's approval; nothing was sent. Let \
                 somebody else run `payglot journal approve {name} --by NAME`, then call again with the same arguments"
            ),
        ),
        Obstacle::Unusable(problem, source) => {
            let message = format!("the journal {problem}; nothing was sent");
            let error = Error::new(ErrorKind::Journal, message);
            match source {
                Some(source) => error.with_source(source),
                None => error,
            }
        }
    };
    error.with_operation(context.operation)
}
