//! `payglot config show`: what calls get, and from where.

use serde::Serialize;

use crate::call::table::plain;
use crate::private::shown_url;
use crate::profile::{Key, Kind, Profile, ProfileFile, Setting, Settings};

/// What is shown of a value that must not be.
const SECRET: &str = "[secret]";

/// A value, and where it comes from.
#[derive(Serialize)]
pub struct Row {
    key: String,
    value: Option<String>,
    from: String,
}

/// A row for each key that has a value, and for each credential that has none.
pub fn rows(profile: Profile<'_>) -> anyhow::Result<Vec<Row>> {
    let settings = match profile.name() {
        Some(name) => ProfileFile::read()?.settings(name)?,
        None => Settings::new(),
    };
    let name = profile.name().unwrap_or_default();
    Ok(Key::all().iter().filter_map(|key| row(key, &settings, name)).collect())
}

/// A line for each, however wide: where a value comes from must not be cut off.
pub fn table(rows: &[Row]) -> String {
    let widest = |texts: &mut dyn Iterator<Item = &str>| {
        texts.map(|text| text.chars().count()).max().unwrap_or_default()
    };
    let value = |row: &'_ Row| row.value.clone().unwrap_or_default();
    let keys = widest(&mut rows.iter().map(|row| row.key.as_str()));
    let values = widest(&mut rows.iter().filter_map(|row| row.value.as_deref()));
    let lines = rows
        .iter()
        .map(|row| plain(&format!("{:keys$}  {:values$}  {}", row.key, value(row), row.from)));
    lines.map(|line| line + "\n").collect()
}

fn row(key: &Key, settings: &Settings, profile: &str) -> Option<Row> {
    let hidden = || key.is_secret().then(|| SECRET.to_owned());
    let row = |value, from| Some(Row { key: key.to_string(), value, from });
    if let Some(variable) = key.overridden_by() {
        // The variable holds a URL, and is shown beside that key.
        if matches!(key.kind, Kind::Environment) {
            return None;
        }
        let shown = std::env::var(&variable).ok().filter(|_| key.variable() == Some(&variable));
        let shown = shown.map(|value| match key.kind {
            Kind::BaseUrl => shown_url(&value),
            _ => value,
        });
        return row(hidden().or(shown), format!("environment {variable}"));
    }
    let is_same = |known: &Key| known.to_string() == key.to_string();
    if let Some((_, setting)) = settings.iter().find(|(known, _)| is_same(known)) {
        let from = match setting {
            Setting::Credential(source) => format!("profile {profile}: {source}"),
            _ => format!("profile {profile}"),
        };
        return row(hidden().or_else(|| setting.shown(key)), from);
    }
    let has_url = || {
        settings.iter().any(|(known, _)| {
            matches!(known.kind, Kind::BaseUrl)
                && known.provider.map(|of| of.name) == key.provider.map(|of| of.name)
        })
    };
    match (key.kind, key.provider.and_then(|provider| provider.default_environment)) {
        (Kind::Credential(credential), _) => {
            row(None, format!("nowhere; {} is not set", credential.env))
        }
        (Kind::Environment, Some(default)) if !has_url() => {
            row(Some(default.to_owned()), "default".to_owned())
        }
        _ => None,
    }
}
