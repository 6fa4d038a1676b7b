//! The reports of `check-updates`: each is written, whatever becomes of the others, of stdout or of the command.

use std::fs;
use std::time::Duration;

use aksreboot::sim::{Away, What};
use serde_json::Value;

use crate::check_updates::{broken, check, conclusions, document, fine, mending, of, pending};
use crate::schemas::assert_valid;
use crate::served::{Served, interrupt, text};

#[tokio::test]
async fn a_report_that_cannot_be_written_is_refused_before_anything_is_asked() {
    let served = Served::of(of([fine("node-1")])).await;
    let output = check(&served, &["--report", "junit=/nowhere/report.xml"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("/nowhere/report.xml"));
    assert!(served.sim.requests().is_empty());
}

#[tokio::test]
async fn one_run_gives_stdout_one_form_and_files_others() {
    let served = Served::of(of([mending("node-1"), broken("node-2")])).await;
    let folder = tempfile::tempdir().unwrap();
    let formats = ["json", "yaml", "markdown", "junit", "csv", "dotenv"];
    let path = |format: &str| folder.path().join(format);
    let reports: Vec<String> = formats
        .iter()
        .flat_map(|format| {
            [
                "--report".to_owned(),
                format!("{format}={}", path(format).display()),
            ]
        })
        .collect();
    let reports: Vec<&str> = reports.iter().map(String::as_str).collect();
    let output = check(&served, &reports).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).starts_with("NAME "));
    let read = |format: &str| fs::read_to_string(path(format)).unwrap();
    let json: Value = serde_json::from_str(&read("json")).unwrap();
    assert_valid("check-updates.v2.json", &json);
    let yaml: Value = serde_saphyr::from_str(&read("yaml")).unwrap();
    assert_eq!(json, yaml);
    assert!(read("junit").contains("openssl 3.0.1 -&gt; 3.0.2 (security)"));
    assert!(read("markdown").contains("### Packages"));
    assert_eq!(read("csv").lines().count(), 3);
    assert!(read("dotenv").contains("AKSREBOOT_OVERALL=unknown\nAKSREBOOT_EXIT_CODE=1\n"));
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, formats.len(), "nothing is left beside them");
}

#[tokio::test]
async fn a_cluster_that_does_not_answer_is_one_document_and_every_report() {
    let away = What::Away(Away::Gone, Duration::from_secs(36_000));
    let served = Served::of(of([fine("node-1")])).await;
    served.sim.happen(away);
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.xml");
    let wanted = format!("junit={}", report.display());
    let (code, document) = document(&served, &["--report", &wanted]).await;
    assert_eq!(code, Some(1));
    assert_eq!(document["overall"], "unknown");
    assert_eq!(document["nodes"], Value::Array(Vec::new()));
    assert_eq!(document["errors"].as_array().map(Vec::len), Some(1));
    let report = fs::read_to_string(report).unwrap();
    assert!(
        report.contains(r#"tests="1" failures="0" errors="1""#),
        "{report}"
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_cannot_be_written_takes_nothing_else_with_it() {
    let served = Served::of(of([pending("node-1")])).await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let (json, pairs) = (path("report.json"), path("report.env"));
    let (json, pairs) = (format!("json={json}"), format!("dotenv={pairs}"));
    let reports = ["--report", &json, "--report", &pairs];
    let full = || {
        fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap()
    };
    for lost in ["a report", "stdout"] {
        let mut command = served.command(&["check-updates"]);
        command.args(["--report", &json]);
        if lost == "a report" {
            command.args(["--report", "csv=/dev/full"]);
        }
        command
            .args(&reports[2..])
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_OUTPUT", path("outputs"))
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        if lost == "stdout" {
            command.stdout(full());
        }
        let output = command.spawn().unwrap().wait_with_output().await.unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{lost}: {said}");
        assert_eq!(said.matches("error: write ").count(), 1, "{lost}: {said}");
        assert_eq!(text(&output.stdout).contains("node-1"), lost != "stdout");
        // Whatever could be written says the exit code that the shell sees.
        let document: Value = serde_json::from_str(&read("report.json")).unwrap();
        assert_valid("check-updates.v2.json", &document);
        assert_eq!(document["exitCode"], 1, "{lost}");
        assert_eq!(conclusions(&document), ["behind"]);
        assert!(document["errors"][0].as_str().unwrap().contains("No space"));
        assert!(
            read("report.env").contains("AKSREBOOT_EXIT_CODE=1\n"),
            "{lost}"
        );
        assert!(read("outputs").contains("exit-code=1\n"), "{lost}");
        for name in ["report.json", "report.env", "outputs"] {
            fs::remove_file(folder.path().join(name)).unwrap();
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_while_connecting_is_one_document_and_every_report() {
    let served = Served::of(of([fine("node-1")])).await;
    let folder = tempfile::tempdir().unwrap();
    let began = folder.path().join("began");
    // A credential plugin that never answers.
    let kubeconfig = fs::read_to_string(served.kubeconfig()).unwrap().replace(
        "user: {}",
        &format!(
            "user: {{exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: sh, \
             args: ['-c', 'touch {}; exec sleep 60']}}}}",
            began.display()
        ),
    );
    fs::write(served.kubeconfig(), kubeconfig).unwrap();
    let report = folder.path().join("report.xml");
    let wanted = format!("junit={}", report.display());
    let child = served
        .command(&["check-updates", "-o", "json", "--report", &wanted])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    tokio::time::timeout(Duration::from_secs(20), async {
        while !began.exists() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    let output = interrupt(child).await;
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_valid("check-updates.v2.json", &document);
    assert_eq!(document["exitCode"], 130);
    assert_eq!(document["overall"], "unknown");
    assert_eq!(document["summary"]["nodes"], Value::Null);
    assert!(fs::read_to_string(report).unwrap().contains("<error "));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_report_may_go_to_stdout_whatever_that_is() {
    let served = Served::of(of([fine("node-1")])).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("both");
    let file = fs::File::create(&path).unwrap();
    let mut command = served.command(&["check-updates", "--report", "dotenv=/dev/stdout"]);
    command.stdout(file).stderr(std::process::Stdio::null());
    assert_eq!(command.status().await.unwrap().code(), Some(0));
    let both = fs::read_to_string(&path).unwrap();
    let (pairs, table) = both.split_once("NAME ").unwrap();
    assert!(
        pairs.starts_with("AKSREBOOT_OVERALL=up-to-date\n"),
        "{both}"
    );
    assert!(table.contains("node-1"), "{both}");
    assert!(std::path::Path::new("/dev/stdout").is_symlink());
}

#[tokio::test]
async fn two_reports_are_two_files_however_they_are_spelled() {
    let served = Served::of(of([fine("node-1")])).await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = served.command(&["check-updates", "--report", "junit=a", "--report"]);
    command.arg("json=./a").current_dir(folder.path());
    let output = command.output().await.unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(
        said.contains("two reports for one file, a and ./a"),
        "{said}"
    );
    assert!(served.sim.requests().is_empty());
}
