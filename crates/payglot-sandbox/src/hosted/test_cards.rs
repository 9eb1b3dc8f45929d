//! The card numbers with a meaning: the single table of them, shown on the page and looked up on submission.
//! Any other number that passes the Luhn check is a card without flags.

use crate::card::Flag;

/// A number and what happens to a card that has it.
pub(super) struct TestCard {
    pub number: &'static str,
    pub outcome: Outcome,
}

/// What happens to a card.
#[derive(Clone, Copy)]
pub(super) enum Outcome {
    /// It is added, with these flags.
    Added(&'static [Flag]),
    /// It is not added.
    Declined,
}

impl Outcome {
    /// For the table on the page.
    pub fn describe(self) -> String {
        match self {
            Self::Added([]) => "Added, ready for use".to_owned(),
            Self::Added(flags) => {
                let names: Vec<_> = flags.iter().map(|flag| flag.wire()).collect();
                format!("Added with {}", names.join(", "))
            }
            Self::Declined => "Declined".to_owned(),
        }
    }
}

pub(super) static TEST_CARDS: [TestCard; 10] = [
    TestCard { number: "4242424242424242", outcome: Outcome::Added(&[]) },
    TestCard { number: "5555555555554444", outcome: Outcome::Added(&[]) },
    TestCard { number: "378282246310005", outcome: Outcome::Added(&[]) },
    TestCard { number: "4000000000000002", outcome: Outcome::Added(&[Flag::PaymentConfirm]) },
    TestCard { number: "4000000000000010", outcome: Outcome::Added(&[Flag::Images]) },
    TestCard { number: "4000000000000028", outcome: Outcome::Added(&[Flag::WithdrawalConfirm]) },
    TestCard { number: "4000000000000036", outcome: Outcome::Added(&[Flag::Compliance]) },
    TestCard { number: "4000000000000044", outcome: Outcome::Added(&[Flag::Limited]) },
    TestCard {
        number: "4000000000000051",
        outcome: Outcome::Added(&[Flag::Images, Flag::WithdrawalConfirm, Flag::PaymentConfirm]),
    },
    TestCard { number: "4000000000009995", outcome: Outcome::Declined },
];

/// What happens to a card with this number.
pub(super) fn outcome(number: &str) -> Outcome {
    TEST_CARDS
        .iter()
        .find(|card| card.number == number)
        .map_or(Outcome::Added(&[]), |card| card.outcome)
}

#[cfg(test)]
mod tests {
    use super::super::form::passes_luhn;
    use super::*;

    #[test]
    fn every_test_number_passes_the_check() {
        for card in &TEST_CARDS {
            assert!(passes_luhn(card.number), "{}", card.number);
        }
    }
}
