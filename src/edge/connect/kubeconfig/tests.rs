//! Choosing from real files.

use clap::Parser;
use tempfile::TempDir;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    connection: ConnectionFlags,
}

struct Files(TempDir);

impl Files {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    /// Chooses with these names in KUBECONFIG, the folder being the home.
    fn choose(&self, list: &[&str], arguments: &[&str]) -> Result<Choice, LoadError> {
        let paths = list.iter().map(|name| match *name {
            "" => PathBuf::new(),
            name => self.0.path().join(name),
        });
        let line = Line::parse_from(std::iter::once(&"aksreboot").chain(arguments));
        let places = Places {
            list: (!list.is_empty()).then(|| std::env::join_paths(paths).unwrap()),
            home: Some(self.0.path().to_owned()),
        };
        choose(&line.connection, &places)
    }
}

const ONE: &str = "
current-context: one
clusters: [{name: c1, cluster: {server: https://one}}, {name: shared, cluster: {server: https://first}}]
users: [{name: u1, user: {token: s3cret}}]
contexts:
- {name: one, context: {cluster: c1, user: u1, namespace: n1}}
- {name: lost, context: {cluster: gone, user: u1}}
- {name: orphan, context: {cluster: c1, user: gone}}
- {name: anonymous, context: {cluster: c1, user: ''}}
";
const TWO: &str = "
current-context: two
clusters: [{name: c2, cluster: {server: https://two}}, {name: shared, cluster: {server: https://second}}]
users: [{name: u2, user: {username: jane, password: pw}}]
contexts:
- {name: two, context: {cluster: c2, user: u2}}
- {name: shared, context: {cluster: shared, user: u2}}
";

fn server(choice: &Choice) -> &str {
    choice.cluster.server.as_deref().unwrap()
}

#[test]
fn of_several_files_the_first_to_say_something_wins() {
    let files = Files::new(&[("a", ONE), ("b", TWO)]);
    let choice = files.choose(&["a", "b"], &[]).unwrap();
    assert_eq!(
        (choice.context.as_str(), server(&choice)),
        ("one", "https://one")
    );
    assert_eq!(choice.namespace.as_deref(), Some("n1"));
    let choice = files.choose(&["b", "a"], &[]).unwrap();
    assert_eq!(
        (choice.context.as_str(), server(&choice)),
        ("two", "https://two")
    );
    let choice = files.choose(&["a", "b"], &["--context", "shared"]).unwrap();
    assert_eq!(server(&choice), "https://first");
    assert_eq!(choice.user.username.as_deref(), Some("jane"));
}

#[test]
fn files_that_are_not_there_and_empty_names_are_passed_over() {
    let files = Files::new(&[("b", TWO)]);
    let choice = files.choose(&["missing", "", "b"], &[]).unwrap();
    assert_eq!(choice.context, "two");
}

#[test]
fn a_current_context_that_was_unset_is_none() {
    let files = Files::new(&[("a", "current-context: ''"), ("b", TWO)]);
    assert_eq!(files.choose(&["a", "b"], &[]).unwrap().context, "two");
    let error = files.choose(&["a"], &[]).unwrap_err();
    assert!(matches!(error, LoadError::NoCurrentContext { .. }));
}

#[test]
fn without_kubeconfig_it_is_the_file_in_the_home() {
    let files = Files::new(&[(".kube/config", ONE)]);
    assert_eq!(files.choose(&[], &[]).unwrap().context, "one");
    assert_eq!(files.choose(&[""], &[]).unwrap().context, "one");
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let files = Files::new(&[("a", ONE), (".kube/config", ONE)]);
    let missing = files.0.path().join("missing");
    let arguments = ["--kubeconfig", missing.to_str().unwrap()];
    let error = files.choose(&["a"], &arguments).unwrap_err();
    assert!(error.to_string().contains("missing not found"), "{error}");
    let error = files.choose(&["gone", "lost"], &[]).unwrap_err();
    assert!(
        matches!(&error, LoadError::NoFile(paths) if paths.len() == 2),
        "{error}"
    );
}

#[test]
fn a_broken_file_is_named_with_its_place_and_not_quoted() {
    let broken = "users:\n- name: u\n  user: {token: s3cret\nclusters: [";
    let files = Files::new(&[("a", TWO), ("b", broken), ("c", "users: s3cret")]);
    for name in ["b", "c"] {
        let error = files.choose(&["a", name], &[]).unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(
            told.contains(files.0.path().join(name).to_str().unwrap()),
            "{told}"
        );
        assert!(told.contains("is not valid: line "), "{told}");
        assert!(!told.contains("s3cret"), "{told}");
    }
}

#[test]
fn flags_replace_parts_of_the_context() {
    let files = Files::new(&[("a", ONE), ("b", TWO)]);
    let list = ["a", "b"];
    let choice = files
        .choose(&list, &["--cluster", "c2", "--user", "u2"])
        .unwrap();
    assert_eq!(
        (choice.context.as_str(), server(&choice)),
        ("one", "https://two")
    );
    assert_eq!(choice.user.username.as_deref(), Some("jane"));
    let bare = Files::new(&[("a", "clusters: [{name: c, cluster: {server: https://x}}]")]);
    let choice = bare.choose(&["a"], &["--cluster", "c"]).unwrap();
    assert_eq!(
        (choice.context.as_str(), server(&choice)),
        ("c", "https://x")
    );
}

#[test]
fn a_name_that_leads_nowhere_is_an_error_that_knows_the_others() {
    let files = Files::new(&[("a", ONE)]);
    for (arguments, told) in [
        (["--context", "on"], "no context `on` in the kubeconfig"),
        (["--cluster", "x"], "no cluster `x` in the kubeconfig"),
        (["--user", "x"], "no user `x` in the kubeconfig"),
        (
            ["--context", "lost"],
            "no cluster `gone` in the kubeconfig, wanted by context `lost`",
        ),
        (
            ["--context", "orphan"],
            "no user `gone` in the kubeconfig, wanted by context `orphan`",
        ),
    ] {
        assert_eq!(
            files.choose(&["a"], &arguments).unwrap_err().to_string(),
            told
        );
    }
}

#[test]
fn a_context_without_a_user_is_anonymous() {
    let files = Files::new(&[("a", ONE)]);
    let choice = files.choose(&["a"], &["--context", "anonymous"]).unwrap();
    assert!(choice.user.token.is_none());
}

#[test]
fn paths_in_a_file_are_relative_to_it() {
    let text = "
current-context: x
clusters: [{name: c, cluster: {server: https://x, certificate-authority: ca.pem}}]
contexts: [{name: x, context: {cluster: c}}]";
    let files = Files::new(&[("deep/a", text)]);
    let choice = files.choose(&["deep/a"], &[]).unwrap();
    let wanted = files.0.path().join("deep/ca.pem");
    assert_eq!(
        choice.cluster.certificate_authority.as_deref(),
        wanted.to_str()
    );
}
