//! What became of a call that its caller gave up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use super::CallContext;
use crate::transport::{Delivery, SendProgress};

const RUNNING: u8 = 0;
const ENDED: u8 = 1;
const NOT_SENT: u8 = 2;
const MAY_HAVE_HAPPENED: u8 = 3;

/// How long to sleep between two looks at a call that is being stopped.
const GLANCE: Duration = Duration::from_micros(50);

/// Tells whoever gave up a call what became of it: dropping a call's future says nothing by itself. Clones are of the same
/// call.
#[derive(Debug, Clone, Default)]
pub struct CallFate(Arc<AtomicU8>);

impl CallFate {
    /// The call, told of its end; one that is dropped without ever having begun is not sent.
    pub fn watch<F: Future>(
        this: Option<&Self>,
        call: F,
    ) -> impl Future<Output = F::Output> + use<F> {
        // Outside the future, which may never be polled.
        let guard = this.map(Self::guard);
        // In a box: a future that hands on another has two places for it, and bindings hand this one on a few times.
        let call = Box::pin(call);
        async move {
            let result = call.await;
            if let Some(guard) = guard {
                guard.ended();
            }
            result
        }
    }

    fn guard(&self) -> FateGuard {
        FateGuard(self.clone())
    }

    /// Whether the vendor may have acted. Waits until the call's future is dropped, at most for `patience`: for as long
    /// as nobody knows, it may have.
    ///
    /// A call that has ended, and whose result its caller does not have, may have happened too.
    pub fn may_have_happened(&self, patience: Duration) -> bool {
        let began = Instant::now();
        loop {
            match self.0.load(Ordering::Acquire) {
                NOT_SENT => return false,
                RUNNING if began.elapsed() < patience => std::thread::sleep(GLANCE),
                _ => return true,
            }
        }
    }

    /// The vendor's last word is there: whoever gives up while it is read does not have it.
    pub(super) fn ended(&self) {
        self.set(ENDED);
    }

    fn set(&self, fate: u8) {
        // The first to say something knows best: the attempt before the call around it.
        let _ = self.0.compare_exchange(RUNNING, fate, Ordering::AcqRel, Ordering::Acquire);
    }
}

/// Says that nothing was sent when it is dropped before anything else was said.
struct FateGuard(CallFate);

impl FateGuard {
    /// The call has ended with a result.
    fn ended(self) {
        self.0.ended();
    }
}

impl Drop for FateGuard {
    fn drop(&mut self) {
        self.0.set(NOT_SENT);
    }
}

/// Watches one attempt: dropped before its end, it may have happened unless its transport knows better.
pub(super) struct AttemptWatch<'a> {
    pub context: CallContext,
    pub fate: Option<&'a CallFate>,
    pub progress: &'a SendProgress,
    pub has_ended: bool,
}

impl Drop for AttemptWatch<'_> {
    fn drop(&mut self) {
        let CallContext { operation, replay, reconcile } = self.context;
        let is_unknown = !self.has_ended && self.progress.delivery() == Delivery::Unknown;
        if replay.is_repeatable() || !is_unknown {
            return;
        }
        if let Some(fate) = self.fate {
            fate.set(MAY_HAVE_HAPPENED);
        }
        tracing::warn!(
            target: "payglot",
            operation,
            reconcile,
            "given up by its caller, and it may have taken effect"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::ZERO;

    #[test]
    fn a_call_that_never_began_did_not_happen_and_one_that_runs_may_have() {
        let fate = CallFate::default();
        let guard = fate.guard();
        assert!(fate.may_have_happened(Duration::from_millis(1)));
        drop(guard);
        assert!(!fate.may_have_happened(NOW));
        let fate = CallFate::default();
        fate.guard().ended();
        assert!(fate.may_have_happened(NOW));
        // Given up while its response is read.
        let fate = CallFate::default();
        let guard = fate.guard();
        fate.ended();
        drop(guard);
        assert!(fate.may_have_happened(NOW));
    }

    #[test]
    fn the_attempt_knows_better_than_the_call_around_it() {
        for (connecting, may_have_happened) in [(false, true), (true, false)] {
            let (fate, progress) = (CallFate::default(), SendProgress::default());
            if connecting {
                progress.connecting();
            }
            let guard = fate.guard();
            let context = CallContext::raw(crate::schema::Replay::Money);
            let (fate_of_attempt, has_ended) = (Some(&fate), false);
            drop(AttemptWatch { context, fate: fate_of_attempt, progress: &progress, has_ended });
            drop(guard);
            assert_eq!(fate.may_have_happened(NOW), may_have_happened);
        }
    }
}
