//! A simulated cluster on the loopback interface, and the program run against it.

use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use aksreboot::sim::{RequestLine, Sim, World, serve};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

pub(crate) struct Served {
    pub(crate) sim: Sim,
    folder: TempDir,
}

impl Served {
    pub(crate) async fn of(mut world: World) -> Self {
        world.speed = 20;
        let sim = Sim::start(world, 7);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(sim.clone(), listener));
        let folder = tempfile::tempdir().unwrap();
        let kubeconfig = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: sim\n\
             contexts: [{{name: sim, context: {{cluster: sim, user: sim}}}}]\n\
             clusters: [{{name: sim, cluster: {{server: 'http://{address}'}}}}]\n\
             users: [{{name: sim, user: {{}}}}]\n"
        );
        std::fs::write(folder.path().join("config"), kubeconfig).unwrap();
        Self { sim, folder }
    }

    /// The program with these arguments, without a terminal.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().await.unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("aksreboot"));
        command.args(arguments);
        self.surround(&mut command);
        command
    }

    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    /// Makes a program find this cluster, and no CI system.
    pub(crate) fn surround(&self, command: &mut Command) {
        command
            .env("KUBECONFIG", self.kubeconfig())
            .env("NO_PROXY", "*")
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        for system in ["CI", "GITHUB_ACTIONS", "TF_BUILD", "GITLAB_CI"] {
            command.env_remove(system);
        }
    }

    /// What another client creates.
    pub(crate) async fn post(&self, path: &str, body: &serde_json::Value) {
        use tower::ServiceExt as _;
        let request = http::Request::post(path)
            .header("content-type", "application/json")
            .body(http_body_util::Full::new(hyper::body::Bytes::from(
                body.to_string(),
            )))
            .unwrap();
        let answer = self.sim.service().oneshot(request).await;
        assert_eq!(answer.unwrap().status(), 201);
    }

    /// The requests that changed something.
    pub(crate) fn writes(&self) -> Vec<RequestLine> {
        let mut lines = self.sim.requests();
        lines.retain(|line| {
            line.method != "GET"
                && line.resource != "selfsubjectaccessreviews"
                && !line.target.contains("dryRun=All")
        });
        lines
    }
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Ctrl-C, and the output of a program that then ends within five seconds.
#[cfg(unix)]
pub(crate) async fn interrupt(child: Child) -> Output {
    let process = i32::try_from(child.id().unwrap()).unwrap();
    let process = rustix::process::Pid::from_raw(process).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    tokio::time::timeout(Duration::from_secs(5), child.wait_with_output())
        .await
        .expect("within five seconds")
        .unwrap()
}
