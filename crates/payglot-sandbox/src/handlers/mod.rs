//! Which function serves which operation: serving one more is one function and one line in its provider's list.

use crate::answer::{Payload, Refusal};
use crate::app::Scene;
use crate::call::Call;
use crate::{developer, linora, platform};

/// Serves one validated call.
pub(crate) type Handler = fn(&mut Scene<'_>, &Call) -> Result<Payload, Refusal>;

/// The operations that one provider's module serves, by name.
pub(crate) type Handlers = &'static [(&'static str, Handler)];

/// Every provider's handlers.
static HANDLERS: &[(&str, Handlers)] = &[
    ("paywint-platform", platform::HANDLERS),
    ("paywint-developer", developer::HANDLERS),
    ("linora", linora::HANDLERS),
];

pub(crate) fn find(provider: &str, operation: &str) -> Option<Handler> {
    let (_, handlers) = HANDLERS.iter().find(|(name, _)| *name == provider)?;
    handlers.iter().find(|(name, _)| *name == operation).map(|(_, handler)| *handler)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::PROVIDERS;

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
