//! A Python for musl on x86-64, built with zig from Debian's sources: no registry that this project uses has one. It has what pip and
//! payglot need, and no TLS.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::debian;
use crate::shell::Run;
use crate::tools::{self, names, up_to_date};

/// What `libz` is made of.
const ZLIB: [&str; 15] = [
    "adler32", "compress", "crc32", "deflate", "gzclose", "gzlib", "gzread", "gzwrite", "infback",
    "inffast", "inflate", "inftrees", "trees", "uncompr", "zutil",
];

/// Builds it unless it is there; `loader` is musl's.
pub fn built(root: &Path, loader: &Path) -> Result<PathBuf> {
    let pins = root.join("tools/musl-python-sources.txt");
    let folder = root.join(".tools/musl-python");
    up_to_date(&pins, &folder, || {
        if folder.exists() {
            std::fs::remove_dir_all(&folder).context("cannot empty .tools/musl-python")?;
        }
        let list = std::fs::read_to_string(&pins).context("cannot read the list of sources")?;
        let work = folder.join("build");
        for archive in debian::sources(&work, &names(&list))? {
            Run::new("tar").args(["--extract", "--file"]).args([&archive]).at(&work).run()?;
        }
        let zig = tools::portable_builder(root)?.program("python");
        build(&folder, &Compiler::new(&work.join("bin"), &zig, loader)?)?;
        std::fs::remove_dir_all(&work).context("cannot remove what it was built from")
    })?;
    Ok(folder.join("bin/python3"))
}

/// zig, as programs that makefiles call.
struct Compiler {
    cc: PathBuf,
    ar: PathBuf,
    ranlib: PathBuf,
}

impl Compiler {
    fn new(folder: &Path, zig: &Path, loader: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).context("cannot make a folder")?;
        let program = |name: &str, words: &str| {
            let path = folder.join(name);
            let text =
                format!("#!/bin/sh\nexec '{}' -m ziglang {name} {words} \"$@\"\n", zig.display());
            std::fs::write(&path, text).with_context(|| name.to_owned())?;
            Run::new("chmod").args(["+x"]).args([&path]).run()?;
            Ok::<_, anyhow::Error>(path)
        };
        // What it links runs here, where musl's loader is not installed.
        let words = format!(
            "-target x86_64-linux-musl -dynamic -fno-sanitize=undefined -Wno-date-time '-Wl,--dynamic-linker={}'",
            loader.display()
        );
        let [cc, ar, ranlib] = [program("cc", &words)?, program("ar", "")?, program("ranlib", "")?];
        Ok(Self { cc, ar, ranlib })
    }
}

fn build(folder: &Path, compiler: &Compiler) -> Result<()> {
    let work = folder.join("build");
    let zlib = unpacked(&work, "zlib-")?;
    for name in ZLIB {
        let words = ["-O1", "-fPIC", "-DHAVE_UNISTD_H", "-I.", "-c"];
        Run::new(&compiler.cc).args(words).args([format!("{name}.c")]).at(&zlib).run()?;
    }
    let objects = ZLIB.map(|name| format!("{name}.o"));
    Run::new(&compiler.ar).args(["rcs", "libz.a"]).args(objects).at(&zlib).run()?;
    let python = unpacked(&work, "Python-")?;
    let here = |program: &Path| {
        let run = Run::new(program).at(&python).quiet();
        let run = run.env("CC", &compiler.cc).env("AR", &compiler.ar);
        run.env("RANLIB", &compiler.ranlib)
    };
    here(&python.join("configure"))
        .args(["--quiet", "--disable-test-modules", "--without-ensurepip", "--with-pkg-config=no"])
        .args([format!("--prefix={}", folder.display())])
        .args([format!("ZLIB_CFLAGS=-I{}", zlib.display())])
        .args([format!("ZLIB_LIBS={}", zlib.join("libz.a").display())])
        // Neither is of musl here.
        .args(["py_cv_module__ssl=n/a", "py_cv_module__tkinter=n/a", "OPT=-O1 -DNDEBUG"])
        .run()?;
    let jobs = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    here(Path::new("make")).args(["--silent", &format!("--jobs={jobs}")]).run()?;
    here(Path::new("make")).args(["--silent", "install"]).run()
}

/// The folder of an archive's files.
fn unpacked(work: &Path, begin: &str) -> Result<PathBuf> {
    let entries = std::fs::read_dir(work).context("cannot read what was unpacked")?;
    let mut folders = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_it = |folder: &PathBuf| {
        folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with(begin))
    };
    folders.find(is_it).with_context(|| format!("no {begin}… was unpacked"))
}
