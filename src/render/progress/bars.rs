//! One bar for the run and one line for each node under way; finished things scroll up as lines.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::core::event::{Event, What};
use crate::core::model::NodeName;
use crate::core::reason::Reason;

pub(crate) struct Bars {
    all: MultiProgress,
    run: ProgressBar,
    nodes: BTreeMap<NodeName, ProgressBar>,
    /// Of each node.
    steps: usize,
}

impl Bars {
    pub(super) fn new(targets: usize, steps: usize) -> Self {
        let all = MultiProgress::new();
        let run = all.add(ProgressBar::new(targets as u64));
        run.set_style(style("{bar:20} {pos}/{len} nodes  {elapsed}"));
        run.enable_steady_tick(Duration::from_secs(1));
        Self {
            all,
            run,
            nodes: BTreeMap::new(),
            steps,
        }
    }

    pub(super) fn show(&mut self, event: &Event) {
        let words = super::words::of(event);
        let Some(name) = &event.node else {
            if let Some(words) = words {
                self.print(&words);
            }
            return;
        };
        let bar = self.nodes.entry(name.clone()).or_insert_with(|| {
            let bar = self.all.add(ProgressBar::new(self.steps as u64));
            bar.set_style(style("{spinner} {prefix} {bar:8} {wide_msg}"));
            bar.set_prefix(super::super::text::sanitise(name.as_str()).into_owned());
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        match &event.what {
            What::StepDone {} => bar.inc(1),
            What::NodeFinished { .. } => {
                bar.finish_and_clear();
                self.all.remove(bar);
                self.nodes.remove(name);
                self.run.inc(1);
            }
            _ => {
                if let Some(words) = &words {
                    bar.set_message(words.clone());
                }
            }
        }
        if let Some(words) = words.filter(|_| lasting(&event.what)) {
            self.print(&format!(
                "{}  {name}  {words}",
                event.ts.strftime("%H:%M:%SZ")
            ));
        }
    }

    pub(super) fn end(&mut self) {
        for bar in self.nodes.values() {
            bar.finish_and_clear();
        }
        self.run.finish_and_clear();
    }

    /// A line above the bars.
    fn print(&self, line: &str) {
        // Fails only when the terminal is gone, and then nobody reads.
        let _ = self.all.println(line);
    }
}

/// What stays on the screen when its bar has gone.
fn lasting(what: &What) -> bool {
    match what {
        What::NodeFinished { .. }
        | What::StepBlocked { .. }
        | What::Warning { .. }
        | What::Observed { .. } => true,
        // What merely takes its time is told by the bar; what is in the way is worth a line.
        What::StepWaiting { reason, .. } => matches!(
            reason,
            Reason::Budget { .. }
                | Reason::Throttled
                | Reason::ApiUnavailable { .. }
                | Reason::PackagingBusy { .. }
        ),
        _ => false,
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}
