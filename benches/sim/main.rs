//! Figures of the simulated cluster; `benches/simulated` runs them all and prints tables. Nothing here fails for being
//! slow: it measures.
//!
//! usage: cargo bench --bench sim -- three|fleet|large

#![expect(clippy::print_stdout, reason = "figures are its only output")]

mod large;
mod process;
mod rolls;
mod worlds;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // cargo adds a flag of its own.
    let wanted: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    match wanted.first().map(String::as_str) {
        Some("three") => rolls::three(),
        Some("fleet") => rolls::fleet(),
        Some("large") => large::measure(),
        _ => Err("name what to measure: three, fleet or large".into()),
    }
}

/// A runtime whose clock is paused: its time goes on when everything waits.
fn paused() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
}
