//! Credentials that a JavaScript function gives.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use payglot::Credential;
use payglot::runtime::auth::Raised;
use serde_json::json;
use tokio::sync::oneshot;

use crate::queue::Queue;

/// The readings that JavaScript has not replied to. Clones are the same.
#[derive(Clone, Default)]
pub struct Readings(Arc<Mutex<Open>>);

#[derive(Default)]
struct Open {
    last: u32,
    senders: HashMap<u32, oneshot::Sender<Result<String, Raised>>>,
}

impl Readings {
    /// What the function with this number gives.
    pub fn credential(&self, queue: &Queue, function: u32) -> Credential {
        let (readings, queue) = (self.clone(), queue.clone());
        Credential::awaited(move || {
            let (sender, receiver) = oneshot::channel();
            let number = {
                let mut open = readings.0.lock().unwrap_or_else(PoisonError::into_inner);
                open.last = open.last.wrapping_add(1);
                let number = open.last;
                open.senders.insert(number, sender);
                number
            };
            queue.log(function, json!([number]).to_string());
            let lost = |_| Err(Raised("it was not called".to_owned()));
            async move { receiver.await.unwrap_or_else(lost) }
        })
    }

    /// Gives a reading its value, or why there is none: the name of an error's class.
    pub fn reply(&self, number: u32, value: Result<String, String>) {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner).senders.remove(&number);
        if let Some(sender) = sender {
            // Nobody waits any more where the call was given up.
            let _ = sender.send(value.map_err(Raised));
        }
    }
}
