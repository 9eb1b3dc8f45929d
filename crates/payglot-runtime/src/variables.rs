//! The environment variables that a client is made with: those of the process, or those that a binding hands down.
//!
//! A language may see other variables than the process has: a worker of Node has an `env` of its own, a test replaces
//! `os.environ`. What such a language hands down is all there is; the process's own are not looked at then.

use std::collections::BTreeMap;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::schema::Provider;

/// Allows `http://` to another machine where its value is `1`.
pub(crate) const ALLOW_INSECURE_HTTP: &str = "PAYGLOT_ALLOW_INSECURE_HTTP";
/// A file with the certificates to trust instead of the system's.
pub(crate) const CERTIFICATE_FILE: &str = "SSL_CERT_FILE";
/// Folders with such files.
pub(crate) const CERTIFICATE_FOLDERS: &str = "SSL_CERT_DIR";

/// Proxies for `http://`, in the order in which they count. As with curl there is no `HTTP_PROXY`: a web server that
/// runs CGI scripts puts the header `Proxy` of a request there.
pub(crate) const HTTP_PROXY: [&str; 3] = ["http_proxy", "all_proxy", "ALL_PROXY"];
/// Proxies for `https://`.
pub(crate) const HTTPS_PROXY: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// Hosts that no proxy is used for.
pub(crate) const NO_PROXY: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// What the environment says. The default is the process's.
// Without `Debug`: it holds credentials.
#[derive(Clone, Default)]
pub struct Variables(Option<Arc<BTreeMap<String, Zeroizing<String>>>>);

impl Variables {
    /// These and no others.
    pub fn given(variables: BTreeMap<String, Zeroizing<String>>) -> Self {
        Self(Some(Arc::new(variables)))
    }

    /// Every variable that a client of a provider may read.
    pub fn names(provider: &'static Provider) -> impl Iterator<Item = &'static str> {
        let credentials = provider.credentials.iter().map(|credential| credential.env);
        let others =
            [provider.base_url_env, ALLOW_INSECURE_HTTP, CERTIFICATE_FILE, CERTIFICATE_FOLDERS];
        credentials.chain(others).chain(HTTP_PROXY).chain(HTTPS_PROXY).chain(NO_PROXY)
    }

    /// The value of one; one that is empty counts as none.
    pub(crate) fn get(&self, name: &str) -> Option<Zeroizing<String>> {
        let value = match &self.0 {
            Some(given) => given.get(name).cloned(),
            None => std::env::var(name).ok().map(Zeroizing::new),
        };
        value.filter(|value| !value.is_empty())
    }

    /// The first of several that has a value.
    pub(crate) fn first_of(&self, names: &[&str]) -> Option<Zeroizing<String>> {
        names.iter().find_map(|name| self.get(name))
    }

    /// Whether they allow plain HTTP to other machines.
    pub(crate) fn allow_insecure_http(&self) -> bool {
        self.get(ALLOW_INSECURE_HTTP).is_some_and(|value| value.trim() == "1")
    }

    /// Whether they are those of the process.
    pub(crate) fn are_of_process(&self) -> bool {
        self.0.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issue_12_11_what_is_handed_down_is_all_there_is() {
        let given = [("NO_PROXY".to_owned(), Zeroizing::new("*".to_owned()))];
        let handed_down = Variables::given(given.into());
        assert_eq!(handed_down.first_of(&NO_PROXY).as_deref().map(String::as_str), Some("*"));
        assert!(Variables::default().get("PATH").is_some(), "the process has it");
        assert!(handed_down.get("PATH").is_none());
    }
}
