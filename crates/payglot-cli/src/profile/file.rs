//! The file of profiles: where it is, what may stand in it, and how it is written.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use payglot::providers;
use toml_edit::{DocumentMut, Item, Table, TableLike};

use super::keys::{Key, Setting};
use super::source::Source;
use crate::private::without_mark;

/// Names another file.
const VARIABLE: &str = "PAYGLOT_CONFIG";
/// Where profiles are in it.
const PROFILES: &str = "profiles";

/// The file, whether it is there or not.
pub struct ProfileFile {
    pub path: PathBuf,
    document: DocumentMut,
}

/// The settings of a profile.
pub type Settings = Vec<(Key, Setting)>;

/// Where the file is: `PAYGLOT_CONFIG`, or the usual folder of the system.
pub fn path() -> anyhow::Result<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(path) = variable(VARIABLE) {
        return Ok(path.into());
    }
    let home = || std::env::home_dir().context("there is no home folder; set PAYGLOT_CONFIG");
    let folder = match variable("XDG_CONFIG_HOME").map(PathBuf::from) {
        Some(folder) if folder.is_absolute() => folder,
        _ if cfg!(windows) => {
            variable("APPDATA").context("APPDATA is not set; set PAYGLOT_CONFIG")?.into()
        }
        _ if cfg!(target_os = "macos") => home()?.join("Library/Application Support"),
        _ => home()?.join(".config"),
    };
    Ok(folder.join("payglot").join("config.toml"))
}

/// The value of a credential of a profile. An error says whose it is.
pub fn value(profile: &str, key: &Key, source: &Source) -> anyhow::Result<String> {
    let path = path()?;
    let folder = path.parent().unwrap_or(Path::new("."));
    source.read(folder).with_context(|| format!("profile {profile}: {key}"))
}

impl ProfileFile {
    /// Reads the file; one that is not there has no profiles.
    pub fn read() -> anyhow::Result<Self> {
        let path = path()?;
        let mut text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        };
        without_mark(&mut text);
        // The error's own text shows the line, which may hold a secret.
        let document = text.parse::<DocumentMut>().map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let line = text.get(..start).unwrap_or_default().lines().count().max(1);
            anyhow::anyhow!("{}: line {line} or the one after it is not TOML", path.display())
        })?;
        let file = Self { path, document };
        file.check_names()?;
        Ok(file)
    }

    /// The names of the profiles, in their order.
    pub fn names(&self) -> Vec<&str> {
        let profiles = self.document.get(PROFILES).and_then(Item::as_table_like);
        profiles.into_iter().flat_map(|table| table.iter().map(|(name, _)| name)).collect()
    }

    /// What a profile says, from a file that nobody else can change or, with secrets in it, read.
    pub fn settings(&self, profile: &str) -> anyhow::Result<Settings> {
        let settings = self.parsed(profile)?;
        self.check_permissions(profile, &settings)?;
        Ok(settings)
    }

    /// What a profile says. Every key must be known and right.
    pub fn parsed(&self, profile: &str) -> anyhow::Result<Settings> {
        let known = || match self.names() {
            names if names.is_empty() => "there is none".to_owned(),
            names => format!("known are {}", names.join(", ")),
        };
        let table = self
            .profile(profile)
            .with_context(|| format!("{}: no such profile; {}", self.path.display(), known()))?;
        let mut settings = Vec::new();
        let mut groups = vec![(None, table)];
        for provider in providers::ALL {
            if let Some(item) = table.get(provider.name) {
                let table = item.as_table_like();
                let table = table
                    .with_context(|| self.problem(profile, provider.name, "must be a table"))?;
                groups.push((Some(*provider), table));
            }
        }
        for (provider, table) in groups {
            let keys = Key::of(provider);
            for (name, item) in table.iter() {
                if provider.is_none() && providers::find(name).is_some() {
                    continue;
                }
                let Some(key) = keys.iter().find(|key| key.name == name) else {
                    let mut known: Vec<_> = keys.iter().map(|key| key.name).collect();
                    if provider.is_none() {
                        known.extend(providers::ALL.iter().map(|provider| provider.name));
                    }
                    let problem = format!("is not known; known are {}", known.join(", "));
                    let name = provider
                        .map_or(name.to_owned(), |provider| format!("{}.{name}", provider.name));
                    bail!(self.problem(profile, &name, &problem));
                };
                let setting = key.read(item);
                let setting = setting.map_err(|problem| {
                    anyhow::anyhow!(self.problem(profile, &key.to_string(), &problem))
                })?;
                settings.push((*key, setting));
            }
        }
        let has = |name: &str, provider| {
            settings.iter().any(|(key, _): &(Key, Setting)| {
                key.name == name && key.provider.map(|known| known.name) == Some(provider)
            })
        };
        for provider in providers::ALL {
            ensure!(
                !(has("base_url", provider.name) && has("environment", provider.name)),
                self.problem(
                    profile,
                    provider.name,
                    "has base_url and environment: give one of them"
                )
            );
        }
        Ok(settings)
    }

    /// Sets a key of a profile, which is made where there is none, or takes it away.
    pub fn set(&mut self, profile: &str, key: &Key, item: Option<Item>) -> anyhow::Result<()> {
        let is_plain = |name: &str| {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
            !name.is_empty() && name.chars().all(is_plain)
        };
        ensure!(is_plain(profile), "the name of a profile has letters, digits, - and _ alone");
        let mut steps = vec![PROFILES, profile];
        steps.extend(key.provider.map(|provider| provider.name));
        let last = steps.len();
        let mut table: &mut dyn TableLike = self.document.as_table_mut();
        for (depth, step) in steps.into_iter().enumerate() {
            let mut fresh = Table::new();
            // A table that holds nothing but tables needs no header of its own.
            fresh.set_implicit(depth + 1 < last);
            let next = table.entry(step).or_insert(Item::Table(fresh));
            table = next.as_table_like_mut().with_context(|| format!("{step} must be a table"))?;
        }
        match item {
            // The comments around an entry stay.
            Some(item) => match table.get_mut(key.name) {
                Some(known) => replace(known, item),
                None => drop(table.insert(key.name, item)),
            },
            None => drop(table.remove(key.name)),
        }
        Ok(())
    }

    /// Writes the file beside its name, readable by its owner alone, and puts it there whole.
    pub fn write(&self) -> anyhow::Result<()> {
        // A link to a file elsewhere stays one.
        let path = self.path.canonicalize().unwrap_or_else(|_| self.path.clone());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let problem = || format!("cannot write {}", self.path.display());
        make_folder(folder).with_context(problem)?;
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}", std::process::id()));
        let beside = folder.join(name);
        let written = own_file(&beside)
            .and_then(|mut file| {
                file.write_all(self.document.to_string().as_bytes())?;
                file.sync_all()
            })
            .and_then(|()| std::fs::rename(&beside, &path));
        if written.is_err() {
            // What is left of an attempt may hold a secret.
            let _ = std::fs::remove_file(&beside);
        }
        written.with_context(problem)
    }

    fn profile(&self, name: &str) -> Option<&dyn TableLike> {
        let profiles = self.document.get(PROFILES)?.as_table_like()?;
        profiles.get(name)?.as_table_like()
    }

    /// Nothing but profiles is in the file, so that a header without `profiles.` is noticed.
    fn check_names(&self) -> anyhow::Result<()> {
        for (name, item) in self.document.iter() {
            ensure!(
                name == PROFILES && item.is_table_like(),
                "{}: only tables such as [profiles.staging] stand in it",
                self.path.display()
            );
        }
        Ok(())
    }

    fn problem(&self, profile: &str, key: &str, problem: &str) -> String {
        format!("{}: profile {profile}: {key} {problem}", self.path.display())
    }

    /// Refuses a file that others can change, since its commands are run, or read, where secrets stand in it.
    #[cfg(unix)]
    fn check_permissions(&self, profile: &str, settings: &Settings) -> anyhow::Result<()> {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&self.path)?.permissions().mode();
        let has_secret = settings.iter().any(|(key, setting)| {
            key.is_secret() && matches!(setting, Setting::Credential(Source::Value(_)))
        });
        let path = self.path.display();
        ensure!(
            mode & 0o022 == 0,
            "{path}: other users can change it, and with it which commands are run: chmod 600 {path}"
        );
        ensure!(
            !has_secret || mode & 0o044 == 0,
            "{path}: other users can read it, and secrets of profile {profile} stand in it: chmod 600 {path}"
        );
        Ok(())
    }

    #[cfg(not(unix))]
    fn check_permissions(&self, _profile: &str, _settings: &Settings) -> anyhow::Result<()> {
        Ok(())
    }
}

/// Puts another value where one stands, with what is written around it.
fn replace(known: &mut Item, item: Item) {
    match (known.as_value_mut(), item.into_value()) {
        (Some(known), Ok(mut value)) => {
            *value.decor_mut() = known.decor().clone();
            *known = value;
        }
        (None, Ok(value)) => *known = Item::Value(value),
        (_, Err(item)) => *known = item,
    }
}

/// A file that only its owner can read, where the system has a way.
fn own_file(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn make_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
