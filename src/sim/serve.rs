//! The cluster over loopback HTTP, for tests of the binary.

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::Sim;

/// Serves the cluster until the future is dropped, and with it every open connection.
///
/// # Errors
/// The listener's, when it can accept no more.
pub async fn serve(sim: Sim, listener: TcpListener) -> std::io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                let service = TowerToHyperService::new(sim.service());
                connections.spawn(async move {
                    // A connection that ends otherwise than well is the client's or a fault's doing.
                    let _ = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new())
                        .http1_only()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        }
    }
}
