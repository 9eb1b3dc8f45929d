//! What other people's tools say of the packages in `target/dist/`: publint and arethetypeswrong of npm's,
//! twine, check-wheel-contents and abi3audit of Python's, and auditwheel of those that are for more than this machine.

use std::path::Path;

use anyhow::Result;

use crate::dist::Dist;
use crate::shell::Run;
use crate::tools;

/// Runs them; what they find is an error.
pub fn check(root: &Path, dist: &Dist) -> Result<()> {
    wheels(root, dist)?;
    let tools = tools::package_tools(root)?;
    for tarball in dist.npm.all() {
        let publint = Run::new(tools.join("publint")).args(["run", "--strict"]).args([tarball]);
        let said = publint.at(root).output()?;
        // It also ends well with suggestions.
        anyhow::ensure!(said.contains("All good!"), "publint: {said}");
    }
    for tarball in [&dist.npm.package, &dist.npm.command] {
        // Node 20 and its types know no older way to find a module than `exports`.
        let words = ["--profile", "node16", "--format", "ascii", "--no-color", "--no-emoji"];
        Run::new(tools.join("attw")).args(words).args([tarball]).at(root).quiet().run()?;
    }
    Ok(())
}

/// What auditwheel finds in the wheels is at least what their names promise.
pub fn audit(root: &Path, dist: &Dist) -> Result<()> {
    let tools = tools::portable_builder(root)?;
    let audit = tools.python().args(["tools/audit_wheel.py"]);
    audit.args([&dist.wheel, &dist.command]).at(root).run()
}

fn wheels(root: &Path, dist: &Dist) -> Result<()> {
    let tools = tools::python_tools(root)?;
    let wheels = [&dist.wheel, &dist.command];
    let twine = Run::new(tools.program("twine")).args(["check", "--strict"]);
    twine.args(wheels).args([&dist.sources]).at(root).quiet().run()?;
    let contents = || Run::new(tools.program("check-wheel-contents")).at(root).quiet();
    contents().args([&dist.wheel]).run()?;
    // The command's wheel has a program and no module.
    contents().args(["--ignore", "W007"]).args([&dist.command]).run()?;
    let abi3audit = Run::new(tools.program("abi3audit")).args(["--strict", "--report"]);
    let report = abi3audit.args([&dist.wheel]).at(root).output()?;
    anyhow::ensure!(report.contains("_payglot"), "abi3audit read no module: {report}");
    Ok(())
}
