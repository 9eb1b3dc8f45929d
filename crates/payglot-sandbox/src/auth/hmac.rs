//! Checks HMAC-SHA256 signatures.

use payglot::schema::{HmacScheme, Provider};

use super::canonical::Signed;
use super::signature_check::{SignatureCheck, decode};
use super::{Check, Outcome, ReceivedRequest, Verifier, hint};

/// The fixed signature that Paywint's own sandbox accepts.
const STATIC_SIGNATURE: &str = "8b3cb99a4b8e24fc7e01d0db635e2e47b80818144fe51400c6c6ae3ecbc84f47";

impl Verifier {
    pub(super) fn hmac(
        &self,
        provider: &Provider,
        scheme: &HmacScheme,
        received: &ReceivedRequest<'_>,
    ) -> Check {
        let mut values = Vec::new();
        for (header, template) in scheme.headers {
            match self.credentials_in(provider, received, header, template) {
                Ok(others) => values.extend(others),
                Err(reason) => return Check::failed(reason),
            }
        }
        let Some(key) = self.credential(provider, scheme.key) else {
            return Check::failed("the sandbox has no key for this provider");
        };
        let signature =
            values.iter().find(|(name, _)| *name == "signature").map_or("", |(_, value)| value);
        let signed = Signed::accepted(received, self.empty_body, &values);
        let check = SignatureCheck { scheme, key: key.as_bytes(), signature };

        let fitting = signed.iter().find(|signed| check.verify(&signed.canonical(scheme)));
        let accepted =
            fitting.is_some() || (self.static_signature && signature == STATIC_SIGNATURE);
        let guess = (!accepted).then(|| hint::guess(&check, received, &signed));
        let (reason, mistaken) = guess
            .map(|guess| (guess.reason, guess.signed))
            .map_or((None, None), |(reason, signed)| (Some(reason), signed));
        Check {
            result: if accepted { Outcome::Passed } else { Outcome::Failed },
            reason,
            canonical_expected: fitting.or(signed.first()).map(|signed| signed.shown(scheme)),
            canonical_received: mistaken.map(|signed| signed.shown(scheme)),
            signature_received: Some(shown(scheme, signature)),
        }
    }
}

/// The received signature for the log. A text that is not a signature is not shown: it may be a secret.
fn shown(scheme: &HmacScheme, signature: &str) -> String {
    match decode(scheme, signature) {
        Some(_) => signature.to_owned(),
        None => format!("[{} characters that are not a signature]", signature.chars().count()),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use payglot::paywint_platform::PROVIDER;
    use payglot::schema::Auth;

    use super::super::EmptyBody;
    use super::*;

    const KEY: &[u8] = b"your_platform_secret_key";
    const BODY: &[u8] =
        br#"{"name":"John Doe","email":"john@example.com","phone":"9876543210","phone_country_code":"+91"}"#;
    const WALLET: &str = "/api/platform/wallet/get/f47ac10b-58cc-4372-a567-0e02b2c3d479";

    fn scheme() -> &'static HmacScheme {
        let Auth::Hmac(scheme) = &PROVIDER.auth else { panic!("not signed") };
        scheme
    }

    fn signed(received: (&str, &str, Option<&str>, &[u8]), empty_body: EmptyBody) -> Vec<String> {
        let (method, path, query, body) = received;
        let received = ReceivedRequest { method, path, query, headers: &HeaderMap::new(), body };
        Signed::accepted(&received, empty_body, &[])
            .iter()
            .map(|signed| signed.canonical(scheme()))
            .collect()
    }

    fn verify(signature: &str, canonical: &str) -> bool {
        SignatureCheck { scheme: scheme(), key: KEY, signature }.verify(canonical)
    }

    #[test]
    fn the_published_example_has_this_canonical_string_and_signature() {
        let query = Some("isExample=true&version=1.0.5");
        let canonical =
            signed(("POST", "/api/platform/users/create", query, BODY), EmptyBody::Either);
        assert_eq!(
            canonical,
            ["POST/api/platform/users/create?isExample=true&version=1.0.5\
              7bad9f087671627c51648de87b95a8a7472bd881328fa20fc3d7268e8ce88cac"]
        );
        let signature = "386937bd022ec588838e70df0719eb0e69ada97272af58e833c41163be94efc5";
        assert!(verify(signature, &canonical[0]));
        assert!(!verify(&signature.to_uppercase(), &canonical[0]));
        assert!(!verify(&signature.replacen('3', "4", 1), &canonical[0]));
        assert!(!verify(&signature[..62], &canonical[0]));
        assert!(!verify("", &canonical[0]));
    }

    #[test]
    fn an_empty_body_is_hashed_or_left_out() {
        let hashed =
            format!("GET{WALLET}e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let omitted = format!("GET{WALLET}");
        let get = ("GET", WALLET, None, b"".as_slice());
        assert_eq!(signed(get, EmptyBody::Hash), [hashed.as_str()]);
        assert_eq!(signed(get, EmptyBody::Omit), [omitted.as_str()]);
        assert_eq!(signed(get, EmptyBody::Either), [hashed.as_str(), omitted.as_str()]);
        assert!(verify(
            "ac936261e6c7cc033a83f5332190694ec94a8791d73132802502ba5e4fd862a0",
            &hashed
        ));
        assert!(verify(
            "58d6ea289b2a22b19390d1c1f8c971ac4f4ee8301f93e7cb1436cca9757930f1",
            &omitted
        ));
    }

    #[test]
    fn an_empty_query_keeps_its_question_mark() {
        assert!(signed(("GET", "/x", Some(""), b""), EmptyBody::Omit)[0].ends_with("/x?"));
    }
    #[test]
    fn every_contract_vector_is_accepted_and_shows_its_canonical_string() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../../../tests/contract/signing.json")).unwrap();
        let cases = vectors["cases"].as_array().unwrap();
        assert!(!cases.is_empty());
        for case in cases {
            let text = |name: &str| case[name].as_str().unwrap();
            let bytes = |name: &str| STANDARD.decode(text(name)).unwrap();
            let empty_body = match text("empty_body") {
                "hash" => EmptyBody::Hash,
                "omit" => EmptyBody::Omit,
                other => panic!("{other}"),
            };
            let (key, body) = (bytes("key_base64"), bytes("body_base64"));
            let query = text("query").strip_prefix('?');
            let canonical = signed((text("method"), text("path"), query, &body), empty_body);
            assert_eq!(canonical, [text("canonical")], "{}", text("name"));
            let check =
                SignatureCheck { scheme: scheme(), key: &key, signature: text("signature") };
            assert!(check.verify(&canonical[0]), "{}", text("name"));
        }
    }
}
