//! Figures of the simulated cluster; `benches/simulated` runs them all and prints tables. Nothing here fails for being
//! slow: it measures.
//!
//! usage: cargo bench --bench sim -- three | fleet | thousand | rehearsal | large | plan | api KUBECONFIG | room KUBECONFIG NODE…

#![expect(clippy::print_stdout, reason = "figures are its only output")]

mod api;
mod large;
mod plan;
mod process;
mod reads;
mod rolls;
mod room;
mod worlds;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // cargo adds a flag of its own.
    let wanted: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    match wanted.as_slice() {
        ["three"] => rolls::three(),
        ["fleet"] => rolls::fleet(),
        ["thousand"] => rolls::thousand(),
        ["rehearsal"] => rolls::rehearsal(),
        ["large"] => large::measure(),
        ["plan"] => plan::measure(),
        ["room", kubeconfig, nodes @ ..] => room::judge(kubeconfig, nodes),
        ["api", kubeconfig] => api::measure(kubeconfig),
        _ => Err(
            "name what to measure: three, fleet, thousand, rehearsal, large, plan, api KUBECONFIG or room KUBECONFIG NODE…".into(),
        ),
    }
}

/// A runtime whose clock is paused: its time goes on when everything waits.
fn paused() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
}
