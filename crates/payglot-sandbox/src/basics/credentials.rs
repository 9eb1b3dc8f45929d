//! The credentials a sandbox accepts, and a wrapper that hides secret ones from logs.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Random;

/// A value that is only shown on purpose.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secret(String);

impl Secret {
    pub(crate) fn new(value: String) -> Self {
        Self(value)
    }

    /// The value itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What clients of this sandbox authenticate with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Credentials {
    /// Paywint Platform API: sent as `X-Platform-ID`.
    pub platform_id: String,
    /// Paywint Platform API: the key of the signature.
    pub secret_key: Secret,
    /// Paywint Developer API: sent as `X-Api-Key`.
    pub api_key: Secret,
    /// Paywint Developer API: sent as `X-Api-Secret`.
    pub api_secret: Secret,
    /// Linora API: the bearer key.
    pub linora_api_key: Secret,
}

impl Credentials {
    pub(crate) fn draw(random: &mut Random) -> Self {
        Self {
            platform_id: random.uuid().to_string(),
            secret_key: Secret(random.secret("psk_sandbox_")),
            api_key: Secret(random.secret("pak_sandbox_")),
            api_secret: Secret(random.secret("pas_sandbox_")),
            linora_api_key: Secret(random.secret("lin_sandbox_")),
        }
    }

    /// The value that clients read from the named environment variable: its name is unique over all
    /// providers, which the name of a constructor argument is not.
    pub(crate) fn by_env(&self, variable: &str) -> Option<&str> {
        Some(match variable {
            "PAYWINT_PLATFORM_ID" => &self.platform_id,
            "PAYWINT_SECRET_KEY" => self.secret_key.expose(),
            "PAYWINT_API_KEY" => self.api_key.expose(),
            "PAYWINT_API_SECRET" => self.api_secret.expose(),
            "LINORA_API_KEY" => self.linora_api_key.expose(),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::basics::{PROVIDERS, Stream};

    #[test]
    fn every_credential_of_every_provider_is_known() {
        let credentials = Credentials::draw(&mut Random::seeded(1, Stream::Start));
        for credential in PROVIDERS.iter().flat_map(|provider| provider.credentials) {
            assert!(
                credentials.by_env(credential.env).is_some(),
                "{} has no value",
                credential.env
            );
        }
    }

    #[test]
    fn debug_hides_secrets() {
        let credentials = Credentials::draw(&mut Random::seeded(1, Stream::Start));
        let shown = format!("{credentials:?}");
        assert!(shown.contains(&credentials.platform_id));
        for secret in [
            &credentials.secret_key,
            &credentials.api_key,
            &credentials.api_secret,
            &credentials.linora_api_key,
        ] {
            assert!(!shown.contains(secret.expose()));
        }
    }
}
