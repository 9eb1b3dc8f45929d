//! The process's environment is read in one file alone: what a language hands down is never passed by.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use payglot_architecture::{files, root};

#[test]
fn issue_12_11_one_file_reads_the_environment() {
    let folders = [
        "crates/payglot-runtime/src",
        "crates/payglot/src",
        "bindings/common",
        "bindings/python/src",
        "bindings/node/src",
    ];
    let sources = folders.iter().flat_map(|folder| files(&root().join(folder), &[".rs"]));
    let (mut seen, mut readers) = (0, Vec::new());
    for source in sources {
        seen += 1;
        let text = std::fs::read_to_string(&source).unwrap();
        // What the compiler puts in is no variable of the process.
        if ["env::var", "env::vars", "env::{", "load_native_certs(", "from_system("]
            .iter()
            .any(|call| text.contains(call))
        {
            readers.push(source.strip_prefix(root()).unwrap().display().to_string());
        }
    }
    assert!(seen > 80, "only {seen} files were read");
    readers.sort();
    let known = [
        // The proxies of macOS and Windows, where the process has no variables for them.
        "crates/payglot-runtime/src/transport/hyper/proxy.rs",
        // The system's certificates, where the process has no variables for them.
        "crates/payglot-runtime/src/transport/hyper/tls.rs",
        "crates/payglot-runtime/src/variables.rs",
    ];
    assert_eq!(readers, known);
}
