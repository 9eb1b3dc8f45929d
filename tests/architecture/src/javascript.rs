//! Imports between the files of a Node package.

use std::path::{Component, Path, PathBuf};

use crate::circles::Imports;

/// Relative `require`s and `import`s below a folder.
pub fn imports(package: &Path) -> Imports {
    let mut imports = Imports::default();
    for file in crate::files(package, &[".cjs", ".mjs"]) {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        for opening in ["require('", "from '", "import '", "import('"] {
            for (start, _) in text.match_indices(opening) {
                let rest = text.get(start + opening.len()..).unwrap_or_default();
                let Some((path, _)) = rest.split_once('\'') else { continue };
                if path.starts_with('.') {
                    let folder = file.parent().unwrap_or(&file);
                    let target = normal(&folder.join(path));
                    if target.is_file() {
                        imports.add(&file, &target);
                    }
                }
            }
        }
    }
    imports
}

/// A path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(out.pop()),
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}
