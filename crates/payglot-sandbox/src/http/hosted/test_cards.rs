//! The card numbers with a meaning: the single table of them, shown on the page and looked up on submission.
//! Any other number that passes the Luhn check is a card without flags.

use crate::model::Flag;

/// A number and what happens to a card that has it.
pub(super) struct TestCard {
    pub number: &'static str,
    pub outcome: Outcome,
}

/// What happens to a card that is added, and to a payment that it should pay.
#[derive(Clone, Copy)]
pub(super) enum Outcome {
    /// It is added with these flags, and pays.
    Good(&'static [Flag]),
    /// Its bank declines it, for this reason.
    Declined(&'static str),
    /// A policy rejects it: another card would not help.
    Rejected,
    /// It pays, but that takes as long as cards do.
    Slow,
}

impl Outcome {
    /// For the table on the page where cards are added.
    pub fn when_added(self) -> String {
        match self {
            Self::Good([]) | Self::Slow => "Added, ready for use".to_owned(),
            Self::Good(flags) => {
                let names: Vec<_> = flags.iter().map(|flag| flag.wire()).collect();
                format!("Added with {}", names.join(", "))
            }
            Self::Declined(reason) => format!("Declined: {reason}"),
            Self::Rejected => "Rejected because of a policy".to_owned(),
        }
    }

    /// For the table on the page where somebody pays.
    pub fn when_paying(self) -> String {
        match self {
            Self::Good(_) => "Pays at once".to_owned(),
            Self::Slow => "Pays after 36 hours".to_owned(),
            Self::Declined(reason) => format!("Declined: {reason}; try again with another card"),
            Self::Rejected => "The payment is rejected because of a policy".to_owned(),
        }
    }
}

pub(super) static TEST_CARDS: [TestCard; 14] = [
    TestCard { number: "4242424242424242", outcome: Outcome::Good(&[]) },
    TestCard { number: "5555555555554444", outcome: Outcome::Good(&[]) },
    TestCard { number: "378282246310005", outcome: Outcome::Good(&[]) },
    TestCard { number: "4000000000000002", outcome: Outcome::Good(&[Flag::PaymentConfirm]) },
    TestCard { number: "4000000000000010", outcome: Outcome::Good(&[Flag::Images]) },
    TestCard { number: "4000000000000028", outcome: Outcome::Good(&[Flag::WithdrawalConfirm]) },
    TestCard { number: "4000000000000036", outcome: Outcome::Good(&[Flag::Compliance]) },
    TestCard { number: "4000000000000044", outcome: Outcome::Good(&[Flag::Limited]) },
    TestCard {
        number: "4000000000000051",
        outcome: Outcome::Good(&[Flag::Images, Flag::WithdrawalConfirm, Flag::PaymentConfirm]),
    },
    TestCard { number: "4000000000009995", outcome: Outcome::Declined("too little money") },
    TestCard { number: "4000000000000069", outcome: Outcome::Declined("the card has expired") },
    TestCard { number: "4000000000000127", outcome: Outcome::Declined("the CVV is wrong") },
    TestCard { number: "4000000000000119", outcome: Outcome::Rejected },
    TestCard { number: "4000000000000077", outcome: Outcome::Slow },
];

/// What happens to a card with this number.
pub(super) fn outcome(number: &str) -> Outcome {
    TEST_CARDS
        .iter()
        .find(|card| card.number == number)
        .map_or(Outcome::Good(&[]), |card| card.outcome)
}

/// The message for a person.
pub(super) fn declined(reason: &str) -> String {
    format!("The card was declined: {reason}. Use another one.")
}

#[cfg(test)]
mod tests {
    use super::super::card_values::passes_luhn;
    use super::*;

    #[test]
    fn the_documentation_lists_every_number_and_what_happens() {
        let page = include_str!("../../../../../docs/sandbox.md");
        for TestCard { number, outcome } in &TEST_CARDS {
            let row =
                format!("| `{number}` | {} | {} |\n", outcome.when_added(), outcome.when_paying());
            assert!(page.contains(&row), "docs/sandbox.md has no row {row}");
        }
    }

    #[test]
    fn every_test_number_passes_the_check() {
        for card in &TEST_CARDS {
            assert!(passes_luhn(card.number), "{}", card.number);
        }
    }
}
