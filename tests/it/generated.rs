//! The completions and manual pages in the repository are what the program prints. To bring them up to date:
//! `UPDATE_GENERATED=1 cargo test --test it generated`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

pub(crate) const UPDATE: &str = "UPDATE_GENERATED";

/// The files of a folder, by name.
pub(crate) type Files = BTreeMap<String, String>;

pub(crate) fn program(arguments: &[&str]) -> String {
    let output = Command::cargo_bin("aksreboot")
        .unwrap()
        .args(arguments)
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

pub(crate) fn read(folder: &Path) -> Files {
    let Ok(entries) = fs::read_dir(folder) else {
        return Files::new();
    };
    entries
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// Compares the files of a folder with what they have to be, or writes them when that was asked for.
pub(crate) fn prove_fresh(name: &str, wanted: &Files) {
    let folder = folder(name);
    if std::env::var_os(UPDATE).is_some() {
        fs::create_dir_all(&folder).unwrap();
        for stale in read(&folder)
            .keys()
            .filter(|name| !wanted.contains_key(*name))
        {
            fs::remove_file(folder.join(stale)).unwrap();
        }
        for (name, text) in wanted {
            fs::write(folder.join(name), text).unwrap();
        }
        return;
    }
    let found = read(&folder);
    let stale: Vec<&String> = wanted
        .keys()
        .chain(found.keys())
        .filter(|name| wanted.get(*name) != found.get(*name))
        .collect();
    assert!(
        stale.is_empty(),
        "{name}/ is stale: {stale:?}; to write it again: {UPDATE}=1 cargo test --test it generated"
    );
}

#[test]
fn the_completions_are_what_the_program_prints() {
    let files = [
        ("bash", "aksreboot.bash"),
        ("elvish", "aksreboot.elv"),
        ("fish", "aksreboot.fish"),
        ("powershell", "_aksreboot.ps1"),
        ("zsh", "_aksreboot"),
    ]
    .map(|(shell, file)| (file.to_owned(), program(&["completions", shell])));
    prove_fresh("completions", &Files::from(files));
}

#[test]
fn the_manual_pages_are_what_the_program_writes() {
    let directory = tempfile::tempdir().unwrap();
    // A folder that is not there yet, as on a new machine.
    let pages = directory.path().join("share/man1");
    program(&["man", pages.to_str().unwrap()]);
    let written = read(&pages);
    assert_eq!(written["aksreboot.1"], program(&["man"]));
    prove_fresh("docs/man", &written);
}
