//! An index of Python's packages as files: a page for each project that links to what there is of it (PEP 503).

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::files::copy;
use crate::publish::with_endings;
use crate::registries::write;

/// Writes the index of the wheels and sources in `dist`.
pub fn fill(dist: &Path, folder: &Path) -> Result<()> {
    let mut projects: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for file in with_endings(dist, &[".whl", ".tar.gz"])? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes =
            std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let project = project(&name);
        copy(&file, &folder.join(&project).join(&name))?;
        let sum = hex::encode(Sha256::digest(&bytes));
        projects.entry(project).or_default().push((name, sum));
    }
    for (project, files) in projects {
        write(&folder.join(&project).join("index.html"), &page(&project, &files))?;
    }
    Ok(())
}

/// The name of a file's project, as an address has it.
fn project(file: &str) -> String {
    file.split('-').next().unwrap_or_default().to_lowercase().replace(['_', '.'], "-")
}

fn page(project: &str, files: &[(String, String)]) -> String {
    let mut page = format!("<!doctype html>\n<title>{project}</title>\n");
    for (name, sum) in files {
        page += &format!("<a href=\"{name}#sha256={sum}\">{name}</a><br>\n");
    }
    page
}

#[cfg(test)]
mod tests {
    use super::{page, project};

    #[test]
    fn a_project_has_one_page_with_the_checksum_of_each_file() {
        assert_eq!(project("payglot_cli-0.2.0-py3-none-win_amd64.whl"), "payglot-cli");
        assert_eq!(project("payglot-0.2.0.tar.gz"), "payglot");
        let page = page("payglot", &[("payglot-0.2.0.tar.gz".to_owned(), "ab12".to_owned())]);
        assert!(page.contains("<a href=\"payglot-0.2.0.tar.gz#sha256=ab12\">"), "{page}");
    }
}
