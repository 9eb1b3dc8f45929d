//! What all requests share: the tables, the credentials, the state and the log.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard};

use jiff::Timestamp;
use uuid::Uuid;

use crate::auth::Gate;
use crate::due;
use crate::faults::Faults;
use crate::hosted::Pages;
use crate::html::Templates;
use crate::identity::Identity;
use crate::log::Log;
use crate::random::{Random, Stream};
use crate::routes::Routes;
use crate::snapshot::Snapshot;
use crate::state::{StateFile, Unsaved};
use crate::store::Store;
use crate::webhooks::{self, Endpoint, Webhook};
use crate::{Clock, Error, credentials, page, seed};

/// One running sandbox.
pub(crate) struct App {
    pub base_url: String,
    pub identity: Identity,
    pub routes: Routes,
    pub gate: Gate,
    pub pages: Pages,
    pub console: Templates,
    pub clock: Clock,
    pub log: Log,
    pub faults: Faults,
    seed: Option<u64>,
    /// When the courier of webhooks wakes by itself, in microseconds.
    courier_awaits: AtomicI64,
    world: Mutex<World>,
}

/// What requests change.
struct World {
    store: Store,
    random: Random,
    file: Option<StateFile>,
    endpoints: Vec<Endpoint>,
}

/// What one request sees and may change; it has the world to itself.
pub(crate) struct Scene<'a> {
    pub store: &'a mut Store,
    pub random: &'a mut Random,
    pub now: Timestamp,
    pub base_url: &'a str,
    pub identity: &'a Identity,
    pub endpoints: &'a [Endpoint],
    /// The earliest of what this request made to happen later.
    pub soonest: Timestamp,
}

impl App {
    pub fn new(
        base_url: String,
        identity: Identity,
        routes: Routes,
        gate: Gate,
        seed: Option<u64>,
        file: Option<StateFile>,
    ) -> Result<Self, Error> {
        let clock = Clock::default();
        let store = seed::store(&identity, clock.now());
        let endpoints = file.as_ref().map(StateFile::endpoints).transpose()?.unwrap_or_default();
        let random = Random::new(seed, Stream::Requests)?;
        let world = World { store, random, file, endpoints };
        let app = Self {
            base_url,
            identity,
            routes,
            gate,
            pages: Pages::new()?,
            console: page::templates()?,
            clock,
            log: Log::default(),
            faults: Faults::default(),
            seed,
            courier_awaits: AtomicI64::new(i64::MAX),
            world: Mutex::new(world),
        };
        app.resume()?;
        Ok(app)
    }

    /// Goes on where the state file ended; a new file gets the state of the start.
    fn resume(&self) -> Result<(), Error> {
        let mut world = self.world();
        let kept = world.file.as_mut().map(StateFile::read).transpose()?.flatten();
        match kept {
            Some(snapshot) => self.become_like(&mut world, &snapshot).map_err(Error::State),
            None => {
                self.save_all(&mut world).map_err(|_| Error::State("cannot be written".to_owned()))
            }
        }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(|poisoned| {
            // A panic left a request's changes half done.
            let mut world = poisoned.into_inner();
            world.store.roll_back();
            self.world.clear_poison();
            world
        })
    }

    /// Lets time pass, then runs one request's changes; no other request runs between them. They are kept as
    /// a whole, or, where `act` fails or they cannot be saved, not at all.
    pub fn change<T, E: From<Unsaved>>(
        &self,
        act: impl FnOnce(&mut Scene<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut world = self.world();
        let now = self.clock.now();
        self.step(&mut world, now, |scene| {
            due::run(scene);
            Ok::<_, Unsaved>(())
        })?;
        self.step(&mut world, now, act)
    }

    fn step<T, E: From<Unsaved>>(
        &self,
        world: &mut World,
        now: Timestamp,
        act: impl FnOnce(&mut Scene<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let World { store, random, endpoints, .. } = world;
        let mut scene = Scene {
            store,
            random,
            now,
            base_url: &self.base_url,
            identity: &self.identity,
            endpoints,
            soonest: Timestamp::MAX,
        };
        let outcome = act(&mut scene);
        let soonest = scene.soonest;
        let outcome = outcome.and_then(|value| {
            self.save_changes(world)?;
            Ok(value)
        });
        match &outcome {
            Ok(_) => world.store.commit(),
            Err(_) => world.store.roll_back(),
        }
        if soonest.as_microsecond() < self.courier_awaits.load(Ordering::Relaxed) {
            self.clock.poke();
        }
        outcome
    }

    fn save_changes(&self, world: &mut World) -> Result<(), Unsaved> {
        let World { store, random, file, .. } = world;
        let Some(file) = file else { return Ok(()) };
        file.save(&store.changes()?, &random.state(), self.clock.offset_seconds())
    }

    fn save_all(&self, world: &mut World) -> Result<(), Unsaved> {
        let snapshot = self.snapshot_of(world)?;
        if let Some(file) = &mut world.file {
            file.replace(&snapshot)?;
        }
        world.store.commit();
        Ok(())
    }

    fn snapshot_of(&self, world: &World) -> serde_json::Result<Snapshot> {
        Ok(Snapshot {
            generator: world.random.state(),
            clock_offset_seconds: self.clock.offset_seconds(),
            rows: world.store.all()?,
        })
    }

    /// Takes a snapshot's state in memory.
    fn become_like(&self, world: &mut World, snapshot: &Snapshot) -> Result<(), String> {
        let store = Store::load(&snapshot.rows)?;
        let random = Random::resumed(&snapshot.generator)
            .ok_or_else(|| "the generator's state cannot be read".to_owned())?;
        world.store = store;
        world.random = random;
        self.clock.set_offset(snapshot.clock_offset_seconds);
        Ok(())
    }

    /// Notes when the courier wakes by itself; only within [`App::change`], so that no change is missed.
    pub fn courier_awaits(&self, time: Timestamp) {
        self.courier_awaits.store(time.as_microsecond(), Ordering::Relaxed);
    }

    /// Registers an endpoint, or gives the one with this address new settings.
    pub fn add_endpoint(&self, webhook: Webhook) -> Result<Endpoint, Unsaved> {
        let mut world = self.world();
        let secret = webhook.secret.clone();
        let secret =
            secret.unwrap_or_else(|| credentials::Secret::new(world.random.secret("whs_sandbox_")));
        let endpoint = Endpoint::new(webhook, secret);
        self.change_endpoints(&mut world, |endpoints| {
            endpoints.retain(|other| other.id != endpoint.id);
            endpoints.push(endpoint.clone());
        })?;
        Ok(endpoint)
    }

    /// Forgets an endpoint and what it should still be told. Whether it was there.
    pub fn remove_endpoint(&self, id: Uuid) -> Result<bool, Unsaved> {
        let mut world = self.world();
        let before = world.endpoints.len();
        self.change_endpoints(&mut world, |endpoints| endpoints.retain(|other| other.id != id))?;
        let now = self.clock.now();
        let there = world.endpoints.len() < before;
        self.step(&mut world, now, |scene| {
            webhooks::forget(scene.store, id);
            Ok::<_, Unsaved>(())
        })?;
        Ok(there)
    }

    /// Lets what an endpoint should be told wait, or not any longer. `None` where there is no such endpoint.
    pub fn hold_endpoint(&self, id: Uuid, held: bool) -> Result<Option<Endpoint>, Unsaved> {
        let mut world = self.world();
        self.change_endpoints(&mut world, |endpoints| {
            for endpoint in endpoints.iter_mut().filter(|endpoint| endpoint.id == id) {
                endpoint.held = held;
            }
        })?;
        Ok(world.endpoints.iter().find(|endpoint| endpoint.id == id).cloned())
    }

    fn change_endpoints(
        &self,
        world: &mut World,
        change: impl FnOnce(&mut Vec<Endpoint>),
    ) -> Result<(), Unsaved> {
        let mut endpoints = world.endpoints.clone();
        change(&mut endpoints);
        if let Some(file) = &world.file {
            file.save_endpoints(&endpoints)?;
        }
        world.endpoints = endpoints;
        self.clock.poke();
        Ok(())
    }

    /// Everything that requests made, as of now.
    pub fn snapshot(&self) -> Result<Snapshot, Unsaved> {
        Ok(self.snapshot_of(&self.world())?)
    }

    /// Back to the state of a snapshot; on an error nothing changes.
    pub fn restore(&self, snapshot: &Snapshot) -> Result<(), String> {
        let mut world = self.world();
        let before = self.snapshot_of(&world).map_err(|error| error.to_string())?;
        self.become_like(&mut world, snapshot)?;
        let saved = self.save_all(&mut world);
        saved.or_else(|_| {
            self.become_like(&mut world, &before)?;
            Err("the state file cannot be written".to_owned())
        })
    }

    /// Back to the state after the start, with the same credentials and users.
    pub fn reset(&self) -> Result<(), Unsaved> {
        let mut world = self.world();
        self.clock.reset();
        world.store = seed::store(&self.identity, self.clock.now());
        if let Some(seed) = self.seed {
            world.random = Random::seeded(seed, Stream::Requests);
        }
        self.log.clear();
        self.faults.clear();
        self.save_all(&mut world)
    }
}
