//! What a generated tree is called: its crate, its wheel and its npm package are its own, beside a payglot that is installed.

use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// What this repository calls itself, and what a tree of several providers stays.
const PAYGLOT: &str = "payglot";

/// The names of a generated tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// `acme-pay`: the crate, the wheel, the npm package.
    pub package: String,
    /// `acme_pay`: what Rust and Python import.
    pub module: String,
}

impl Product {
    /// A tree that is called so.
    pub fn new(name: &str) -> Result<Self> {
        let is_first = name.starts_with(|first: char| first.is_ascii_lowercase());
        let is_rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !is_first || !name.chars().all(is_rest) || name.ends_with('-') {
            bail!(
                "--name: `{name}` is no package's name; use lower-case letters, digits and hyphens"
            );
        }
        Ok(Self { package: name.to_owned(), module: name.replace('-', "_") })
    }

    /// A file with the names of the tree instead of this repository's.
    pub fn renamed(&self, path: &Path, text: &str) -> String {
        if self.package == PAYGLOT {
            return text.to_owned();
        }
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let imports = matches!(ending, "rs" | "py" | "pyi");
        let is_manifest = ending == "toml";
        let mut renamed = String::with_capacity(text.len());
        let mut end = 0;
        for (start, _) in text.match_indices(PAYGLOT) {
            let (before, after) = (&text[..start], &text[start + PAYGLOT.len()..]);
            let is_word =
                !before.ends_with(is_joined_before) && !after.starts_with(is_joined_after);
            let is_address =
                ["github.com/", "github.com/payglot/"].iter().any(|host| before.ends_with(host));
            // In a manifest, a dot follows what is imported, and Python's folder holds it.
            let is_module =
                imports || is_manifest && (after.starts_with('.') || before.ends_with("python/"));
            renamed.push_str(&text[end..start]);
            renamed.push_str(match (is_word && !is_address, is_module) {
                (false, _) => PAYGLOT,
                (true, true) => &self.module,
                (true, false) => &self.package,
            });
            end = start + PAYGLOT.len();
        }
        renamed.push_str(&text[end..]);
        renamed
    }

    /// Where a file of this repository is in the tree.
    pub fn path_of(&self, path: &Path) -> PathBuf {
        let mut before = None;
        path.components()
            .map(|component| {
                let name = match (component, before) {
                    (Component::Normal(name), Some("python")) if name == PAYGLOT => &self.module,
                    (Component::Normal(name), _) if name == PAYGLOT => &self.package,
                    _ => "",
                };
                before = component.as_os_str().to_str();
                if name.is_empty() { component.as_os_str().to_owned() } else { name.into() }
            })
            .collect()
    }
}

/// `@payglot/linux-x64-gnu`, `_payglot`, `my-payglot` are names of their own.
fn is_joined_before(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '@' | '-')
}

/// And so are `payglot-runtime` and `payglot_runtime`.
fn is_joined_after(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

/// The name of the tree: what was asked for, or that of its only provider.
pub fn named(name: Option<&str>, providers: &[&str]) -> Result<Product> {
    match (name, providers) {
        (Some(name), _) => Product::new(name),
        (None, [only]) => Product::new(only).context("provider.toml"),
        (None, _) => Product::new(PAYGLOT),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_tree_has_names_of_its_own_and_the_runtime_keeps_its() {
        let product = Product::new("acme-pay").unwrap();
        let renamed = |path: &str, text: &str| product.renamed(Path::new(path), text);
        assert_eq!(
            renamed("a.rs", "use payglot::x; use payglot_runtime::y;"),
            "use acme_pay::x; use payglot_runtime::y;"
        );
        assert_eq!(
            renamed("a.py", "from payglot._payglot import Core"),
            "from acme_pay._payglot import Core"
        );
        assert_eq!(
            renamed("a.cjs", "require('payglot'), require('@payglot/linux-x64-gnu')"),
            "require('acme-pay'), require('@payglot/linux-x64-gnu')"
        );
        assert_eq!(
            renamed("a.toml", "name = \"payglot\"\nmodule-name = \"payglot._payglot\""),
            "name = \"acme-pay\"\nmodule-name = \"acme_pay._payglot\""
        );
        assert_eq!(
            renamed("a.md", "https://github.com/payglot/payglot"),
            "https://github.com/payglot/payglot"
        );
        assert_eq!(
            product.path_of(Path::new("bindings/python/python/payglot/a.py")),
            Path::new("bindings/python/python/acme_pay/a.py")
        );
        assert_eq!(
            product.path_of(Path::new("crates/payglot/src/lib.rs")),
            Path::new("crates/acme-pay/src/lib.rs")
        );
    }

    #[test]
    fn one_provider_gives_its_name_and_several_give_none() {
        assert_eq!(named(None, &["acme"]).unwrap().package, "acme");
        assert_eq!(named(None, &["acme", "other"]).unwrap().package, "payglot");
        assert_eq!(named(Some("mine"), &["acme", "other"]).unwrap().module, "mine");
        assert!(named(Some("Mine!"), &[]).is_err());
    }
}
