//! Prints responses as tables for people, at most 100 columns wide if the values allow it.

use payglot::runtime::json::RawJson;
use payglot::schema::Type;

use super::output::{REDACTED, Style, field_of, is_hidden, value};

/// Columns of a terminal that a list may take.
const WIDTH: usize = 100;
/// Longest value in a list: an identifier fits.
const WIDEST: usize = 36;
/// Between two columns.
const GAP: &str = "  ";

/// One row per record. Columns that do not fit are named below the table.
pub fn list(records: &[RawJson<'_>], ty: &Type, style: Style) -> String {
    let mut names: Vec<String> = Vec::new();
    for record in records {
        for (name, entry) in record.entries() {
            if !entry.is_null() && !names.iter().any(|known| *known == name) {
                names.push(name.into_owned());
            }
        }
    }
    if names.is_empty() {
        // No record is an object, or there is none.
        let lines = records.iter().map(|record| cell(*record, ty, style));
        return lines.chain([count(records.len())]).collect::<Vec<_>>().join("\n");
    }
    let mut lines = vec![String::new(); records.len() + 1];
    let mut left_out = Vec::new();
    let mut used = 0;
    for name in &names {
        let cells = records.iter().map(|record| {
            record.get(name).filter(|entry| !entry.is_null()).map_or_else(String::new, |entry| {
                clipped(&entry_cell(name, entry, &record.concrete(*ty), style))
            })
        });
        let cells: Vec<String> = [plain(name)].into_iter().chain(cells).collect();
        let width = cells.iter().map(|cell| cell.chars().count()).max().unwrap_or_default();
        if used > 0 && used + GAP.len() + width > WIDTH {
            left_out.push(plain(name));
            continue;
        }
        let gap = if used > 0 { GAP } else { "" };
        used += gap.len() + width;
        for (line, cell) in lines.iter_mut().zip(&cells) {
            *line += &format!("{gap}{cell:width$}");
        }
    }
    let mut text: Vec<String> = lines.iter().map(|line| line.trim_end().to_owned()).collect();
    text.push(count(records.len()));
    if !left_out.is_empty() {
        text.push(format!("Also there, with --output json: {}", left_out.join(", ")));
    }
    text.join("\n")
}

/// One row per field, with its whole value.
pub fn object(raw: RawJson<'_>, ty: &Type, style: Style) -> String {
    let ty = &raw.concrete(*ty);
    let entries: Vec<(String, String)> = raw
        .entries()
        .filter(|(_, entry)| !entry.is_null())
        .map(|(name, entry)| (plain(&name), entry_cell(&name, entry, ty, style)))
        .collect();
    if entries.is_empty() {
        return cell(raw, ty, style);
    }
    let width = entries.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let lines = entries.iter().map(|(name, value)| format!("{name:width$}{GAP}{value}"));
    lines.collect::<Vec<_>>().join("\n")
}

fn entry_cell(name: &str, entry: RawJson<'_>, ty: &Type, style: Style) -> String {
    let field = field_of(ty, name);
    if is_hidden(field, entry, style) {
        return REDACTED.to_owned();
    }
    cell(entry, field.map_or(&Type::Any, |field| &field.ty), style)
}

fn cell(raw: RawJson<'_>, ty: &Type, style: Style) -> String {
    if let Some(text) = raw.as_text() {
        return plain(&text);
    }
    let mut json = String::new();
    value(&mut json, raw, ty, style, 0);
    plain(&json.lines().map(str::trim_start).collect::<Vec<_>>().join(" "))
}

fn count(records: usize) -> String {
    if records == 1 { "1 record".to_owned() } else { format!("{records} records") }
}

fn clipped(text: &str) -> String {
    if text.chars().count() <= WIDEST {
        return text.to_owned();
    }
    text.chars().take(WIDEST - 1).chain(['…']).collect()
}

/// The text without line breaks and control characters, which could control a terminal.
pub fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(shown).collect()
}
