//! The program as a command that is waited for, against a simulated cluster that is served from a thread of its own.

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::process::{Command, Output, Stdio};
use std::thread;

use aksreboot::sim::{Sim, World, serve};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// A served cluster and a kubeconfig that names it; gone when dropped.
pub(crate) struct Cluster {
    pub(crate) home: TempDir,
    address: SocketAddr,
    _stop: tokio::sync::oneshot::Sender<()>,
}

impl Cluster {
    /// Serves `world`, a hundred times faster than life, from a thread of its own.
    pub(crate) fn serve(mut world: World) -> Self {
        world.speed = 100;
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (tell, address) = std::sync::mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let sim = Sim::start(world, 7);
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                tokio::select! {
                    _ = serve(sim, listener) => {}
                    _ = stopped => {}
                }
            });
        });
        let home = TempDir::new().unwrap();
        let address = address.recv().unwrap();
        write_kubeconfig(&home, &format!("http://{address}"));
        Self {
            home,
            address,
            _stop: stop,
        }
    }

    /// A request of another client; its whole answer.
    pub(crate) fn ask(&self, method: &str, path: &str, kind: &str, body: &str) -> String {
        let mut stream = std::net::TcpStream::connect(self.address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: sim\r\nConnection: close\r\nContent-Type: application/{kind}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// What another client creates.
    pub(crate) fn post(&self, path: &str, body: &serde_json::Value) {
        let answer = self.ask("POST", path, "json", &body.to_string());
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        command(&self.home, arguments)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }
}

pub(crate) fn write_kubeconfig(home: &TempDir, server: &str) {
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: blue\n\
         clusters: [{{name: c, cluster: {{server: '{server}'}}}}]\nusers: [{{name: u, user: {{}}}}]\n\
         contexts: [{{name: blue, context: {{cluster: c, user: u}}}}]\n"
    );
    std::fs::File::create(home.path().join("config"))
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
}

/// The program with a home of its own and nothing of the surroundings; stdin is no terminal.
pub(crate) fn command(home: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aksreboot"));
    command
        .args(arguments)
        .env_clear()
        .env("HOME", home.path())
        .env("KUBECONFIG", home.path().join("config"))
        .stdin(Stdio::null());
    command
}

pub(crate) fn code(output: &Output) -> i32 {
    output
        .status
        .code()
        .unwrap_or_else(|| panic!("ended by a signal: {output:?}"))
}

pub(crate) fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

pub(crate) fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}
