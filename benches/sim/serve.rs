//! A simulated cluster in a process of its own, for measurements of the program that asks it: serves it on the loopback
//! interface until its input ends, in real time.
//!
//! usage: serve-sim NODES KUBECONFIG     writes the file KUBECONFIG when it can be asked
#![allow(
    clippy::expect_used,
    reason = "a measurement that cannot begin shall end"
)]

use std::io::Read as _;

use aksreboot::sim::{Flag, Machine, PackageKind, Sim, World, serve};
use tokio::net::TcpListener;

/// As many as wait for a reboot in a cluster that patches itself: some in each pool.
fn machine(number: u32) -> Machine {
    let mut machine = Machine::linux(&format!("aks-bench-12345678-vmss{number:06}"));
    if number.is_multiple_of(3) {
        machine.flag = Some(Flag {
            packages: vec!["libc6".into(), "linux-base".into()],
            age: std::time::Duration::from_secs(86_400),
        });
    }
    // As many as a node that nobody has patched for two months has; status does not ask for them.
    for package in 0..100 {
        let name = format!("package-with-a-name-{package:03}");
        machine = machine.newer(
            &name,
            "1.2.3-4ubuntu5.6",
            "1.2.3-4ubuntu5.7",
            PackageKind::Plain,
        );
    }
    machine
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(nodes), Some(kubeconfig)) = (
        arguments.next().and_then(|text| text.parse().ok()),
        arguments.next(),
    ) else {
        panic!("usage: serve-sim NODES KUBECONFIG");
    };
    let world = (0..nodes).fold(World::default().namespace("aksreboot"), |world, number| {
        world.machine(machine(number))
    });
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(async {
            let sim = Sim::start(world, 7);
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let address = listener.local_addr().expect("its number");
            let text = format!(
                "apiVersion: v1\nkind: Config\ncurrent-context: sim\n\
                 contexts: [{{name: sim, context: {{cluster: sim, user: sim}}}}]\n\
                 clusters: [{{name: sim, cluster: {{server: 'http://{address}'}}}}]\n\
                 users: [{{name: sim, user: {{}}}}]\n"
            );
            let whole = format!("{kubeconfig}.new");
            std::fs::write(&whole, text).expect("a kubeconfig");
            std::fs::rename(&whole, &kubeconfig).expect("a kubeconfig");
            let ended =
                tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
            tokio::select! {
                served = serve(sim, listener) => served.expect("a listener"),
                _ = ended => {}
            }
        });
}
