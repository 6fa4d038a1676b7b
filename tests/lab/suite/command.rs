//! The program under test, as a person starts it: its lines with the time at which they came, signals to its own pid,
//! its end. Words that do not come, and other ends than expected, show the command and its whole output.

use std::fmt;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::IMAGE;
use super::lab::{Lab, program, script};

/// Longer than any command of the suite takes.
const LONGEST: Duration = Duration::from_secs(240);

/// A line of stderr, and when it came.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) at: Instant,
    pub(crate) text: String,
}

pub(crate) struct Running {
    told: String,
    child: Child,
    coming: Receiver<Line>,
    lines: Vec<Line>,
    stdout: Option<JoinHandle<String>>,
}

pub(crate) struct Ended {
    told: String,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) lines: Vec<Line>,
    pub(crate) at: Instant,
}

/// Short limits for the lab; a test's own come instead.
const ROLL: [(&str, &str); 7] = [
    ("--image", IMAGE),
    ("--sustained-ready", "3s"),
    ("--drain-timeout", "60s"),
    ("--reboot-timeout", "90s"),
    ("--ready-timeout", "90s"),
    ("--settle-timeout", "90s"),
    ("--probe-timeout", "60s"),
];

impl Lab {
    /// `aksreboot` with these words, as the cluster's administrator.
    pub(crate) fn start(&self, words: &[&str]) -> Running {
        self.start_as(&self.kubeconfig, words)
    }

    /// As whoever this kubeconfig is for.
    pub(crate) fn start_as(&self, kubeconfig: &str, words: &[&str]) -> Running {
        Running::read(self.prepare(&["run"], kubeconfig, words))
    }

    /// The command after these words of the lab's script, and how it is told of.
    pub(super) fn prepare(
        &self,
        before: &[&str],
        kubeconfig: &str,
        words: &[&str],
    ) -> (Command, String) {
        let mut all = words.to_vec();
        let defaults: &[(&str, &str)] = match words.first() {
            Some(&"roll") => &ROLL,
            Some(&"status" | &"doctor" | &"check-updates") => &ROLL[..1],
            _ => &[],
        };
        for (flag, value) in defaults {
            // A roll by SSH makes no pod, and refuses an image.
            let is_for_pods = *flag == "--image" && words.contains(&"ssh");
            if !words.contains(flag) && !is_for_pods {
                all.extend([*flag, *value]);
            }
        }
        let mut command = script(before);
        command
            .arg(program())
            .args(&all)
            .env("KUBECONFIG", kubeconfig)
            .env("XDG_STATE_HOME", self.state.path());
        (command, format!("aksreboot {}", all.join(" ")))
    }

    /// Applies what `manifests` prints for these words.
    pub(crate) fn apply_manifests(&self, words: &[&str]) {
        let ended = self.run(&[&["manifests"], words].concat());
        ended.exits(0);
        self.apply(&ended.stdout);
    }

    /// With a stdout that nobody reads any more.
    pub(crate) fn run_unread(&self, words: &[&str]) -> Ended {
        let (mut command, told) = self.prepare(&["run"], &self.kubeconfig, words);
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        command.stdout(writer);
        Running::spawn(command, told).end()
    }

    /// What a terminal of so many columns shows.
    pub(crate) fn on_terminal(&self, columns: u16, words: &[&str]) -> String {
        let (command, _) = self.prepare(&["run"], &self.kubeconfig, words);
        let line: Vec<String> = std::iter::once(command.get_program())
            .chain(command.get_args())
            .map(|word| format!("'{}'", word.to_string_lossy()))
            .collect();
        let line = format!("stty rows 24 cols {columns}; exec {}", line.join(" "));
        let shown = Command::new("script")
            .args(["--quiet", "--return", "--command", &line, "/dev/null"])
            .env("KUBECONFIG", &self.kubeconfig)
            .env_remove("CI")
            .stdin(Stdio::null())
            .output()
            .expect("script");
        assert!(shown.status.success(), "{line}: {shown:?}");
        String::from_utf8_lossy(&shown.stdout).replace('\r', "")
    }

    /// The command's end.
    pub(crate) fn run(&self, words: &[&str]) -> Ended {
        self.start(words).end()
    }

    pub(crate) fn run_as(&self, kubeconfig: &str, words: &[&str]) -> Ended {
        self.start_as(kubeconfig, words).end()
    }
}

impl Running {
    /// With everything that it prints read.
    pub(super) fn read((mut command, told): (Command, String)) -> Self {
        command.stdout(Stdio::piped());
        Self::spawn(command, told)
    }

    fn spawn(mut command: Command, told: String) -> Self {
        command.stderr(Stdio::piped());
        let mut child = command.spawn().expect("the lab's script");
        let (tell, coming) = channel();
        let stderr = BufReader::new(child.stderr.take().expect("its stderr"));
        std::thread::spawn(move || {
            for text in stderr.lines().map_while(Result::ok) {
                let at = Instant::now();
                if tell.send(Line { at, text }).is_err() {
                    break;
                }
            }
        });
        let stdout = child.stdout.take().map(|mut stdout| {
            std::thread::spawn(move || {
                let mut bytes = Vec::new();
                stdout.read_to_end(&mut bytes).expect("its stdout");
                String::from_utf8_lossy(&bytes).into_owned()
            })
        });
        Self {
            told,
            child,
            coming,
            lines: Vec::new(),
            stdout,
        }
    }

    /// Waits for a line with these words, from here on.
    pub(crate) fn until(&mut self, words: &str) -> Line {
        let limit = Instant::now() + LONGEST;
        loop {
            match self
                .coming
                .recv_timeout(limit.saturating_duration_since(Instant::now()))
            {
                Ok(line) => {
                    self.lines.push(line.clone());
                    if line.text.contains(words) {
                        return line;
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    let said: Vec<&str> = self.lines.iter().map(|line| &*line.text).collect();
                    panic!("{}\nnever said: {words}\n{}", self.told, said.join("\n"));
                }
            }
        }
    }

    /// Listens for so long, or until so many lines were said.
    pub(crate) fn listen(&mut self, span: Duration, lines: usize) {
        let limit = Instant::now() + span;
        while self.lines.len() < lines {
            let left = limit.saturating_duration_since(Instant::now());
            let Ok(line) = self.coming.recv_timeout(left) else {
                return;
            };
            self.lines.push(line);
        }
    }

    /// Sends a signal by its name, such as `INT`; returns when.
    pub(crate) fn signal(&self, name: &str) -> Instant {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "kill -s {name} {pid}"
        );
        Instant::now()
    }

    pub(crate) fn end(mut self) -> Ended {
        let limit = Instant::now() + LONGEST;
        while let Ok(line) = self
            .coming
            .recv_timeout(limit.saturating_duration_since(Instant::now()))
        {
            self.lines.push(line);
        }
        let in_time = Instant::now() < limit;
        if !in_time {
            self.child.kill().expect("an end by force");
        }
        let status = self.child.wait().expect("its end");
        let at = Instant::now();
        let stdout = self
            .stdout
            .take()
            .map(|thread| thread.join().expect("its stdout"));
        let ended = Ended {
            told: std::mem::take(&mut self.told),
            code: status.code(),
            stdout: stdout.unwrap_or_default(),
            lines: std::mem::take(&mut self.lines),
            at,
        };
        assert!(in_time, "did not end within {LONGEST:?}\n{ended}");
        ended
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Ended already unless the test failed in between; our own child either way.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    pub(crate) fn stderr(&self) -> String {
        let lines: Vec<&str> = self.lines.iter().map(|line| &*line.text).collect();
        lines.join("\n")
    }

    /// The exit code is this one.
    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Self {
        assert_eq!(
            self.code,
            Some(code),
            "another exit code than expected\n{self}"
        );
        self
    }

    /// These words are in what it told beside its data.
    #[track_caller]
    pub(crate) fn says(&self, words: &str) -> &Self {
        assert!(
            self.stderr().contains(words),
            "does not say: {words}\n{self}"
        );
        self
    }

    #[track_caller]
    pub(crate) fn does_not_say(&self, words: &str) -> &Self {
        assert!(!self.stderr().contains(words), "says: {words}\n{self}");
        self
    }

    /// The first line with these words.
    #[track_caller]
    pub(crate) fn line(&self, words: &str) -> &Line {
        let found = self.lines.iter().find(|line| line.text.contains(words));
        found.unwrap_or_else(|| panic!("does not say: {words}\n{self}"))
    }

    /// It ended within five seconds of `signal`.
    #[track_caller]
    pub(crate) fn soon_after(&self, signal: Instant) -> &Self {
        let took = self.at.saturating_duration_since(signal);
        assert!(
            took < Duration::from_secs(5),
            "took {took:?} after the signal\n{self}"
        );
        self
    }

    /// The run's ID, from its own words.
    #[track_caller]
    pub(crate) fn run_id(&self) -> String {
        let line = &self.line(" begins: ").text;
        let id = line
            .split_once("run ")
            .and_then(|(_, rest)| rest.split(' ').next());
        id.unwrap_or_default().to_owned()
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.told)?;
        writeln!(out, "exit code {:?}", self.code)?;
        writeln!(out, "--- stdout\n{}", self.stdout)?;
        writeln!(out, "--- stderr\n{}", self.stderr())
    }
}
