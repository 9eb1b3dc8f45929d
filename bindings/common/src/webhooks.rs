//! How webhook deliveries are signed, as the languages write it down.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use payglot_runtime::schema::Encoding;
use payglot_runtime::webhooks::Scheme;
use serde::Deserialize;

use crate::error_fields::InvalidRequest;

/// A signature scheme as the user gave it. As JSON, names are in camel case.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SchemeOptions {
    /// Header with the signature.
    pub signature_header: String,
    /// Header with the time of sending, where it is signed.
    pub timestamp_header: Option<String>,
    /// Text between timestamp and body in what is signed.
    pub separator: String,
    /// Text before the signature in its header.
    pub prefix: String,
    /// `hex` or `base64`.
    pub encoding: String,
    /// Seconds that the timestamp may be from now.
    pub tolerance: f64,
}

impl SchemeOptions {
    /// Checks it.
    pub fn scheme(self) -> Result<Scheme, InvalidRequest> {
        let encoding = Encoding::from_name(&self.encoding)
            .ok_or_else(|| InvalidRequest::new("encoding", "must be \"hex\" or \"base64\""))?;
        Ok(Scheme {
            signature_header: self.signature_header.into(),
            timestamp_header: self.timestamp_header.map(Into::into),
            separator: self.separator.into(),
            prefix: self.prefix.into(),
            encoding,
            tolerance: duration_from_secs("tolerance", self.tolerance)?,
        })
    }
}

/// A duration that an argument holds in seconds.
pub fn duration_from_secs(
    argument: &'static str,
    seconds: f64,
) -> Result<Duration, InvalidRequest> {
    Duration::try_from_secs_f64(seconds)
        .map_err(|_| InvalidRequest::new(argument, "must be seconds, not negative"))
}

/// The time to compare a delivery's timestamp with: the one given in Unix seconds, or now.
pub fn time_from_secs(seconds: Option<f64>) -> Result<SystemTime, InvalidRequest> {
    let Some(seconds) = seconds else { return Ok(SystemTime::now()) };
    Duration::try_from_secs_f64(seconds)
        .ok()
        .and_then(|since| UNIX_EPOCH.checked_add(since))
        .ok_or_else(|| InvalidRequest::new("now", "must be Unix seconds"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scheme(encoding: &str, tolerance: f64) -> Result<Scheme, String> {
        let options = SchemeOptions {
            signature_header: "X-Signature".to_owned(),
            timestamp_header: None,
            separator: ".".to_owned(),
            prefix: String::new(),
            encoding: encoding.to_owned(),
            tolerance,
        };
        options.scheme().map_err(|invalid| invalid.message())
    }

    #[test]
    fn a_scheme_names_what_is_wrong_with_it() {
        assert_eq!(scheme("hex", 1.5).unwrap().tolerance, Duration::from_millis(1500));
        assert_eq!(
            scheme("hexadecimal", 1.0).unwrap_err(),
            "`encoding` must be \"hex\" or \"base64\""
        );
        assert_eq!(
            scheme("base64", -1.0).unwrap_err(),
            "`tolerance` must be seconds, not negative"
        );
    }

    #[test]
    fn a_time_is_given_or_now() {
        let given = time_from_secs(Some(1.0)).unwrap();
        assert_eq!(given.duration_since(UNIX_EPOCH).unwrap(), Duration::from_secs(1));
        assert!(time_from_secs(None).unwrap() > given);
        assert!(time_from_secs(Some(f64::NAN)).is_err());
    }
}
