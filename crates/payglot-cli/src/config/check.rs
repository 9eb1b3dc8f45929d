//! `payglot config check`: whether a client can be made with a profile.

use std::io::{self, Write as _};

use anyhow::Context as _;
use payglot::providers;
use payglot::runtime::client::Core;

use crate::WrongInput;
use crate::profile::{Profile, ProfileFile};

pub fn run(profile: Profile<'_>) -> anyhow::Result<()> {
    let file = ProfileFile::read().map_err(WrongInput::of)?;
    let names = profile.name().map_or_else(|| file.names(), |name| vec![name]);
    let mut lines = String::new();
    let mut problems = 0;
    for name in names {
        for (provider, checked) in checked(&file, name) {
            problems += usize::from(checked.is_err());
            let result = checked.map_or_else(|error| format!("{error:#}"), |()| "good".to_owned());
            lines += &format!("{name}: {provider}{result}\n");
        }
    }
    write!(io::stdout(), "{lines}").context("cannot write to standard output")?;
    if problems > 0 {
        return Err(WrongInput::of(anyhow::anyhow!("{problems} of the above cannot be used")));
    }
    Ok(())
}

/// Each provider that a profile names, and whether a client of it can be made.
fn checked(file: &ProfileFile, profile: &str) -> Vec<(String, anyhow::Result<()>)> {
    let settings = match file.settings(profile) {
        Ok(settings) => settings,
        Err(error) => return vec![(String::new(), Err(error))],
    };
    let is_named = |name: &str| {
        settings.iter().any(|(key, _)| key.provider.is_some_and(|provider| provider.name == name))
    };
    let named = providers::ALL.iter().filter(|provider| is_named(provider.name));
    let results = named.map(|provider| {
        let config = Profile(Some(profile)).config(provider, false);
        let client = config.and_then(|config| Ok(Core::new(config)?));
        (format!("{}: ", provider.name), client.map(drop))
    });
    results.collect()
}
