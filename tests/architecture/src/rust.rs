//! Imports between the files of a Rust crate, read from its syntax tree.

use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

use crate::circles::Imports;

/// The imports of a crate whose source is below `source`, from `lib.rs` or `main.rs` on.
pub fn imports(source: &Path) -> Imports {
    let mut imports = Imports::default();
    for file in crate::files(source, &[".rs"]) {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let Ok(tree) = syn::parse_file(&text) else { continue };
        let mut reader = Reader {
            source,
            module: module_path(source, &file),
            children: children(&tree),
            found: Vec::new(),
        };
        reader.visit_file(&tree);
        for path in reader.found {
            if let Some(target) = resolve(source, &path) {
                imports.add(&file, &target);
            }
        }
    }
    imports
}

/// `transport/hyper/mod.rs` is the module `transport::hyper`, and so is `transport/hyper.rs`.
fn module_path(source: &Path, file: &Path) -> Vec<String> {
    let relative = file.strip_prefix(source).unwrap_or(file).with_extension("");
    let mut steps: Vec<String> =
        relative.iter().map(|step| step.to_string_lossy().into_owned()).collect();
    if steps.last().is_some_and(|last| last == "mod")
        || matches!(&*steps, [only] if only == "lib" || only == "main")
    {
        steps.pop();
    }
    steps
}

/// Modules that a file declares in files of their own.
fn children(tree: &syn::File) -> Vec<String> {
    tree.items
        .iter()
        .filter_map(|item| match item {
            syn::Item::Mod(module) if module.content.is_none() => Some(module.ident.to_string()),
            _ => None,
        })
        .collect()
}

/// The file of the longest beginning of a path that is a module.
fn resolve(source: &Path, path: &[String]) -> Option<PathBuf> {
    (1..=path.len()).rev().find_map(|length| {
        let folder: PathBuf =
            path.iter().take(length).fold(source.to_owned(), |at, step| at.join(step));
        [folder.join("mod.rs"), folder.with_extension("rs")].into_iter().find(|file| file.is_file())
    })
}

struct Reader<'a> {
    source: &'a Path,
    module: Vec<String>,
    children: Vec<String>,
    found: Vec<Vec<String>>,
}

impl Reader<'_> {
    /// Notes a path as it stands in the source, if it leads into this crate.
    fn note(&mut self, steps: &[String]) {
        let mut base = self.module.clone();
        let rest = match steps.first().map(String::as_str) {
            Some("crate") => {
                base.clear();
                steps.get(1..)
            }
            Some("super") => {
                let up = steps.iter().take_while(|step| *step == "super").count();
                base.truncate(base.len().saturating_sub(up));
                steps.get(up..)
            }
            Some("self") => steps.get(1..),
            Some(first) if self.children.iter().any(|child| child == first) => Some(steps),
            _ => None,
        };
        let Some(rest) = rest else { return };
        base.extend(rest.iter().cloned());
        debug_assert!(self.source.is_dir());
        self.found.push(base);
    }

    fn tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |ident: &syn::Ident| {
            let mut steps = before.to_vec();
            steps.push(ident.to_string());
            steps
        };
        match tree {
            syn::UseTree::Path(path) => {
                let steps = with(&path.ident);
                self.tree(&steps, &path.tree);
            }
            syn::UseTree::Name(name) => self.note(&with(&name.ident)),
            syn::UseTree::Rename(name) => self.note(&with(&name.ident)),
            syn::UseTree::Glob(_) => self.note(before),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(before, tree);
                }
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let steps: Vec<String> =
            path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if steps.len() > 1 {
            self.note(&steps);
        }
        visit::visit_path(self, path);
    }

    /// Tests may look at everything.
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.ident != "tests" && module.content.is_some() {
            self.module.push(module.ident.to_string());
            visit::visit_item_mod(self, module);
            self.module.pop();
        }
    }
}
