//! `cargo xtask docs`: the site in `target/site/`, of the README, `docs/` and the generated reference.
//!
//! Pages are written for readers of the repository. Here links between pages stay, and those to other files lead to the
//! repository. A link or an anchor that leads nowhere, or a page that nothing leads to, is an error.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::files::copy;
use crate::shell::{Run, step};
use crate::tabs::of_calls;
use crate::tools;

/// Where files that are no pages are shown.
const REPOSITORY: &str = "https://github.com/payglot/payglot/blob/main";

/// The pictures of pages.
const PICTURES: &str = "docs/pictures";

/// The options of `cargo xtask docs`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Where the site will be on its host, such as /payglot/.
    #[arg(long, default_value = "/")]
    pub base: String,
}

/// Builds the site.
pub fn run(root: &Path, options: &Options) -> Result<()> {
    let tools = tools::from_npm(root, "site")?;
    let pages = tools.join("pages");
    for folder in [pages.clone(), tools.join(".vitepress")] {
        if folder.exists() {
            std::fs::remove_dir_all(&folder)
                .with_context(|| format!("cannot empty {}", folder.display()))?;
        }
    }
    copy(&root.join("tools/site/.vitepress"), &tools.join(".vitepress"))?;
    let sources = sources(root)?;
    for (source, page) in &sources {
        let text = std::fs::read_to_string(root.join(source))
            .with_context(|| format!("cannot read {}", source.display()))?;
        let target = pages.join(page);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent).context("cannot make a folder of pages")?;
        }
        std::fs::write(&target, converted(&of_calls(&text), source, page, &sources))
            .with_context(|| format!("cannot write {}", target.display()))?;
    }
    copy(&root.join(PICTURES), &pages.join("pictures"))?;
    let out = root.join("target/site");
    step("site", || {
        Run::new("node")
            .args(["node_modules/vitepress/bin/vitepress.js", "build"])
            .at(&tools)
            .env("SITE_OUT", &out)
            .env("SITE_BASE", &options.base)
            .quiet()
            .run()
    })?;
    let links = links(&out, &options.base)?;
    println!("target/site: {} pages, {links} links", sources.len());
    Ok(())
}

/// The pages' sources from the root of the repository, with what they are on the site.
fn sources(root: &Path) -> Result<BTreeMap<PathBuf, PathBuf>> {
    let mut sources = BTreeMap::from([("README.md".into(), "index.md".into())]);
    for folder in ["docs", "docs/reference"] {
        let entries = std::fs::read_dir(root.join(folder))
            .with_context(|| format!("cannot read {folder}"))?;
        for name in entries.filter_map(|entry| Some(entry.ok()?.file_name())) {
            let source = Path::new(folder).join(name);
            if source.extension().is_some_and(|ending| ending == "md") {
                let page = source.strip_prefix("docs").unwrap_or(&source);
                let page = match page.file_name() {
                    Some(name) if name == "README.md" => page.with_file_name("index.md"),
                    _ => page.to_owned(),
                };
                sources.insert(source, page);
            }
        }
    }
    Ok(sources)
}

/// The text for the site: its links, no mark of blocks that are run, no note of who has generated it.
fn converted(
    text: &str,
    source: &Path,
    page: &Path,
    sources: &BTreeMap<PathBuf, PathBuf>,
) -> String {
    let mut converted = String::new();
    let mut is_code = false;
    for line in text.lines().filter(|line| !line.starts_with("<!--")) {
        if line.starts_with("```") {
            is_code = !is_code;
        }
        let shown = match line.strip_prefix("```").and_then(|mark| mark.strip_suffix(" run")) {
            // Markdown's parser knows it by its first name.
            Some("cjs") => "```js".to_owned(),
            Some(language) => format!("```{language}"),
            None if is_code => line.to_owned(),
            None => with_links(line, source, page, sources),
        };
        converted.push_str(&shown);
        converted.push('\n');
    }
    converted
}

fn with_links(
    line: &str,
    source: &Path,
    page: &Path,
    sources: &BTreeMap<PathBuf, PathBuf>,
) -> String {
    let mut parts = line.split("](");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (target, rest) = part.split_once(')').unwrap_or((part, ""));
        shown += &format!("]({}){rest}", link(target, source, page, sources));
    }
    shown
}

fn link(target: &str, source: &Path, page: &Path, sources: &BTreeMap<PathBuf, PathBuf>) -> String {
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, a)| (path, Some(a)));
    if path.is_empty() || path.contains("://") || path.starts_with("mailto:") {
        return target.to_owned();
    }
    let anchor = anchor.map(|anchor| format!("#{anchor}")).unwrap_or_default();
    let path = normal(&source.parent().unwrap_or(Path::new("")).join(path));
    let picture = path.strip_prefix("docs").ok().filter(|_| path.starts_with(PICTURES));
    let Some(to) = picture.or_else(|| sources.get(&path).map(PathBuf::as_path)) else {
        return format!("{REPOSITORY}/{}{anchor}", shown(&path));
    };
    let up = "../".repeat(page.components().count() - 1);
    format!("{}{up}{}{anchor}", if up.is_empty() { "./" } else { "" }, shown(to))
}

/// Without `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir => {}
            other => normal.push(other),
        }
    }
    normal
}

fn shown(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Every link within the site leads to a page and an anchor that are there, and every page is led to; how many there are.
fn links(out: &Path, base: &str) -> Result<usize> {
    let mut pages = BTreeMap::new();
    read_pages(out, out, &mut pages)?;
    let mut linked = BTreeSet::new();
    let (mut seen, mut broken) = (0, Vec::new());
    for (page, html) in &pages {
        for target in attributes(html, "href") {
            if target.contains(':') || target.starts_with("//") {
                continue;
            }
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = match path.strip_prefix(base) {
                Some(path) => PathBuf::from(path),
                None if path.is_empty() => page.clone(),
                None => normal(&page.parent().unwrap_or(Path::new("")).join(path)),
            };
            let path = if path.as_os_str().is_empty() || target.ends_with('/') {
                path.join("index.html")
            } else {
                path
            };
            seen += 1;
            match pages.get(&path) {
                Some(there) => {
                    if path != *page {
                        linked.insert(path);
                    }
                    let id = anchor.replace("&amp;", "&");
                    if !id.is_empty() && !attributes(there, "id").any(|found| found == id) {
                        broken.push(format!("{}: {target}", page.display()));
                    }
                }
                None if out.join(&path).is_file() => {}
                None => broken.push(format!("{}: {target}", page.display())),
            }
        }
    }
    ensure!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
    let lost: Vec<_> = pages
        .keys()
        .filter(|page| !linked.contains(*page) && *page != Path::new("404.html"))
        .map(|page| page.display().to_string())
        .collect();
    ensure!(lost.is_empty(), "pages that nothing leads to: {}", lost.join(", "));
    ensure!(seen > 100, "only {seen} links were read");
    Ok(seen)
}

fn read_pages(out: &Path, folder: &Path, pages: &mut BTreeMap<PathBuf, String>) -> Result<()> {
    for entry in
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            read_pages(out, &path, pages)?;
        } else if path.extension().is_some_and(|ending| ending == "html") {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            pages.insert(path.strip_prefix(out).unwrap_or(&path).to_owned(), text);
        }
    }
    Ok(())
}

/// The values of an attribute.
fn attributes<'a>(html: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let begin = format!(" {name}=\"");
    let mut rest = html;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(begin.as_str())?;
        let (value, after) = after.split_once('"')?;
        rest = after;
        Some(value)
    })
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::converted;

    #[test]
    fn links_stay_within_the_site_where_they_can_and_lead_to_the_repository_otherwise() {
        let pages = [
            ("README.md", "index.md"),
            ("docs/errors.md", "errors.md"),
            ("docs/reference/README.md", "reference/index.md"),
        ];
        let sources =
            pages.iter().map(|(from, to)| (PathBuf::from(from), PathBuf::from(to))).collect();
        let of = |source: &str, page: &str, text: &str| {
            converted(text, Path::new(source), Path::new(page), &sources)
        };
        assert_eq!(
            of(
                "README.md",
                "index.md",
                "[a](docs/errors.md#b), [c](LICENSE-MIT) [d](https://e.f/g)"
            ),
            "[a](./errors.md#b), [c](https://github.com/payglot/payglot/blob/main/LICENSE-MIT) [d](https://e.f/g)\n"
        );
        assert_eq!(
            of(
                "docs/reference/README.md",
                "reference/index.md",
                "[a](../errors.md) [b](../../README.md#c)"
            ),
            "[a](../errors.md) [b](../index.md#c)\n"
        );
        for (source, page, picture) in [
            ("README.md", "index.md", "![a](docs/pictures/a.png)"),
            ("docs/errors.md", "errors.md", "![a](pictures/a.png)"),
        ] {
            assert_eq!(of(source, page, picture), "![a](./pictures/a.png)\n");
        }
        let block = "<!-- @generated -->\n```cjs run\n[a](docs/errors.md)\n```\n[a](errors.md)";
        assert_eq!(
            of("docs/errors.md", "errors.md", block),
            "```js\n[a](docs/errors.md)\n```\n[a](./errors.md)\n"
        );
    }
}
