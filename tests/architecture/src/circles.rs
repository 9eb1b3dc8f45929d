//! Finds circles of imports that cross a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Which file imports which.
#[derive(Debug, Default)]
pub struct Imports(BTreeMap<PathBuf, BTreeSet<PathBuf>>);

impl Imports {
    /// Notes that `from` imports `to`.
    pub fn add(&mut self, from: &Path, to: &Path) {
        if from != to {
            self.0.entry(from.to_owned()).or_default().insert(to.to_owned());
        }
        self.0.entry(to.to_owned()).or_default();
    }

    /// Every import: who, and of what.
    pub fn pairs(&self) -> impl Iterator<Item = (&Path, &Path)> {
        self.0.iter().flat_map(|(from, targets)| {
            targets.iter().map(move |to| (from.as_path(), to.as_path()))
        })
    }

    /// How many imports there are.
    pub fn len(&self) -> usize {
        self.0.values().map(BTreeSet::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Groups of files that import each other, directly or through others, and lie in more than one folder.
    ///
    /// A folder's own file (`mod.rs`, `lib.rs`, `__init__.py`) and what lies inside the folder are a parent and its
    /// children, which know each other; such imports do not count.
    pub fn circles(&self) -> Vec<Vec<PathBuf>> {
        let reached: BTreeMap<&PathBuf, BTreeSet<&PathBuf>> =
            self.0.keys().map(|file| (file, self.reachable(file))).collect();
        let mut circles: Vec<Vec<PathBuf>> = Vec::new();
        for (file, targets) in &reached {
            let circle: Vec<PathBuf> = targets
                .iter()
                .filter(|target| reached.get(*target).is_some_and(|back| back.contains(file)))
                .map(|target| (*target).clone())
                .collect();
            let folders: BTreeSet<_> = circle.iter().map(|file| folder(file)).collect();
            if folders.len() > 1 && !circles.contains(&circle) {
                circles.push(circle);
            }
        }
        circles
    }

    fn reachable<'a>(&'a self, from: &'a PathBuf) -> BTreeSet<&'a PathBuf> {
        let mut seen = BTreeSet::new();
        let mut open = vec![from];
        while let Some(file) = open.pop() {
            for next in self.0.get(file).into_iter().flatten() {
                if !is_parent_and_child(file, next) && seen.insert(next) {
                    open.push(next);
                }
            }
        }
        seen
    }
}

fn folder(file: &Path) -> &Path {
    file.parent().unwrap_or(file)
}

fn is_parent_and_child(one: &Path, other: &Path) -> bool {
    let is_parent_of = |parent: &Path, child: &Path| {
        let name = parent.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        matches!(name, "mod.rs" | "lib.rs" | "main.rs" | "__init__.py")
            && child.starts_with(folder(parent))
    };
    is_parent_of(one, other) || is_parent_of(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(pairs: &[(&str, &str)]) -> Imports {
        let mut imports = Imports::default();
        for (from, to) in pairs {
            imports.add(Path::new(from), Path::new(to));
        }
        imports
    }

    #[test]
    fn a_circle_over_two_folders_is_found() {
        let imports = imports(&[("a/x.rs", "b/y.rs"), ("b/y.rs", "b/z.rs"), ("b/z.rs", "a/x.rs")]);
        assert_eq!(imports.circles().len(), 1);
    }

    #[test]
    fn a_circle_through_the_file_of_another_folder_is_found() {
        let imports = imports(&[("a/mod.rs", "b/mod.rs"), ("b/mod.rs", "a/mod.rs")]);
        assert_eq!(imports.circles().len(), 1);
    }

    #[test]
    fn within_a_folder_or_between_parent_and_child_there_is_none() {
        let imports = imports(&[
            ("a/x.rs", "a/y.rs"),
            ("a/y.rs", "a/x.rs"),
            ("a/mod.rs", "a/inner/z.rs"),
            ("a/inner/z.rs", "a/mod.rs"),
            ("a/x.rs", "b/w.rs"),
        ]);
        assert!(imports.circles().is_empty(), "{:?}", imports.circles());
    }
}
