//! The lab as a test holds it: its verbs, kubectl, and an undoing for everything that was changed. Dropped, it puts the
//! cluster back, so that a test which fails does not spoil the next; a failing one shows the cluster first.

use std::cell::RefCell;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{MARK, OWN};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lab/lab");
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

pub(crate) struct Lab {
    /// Verbs that take back what the test did, run backwards.
    undo: RefCell<Vec<Vec<String>>>,
    namespaces: RefCell<Vec<String>>,
    pub(super) state: tempfile::TempDir,
    pub(super) kubeconfig: String,
    began: Instant,
    _turn: MutexGuard<'static, ()>,
}

/// The lab's script, ready for its verb and words.
pub(super) fn script(words: &[&str]) -> Command {
    let mut command = Command::new(SCRIPT);
    command.args(words).stdin(Stdio::null());
    command
}

fn output(command: &mut Command) -> Result<String, String> {
    let told = format!("{command:?}");
    let Output {
        status,
        stdout,
        stderr,
    } = command
        .output()
        .map_err(|error| format!("{told}: {error}"))?;
    let stdout = String::from_utf8_lossy(&stdout).into_owned();
    if status.success() {
        return Ok(stdout);
    }
    let stderr = String::from_utf8_lossy(&stderr);
    Err(format!("{told}: {status}\n{stdout}{stderr}"))
}

impl Lab {
    /// Waits for its turn, and for a cluster as a test expects it: every node Ready, and nothing of an earlier run.
    pub(crate) fn begin() -> Self {
        let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let kubeconfig = output(&mut script(&["kubeconfig"])).expect("a lab that is up");
        let lab = Self {
            undo: RefCell::default(),
            namespaces: RefCell::default(),
            state: tempfile::tempdir().expect("a folder for the journal"),
            kubeconfig: kubeconfig.trim().to_owned(),
            began: Instant::now(),
            _turn: turn,
        };
        lab.clear();
        lab
    }

    /// What the verb printed.
    pub(crate) fn verb(&self, words: &[&str]) -> String {
        output(&mut script(words)).unwrap_or_else(|trouble| panic!("{trouble}"))
    }

    pub(crate) fn kubectl(&self, words: &[&str]) -> String {
        self.verb(&[&["kubectl"], words].concat())
    }

    /// What `kubectl get` says, as JSON.
    pub(crate) fn get(&self, words: &[&str]) -> Value {
        let text = self.kubectl(&[&["get", "-o", "json"], words].concat());
        serde_json::from_str(&text).expect("kubectl's JSON")
    }

    /// Applies an object, or a text of several.
    pub(crate) fn apply(&self, text: &str) {
        let (done, said) = self.kubectl_reading(text, &["apply", "-f", "-"]);
        assert!(done, "apply {text}: {said}");
    }

    /// kubectl with this on its stdin: whether it succeeded, and all that it said.
    pub(crate) fn kubectl_reading(&self, text: &str, words: &[&str]) -> (bool, String) {
        let mut command = script(&[&["kubectl"], words].concat());
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("kubectl");
        let mut input = child.stdin.take().expect("kubectl's input");
        let text = text.to_owned();
        // Beside its output, so that neither side waits for the other.
        let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
        let ended = child.wait_with_output().expect("kubectl's end");
        writer.join().expect("a writer").expect("kubectl's ear");
        let said = [ended.stdout, ended.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        (ended.status.success(), said)
    }

    /// A namespace that goes with the test.
    pub(crate) fn namespace(&self, name: &str) {
        // The one of the test before may still be on its way out.
        self.kubectl(&["delete", "namespace", name, "--ignore-not-found"]);
        self.kubectl(&["create", "namespace", name]);
        self.namespaces.borrow_mut().push(name.to_owned());
        self.until("the namespace's service account", 30, || {
            output(&mut script(&[
                "kubectl",
                "get",
                "serviceaccount",
                "default",
                "-n",
                name,
            ]))
            .is_ok()
        });
    }

    /// A folder that goes with the test.
    pub(crate) fn folder(&self) -> &Path {
        self.state.path()
    }

    /// What takes back a change, when the test is over.
    pub(crate) fn afterwards(&self, verb: &[&str]) {
        let verb = verb.iter().map(|word| (*word).to_owned()).collect();
        self.undo.borrow_mut().push(verb);
    }

    /// A pending reboot, wanted by these packages.
    pub(crate) fn mark(&self, node: &str, packages: &[&str]) {
        self.afterwards(&["unmark", node]);
        self.verb(&[&["mark", node], packages].concat());
    }

    /// What the node's next reboot does.
    pub(crate) fn on_boot(&self, node: &str, mode: &[&str]) {
        self.afterwards(&["on-boot", node, "normal"]);
        self.verb(&[&["on-boot", node], mode].concat());
    }

    /// The kubeconfig of a user with just these roles.
    pub(crate) fn user(&self, name: &str, roles: &[&str]) -> String {
        let kubeconfig = self.verb(&[&["user", name], roles].concat());
        kubeconfig.trim().to_owned()
    }

    pub(crate) fn node(&self, name: &str) -> Node {
        Node(self.get(&["node", name]))
    }

    pub(crate) fn reboots(&self, node: &str) -> u32 {
        self.verb(&["reboots", node])
            .trim()
            .parse()
            .expect("a number")
    }

    pub(crate) fn own(&self, kind: &str) -> Vec<String> {
        let objects = self.get(&[kind, "-n", OWN]);
        let objects = objects["items"].as_array().expect("a list");
        objects
            .iter()
            .map(|object| {
                object["metadata"]["name"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect()
    }

    /// Nothing of ours is left but the namespace and the run records.
    pub(crate) fn is_as_before(&self, nodes: &[&str]) {
        assert_eq!(self.own("pods"), [""; 0], "pods of ours are left");
        assert_eq!(self.own("leases"), [""; 0], "a lock is left");
        for name in nodes {
            let node = self.node(name);
            assert!(!node.is_cordoned(), "{name} is left cordoned");
            assert_eq!(node.mark(), None, "{name} is left marked");
        }
    }

    /// Waits until it is so, `seconds` at most.
    pub(crate) fn until(&self, what: &str, seconds: u64, so: impl Fn() -> bool) {
        let end = Instant::now() + Duration::from_secs(seconds);
        while !so() {
            assert!(Instant::now() < end, "not within {seconds} s: {what}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Waits until the node is on another boot than `boot`, and Ready.
    pub(crate) fn until_back(&self, name: &str, boot: &str) {
        self.until(&format!("{name} is back"), 90, || {
            let node = self.node(name);
            node.boot_id() != boot && node.is_ready()
        });
    }

    /// Takes away whatever a run, or a test, has left. Looks first: most of it is not there.
    fn clear(&self) {
        let nodes = self.get(&["nodes"]);
        for node in nodes["items"].as_array().expect("nodes") {
            let node = Node(node.clone());
            let name = node.0["metadata"]["name"].as_str().expect("a name");
            if node.is_cordoned() {
                self.kubectl(&["uncordon", name]);
            }
            if node.mark().is_some() {
                self.kubectl(&["annotate", "node", name, &format!("{MARK}-")]);
            }
        }
        let flags = [
            "-n",
            OWN,
            "--all",
            "--ignore-not-found",
            "--grace-period=0",
            "--force",
        ];
        for kind in ["pods", "leases"] {
            if !self.own(kind).is_empty() {
                self.kubectl(&[&["delete", kind], &flags[..]].concat());
            }
        }
        self.until("every node Ready on its own boot", 90, || {
            let nodes = self.get(&["nodes"]);
            let mut nodes = nodes["items"].as_array().into_iter().flatten().cloned();
            nodes.all(|node| self.is_up(&Node(node)))
        });
    }

    /// Ready, and on the boot that the API knows: a node that is off stays Ready there for a while.
    fn is_up(&self, node: &Node) -> bool {
        let name = node.0["metadata"]["name"].as_str().unwrap_or_default();
        let own = output(&mut script(&["boot-id", name]));
        node.is_ready() && own.is_ok_and(|own| own.trim() == node.boot_id())
    }

    fn remove_namespaces(&self) {
        for name in self.namespaces.borrow().iter() {
            self.kubectl(&[
                "delete",
                "namespace",
                name,
                "--wait=false",
                "--ignore-not-found",
            ]);
        }
        for name in self.namespaces.borrow().iter() {
            self.until("the test's pods are gone", 60, || {
                self.get(&["pods", "-n", name])["items"] == Value::Array(vec![])
            });
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let shown = output(&mut script(&[
                "kubectl",
                "get",
                "nodes,pods",
                "-A",
                "-o",
                "wide",
            ]));
            eprintln!("{}", shown.unwrap_or_else(|trouble| trouble));
        }
        while let Some(verb) = self.undo.borrow_mut().pop() {
            let words: Vec<&str> = verb.iter().map(String::as_str).collect();
            if let Err(trouble) = output(&mut script(&words)) {
                eprintln!("warning: not undone: {trouble}");
            }
        }
        let cleared = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            self.clear();
            self.remove_namespaces();
        }));
        // Past the capture of a test that passes: which of them the suite's time goes to.
        let took = self.began.elapsed().as_secs();
        let _ = writeln!(std::io::stderr(), "took {took} s");
        if cleared.is_err() {
            eprintln!("warning: the cluster could not be cleared for the next test");
        }
    }
}

/// A Node object, by what tests ask of it.
pub(crate) struct Node(pub(crate) Value);

impl Node {
    pub(crate) fn is_cordoned(&self) -> bool {
        self.0["spec"]["unschedulable"] == true
    }

    pub(crate) fn is_ready(&self) -> bool {
        super::condition(&self.0, "Ready")
    }

    pub(crate) fn boot_id(&self) -> &str {
        let boot = &self.0["status"]["nodeInfo"]["bootID"];
        boot.as_str().unwrap_or_default()
    }

    pub(crate) fn kernel(&self) -> &str {
        let kernel = &self.0["status"]["nodeInfo"]["kernelVersion"];
        kernel.as_str().unwrap_or_default()
    }

    /// The owner mark, parsed.
    pub(crate) fn mark(&self) -> Option<Value> {
        let text = self.0["metadata"]["annotations"][MARK].as_str()?;
        Some(serde_json::from_str(text).expect("a mark of JSON"))
    }
}

/// The program under test.
pub(super) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_aksreboot"))
}
