//! Words of paths and names: their parts, singular and plural, verbs, versions.

/// Words that say what is done, where they stand at the end of a path.
const VERBS: [&str; 66] = [
    "accept",
    "activate",
    "add",
    "approve",
    "archive",
    "assign",
    "attach",
    "authorize",
    "block",
    "calculate",
    "cancel",
    "capture",
    "check",
    "clone",
    "close",
    "complete",
    "confirm",
    "convert",
    "copy",
    "count",
    "deactivate",
    "decline",
    "detach",
    "disable",
    "download",
    "enable",
    "execute",
    "export",
    "finalize",
    "find",
    "import",
    "invite",
    "list",
    "lock",
    "login",
    "logout",
    "lookup",
    "merge",
    "move",
    "pause",
    "preview",
    "publish",
    "query",
    "refresh",
    "reject",
    "release",
    "remove",
    "replace",
    "resend",
    "reset",
    "restore",
    "resume",
    "retry",
    "revoke",
    "rotate",
    "run",
    "search",
    "send",
    "start",
    "stop",
    "submit",
    "unblock",
    "unlock",
    "validate",
    "verify",
    "void",
];

/// Lower-case words of ASCII letters and digits, joined by `_`; empty where there are none.
pub fn snake(text: &str) -> String {
    let ascii: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    heck::ToSnakeCase::to_snake_case(ascii.as_str())
}

/// Whether a name begins with a word that says what is done.
pub fn is_verb(name: &str) -> bool {
    name.split('_').next().is_some_and(|word| VERBS.contains(&word))
}

/// `v1`, `V2.1`, `2010-04-01`, `v1beta1`: a version, no noun.
pub fn is_version(step: &str) -> bool {
    let lower = step.to_lowercase();
    let rest = lower.strip_prefix('v').unwrap_or(&lower);
    rest.starts_with(|c: char| c.is_ascii_digit())
        && rest
            .replace("beta", "")
            .replace("alpha", "")
            .chars()
            .all(|c| c.is_ascii_digit() || ".-_".contains(c))
}

/// Whether a name ends in a plural.
pub fn is_plural(name: &str) -> bool {
    let last = name.rsplit('_').next().unwrap_or(name);
    ["children", "people", "data", "media"].contains(&last) || singular(last) != last
}

/// `transfer_companies` becomes `transfer_company`; what is no plural stays.
pub fn singular(name: &str) -> String {
    let is_singular = ["ss", "us", "is", "news", "sms", "aws", "dns", "https", "series", "gps"]
        .iter()
        .any(|end| name.ends_with(end));
    if is_singular || name.len() < 3 {
        return name.to_owned();
    }
    if let Some(stem) = name.strip_suffix("ies") {
        return format!("{stem}y");
    }
    let with_es =
        ["sses", "uses", "xes", "ches", "shes", "zes"].iter().any(|end| name.ends_with(end));
    // `uses` is of `statuses`, and not of `houses`.
    let is_of_e = ["houses", "causes", "caches", "axes"].iter().any(|end| name.ends_with(end));
    if with_es && !is_of_e {
        return name.strip_suffix("es").unwrap_or(name).to_owned();
    }
    name.strip_suffix('s').unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_lose_their_ending() {
        for (name, expected) in [
            ("users", "user"),
            ("transfer_companies", "transfer_company"),
            ("addresses", "address"),
            ("statuses", "status"),
            ("boxes", "box"),
            ("houses", "house"),
            ("status", "status"),
            ("address", "address"),
            ("analysis", "analysis"),
        ] {
            assert_eq!(singular(name), expected);
            assert_eq!(is_plural(name), name != expected, "{name}");
        }
    }

    #[test]
    fn versions_are_no_nouns() {
        for version in ["v1", "V2.1", "2010-04-01", "v1beta1", "3"] {
            assert!(is_version(version), "{version}");
        }
        for noun in ["vaults", "v", "2fa", "version"] {
            assert!(!is_version(noun), "{noun}");
        }
    }
}
