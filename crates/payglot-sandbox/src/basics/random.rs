//! The generator of ids, tokens and credentials: seeded by the system, or by a number, which makes runs repeatable.

use rand::rngs::{ChaCha12Rng, SysRng};
use rand::{RngExt, SeedableRng};
use uuid::Uuid;

use super::Error;

/// Separate sequences of one seed, so that more of one kind does not change the other.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    /// Credentials and the first user.
    Start = 0,
    /// Everything that requests make.
    Requests = 1,
    /// The schedules of the crash lab.
    Schedules = 2,
}

/// A cryptographic generator: without a seed its values cannot be guessed.
pub(crate) struct Random(ChaCha12Rng);

impl Random {
    pub fn new(seed: Option<u64>, stream: Stream) -> Result<Self, Error> {
        match seed {
            Some(seed) => Ok(Self::seeded(seed, stream)),
            None => ChaCha12Rng::try_from_rng(&mut SysRng)
                .map(Self)
                .map_err(|error| Error::Randomness(error.to_string())),
        }
    }

    pub fn seeded(seed: u64, stream: Stream) -> Self {
        let mut generator = ChaCha12Rng::seed_from_u64(seed);
        generator.set_stream(stream as u64);
        Self(generator)
    }

    /// The generator's state, as text.
    pub fn state(&self) -> String {
        hex::encode(self.0.serialize_state())
    }

    /// A generator that continues from this state.
    pub fn resumed(state: &str) -> Option<Self> {
        let state = hex::decode(state).ok()?.try_into().ok()?;
        Some(Self(ChaCha12Rng::deserialize_state(&state)))
    }

    /// One of these; `None` where there are none.
    pub fn pick<'a, T>(&mut self, among: &'a [T]) -> Option<&'a T> {
        if among.is_empty() { None } else { among.get(self.0.random_range(0..among.len())) }
    }

    /// A text of random digits.
    pub fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(self.0.random_range(b'0'..=b'9'))).collect()
    }

    /// A version 4 UUID.
    pub fn uuid(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.0.random()).into_uuid()
    }

    /// 128 bits for a link.
    pub fn token(&mut self) -> Uuid {
        Uuid::from_bytes(self.0.random())
    }

    /// 256 bits, after a prefix that says what they are for.
    pub fn secret(&mut self, prefix: &str) -> String {
        format!("{prefix}{}", hex::encode(self.0.random::<[u8; 32]>()))
    }
}
