//! Rows by id, in the order they were added, that can go back to what they were when the last change was
//! committed.

use std::collections::{BTreeMap, HashMap};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;

/// A row's position in its table.
type RowPosition = i64;

#[derive(Clone)]
struct Row<T> {
    id: Uuid,
    body: T,
}

/// Rows of one kind.
pub(crate) struct Table<T> {
    rows: BTreeMap<RowPosition, Row<T>>,
    positions: HashMap<Uuid, RowPosition>,
    /// What stood at each position that changed since the last commit.
    before: BTreeMap<RowPosition, Option<Row<T>>>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), positions: HashMap::new(), before: BTreeMap::new() }
    }
}

impl<T: Clone> Table<T> {
    pub fn get(&self, id: Uuid) -> Option<&T> {
        let row = self.rows.get(self.positions.get(&id)?)?;
        Some(&row.body)
    }

    pub fn has(&self, id: Uuid) -> bool {
        self.positions.contains_key(&id)
    }

    pub fn get_mut(&mut self, id: Uuid) -> Option<&mut T> {
        let position = *self.positions.get(&id)?;
        let row = self.rows.get_mut(&position)?;
        self.before.entry(position).or_insert_with(|| Some(row.clone()));
        Some(&mut row.body)
    }

    /// Adds a row at the end, or replaces the row with this id where it stands.
    pub fn put(&mut self, id: Uuid, body: T) {
        let position = self.positions.get(&id).copied().unwrap_or_else(|| self.end());
        self.positions.insert(id, position);
        let before = self.rows.insert(position, Row { id, body });
        self.before.entry(position).or_insert(before);
    }

    pub fn remove(&mut self, id: Uuid) -> Option<T> {
        let position = self.positions.remove(&id)?;
        let row = self.rows.remove(&position)?;
        self.before.entry(position).or_insert_with(|| Some(row.clone()));
        Some(row.body)
    }

    /// Rows in the order they were added.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Uuid, &T)> {
        self.rows.values().map(|row| (row.id, &row.body))
    }

    pub fn values(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values().map(|row| &row.body)
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    fn end(&self) -> RowPosition {
        self.rows.last_key_value().map_or(0, |(last, _)| last + 1)
    }
}

/// One row, or its removal, as it is saved.
#[derive(Serialize, Deserialize)]
pub(crate) struct Saved {
    pub table: String,
    pub position: RowPosition,
    /// `None` where the row was removed.
    pub row: Option<SavedRow>,
}

/// A row as JSON.
#[derive(Serialize, Deserialize)]
pub(crate) struct SavedRow {
    pub id: Uuid,
    pub body: Box<RawValue>,
}

/// What all tables have in common, whatever their rows are.
pub(crate) trait Rows {
    /// What changed since the last commit.
    fn changes(&self, table: &str) -> serde_json::Result<Vec<Saved>>;
    /// Every row.
    fn all(&self, table: &str) -> serde_json::Result<Vec<Saved>>;
    /// Loads a saved row, as committed. False where its position or its id is taken.
    fn load(&mut self, position: RowPosition, row: &SavedRow) -> serde_json::Result<bool>;
    fn commit(&mut self);
    fn roll_back(&mut self);
}

impl<T: Clone + Serialize + DeserializeOwned> Rows for Table<T> {
    fn changes(&self, table: &str) -> serde_json::Result<Vec<Saved>> {
        let positions = self.before.keys();
        positions.map(|position| saved(table, *position, self.rows.get(position))).collect()
    }

    fn all(&self, table: &str) -> serde_json::Result<Vec<Saved>> {
        self.rows.iter().map(|(position, row)| saved(table, *position, Some(row))).collect()
    }

    fn load(&mut self, position: RowPosition, row: &SavedRow) -> serde_json::Result<bool> {
        let body = serde_json::from_str(row.body.get())?;
        let is_new_id = self.positions.insert(row.id, position).is_none();
        let is_new_position = self.rows.insert(position, Row { id: row.id, body }).is_none();
        Ok(is_new_id && is_new_position)
    }

    fn commit(&mut self) {
        self.before.clear();
    }

    fn roll_back(&mut self) {
        let before = std::mem::take(&mut self.before);
        for position in before.keys() {
            if let Some(row) = self.rows.remove(position) {
                self.positions.remove(&row.id);
            }
        }
        for (position, row) in before {
            if let Some(row) = row {
                self.positions.insert(row.id, position);
                self.rows.insert(position, row);
            }
        }
    }
}

fn saved<T: Serialize>(
    table: &str,
    position: RowPosition,
    row: Option<&Row<T>>,
) -> serde_json::Result<Saved> {
    let row =
        row.map(|row| Ok(SavedRow { id: row.id, body: to_raw_value(&row.body)? })).transpose()?;
    Ok(Saved { table: table.to_owned(), position, row })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn contents(table: &Table<String>) -> Vec<(Uuid, String)> {
        table.iter().map(|(id, body)| (id, body.clone())).collect()
    }

    #[test]
    fn a_roll_back_undoes_every_kind_of_change() {
        let mut table = Table::default();
        for number in 0..3 {
            table.put(id(number), number.to_string());
        }
        table.commit();
        let start = contents(&table);

        table.get_mut(id(0)).unwrap().push('!');
        table.remove(id(2));
        table.put(id(9), "nine".to_owned());
        table.put(id(1), "other".to_owned());
        table.remove(id(9));
        table.put(id(10), "ten".to_owned());
        assert_eq!(table.changes("t").unwrap().len(), 3);
        table.roll_back();
        assert_eq!(contents(&table), start);
        assert_eq!(table.get(id(2)).unwrap(), "2");
        assert!(!table.has(id(9)) && !table.has(id(10)));
        assert!(table.changes("t").unwrap().is_empty());
    }

    #[test]
    fn rows_come_back_from_what_was_saved() {
        let mut table = Table::default();
        table.put(id(1), "one".to_owned());
        table.put(id(2), "two".to_owned());
        table.remove(id(1));
        let mut copy = Table::default();
        for saved in table.all("t").unwrap() {
            let row = saved.row.unwrap();
            assert!(copy.load(saved.position, &row).unwrap());
            assert!(!copy.load(saved.position, &row).unwrap());
        }
        assert_eq!(contents(&copy), contents(&table));
    }
}
