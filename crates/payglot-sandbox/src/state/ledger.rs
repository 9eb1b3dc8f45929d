//! A double-entry ledger: every entry moves an amount from one account to another, and no account but
//! [`Account::OUTSIDE`] ever goes below zero.

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::table::Table;
use crate::basics::Money;
use crate::model::{Account, Entry};

/// The account holds less than the transfer takes.
#[derive(Debug)]
pub(crate) struct Insufficient;

/// All entries, and the balances that they add up to.
#[derive(Default)]
pub(crate) struct Ledger {
    pub entries: Table<Entry>,
    pub balances: Table<Money>,
}

impl Ledger {
    pub fn balance(&self, account: Account) -> Money {
        self.balances.get(account.0).copied().unwrap_or_default()
    }

    pub fn covers(&self, account: Account, amount: Money) -> bool {
        account == Account::OUTSIDE || self.balance(account) >= amount
    }

    /// Moves money, or changes nothing.
    pub fn transfer(
        &mut self,
        at: Timestamp,
        from: Account,
        to: Account,
        amount: Money,
    ) -> Result<(), Insufficient> {
        self.enter(Entry { at, from, to, amount, payment: None })
    }

    /// Makes an entry, or changes nothing.
    pub fn enter(&mut self, entry: Entry) -> Result<(), Insufficient> {
        let Entry { from, to, amount, .. } = entry;
        if amount.is_negative() || !self.covers(from, amount) {
            return Err(Insufficient);
        }
        if amount == Money::ZERO || from == to {
            return Ok(());
        }
        let number = self.entries.len() as u128;
        self.entries.put(Uuid::from_u128(number), entry);
        self.balances.put(from.0, self.balance(from) - amount);
        self.balances.put(to.0, self.balance(to) + amount);
        Ok(())
    }

    /// Whether every balance is the sum of its entries and only [`Account::OUTSIDE`] is below zero.
    pub fn check(&self) -> Result<(), String> {
        let mut sums = HashMap::<Uuid, Money>::new();
        for entry in self.entries.values() {
            if entry.amount <= Money::ZERO {
                return Err("an entry moves nothing".to_owned());
            }
            let from = sums.entry(entry.from.0).or_default();
            *from = *from - entry.amount;
            let to = sums.entry(entry.to.0).or_default();
            *to = *to + entry.amount;
        }
        for (account, balance) in self.balances.iter() {
            if sums.remove(&account).unwrap_or_default() != *balance {
                return Err(format!("account {account} differs from its entries"));
            }
            if balance.is_negative() && Account(account) != Account::OUTSIDE {
                return Err(format!("account {account} is below zero"));
            }
        }
        if !sums.is_empty() {
            return Err("an account with entries has no balance".to_owned());
        }
        let total = self.balances.values().copied().sum::<Money>();
        if total == Money::ZERO { Ok(()) } else { Err("the ledger does not balance".to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_moves_only_where_there_is_some() {
        let mut ledger = Ledger::default();
        let (ada, ben) = (Account(Uuid::from_u128(10)), Account(Uuid::from_u128(11)));
        let now = Timestamp::UNIX_EPOCH;
        ledger.transfer(now, Account::OUTSIDE, ada, Money::cents(500)).unwrap();
        ledger.transfer(now, ada, ben, Money::cents(200)).unwrap();
        assert!(ledger.transfer(now, ada, ben, Money::cents(301)).is_err());
        assert!(ledger.transfer(now, ada, ben, Money::cents(-1)).is_err());
        assert_eq!(ledger.balance(ada), Money::cents(300));
        assert_eq!(ledger.balance(ben), Money::cents(200));
        ledger.check().unwrap();
    }

    #[test]
    fn the_check_finds_balances_that_do_not_add_up() {
        let mut ledger = Ledger::default();
        let ada = Account(Uuid::from_u128(10));
        ledger.transfer(Timestamp::UNIX_EPOCH, Account::OUTSIDE, ada, Money::cents(5)).unwrap();
        ledger.balances.put(ada.0, Money::cents(6));
        assert!(ledger.check().is_err());
        ledger.balances.put(ada.0, Money::cents(5));
        ledger.check().unwrap();
        ledger.balances.put(Uuid::from_u128(11), Money::cents(1));
        assert!(ledger.check().is_err());
    }
}
