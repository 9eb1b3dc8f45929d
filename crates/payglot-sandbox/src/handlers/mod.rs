//! The handlers of the operations: one function per operation and one entry in its provider's list.
//!
//! May use [`crate::flow`], [`crate::operation`] and everything below them. Must not know how a request was
//! authenticated, nor HTTP. A provider's folder must not know another's.

mod developer;
pub(crate) mod linora;
pub(crate) mod platform;

use crate::operation::HandlersByProvider;

/// Every provider's handlers.
pub(crate) static HANDLERS: HandlersByProvider = &[
    ("paywint-platform", platform::HANDLERS),
    ("paywint-developer", developer::HANDLERS),
    ("linora", linora::HANDLERS),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::basics::PROVIDERS;

    #[test]
    fn every_handler_serves_an_operation_of_the_tables() {
        for (provider, handlers) in HANDLERS {
            let table = PROVIDERS.iter().find(|table| table.name == *provider).expect(provider);
            for (name, _) in *handlers {
                assert!(
                    table.operations.iter().any(|operation| operation.name == *name),
                    "{provider} {name}"
                );
            }
        }
    }
}
