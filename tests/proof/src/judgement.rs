//! What a call says, against what its vendor saw.

use payglot::schema::Replay;
use payglot::{Error, ErrorKind};

use crate::plan::{Fault, Http2, Plan};
use crate::transports::Sender;
use crate::vendor::{Ledger, head, response};

/// The words by which a call says that the vendor did not get it.
pub const NOTHING_SENT: &str = "nothing was sent";

/// What is wrong with a call that its caller gave up: it must not go on by itself.
pub fn problem_of_cancelled(plan: &Plan, ledger: &Ledger) -> Option<&'static str> {
    if !plan.replay.is_repeatable() && ledger.acts > 1 {
        return Some("the vendor acted twice");
    }
    if plan.replay == Replay::Keyed && ledger.keys.len() > 1 {
        return Some("attempts of a keyed call had different keys");
    }
    None
}

/// What is wrong with how a call ended.
pub fn problem(
    sender: Sender,
    plan: &Plan,
    ledger: &Ledger,
    error: Option<&Error>,
) -> Option<&'static str> {
    let must_not_repeat = !plan.replay.is_repeatable();
    if must_not_repeat && ledger.acts > 1 {
        return Some("the vendor acted twice");
    }
    if plan.replay == Replay::Keyed && ledger.keys.len() > 1 {
        return Some("attempts of a keyed call had different keys");
    }
    let last = ledger.begun.checked_sub(1).and_then(|last| plan.faults.get(last)).copied();
    let Some(error) = error else {
        if must_not_repeat && matches!(last, Some(Fault::Odd { .. })) {
            return Some("a success without what was promised");
        }
        let is_odd = matches!(last, Some(Fault::Odd { .. }));
        return (ledger.acts == 0 && !is_odd).then_some("success, but the vendor did not act");
    };
    let is_record = |fault| matches!(fault, Fault::None | Fault::Http2(Http2::None));
    if last.is_none_or(is_record) && ledger.whole > 0 && ledger.begun == ledger.whole as usize {
        return Some("the vendor responded with a record, and the call failed");
    }
    if ledger.acts > 0
        && !error.may_have_happened()
        && plan.replay != Replay::Read
        && !responded_finally(error)
    {
        return Some("the vendor acted, and the error says that nothing happened");
    }
    let is_unknown = error.kind() == ErrorKind::OutcomeUnknown;
    if must_not_repeat && ledger.acts > 0 && !is_unknown && !responded_finally(error) {
        return Some("the vendor acted, and the call did not say that it may have");
    }
    if is_unknown && !must_not_repeat {
        return Some("a repeatable call ended in an unknown outcome");
    }
    let says_nothing_sent = error.to_string().contains(NOTHING_SENT);
    if says_nothing_sent && error.may_have_happened() {
        return Some("the call said that nothing was sent, and that something may have happened");
    }
    if says_nothing_sent && ledger.begun > 0 {
        return Some("the call said that nothing was sent, and a request came");
    }
    not_exact(sender, plan, error, says_nothing_sent)
        .or_else(|| not_told(sender, plan, ledger, error))
        .or_else(|| head_lost(plan, ledger, error))
}

/// Whether the vendor itself said how it ended, with a status that leaves no doubt.
fn responded_finally(error: &Error) -> bool {
    error.status().is_some_and(|status| status < 500 && status != 408)
}

/// Where no request came, a call says so if its transport can know it, and only then.
fn not_exact(
    sender: Sender,
    plan: &Plan,
    error: &Error,
    says_nothing_sent: bool,
) -> Option<&'static str> {
    let fault = plan.faults.first().copied().filter(|fault| fault.is_of_the_host())?;
    match sender.knows_nothing_was_sent(fault)? {
        true if !says_nothing_sent => Some("nothing was sent, and the call did not say so"),
        true if fault.takes_time() && error.kind() != ErrorKind::ApiTimeout => {
            Some("time ran out, and the call did not say so")
        }
        false if says_nothing_sent => Some("the call said what its transport cannot know"),
        _ => None,
    }
}

/// Where a vendor of HTTP/2 refused every request unprocessed, the built-in transport says so.
fn not_told(sender: Sender, plan: &Plan, ledger: &Ledger, error: &Error) -> Option<&'static str> {
    let is_proof =
        |fault: &Fault| matches!(fault, Fault::Http2(fault) if fault.proves_nothing_happened());
    let begun = plan.faults.get(..ledger.begun)?;
    let is_proven = !begun.is_empty() && begun.iter().all(is_proof);
    let says_so = error.kind() == ErrorKind::ApiConnection && !error.may_have_happened();
    (sender == Sender::BuiltIn && is_proven && !says_so)
        .then_some("every request was refused unprocessed, and the call did not say so")
}

/// What came of a response is not lost with the rest of it.
fn head_lost(plan: &Plan, ledger: &Ledger, error: &Error) -> Option<&'static str> {
    let last = plan.faults.get(ledger.begun.checked_sub(1)?)?;
    let head = head(&response(200));
    let status = match *last {
        // An orderly close; a reset may overtake the head.
        Fault::ResponseCut(bytes) if bytes >= head && bytes % 2 == 1 => 200,
        Fault::ResponseStall(bytes) if bytes >= head => 200,
        Fault::Large { status, .. } => status,
        _ => return None,
    };
    let is_kept = error.status() == Some(status) && error.headers().contains_key("content-type");
    (!is_kept).then_some("the response began, and its status or headers were lost")
}
