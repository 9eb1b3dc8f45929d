//! The sandbox's objects. Handlers reach them through these functions alone, so that where they are kept can
//! change.

use std::collections::{BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::card::Card;

/// How long a hosted page can be used.
pub(crate) const LINK_MINUTES: i64 = 30;

/// Everything that requests made.
pub(crate) struct Store {
    users: BTreeSet<Uuid>,
    /// In the order they were added.
    cards: Vec<Card>,
    links: HashMap<String, Link>,
}

/// A hosted page that one person may use once.
#[derive(Clone)]
pub(crate) struct Link {
    pub user_id: Uuid,
    pub task: Task,
    pub expires_at: Timestamp,
    pub used: bool,
}

/// What a hosted page is for.
#[derive(Clone, Copy)]
pub(crate) enum Task {
    AddCard,
    UpdateCard { card_id: Uuid },
}

impl Link {
    pub fn new(user_id: Uuid, task: Task, now: Timestamp) -> Self {
        let lifetime = SignedDuration::from_mins(LINK_MINUTES);
        Self {
            user_id,
            task,
            expires_at: now.checked_add(lifetime).unwrap_or(Timestamp::MAX),
            used: false,
        }
    }
}

impl Store {
    /// A store with one user.
    pub fn new(user_id: Uuid) -> Self {
        Self { users: BTreeSet::from([user_id]), cards: Vec::new(), links: HashMap::new() }
    }

    pub fn has_user(&self, id: Uuid) -> bool {
        self.users.contains(&id)
    }

    pub fn cards_of(&self, user_id: Uuid) -> impl Iterator<Item = &Card> {
        self.cards.iter().filter(move |card| card.user_id == user_id)
    }

    pub fn card(&self, id: Uuid) -> Option<&Card> {
        self.cards.iter().find(|card| card.id == id)
    }

    pub fn card_mut(&mut self, id: Uuid) -> Option<&mut Card> {
        self.cards.iter_mut().find(|card| card.id == id)
    }

    pub fn add_card(&mut self, card: Card) {
        self.cards.push(card);
    }

    pub fn remove_card(&mut self, id: Uuid) {
        self.cards.retain(|card| card.id != id);
    }

    pub fn add_link(&mut self, token: String, link: Link) {
        self.links.insert(token, link);
    }

    pub fn link(&self, token: &str) -> Option<&Link> {
        self.links.get(token)
    }

    pub fn mark_used(&mut self, token: &str) {
        if let Some(link) = self.links.get_mut(token) {
            link.used = true;
        }
    }
}
