//! The environment variables that a client is made with: those of the process, or those that a binding hands down.
//!
//! A language may see other variables than the process has: a worker of Node has an `env` of its own, a test replaces
//! `os.environ`. What such a language hands down is all there is; the process's own are not looked at then.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
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

/// Largest file that holds a value: 64 KiB.
const MAX_BYTES: u64 = 64 * 1024;

/// The variable with the path of a file that holds what a variable could hold.
pub fn file_variable(name: &str) -> String {
    format!("{name}_FILE")
}

/// What the environment says of one value.
pub(crate) enum Variable {
    Value(Zeroizing<String>),
    /// The name of a variable, and the file that it names.
    File(String, PathBuf),
}

/// The text of a file, without the end of its last line.
pub(crate) fn read_file(path: &Path) -> Result<Zeroizing<String>, &'static str> {
    use std::io::{ErrorKind, Read as _};
    let problem = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => "there is no such file",
        ErrorKind::PermissionDenied => "this process must not read it",
        ErrorKind::IsADirectory => "it is a folder",
        ErrorKind::InvalidData => "it is no text",
        _ => "it cannot be read",
    };
    let file = std::fs::File::open(path).map_err(problem)?;
    // As large as it gets, at once: a text that grows would leave copies behind.
    let size = file.metadata().map_err(problem)?.len();
    if size > MAX_BYTES {
        return Err("it has more than 64 KiB");
    }
    let mut text =
        Zeroizing::new(String::with_capacity(usize::try_from(size).unwrap_or_default() + 1));
    file.take(MAX_BYTES).read_to_string(&mut text).map_err(problem)?;
    let end = text.strip_suffix('\n').map_or(text.len(), |line| line.trim_end_matches('\r').len());
    text.truncate(end);
    Ok(text)
}

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
    pub fn names(provider: &'static Provider) -> impl Iterator<Item = String> {
        let own = provider.credentials.iter().map(|credential| credential.env);
        let own = own.chain([provider.base_url_env]);
        let files = own.clone().map(file_variable);
        let others = [ALLOW_INSECURE_HTTP, CERTIFICATE_FILE, CERTIFICATE_FOLDERS];
        let others = others.into_iter().chain(HTTP_PROXY).chain(HTTPS_PROXY).chain(NO_PROXY);
        own.chain(others).map(str::to_owned).chain(files)
    }

    /// What a variable or its `…_FILE` says, or what is wrong where both say something.
    pub(crate) fn either(&self, name: &str) -> Result<Option<Variable>, String> {
        let file = file_variable(name);
        match (self.get(name), self.get(&file)) {
            (Some(_), Some(_)) => Err(format!("is in both {name} and {file}; set one of them")),
            (Some(value), None) => Ok(Some(Variable::Value(value))),
            (None, Some(path)) => Ok(Some(Variable::File(file, path.as_str().into()))),
            (None, None) => Ok(None),
        }
    }

    /// Whether a variable has a value, or its `…_FILE`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some() || self.get(&file_variable(name)).is_some()
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
