//! The balance of an account over time, as the path of an SVG drawing.

use jiff::Timestamp;

use crate::basics::Money;
use crate::model::Account;
use crate::state::Ledger;

/// The size of the drawing, within its margins.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 120.0;

/// What is drawn of an account, and what it says beside the drawing.
#[derive(Debug, PartialEq)]
pub(super) struct Chart {
    /// A step for each entry, up to now.
    pub path: String,
    /// When it begins.
    pub since: Timestamp,
    /// The least that the account had.
    pub lowest: Money,
    /// The most that it had.
    pub highest: Money,
}

/// The drawing; `None` where there is no entry.
pub(super) fn of(ledger: &Ledger, account: Account, now: Timestamp) -> Option<Chart> {
    let mut balance = Money::ZERO;
    let mut steps = Vec::new();
    for entry in ledger.entries.values() {
        if entry.to == account {
            balance = balance + entry.amount;
        } else if entry.from == account {
            balance = balance - entry.amount;
        } else {
            continue;
        }
        steps.push((entry.at, balance));
    }
    let (since, _) = *steps.first()?;
    let length = now.duration_since(since).as_secs_f64().max(1.0);
    let lowest = steps.iter().map(|step| step.1).fold(Money::ZERO, Money::min);
    let highest = steps.iter().map(|step| step.1).fold(Money::ZERO, Money::max);
    let number = |balance: Money| balance.to_string().parse::<f64>().unwrap_or_default();
    let range = (number(highest) - number(lowest)).max(0.01);
    let y = |balance: Money| HEIGHT - (number(balance) - number(lowest)) / range * HEIGHT;
    let mut path = format!("M0 {:.1}", y(Money::ZERO));
    for (at, balance) in steps {
        let x = at.duration_since(since).as_secs_f64() / length * WIDTH;
        path.push_str(&format!("H{x:.1}V{:.1}", y(balance)));
    }
    path.push_str(&format!("H{WIDTH}"));
    Some(Chart { path, since, lowest, highest })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use uuid::Uuid;

    #[test]
    fn issue_15_11_each_entry_is_a_step() {
        let mut ledger = Ledger::default();
        let ada = Account(Uuid::from_u128(9));
        let start = Timestamp::UNIX_EPOCH;
        let after = |seconds| start + SignedDuration::from_secs(seconds);
        assert_eq!(of(&ledger, ada, start), None);
        ledger.transfer(start, Account::OUTSIDE, ada, Money::cents(400)).unwrap();
        ledger.transfer(after(5), ada, Account::FEES, Money::cents(100)).unwrap();
        let chart = of(&ledger, ada, after(10)).unwrap();
        assert_eq!(chart.path, "M0 120.0H0.0V0.0H320.0V30.0H640");
        assert_eq!((chart.lowest, chart.highest), (Money::ZERO, Money::cents(400)));
        assert_eq!(chart.since, start);
    }
}
