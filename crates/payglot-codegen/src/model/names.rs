//! Names in each style, clear of the words that languages reserve.

use std::borrow::Cow;
use std::collections::HashSet;

use heck::{ToLowerCamelCase as _, ToPascalCase as _, ToShoutySnakeCase as _, ToSnakeCase as _};

/// Names that the generated code of one language uses itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReservedWords {
    /// Keywords, and the options of every call: no field or argument has such a name.
    pub identifiers: &'static [&'static str],
    /// What every model has beside its fields.
    pub fields: &'static [&'static str],
    /// Types that the files of models name.
    pub types: &'static [&'static str],
    /// Types that the files of a client name beside its resources.
    pub client_types: &'static [&'static str],
    /// What every client has beside its resources.
    pub resources: &'static [&'static str],
    /// Methods that the language gives a meaning of its own.
    pub operations: &'static [&'static str],
    /// Keywords that the language can escape where they name a field, but not where they name a file.
    pub keywords: &'static [&'static str],
    /// Modules that a client has beside those of its providers.
    pub modules: &'static [&'static str],
}

/// Makes names that every language can use.
#[derive(Debug, Default)]
pub struct Naming {
    identifiers: HashSet<&'static str>,
    fields: HashSet<&'static str>,
    types: HashSet<&'static str>,
    client_types: HashSet<&'static str>,
    resources: HashSet<&'static str>,
    operations: HashSet<&'static str>,
    modules: HashSet<&'static str>,
}

impl Naming {
    /// Names clear of what each of these languages reserves.
    pub fn new(languages: impl IntoIterator<Item = ReservedWords>) -> Self {
        let mut naming = Self::default();
        for words in languages {
            naming.identifiers.extend(words.identifiers);
            naming.fields.extend(words.fields);
            naming.types.extend(words.types);
            naming.client_types.extend(words.client_types);
            naming.resources.extend(words.resources);
            naming.operations.extend(words.operations);
            naming.modules.extend(words.keywords);
            naming.modules.extend(words.modules);
        }
        naming
    }

    /// `cardId` and `card-id` become `card_id`; never a reserved word.
    pub fn snake(&self, name: &str) -> String {
        let snake = start_with_letter(&plain(name).to_snake_case(), "field");
        if self.identifiers.contains(snake.as_str()) { format!("{snake}_") } else { snake }
    }

    /// The name of a field or argument.
    pub fn field(&self, name: &str) -> String {
        let snake = self.snake(name);
        if self.fields.contains(snake.as_str()) { format!("{snake}_") } else { snake }
    }

    /// Whether a group of operations can have this name.
    pub fn is_resource(&self, snake: &str) -> bool {
        !self.resources.contains(snake)
    }

    /// Whether an operation of a group can have this name.
    pub fn is_operation(&self, snake: &str) -> bool {
        !self.operations.contains(snake)
    }

    /// Whether a provider can have a module of this name.
    pub fn is_module(&self, name: &str) -> bool {
        self.snake(name) == name && !self.modules.contains(name)
    }

    /// `CommonResponse_Card_` becomes `CommonResponseCard`.
    pub fn pascal(&self, name: &str) -> String {
        let pascal = start_with_letter(&plain(name).to_pascal_case(), "Model");
        if self.types.contains(pascal.as_str()) { format!("{pascal}Model") } else { pascal }
    }

    /// The type of a group of operations: `payee_addresses` becomes `PayeeAddresses`.
    pub fn resource(&self, snake: &str) -> String {
        let pascal = self.pascal(snake);
        if self.client_types.contains(pascal.as_str()) {
            format!("{pascal}Resource")
        } else {
            pascal
        }
    }
}

/// `create_update_link` becomes `createUpdateLink`.
pub fn camel(name: &str) -> String {
    plain(name).to_lower_camel_case()
}

/// A part of a name, such as `ms_excel`.
pub fn snake_word(text: &str) -> String {
    plain(text).to_snake_case()
}

/// `CREATE_UPDATE_LINK`
pub fn upper(name: &str) -> String {
    start_with_letter(&plain(name).to_shouty_snake_case(), "VALUE")
}

fn start_with_letter(name: &str, prefix: &str) -> String {
    if name.starts_with(|c: char| {
        c.is_ascii_alphabetic() || !c.is_ascii() && is_identifier(&c.to_string())
    }) {
        name.to_owned()
    } else {
        format!("{prefix}{name}")
    }
}

/// Letters stay, of any script; signs that no identifier may have become spaces.
fn plain(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return name.into();
    }
    let fits = |c: char| c.is_ascii() || is_identifier(&format!("a{c}"));
    name.chars().map(|c| if fits(c) { c } else { ' ' }).collect::<String>().into()
}

fn is_identifier(text: &str) -> bool {
    syn::parse_str::<syn::Ident>(text).is_ok()
}

/// Gives names, each of them once.
#[derive(Debug, Default)]
pub struct NameAllocator(HashSet<String>);

impl NameAllocator {
    /// Never gives this name.
    pub fn reserve(&mut self, name: impl Into<String>) {
        self.0.insert(name.into());
    }

    /// The wanted name, with a number where it is taken.
    pub fn allocate(&mut self, wanted: &str) -> String {
        self.allocate_all(wanted, |name| vec![name.to_owned()])
    }

    /// The same for a name that comes with others, all of which must be free.
    pub fn allocate_all(&mut self, wanted: &str, with: impl Fn(&str) -> Vec<String>) -> String {
        let separator =
            if wanted.contains('_') || wanted.starts_with(char::is_lowercase) { "_" } else { "" };
        let mut name = wanted.to_owned();
        let mut number = 2;
        loop {
            let all = with(&name);
            if !all.iter().any(|name| self.0.contains(name)) {
                self.0.extend(all);
                return name;
            }
            name = format!("{wanted}{separator}{number}");
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_identifiers_in_every_language() {
        let naming = Naming::new([
            ReservedWords {
                identifiers: &["class"],
                fields: &["extra"],
                ..ReservedWords::default()
            },
            ReservedWords {
                types: &["Json"],
                client_types: &["Config"],
                ..ReservedWords::default()
            },
        ]);
        for (name, expected) in [
            ("cardId", "card_id"),
            ("class", "class_"),
            ("2fa", "field2fa"),
            ("", "field"),
            ("straße", "straße"),
            ("商品", "商品"),
            ("m²", "m"),
            ("→", "field"),
        ] {
            assert_eq!(naming.snake(name), expected, "{name}");
        }
        assert_eq!(naming.field("extra"), "extra_");
        assert_eq!(naming.pascal("Page[Item]"), "PageItem");
        assert_eq!(naming.pascal("Json"), "JsonModel");
        assert_eq!(naming.resource("config"), "ConfigResource");
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        let mut allocator = NameAllocator::default();
        allocator.reserve("PageItem2");
        let names: Vec<_> =
            ["PageItem", "PageItem", "ab", "ab"].map(|name| allocator.allocate(name)).into();
        assert_eq!(names, ["PageItem", "PageItem3", "ab", "ab_2"]);
    }
}
