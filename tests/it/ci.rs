//! What the CI systems are told, and the ready-made pipelines of docs/ci: the shell of each is taken out of its file and run by sh
//! as far as a shell can, against a simulated cluster, with that system's variables set. `az` and `kubelogin` are stand-ins that
//! note how they were called.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use aksreboot::sim::{Machine, PackageKind, World};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::generated::folder;
use crate::schemas::assert_valid;
use crate::served::{Served, text};

/// Nodes of one kind: what a pipeline makes of them.
#[derive(Clone, Copy, Debug)]
enum Nodes {
    UpToDate,
    Behind,
    Unknown,
}

async fn served(nodes: Nodes) -> Served {
    let node = Machine::linux("node-1");
    let node = match nodes {
        Nodes::UpToDate => node,
        Nodes::Behind => node
            .newer("openssl", "3.0.1", "3.0.2", PackageKind::Security)
            .newer(
                "::error::x",
                "1",
                "##vso[task.complete result=Succeeded]",
                PackageKind::Plain,
            )
            .pending(&["linux-base"], Duration::from_secs(9 * 86_400)),
        Nodes::Unknown => node.package_data(None),
    };
    Served::of(World::default().namespace("aksreboot").machine(node)).await
}

fn name_of(line: &str) -> Option<&str> {
    line.split_once("[task.")?.1.split([' ', ']']).next()
}

/// A job's folder, with what the CI system and its images bring.
struct Job {
    folder: TempDir,
}

impl Job {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tools = folder.path().join("bin");
        fs::create_dir(&tools).unwrap();
        for tool in ["az", "kubelogin"] {
            let path = tools.join(tool);
            fs::write(&path, "#!/bin/sh\necho \"${0##*/} $*\" >>\"$CALLS\"\n").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Surrounds a program as a job is: the stand-ins, the folder, the variables of the system.
    fn prepare(&self, command: &mut Command, variables: &[(&str, String)]) {
        let program = Path::new(env!("CARGO_BIN_EXE_aksreboot")).parent().unwrap();
        let path = format!(
            "{}:{}:{}",
            self.path("bin"),
            program.display(),
            std::env::var("PATH").unwrap()
        );
        command
            .current_dir(self.folder.path())
            .env("PATH", path)
            .env("CALLS", self.path("calls"))
            .envs(variables.iter().map(|(key, value)| (key, value)));
    }

    /// Runs a script as the systems do: with `-e`, in the job's folder.
    async fn sh(&self, served: &Served, script: &str, variables: &[(&str, String)]) -> Output {
        let mut command = Command::new("sh");
        command.args(["-e", "-c", script]);
        served.surround(&mut command);
        self.prepare(&mut command, variables);
        command.output().await.unwrap()
    }

    fn github(&self) -> Vec<(&'static str, String)> {
        vec![
            ("CI", "true".into()),
            ("GITHUB_ACTIONS", "true".into()),
            ("GITHUB_STEP_SUMMARY", self.path("summary.md")),
            ("GITHUB_OUTPUT", self.path("outputs")),
            ("RESOURCE_GROUP", "my-group".into()),
            ("CLUSTER", "my-cluster".into()),
        ]
    }

    fn azure(&self) -> Vec<(&'static str, String)> {
        vec![
            ("TF_BUILD", "True".into()),
            ("AGENT_TEMPDIRECTORY", self.path("")),
        ]
    }
}

fn gitlab() -> Vec<(&'static str, String)> {
    [
        ("CI", "true"),
        ("GITLAB_CI", "true"),
        ("AZURE_CLIENT_ID", "client"),
        ("AZURE_TENANT_ID", "tenant"),
        ("AZURE_TOKEN", "token"),
        ("RESOURCE_GROUP", "my-group"),
        ("CLUSTER", "my-cluster"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

fn pipeline(name: &str) -> Value {
    let path = folder("docs/ci").join(name);
    serde_saphyr::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn step<'a>(steps: &'a Value, key: &str, name: &str) -> &'a Value {
    let steps = steps.as_array().unwrap();
    steps.iter().find(|step| step[key] == name).unwrap()
}

/// The lines that a CI system takes for commands.
fn commands(output: &Output) -> Vec<&str> {
    let lines = text(&output.stdout)
        .lines()
        .chain(text(&output.stderr).lines());
    lines
        .filter(|line| line.trim_start().starts_with("::") || line.contains("##vso["))
        .collect()
}

#[tokio::test]
async fn the_workflow_for_github_actions_runs_and_its_exit_code_is_the_steps() {
    let steps = &pipeline("github-actions.yml")["jobs"]["check"]["steps"];
    let script = |name: &str| {
        step(steps, "name", name)["run"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    for (nodes, code, command) in [
        (Nodes::UpToDate, 0, None),
        (Nodes::Behind, 100, Some("::warning title=")),
        (Nodes::Unknown, 1, Some("::error title=")),
    ] {
        let (served, job) = (served(nodes).await, Job::new());
        let credentials = job.sh(&served, &script("Credentials"), &job.github()).await;
        assert_eq!(credentials.status.code(), Some(0));
        let calls = job.read("calls");
        assert!(
            calls.contains("az aks get-credentials --resource-group my-group --name my-cluster")
        );
        assert!(calls.contains("kubelogin convert-kubeconfig -l azurecli"));
        let check = job.sh(&served, &script("Check"), &job.github()).await;
        assert_eq!(check.status.code(), Some(code), "{}", text(&check.stderr));
        let told = commands(&check);
        assert_eq!(told.len(), usize::from(command.is_some()), "{told:?}");
        for (line, command) in told.iter().zip(command) {
            assert!(line.starts_with(command), "{line}");
        }
        let kept = step(steps, "name", "Keep the report");
        assert!(
            job.read(kept["with"]["path"].as_str().unwrap())
                .contains("<testsuite ")
        );
        assert!(
            job.read("outputs")
                .contains(&format!("\nexit-code={code}\n"))
        );
        assert!(job.read("summary.md").starts_with("## Node updates: "));
    }
}

#[tokio::test]
async fn the_pipeline_for_azure_runs_and_tells_behind_from_unknown() {
    let steps = &pipeline("azure-pipelines.yml")["steps"];
    let inputs = |name: &str| &step(steps, "displayName", name)["inputs"];
    for (nodes, code, wanted) in [
        (Nodes::UpToDate, 0, &["uploadsummary"][..]),
        (Nodes::Behind, 0, &["logissue", "uploadsummary", "complete"]),
        (Nodes::Unknown, 1, &["logissue", "uploadsummary"]),
    ] {
        let (served, job) = (served(nodes).await, Job::new());
        // The stand-in for az writes no kubeconfig: the cluster's is put where it would.
        fs::copy(served.kubeconfig(), job.path("kubeconfig")).unwrap();
        let check = inputs("Check")["inlineScript"].as_str().unwrap();
        let output = job.sh(&served, check, &job.azure()).await;
        assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
        let calls = job.read("calls");
        assert!(calls.contains("az aks get-credentials --resource-group my-group"));
        assert!(calls.contains("kubelogin convert-kubeconfig -l azurecli"));
        let (outputs, told): (Vec<&str>, Vec<&str>) = commands(&output)
            .into_iter()
            .partition(|line| line.contains("isOutput=true"));
        // The script's own command is on stdout, those of the program are on stderr.
        let mut told: Vec<&str> = told.into_iter().filter_map(name_of).collect();
        told.sort_by_key(|name| *name == "complete");
        assert_eq!(told, wanted);
        let line = text(&output.stderr)
            .lines()
            .find_map(|line| line.strip_prefix("##vso[task.uploadsummary]"))
            .unwrap();
        assert!(Path::new(line).is_absolute(), "{line}");
        assert!(
            fs::read_to_string(line)
                .unwrap()
                .starts_with("## Node updates: ")
        );
        let overall = outputs
            .iter()
            .find(|line| line.contains("aksreboot_overall;"));
        assert!(overall.unwrap().ends_with(match nodes {
            Nodes::UpToDate => "]up-to-date",
            Nodes::Behind => "]behind",
            Nodes::Unknown => "]unknown",
        }));
        let results = inputs("Results")["testResultsFiles"].as_str().unwrap();
        let results = results.replace("$(Agent.TempDirectory)/", "");
        assert!(job.read(&results).contains("<testsuite "), "{results}");
    }
}

#[tokio::test]
async fn the_job_for_gitlab_runs_and_only_behind_may_fail() {
    let pipeline = pipeline("gitlab-ci.yml");
    let job_of = &pipeline["node-updates"];
    let lines = |key: &str| {
        let lines = job_of[key].as_array().unwrap().iter();
        let lines: Vec<&str> = lines.map(|line| line.as_str().unwrap()).collect();
        lines.join("\n")
    };
    assert_eq!(job_of["allow_failure"]["exit_codes"], 100);
    for (nodes, code) in [
        (Nodes::UpToDate, 0),
        (Nodes::Behind, 100),
        (Nodes::Unknown, 1),
    ] {
        let (served, job) = (served(nodes).await, Job::new());
        let script = format!("{}\n{}", lines("before_script"), lines("script"));
        let output = job.sh(&served, &script, &gitlab()).await;
        assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
        assert!(job.read("calls").contains("--federated-token token"));
        assert_eq!(commands(&output), Vec::<&str>::new());
        let said = text(&output.stderr);
        let (_, section) = said.split_once("section_start:").unwrap();
        let (section, _) = section.split_once("section_end:").unwrap();
        assert!(section.contains("\nnode-1 "), "{section}");
        let lists = section.contains("openssl 3.0.1 -> 3.0.2 (security)");
        assert_eq!(lists, matches!(nodes, Nodes::Behind), "{section}");
        let reports = &job_of["artifacts"]["reports"];
        assert!(
            job.read(reports["junit"].as_str().unwrap())
                .contains("<testsuite ")
        );
        let pairs = job.read(reports["dotenv"].as_str().unwrap());
        assert!(pairs.contains(&format!("AKSREBOOT_EXIT_CODE={code}\n")));
        // What GitLab takes of a dotenv file.
        for line in pairs.lines() {
            let (name, value) = line.split_once('=').unwrap();
            assert!(
                name.bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
            );
            assert!(!value.contains(['"', '\'', '#', ' ']), "{line}");
        }
        let document: Value = serde_json::from_str(&job.read("node-updates.json")).unwrap();
        assert_valid("check-updates.v2.json", &document);
    }
}

#[tokio::test]
async fn data_on_stdout_stays_data_whatever_the_system() {
    for system in ["github", "azure", "gitlab", "none"] {
        let (served, job) = (served(Nodes::Behind).await, Job::new());
        let mut command = served.command(&["check-updates", "-o", "json", "--ci", system]);
        // Only there, for this system's summary would else stay in the folder of all.
        job.prepare(&mut command, &[("AGENT_TEMPDIRECTORY", job.path(""))]);
        let output = command.output().await.unwrap();
        assert_eq!(output.status.code(), Some(100), "{}", text(&output.stderr));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_valid("check-updates.v2.json", &document);
        let told = commands(&output).len();
        assert_eq!(told > 0, ["github", "azure"].contains(&system), "{system}");
    }
}

#[tokio::test]
async fn a_summary_goes_to_the_end_of_what_is_there_and_within_its_limit() {
    let (served, job) = (served(Nodes::Behind).await, Job::new());
    let script = "aksreboot check-updates -o name";
    for (there, whole) in [(10, true), (1024 * 1024 - 600, false), (1024 * 1024, false)] {
        fs::write(job.path("summary.md"), vec![b'x'; there]).unwrap();
        job.sh(&served, script, &job.github()).await;
        let summary = job.read("summary.md");
        assert!(summary.len() <= 1024 * 1024);
        assert!(summary.starts_with(&"x".repeat(10)));
        assert_eq!(summary.contains("### Packages"), whole);
    }
}

#[tokio::test]
async fn why_and_until_when_something_is_ignored_is_in_what_each_system_shows() {
    let (served, job) = (served(Nodes::Behind).await, Job::new());
    let entry = "{node: node-*, reason: it goes away, expires: 9999-12-31}";
    fs::write(job.path("ignore.yaml"), format!("ignore:\n  - {entry}\n")).unwrap();
    let script = "aksreboot check-updates -o name --ignore-file ignore.yaml";
    let output = job.sh(&served, script, &gitlab()).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let (_, section) = text(&output.stderr).split_once("section_start:").unwrap();
    job.sh(&served, script, &job.github()).await;
    for shown in [section, &job.read("summary.md").replace('\\', "")] {
        assert!(shown.contains("ignored until 9999-12-31"), "{shown}");
        assert!(shown.contains("it goes away"), "{shown}");
    }
}

#[tokio::test]
async fn a_system_that_takes_nothing_changes_no_exit_code_and_is_said() {
    let (served, job) = (served(Nodes::Behind).await, Job::new());
    let mut variables = job.github();
    variables.retain(|(name, _)| *name != "GITHUB_STEP_SUMMARY");
    variables.push(("GITHUB_STEP_SUMMARY", "/nowhere/summary.md".into()));
    let output = job.sh(&served, "aksreboot check-updates", &variables).await;
    assert_eq!(output.status.code(), Some(100));
    let said = text(&output.stderr);
    assert!(
        said.contains("warning: could not write the job summary"),
        "{said}"
    );
}

#[test]
fn every_pipeline_asks_nobody_and_names_what_it_needs() {
    for name in ["github-actions.yml", "azure-pipelines.yml", "gitlab-ci.yml"] {
        let text = fs::read_to_string(folder("docs/ci").join(name)).unwrap();
        for word in [
            "-l azurecli",
            "--report junit=",
            "aksreboot manifests check-updates",
        ] {
            assert!(text.contains(word), "{name}: {word}");
        }
    }
}
