//! The arrows of the architecture, held by reading the sources: what the core must not know.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    files
}

fn assert_without(folder: &str, words: &[&str]) {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    assert!(files.len() > 5, "{folder} is not where it was");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for word in words {
            assert!(!text.contains(word), "{} names {word}", file.display());
        }
    }
}

#[test]
fn the_core_knows_no_client_no_runtime_no_file_and_nothing_above_it() {
    assert_without(
        "src/core",
        &[
            "kube::",
            "k8s_openapi",
            "tokio::",
            "std::fs",
            "std::net",
            "std::process",
            "crate::edge",
            "crate::app",
            "crate::render",
            "crate::request",
            "crate::sim",
        ],
    );
}

#[test]
fn rendering_knows_no_edge() {
    assert_without(
        "src/render",
        &[
            "kube::",
            "k8s_openapi",
            "crate::edge",
            "crate::app",
            "crate::sim",
        ],
    );
}

#[test]
fn the_edge_prints_nothing_and_knows_no_command() {
    assert_without("src/edge", &["crate::render", "crate::app"]);
}
