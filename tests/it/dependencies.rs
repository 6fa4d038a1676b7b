//! What Cargo.lock may hold. deny.toml says the same and more; this runs with every `cargo test` and needs no tool.

use std::collections::BTreeMap;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

struct Package<'a> {
    version: &'a str,
    /// `None`: this package itself.
    source: Option<&'a str>,
}

fn packages() -> BTreeMap<&'static str, Vec<Package<'static>>> {
    let lock = include_str!("../../Cargo.lock");
    let mut packages = BTreeMap::<_, Vec<_>>::new();
    for block in lock.split("[[package]]").skip(1) {
        let value = |key: &str| {
            block.lines().find_map(|line| {
                let (name, value) = line.split_once(" = ")?;
                (name == key).then(|| value.trim_matches('"'))
            })
        };
        packages
            .entry(value("name").unwrap())
            .or_default()
            .push(Package {
                version: value("version").unwrap(),
                source: value("source"),
            });
    }
    packages
}

#[test]
fn rustls_with_ring_is_the_only_tls_and_hyper_the_only_http_client() {
    let packages = packages();
    for banned in [
        "aws-lc-rs",
        "aws-lc-sys",
        "native-tls",
        "openssl",
        "openssl-sys",
        "reqwest",
    ] {
        assert!(!packages.contains_key(banned), "{banned} came in");
    }
}

#[test]
fn what_crosses_crate_borders_is_there_once() {
    let packages = packages();
    for single in [
        "clap",
        "hyper",
        "jiff",
        "k8s-openapi",
        "kube",
        "ring",
        "rustls",
        "serde_json",
        "tokio",
    ] {
        let versions: Vec<&str> = packages[single]
            .iter()
            .map(|package| package.version)
            .collect();
        assert_eq!(versions.len(), 1, "{single}: {versions:?}");
    }
}

#[test]
fn every_dependency_comes_from_the_one_registry() {
    for (name, versions) in packages() {
        for package in versions {
            assert!(
                package
                    .source
                    .map_or(name == "aksreboot", |from| from == CRATES_IO),
                "{name} {} comes from {:?}",
                package.version,
                package.source
            );
        }
    }
}
