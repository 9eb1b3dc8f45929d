//! Imports between the modules of a Python package.

use std::path::{Path, PathBuf};

use crate::circles::Imports;

/// The relative imports of a package; those for type checkers alone count too.
pub fn imports(package: &Path) -> Imports {
    let mut imports = Imports::default();
    for file in crate::files(package, &[".py"]) {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        for line in text.lines().map(str::trim_start) {
            let Some((from, names)) =
                line.strip_prefix("from .").and_then(|rest| rest.split_once(" import "))
            else {
                continue;
            };
            let up = from.chars().take_while(|c| *c == '.').count();
            let module = from.trim_start_matches('.').replace('.', "/");
            let Some(folder) = file.ancestors().nth(1 + up) else { continue };
            let names = names.split('#').next().unwrap_or_default();
            let targets: Vec<PathBuf> = if module.is_empty() {
                names
                    .split(',')
                    .map(|name| folder.join(name.trim().trim_matches(['(', ')'])))
                    .collect()
            } else {
                vec![folder.join(module)]
            };
            for target in targets {
                let candidates = [target.with_extension("py"), target.join("__init__.py")];
                if let Some(found) = candidates.iter().find(|candidate| candidate.is_file()) {
                    imports.add(&file, found);
                }
            }
        }
    }
    imports
}
