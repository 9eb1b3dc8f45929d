//! The peers, pinned: Python's from `tools/bench-python.txt` into `.tools/bench-python`, Node's from the lock file of
//! `benches/node` into `.tools/bench-node`.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::files::copy;
use crate::shell::{Run, npm};
use crate::tools::{Venv, up_to_date};

/// Where Python finds its peers.
pub fn python(root: &Path) -> Result<PathBuf> {
    let pins = root.join("tools/bench-python.txt");
    let folder = root.join(".tools/bench-python");
    up_to_date(&pins, &folder, || {
        let venv = Venv::fresh(&folder)?;
        venv.install(["-r".as_ref(), pins.as_os_str()])
    })?;
    let program = if cfg!(windows) { "Scripts/python" } else { "bin/python" };
    let where_they_are = "import sysconfig; print(sysconfig.get_path('purelib'))";
    let path = Run::new(folder.join(program)).args(["-c", where_they_are]).output()?;
    Ok(path.trim().into())
}

/// Node's peers, a `node_modules`.
pub fn node(root: &Path) -> Result<PathBuf> {
    let source = root.join("benches/node");
    let folder = root.join(".tools/bench-node");
    up_to_date(&source.join("package-lock.json"), &folder, || {
        for file in ["package.json", "package-lock.json"] {
            copy(&source.join(file), &folder.join(file))?;
        }
        npm().args(["ci", "--ignore-scripts", "--silent"]).at(&folder).quiet().run()?;
        // The one that is no JavaScript: it fetches its module where that can be had, and compiles it elsewhere.
        npm().args(["rebuild", "better-sqlite3", "--silent"]).at(&folder).quiet().run()
    })?;
    Ok(folder.join("node_modules"))
}
