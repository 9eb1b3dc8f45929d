//! The webhook endpoints, which can go back to what they were when the last change was committed.

use std::ops::Deref;

use crate::model::Endpoint;

/// Endpoints in the order they were registered.
#[derive(Default)]
pub(crate) struct Endpoints {
    list: Vec<Endpoint>,
    /// What they were before the change that is not committed yet.
    before: Option<Vec<Endpoint>>,
}

impl Endpoints {
    pub fn new(list: Vec<Endpoint>) -> Self {
        Self { list, before: None }
    }

    /// The endpoints, to be changed.
    pub fn change(&mut self) -> &mut Vec<Endpoint> {
        self.before.get_or_insert_with(|| self.list.clone());
        &mut self.list
    }

    /// The endpoints where they changed since the last commit.
    pub fn changed(&self) -> Option<&[Endpoint]> {
        self.before.is_some().then_some(&self.list)
    }

    pub fn commit(&mut self) {
        self.before = None;
    }

    pub fn roll_back(&mut self) {
        if let Some(before) = self.before.take() {
            self.list = before;
        }
    }
}

impl Deref for Endpoints {
    type Target = [Endpoint];

    fn deref(&self) -> &[Endpoint] {
        &self.list
    }
}
