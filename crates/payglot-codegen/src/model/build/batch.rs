//! Checks `[batch]` of `provider.toml` against the operation that it names.

use crate::diagnostic::Diagnostic;
use crate::model::{Operation, Paging, ProviderConfig, Replay};

/// What is wrong with the operation that pays the rows of a batch.
pub fn check(config: &ProviderConfig, operations: &[Operation]) -> Option<Diagnostic> {
    let name = &config.batch.as_ref()?.operation;
    let named = operations.iter().find(|operation| operation.name == *name);
    let pays = |operation: &Operation| {
        matches!(operation.replay, Replay::Money | Replay::Create)
            && matches!(operation.paging, Paging::None)
    };
    if named.is_some_and(pays) {
        return None;
    }
    let problem = format!("batch: there is no operation `{name}` that pays or creates");
    let fix = "Name one of class `money` or `create`, or take `[batch]` out.";
    Some(Diagnostic::edit("provider.toml", problem, fix))
}
