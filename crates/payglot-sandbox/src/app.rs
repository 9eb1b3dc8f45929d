//! What all requests share: the tables, the credentials, the state and the log.

use std::sync::{Mutex, MutexGuard};

use jiff::Timestamp;

use crate::auth::Gate;
use crate::due;
use crate::faults::Faults;
use crate::hosted::Pages;
use crate::identity::Identity;
use crate::log::Log;
use crate::random::{Random, Stream};
use crate::routes::Routes;
use crate::snapshot::Snapshot;
use crate::state::{StateFile, Unsaved};
use crate::store::Store;
use crate::{Clock, Error, seed};

/// One running sandbox.
pub(crate) struct App {
    pub base_url: String,
    pub identity: Identity,
    pub routes: Routes,
    pub gate: Gate,
    pub pages: Pages,
    pub clock: Clock,
    pub log: Log,
    pub faults: Faults,
    seed: Option<u64>,
    world: Mutex<World>,
}

/// What requests change.
struct World {
    store: Store,
    random: Random,
    file: Option<StateFile>,
}

/// What one request sees and may change; it has the world to itself.
pub(crate) struct Scene<'a> {
    pub store: &'a mut Store,
    pub random: &'a mut Random,
    pub now: Timestamp,
    pub base_url: &'a str,
    pub identity: &'a Identity,
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
        let world = World { store, random: Random::new(seed, Stream::Requests)?, file };
        let app = Self {
            base_url,
            identity,
            routes,
            gate,
            pages: Pages::new()?,
            clock,
            log: Log::default(),
            faults: Faults::default(),
            seed,
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
        let World { store, random, .. } = world;
        let outcome = act(&mut Scene {
            store,
            random,
            now,
            base_url: &self.base_url,
            identity: &self.identity,
        });
        let outcome = outcome.and_then(|value| {
            self.save_changes(world)?;
            Ok(value)
        });
        match &outcome {
            Ok(_) => world.store.commit(),
            Err(_) => world.store.roll_back(),
        }
        outcome
    }

    fn save_changes(&self, world: &mut World) -> Result<(), Unsaved> {
        let World { store, random, file } = world;
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
