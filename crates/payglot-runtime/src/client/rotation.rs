//! Keys that are read again: when the vendor responds with 401, and when the client is told to.

use std::sync::Arc;
use std::time::Duration;

use super::hosts::Hosts;
use super::{CallContext, Core};
use crate::auth::Credential;
use crate::error::{Error, ErrorKind};

/// Whether the vendor did not take the keys: for the call, or where it gives tokens.
pub(super) fn is_refusal(error: &Error) -> bool {
    match error.status() {
        Some(401) => true,
        Some(400) => error.kind() == ErrorKind::Authentication && error.nothing_was_sent(),
        _ => false,
    }
}

impl CallContext {
    /// Whether a call whose keys were refused goes out again with others: where it can be repeated, or never left.
    pub(super) fn goes_out_with_other_keys(self, refused: &Error) -> bool {
        self.replay.is_repeatable() || refused.nothing_was_sent()
    }
}

impl Core {
    /// Reads the credentials again that come from a file or a function. Calls that begin from now on, also those of clients
    /// that share its credentials, have the new ones; a call in flight ends with those that it began with.
    ///
    /// # Errors
    ///
    /// A configuration error where one cannot be read or is no key, where a public one such as a platform's id is another than
    /// before, or where there is nothing to read. The client has the keys of before then.
    pub async fn rotate(&self) -> Result<(), Error> {
        self.0.hosts.keyring.rotate(Vec::new()).await
    }

    /// The same with others in the slots of those that are named, by the names in the provider's table.
    ///
    /// # Errors
    ///
    /// As for [`rotate`](Self::rotate), or that a name is unknown.
    pub async fn rotate_to<'n>(
        &self,
        given: impl IntoIterator<Item = (&'n str, Credential)>,
    ) -> Result<(), Error> {
        let provider = self.provider();
        let known = given
            .into_iter()
            .map(|(name, credential)| Ok((provider.credential(name)?, credential)));
        let known = known.collect::<Result<Vec<_>, Error>>()?;
        self.0.hosts.keyring.rotate(known).await
    }

    /// The hosts of a call that begins, once its keys were read.
    pub(super) async fn read_first(
        &self,
        hosts: Arc<Hosts>,
        timeout: Duration,
    ) -> Result<Arc<Hosts>, Error> {
        let reading = self.0.hosts.keyring.read_again(&hosts.base.authenticator);
        if let Ok(read) = tokio::time::timeout(timeout, reading).await {
            read.map_err(Error::with_nothing_sent)?;
            Ok(self.0.hosts.current())
        } else {
            let problem =
                "the credentials were not read within the time for the call; nothing was sent";
            Err(Error::new(ErrorKind::ApiTimeout, problem).with_nothing_sent())
        }
    }

    /// The hosts with which a call goes out once more whose keys were refused, or the error that it ends with. The keys are read
    /// again in any case.
    pub(super) async fn after_refusal(
        &self,
        error: Error,
        hosts: &Hosts,
        context: CallContext,
        remaining: Duration,
    ) -> Result<Arc<Hosts>, Error> {
        let reading = self.0.hosts.keyring.read_again(&hosts.base.authenticator);
        match tokio::time::timeout(remaining, reading).await {
            Ok(Ok(true)) if context.goes_out_with_other_keys(&error) => Ok(self.0.hosts.current()),
            Ok(Ok(_)) => Err(error),
            Ok(Err(problem)) => Err(error.with_note(problem.message())),
            Err(_) => {
                Err(error
                    .with_note("the credentials were not read again within the time for the call"))
            }
        }
    }
}
