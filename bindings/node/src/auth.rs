//! What `lib/signed-fetch.cjs` authenticates requests with.

use napi::bindgen_prelude::Either;
use napi_derive::napi;
use payglot::{Credential, ErrorKind};
use payglot_bindings::{Authenticated, ClientOptions, ErrorFields, RequestAuthenticator};
use serde_json::json;

/// The keys of one provider, checked.
#[napi]
pub struct Authenticator(RequestAuthenticator);

/// Checks the credentials of the provider with this name, or gives an error as JSON. `options` is what
/// `lib/options.cjs` has checked and written.
#[napi]
#[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
pub fn open_authenticator(provider: String, options: String) -> Either<Authenticator, String> {
    let reject = |message: &'static str| {
        Either::B(ErrorFields::new(ErrorKind::Configuration, "", message).to_json())
    };
    let Some(provider) = payglot::providers::find(&provider) else {
        return reject("this build has no such provider");
    };
    let Ok(options) = serde_json::from_str::<ClientOptions>(&options) else {
        return reject("the options are not understood");
    };
    match RequestAuthenticator::new(provider, options, &|_| Credential::from("")) {
        Ok(authenticator) => Either::A(Authenticator(authenticator)),
        Err(error) => Either::B(ErrorFields::from(&error).to_json()),
    }
}

#[napi]
impl Authenticator {
    /// As JSON the `target` and the `headers` that a request must have, or the `error` that it is.
    #[napi]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn authenticate(
        &self,
        method: String,
        origin: String,
        target: String,
        body: &[u8],
    ) -> String {
        let result = match self.0.authenticate(&method, (&origin, &target), body) {
            Ok(Authenticated { target, headers }) => {
                json!({ "target": target, "headers": headers })
            }
            Err(error) => json!({ "error": error.fields("signedFetch").to_json() }),
        };
        result.to_string()
    }
}
