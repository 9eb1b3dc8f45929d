//! The identity of a sandbox: its credentials, and the users that exist from the start.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Credentials, Random};

/// What stays the same as long as a sandbox, or its state file, lives.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub credentials: Credentials,
    /// A user of the Platform API.
    pub user_id: Uuid,
    /// The account behind the keys of the Developer API.
    pub developer_id: Uuid,
}

impl Identity {
    pub fn draw(random: &mut Random) -> Self {
        let credentials = Credentials::draw(random);
        Self { credentials, user_id: random.uuid(), developer_id: random.uuid() }
    }
}
