//! The fields of an object, each name once: in linear time, whatever a vendor sends.

use std::borrow::Cow;
use std::collections::HashMap;

/// More fields than this are found by their hash; fewer are compared one by one, which is faster.
const FEW: usize = 16;

/// Names and values in the order in which the names came first; the last value of a name counts.
pub(crate) struct UniqueFields<'a, V> {
    fields: Vec<(Cow<'a, str>, V)>,
    /// Where each name is in `fields`, once these are many.
    positions: Option<HashMap<Cow<'a, str>, usize>>,
}

impl<V> Default for UniqueFields<'_, V> {
    fn default() -> Self {
        Self { fields: Vec::new(), positions: None }
    }
}

impl<'a, V> UniqueFields<'a, V> {
    /// Adds a field, or gives the one of this name its new value.
    pub fn set(&mut self, name: Cow<'a, str>, value: V) {
        match self.position(&name).and_then(|position| self.fields.get_mut(position)) {
            Some((_, slot)) => *slot = value,
            None => self.push(name, value),
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        match &self.positions {
            Some(positions) => positions.get(name).copied(),
            None => self.fields.iter().position(|(known, _)| known == name),
        }
    }

    fn push(&mut self, name: Cow<'a, str>, value: V) {
        if self.fields.len() == FEW {
            let names = self.fields.iter().map(|(name, _)| name.clone());
            let positions = names.enumerate().map(|(position, name)| (name, position));
            self.positions = Some(positions.collect());
        }
        if let Some(positions) = &mut self.positions {
            positions.insert(name.clone(), self.fields.len());
        }
        self.fields.push((name, value));
    }

    /// The fields.
    pub fn into_vec(self) -> Vec<(Cow<'a, str>, V)> {
        self.fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_a_name_counts_where_the_name_came_first() {
        for count in [1, FEW - 1, FEW, FEW + 1, 100] {
            let mut fields = UniqueFields::default();
            for round in 0..2 {
                for number in 0..count {
                    fields.set(format!("f{number}").into(), (round, number));
                }
            }
            let expected: Vec<_> =
                (0..count).map(|number| (format!("f{number}").into(), (1, number))).collect();
            assert_eq!(fields.into_vec(), expected, "{count}");
        }
    }
}
