//! The providers that are served.

use payglot::schema::Provider;

/// Every provider, on one port.
pub(crate) static PROVIDERS: [&Provider; 3] = [
    &payglot::paywint_platform::PROVIDER,
    &payglot::paywint_developer::PROVIDER,
    &payglot::linora::PROVIDER,
];
