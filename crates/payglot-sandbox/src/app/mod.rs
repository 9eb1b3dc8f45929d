//! What all HTTP interfaces of one sandbox share: its routes, credentials, clock, log, faults and state.
//!
//! May use [`crate::auth`], [`crate::operation`], the scheduler and webhook queue of [`crate::flow`], and what is
//! below them. Must not know which handlers there are, nor the pages and interfaces that use it.

pub(crate) mod access;
pub(crate) mod connection;
pub(crate) mod faults;
pub(crate) mod log;
pub(crate) mod steps;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use self::access::Access;
use self::faults::Faults;
use self::log::Log;
use self::steps::Watched;
use crate::auth::Verifier;
use crate::basics::{Clock, Error, Identity, PROVIDERS, Random, Secret, Stream};
use crate::flow::{scheduler, webhooks};
use crate::model::{Endpoint, Webhook};
use crate::operation::Routes;
use crate::state::{RestoreError, SaveError, Snapshot, State, StateFile, Store, Transaction};

/// The environment variable that holds the token.
const TOKEN_VARIABLE: &str = "PAYGLOT_SANDBOX_TOKEN";

/// How a sandbox is reached, its seed, and who watches it.
pub(crate) struct Setup {
    pub base_url: String,
    pub access: Access,
    pub read_timeout: Duration,
    pub seed: Option<u64>,
    pub watched: Watched,
}

/// One running sandbox.
pub(crate) struct App {
    pub base_url: String,
    pub identity: Identity,
    pub routes: Routes,
    pub verifier: Verifier,
    pub clock: Clock,
    pub log: Log,
    pub faults: Faults,
    pub watched: Watched,
    pub access: Access,
    /// How long the body of a request may take to arrive.
    pub read_timeout: Duration,
    /// One snapshot is read at a time: they are large.
    pub restoring: tokio::sync::Mutex<()>,
    seed: Option<u64>,
    /// When the webhook dispatcher wakes by itself, in microseconds.
    dispatcher_wakes_at: AtomicI64,
    state: Mutex<State>,
}

impl App {
    pub fn new(
        setup: Setup,
        identity: Identity,
        routes: Routes,
        verifier: Verifier,
        file: Option<StateFile>,
    ) -> Result<Self, Error> {
        let Setup { base_url, access, read_timeout, seed, watched } = setup;
        let clock = Clock::default();
        let random = Random::new(seed, Stream::Requests)?;
        let state = State::open(&identity, random, file, &clock)?;
        Ok(Self {
            base_url,
            identity,
            routes,
            verifier,
            clock,
            log: Log::default(),
            faults: Faults::default(),
            watched,
            access,
            read_timeout,
            restoring: tokio::sync::Mutex::default(),
            seed,
            dispatcher_wakes_at: AtomicI64::new(i64::MAX),
            state: Mutex::new(state),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| {
            // A panic left a request's changes half done.
            let mut state = poisoned.into_inner();
            state.roll_back();
            self.state.clear_poison();
            state
        })
    }

    /// Runs the jobs that are due, then one request's transaction; no other request runs between them. Where
    /// `act` fails or its changes cannot be saved, none of them happens.
    pub fn transact<T, E: From<SaveError>>(
        &self,
        act: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut state = self.state();
        let offset = self.clock.offset_seconds();
        let now = Clock::at_offset(offset);
        self.run(&mut state, now, offset, |tx| {
            scheduler::run(tx);
            Ok::<_, SaveError>(())
        })?;
        self.run(&mut state, now, offset, act)
    }

    /// Moves the clock forward by whole seconds and runs the jobs that are due then. Where that cannot be saved, the clock
    /// stays where it was.
    pub fn advance(&self, by: Duration) -> Result<(), SaveError> {
        let mut state = self.state();
        let by = i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
        let offset = self.clock.offset_seconds().saturating_add(by);
        self.run(&mut state, Clock::at_offset(offset), offset, |tx| {
            scheduler::run(tx);
            Ok::<_, SaveError>(())
        })?;
        self.clock.set_offset(offset);
        Ok(())
    }

    fn run<T, E: From<SaveError>>(
        &self,
        state: &mut State,
        now: Timestamp,
        clock_offset_seconds: i64,
        act: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut tx = state.begin(now, &self.base_url, &self.identity);
        let outcome = act(&mut tx);
        let earliest_due = tx.earliest_due;
        let outcome = state.finish(outcome, clock_offset_seconds);
        if earliest_due.as_microsecond() < self.dispatcher_wakes_at.load(Ordering::Relaxed) {
            self.clock.wake();
        }
        outcome
    }

    /// Records when the dispatcher wakes by itself; only within [`App::transact`], so that no change is missed.
    pub fn set_dispatcher_wakes_at(&self, time: Timestamp) {
        self.dispatcher_wakes_at.store(time.as_microsecond(), Ordering::Relaxed);
    }

    /// Registers an endpoint; one with the same URL gets the new settings.
    pub fn add_endpoint(&self, webhook: Webhook) -> Result<Endpoint, SaveError> {
        let endpoint = self.transact(|tx| {
            let secret = webhook.secret.clone();
            let secret = secret.unwrap_or_else(|| Secret::new(tx.random.secret("whs_sandbox_")));
            let endpoint = Endpoint::new(webhook, secret);
            let endpoints = tx.endpoints.change();
            endpoints.retain(|other| other.id != endpoint.id);
            endpoints.push(endpoint.clone());
            Ok::<_, SaveError>(endpoint)
        })?;
        self.clock.wake();
        Ok(endpoint)
    }

    /// Removes an endpoint and the deliveries that wait for it. Whether it was registered.
    pub fn remove_endpoint(&self, id: Uuid) -> Result<bool, SaveError> {
        let was_registered = self.transact(|tx| {
            let is_registered = tx.endpoints.iter().any(|other| other.id == id);
            if is_registered {
                tx.endpoints.change().retain(|other| other.id != id);
                webhooks::forget(tx.store, id);
            }
            Ok::<_, SaveError>(is_registered)
        })?;
        self.clock.wake();
        Ok(was_registered)
    }

    /// Holds back the deliveries to an endpoint. `None` where there is no such endpoint.
    pub fn hold_endpoint(&self, id: Uuid) -> Result<Option<Endpoint>, SaveError> {
        self.change_endpoint(id, |_, _, endpoint| endpoint.held = true)
    }

    /// Sends the deliveries that wait for an endpoint, in their order or the reverse. `None` where there is no such
    /// endpoint.
    pub fn release_endpoint(
        &self,
        id: Uuid,
        reversed: bool,
    ) -> Result<Option<Endpoint>, SaveError> {
        self.change_endpoint(id, |store, now, endpoint| {
            webhooks::release(store, now, id, reversed);
            endpoint.held = false;
        })
    }

    fn change_endpoint(
        &self,
        id: Uuid,
        change: impl FnOnce(&mut Store, Timestamp, &mut Endpoint),
    ) -> Result<Option<Endpoint>, SaveError> {
        let endpoint = self.transact(|tx| {
            if !tx.endpoints.iter().any(|endpoint| endpoint.id == id) {
                return Ok::<_, SaveError>(None);
            }
            let endpoint = tx.endpoints.change().iter_mut().find(|endpoint| endpoint.id == id);
            Ok(endpoint.map(|endpoint| {
                change(tx.store, tx.now, endpoint);
                endpoint.clone()
            }))
        })?;
        self.clock.wake();
        Ok(endpoint)
    }

    /// The environment variables by which clients find this sandbox and authenticate, with their values, and the token of the
    /// interface for tests.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let mut variables = Vec::new();
        for provider in PROVIDERS {
            for credential in provider.credentials {
                let value = self.verifier.credentials.by_env(credential.env).unwrap_or_default();
                variables.push((credential.env, value.to_owned()));
            }
            variables.push((provider.base_url_env, self.base_url.clone()));
        }
        // Two providers may share a host, and so its variable.
        let mut seen = BTreeSet::new();
        variables.retain(|(name, _)| seen.insert(*name));
        variables.push((TOKEN_VARIABLE, self.access.token.expose().to_owned()));
        variables
    }

    /// Everything that requests changed, as of now.
    pub fn snapshot(&self) -> Result<Snapshot, SaveError> {
        Ok(self.state().snapshot(&self.clock)?)
    }

    /// Takes the state of a snapshot; on an error nothing changes.
    pub fn restore(&self, snapshot: &Snapshot) -> Result<(), RestoreError> {
        self.state().restore(snapshot, &self.clock)
    }

    /// Returns to the state after the start, with the same credentials and users.
    pub fn reset(&self) -> Result<(), SaveError> {
        let mut state = self.state();
        state.reset(&self.identity, self.seed, &self.clock)?;
        self.log.clear();
        self.faults.clear();
        Ok(())
    }
}
