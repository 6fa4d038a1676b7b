//! The file of a transcript: `#` remarks, a seed, and the sections world, weather, command and transcript, whose lines
//! are indented.

use std::fmt::Write as _;
use std::str::FromStr;

use crate::sim::{Weather, World};

/// The cluster's seed when a file does not say another.
const SEED: u64 = 7;

pub(super) struct Scenario {
    /// Everything above the transcript, as it is written.
    head: String,
    pub(super) seed: u64,
    pub(super) world: World,
    pub(super) weather: Weather,
    pub(super) arguments: Vec<String>,
}

impl FromStr for Scenario {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let head = match text.split_once("\ntranscript\n") {
            Some((head, _)) => format!("{head}\n"),
            None => format!("{}\n\n", text.trim_end()),
        };
        let mut seed = SEED;
        let (mut world, mut weather) = (String::new(), String::new());
        let mut command = None;
        let mut section = "";
        for line in head.lines() {
            match line.strip_prefix("  ") {
                _ if line.trim().is_empty() || line.starts_with('#') => {}
                Some(content) if section == "world" => world.extend([content, "\n"]),
                Some(content) if section == "weather" => weather.extend([content, "\n"]),
                Some(content) if section == "command" => command = Some(content.to_owned()),
                Some(_) => return Err(format!("`{line}` is in no section")),
                None => match line.split_once(' ') {
                    Some(("seed", number)) => {
                        seed = number
                            .parse()
                            .map_err(|_| format!("`{number}` is no seed"))?;
                    }
                    _ if ["world", "weather", "command"].contains(&line) => section = line,
                    _ => return Err(format!("`{line}` is no section")),
                },
            }
        }
        let command = command.ok_or("there is no section `command`")?;
        let mut words = command.split_whitespace().map(str::to_owned);
        if words.next().as_deref() != Some("roll") {
            return Err(format!("`{command}` is no roll"));
        }
        Ok(Self {
            head,
            seed,
            world: world.parse().map_err(|error| format!("world: {error}"))?,
            weather: weather
                .parse()
                .map_err(|error| format!("weather: {error}"))?,
            arguments: words.collect(),
        })
    }
}

impl Scenario {
    /// The whole file with this transcript.
    pub(super) fn with_transcript(&self, lines: &[String]) -> String {
        let mut text = format!("{}transcript\n", self.head);
        for line in lines {
            let _ = writeln!(text, "{}", format!("  {line}").trim_end());
        }
        text
    }
}
