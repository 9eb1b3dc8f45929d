//! What all requests share: the tables, the credentials, the state and the log.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use uuid::Uuid;

use crate::auth::Gate;
use crate::hosted::Pages;
use crate::log::Log;
use crate::random::{Random, Stream};
use crate::routes::Routes;
use crate::store::Store;
use crate::{Clock, Error};

/// One running sandbox.
pub(crate) struct App {
    pub base_url: String,
    pub user_id: Uuid,
    pub routes: Routes,
    pub gate: Gate,
    pub pages: Pages,
    pub clock: Clock,
    pub log: Log,
    seed: Option<u64>,
    world: Mutex<World>,
}

/// What requests change.
struct World {
    store: Store,
    random: Random,
}

/// What one request sees and may change; it has the world to itself.
pub(crate) struct Scene<'a> {
    pub store: &'a mut Store,
    pub random: &'a mut Random,
    pub now: Timestamp,
    pub base_url: &'a str,
}

impl App {
    pub fn new(
        base_url: String,
        user_id: Uuid,
        routes: Routes,
        gate: Gate,
        seed: Option<u64>,
    ) -> Result<Self, Error> {
        let random = Random::new(seed, Stream::Requests)?;
        Ok(Self {
            base_url,
            user_id,
            routes,
            gate,
            pages: Pages::new()?,
            clock: Clock::default(),
            log: Log::default(),
            seed,
            world: Mutex::new(World { store: Store::new(user_id), random }),
        })
    }

    /// Runs one request's changes; no other request runs between them.
    pub fn scene<R>(&self, act: impl FnOnce(&mut Scene<'_>) -> R) -> R {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let World { store, random } = &mut *world;
        act(&mut Scene { store, random, now: self.clock.now(), base_url: &self.base_url })
    }

    /// Back to the state after the start, with the same credentials and user.
    pub fn reset(&self) {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.store = Store::new(self.user_id);
        if let Some(seed) = self.seed {
            world.random = Random::seeded(seed, Stream::Requests);
        }
        self.clock.reset();
        self.log.clear();
    }
}
